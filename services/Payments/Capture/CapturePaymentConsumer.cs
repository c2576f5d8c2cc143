using Aerona.Contracts;
using Aerona.Contracts.Payments;
using Aerona.Messaging;
using Aerona.Payments.Data;
using Aerona.Payments.PayPal;
using Aerona.Persistence;

namespace Aerona.Payments.Capture;

/// <summary>
/// Takes what is reserved, or less: the rest is then given back by PayPal, for a payment is captured once. When PayPal's answer is lost nothing is said: the saga repeats the command, and PayPal knows the call by its id for longer than a day.
/// </summary>
internal sealed class CapturePaymentConsumer(PayPalClient payPal, PayPalOptions options, TimeProvider time)
    : EffectConsumer<CapturePayment, PaymentFacts, PaymentsDbContext>
{
    private (string OrderId, string AuthorizationId, Money Amount) reserved;
    private bool renewed;

    protected override TimeSpan CallLimit => PayPalRegistration.CallLimit(options, calls: 2);

    protected override string Key(CapturePayment command) => Effects.Capture(command.PaymentId, renewed);

    protected override async Task<Noted<PaymentFacts>> NoteAsync(PaymentsDbContext db, CapturePayment command, CancellationToken cancellationToken)
    {
        switch (await db.TryLockPaymentAsync(command.PaymentId, cancellationToken))
        {
            case { State: PaymentState.Captured or PaymentState.CapturePending or PaymentState.CaptureRefused }:
                return new Noted<PaymentFacts>.Known(new(Standing.Approved));   // recorded before: Tell says what
            case null or { IsClosed: true }:
                return new Noted<PaymentFacts>.Known(ClosedAnswer(command));
            case { State: not PaymentState.Authorized }:
                return new Noted<PaymentFacts>.Known(new(Standing.CaptureRefused, "payment.not_authorized"));
            case var payment when payment.Currency != command.Price.Currency || command.Price > payment.Authorized || PayPalMoney.From(command.Price) is null:
                return new Noted<PaymentFacts>.Known(new(Standing.CaptureRefused, "payment.amount_mismatch"));
            case var payment:
                var renewal = await db.FindIntentAsync(Effects.Reauthorize(payment.Id), cancellationToken);
                if (!payment.IsRenewed && renewal is { Answer: null, Closed: false } && renewal.LeaseUntil > time.GetUtcNow())
                {
                    return new Noted<PaymentFacts>.Later(renewal.LeaseUntil);   // taken as it is and as it is renewed to, the money would be taken twice
                }

                payment.AskFor(command.Price);
                reserved = (payment.OrderId!, payment.CapturableId!, payment.Capturing);
                renewed = payment.IsRenewed;
                return await base.NoteAsync(db, command, cancellationToken);
        }
    }

    protected override PaymentFacts ClosedAnswer(CapturePayment command) => new(Standing.CaptureRefused, "payment.closed");

    protected override Task<PaymentFacts> CallAsync(CapturePayment command, EffectIntent intent, CancellationToken cancellationToken) => payPal.CaptureAsync(
        command.PaymentId, reserved.OrderId, reserved.AuthorizationId, reserved.Amount, intent.RequestId.ToString(), cancellationToken);

    protected override bool IsFinal(PaymentFacts answer) => answer.Standing is Standing.Captured or Standing.CaptureRefused;

    protected override async Task RecordAsync(PaymentsDbContext db, CapturePayment command, PaymentFacts answer, CancellationToken cancellationToken)
    {
        if (answer.Standing == Standing.Unknown)
        {
            return;
        }

        var payment = await db.TryLockPaymentAsync(command.PaymentId, cancellationToken);
        if (payment is null || answer is { Standing: Standing.CaptureRefused, Reason: not "payment.capture_refused" })
        {
            db.Publish(new CaptureRefused(command.BookingId, command.PaymentId, answer.Reason ?? "payment.closed"));   // refused by us: PayPal was not asked
            return;
        }

        payment.Learn(db, answer, time.GetUtcNow());
        payment.Tell(db);
    }
}
