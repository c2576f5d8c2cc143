using Aerona.Bookings.Data;
using Aerona.Bookings.Seats;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Operations;
using Aerona.Contracts.Payments;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Tests.Seats;

public sealed class SeatRefundTests
{
    private static readonly Money Seat = new(4500, "EUR");

    [Fact]
    public async Task What_was_paid_for_lost_seats_goes_back_once_under_the_bookings_lock_and_the_traveller_is_told()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await ConfirmedAsync(desk);
        var lost = new SeatsMoved(id, "VN55-20270201", [Move(id, "p1", "12A", null, Seat), Move(id, "p2", "12B", "30C", Seat)], desk.Now);
        await desk.Service.ConsumeAsync(lost);
        await desk.Service.ConsumeAsync(lost with { At = desk.Now.AddMinutes(1) });   // other cabins again: the same seats, the same money

        var refund = await PaidAsync(desk, id);
        await desk.Service.ConsumeAsync(new PaymentRefunded(id, refund.PaymentId, refund.RefundId, refund.Amount));

        Assert.Equal((new Money(9000, "EUR"), (await desk.SagaAsync(id)).Payments[^1].PaymentId), (refund.Amount, refund.PaymentId));
        var saga = await desk.SagaAsync(id);
        Assert.Equal((null, new Money(9000, "EUR")), (saga.ServicedBy, Assert.Single(saga.Servicings).RefundDue));
        Assert.Equal("90.00", (await desk.ViewAsync(id, token)).GetProperty("money").GetProperty("refunded").GetProperty("amount").GetString());
        Assert.Equal(new Money(9000, "EUR"), Assert.Single(await desk.Service.Published<CreditNoteRequested>()).Amount);
        Assert.Equal([new Money(9000, "EUR"), null], (await desk.Service.Published<SeatNews>()).Select(news => news.Refund));
        Assert.Equal(SeatRefundState.Made, (await OwedAsync(desk)).State);
    }

    [Fact]
    public async Task Nothing_goes_back_before_the_money_is_taken_nor_while_a_cancellation_has_the_booking()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        await desk.Service.ConsumeAsync(new SeatsMoved(id, "VN55-20270201", [Move(id, "p1", "12A", null, Seat)], desk.Now));
        var wish = Assert.Single(await desk.Service.Published<PayForLostSeats>());
        await desk.Service.ConsumeAsync(wish);
        Assert.Empty(await desk.Service.Published<ServicingRequested>());

        await desk.UntilCommitAsync(id);
        await desk.UntilConfirmedAsync(id);
        var cancellation = Guid.NewGuid();
        await desk.Service.ConsumeAsync(new ServicingRequested(id, cancellation, 0));
        await desk.Service.ConsumeAsync(wish);
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<ServicingRequested>()));
        Assert.Equal("booking.being_serviced", Assert.Single(await desk.Service.Published<ServicingDenied>()).Reason);
        Assert.Empty(await desk.Service.Published<RefundPayment>());

        await desk.Service.ConsumeAsync(new ServicingReleased(id, cancellation, "cancellation.refused"));
        await desk.Service.ConsumeAsync(wish);
        Assert.Equal(Seat, (await PaidAsync(desk, id)).Amount);
    }

    [Fact]
    public async Task What_is_not_left_of_what_was_taken_and_what_PayPal_refuses_is_for_people()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await ConfirmedAsync(desk);
        await desk.Service.ConsumeAsync(new ServicingEnded(id, Guid.NewGuid(), [], BookingDesk.Price - Seat, false, desk.Now));   // most of it went back before
        await desk.Service.ConsumeAsync(new SeatsMoved(id, "VN55-20270201", [Move(id, "p1", "12A", null, Seat)], desk.Now));
        var refund = await PaidAsync(desk, id);
        await desk.Service.ConsumeAsync(new RefundRefused(id, refund.PaymentId, refund.RefundId, "refund.refused"));

        await desk.Service.ConsumeAsync(new SeatsMoved(id, "VN55-20270201", [Move(id, "p2", "12B", null, Seat)], desk.Now.AddMinutes(1)));
        var second = (await desk.Service.Published<PayForLostSeats>())[^1];
        await desk.Service.ConsumeAsync(second);
        await desk.Service.ConsumeAsync((await desk.Service.Published<ServicingRequested>())[^1]);
        await desk.Service.ConsumeAsync((await desk.Service.Published<ServicingGranted>())[^1]);
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<ServicingReleased>()));

        Assert.Single(await desk.Service.Published<RefundPayment>());
        Assert.Equal(["seat-refund", "seat-refund"], (await desk.Service.Published<BookingCaseOpened>()).Select(opened => opened.Kind));
        Assert.Null((await desk.SagaAsync(id)).ServicedBy);
        Assert.All(await desk.Service.Query<BookingsDbContext, List<SeatRefund>>(db => db.SeatRefunds.ToListAsync()), owed => Assert.Equal(SeatRefundState.WithStaff, owed.State));
    }

    [Fact]
    public async Task A_booking_that_nobody_paid_for_is_owed_nothing()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();
        await desk.Service.ConsumeAsync(new SeatsMoved(id, "VN55-20270201", [Move(id, "p1", "12A", null, Seat)], desk.Now));
        await desk.Service.ConsumeAsync(new OfferGone(id, desk.Offers.Default.OfferId, "offer.gone"));
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<PayForLostSeats>()));

        Assert.Equal(SeatRefundState.NotOwed, (await OwedAsync(desk)).State);
        Assert.Empty(await desk.Service.Published<RefundPayment>());
    }

    private static MovedSeat Move(Guid id, string passengerId, string from, string? to, Money? refund) =>
        new(id, passengerId, 1, Cabin.Economy, from, to, [SeatCharacteristic.ExitRow], Seat, refund);

    private static async Task<(Guid Id, string Token)> ConfirmedAsync(BookingDesk desk)
    {
        var (id, token) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        await desk.UntilCommitAsync(id);
        await desk.UntilConfirmedAsync(id);
        return (id, token);
    }

    /// <summary>Delivers what the service tells itself and its saga, until a refund is asked for; each message twice, as a bus may.</summary>
    private static async Task<RefundPayment> PaidAsync(BookingDesk desk, Guid id)
    {
        var wish = (await desk.Service.Published<PayForLostSeats>()).First(wish => wish.BookingId == id);   // and again, to look later
        await desk.Service.ConsumeAsync(wish);
        await desk.Service.ConsumeAsync((await desk.Service.Published<ServicingRequested>())[^1]);
        var granted = (await desk.Service.Published<ServicingGranted>())[^1];
        await desk.Service.ConsumeAsync(granted);
        await desk.Service.ConsumeAsync(granted);
        await desk.Service.ConsumeAsync(wish);
        foreach (var ended in await desk.Service.Published<ServicingEnded>())
        {
            await desk.Service.ConsumeAsync(ended);
        }

        return Assert.Single(await desk.Service.Published<RefundPayment>());
    }

    private static Task<SeatRefund> OwedAsync(BookingDesk desk) => desk.Service.Query<BookingsDbContext, SeatRefund>(db => db.SeatRefunds.SingleAsync());
}
