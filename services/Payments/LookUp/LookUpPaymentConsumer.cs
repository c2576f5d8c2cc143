using Aerona.Contracts.Payments;
using Aerona.Messaging;
using Aerona.Payments.Data;
using Aerona.Payments.PayPal;
using Aerona.Persistence;

namespace Aerona.Payments.LookUp;

/// <summary>
/// Finds out where a payment stands at PayPal and says it. A call on it whose answer was lost is repeated with its own id, which PayPal answers the same again;
/// one that may still be running is waited for. An authorisation that was never asked for is denied for good when the question says so.
/// </summary>
internal sealed class LookUpPaymentConsumer(PayPalClient payPal, PayPalOptions options, TimeProvider time)
    : EffectConsumer<LookUpPayment, PaymentFacts, PaymentsDbContext>
{
    private string orderId = "";
    private Guid? lostAuthorize;
    private (Guid RequestId, string AuthorizationId, Contracts.Money Amount)? lostRenewal;
    private (Guid RequestId, string AuthorizationId, Contracts.Money Amount)? lostCapture;
    private bool renewed;

    protected override TimeSpan CallLimit => PayPalRegistration.CallLimit(options, calls: 5);

    protected override string Key(LookUpPayment command) => Effects.LookUp(command.PaymentId);

    protected override async Task<Noted<PaymentFacts>> NoteAsync(PaymentsDbContext db, LookUpPayment command, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var payment = await db.TryLockPaymentAsync(command.PaymentId, cancellationToken);
        if (payment is null)
        {
            if (command.CloseIfAbsent)
            {
                await db.CloseIfAbsentAsync(Effects.Open(command.PaymentId), cancellationToken);
                return new Noted<PaymentFacts>.Known(PaymentFacts.Absent);
            }

            return new Noted<PaymentFacts>.Known(PaymentFacts.Unknown);
        }

        var authorize = command.CloseIfAbsent
            ? await db.CloseIfAbsentAsync(Effects.Authorize(payment.Id), cancellationToken)
            : await db.FindIntentAsync(Effects.Authorize(payment.Id), cancellationToken);
        if (command.CloseIfAbsent && authorize is null && payment.AuthorizationId is null)
        {
            payment.Close(now);
        }

        if (payment is { IsClosed: true, AuthorizationId: null, State: < PaymentState.UnderReview } && authorize is null or { Closed: true })
        {
            return new Noted<PaymentFacts>.Known(PaymentFacts.Absent);
        }

        if (payment is { OrderId: null, State: PaymentState.Opening })
        {
            return new Noted<PaymentFacts>.Known(PaymentFacts.Unknown);   // still being opened: there is nothing to be said, least of all that it is approved
        }

        if (payment.OrderId is null || payment.State is PaymentState.NotPossible or PaymentState.Declined or PaymentState.Voided or PaymentState.Captured)
        {
            return new Noted<PaymentFacts>.Known(new(Standing.Approved));   // nothing can have changed: Tell says it
        }

        renewed = payment.IsRenewed;
        var renewal = await db.FindIntentAsync(Effects.Reauthorize(payment.Id), cancellationToken);
        var capture = await db.FindIntentAsync(Effects.Capture(payment.Id, renewed), cancellationToken);
        if (new[] { authorize, renewal, capture }.Where(IsOpen).Select(intent => intent!.LeaseUntil).DefaultIfEmpty().Max() is var busyUntil && busyUntil > now)
        {
            return new Noted<PaymentFacts>.Later(busyUntil);
        }

        orderId = payment.OrderId;
        if (IsOpen(authorize) && payment is { IsClosed: false, AuthorizationId: null })
        {
            lostAuthorize = authorize!.RequestId;
            authorize.LeaseUntil = now + Lease;
        }

        if (payment is not { IsClosed: false, State: PaymentState.Authorized })
        {
            return await base.NoteAsync(db, command, cancellationToken);
        }

        if (IsOpen(renewal) && !renewed)
        {
            lostRenewal = (renewal!.RequestId, payment.AuthorizationId!, payment.Authorized);
            renewal.LeaseUntil = now + Lease;
        }
        else if (IsOpen(capture))
        {
            lostCapture = (capture!.RequestId, payment.CapturableId!, payment.Capturing);
            capture.LeaseUntil = now + Lease;
        }

        return await base.NoteAsync(db, command, cancellationToken);
    }

    protected override PaymentFacts ClosedAnswer(LookUpPayment command) => PaymentFacts.Absent;

    protected override async Task<PaymentFacts> CallAsync(LookUpPayment command, EffectIntent intent, CancellationToken cancellationToken)
    {
        var facts = await payPal.ShowAsync(command.PaymentId, orderId, cancellationToken);
        if (facts.Standing == Standing.Approved && lostAuthorize is { } authorize)
        {
            facts = await payPal.AuthorizeAsync(command.PaymentId, orderId, authorize.ToString(), cancellationToken);
        }

        if (facts is { Standing: Standing.Authorized, RenewedAuthorizationId: null } && lostRenewal is { } renewal)
        {
            return await payPal.ReauthorizeAsync(
                command.PaymentId, orderId, renewal.AuthorizationId, renewal.Amount, renewal.RequestId.ToString(), cancellationToken);
        }

        return facts.Standing == Standing.Authorized && lostCapture is { } capture
            ? await payPal.CaptureAsync(command.PaymentId, orderId, capture.AuthorizationId, capture.Amount, capture.RequestId.ToString(), cancellationToken)
            : facts;
    }

    /// <summary>Never: the next question asks again.</summary>
    protected override bool IsFinal(PaymentFacts answer) => false;

    protected override async Task RecordAsync(PaymentsDbContext db, LookUpPayment command, PaymentFacts answer, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await FreeAsync(db, lostAuthorize is null ? null : Effects.Authorize(command.PaymentId), now, cancellationToken);
        await FreeAsync(db, lostRenewal is null ? null : Effects.Reauthorize(command.PaymentId), now, cancellationToken);
        await FreeAsync(db, lostCapture is null ? null : Effects.Capture(command.PaymentId, renewed), now, cancellationToken);
        if (answer.Standing == Standing.Unknown)
        {
            return;
        }

        var payment = await db.TryLockPaymentAsync(command.PaymentId, cancellationToken);
        if (answer.Standing == Standing.Absent && payment is not { HoldsMoney: true })
        {
            payment?.Close(now);   // PayPal has forgotten the order: nobody can approve it any more
            db.Publish(new PaymentAbsent(command.BookingId, command.PaymentId, command.LookUp));
            return;
        }

        if (lostRenewal is null)
        {
            payment!.Learn(db, answer, now);
        }
        else
        {
            payment!.LearnOfRenewal(db, answer, now);
        }

        payment.Tell(db);
    }

    private static bool IsOpen(EffectIntent? intent) => intent is { Answer: null, Closed: false };

    private static async Task FreeAsync(PaymentsDbContext db, string? key, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (key is not null && await db.FindIntentAsync(key, cancellationToken) is { } intent)
        {
            intent.LeaseUntil = now;
        }
    }
}
