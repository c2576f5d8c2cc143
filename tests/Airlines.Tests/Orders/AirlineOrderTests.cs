using Aerona.Airlines.House;
using Aerona.Airlines.Offers;
using Aerona.Airlines.Seats;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Operations;
using Aerona.Messaging;
using Aerona.Suppliers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Aerona.Airlines.Tests.Orders;

public sealed class AirlineOrderTests
{
    private static readonly Guid BookingId = Guid.NewGuid();

    /// <summary>The house airline behind a bad line.</summary>
    private sealed class BadLine(ISupplier house) : ISupplier
    {
        /// <summary>Before the order is bought; may throw to play a process that dies.</summary>
        public Func<Task<SupplierAnswer?>> Before { get; set; } = () => Task.FromResult<SupplierAnswer?>(null);

        /// <summary>After it; gives what arrives.</summary>
        public Func<SupplierAnswer, SupplierAnswer> After { get; set; } = answer => answer;

        public Func<SupplierAnswer, SupplierAnswer> OnLookUp { get; set; } = answer => answer;

        public Func<SupplierAnswer, SupplierAnswer> OnCancel { get; set; } = answer => answer;

        public int Commits { get; private set; }

        public string Name => house.Name;

        public async Task<SupplierAnswer> CommitAsync(SupplierOrder order, CancellationToken cancellationToken)
        {
            Commits++;
            return await Before() ?? After(await house.CommitAsync(order, cancellationToken));
        }

        public async Task<SupplierAnswer> LookUpAsync(Guid orderId, CancellationToken cancellationToken) => OnLookUp(await house.LookUpAsync(orderId, cancellationToken));

        public async Task<SupplierAnswer> CancelAsync(Guid orderId, CancellationToken cancellationToken) => OnCancel(await house.CancelAsync(orderId, cancellationToken));

        public Task<CancelQuoteAnswer> QuoteCancellationAsync(CancelWish wish, CancellationToken cancellationToken) => house.QuoteCancellationAsync(wish, cancellationToken);

        public Task<CancelAnswer> CancelQuotedAsync(QuotedCancel cancel, CancellationToken cancellationToken) => house.CancelQuotedAsync(cancel, cancellationToken);

        public Task<CancelAnswer> LookUpCancellationAsync(QuotedCancel cancel, CancellationToken cancellationToken) => house.LookUpCancellationAsync(cancel, cancellationToken);
    }

    private static readonly SupplierAnswer Unknown = new(SupplierAnswerKind.Unknown);

    private static Task<House> OpenAsync() => House.OpenAsync(fakes: services =>
    {
        services.RemoveAll<ISupplier>();
        services.AddSingleton<HouseSupplier>();
        services.AddSingleton<BadLine>(provider => new(provider.GetRequiredService<HouseSupplier>()));
        services.AddSingleton<ISupplier>(provider => provider.GetRequiredService<BadLine>());
    });

    private static async Task<(PublishedFlight Flight, OfferView Offer, Hold Hold)> PinnedAsync(House house, int adults = 1, int infants = 0)
    {
        var flight = House.Flight(1, seats: 5);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(adults, infants, flight);
        return (flight, offer, await house.PinnedAsync(offer));
    }

    private static BadLine Line(House house) => house.Service.Services.GetRequiredService<BadLine>();

    [Fact]
    public async Task A_purchase_sells_the_pinned_seats_and_gives_every_passenger_a_ticket_infants_too()
    {
        await using var house = await OpenAsync();
        var (flight, offer, hold) = await PinnedAsync(house, adults: 2, infants: 1);
        var command = House.Commit(hold, offer);

        await house.Service.ConsumeAsync(command);

        var confirmed = await house.LastAsync<AirlineOrderConfirmed>();
        var now = house.Service.Clock.GetUtcNow();
        Assert.Equal((command.BookingId, command.OrderId), (confirmed.BookingId, confirmed.OrderId));
        Assert.Equal(["p1", "p2", "p3"], confirmed.TicketNumbers!.Select(ticket => ticket.PassengerId));
        Assert.Equal(3, confirmed.TicketNumbers!.Select(ticket => ticket.Number).Distinct().Count());
        Assert.All(confirmed.TicketNumbers!, ticket => Assert.Matches("^001[0-9]{10}$", ticket.Number));
        Assert.Equal(["house", "AA"], confirmed.Locators.Select(locator => locator.System));
        Assert.All(confirmed.Locators, locator => Assert.NotNull(RecordLocator.Parse(locator.Code)));
        Assert.Equal((now.AddDays(1), now.AddDays(1)), (confirmed.TicketingLimitAt, confirmed.VoidableUntil!.Value));
        Assert.Equal(HoldState.Sold, (await house.HoldAsync(hold.HoldId)).State);
        Assert.Equal(3, (await house.CountAsync(flight))!.Left);
        Assert.Single(await house.Service.Published<BookingNoted>(), note => note.Kind == "airline.committed" && note.Reference == confirmed.Locators[0].Code);
        await house.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_purchase_asked_for_again_is_answered_again_and_made_once()
    {
        await using var house = await OpenAsync();
        var (_, offer, hold) = await PinnedAsync(house);
        var command = House.Commit(hold, offer);

        await house.Service.ConsumeAsync(command);
        await house.Service.ConsumeAsync(command);

        var answers = await house.Service.Published<AirlineOrderConfirmed>();
        Assert.Equal(2, answers.Count);
        Assert.Equal(answers[0].TicketNumbers, answers[1].TicketNumbers);
        Assert.Equal(answers[0].Locators, answers[1].Locators);
        Assert.Equal((1, 1), (Line(house).Commits, await house.QueryAsync(db => db.HouseTickets.CountAsync())));
        Assert.Single(await house.Service.Published<BookingNoted>(), note => note.Kind == "airline.committed");
    }

    [Theory]
    [InlineData("held")]
    [InlineData("wrong token")]
    [InlineData("released")]
    [InlineData("sold to another order")]
    [InlineData("another booking's")]
    [InlineData("fewer seats than the offer")]
    [InlineData("another flight than the offer")]
    public async Task Only_seats_pinned_under_the_shown_token_are_sold(string situation)
    {
        await using var house = await OpenAsync();
        var (flight, offer, pinned) = await PinnedAsync(house);
        var hold = situation == "held" ? await house.HoldAsync(offer) : pinned;
        var command = House.Commit(hold, offer);
        switch (situation)
        {
            case "wrong token":
                command = command with { Token = hold.Token + 1 };
                break;
            case "released":
                await house.Service.ConsumeAsync(new ReleaseSeats(hold.BookingId, hold.HoldId, hold.Token));
                break;
            case "sold to another order":
                await house.Service.ConsumeAsync(House.Commit(hold, offer));
                break;
            case "another booking's":
                command = command with { BookingId = Guid.NewGuid() };
                break;
            case "fewer seats than the offer":
                command = command with { OfferId = (await house.OfferAsync(2, 0, flight)).Id };
                break;
            case "another flight than the offer":
                await house.PublishAsync(House.Flight(2));
                command = command with { OfferId = (await house.OfferAsync(House.Flight(2))).Id };
                break;
        }

        var before = (await house.HoldAsync(hold.HoldId)).State;

        await house.Service.ConsumeAsync(command);

        Assert.Equal(new AirlineOrderRefused(command.BookingId, command.OrderId, "order.hold_lost"), await house.LastAsync<AirlineOrderRefused>());
        Assert.Equal(before, (await house.HoldAsync(hold.HoldId)).State);
        Assert.Single(await house.Service.Published<BookingNoted>(), note => note.Kind == "airline.refused");
        await house.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_refused_purchase_leaves_the_hold_pinned_until_it_is_released()
    {
        await using var house = await OpenAsync();
        var (flight, offer, hold) = await PinnedAsync(house);
        Line(house).Before = () => Task.FromResult<SupplierAnswer?>(new(SupplierAnswerKind.Refused, "order.sold_out"));
        var command = House.Commit(hold, offer);

        await house.Service.ConsumeAsync(command);
        var pinned = await house.HoldAsync(hold.HoldId);
        await house.Service.ConsumeAsync(new LookUpAirlineOrder(command.BookingId, command.OrderId, 1));
        await house.Service.ConsumeAsync(new ReleaseSeats(hold.BookingId, hold.HoldId, hold.Token));

        Assert.Equal(HoldState.Pinned, pinned.State);
        Assert.Equal(["order.sold_out"], (await house.Service.Published<AirlineOrderRefused>()).Select(refused => refused.Reason).Distinct());
        Assert.Equal(0, (await house.CountAsync(flight))!.Occupied);
    }

    [Fact]
    public async Task An_answer_that_got_lost_is_pending_and_the_look_up_brings_the_numbers()
    {
        await using var house = await OpenAsync();
        var (_, offer, hold) = await PinnedAsync(house);
        Line(house).After = _ => Unknown;
        var command = House.Commit(hold, offer);

        await house.Service.ConsumeAsync(command);
        await house.Service.ConsumeAsync(new LookUpAirlineOrder(command.BookingId, command.OrderId, 1));

        Assert.Equal([new AirlineOrderPending(command.BookingId, command.OrderId, 0)], await house.Service.Published<AirlineOrderPending>());
        var confirmed = Assert.Single(await house.Service.Published<AirlineOrderConfirmed>());
        var ticket = await house.QueryAsync(db => db.HouseTickets.SingleAsync());
        Assert.Equal([new TicketNumber("p1", ticket.Number)], confirmed.TicketNumbers);
        Assert.Equal(
            ["airline.unknown", "airline.committed"],
            (await house.Service.Published<BookingNoted>()).Where(note => note.Kind.StartsWith("airline", StringComparison.Ordinal)).Select(note => note.Kind));
        Assert.Equal(HoldState.Sold, (await house.HoldAsync(hold.HoldId)).State);
    }

    [Fact]
    public async Task An_order_the_airline_never_got_is_absent_and_cannot_come_any_more()
    {
        await using var house = await OpenAsync();
        var (_, offer, hold) = await PinnedAsync(house);
        var line = Line(house);
        line.Before = () => Task.FromResult<SupplierAnswer?>(Unknown);
        var command = House.Commit(hold, offer);
        await house.Service.ConsumeAsync(command);

        await house.Service.ConsumeAsync(new LookUpAirlineOrder(command.BookingId, command.OrderId, 1));
        line.Before = () => Task.FromResult<SupplierAnswer?>(null);
        await house.Service.ConsumeAsync(command);

        Assert.Equal([new AirlineOrderAbsent(command.BookingId, command.OrderId, 1)], await house.Service.Published<AirlineOrderAbsent>());
        Assert.Equal("order.refused", (await house.LastAsync<AirlineOrderRefused>()).Reason);
        Assert.Equal(HoldState.Pinned, (await house.HoldAsync(hold.HoldId)).State);
        Assert.Equal(0, await house.QueryAsync(db => db.HouseTickets.CountAsync()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Ticket_numbers_that_come_later_are_asked_for_until_they_are_there_under_whatever_number_the_question_has(int question)
    {
        await using var house = await OpenAsync();
        var (_, offer, hold) = await PinnedAsync(house);
        var line = Line(house);
        line.After = line.OnLookUp = answer => answer with { TicketNumbers = null };
        var command = House.Commit(hold, offer);
        await house.Service.ConsumeAsync(command);

        await house.Service.ConsumeAsync(new LookUpAirlineOrder(command.BookingId, command.OrderId, 1));
        line.OnLookUp = answer => answer;
        await house.Service.ConsumeAsync(new LookUpAirlineOrder(command.BookingId, command.OrderId, question));

        var answers = await house.Service.Published<AirlineOrderConfirmed>();
        Assert.Equal([true, true, false], answers.Select(answer => answer.TicketNumbers is null));
        Assert.Equal(await house.QueryAsync(db => db.HouseTickets.Select(ticket => ticket.Number).SingleAsync()), Assert.Single(answers[2].TicketNumbers!).Number);
        Assert.Single(await house.Service.Published<BookingNoted>(), note => note.Kind == "airline.committed");
        Assert.Equal(1, line.Commits);
    }

    [Fact]
    public async Task An_order_that_was_denied_and_is_confirmed_later_is_told_and_cancelled_for_good()
    {
        await using var house = await OpenAsync();
        var (flight, offer, hold) = await PinnedAsync(house);
        var line = Line(house);
        line.After = _ => Unknown;
        line.OnLookUp = _ => new(SupplierAnswerKind.Absent);
        var command = House.Commit(hold, offer);
        await house.Service.ConsumeAsync(command);
        await house.Service.ConsumeAsync(new LookUpAirlineOrder(command.BookingId, command.OrderId, 1));
        await house.Service.ConsumeAsync(new ReleaseSeats(hold.BookingId, hold.HoldId, hold.Token));
        var truth = await house.Service.Services.GetRequiredService<HouseSupplier>().LookUpAsync(command.OrderId, CancellationToken.None);

        var known = await house.Service.Services.GetRequiredService<ISupplierNews>().TakeAsync(command.OrderId, truth, CancellationToken.None);
        var confirmed = await house.LastAsync<AirlineOrderConfirmed>();
        var sold = (await house.HoldAsync(hold.HoldId)).State;
        await house.Service.ConsumeAsync(new CancelAirlineOrder(command.BookingId, command.OrderId));

        Assert.True(known);
        Assert.Equal([new AirlineOrderAbsent(command.BookingId, command.OrderId, 1)], await house.Service.Published<AirlineOrderAbsent>());
        Assert.Equal((command.OrderId, HoldState.Sold), (confirmed.OrderId, sold));
        Assert.Equal(new AirlineOrderCancelled(command.BookingId, command.OrderId), await house.LastAsync<AirlineOrderCancelled>());
        Assert.Equal((HoldState.Released, 0), ((await house.HoldAsync(hold.HoldId)).State, (await house.CountAsync(flight))!.Occupied));
        Assert.Equal(
            ["airline.unknown", "airline.absent", "airline.committed", "airline.cancelled"],
            (await house.Service.Published<BookingNoted>()).Where(note => note.Kind.StartsWith("airline", StringComparison.Ordinal)).Select(note => note.Kind));
        await house.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task News_refuse_a_pending_order_and_say_nothing_of_a_cancelled_one_or_of_one_that_is_not_ours()
    {
        await using var house = await OpenAsync();
        var (_, offer, hold) = await PinnedAsync(house);
        Line(house).Before = () => Task.FromResult<SupplierAnswer?>(Unknown);
        var command = House.Commit(hold, offer);
        await house.Service.ConsumeAsync(command);
        var news = house.Service.Services.GetRequiredService<ISupplierNews>();
        var refusal = new SupplierAnswer(SupplierAnswerKind.Refused, "order.sold_out");

        await news.TakeAsync(command.OrderId, refusal, CancellationToken.None);
        await house.Service.ConsumeAsync(new CancelAirlineOrder(command.BookingId, command.OrderId));
        await news.TakeAsync(command.OrderId, refusal, CancellationToken.None);
        var known = await news.TakeAsync(Guid.NewGuid(), refusal, CancellationToken.None);

        Assert.False(known);
        Assert.Equal([new AirlineOrderRefused(command.BookingId, command.OrderId, "order.sold_out")], await house.Service.Published<AirlineOrderRefused>());
    }

    [Theory]
    [InlineData("look-up")]
    [InlineData("cancellation")]
    public async Task The_house_sells_nothing_under_a_reference_that_it_denied_or_cancelled(string first)
    {
        await using var house = await OpenAsync();
        var (_, offer, hold) = await PinnedAsync(house);
        var supplier = house.Service.Services.GetRequiredService<HouseSupplier>();
        var snapshot = (await house.QueryAsync(db => db.Offers.SingleAsync())).Snapshot;
        var order = new SupplierOrder(
            Guid.NewGuid(), hold.BookingId, hold.HoldId, hold.Token, snapshot, "BCDFGH", House.People(offer), new("jo@example.org", null, "en"));

        var denied = first == "look-up"
            ? await supplier.LookUpAsync(order.OrderId, CancellationToken.None)
            : await supplier.CancelAsync(order.OrderId, CancellationToken.None);
        var late = await supplier.CommitAsync(order, CancellationToken.None);

        Assert.Equal(first == "look-up" ? SupplierAnswerKind.Absent : SupplierAnswerKind.Cancelled, denied.Kind);
        Assert.Equal((SupplierAnswerKind.Refused, "order.refused"), (late.Kind, late.Reason));
        Assert.Equal(HoldState.Pinned, (await house.HoldAsync(hold.HoldId)).State);
        Assert.Equal(0, await house.QueryAsync(db => db.HouseTickets.CountAsync()));
    }

    [Fact]
    public async Task A_look_up_or_a_cancellation_of_an_order_never_begun_closes_it()
    {
        await using var house = await OpenAsync();
        var (_, offer, hold) = await PinnedAsync(house);
        var (lookedUp, cancelled) = (House.Commit(hold, offer), House.Commit(hold, offer));

        await house.Service.ConsumeAsync(new LookUpAirlineOrder(BookingId, lookedUp.OrderId, 4));
        await house.Service.ConsumeAsync(new CancelAirlineOrder(BookingId, cancelled.OrderId));
        await house.Service.ConsumeAsync(lookedUp);
        await house.Service.ConsumeAsync(cancelled);

        Assert.Equal(new AirlineOrderAbsent(BookingId, lookedUp.OrderId, 4), await house.LastAsync<AirlineOrderAbsent>());
        Assert.Equal(new AirlineOrderCancelled(BookingId, cancelled.OrderId), await house.LastAsync<AirlineOrderCancelled>());
        Assert.Equal(
            [(lookedUp.OrderId, "order.refused"), (cancelled.OrderId, "order.refused")],
            (await house.Service.Published<AirlineOrderRefused>()).Select(refused => (refused.OrderId, refused.Reason)));
        Assert.Equal((0, HoldState.Pinned), (Line(house).Commits, (await house.HoldAsync(hold.HoldId)).State));
    }

    [Fact]
    public async Task While_the_purchase_is_being_made_a_look_up_is_pending()
    {
        await using var house = await OpenAsync();
        var (_, offer, hold) = await PinnedAsync(house);
        var (calling, goOn) = (new TaskCompletionSource(), new TaskCompletionSource<SupplierAnswer?>());
        Line(house).Before = () =>
        {
            calling.SetResult();
            return goOn.Task;
        };
        var command = House.Commit(hold, offer);
        var purchase = house.Service.ConsumeAsync(command);
        await calling.Task;

        await house.Service.ConsumeAsync(new LookUpAirlineOrder(command.BookingId, command.OrderId, 1));
        goOn.SetResult(null);
        await purchase;

        Assert.Equal([new AirlineOrderPending(command.BookingId, command.OrderId, 1)], await house.Service.Published<AirlineOrderPending>());
        Assert.Single(await house.Service.Published<AirlineOrderConfirmed>());
    }

    [Fact]
    public async Task A_silent_airline_keeps_a_look_up_pending_and_the_next_one_asks_again()
    {
        await using var house = await OpenAsync();
        var (_, offer, hold) = await PinnedAsync(house);
        var line = Line(house);
        line.After = _ => Unknown;
        line.OnLookUp = _ => Unknown;
        var command = House.Commit(hold, offer);
        await house.Service.ConsumeAsync(command);

        await house.Service.ConsumeAsync(new LookUpAirlineOrder(command.BookingId, command.OrderId, 1));
        line.OnLookUp = answer => answer;
        await house.Service.ConsumeAsync(new LookUpAirlineOrder(command.BookingId, command.OrderId, 2));

        Assert.Equal([0, 1], (await house.Service.Published<AirlineOrderPending>()).Select(pending => pending.LookUp));
        Assert.Single(await house.Service.Published<AirlineOrderConfirmed>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_process_that_died_around_the_call_goes_on_and_buys_once(bool afterBuying)
    {
        await using var house = await OpenAsync();
        var (flight, offer, hold) = await PinnedAsync(house);
        var line = Line(house);
        if (afterBuying)
        {
            line.After = _ => throw new InvalidOperationException("the process died");
        }
        else
        {
            line.Before = () => throw new InvalidOperationException("the process died");
        }

        var command = House.Commit(hold, offer);
        await Assert.ThrowsAsync<InvalidOperationException>(() => house.Service.ConsumeAsync(command));
        Assert.Null((await house.QueryAsync(db => db.Set<EffectIntent>().SingleAsync())).Answer);
        Assert.Empty(await house.Service.Published<AirlineOrderConfirmed>());
        (line.Before, line.After) = (() => Task.FromResult<SupplierAnswer?>(null), answer => answer);
        house.Service.Clock.Advance(TimeSpan.FromMinutes(1));

        await house.Service.ConsumeAsync(command);

        var confirmed = Assert.Single(await house.Service.Published<AirlineOrderConfirmed>());
        Assert.Equal(confirmed.TicketNumbers!.Select(ticket => ticket.Number), await house.QueryAsync(db => db.HouseTickets.Select(ticket => ticket.Number).ToListAsync()));
        Assert.Equal(4, (await house.CountAsync(flight))!.Left);
        await house.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_cancelled_order_frees_its_seats_and_voids_its_tickets()
    {
        await using var house = await OpenAsync();
        var (flight, offer, hold) = await PinnedAsync(house, adults: 2);
        var command = House.Commit(hold, offer);
        await house.Service.ConsumeAsync(command);

        await house.Service.ConsumeAsync(new CancelAirlineOrder(command.BookingId, command.OrderId));
        await house.Service.ConsumeAsync(new CancelAirlineOrder(command.BookingId, command.OrderId));
        await house.Service.ConsumeAsync(new LookUpAirlineOrder(command.BookingId, command.OrderId, 9));

        Assert.Equal(2, (await house.Service.Published<AirlineOrderCancelled>()).Count);
        Assert.Equal([new AirlineOrderAbsent(command.BookingId, command.OrderId, 9)], await house.Service.Published<AirlineOrderAbsent>());
        Assert.Equal((HoldState.Released, 5), ((await house.HoldAsync(hold.HoldId)).State, (await house.CountAsync(flight))!.Left));
        Assert.Equal(5, (await house.LastAsync<SeatAvailabilityChanged>()).Left);
        Assert.All(await house.QueryAsync(db => db.HouseTickets.ToListAsync()), ticket => Assert.NotNull(ticket.VoidedAt));
        Assert.Single(await house.Service.Published<BookingNoted>(), note => note.Kind == "airline.cancelled");
        await house.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_cancellation_whose_answer_got_lost_is_asked_for_again_later()
    {
        await using var house = await OpenAsync();
        var (flight, offer, hold) = await PinnedAsync(house);
        var command = House.Commit(hold, offer);
        await house.Service.ConsumeAsync(command);
        var cancel = new CancelAirlineOrder(command.BookingId, command.OrderId);
        Line(house).OnCancel = _ => Unknown;

        await house.Service.ConsumeAsync(cancel);
        Assert.Equal([cancel], await house.Service.Published<CancelAirlineOrder>());
        Line(house).OnCancel = answer => answer;
        await house.Service.ConsumeAsync(cancel);

        Assert.Single(await house.Service.Published<AirlineOrderCancelled>());
        Assert.Equal(0, (await house.CountAsync(flight))!.Occupied);
    }

    [Fact]
    public async Task Cancelled_and_refused_orders_give_no_ticket_number_back()
    {
        await using var house = await OpenAsync();
        var (_, offer, hold) = await PinnedAsync(house);
        var first = House.Commit(hold, offer);
        await house.Service.ConsumeAsync(first);
        await house.Service.ConsumeAsync(new CancelAirlineOrder(first.BookingId, first.OrderId));

        await house.Service.ConsumeAsync(House.Commit(await house.PinnedAsync(offer), offer));

        var numbers = (await house.Service.Published<AirlineOrderConfirmed>()).SelectMany(order => order.TicketNumbers!).Select(ticket => ticket.Number).ToList();
        Assert.Equal(2, numbers.Distinct().Count());
    }
}
