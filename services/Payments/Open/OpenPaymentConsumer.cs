using Aerona.Contracts.Payments;
using Aerona.Messaging;
using Aerona.Payments.Data;
using Aerona.Payments.PayPal;
using Aerona.Persistence;

namespace Aerona.Payments.Open;

/// <summary>Makes a PayPal order for the whole price, for the payer to approve.</summary>
internal sealed class OpenPaymentConsumer(PayPalClient payPal, PayPalOptions options, TimeProvider time)
    : EffectConsumer<OpenPayment, PaymentFacts, PaymentsDbContext>
{
    protected override TimeSpan CallLimit => PayPalRegistration.CallLimit(options, calls: 1);

    protected override string Key(OpenPayment command) => Effects.Open(command.PaymentId);

    protected override async Task<Noted<PaymentFacts>> NoteAsync(PaymentsDbContext db, OpenPayment command, CancellationToken cancellationToken)
    {
        var payment = await db.TryLockPaymentAsync(command.PaymentId, cancellationToken);
        if (payment is null)
        {
            db.Payments.Add(Payment.New(command, time.GetUtcNow()));
        }

        return payment is { IsClosed: true } ? new Noted<PaymentFacts>.Known(ClosedAnswer(command)) : await base.NoteAsync(db, command, cancellationToken);
    }

    protected override PaymentFacts ClosedAnswer(OpenPayment command) => PaymentFacts.Declined("payment.closed");

    protected override Task<PaymentFacts> CallAsync(OpenPayment command, EffectIntent intent, CancellationToken cancellationToken) =>
        payPal.OpenAsync(new(command.PaymentId, command.Price, command.Locator, command.Description), intent.RequestId.ToString(), cancellationToken);

    protected override bool IsFinal(PaymentFacts answer) => answer.Standing != Standing.Unknown;

    protected override async Task RecordAsync(PaymentsDbContext db, OpenPayment command, PaymentFacts answer, CancellationToken cancellationToken)
    {
        var payment = await db.LockPaymentAsync(command.PaymentId, cancellationToken);
        switch (answer.Standing)
        {
            case Standing.Opened:
                payment.Learn(db, answer, time.GetUtcNow());
                break;
            case Standing.Declined:
                payment.NotPossible(db, answer, time.GetUtcNow());
                break;
            default:
                return;   // not known: the saga asks again, with the same id
        }

        if (payment is { IsClosed: true, State: PaymentState.Opened })
        {
            db.Publish(new PaymentNotPossible(payment.BookingId, payment.Id, "payment.closed"));
            return;
        }

        payment.Tell(db);
    }
}
