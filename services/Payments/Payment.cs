using System.Diagnostics;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Messaging;
using Aerona.Payments.Data;
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

/// <summary>One attempt to pay: an order at PayPal, its authorisation and its capture. An order that is completed has taken no money; a capture has.</summary>
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

    /// <summary>PayPal's id of the first authorisation; a void names this one even after a renewal.</summary>
    public string? AuthorizationId { get; private set; }

    /// <summary>PayPal's id of the renewal, which can be had once; it is what is captured then.</summary>
    public string? RenewedAuthorizationId { get; private set; }

    /// <summary>What to capture.</summary>
    public string? CapturableId => RenewedAuthorizationId ?? AuthorizationId;

    public bool IsRenewed => RenewedAuthorizationId is not null;

    public DateTimeOffset? HonouredUntil { get; private set; }

    public DateTimeOffset? ExpiresAt { get; private set; }

    public string? CaptureId { get; private set; }

    public long AuthorizedMinor { get; private set; }

    public long VoidedMinor { get; private set; }

    public long CapturedMinor { get; private set; }

    public long RefundedMinor { get; private set; }

    /// <summary>First try to void that got no usable answer, or null.</summary>
    public DateTimeOffset? VoidingSince { get; private set; }

    /// <summary>Tries to void without a usable answer, and looks after an authorisation that may still come.</summary>
    public int VoidTries { get; private set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ChangedAt { get; set; }

    public Money Price => new(PriceMinor, Currency);

    public Money Authorized => new(AuthorizedMinor, Currency);

    public Money Captured => new(CapturedMinor, Currency);

    /// <summary>What was given back of the reservation; null when nothing had been reserved.</summary>
    public Money? Voided => VoidedMinor > 0 ? new(VoidedMinor, Currency) : null;

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
                AuthorizationId = facts.AuthorizationId;
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
                Move(db, PaymentState.Declined, "payment.declined", facts.Issue, now);
                break;
            case Standing.Voided when State is not (PaymentState.Voided or PaymentState.Captured) && facts.AuthorizationId is not null:
                Reserve(db, facts, now);
                Reason = IsClosed ? Reason : "payment.voided";   // PayPal did it by itself
                Close(now);
                VoidedMinor = AuthorizedMinor;
                db.Book(this, LedgerKind.Voided, VoidedMinor, AuthorizationId!, now);
                Move(db, PaymentState.Voided, "payment.voided", AuthorizationId, now);
                break;
            case Standing.CaptureRefused when State < PaymentState.NotPossible && State != PaymentState.CaptureRefused:
                Reason = facts.Reason;
                Move(db, PaymentState.CaptureRefused, "payment.capture_refused", facts.Issue, now);
                VoidIfUnwanted(db);
                break;
            case Standing.CapturePending when State < PaymentState.CaptureRefused:   // there is no second capture that could wait
                Reserve(db, facts, now);
                CaptureId = facts.CaptureId;
                Move(db, PaymentState.CapturePending, "payment.capture_pending", CaptureId, now);
                break;
            case Standing.Captured when State is not PaymentState.Captured && facts is { CaptureId: not null, Captured: not null }:
                Reserve(db, facts, now);
                CaptureId = facts.CaptureId;
                CapturedMinor = facts.Captured.Value.MinorUnits;
                db.Book(this, LedgerKind.Captured, CapturedMinor, CaptureId, now);
                Move(db, PaymentState.Captured, "payment.captured", CaptureId, now);
                break;
        }

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
    public void LearnOfRefund(PaymentsDbContext db, Refund refund, RefundFacts facts, DateTimeOffset now)
    {
        switch (facts.Standing)
        {
            case RefundStanding.Pending when refund.State == RefundState.Open:
                (refund.State, refund.PayPalId, refund.Tries) = (RefundState.Pending, facts.PayPalId, 0);
                db.Note(this, "payment.refund_pending", facts.PayPalId, now);
                break;
            case RefundStanding.Done when refund.State is RefundState.Open or RefundState.Pending:
                (refund.State, refund.PayPalId) = (RefundState.Done, facts.PayPalId);
                RefundedMinor += refund.AmountMinor;
                db.Book(this, LedgerKind.Refunded, refund.AmountMinor, facts.PayPalId!, now);
                db.Note(this, "payment.refunded", facts.PayPalId, now);
                break;
            case RefundStanding.Refused when refund.State is RefundState.Open or RefundState.Pending:
                (refund.State, refund.PayPalId, refund.Reason) = (RefundState.Refused, facts.PayPalId, facts.Reason);
                db.Note(this, "payment.refund_refused", facts.Issue ?? facts.Reason, now);
                break;
            case RefundStanding.Refused when refund.PayPalId is null && facts.Issue is null:
                db.Note(this, "payment.refund_refused", refund.Reason, now);   // by us
                return;
            default:
                return;
        }

        ChangedAt = now;
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
        AuthorizationId ??= facts.AuthorizationId;
        if (AuthorizedMinor != 0 || facts.Authorized is not { } amount || facts.AuthorizationId is null)
        {
            return;
        }

        AuthorizedMinor = amount.MinorUnits;
        HonouredUntil = facts.HonouredUntil ?? now.AddDays(3);   // by PayPal's rules, where it did not say when it reserved
        ExpiresAt = facts.ExpiresAt ?? now.AddDays(29);
        db.Book(this, LedgerKind.Authorised, AuthorizedMinor, facts.AuthorizationId, now);
    }

    /// <summary>The same money, reserved anew: no line in the ledger.</summary>
    private bool Renew(PaymentsDbContext db, PaymentFacts facts, DateTimeOffset now)
    {
        if (facts.RenewedAuthorizationId is not { } renewal || IsRenewed || AuthorizationId is null || renewal == AuthorizationId || !HoldsMoney)
        {
            return false;
        }

        RenewedAuthorizationId = renewal;
        HonouredUntil = facts.HonouredUntil ?? now.AddDays(3);
        ExpiresAt = facts.ExpiresAt ?? ExpiresAt;
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
