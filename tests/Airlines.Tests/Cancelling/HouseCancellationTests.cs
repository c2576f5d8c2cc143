using Aerona.Airlines.House;
using Aerona.Airlines.Offers;
using Aerona.Airlines.Orders;
using Aerona.Airlines.Seats;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Operations;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Tests.Cancelling;

/// <summary>Orders of the house airline given up, whole and in part, as the consumers do it.</summary>
public sealed class HouseCancellationTests
{
    private static readonly PublishedFlight Out = House.Flight(1), Back = House.Flight(2, origin: "LAX", destination: "JFK", day: House.Day.AddDays(7));

    [Fact]
    public async Task A_whole_order_within_the_void_window_comes_back_whole_with_its_seats_and_a_repeat_gets_the_same_answer()
    {
        await using var house = await House.OpenAsync();
        var order = await BoughtAsync(house, adults: 2, infants: 1);

        var quoted = await QuoteAsync(house, order);
        var cancel = new CancelQuotedOrder(order.BookingId, quoted.CancellationId, quoted.QuoteId, order.OrderId);
        await house.Service.ConsumeAsync(cancel);
        await house.Service.ConsumeAsync(cancel);

        Assert.Equal((order.Total, RefundRule.VoidWindow, true), (quoted.Refund!.Value, quoted.Rule, quoted.IsVoid));
        Assert.Equal(6, quoted.Coupons.Count);
        Assert.Equal("void.house", Assert.Single(quoted.Policies!).Id);
        var done = await house.Service.Published<QuotedOrderCancelled>();
        Assert.Equal(2, done.Count);
        Assert.All(done, one => Assert.Equal((order.Total, true, "refund.us.card"), (one.Refund!.Value, one.IsWhole, one.DueBy!.Id)));
        Assert.Equal(0, (await house.CountAsync(Out))!.Occupied);
        Assert.Equal(0, (await house.CountAsync(Back, cabin: null))!.Occupied);
        Assert.Equal(AirlineOrderState.Cancelled, (await house.QueryAsync(db => db.AirlineOrders.SingleAsync())).State);
        Assert.All(await house.QueryAsync(db => db.HouseTickets.ToListAsync()), ticket => Assert.NotNull(ticket.VoidedAt));
        await house.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_is_given_up_in_part_gives_back_just_those_seats_and_the_rest_can_be_given_up_later_and_no_more()
    {
        await using var house = await House.OpenAsync();
        var order = await BoughtAsync(house, adults: 2, infants: 1);

        var first = await QuoteAsync(house, order, [new("p2", 2)]);
        var part = await CancelAsync(house, order, first);

        Assert.False(part.IsWhole);
        Assert.False(first.IsVoid);
        Assert.Equal((2, 1), ((await house.CountAsync(Out))!.Occupied, (await house.CountAsync(Back))!.Occupied));
        await house.AssertBooksAgreeAsync();

        var rest = await QuoteAsync(house, order);
        var whole = await CancelAsync(house, order, rest);

        Assert.True(whole.IsWhole);
        Assert.Equal(5, rest.Coupons.Count);
        var snapshot = (await house.QueryAsync(db => db.Offers.SingleAsync())).Snapshot;
        var lost = snapshot.Lines.Where(line => line is { PassengerId: "p2", Refundable: false }).Select(line => line.Amount).Sum("USD");
        Assert.Equal(order.Total - lost, first.Refund!.Value + rest.Refund!.Value);   // everybody else's tickets are void as a whole
        Assert.Equal(0, (await house.CountAsync(Out))!.Occupied);
        await house.AssertBooksAgreeAsync();

        await house.Service.ConsumeAsync(Quote(order));
        Assert.Equal("cancellation.nothing_left", (await house.LastAsync<CancellationNotQuoted>()).Reason);
    }

    [Fact]
    public async Task Only_the_newest_quote_that_has_not_expired_can_be_taken_up_and_any_other_closes_the_cancellation()
    {
        await using var house = await House.OpenAsync();
        var order = await BoughtAsync(house);
        var old = await QuoteAsync(house, order);
        house.Service.Clock.Advance(TimeSpan.FromSeconds(1));
        var newest = await QuoteAsync(house, order, cancellationId: old.CancellationId);

        await house.Service.ConsumeAsync(Cancel(order, old));
        Assert.Equal("cancellation.quote_changed", (await house.LastAsync<CancellationRefused>()).Reason);
        await house.Service.ConsumeAsync(Cancel(order, newest));
        Assert.Equal("cancellation.quote_changed", (await house.LastAsync<CancellationRefused>()).Reason);

        var late = await QuoteAsync(house, order);
        house.Service.Clock.Advance(TimeSpan.FromMinutes(15));
        await house.Service.ConsumeAsync(Cancel(order, late));
        Assert.Equal("cancellation.quote_expired", (await house.LastAsync<CancellationRefused>()).Reason);

        Assert.Empty(await house.Service.Published<QuotedOrderCancelled>());
        Assert.Equal(1, (await house.CountAsync(Out))!.Occupied);
    }

    [Fact]
    public async Task A_quote_of_another_order_is_refused()
    {
        await using var house = await House.OpenAsync();
        var (one, other) = (await BoughtAsync(house), await BoughtAsync(house));
        var quoted = await QuoteAsync(house, one);

        await house.Service.ConsumeAsync(Cancel(other, quoted));

        Assert.Equal("cancellation.quote_changed", Assert.Single(await house.Service.Published<CancellationRefused>()).Reason);
        await house.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_look_up_of_what_was_never_asked_for_closes_it_so_that_it_is_refused_when_it_comes()
    {
        await using var house = await House.OpenAsync();
        var order = await BoughtAsync(house);
        var quoted = await QuoteAsync(house, order);

        await house.Service.ConsumeAsync(new LookUpCancellation(order.BookingId, quoted.CancellationId, 1));
        await house.Service.ConsumeAsync(Cancel(order, quoted));

        Assert.Equal(1, Assert.Single(await house.Service.Published<CancellationAbsent>()).LookUp);
        Assert.Single(await house.Service.Published<CancellationRefused>());
        Assert.Equal(1, (await house.CountAsync(Out))!.Occupied);
        await house.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_look_up_of_what_was_done_says_so_and_one_of_what_was_refused_says_that()
    {
        await using var house = await House.OpenAsync();
        var order = await BoughtAsync(house);
        var quoted = await QuoteAsync(house, order);
        var done = await CancelAsync(house, order, quoted);

        await house.Service.ConsumeAsync(new LookUpCancellation(order.BookingId, quoted.CancellationId, 1));

        var answers = await house.Service.Published<QuotedOrderCancelled>();
        Assert.Equal(2, answers.Count);
        Assert.Equal(
            (done.CancellationId, done.Refund, done.IsWhole, done.RefundDueOn), (answers[1].CancellationId, answers[1].Refund, answers[1].IsWhole, answers[1].RefundDueOn));
    }

    [Fact]
    public async Task An_order_that_does_not_exist_or_is_another_bookings_is_not_quoted()
    {
        await using var house = await House.OpenAsync();
        var order = await BoughtAsync(house);

        await house.Service.ConsumeAsync(Quote(order) with { OrderId = Guid.NewGuid() });
        await house.Service.ConsumeAsync(Quote(order) with { BookingId = Guid.NewGuid() });

        Assert.Equal(["order.not_found", "order.not_found"], (await house.Service.Published<CancellationNotQuoted>()).Select(answer => answer.Reason));
    }

    private sealed record Bought(Guid BookingId, Guid OrderId, Money Total, OfferView Offer);

    private static async Task<Bought> BoughtAsync(House house, int adults = 1, int infants = 0)
    {
        await house.PublishAsync(Out, Back);
        var offer = await house.OfferAsync(adults, infants, Out, Back);
        var hold = await house.PinnedAsync(offer);
        var commit = House.Commit(hold, offer);
        await house.Service.ConsumeAsync(commit);
        Assert.Equal(commit.OrderId, (await house.LastAsync<AirlineOrderConfirmed>()).OrderId);
        return new(hold.BookingId, commit.OrderId, offer.Total, offer);
    }

    private static QuoteCancellation Quote(Bought order, IReadOnlyList<CouponKey>? coupons = null, Guid? cancellationId = null) =>
        new(order.BookingId, cancellationId ?? Guid.NewGuid(), Guid.NewGuid(), order.OrderId, coupons, CancellationCause.Voluntary, default);

    private static async Task<CancellationQuoted> QuoteAsync(House house, Bought order, IReadOnlyList<CouponKey>? coupons = null, Guid? cancellationId = null)
    {
        var command = Quote(order, coupons, cancellationId) with { AskedAt = house.Service.Clock.GetUtcNow() };
        await house.Service.ConsumeAsync(command);
        var quoted = await house.LastAsync<CancellationQuoted>();
        Assert.Equal(command.QuoteId, quoted.QuoteId);
        return quoted;
    }

    private static CancelQuotedOrder Cancel(Bought order, CancellationQuoted quoted) => new(order.BookingId, quoted.CancellationId, quoted.QuoteId, order.OrderId);

    private static async Task<QuotedOrderCancelled> CancelAsync(House house, Bought order, CancellationQuoted quoted)
    {
        await house.Service.ConsumeAsync(Cancel(order, quoted));
        var done = await house.LastAsync<QuotedOrderCancelled>();
        Assert.Equal(quoted.CancellationId, done.CancellationId);
        return done;
    }
}
