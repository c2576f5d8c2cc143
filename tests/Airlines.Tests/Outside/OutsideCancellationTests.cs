using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;

namespace Aerona.Airlines.Tests.Outside;

/// <summary>Cancelling at ZZ through the Duffel adapter: what Airlines says to the saga, and what stands in ZZ's own books.</summary>
public sealed class OutsideCancellationTests(ZzWorld zz) : IClassFixture<ZzWorld>
{
    [Fact]
    public async Task A_whole_order_is_quoted_as_a_sum_cancelled_once_and_comes_back_as_ZZ_says()
    {
        var (order, reference) = await BoughtAsync("EDI", "CDG");

        var quoted = await QuoteAsync(order);
        await zz.SendAsync(Cancel(quoted, order));
        await zz.SendAsync(Cancel(quoted, order));

        Assert.Equal(RefundRule.SupplierQuote, quoted.Rule);
        Assert.NotNull(quoted.Refund);
        Assert.All(quoted.Lines, line => Assert.Null(line.Back));
        Assert.Equal("supplier.quote", Assert.Single(quoted.Policies!).Id);
        var done = await zz.SaidAsync<QuotedOrderCancelled>(order.BookingId);
        Assert.Equal([(quoted.Refund, true), (quoted.Refund, true)], done.Select(one => (one.Refund, one.IsWhole)));
        Assert.Equal([quoted.Refund!.Value.ToAmountString()], await ConfirmedAsync(reference));
    }

    [Fact]
    public async Task Part_of_an_order_is_not_cancelled_where_the_supplier_takes_whole_ones_back_only()
    {
        var (order, reference) = await BoughtAsync("EDI", "CDG", PassengerType.Adult, PassengerType.Adult);

        await zz.SendAsync(Quote(order) with { Coupons = [new("p1", 1)] });

        Assert.Equal("cancellation.part_not_possible", Assert.Single(await zz.SaidAsync<CancellationNotQuoted>(order.BookingId)).Reason);
        Assert.Empty((await zz.BooksAsync(reference)).GetProperty("cancellations").EnumerateArray());
    }

    [Fact]
    public async Task A_quote_that_has_expired_when_it_is_given_cancels_nothing()
    {
        var (order, reference) = await BoughtAsync("LIS", "MAD");

        await zz.SendAsync(Cancel(await QuoteAsync(order), order));

        Assert.Equal("cancellation.quote_expired", Assert.Single(await zz.SaidAsync<CancellationRefused>(order.BookingId)).Reason);
        Assert.Empty(await ConfirmedAsync(reference));
    }

    [Fact]
    public async Task A_slow_quote_is_waited_for()
    {
        var (order, _) = await BoughtAsync("MAD", "LIS");
        var asking = zz.SendAsync(Quote(order));

        await ZzWorld.UntilAsync(
            () =>
            {
                zz.Sandbox.Clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(asking.IsCompleted);
            },
            "the quote comes");
        await asking;

        Assert.Single(await zz.SaidAsync<CancellationQuoted>(order.BookingId));
    }

    [Fact]
    public async Task A_cancellation_whose_answer_is_lost_is_found_by_asking_and_not_done_again()
    {
        var (order, reference) = await BoughtAsync("VIE", "ZRH");
        var quoted = await QuoteAsync(order);

        await zz.SendAsync(Cancel(quoted, order));
        Assert.Equal(0, Assert.Single(await zz.SaidAsync<CancellationPending>(order.BookingId)).LookUp);
        await zz.SendAsync(new LookUpCancellation(order.BookingId, quoted.CancellationId, 1));
        await zz.SendAsync(Cancel(quoted, order));

        Assert.Equal([quoted.Refund, quoted.Refund], (await zz.SaidAsync<QuotedOrderCancelled>(order.BookingId)).Select(done => done.Refund));
        Assert.Single(await ConfirmedAsync(reference));
    }

    [Fact]
    public async Task One_that_was_never_done_is_believed_to_be_absent_after_a_while_only_and_then_for_good()
    {
        var (order, reference) = await BoughtAsync("ZRH", "VIE");
        var quoted = await QuoteAsync(order);

        await zz.SendAsync(Cancel(quoted, order));
        await zz.SendAsync(new LookUpCancellation(order.BookingId, quoted.CancellationId, 1));
        Assert.Equal([0, 1], (await zz.SaidAsync<CancellationPending>(order.BookingId)).Select(pending => pending.LookUp));
        zz.Pass(TimeSpan.FromMinutes(3));
        await zz.SendAsync(new LookUpCancellation(order.BookingId, quoted.CancellationId, 2));
        await zz.SendAsync(Cancel(quoted, order));

        Assert.Equal(2, Assert.Single(await zz.SaidAsync<CancellationAbsent>(order.BookingId)).LookUp);
        Assert.Single(await zz.SaidAsync<CancellationRefused>(order.BookingId));
        Assert.Empty(await ConfirmedAsync(reference));
    }

    [Fact]
    public async Task A_refusal_is_told_and_the_order_stands()
    {
        var (order, reference) = await BoughtAsync("PRG", "VIE");

        await zz.SendAsync(Cancel(await QuoteAsync(order), order));

        Assert.Equal("cancellation.refused", Assert.Single(await zz.SaidAsync<CancellationRefused>(order.BookingId)).Reason);
        Assert.Equal(JsonValueKind.Null, (await zz.BooksAsync(reference)).GetProperty("cancelledAt").ValueKind);
    }

    [Fact]
    public async Task What_comes_back_is_what_ZZ_gives_and_not_what_it_quoted_and_the_timeline_says_so()
    {
        var (order, reference) = await BoughtAsync("ARN", "OSL");
        var quoted = await QuoteAsync(order);

        await zz.SendAsync(Cancel(quoted, order));

        var done = Assert.Single(await zz.SaidAsync<QuotedOrderCancelled>(order.BookingId));
        Assert.Equal(Money.Round(quoted.Refund!.Value.Amount * 0.9m, quoted.Refund.Value.Currency), done.Refund);
        Assert.Equal([done.Refund!.Value.ToAmountString()], await ConfirmedAsync(reference));
        Assert.Single(await zz.SaidAsync<BookingNoted>(order.BookingId), noted => noted.Kind == "airline.refund_differs");
    }

    [Fact]
    public async Task What_ZZ_does_not_say_stays_unknown_before_and_after()
    {
        var (order, reference) = await BoughtAsync("OSL", "ARN");
        var quoted = await QuoteAsync(order);

        await zz.SendAsync(Cancel(quoted, order));

        Assert.Equal((null, RefundRule.Unknown), (quoted.Refund, quoted.Rule));
        Assert.Null(Assert.Single(await zz.SaidAsync<QuotedOrderCancelled>(order.BookingId)).Refund);
        Assert.Equal([""], await ConfirmedAsync(reference));
    }

    private async Task<(CommitAirlineOrder Order, string Reference)> BoughtAsync(string origin, string destination, params PassengerType[] party) =>
        await zz.BoughtAsync(await zz.OfferAsync(origin, destination, party));

    private QuoteCancellation Quote(CommitAirlineOrder order) =>
        new(order.BookingId, Guid.NewGuid(), Guid.NewGuid(), order.OrderId, null, CancellationCause.Voluntary, zz.Airlines.Clock.GetUtcNow());

    private async Task<CancellationQuoted> QuoteAsync(CommitAirlineOrder order)
    {
        await zz.SendAsync(Quote(order));
        return Assert.Single(await zz.SaidAsync<CancellationQuoted>(order.BookingId));
    }

    private static CancelQuotedOrder Cancel(CancellationQuoted quoted, CommitAirlineOrder order) => new(order.BookingId, quoted.CancellationId, quoted.QuoteId, order.OrderId);

    /// <summary>What ZZ's books say was given back, once a confirmed cancellation.</summary>
    private async Task<IEnumerable<string?>> ConfirmedAsync(string reference) =>
        (await zz.BooksAsync(reference)).GetProperty("cancellations").EnumerateArray()
            .Where(quote => quote.GetProperty("confirmedAt").ValueKind == JsonValueKind.String).Select(quote => quote.GetProperty("refundAmount").GetString());
}
