using System.Diagnostics;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Messaging;
using Aerona.Payments.Data;
using Aerona.Payments.Ledger;
using Aerona.Payments.PayPal;

namespace Aerona.Payments;

/// <summary>Where an attempt to pay stands; it only moves down this list, never up.</summary>
internal enum PaymentState
{
    Opening,
    Opened,
    Approved,
    UnderReview,
    Authorized,
    CaptureRefused,
    CapturePending,

    /// <summary>PayPal would not make an order.</summary>
    NotPossible,

    /// <summary>Nothing is reserved and nothing will be.</summary>
    Declined,

    /// <summary>What was reserved is given back.</summary>
    Voided,
    Captured,
}

/// <summary>One attempt to pay: an order at PayPal, its authorisations, captures and refunds, each a row of its own. An order that is completed has taken no money; a capture has.</summary>
internal sealed class Payment
{
    /// <summary>The saga's PaymentId.</summary>
    public required Guid Id { get; init; }

    public required Guid BookingId { get; init; }

    /// <summary>ISO 4217; every amount here is in it.</summary>
    public required string Currency { get; init; }

    public required long PriceMinor { get; init; }

    public required string Locator { get; init; }

    public required string Description { get; init; }

    /// <summary>Where the payer's browser goes in the end; null for our own page.</summary>
    public string? ReturnUrl { get; init; }

    /// <summary>The booking's trace (W3C traceparent) when the payment was asked for; null: there was none.</summary>
    public string? TraceParent { get; init; }

    public PaymentState State { get; private set; }

    /// <summary>From then on nothing more may be reserved under this id; an authorisation that comes all the same is voided.</summary>
    public DateTimeOffset? ClosedAt { get; private set; }

    /// <summary>Stable code of a refusal.</summary>
    public string? Reason { get; private set; }

    public string? OrderId { get; private set; }

    public string? ApprovalLink { get; private set; }

    /// <summary>What PayPal reserved, first and renewed; there once the payment has been locked.</summary>
    public List<PaymentAuthorization> Authorizations { get; } = [];

    /// <summary>What was taken, or was to be, in order; there once the payment has been locked.</summary>
    public List<PaymentCapture> Captures { get; } = [];

    /// <summary>What was given back or is to be, whoever asked for it; there once the payment has been locked.</summary>
    public List<Refund> Refunds { get; } = [];

    /// <summary>PayPal's id of the first authorisation; a void names this one even after a renewal.</summary>
    public string? AuthorizationId => First?.Id;

    /// <summary>PayPal's id of the renewal, which can be had once; it is what is captured then.</summary>
    public string? RenewedAuthorizationId => Renewal?.Id;

    /// <summary>What to capture.</summary>
    public string? CapturableId => RenewedAuthorizationId ?? AuthorizationId;

    public bool IsRenewed => RenewedAuthorizationId is not null;

    public DateTimeOffset? HonouredUntil => (Renewal ?? First)?.HonouredUntil;

    public DateTimeOffset? ExpiresAt => (Renewal ?? First)?.ExpiresAt;

    /// <summary>What was taken or waits to be; null when nothing.</summary>
    public PaymentCapture? TheCapture => Captures.LastOrDefault(capture => capture.State != CaptureState.Declined);

    public string? CaptureId => TheCapture?.Id;

    /// <summary>How much a capture is asked for, noted before the call; null while none was.</summary>
    public long? CapturingMinor { get; private set; }

    /// <summary>First try to void that got no usable answer, or null.</summary>
    public DateTimeOffset? VoidingSince { get; private set; }

    /// <summary>Tries to void without a usable answer, and looks after an authorisation that may still come.</summary>
    public int VoidTries { get; private set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ChangedAt { get; set; }

    public Money Price => new(PriceMinor, Currency);

    /// <summary>What PayPal reserved, whatever has become of it since; nothing while it examines.</summary>
    public Money Authorized => new(First?.AmountMinor ?? 0, Currency);

    public Money Captured => new(TheCapture is { State: CaptureState.Completed } taken ? taken.AmountMinor : 0, Currency);

    /// <summary>What a capture is asked for: the same however often it is repeated.</summary>
    public Money Capturing => CapturingMinor is { } minor ? new(minor, Currency) : Authorized;

    /// <summary>What was given back of the reservation; null when nothing had been reserved.</summary>
    public Money? Voided => State == PaymentState.Voided && Authorized.MinorUnits > 0 ? Authorized : null;

    /// <summary>Whether PayPal has ever had money of the payer in hand for this.</summary>
    public bool HasMoney => State >= PaymentState.UnderReview && State != PaymentState.NotPossible;

    private PaymentAuthorization? First => Authorizations.Find(one => one.RenewsId is null);

    private PaymentAuthorization? Renewal => Authorizations.Find(one => one.RenewsId is not null);

    public bool IsClosed => ClosedAt is not null;

    /// <summary>Whether money of the payer is reserved, as far as is known.</summary>
    public bool HoldsMoney => AuthorizationId is not null && State is PaymentState.UnderReview or PaymentState.Authorized or PaymentState.CaptureRefused
        or PaymentState.CapturePending;

    public static Payment New(OpenPayment command, DateTimeOffset now) => new()
    {
        Id = command.PaymentId,
        BookingId = command.BookingId,
        Currency = command.Price.Currency,
        PriceMinor = command.Price.MinorUnits,
        Locator = command.Locator,
        Description = command.Description,
        ReturnUrl = command.ReturnUrl,
        TraceParent = Activity.Current is { IdFormat: ActivityIdFormat.W3C } trace ? trace.Id : null,
        CreatedAt = now,
        ChangedAt = now,
    };

    /// <summary>Notes what a capture is about to ask for.</summary>
    public void AskFor(Money amount) => CapturingMinor ??= amount.MinorUnits;

    /// <summary>Denies everything that has not happened yet.</summary>
    public void Close(DateTimeOffset now) => ClosedAt ??= now;

    /// <summary>PayPal would not make an order.</summary>
    public void NotPossible(PaymentsDbContext db, PaymentFacts facts, DateTimeOffset now)
    {
        if (State == PaymentState.Opening)
        {
            Move(db, PaymentState.NotPossible, "payment.not_possible", facts.Issue ?? facts.Reason, now);
            Reason = facts.Reason;
            Close(now);
        }
    }

    /// <summary>
    /// Takes over what PayPal says; what is known already or older is left. Writes history, ledger and timeline. An authorisation of a closed payment, or of
    /// another amount than asked for, is to be voided: the command goes out with it.
    /// </summary>
    /// <returns>Whether anything was new.</returns>
    public bool Learn(PaymentsDbContext db, PaymentFacts facts, DateTimeOffset now)
    {
        OrderId ??= facts.OrderId;
        ApprovalLink ??= facts.ApprovalLink;
        var before = State;
        if (facts is { Standing: Standing.Declined, AuthorizationId: not null } && State is PaymentState.Authorized or PaymentState.CaptureRefused)
        {
            facts = facts with { Standing = Standing.Voided };   // what had been reserved is not any more
        }

        var renewed = Renew(db, facts, now);
        switch (facts.Standing)
        {
            case Standing.Opened when State < PaymentState.Opened:
                Move(db, PaymentState.Opened, "payment.opened", OrderId, now);
                break;
            case Standing.Approved when State < PaymentState.Approved:
                Move(db, PaymentState.Approved, "payment.approved", OrderId, now);
                break;
            case Standing.UnderReview when State < PaymentState.UnderReview:
                Hold(db, facts, AuthorizationState.Pending, now);
                Move(db, PaymentState.UnderReview, "payment.under_review", AuthorizationId, now);
                VoidIfUnwanted(db);
                break;
            case Standing.Authorized when State < PaymentState.Authorized || State == PaymentState.Declined:
                Reserve(db, facts, now);
                Reason = null;
                Move(db, PaymentState.Authorized, "payment.authorized", AuthorizationId, now);
                if (facts.Authorized != Price)
                {
                    Reason = "payment.amount_mismatch";
                    Close(now);
                }

                VoidIfUnwanted(db);
                break;
            case Standing.Declined when State < PaymentState.Authorized:
                Reason = facts.Reason;
                Close(now);
                Stand(AuthorizationState.Denied);
                Move(db, PaymentState.Declined, "payment.declined", facts.Issue, now);
                break;
            case Standing.Voided when State is not (PaymentState.Voided or PaymentState.Captured) && facts.AuthorizationId is not null:
                Reserve(db, facts, now);
                Reason = IsClosed ? Reason : "payment.voided";   // PayPal did it by itself
                Close(now);
                Stand(AuthorizationState.Voided);
                db.Book(this, LedgerKind.Voided, Authorized.MinorUnits, AuthorizationId!, now);
                Move(db, PaymentState.Voided, "payment.voided", AuthorizationId, now);
                break;
            case Standing.CaptureRefused when State < PaymentState.NotPossible && State != PaymentState.CaptureRefused:
                Reason = facts.Reason;
                Take(db, facts, CaptureState.Declined, now);
                Move(db, PaymentState.CaptureRefused, "payment.capture_refused", facts.Issue, now);
                VoidIfUnwanted(db);
                break;
            case Standing.CapturePending when State < PaymentState.CaptureRefused:   // there is no second capture that could wait
                Reserve(db, facts, now);
                Take(db, facts, CaptureState.Pending, now);
                Move(db, PaymentState.CapturePending, "payment.capture_pending", CaptureId, now);
                break;
            case Standing.Captured when State is not PaymentState.Captured && facts is { CaptureId: not null, Captured: not null }:
                Reserve(db, facts, now);
                Take(db, facts, CaptureState.Completed, now);
                BookTheCapture(db, now);
                Move(db, PaymentState.Captured, "payment.captured", CaptureId, now);
                break;
        }

        LearnTheFee(db, facts, now);
        LearnOfRefunds(db, facts, now);

        return renewed || State != before;
    }

    /// <summary>
    /// Takes over what PayPal said to a renewal. Declined, the reservation is good for nothing any more: what is left of it is given back, and this attempt is over.
    /// </summary>
    public void LearnOfRenewal(PaymentsDbContext db, PaymentFacts facts, DateTimeOffset now)
    {
        if (facts is not { Standing: Standing.Declined, AuthorizationId: null } || State != PaymentState.Authorized)
        {
            Learn(db, facts, now);
        }
        else if (!IsClosed)
        {
            Reason = "payment.declined";
            Close(now);
            ChangedAt = now;
            db.Note(this, "payment.renewal_refused", facts.Issue, now);
            VoidIfUnwanted(db);
        }
    }

    /// <summary>Publishes where it stands, in the contract's words; nothing while it is being opened or when Payments undoes it by itself.</summary>
    public void Tell(PaymentsDbContext db)
    {
        switch (State)
        {
            case PaymentState.Opened when !IsClosed:
                db.Publish(new PaymentOpened(BookingId, Id, ApprovalLink ?? "", OrderId!));
                break;
            case PaymentState.Approved when !IsClosed:
                db.Publish(new PaymentApproved(BookingId, Id));
                break;
            case PaymentState.UnderReview when !IsClosed:
                db.Publish(new PaymentUnderReview(BookingId, Id));
                break;
            case PaymentState.Authorized when IsClosed && Reason is not null:   // another amount, or not renewed: on its way back
                db.Publish(new PaymentDeclined(BookingId, Id, Reason));
                break;
            case PaymentState.Authorized:
                db.Publish(new PaymentAuthorized(BookingId, Id, Authorized, CapturableId!, HonouredUntil!.Value, ExpiresAt!.Value));
                break;
            case PaymentState.CapturePending:
                db.Publish(new CapturePending(BookingId, Id));
                break;
            case PaymentState.CaptureRefused:
                db.Publish(new CaptureRefused(BookingId, Id, Reason ?? "payment.capture_refused"));
                break;
            case PaymentState.Captured:
                db.Publish(new PaymentCaptured(BookingId, Id, Captured, CaptureId!));
                break;
            case PaymentState.NotPossible:
                db.Publish(new PaymentNotPossible(BookingId, Id, Reason ?? "payment.refused"));
                break;
            case PaymentState.Declined:
                db.Publish(new PaymentDeclined(BookingId, Id, Reason ?? "payment.declined"));
                break;
            case PaymentState.Voided:   // for whoever waits for the money, and for whoever waits for its return
                db.Publish(new PaymentDeclined(BookingId, Id, Reason ?? "payment.closed"));
                db.Publish(new PaymentVoided(BookingId, Id, Voided));
                break;
            case PaymentState.Opened or PaymentState.Approved:
                db.Publish(new PaymentDeclined(BookingId, Id, "payment.closed"));
                break;
        }
    }

    /// <summary>
    /// Takes over what PayPal says, and tells what is new; nothing of a closed payment that reserved nothing: it is left to lapse. What is told goes on in the
    /// booking's trace, whoever brought the news.
    /// </summary>
    public void LearnAndTell(PaymentsDbContext db, PaymentFacts facts, DateTimeOffset now)
    {
        using var _ = BookingTrace.Continue(TraceParent);
        if (Learn(db, facts, now) && (!IsClosed || State > PaymentState.Approved))
        {
            Tell(db);
        }
    }

    /// <summary>Takes over what became of a refund; what is settled stays so. Writes history, ledger and timeline.</summary>
    /// <returns>Whether anything was new.</returns>
    public bool LearnOfRefund(PaymentsDbContext db, Refund refund, RefundFacts facts, DateTimeOffset now)
    {
        switch (facts.Standing)
        {
            case RefundStanding.Pending when refund.State == RefundState.Open:
                (refund.State, refund.PayPalId, refund.Tries) = (RefundState.Pending, facts.PayPalId, 0);
                db.Note(this, "payment.refund_pending", facts.PayPalId, now);
                break;
            case RefundStanding.Done when !refund.IsSettled:
                (refund.State, refund.PayPalId) = (RefundState.Done, facts.PayPalId);
                var ours = refund.Origin == RefundOrigin.Ours;
                db.Book(this, ours ? LedgerKind.Refunded : LedgerKind.RefundedElsewhere, refund.AmountMinor, facts.PayPalId!, now);
                db.Book(this, LedgerKind.FeeReturned, facts.Fee?.MinorUnits ?? 0, facts.PayPalId!, now);
                db.Note(this, ours ? "payment.refunded" : "payment.refunded_elsewhere", facts.PayPalId, now);
                break;
            case RefundStanding.Refused when !refund.IsSettled:
                (refund.State, refund.PayPalId, refund.Reason) = (RefundState.Refused, facts.PayPalId, facts.Reason);
                if (refund.Origin == RefundOrigin.Ours)
                {
                    db.Book(this, LedgerKind.NotOwed, refund.AmountMinor, refund.Id.ToString(), now);
                }

                db.Note(this, "payment.refund_refused", facts.Issue ?? facts.Reason, now);
                break;
            default:
                return false;
        }

        ChangedAt = now;
        return true;
    }

    /// <summary>What went back without our asking turns out to be the payer's bank's doing, or a dispute's.</summary>
    public void LearnOfReversal(PaymentsDbContext db, Func<Refund, bool> which, DateTimeOffset now)
    {
        if (Refunds.Find(refund => refund is { Origin: RefundOrigin.Elsewhere, State: RefundState.Done } && which(refund)) is { } reversed)
        {
            reversed.Origin = RefundOrigin.Reversal;
            db.Book(this, LedgerKind.Lost, reversed.AmountMinor, reversed.PayPalId!, now);
            db.Note(this, "payment.reversed", reversed.PayPalId, now);
            ChangedAt = now;
        }
    }

    /// <summary>Takes over how a dispute stands; an older word than known is ignored. Lost, what went back without our asking is our loss.</summary>
    public async Task LearnOfDisputeAsync(PaymentsDbContext db, DisputeSeen seen, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var dispute = await db.Disputes.FindAsync([seen.Id], cancellationToken);
        if (dispute is not null && (dispute.Standing == seen.Standing || dispute.At > seen.At))
        {
            return;
        }

        if (dispute is null)
        {
            db.Disputes.Add(new()
            {
                Id = seen.Id,
                PaymentId = Id,
                CaptureId = seen.CaptureId,
                Currency = seen.Amount.Currency,
                AmountMinor = seen.Amount.MinorUnits,
                Reason = seen.Reason,
                Standing = seen.Standing,
                At = seen.At,
            });
        }
        else
        {
            (dispute.Standing, dispute.At) = (seen.Standing, seen.At);
        }

        if (seen.Standing == DisputeStanding.Lost && !Refunds.Exists(refund => refund.Origin == RefundOrigin.Reversal && refund.Amount == seen.Amount))
        {
            LearnOfReversal(db, refund => refund.Amount == seen.Amount, now);
        }

        db.Note(this, $"payment.dispute_{seen.Standing.ToString().ToLowerInvariant()}", seen.Id, now);
        db.Publish(new PaymentDisputed(BookingId, Id, seen.Id, seen.Amount, seen.Reason, seen.Standing, seen.At));
    }

    /// <summary>What PayPal shows of refunds: ours by our id on them, and those that nobody here asked for.</summary>
    private void LearnOfRefunds(PaymentsDbContext db, PaymentFacts facts, DateTimeOffset now)
    {
        foreach (var seen in State == PaymentState.Captured ? facts.Refunds ?? [] : [])
        {
            var refund = Refunds.Find(known => known.PayPalId == seen.Id)
                ?? (Guid.TryParse(seen.CustomId, out var ours) ? Refunds.Find(known => known.Id == ours && known.PayPalId is null && known.Amount == seen.Amount) : null);
            if (refund is null && seen.Facts.Standing is RefundStanding.Done or RefundStanding.Pending)
            {
                refund = Refund.Found(this, seen, now);
                Refunds.Add(refund);
                db.Refunds.Add(refund);
            }

            if (refund is not null && LearnOfRefund(db, refund, seen.Facts, now))
            {
                refund.Tell(db, BookingId);
            }
        }
    }

    /// <summary>A try to void got no usable answer, or found nothing where something may still come; says when to try again, or null for enough.</summary>
    public DateTimeOffset NextVoidTry(DateTimeOffset now)
    {
        VoidingSince ??= now;
        VoidTries++;
        return now.AddSeconds(Math.Min(5 * Math.Pow(2, VoidTries - 1), 900));
    }

    public void ForgetVoidTries() => (VoidingSince, VoidTries) = (null, 0);

    private void Reserve(PaymentsDbContext db, PaymentFacts facts, DateTimeOffset now)
    {
        if (facts.AuthorizationId is null)
        {
            return;
        }

        var first = Hold(db, facts, AuthorizationState.Created, now);
        if (first.AmountMinor != 0 || facts.Authorized is not { } amount)
        {
            return;
        }

        first.State = AuthorizationState.Created;
        first.AmountMinor = amount.MinorUnits;
        first.HonouredUntil = facts.HonouredUntil ?? now.AddDays(3);   // by PayPal's rules, where it did not say when it reserved
        first.ExpiresAt = facts.ExpiresAt ?? now.AddDays(29);
        db.Book(this, LedgerKind.Authorised, amount.MinorUnits, first.Id, now);
    }

    /// <summary>The first authorisation, as a row of its own.</summary>
    private PaymentAuthorization Hold(PaymentsDbContext db, PaymentFacts facts, AuthorizationState state, DateTimeOffset now)
    {
        if (First is { } known)
        {
            return known;
        }

        var first = new PaymentAuthorization { Id = facts.AuthorizationId!, PaymentId = Id, State = state, Currency = Currency, LearntAt = now };
        Authorizations.Add(first);
        db.Authorizations.Add(first);
        return first;
    }

    private void Stand(AuthorizationState state) => Authorizations.ForEach(one => one.State = state);

    /// <summary>The capture that PayPal shows, as a row of its own.</summary>
    private void Take(PaymentsDbContext db, PaymentFacts facts, CaptureState state, DateTimeOffset now)
    {
        if (facts.CaptureId is null)
        {
            return;   // refused before there was one
        }

        if (Captures.Find(one => one.Id == facts.CaptureId) is { } known)
        {
            known.State = state;
        }
        else if (facts.Captured is { } amount)
        {
            var capture = new PaymentCapture
            {
                Id = facts.CaptureId,
                PaymentId = Id,
                State = state,
                Currency = Currency,
                AmountMinor = amount.MinorUnits,
                TakenAt = facts.CapturedAt ?? now,
                LearntAt = now,
            };
            Captures.Add(capture);
            db.Captures.Add(capture);
        }
    }

    /// <summary>Of what was reserved the capture used up its part, and a final one gives back the rest.</summary>
    private void BookTheCapture(PaymentsDbContext db, DateTimeOffset now)
    {
        var (id, taken, reserved) = (CaptureId!, Captured.MinorUnits, Authorized.MinorUnits);
        Stand(AuthorizationState.Captured);
        db.Book(this, LedgerKind.Used, Math.Min(taken, reserved), id, now);
        db.Book(this, LedgerKind.Voided, Math.Max(0, reserved - taken), AuthorizationId ?? id, now);
        db.Book(this, LedgerKind.Captured, taken, id, now);
        db.Book(this, LedgerKind.Sold, taken, id, now);
    }

    private void LearnTheFee(PaymentsDbContext db, PaymentFacts facts, DateTimeOffset now)
    {
        if (TheCapture is { State: CaptureState.Completed, FeeMinor: null } capture && facts.CaptureId == capture.Id && facts.Fee is { } fee && fee.Currency == Currency)
        {
            capture.FeeMinor = fee.MinorUnits;
            db.Book(this, LedgerKind.Fee, fee.MinorUnits, capture.Id, now);
        }
    }

    /// <summary>The same money, reserved anew: no line in the ledger.</summary>
    private bool Renew(PaymentsDbContext db, PaymentFacts facts, DateTimeOffset now)
    {
        if (facts.RenewedAuthorizationId is not { } renewal || IsRenewed || First is not { } first || renewal == first.Id || !HoldsMoney)
        {
            return false;
        }

        var renewed = new PaymentAuthorization
        {
            Id = renewal,
            PaymentId = Id,
            RenewsId = first.Id,
            State = first.State,
            Currency = Currency,
            AmountMinor = first.AmountMinor,
            HonouredUntil = facts.HonouredUntil ?? now.AddDays(3),
            ExpiresAt = facts.ExpiresAt ?? first.ExpiresAt,
            LearntAt = now,
        };
        Authorizations.Add(renewed);
        db.Authorizations.Add(renewed);
        ChangedAt = now;
        db.Note(this, "payment.renewed", renewal, now);
        return true;
    }

    private void VoidIfUnwanted(PaymentsDbContext db)
    {
        if (IsClosed)
        {
            db.Publish(new VoidPayment(BookingId, Id));
        }
    }

    private void Move(PaymentsDbContext db, PaymentState state, string kind, string? reference, DateTimeOffset now)
    {
        State = state;
        ChangedAt = now;
        db.Note(this, kind, reference, now);
    }
}
