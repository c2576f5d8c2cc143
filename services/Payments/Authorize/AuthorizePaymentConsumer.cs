using Aerona.Contracts.Payments;
using Aerona.Messaging;
using Aerona.Payments.Data;
using Aerona.Payments.PayPal;
using Aerona.Persistence;

namespace Aerona.Payments.Authorize;

/// <summary>Reserves the approved amount at PayPal. When PayPal's answer is lost nothing is said: the saga looks it up.</summary>
internal sealed class AuthorizePaymentConsumer(PayPalClient payPal, PayPalOptions options, TimeProvider time)
    : EffectConsumer<AuthorizePayment, PaymentFacts, PaymentsDbContext>
{
    private string orderId = "";

    protected override TimeSpan CallLimit => PayPalRegistration.CallLimit(options, calls: 2);

    protected override string Key(AuthorizePayment command) => Effects.Authorize(command.PaymentId);

    protected override async Task<Noted<PaymentFacts>> NoteAsync(PaymentsDbContext db, AuthorizePayment command, CancellationToken cancellationToken)
    {
        switch (await db.TryLockPaymentAsync(command.PaymentId, cancellationToken))
        {
            case { State: >= PaymentState.UnderReview and not PaymentState.NotPossible }:
                return new Noted<PaymentFacts>.Known(new(Standing.Approved));   // recorded before: Tell says what
            case null or { IsClosed: true } or { State: PaymentState.NotPossible }:
                return new Noted<PaymentFacts>.Known(ClosedAnswer(command));
            case { OrderId: null }:
                return new Noted<PaymentFacts>.Known(PaymentFacts.Declined("payment.not_approved"));
            case var payment:
                orderId = payment.OrderId;
                return await base.NoteAsync(db, command, cancellationToken);
        }
    }

    protected override PaymentFacts ClosedAnswer(AuthorizePayment command) => PaymentFacts.Declined("payment.closed");

    protected override Task<PaymentFacts> CallAsync(AuthorizePayment command, EffectIntent intent, CancellationToken cancellationToken) =>
        payPal.AuthorizeAsync(command.PaymentId, orderId, intent.RequestId.ToString(), cancellationToken);

    protected override bool IsFinal(PaymentFacts answer) => answer.Standing is not (Standing.Unknown or Standing.UnderReview);

    protected override async Task RecordAsync(PaymentsDbContext db, AuthorizePayment command, PaymentFacts answer, CancellationToken cancellationToken)
    {
        if (answer.Standing == Standing.Unknown)
        {
            return;
        }

        var payment = await db.TryLockPaymentAsync(command.PaymentId, cancellationToken);
        if (payment is null || answer.Reason == "payment.closed")
        {
            db.Publish(new PaymentDeclined(command.BookingId, command.PaymentId, "payment.closed"));   // refused by us: nothing was learnt of PayPal
            return;
        }

        payment.Learn(db, answer, time.GetUtcNow());
        payment.Tell(db);
    }
}
