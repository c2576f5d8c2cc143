using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Operations;
using Aerona.Contracts.Payments;
using Aerona.Messaging;
using Aerona.Persistence;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Seats;

/// <summary>
/// Gives back what was paid for lost seats as soon as it has been taken: under the booking's lock, as a cancellation does, so that both together never give back more than
/// was paid, and through Payments, whose ledger has the last word.
/// </summary>
internal sealed class PayForLostSeatsConsumer(BookingsDbContext db, TimeProvider clock)
    : IConsumer<PayForLostSeats>, IConsumer<ServicingGranted>, IConsumer<PaymentRefunded>, IConsumer<RefundRefused>
{
    private const string CaseKind = "seat-refund";
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(30);

    /// <summary>Asks for the lock until it is had: a cancellation may have it, or the money may not be taken yet.</summary>
    public async Task Consume(ConsumeContext<PayForLostSeats> context)
    {
        if (await db.TryLockAsync<SeatRefund>(context.Message.RefundId, context.CancellationToken) is not { State: SeatRefundState.Owed } owed)
        {
            return;
        }

        var saga = await db.Sagas.AsNoTracking().SingleOrDefaultAsync(row => row.CorrelationId == owed.BookingId, context.CancellationToken);
        switch (BookingViews.StageOf(saga))
        {
            case BookingStage.Rejected or BookingStage.Expired or BookingStage.PaymentFailed or BookingStage.CancelledBeforePurchase:
                owed.State = SeatRefundState.NotOwed;
                return;
            case BookingStage.Cancelled or BookingStage.Completed:
                HandOver(owed, $"{owed.Amount} were paid for seats that other cabins took away, and the booking ended before they went back. See what is still owed.");
                return;
            case BookingStage.Confirmed:
                db.Publish(new ServicingRequested(owed.BookingId, owed.Id, saga!.Servicings.Count));
                break;
        }

        owed.Tries++;
        db.Schedule(context.Message, clock.GetUtcNow() + Pause(owed.Tries));
    }

    public async Task Consume(ConsumeContext<ServicingGranted> context)
    {
        var (granted, now) = (context.Message, clock.GetUtcNow());
        if (await db.TryLockAsync<SeatRefund>(granted.ServicingId, context.CancellationToken) is not { } owed)
        {
            return;   // a cancellation's lock
        }

        if (owed.IsSettled && owed.State != SeatRefundState.Made)
        {
            db.Publish(new ServicingReleased(owed.BookingId, owed.Id, CaseKind));
            return;
        }

        if (owed.State == SeatRefundState.Owed)
        {
            if (granted is not { PaymentId: { } paymentId, Remaining: { } remaining } || remaining.Currency != owed.Currency || remaining < owed.Amount)
            {
                db.Publish(new ServicingReleased(owed.BookingId, owed.Id, CaseKind));
                HandOver(owed, $"{owed.Amount} were paid for seats that other cabins took away, and so much is not left of what was taken at PayPal. Another way has to be found.");
                return;
            }

            owed.State = SeatRefundState.Asked;
            db.Publish(new RefundPayment(owed.BookingId, paymentId, owed.Id, owed.Amount, "seats-lost"));
            var saga = await db.Sagas.AsNoTracking().SingleAsync(row => row.CorrelationId == owed.BookingId, context.CancellationToken);
            db.Publish(new CreditNoteRequested(owed.BookingId, owed.Id, saga.Orders[^1].OrderId, [.. owed.Seats.Select(Line)], owed.Amount, now));
        }

        // Told again where the lock was given again: the booking takes it once.
        db.Publish(new ServicingEnded(owed.BookingId, owed.Id, [], owed.Amount, IsWhole: false, now));
    }

    public async Task Consume(ConsumeContext<PaymentRefunded> context)
    {
        if (await db.TryLockAsync<SeatRefund>(context.Message.RefundId, context.CancellationToken) is { } asked)
        {
            asked.State = SeatRefundState.Made;
        }
    }

    public async Task Consume(ConsumeContext<RefundRefused> context)
    {
        if (await db.TryLockAsync<SeatRefund>(context.Message.RefundId, context.CancellationToken) is { State: SeatRefundState.Asked } asked)
        {
            HandOver(asked, $"{asked.Amount} were paid for seats that other cabins took away, and PayPal does not give them back: {context.Message.Reason}. Another way has to be found.");
        }
    }

    private void HandOver(SeatRefund owed, string detail)
    {
        owed.State = SeatRefundState.WithStaff;
        db.Publish(new BookingCaseOpened(owed.BookingId, CaseKind, detail, clock.GetUtcNow()));
    }

    private static QuoteLine Line(MovedSeat seat) =>
        new(seat.PassengerId, seat.SegmentOrdinal, Contracts.PriceLineKind.Seat, "SEAT", seat.Paid, seat.Refund, RefundRule.Involuntary);

    private static TimeSpan Pause(int tries) => FirstPause * Math.Pow(2, Math.Min(tries - 1, 10)) is var pause && pause < LongestPause ? pause : LongestPause;
}
