using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Messaging;
using Aerona.Payments.Data;
using Aerona.Payments.PayPal;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Payments.Refunding;

/// <summary>
/// Gives back money that was taken, never more than that, and to where it came from. Every question is answered: made, waiting, or refused for good. Where PayPal
/// gives no usable answer, or has not made the refund yet, it goes on by itself.
/// </summary>
internal sealed class RefundPaymentConsumer(PayPalClient payPal, PayPalOptions options, TimeProvider time, ILogger<RefundPaymentConsumer> log)
    : EffectConsumer<RefundPayment, RefundFacts, PaymentsDbContext>
{
    private string captureId = "";
    private string? pendingId;

    protected override TimeSpan CallLimit => PayPalRegistration.CallLimit(options, calls: 1);

    protected override string Key(RefundPayment command) => Effects.Refund(command.RefundId);

    protected override async Task<Noted<RefundFacts>> NoteAsync(PaymentsDbContext db, RefundPayment command, CancellationToken cancellationToken)
    {
        var payment = await db.TryLockAsync<Payment>(command.PaymentId, cancellationToken);
        var refund = await db.TryLockAsync<Refund>(command.RefundId, cancellationToken);
        if (refund is null)
        {
            var reason = await RefusalAsync(db, payment, command, cancellationToken);
            refund = Refund.New(command, reason, time.GetUtcNow());
            db.Refunds.Add(refund);
        }

        if (refund.PaymentId != command.PaymentId)
        {
            return Known(new(RefundStanding.Refused, Reason: "refund.refused"));   // an id of another payment's
        }

        if (refund.State is RefundState.Done or RefundState.Refused)
        {
            return Known(refund.Facts);
        }

        (captureId, pendingId) = (payment!.CaptureId!, refund.PayPalId);
        return await base.NoteAsync(db, command, cancellationToken);
    }

    protected override RefundFacts ClosedAnswer(RefundPayment command) => new(RefundStanding.Refused, Reason: "refund.refused");

    protected override async Task<RefundFacts> CallAsync(RefundPayment command, EffectIntent intent, CancellationToken cancellationToken) =>
        pendingId is null
            ? await payPal.RefundAsync(captureId, command.Amount, command.RefundId, intent.RequestId.ToString(), cancellationToken)
            : await payPal.ShowRefundAsync(pendingId, cancellationToken);   // its first answer says for ever that it waits

    protected override bool IsFinal(RefundFacts answer) => answer.Standing is RefundStanding.Done or RefundStanding.Refused;

    protected override async Task RecordAsync(PaymentsDbContext db, RefundPayment command, RefundFacts answer, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var payment = await db.TryLockAsync<Payment>(command.PaymentId, cancellationToken);
        var refund = await db.TryLockAsync<Refund>(command.RefundId, cancellationToken);
        if (refund?.PaymentId != command.PaymentId)
        {
            db.Publish(new RefundRefused(command.BookingId, command.PaymentId, command.RefundId, answer.Reason ?? "refund.refused"));
            return;
        }

        if (payment is null)
        {
            db.Publish(new BookingNoted(command.BookingId, "payment.refund_refused", now, refund.Reason));
        }
        else
        {
            payment.LearnOfRefund(db, refund, answer, now);
        }

        if (refund.State == RefundState.Refused)
        {
            log.LogError("Refund {RefundId} of payment {PaymentId} is refused: {Reason} {Issue}", refund.Id, refund.PaymentId, refund.Reason, answer.Issue);
        }

        refund.Tell(db, command.BookingId);
        if (refund.State is RefundState.Open or RefundState.Pending)
        {
            db.Schedule(command, refund.NextTry(now));
        }
    }

    /// <summary>Why nothing can be given back so; null when it can.</summary>
    private async Task<string?> RefusalAsync(PaymentsDbContext db, Payment? payment, RefundPayment command, CancellationToken cancellationToken)
    {
        if (payment is not { CaptureId: not null, State: PaymentState.Captured })
        {
            return "refund.not_captured";
        }

        var given = await db.Refunds.Where(other => other.PaymentId == payment.Id && other.State != RefundState.Refused)
            .SumAsync(other => other.AmountMinor, cancellationToken);
        return command.Amount.Currency != payment.Currency || PayPalMoney.From(command.Amount) is null || command.Amount.MinorUnits <= 0 ? "refund.refused"
            : given + command.Amount.MinorUnits > payment.CapturedMinor ? "refund.too_much"
            : null;
    }

    private static Noted<RefundFacts> Known(RefundFacts answer) => new Noted<RefundFacts>.Known(answer);
}
