using Aerona.Contracts;
using Aerona.Contracts.Tickets;
using Aerona.TestKit;
using Aerona.Tickets.Data;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Aerona.Tickets.Tests;

public sealed class IssueTicketsTests
{
    [Fact]
    public async Task Every_passenger_the_lap_infant_too_gets_a_ticket_with_an_open_coupon_for_each_segment()
    {
        await using var service = await TicketsService.StartAsync();
        var order = Orders.Of(Orders.Route("JFK", "LHR", "CDG"), Orders.Family().Passengers);

        await service.ConsumeAsync(order);

        var tickets = await TicketsOf(service);
        Assert.Equal(["0012400000017", "0012400000018", "0012400000019"], tickets.Select(ticket => ticket.Number));
        Assert.Equal(["NGUYEN/ALICE MARIE", "SMITH/JOHN", "NGUYEN/MIA"], tickets.Select(ticket => ticket.PassengerName));
        Assert.All(tickets, ticket => Assert.Equal(
            [(1, "JFK", "LHR", CouponStatus.Open), (2, "LHR", "CDG", CouponStatus.Open)],
            ticket.Coupons.OrderBy(coupon => coupon.Number).Select(coupon => (coupon.Number, coupon.Origin, coupon.Destination, coupon.Status))));
        Assert.Equal(order.TicketNumbers, Assert.Single(await service.Published<TicketsIssued>()).TicketNumbers);
    }

    [Fact]
    public async Task The_same_order_again_gets_the_same_answer_and_no_second_ticket()
    {
        await using var service = await TicketsService.StartAsync();
        var order = Orders.Family();

        await service.ConsumeAsync(order);
        await service.ConsumeAsync(order with { TicketNumbers = [] });

        var answers = await service.Published<TicketsIssued>();
        Assert.Equal(2, answers.Count);
        Assert.All(answers, answer => Assert.Equal(order.TicketNumbers, answer.TicketNumbers));
        Assert.Empty(await service.Published<TicketsPending>());
        Assert.Equal(3, (await TicketsOf(service)).Count);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("240000001")]
    [InlineData("001240000001X")]
    public async Task While_a_passenger_has_no_number_of_thirteen_digits_nothing_is_recorded_and_the_airline_is_to_be_asked_again(string? number)
    {
        await using var service = await TicketsService.StartAsync();
        var order = Orders.Family();
        var missing = order.TicketNumbers.Select(ticket => ticket.PassengerId == "p2" ? ticket with { Number = number! } : ticket).Where(ticket => ticket.Number is not null);

        await service.ConsumeAsync(order with { TicketNumbers = [.. missing] });

        Assert.Equal(order.OrderId, Assert.Single(await service.Published<TicketsPending>()).OrderId);
        Assert.Empty(await TicketsOf(service));

        await service.ConsumeAsync(order);

        Assert.Single(await service.Published<TicketsIssued>());
        Assert.Equal(3, (await TicketsOf(service)).Count);
    }

    [Fact]
    public async Task Eight_segments_take_two_documents_in_conjunction_of_four_coupons_each()
    {
        await using var service = await TicketsService.StartAsync();
        var order = Orders.Of(Orders.Route(Orders.LongRoute), [Orders.Someone("p1", PassengerType.Adult, "Mia", "Nguyen")]);

        await service.ConsumeAsync(order with { TicketNumbers = [order.TicketNumbers[0]] });
        Assert.Single(await service.Published<TicketsPending>());
        await service.ConsumeAsync(order);

        var tickets = await TicketsOf(service);
        Assert.Equal([("0012400000017", 4, 1), ("0012400000018", 4, 5)], tickets.Select(ticket => (ticket.Number, ticket.Coupons.Count, ticket.Coupons.Min(coupon => coupon.SegmentOrdinal))));
        Assert.All(tickets, ticket => Assert.Equal("0012400000017", ticket.PrimaryNumber));
    }

    [Fact]
    public async Task A_number_that_another_order_has_is_never_used_again()
    {
        await using var service = await TicketsService.StartAsync();
        var first = Orders.Family();
        await service.ConsumeAsync(first);

        var second = first with { OrderId = Guid.NewGuid(), BookingId = Guid.NewGuid() };

        await Record.ExceptionAsync(() => service.ConsumeAsync(second));

        Assert.Equal(1, await service.ComingAgainAsync());   // and in the end it is a dead letter
        Assert.Single(await service.Published<TicketsIssued>());
        Assert.All(await TicketsOf(service), ticket => Assert.Equal(first.OrderId, ticket.OrderId));
    }

    private static Task<List<Ticket>> TicketsOf(TestService service) => service.Query<TicketsDbContext, List<Ticket>>(
        db => db.Tickets.AsNoTracking().Include(ticket => ticket.Coupons).OrderBy(ticket => ticket.Number).ToListAsync());
}
