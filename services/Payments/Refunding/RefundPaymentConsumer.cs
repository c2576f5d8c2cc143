using Aerona.Contracts;
using Aerona.Contracts.Payments;
using Aerona.Messaging;
using Aerona.Payments.Data;
using Aerona.Payments.PayPal;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Payments.Refunding;

/// <summary>Gives back money that was taken, never more than that. Where PayPal gives no usable answer it goes on by itself with the same id.</summary>
internal sealed class RefundPaymentConsumer(PayPalClient payPal, PayPalOptions options, TimeProvider time, ILogger<RefundPaymentConsumer> log)
    : EffectConsumer<RefundPayment, RefundFacts, PaymentsDbContext>
{
    private string captureId = "";

    protected override TimeSpan CallLimit => PayPalRegistration.CallLimit(options, calls: 1);

    protected override string Key(RefundPayment command) => Effects.Refund(command.RefundId);

    protected override async Task<Noted<RefundFacts>> NoteAsync(PaymentsDbContext db, RefundPayment command, CancellationToken cancellationToken)
    {
        var payment = await db.TryLockAsync<Payment>(command.PaymentId, cancellationToken);
        var refund = await db.TryLockAsync<Refund>(command.RefundId, cancellationToken);
        if (payment is not { CaptureId: not null, State: PaymentState.Captured })
        {
            return Refused("payment.not_captured");
        }

        if (refund is null)
        {
            var given = await db.Refunds.Where(other => other.PaymentId == payment.Id && other.State != RefundState.Refused)
                .SumAsync(other => other.AmountMinor, cancellationToken);
            if (command.Amount.Currency != payment.Currency || command.Amount.MinorUnits <= 0 || given + command.Amount.MinorUnits > payment.CapturedMinor)
            {
                return Refused("payment.refund_exceeds_capture");
            }

            if (PayPalMoney.From(command.Amount) is null)
            {
                return Refused("payment.amount_not_payable");
            }

            db.Refunds.Add(new()
            {
                Id = command.RefundId,
                PaymentId = payment.Id,
                Currency = payment.Currency,
                AmountMinor = command.Amount.MinorUnits,
                Why = command.Reason,
                AskedAt = time.GetUtcNow(),
            });
        }
        else if (refund.PaymentId != payment.Id || refund.Amount != command.Amount)
        {
            return Refused("payment.refund_id_reused");
        }

        captureId = payment.CaptureId;
        return await base.NoteAsync(db, command, cancellationToken);
    }

    protected override RefundFacts ClosedAnswer(RefundPayment command) => new(true, Reason: "payment.closed");

    protected override Task<RefundFacts> CallAsync(RefundPayment command, EffectIntent intent, CancellationToken cancellationToken) =>
        payPal.RefundAsync(captureId, command.Amount, command.RefundId, intent.RequestId.ToString(), cancellationToken);

    protected override bool IsFinal(RefundFacts answer) => answer.Known;

    protected override async Task RecordAsync(PaymentsDbContext db, RefundPayment command, RefundFacts answer, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var payment = await db.TryLockAsync<Payment>(command.PaymentId, cancellationToken);
        var refund = await db.TryLockAsync<Refund>(command.RefundId, cancellationToken);
        switch (answer)
        {
            case { Known: false }:
                refund!.Tries++;
                db.Schedule(command, now.AddSeconds(Math.Min(5 * Math.Pow(2, refund.Tries - 1), 900)));
                return;
            case { PayPalId: { } payPalId }:
                if (refund!.State == RefundState.Open)
                {
                    refund.State = RefundState.Done;
                    refund.PayPalId = payPalId;
                    payment!.Refunded(db, refund, payPalId, now);
                }

                db.Publish(new PaymentRefunded(command.BookingId, command.PaymentId, command.RefundId, command.Amount));
                return;
        }

        // There is no event for it: somebody must look, and the timeline says so.
        log.LogError("Refund {RefundId} of payment {PaymentId} is refused: {Reason} {Issue}", command.RefundId, command.PaymentId, answer.Reason, answer.Issue);
        if (refund is { State: RefundState.Open })
        {
            refund.State = RefundState.Refused;
            refund.Reason = answer.Reason;
        }

        if (payment is not null)
        {
            db.Note(payment, "payment.refund_refused", answer.Issue ?? answer.Reason, now);
        }
    }

    private static Noted<RefundFacts> Refused(string reason) => new Noted<RefundFacts>.Known(new(true, Reason: reason));
}
