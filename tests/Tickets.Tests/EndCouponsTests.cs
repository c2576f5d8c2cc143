using System.Net;
using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.TestKit;
using Aerona.Tickets.Data;
using Aerona.Tickets.VerifyTicket;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Aerona.Tickets.Tests;

public sealed class EndCouponsTests
{
    [Fact]
    public async Task A_void_order_has_every_coupon_void_and_says_so_once_and_again_and_on_the_page_behind_the_receipt()
    {
        await using var service = await TicketsService.StartAsync();
        var order = Orders.Of(Orders.Route("JFK", "LHR", "CDG"), Orders.Family().Passengers);
        await service.ConsumeAsync(order);
        var command = End(order, CouponEnd.Void, [.. All(order)]);

        await service.ConsumeAsync(command);
        await service.ConsumeAsync(command);

        Assert.All(await CouponsOf(service), coupon => Assert.Equal((CouponStatus.Void, command.CancellationId), (coupon.Status, coupon.EndedBy)));
        var answers = await service.Published<CouponsEnded>();
        Assert.Equal(2, answers.Count);
        Assert.All(answers, answer => Assert.Equal(All(order), answer.Ended));
        Assert.All(answers, answer => Assert.Empty(answer.NotEnded));
        var address = service.Services.GetRequiredService<Verification>().Address(
            await service.Query<TicketsDbContext, TicketedOrder>(db => db.Orders.SingleAsync()));
        var page = await service.Http.GetStringAsync(new Uri(address).PathAndQuery);
        Assert.Contains("not good for travel any more", page, StringComparison.Ordinal);
        Assert.Contains(">void<", page, StringComparison.Ordinal);
        var (status, view) = await service.GetAsync($"/v1/tickets/{order.TicketNumbers[0].Number}", order.Owner);
        Assert.Equal((HttpStatusCode.OK, "void"), (status, view.GetProperty("coupons")[0].GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Where_a_coupon_of_a_document_stays_the_others_are_refunded_instead_and_the_stayer_can_be_flown()
    {
        await using var service = await TicketsService.StartAsync();
        var order = Orders.Of(Orders.Route("JFK", "LHR", "CDG"), Orders.Family().Passengers);
        await service.ConsumeAsync(order);

        await service.ConsumeAsync(End(order, CouponEnd.Void, [new("p1", 2), new("p2", 1), new("p2", 2)]));

        var coupons = await CouponsOf(service);
        Assert.Equal(
            [CouponStatus.Open, CouponStatus.Refunded, CouponStatus.Void, CouponStatus.Void, CouponStatus.Open, CouponStatus.Open],
            coupons.Select(coupon => coupon.Status));
    }

    [Theory]
    [InlineData(CouponStatus.CheckedIn)]
    [InlineData(CouponStatus.Flown)]
    [InlineData(CouponStatus.Exchanged)]
    public async Task What_is_checked_in_flown_or_exchanged_does_not_end_and_is_named(object status)
    {
        await using var service = await TicketsService.StartAsync();
        var order = Orders.Of(Orders.Route("JFK", "LHR", "CDG"), Orders.Family().Passengers);
        await service.ConsumeAsync(order);
        await service.Query<TicketsDbContext, int>(async db =>
        {
            (await db.Set<Coupon>().SingleAsync(coupon => coupon.TicketNumber == order.TicketNumbers[0].Number && coupon.Number == 1)).Become((CouponStatus)status);
            return await db.SaveChangesAsync();
        });

        await service.ConsumeAsync(End(order, CouponEnd.Void, [.. All(order)]));

        var answer = Assert.Single(await service.Published<CouponsEnded>());
        Assert.Equal([new CouponKey("p1", 1)], answer.NotEnded);
        Assert.Equal(All(order).Except(answer.NotEnded), answer.Ended);
        Assert.Equal(
            [(CouponStatus)status, CouponStatus.Refunded, CouponStatus.Void, CouponStatus.Void, CouponStatus.Void, CouponStatus.Void],
            (await CouponsOf(service)).Select(coupon => coupon.Status));
    }

    [Fact]
    public async Task Another_cancellation_takes_what_is_left_and_no_credit_for_what_ended_before()
    {
        await using var service = await TicketsService.StartAsync();
        var order = Orders.Of(Orders.Route("JFK", "LHR", "CDG"), Orders.Family().Passengers);
        await service.ConsumeAsync(order);
        await service.ConsumeAsync(End(order, CouponEnd.Refunded, [new("p1", 2)]));

        await service.ConsumeAsync(End(order, CouponEnd.Refunded, [new("p1", 1), new("p1", 2)]));

        var answers = await service.Published<CouponsEnded>();
        Assert.Equal([new CouponKey("p1", 1)], answers[^1].Ended);
        Assert.Equal([new CouponKey("p1", 2)], answers[^1].NotEnded);
    }

    [Fact]
    public async Task Coupons_of_an_order_that_was_never_ticketed_are_all_named_as_not_ended()
    {
        await using var service = await TicketsService.StartAsync();
        var order = Orders.Family();

        await service.ConsumeAsync(End(order, CouponEnd.Void, [new("p1", 1)]));

        Assert.Equal([new CouponKey("p1", 1)], Assert.Single(await service.Published<CouponsEnded>()).NotEnded);
    }

    private static List<CouponKey> All(Contracts.Tickets.IssueTickets order) =>
        [.. from passenger in order.Passengers from segment in order.Offer.Segments select new CouponKey(passenger.Id, segment.Ordinal)];

    private static EndCoupons End(Contracts.Tickets.IssueTickets order, CouponEnd end, IReadOnlyList<CouponKey> coupons) =>
        new(order.BookingId, Guid.NewGuid(), order.OrderId, coupons, end);

    private static Task<List<Coupon>> CouponsOf(TestService service) => service.Query<TicketsDbContext, List<Coupon>>(
        db => db.Set<Coupon>().OrderBy(coupon => coupon.TicketNumber).ThenBy(coupon => coupon.SegmentOrdinal).ToListAsync());
}
