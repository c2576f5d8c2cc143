using Aerona.Contracts.Payments;
using Aerona.Messaging;
using Aerona.Payments.Data;
using Aerona.Payments.Ledger;
using Aerona.Payments.PayPal;
using Aerona.Persistence;

namespace Aerona.Payments.Refunding;

/// <summary>
/// Gives back money that was taken, never more than that, and to where it came from. Every question is answered: made, waiting, or refused for good. Where PayPal
/// gives no usable answer, or has not made the refund yet, it goes on by itself.
/// </summary>
internal sealed class RefundPaymentConsumer(PayPalClient payPal, PayPalOptions options, TimeProvider time, ILogger<RefundPaymentConsumer> log)
    : EffectConsumer<RefundPayment, RefundFacts, PaymentsDbContext>
{
    /// <summary>PayPal takes refunds of a capture for 180 days (Payments v2, "Refund captured payment").</summary>
    private static readonly TimeSpan Window = TimeSpan.FromDays(180);

    private string captureId = "";
    private string? pendingId;

    protected override TimeSpan CallLimit => PayPalRegistration.CallLimit(options, calls: 1);

    protected override string Key(RefundPayment command) => Effects.Refund(command.RefundId);

    protected override async Task<Noted<RefundFacts>> NoteAsync(PaymentsDbContext db, RefundPayment command, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var payment = await db.TryLockPaymentAsync(command.PaymentId, cancellationToken);
        var refund = await FindAsync(db, payment, command, cancellationToken);
        if (refund is null)
        {
            var reason = await RefusalAsync(db, payment, command, now, cancellationToken);
            refund = Refund.New(command, reason, now);
            db.Refunds.Add(refund);
            if (reason is null)
            {
                db.Book(payment!, LedgerKind.Owed, refund.AmountMinor, refund.Id.ToString(), now);
            }
            else if (payment is not null)
            {
                db.Note(payment, "payment.refund_refused", reason, now);
            }
        }

        if (refund.PaymentId != command.PaymentId)
        {
            return Known(new(RefundStanding.Refused, Reason: "refund.refused"));   // an id of another payment's
        }

        if (refund.IsSettled)
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
        var payment = await db.TryLockPaymentAsync(command.PaymentId, cancellationToken);
        var refund = await FindAsync(db, payment, command, cancellationToken);
        if (refund?.PaymentId != command.PaymentId)
        {
            db.Publish(new RefundRefused(command.BookingId, command.PaymentId, command.RefundId, answer.Reason ?? "refund.refused"));
            return;
        }

        if (payment?.LearnOfRefund(db, refund, answer, now) == true && refund.State == RefundState.Refused)
        {
            log.LogError("Refund {RefundId} of payment {PaymentId} is refused: {Reason} {Issue}", refund.Id, refund.PaymentId, refund.Reason, answer.Issue);
        }

        refund.Tell(db, command.BookingId);
        if (!refund.IsSettled)
        {
            db.Schedule(command, refund.NextTry(now));
        }
    }

    private static async Task<Refund?> FindAsync(PaymentsDbContext db, Payment? payment, RefundPayment command, CancellationToken cancellationToken) =>
        payment?.Refunds.Find(known => known.Id == command.RefundId) ?? await db.TryLockAsync<Refund>(command.RefundId, cancellationToken);

    /// <summary>Why nothing can be given back so; null when it can.</summary>
    private static async Task<string?> RefusalAsync(
        PaymentsDbContext db, Payment? payment, RefundPayment command, DateTimeOffset now, CancellationToken cancellationToken) => payment switch
        {
            not { State: PaymentState.Captured, TheCapture: not null } => "refund.not_captured",
            _ when command.Amount.Currency != payment.Currency || command.Amount.MinorUnits <= 0 || PayPalMoney.From(command.Amount) is null => "refund.refused",
            _ when payment.TheCapture.TakenAt + Window < now => "refund.window_over",
            _ when command.Amount.MinorUnits > (await db.BalancesAsync(payment.Id, cancellationToken)).Refundable => "refund.too_much",
            _ => null,
        };

    private static Noted<RefundFacts> Known(RefundFacts answer) => new Noted<RefundFacts>.Known(answer);
}
