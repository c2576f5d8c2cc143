using Aerona.Contracts;
using Aerona.Contracts.Payments;
using Aerona.Messaging;
using Aerona.Payments.Data;
using Aerona.Payments.PayPal;
using Aerona.Persistence;

namespace Aerona.Payments.Reauthorize;

/// <summary>
/// Renews a reservation that PayPal does not honour any more, once, as PayPal allows. Before that nothing is asked: the reservation stands as it is. When
/// PayPal's answer is lost nothing is said: the saga asks again, or looks it up.
/// </summary>
internal sealed class ReauthorizePaymentConsumer(PayPalClient payPal, PayPalOptions options, TimeProvider time)
    : EffectConsumer<ReauthorizePayment, PaymentFacts, PaymentsDbContext>
{
    private (string OrderId, string AuthorizationId, Money Amount) reserved;

    protected override TimeSpan CallLimit => PayPalRegistration.CallLimit(options, calls: 3);

    protected override string Key(ReauthorizePayment command) => Effects.Reauthorize(command.PaymentId);

    protected override async Task<Noted<PaymentFacts>> NoteAsync(PaymentsDbContext db, ReauthorizePayment command, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        switch (await db.TryLockPaymentAsync(command.PaymentId, cancellationToken))
        {
            case null:
                return new Noted<PaymentFacts>.Known(ClosedAnswer(command));
            case { IsClosed: true, State: < PaymentState.CapturePending }:
                return new Noted<PaymentFacts>.Known(ClosedAnswer(command));
            case { State: not PaymentState.Authorized }:
                return new Noted<PaymentFacts>.Known(new(Standing.Approved));   // it went on meanwhile: Tell says how
            case { HonouredUntil: var until } when until > now:
                return new Noted<PaymentFacts>.Known(new(Standing.Approved));   // honoured: nothing to renew
            case { IsRenewed: true }:
                return new Noted<PaymentFacts>.Known(PaymentFacts.Declined("payment.declined", "REAUTHORIZATION_NOT_SUPPORTED"));
            case var payment:
                var capture = await db.FindIntentAsync(Effects.Capture(payment.Id, renewed: false), cancellationToken);
                if (capture is { Answer: null, Closed: false } && capture.LeaseUntil > now)
                {
                    return new Noted<PaymentFacts>.Later(capture.LeaseUntil);   // it may be taking the money right now
                }

                reserved = (payment.OrderId!, payment.AuthorizationId!, payment.Authorized);
                return await base.NoteAsync(db, command, cancellationToken);
        }
    }

    protected override PaymentFacts ClosedAnswer(ReauthorizePayment command) => PaymentFacts.Declined("payment.closed");

    protected override async Task<PaymentFacts> CallAsync(ReauthorizePayment command, EffectIntent intent, CancellationToken cancellationToken)
    {
        var shown = await payPal.ShowAsync(command.PaymentId, reserved.OrderId, cancellationToken);   // a capture whose answer was lost is found here
        return shown is { Standing: Standing.Authorized, RenewedAuthorizationId: null }
            ? await payPal.ReauthorizeAsync(
                command.PaymentId, reserved.OrderId, reserved.AuthorizationId, reserved.Amount, intent.RequestId.ToString(), cancellationToken)
            : shown;
    }

    protected override bool IsFinal(PaymentFacts answer) => answer is { RenewedAuthorizationId: not null } or { Standing: Standing.Declined };

    protected override async Task RecordAsync(PaymentsDbContext db, ReauthorizePayment command, PaymentFacts answer, CancellationToken cancellationToken)
    {
        if (answer.Standing is Standing.Unknown or Standing.Absent)
        {
            return;
        }

        var payment = await db.TryLockPaymentAsync(command.PaymentId, cancellationToken);
        if (payment is null || answer.Reason == "payment.closed")
        {
            db.Publish(new PaymentDeclined(command.BookingId, command.PaymentId, "payment.closed"));   // refused by us: nothing was learnt of PayPal
            return;
        }

        if (answer is { Standing: Standing.Authorized, RenewedAuthorizationId: null })
        {
            await db.ForgetIntentAsync(Key(command), cancellationToken);   // too soon by PayPal's clock: the next call is another one
        }

        payment.LearnOfRenewal(db, answer, time.GetUtcNow());
        payment.Tell(db);
    }
}
