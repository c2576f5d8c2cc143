namespace Aerona.Simulation.Services;

internal enum Standing
{
    Unknown,
    Absent,
    Opened,
    Approved,
    UnderReview,
    Authorized,
    Declined,
    Voided,
    CapturePending,
    Captured,
    CaptureRefused,
}

/// <summary>What PayPal says of a payment.</summary>
/// <param name="Standing">Where it stands.</param>
/// <param name="Reason">Our code of a refusal.</param>
/// <param name="Reserved">Whether it shows an authorisation with its amount.</param>
/// <param name="Taken">Whether it shows a capture.</param>
/// <param name="Renewed">Whether it shows a renewal of the authorisation.</param>
/// <param name="HonouredUntil">UTC; of what it shows.</param>
internal sealed record Facts(
    Standing Standing, string? Reason = null, bool Reserved = false, bool Taken = false, bool Renewed = false, DateTimeOffset HonouredUntil = default)
{
    /// <summary>What is worth keeping of it as an answer: when it is told again, the times are known.</summary>
    public Facts Kept() => this with { HonouredUntil = default };
}

internal enum PayPalOrder
{
    None,
    Created,
    Approved,
}

internal enum Authorisation
{
    None,

    /// <summary>Examined.</summary>
    Pending,
    Created,
    Denied,
    Voided,
}

internal enum Capture
{
    None,
    Pending,
    Completed,
    Declined,
}

/// <summary>How a refund stands at PayPal.</summary>
internal enum GivingBack
{
    /// <summary>The answer kept for its key was no.</summary>
    Refused,
    Pending,
    Made,
    Failed,
}

/// <summary>A refund in PayPal's books, or the refusal of one.</summary>
/// <param name="Id">Our id, which it carries.</param>
/// <param name="Key">Idempotency key.</param>
/// <param name="State">How it stands now.</param>
/// <param name="Waited">Whether its first answer was that it waits: the same key is told so for ever.</param>
/// <param name="Reason">Our code of the refusal.</param>
internal sealed record BookedRefund(Guid Id, int Key, long Minor, GivingBack State, bool Waited = false, string? Reason = null);

/// <summary>PayPal's books of one payment. A call with an idempotency key it knows gets the answer of the first; with another it is another call.</summary>
/// <param name="Orders">Orders made.</param>
/// <param name="Authorised">Authorisations made.</param>
/// <param name="Captures">Captures made.</param>
/// <param name="PriceMinor">What the order is for.</param>
/// <param name="Refunds">Refunds asked for, in that order.</param>
/// <param name="AuthoriseRefused">The answer kept for the authorisation's key, when it was a refusal; else null.</param>
/// <param name="CaptureRefused">The same for the capture's.</param>
/// <param name="VoidRefused">The same for the void's.</param>
/// <param name="RenewRefused">The same for the renewal's.</param>
/// <param name="Renewed">Whether the authorisation was renewed; PayPal does it once.</param>
/// <param name="HonouredUntil">UTC; of the authorisation, or of its renewal.</param>
internal sealed record PayPalBook(
    PayPalOrder Order = PayPalOrder.None, Authorisation Authorisation = Authorisation.None, Capture Capture = Capture.None, int Orders = 0, int Authorised = 0,
    int Captures = 0, long PriceMinor = 0, BookedRefund[]? Refunds = null, int AuthoriseKey = 0, int CaptureKey = 0, string? AuthoriseRefused = null, bool CaptureRefused = false,
    int VoidKey = 0, bool VoidRefused = false, bool RenewRefused = false, bool Renewed = false, DateTimeOffset HonouredUntil = default)
{
    private static readonly TimeSpan HonourPeriod = TimeSpan.FromDays(3);

    /// <summary>Which of the events that PayPal sends, one after the other, tells of where it stands.</summary>
    public int Event() => Capture != Capture.None ? 3 : Authorisation != Authorisation.None ? 2 : 1;

    /// <summary>Money of the payer that is reserved.</summary>
    public bool Reserves => Authorisation is Authorisation.Created or Authorisation.Pending && Capture is Capture.None or Capture.Declined;

    /// <summary>Given back, in minor units; what is pending or failed is not.</summary>
    public long RefundedMinor => (Refunds ?? []).Where(refund => refund.State == GivingBack.Made).Sum(refund => refund.Minor);

    /// <summary>Taken and not given back, in minor units.</summary>
    public long KeptMinor => (Capture == Capture.Completed ? Captures * PriceMinor : 0) - RefundedMinor;

    /// <summary>Money of the payer that is taken and not wholly given back; counted in whole prices, a part for a whole.</summary>
    public int Taken => PriceMinor == 0 ? 0 : (int)Math.Ceiling(KeptMinor / (double)PriceMinor);

    public Facts Show()
    {
        // Once captured nobody sees that it was renewed before: only what stands as reserved is looked at for that.
        var reserved = new Facts(Standing.Unknown, null, Reserved: true, Renewed: Renewed && Authorisation == Authorisation.Created && Capture is Capture.None or Capture.Declined, HonouredUntil: HonouredUntil);
        if (Authorisation != Authorisation.None && Capture != Capture.None && !(Capture == Capture.Declined && Authorisation == Authorisation.Voided))
        {
            return Capture switch
            {
                Capture.Completed => reserved with { Standing = Standing.Captured, Taken = true },
                Capture.Pending => reserved with { Standing = Standing.CapturePending, Taken = true },
                _ => reserved with { Standing = Standing.CaptureRefused, Reason = "payment.capture_refused", Taken = true },
            };
        }

        return Authorisation switch
        {
            Authorisation.Created => reserved with { Standing = Standing.Authorized },
            Authorisation.Pending => reserved with { Standing = Standing.UnderReview },
            Authorisation.Denied => reserved with { Standing = Standing.Declined, Reason = "payment.declined" },
            Authorisation.Voided => reserved with { Standing = Standing.Voided },
            _ => Order switch
            {
                PayPalOrder.Created => new(Standing.Opened),
                PayPalOrder.Approved => new(Standing.Approved),
                _ => new(Standing.Absent),
            },
        };
    }

    public (PayPalBook After, Facts Said) Authorise(int key, Outcome outcome, DateTimeOffset now)
    {
        if (key == AuthoriseKey)
        {
            return (this, AuthoriseRefused is { } refused ? new(Standing.Declined, refused) : Show());
        }

        if (Order != PayPalOrder.Approved && Authorisation == Authorisation.None)
        {
            return (this with { AuthoriseKey = key, AuthoriseRefused = "payment.not_approved" }, new(Standing.Declined, "payment.not_approved"));
        }

        if (outcome == Outcome.Denied)
        {
            return (this with { AuthoriseKey = key, AuthoriseRefused = "payment.declined" }, new(Standing.Declined, "payment.declined"));
        }

        var after = this with
        {
            AuthoriseKey = key,
            Authorised = Authorised + 1,
            Authorisation = outcome == Outcome.Pending ? Authorisation.Pending : Authorisation.Created,
            HonouredUntil = now + HonourPeriod,
        };
        return (after, after.Show());
    }

    /// <summary>Reserves anew what is not honoured any more; once.</summary>
    public (PayPalBook After, Facts Said) Renew(Outcome outcome, DateTimeOffset now)
    {
        if (RenewRefused)
        {
            return (this, new(Standing.Declined, "payment.declined"));
        }

        if (Authorisation != Authorisation.Created || Capture != Capture.None || Renewed)
        {
            return (this, Show());
        }

        if (outcome == Outcome.Denied)
        {
            return (this with { RenewRefused = true }, new(Standing.Declined, "payment.declined"));
        }

        var after = this with { Renewed = true, HonouredUntil = now + HonourPeriod };
        return (after, after.Show());
    }

    public (PayPalBook After, Facts Said) Take(int key, Outcome outcome)
    {
        if (key == CaptureKey)
        {
            return (this, CaptureRefused ? new(Standing.CaptureRefused, "payment.capture_refused") : TheCapture());
        }

        if (Authorisation != Authorisation.Created)
        {
            return (this with { CaptureKey = key, CaptureRefused = true }, new(Standing.CaptureRefused, "payment.capture_refused"));
        }

        var after = this with { CaptureKey = key, Captures = Captures + 1 };
        after = outcome switch
        {
            Outcome.Denied => after with { Captures = Captures, CaptureRefused = true },
            Outcome.Pending => after with { Capture = Capture.Pending },
            _ => after with { Capture = Capture.Completed },
        };
        return (after, outcome == Outcome.Denied ? new(Standing.CaptureRefused, "payment.capture_refused") : after.TheCapture());
    }

    public (PayPalBook After, Facts Said) Void(int key)
    {
        if (key == VoidKey && VoidRefused)
        {
            return (this, Show());      // refused then, whatever has become of it since
        }

        return (Authorisation, Capture) switch
        {
            (_, Capture.Pending or Capture.Completed) => (this with { VoidKey = key, VoidRefused = true }, Show()),     // PREVIOUSLY_CAPTURED
            (Authorisation.Created or Authorisation.Pending, _) => (this with { Authorisation = Authorisation.Voided, VoidKey = key, VoidRefused = false }, Voided()),
            (Authorisation.Voided, _) => (this, Voided()),      // PREVIOUSLY_VOIDED: the authorisation itself is asked
            _ => (this, Show()),
        };
    }

    public (PayPalBook After, RefundFacts Said) Refund(Guid id, int key, long minor, Outcome outcome)
    {
        if (Array.Find(Refunds ?? [], refund => refund.Id == id && refund.Key == key) is { } first)
        {
            return (this, first switch
            {
                { State: GivingBack.Refused } => new(GivingBack.Refused, first.Reason),
                { Waited: true } => new(GivingBack.Pending),
                _ => new(GivingBack.Made),
            });
        }

        var asked = (Refunds ?? []).Where(refund => refund.State is GivingBack.Pending or GivingBack.Made).Sum(refund => refund.Minor);
        var left = (Capture == Capture.Completed ? Captures * PriceMinor : 0) - asked;
        var made = new BookedRefund(id, key, minor, GivingBack.Made);
        made = outcome == Outcome.Denied ? made with { State = GivingBack.Refused, Reason = "refund.refused" }
            : minor > left ? made with { State = GivingBack.Refused, Reason = "refund.too_much" }
            : outcome == Outcome.Pending ? made with { State = GivingBack.Pending, Waited = true }
            : made;
        return (this with { Refunds = [.. Refunds ?? [], made] }, new(made.State, made.Reason));
    }

    /// <summary>Where a refund stands that PayPal took.</summary>
    public RefundFacts ShowRefund(Guid id) => Array.Find(Refunds ?? [], refund => refund.Id == id && refund.State != GivingBack.Refused) switch
    {
        { State: GivingBack.Failed } => new(GivingBack.Refused, "refund.failed"),
        { } refund => new(refund.State),
        null => throw new InvalidOperationException("PayPal is asked for a refund that it never took"),
    };

    private Facts Voided() => new(Standing.Voided, null, Reserved: true, HonouredUntil: HonouredUntil);

    // The capture's own view carries no authorisation.
    private Facts TheCapture() => Show() with { Reserved = false, Renewed = false };
}

/// <summary>What PayPal says of a refund.</summary>
/// <param name="Standing">Null: no usable answer.</param>
/// <param name="Reason">Our code of a refusal.</param>
internal sealed record RefundFacts(GivingBack? Standing, string? Reason = null);
