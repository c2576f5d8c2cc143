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
internal sealed record Facts(Standing Standing, string? Reason = null, bool Reserved = false, bool Taken = false);

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

/// <summary>PayPal's books of one payment. A call with an idempotency key it knows gets the answer of the first; with another it is another call.</summary>
/// <param name="Orders">Orders made.</param>
/// <param name="Authorised">Authorisations made.</param>
/// <param name="Captures">Captures made.</param>
/// <param name="Refunds">Refunds made.</param>
/// <param name="AuthoriseRefused">The answer kept for the authorisation's key, when it was a refusal.</param>
/// <param name="CaptureRefused">The same for the capture's.</param>
internal sealed record PayPalBook(
    PayPalOrder Order = PayPalOrder.None, Authorisation Authorisation = Authorisation.None, Capture Capture = Capture.None, int Orders = 0, int Authorised = 0,
    int Captures = 0, int Refunds = 0, int AuthoriseKey = 0, int CaptureKey = 0, int RefundKey = 0, bool AuthoriseRefused = false, bool CaptureRefused = false)
{
    /// <summary>Money of the payer that is reserved.</summary>
    public bool Reserves => Authorisation is Authorisation.Created or Authorisation.Pending && Capture is Capture.None or Capture.Declined;

    /// <summary>Money of the payer that is taken and not given back; counted in whole prices.</summary>
    public int Taken => (Capture == Capture.Completed ? Captures : 0) - Refunds;

    public Facts Show()
    {
        if (Authorisation != Authorisation.None && Capture != Capture.None)
        {
            return Capture switch
            {
                Capture.Completed => new(Standing.Captured, null, Reserved: true, Taken: true),
                Capture.Pending => new(Standing.CapturePending, null, Reserved: true, Taken: true),
                _ => new(Standing.CaptureRefused, "payment.capture_refused", Reserved: true, Taken: true),
            };
        }

        return Authorisation switch
        {
            Authorisation.Created => new(Standing.Authorized, null, Reserved: true),
            Authorisation.Pending => new(Standing.UnderReview, null, Reserved: true),
            Authorisation.Denied => new(Standing.Declined, "payment.declined", Reserved: true),
            Authorisation.Voided => new(Standing.Voided, null, Reserved: true),
            _ => Order switch
            {
                PayPalOrder.Created => new(Standing.Opened),
                PayPalOrder.Approved => new(Standing.Approved),
                _ => new(Standing.Absent),
            },
        };
    }

    public (PayPalBook After, Facts Said) Authorise(int key, Outcome outcome)
    {
        if (key == AuthoriseKey)
        {
            return (this, AuthoriseRefused ? new(Standing.Declined, "payment.declined") : Show());
        }

        if (Order != PayPalOrder.Approved && Authorisation == Authorisation.None)
        {
            return (this with { AuthoriseKey = key, AuthoriseRefused = true }, new(Standing.Declined, "payment.not_approved"));
        }

        var after = this with { AuthoriseKey = key, Authorised = Authorised + 1 };
        after = outcome switch
        {
            Outcome.Denied => after with { Authorised = Authorised, AuthoriseRefused = true },
            Outcome.Pending => after with { Authorisation = Authorisation.Pending },
            _ => after with { Authorisation = Authorisation.Created },
        };
        return (after, outcome == Outcome.Denied ? new(Standing.Declined, "payment.declined") : after.Show());
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

    public (PayPalBook After, Facts Said) Void() => (Authorisation, Capture) switch
    {
        (_, Capture.Pending or Capture.Completed) => (this, Show()),             // PREVIOUSLY_CAPTURED
        (Authorisation.Voided, _) => (this, new(Standing.Voided, null, Reserved: true)),      // PREVIOUSLY_VOIDED: the authorisation itself is asked
        (Authorisation.Created or Authorisation.Pending, _) => (this with { Authorisation = Authorisation.Voided }, new(Standing.Voided, null, Reserved: true)),
        _ => (this, Show()),
    };

    public PayPalBook Refund(int key) => key == RefundKey || Taken == 0 ? this : this with { RefundKey = key, Refunds = Refunds + 1 };

    // The capture's own view carries no authorisation.
    private Facts TheCapture() => Show() with { Reserved = false };
}
