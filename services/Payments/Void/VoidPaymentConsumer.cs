using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Messaging;
using Aerona.Payments.Data;
using Aerona.Payments.PayPal;
using Aerona.Persistence;

namespace Aerona.Payments.Void;

/// <summary>
/// Closes a payment for good and gives back what it reserved. Says so only when no call on it is running and PayPal shows nothing reserved. Where PayPal
/// gives no usable answer it goes on by itself; where an authorisation was asked for and never answered it looks again for a day.
/// </summary>
internal sealed class VoidPaymentConsumer(PayPalClient payPal, PayPalOptions options, TimeProvider time, ILogger<VoidPaymentConsumer> log)
    : EffectConsumer<VoidPayment, PaymentFacts, PaymentsDbContext>
{
    /// <summary>After that long without an answer people are told, again and again.</summary>
    private static readonly TimeSpan Alarm = TimeSpan.FromHours(1);

    /// <summary>Looks after an authorisation that may still come: the pauses double to a quarter of an hour, so these are about a day.</summary>
    private const int MostLooks = 100;

    private string orderId = "";
    private string? authorizationId;
    private bool mayStillCome;

    protected override TimeSpan CallLimit => PayPalRegistration.CallLimit(options, calls: 3);

    protected override string Key(VoidPayment command) => Effects.Void(command.PaymentId);

    protected override async Task<Noted<PaymentFacts>> NoteAsync(PaymentsDbContext db, VoidPayment command, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var payment = await db.TryLockPaymentAsync(command.PaymentId, cancellationToken);
        payment?.Close(now);
        EffectIntent?[] calls =
        [
            await db.CloseIfAbsentAsync(Effects.Open(command.PaymentId), cancellationToken),
            await db.CloseIfAbsentAsync(Effects.Authorize(command.PaymentId), cancellationToken),
            await db.CloseIfAbsentAsync(Effects.Reauthorize(command.PaymentId), cancellationToken),
            await db.CloseIfAbsentAsync(Effects.Capture(command.PaymentId, renewed: false), cancellationToken),
            await db.CloseIfAbsentAsync(Effects.Capture(command.PaymentId, renewed: true), cancellationToken),
        ];
        var open = calls.Where(intent => intent is { Answer: null, Closed: false }).ToList();
        if (open.Where(intent => intent!.LeaseUntil > now).MaxBy(intent => intent!.LeaseUntil) is { } busy)
        {
            return new Noted<PaymentFacts>.Later(busy.LeaseUntil);
        }

        mayStillCome = open.Contains(calls[1]) && payment is { State: < PaymentState.UnderReview };
        if (payment is null or { OrderId: null } || (payment is { HoldsMoney: false } && !mayStillCome))
        {
            return new Noted<PaymentFacts>.Known(new(payment?.State switch
            {
                PaymentState.Voided => Standing.Voided,
                PaymentState.Captured => Standing.Captured,
                _ => Standing.Absent,
            }));
        }

        (orderId, authorizationId) = (payment.OrderId, payment.AuthorizationId);
        return await db.FindIntentAsync(Key(command), cancellationToken) switch
        {
            null => Fresh(db, Key(command), now),
            var intent when intent.LeaseUntil > now && intent.Answer is null => new Noted<PaymentFacts>.Later(intent.LeaseUntil),
            var intent => Again(intent, now),
        };
    }

    protected override PaymentFacts ClosedAnswer(VoidPayment command) => PaymentFacts.Absent;

    protected override async Task<PaymentFacts> CallAsync(VoidPayment command, EffectIntent intent, CancellationToken cancellationToken)
    {
        if (authorizationId is null)
        {
            var shown = await payPal.ShowAsync(command.PaymentId, orderId, cancellationToken);
            if (shown.Standing is not (Standing.Authorized or Standing.UnderReview or Standing.CaptureRefused))
            {
                return shown;
            }

            authorizationId = shown.AuthorizationId!;
        }

        return await payPal.VoidAsync(command.PaymentId, orderId, authorizationId, intent.RequestId.ToString(), cancellationToken);
    }

    protected override bool IsFinal(PaymentFacts answer) => answer.Standing is Standing.Voided or Standing.Captured;

    protected override async Task RecordAsync(PaymentsDbContext db, VoidPayment command, PaymentFacts answer, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await db.TryLockPaymentAsync(command.PaymentId, cancellationToken) is not { } payment)
        {
            db.Publish(new PaymentVoided(command.BookingId, command.PaymentId, null));
            return;
        }

        payment.Learn(db, answer, now);
        if (answer.Standing is Standing.CapturePending or Standing.CaptureRefused or Standing.Authorized or Standing.UnderReview)
        {
            await db.ForgetIntentAsync(Key(command), cancellationToken);
        }

        switch (answer.Standing)
        {
            case Standing.Captured:
                payment.Tell(db);   // too late for a void; the saga gives it back
                payment.ForgetVoidTries();
                return;
            case Standing.CapturePending:
                payment.Tell(db);   // it ends as taken, which is said, or as refused: then there is something to void
                db.Schedule(command, payment.NextVoidTry(now));
                return;
            case Standing.Voided:
                db.Publish(new PaymentVoided(payment.BookingId, payment.Id, payment.Voided));
                payment.ForgetVoidTries();
                return;
            case Standing.Unknown or Standing.UnderReview or Standing.Authorized or Standing.CaptureRefused:
                TryAgain(db, command, payment, now);
                return;
            default:
                db.Publish(new PaymentVoided(payment.BookingId, payment.Id, null));
                if (mayStillCome && payment.VoidTries < MostLooks)
                {
                    db.Schedule(command, payment.NextVoidTry(now));
                }

                return;
        }
    }

    private void TryAgain(PaymentsDbContext db, VoidPayment command, Payment payment, DateTimeOffset now)
    {
        db.Schedule(command, payment.NextVoidTry(now));
        if (now - payment.VoidingSince >= Alarm)
        {
            log.LogCritical(
                "The authorisation {AuthorizationId} of payment {PaymentId} could not be voided for {Span}: the payer's money is still reserved",
                payment.AuthorizationId, payment.Id, now - payment.VoidingSince);
            db.Publish(new BookingNoted(payment.BookingId, "payment.void_overdue", now, payment.AuthorizationId));
        }
    }

    private Noted<PaymentFacts> Fresh(PaymentsDbContext db, string key, DateTimeOffset now)
    {
        var intent = new EffectIntent { Key = key, RequestId = Guid.CreateVersion7(now), NotedAt = now, LeaseUntil = now + Lease };
        db.Add(intent);
        return new Noted<PaymentFacts>.Call(intent);
    }

    /// <summary>Asked before; yet something is reserved, or may be.</summary>
    private Noted<PaymentFacts> Again(EffectIntent intent, DateTimeOffset now)
    {
        intent.Answer = null;
        intent.LeaseUntil = now + Lease;
        return new Noted<PaymentFacts>.Recover(intent);
    }
}
