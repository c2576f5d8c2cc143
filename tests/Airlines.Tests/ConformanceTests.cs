using System.Globalization;
using Aerona.Airlines.Cancelling;
using Aerona.Airlines.Data;
using Aerona.Airlines.Flights;
using Aerona.Airlines.House;
using Aerona.Airlines.Offers;
using Aerona.Airlines.Orders;
using Aerona.Airlines.Seats;
using Aerona.Conformance;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Operations;
using Aerona.Messaging;
using Aerona.Simulation;
using Aerona.Simulation.Services;
using Aerona.Suppliers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Choice = Aerona.Airlines.Offers.Choice;
using Model = Aerona.Simulation.Services.Airlines;

namespace Aerona.Airlines.Tests;

/// <summary>The simulator's model of this service beside the service: it must have no virtue that the code lacks, and no fault either.</summary>
public sealed class ConformanceTests
{
    private static readonly Dictionary<string, string?> Settings = new() { ["HouseAirline:SweepEvery"] = "1.00:00:00", ["Logging:LogLevel:Default"] = "None" };

    private static readonly (Kind, int)[] Likings =
    [
        (Kind.Next, 40), (Kind.Price, 3), (Kind.Hold, 3), (Kind.LookUpHold, 2), (Kind.Pin, 3), (Kind.Release, 2), (Kind.Commit, 3), (Kind.LookUpOrder, 4), (Kind.Cancel, 2),
        (Kind.Answer, 4), (Kind.Die, 3), (Kind.Sweep, 1), (Kind.TimePasses, 4), (Kind.FareChanges, 1), (Kind.AirlineDecides, 2), (Kind.NumbersIssued, 1),
    ];

    private static readonly (Kind, int)[] LikingsOfCancelling =
    [
        (Kind.Next, 45), (Kind.Quote, 4), (Kind.CancelQuoted, 8), (Kind.LookUpCancellation, 4), (Kind.Cancel, 1), (Kind.Answer, 3), (Kind.Die, 4), (Kind.TimePasses, 2),
    ];

    private static readonly Type[] Buying =
    [
        typeof(OfferPriced), typeof(OfferPriceChanged), typeof(OfferGone), typeof(SeatsHeld), typeof(SeatsRefused), typeof(HoldAbsent), typeof(SeatsPinned),
        typeof(HoldLapsed), typeof(SeatsReleased), typeof(AirlineOrderConfirmed), typeof(AirlineOrderPending), typeof(AirlineOrderRefused), typeof(AirlineOrderAbsent),
        typeof(AirlineOrderCancelled), typeof(CommitAirlineOrder), typeof(CancelAirlineOrder),
    ];

    private static readonly Type[] Cancelling =
    [
        typeof(CancellationQuoted), typeof(CancellationNotQuoted), typeof(QuotedOrderCancelled), typeof(CancellationPending), typeof(CancellationRefused),
        typeof(CancellationAbsent), typeof(CancelQuotedOrder),
    ];

    private enum Kind { Next, Price, Hold, LookUpHold, Pin, Release, Commit, LookUpOrder, Cancel, Answer, Die, Sweep, TimePasses, FareChanges, AirlineDecides, NumbersIssued, Quote, CancelQuoted, LookUpCancellation }

    [Fact]
    public Task The_model_and_the_service_say_and_keep_the_same_in_any_history() => AgreeAsync(Histories.Some, Likings, Buying);

    [Fact]
    public Task They_do_so_where_orders_are_given_up() => AgreeAsync(Histories.Some / 2, LikingsOfCancelling, Cancelling);

    [Fact]
    [Trait("long", "yes")]
    public Task They_do_so_where_orders_are_given_up_in_a_thousand_histories() => AgreeAsync(Histories.All, LikingsOfCancelling, Cancelling);

    [Fact]
    [Trait("long", "yes")]
    public Task The_model_and_the_service_say_and_keep_the_same_in_a_thousand_histories() => AgreeAsync(Histories.All, Likings, Buying);

    [Theory]
    [InlineData("look-up-does-not-close")]
    [InlineData("release-without-tombstone")]
    public Task A_model_with_one_rule_changed_is_told_from_the_service(string bug) => TellAsync(bug);

    [Theory]
    [Trait("long", "yes")]
    [InlineData("availability-by-time")]
    [InlineData("pinned-hold-lapses")]
    [InlineData("commit-without-pin")]
    [InlineData("forgetful-inbox")]
    public Task A_model_with_another_rule_changed_is_told_from_the_service(string bug) => TellAsync(bug);

    private static async Task TellAsync(string bug)
    {
        await using var books = await Books.OpenAsync();

        var found = await Histories.FindAsync(Histories.All, Likings, 40, (steps, done) => PlayAsync(books, Bugs.Find(bug)!.Value, steps, done));

        Assert.IsType<DifferenceException>(found?.Problem);
        TestContext.Current.TestOutputHelper?.WriteLine(found.ToString());
    }

    private static async Task AgreeAsync(int seeds, (Kind, int)[] likings, Type[] expected)
    {
        await using var books = await Books.OpenAsync();

        await Histories.AgreeAsync(seeds, likings, 40, (steps, done) => PlayAsync(books, Bug.None, steps, done));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", books.Heard.OrderBy(said => said.Key.Name).Select(said => $"{said.Value} {said.Key.Name}")));

        Assert.Empty(expected.Except(books.Heard.Keys));   // worth something only while they come to everything
    }

    private static async Task PlayAsync(Books books, Bug bug, IReadOnlyList<Step<Kind>> steps, List<string> done)
    {
        var pair = await Pair.BeginAsync(books, bug, done);
        try
        {
            foreach (var step in steps)
            {
                await pair.TakeAsync(step);
            }
        }
        finally
        {
            await pair.EndAsync();
        }
    }

    /// <summary>The service with an airline that does as it is told.</summary>
    private sealed class Books(House house, OutsideWorld outside, PlayedSupplier supplier) : IAsyncDisposable
    {
        public House House => house;

        public OutsideWorld Outside => outside;

        public PlayedSupplier Supplier => supplier;

        public int Flights { get; set; }

        public Dictionary<Type, int> Heard { get; } = [];

        public static async Task<Books> OpenAsync()
        {
            var outside = new OutsideWorld();
            var house = await House.OpenAsync(Settings, services =>
            {
                services.AddSingleton<IInterceptor>(outside);
                services.Remove(services.Single(service => service.ServiceType == typeof(ISupplier)));
                services.AddSingleton(outside);
                services.AddSingleton<HouseSupplier>();
                services.AddSingleton<PlayedSupplier>();
                services.AddSingleton<ISupplier>(provider => provider.GetRequiredService<PlayedSupplier>());
            });
            return new(house, outside, house.Service.Services.GetRequiredService<PlayedSupplier>());
        }

        public ValueTask DisposeAsync() => house.DisposeAsync();
    }

    /// <summary>The house airline as it is, but for what the history has it say: refused, undecided, numbers later, nothing at all.</summary>
    private sealed class PlayedSupplier(HouseSupplier house, OutsideWorld outside) : ISupplier
    {
        private readonly HashSet<Guid> unnumbered = [];
        private readonly HashSet<Guid> refused = [];
        private readonly Dictionary<Guid, SupplierOrder> undecided = [];

        public string Name => house.Name;

        public bool IsUndecided(Guid orderId) => undecided.ContainsKey(orderId);

        public bool IsRefused(Guid orderId) => refused.Contains(orderId);

        public bool IsUnnumbered(Guid orderId) => unnumbered.Contains(orderId);

        public Task<SupplierAnswer> CommitAsync(SupplierOrder order, CancellationToken cancellationToken) => AnswerAsync(async outcome =>
        {
            if (Played(order.OrderId) is { } played)
            {
                return played;
            }

            switch (outcome)
            {
                case Outcome.Denied:
                    return new(SupplierAnswerKind.Refused, "order.sold_out");
                case Outcome.Pending:
                    undecided.Add(order.OrderId, order);
                    return new(SupplierAnswerKind.Unknown);
                case Outcome.NumbersLater:
                    unnumbered.Add(order.OrderId);
                    break;
            }

            return Numbered(order.OrderId, await house.CommitAsync(order, cancellationToken));
        });

        public Task<SupplierAnswer> LookUpAsync(Guid orderId, CancellationToken cancellationToken) =>
            AnswerAsync(async _ => Played(orderId) ?? Numbered(orderId, await house.LookUpAsync(orderId, cancellationToken)));

        public Task<SupplierAnswer> CancelAsync(Guid orderId, CancellationToken cancellationToken) => AnswerAsync(async _ =>
        {
            undecided.Remove(orderId);
            return refused.Contains(orderId) ? new(SupplierAnswerKind.Cancelled) : await house.CancelAsync(orderId, cancellationToken);
        });

        public Task<CancelQuoteAnswer> QuoteCancellationAsync(CancelWish wish, CancellationToken cancellationToken) => AnswerAsync(
            _ => house.QuoteCancellationAsync(wish, cancellationToken), new CancelQuoteAnswer(null, Problem: new(SupplierFailure.Unavailable, "time_out")));

        public Task<CancelAnswer> CancelQuotedAsync(QuotedCancel cancel, CancellationToken cancellationToken) => AnswerAsync(
            async outcome => outcome == Outcome.Denied ? CancelAnswer.Refused("cancellation.refused") : await house.CancelQuotedAsync(cancel, cancellationToken), CancelAnswer.Unknown);

        public Task<CancelAnswer> LookUpCancellationAsync(QuotedCancel cancel, CancellationToken cancellationToken) =>
            AnswerAsync(_ => house.LookUpCancellationAsync(cancel, cancellationToken), CancelAnswer.Unknown);

        /// <summary>Makes up its mind about an order it left undecided.</summary>
        public async Task DecideAsync(Guid orderId, bool buy)
        {
            undecided.Remove(orderId, out var order);
            if (!buy)
            {
                refused.Add(orderId);
                return;
            }

            await house.CommitAsync(order!, CancellationToken.None);
        }

        public void IssueNumbers(Guid orderId) => unnumbered.Remove(orderId);

        private Task<SupplierAnswer> AnswerAsync(Func<Outcome, Task<SupplierAnswer>> answer) => AnswerAsync(answer, new SupplierAnswer(SupplierAnswerKind.Unknown));

        private async Task<TAnswer> AnswerAsync<TAnswer>(Func<Outcome, Task<TAnswer>> answer, TAnswer silence) where TAnswer : class
        {
            var verdict = await outside.AskAsync();
            var said = verdict.Outcome == Outcome.LostBefore ? null : await answer(verdict.Outcome);
            outside.Left(verdict);
            return said is null || verdict.Outcome == Outcome.LostAfter ? silence : said;
        }

        private SupplierAnswer? Played(Guid orderId) => refused.Contains(orderId) ? new(SupplierAnswerKind.Refused, "order.refused")
            : undecided.ContainsKey(orderId) ? new(SupplierAnswerKind.Unknown) : null;

        private SupplierAnswer Numbered(Guid orderId, SupplierAnswer answer) =>
            answer.Kind == SupplierAnswerKind.Confirmed && unnumbered.Contains(orderId) ? answer with { TicketNumbers = null } : answer;
    }

    /// <summary>Two bookings for a flight of two seats, in the model and in the service.</summary>
    private sealed class Pair(Books books, Model model) : Comparison(model, books.House.Service, books.Outside)
    {
        private const int Seats = 2;
        private static readonly TimeSpan[] Spans =
            [TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(41), TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(21), TimeSpan.FromMinutes(31), TimeSpan.FromHours(3), TimeSpan.FromHours(25)];
        private static readonly decimal[] Fares = [200m, 250m];
        private static readonly Contact Contact = new("jo@example.org", null, "en");
        private static readonly IReadOnlyList<Passenger> People = [new("p1", PassengerType.Adult, "Jo", "Doe", "JO", "DOE", new(1990, 1, 31), null)];

        private readonly Guid[] bookings = [Guid.NewGuid(), Guid.NewGuid()];
        private readonly Guid[] holds = [.. Enumerable.Range(0, 6).Select(_ => Guid.NewGuid())];
        private readonly Guid[] orders = [.. Enumerable.Range(0, 4).Select(_ => Guid.NewGuid())];
        private readonly Guid[] cancellations = [.. Enumerable.Range(0, 6).Select(_ => Guid.NewGuid())];
        private readonly Guid[] quotes = [.. Enumerable.Range(0, 12).Select(_ => Guid.NewGuid())];
        private readonly Dictionary<Guid, CommitAirlineOrder> commits = [];
        private readonly Dictionary<Guid, QuoteCancellation> asked = [];

        // Offers of a new price get ids of their own in each; they are the same by their order.
        private readonly List<Guid> offers = [];
        private readonly List<Guid> offersOfModel = [];
        private PublishedFlight flight = House.Flight(1);
        private int fare;

        public static async Task<Pair> BeginAsync(Books books, Bug bug, List<string> done)
        {
            var pair = new Pair(books, new Model(Seats, bug)) { Done = done, Heard = books.Heard };
            var day = DateOnly.FromDateTime(pair.Now.UtcDateTime).AddDays(60);
            pair.flight = House.Flight((++books.Flights % 9_000) + 1, seats: Seats, fare: Fares[0], day: day);
            await books.House.PublishAsync(pair.flight);
            var offer = Offer.Make(
                pair.Choices, [PassengerType.Adult], "AA", owner: null, pair.Now, books.House.Service.Services.GetRequiredService<IOptions<HouseAirlineOptions>>().Value);
            await books.House.QueryAsync(db =>
            {
                db.Offers.Add(offer);
                return db.SaveChangesAsync();
            });
            pair.offers.Add(offer.Id);
            pair.offersOfModel.Add(offer.Id);
            model(pair).Add(offer.Snapshot);
            await pair.BeginAsync();
            return pair;

            static Model model(Pair pair) => pair.Model;
        }

        private Model Model => model;

        private List<Choice> Choices => [new(FlightOnSale.Of(flight), flight.Cabins[0])];

        private Money Total => Offer.Price(Choices, [new("p1", PassengerType.Adult)]).Select(line => line.Amount).Sum("USD");

        public async Task TakeAsync(Step<Kind> step)
        {
            var right = step.Other % 4 != 0;   // what would be right to do comes often, or nothing would ever be bought
            var hold = step.Kind switch
            {
                Kind.Hold when right => Any(holds, step.One, id => model.Holds.All(row => row.HoldId != id)),
                Kind.Pin when right => Any(holds, step.One, id => model.Holds.Any(row => row.HoldId == id && row.State == SeatState.Held)),
                Kind.LookUpHold or Kind.Release when right => Any(holds, step.One, id => model.Holds.Any(row => row.HoldId == id && row.State != SeatState.Released)),
                _ => Any(holds, step.One),
            };
            var order = Any(orders, step.One, right && step.Kind is Kind.LookUpOrder or Kind.Cancel ? commits.ContainsKey : _ => true);
            model.Fare = Total;
            switch (step.Kind)
            {
                case Kind.Next:
                    await GoOnAsync(bookings[step.One % bookings.Length], step.Other);
                    break;
                case Kind.Price:
                    await DeliverAsync(
                        new PriceOffer(BookingOf(step.One), OfferOf(offersOfModel, step.Other)), new PriceOffer(BookingOf(step.One), OfferOf(offers, step.Other)));
                    break;
                case Kind.Hold:
                    await HoldAsync(hold, step.Other);
                    break;
                case Kind.LookUpHold:
                    await DeliverAsync(new LookUpHold(BookingOfHold(hold), hold, step.Other % 3));
                    break;
                case Kind.Pin:
                    await DeliverAsync(new PinSeats(BookingOfHold(hold), hold, TokenOf(hold) + (step.Other % 8 == 0 ? 1 : 0)));
                    break;
                case Kind.Release:
                    await DeliverAsync(new ReleaseSeats(BookingOfHold(hold), hold, step.Other % 3 == 0 ? null : TokenOf(hold)));
                    break;
                case Kind.Commit:
                    await CommitAsync(order, step.Other);
                    break;
                case Kind.LookUpOrder:
                    await DeliverAsync(new LookUpAirlineOrder(BookingOfOrder(order), order, step.Other % 3));
                    break;
                case Kind.Cancel:
                    await DeliverAsync(new CancelAirlineOrder(BookingOfOrder(order), order));
                    break;
                case Kind.Quote:
                    await QuoteAsync(Any(orders, step.One, right ? id => OrderOf(id).Service == OrderState.Confirmed : _ => true), step.One / 3, step.Other);
                    break;
                case Kind.CancelQuoted when !right || model.Quotes.Any(row => row is { Said: CancellationQuoted, IsSuperseded: false }):
                    await CancelAsync(Any(quotes, step.One, right ? id => model.Quotes.Any(row => row.QuoteId == id && row is { Said: CancellationQuoted, IsSuperseded: false }) : _ => true), step.Other);
                    break;
                case Kind.LookUpCancellation when !right || model.Cancellations.Length > 0:
                    var wanted = Any(cancellations, step.One, right ? id => model.Cancellations.Any(row => row.CancellationId == id) : _ => true);
                    await DeliverAsync(new LookUpCancellation(BookingOfCancellation(wanted), wanted, 1 + (step.Other % 3)));
                    break;
                case Kind.Answer when UnderWay > 0:
                    await AnswerOneAsync(step.One % UnderWay, step.Other);
                    break;
                case Kind.Die when UnderWay > 0:
                    await DieAsync(step.One % UnderWay, step.Other % 2 == 0);
                    break;
                case Kind.Sweep:
                    Done.Add("sweep");
                    model.Sweep(Now);
                    await books.House.Service.Services.GetRequiredService<LapsedHolds>().SweepAsync(CancellationToken.None);
                    await SameAsync([]);
                    break;
                case Kind.TimePasses:
                    Pass(Spans[step.Other % Spans.Length]);
                    break;
                case Kind.FareChanges:
                    fare = 1 - fare;
                    flight = flight with { Version = flight.Version + 1, Cabins = [flight.Cabins[0] with { Fare = Money.Of(Fares[fare], "USD") }, flight.Cabins[1]] };
                    Done.Add($"the fare is {Fares[fare]} now");
                    await books.House.PublishAsync(flight);
                    model.Fare = Total;
                    break;
                case Kind.AirlineDecides when Array.Find(model.Orders, row => row.Book == OrderState.Undecided) is { } undecided:
                    Done.Add($"the airline decides {(step.Other % 2 == 0 ? "for" : "against")} {Name(undecided.OrderId)}");
                    model.Decide(undecided.OrderId, step.Other % 2 == 0, Now);
                    await books.Supplier.DecideAsync(undecided.OrderId, step.Other % 2 == 0);
                    await SameAsync([]);
                    break;
                case Kind.NumbersIssued when Array.Find(model.Orders, row => row is { Book: OrderState.Confirmed, NumbersKnown: false }) is { } unnumbered:
                    Done.Add($"the airline issues the numbers of {Name(unnumbered.OrderId)}");
                    model.IssueNumbers(unnumbered.OrderId);
                    books.Supplier.IssueNumbers(unnumbered.OrderId);
                    break;
            }
        }

        /// <summary>What that booking would do next: without it chance would hardly ever get as far as an order.</summary>
        private Task GoOnAsync(Guid booking, int variety)
        {
            if (Enumerable.Range(0, UnderWay).FirstOrDefault(at => BookingOf(MessageOf(at)) == booking, -1) is var at and >= 0)
            {
                return AnswerOneAsync(at, variety);
            }

            var order = orders.FirstOrDefault(id => BookingOfOrder(id) == booking && !IsOver(OrderOf(id)));
            if (order != default && commits.TryGetValue(order, out var commit))
            {
                var row = OrderOf(order);
                if (row.Purchase.IsBusy(Now) || row.Cancel.IsBusy(Now) || (row.LookUps ?? []).Any(one => one.Intent.IsBusy(Now)))
                {
                    Pass(Spans[1]);     // for as long as somebody who died might still be at it
                    return Task.CompletedTask;
                }

                return (row, variety % 3) switch
                {
                    ({ Purchase.State: IntentState.None }, _) => CommitAsync(order, variety),
                    ({ Book: OrderState.Undecided }, 0) => TakeAsync(new(Kind.AirlineDecides, 0, variety / 3)),
                    ({ Book: OrderState.Confirmed, NumbersKnown: false }, 0) => TakeAsync(new(Kind.NumbersIssued, 0, 0)),
                    ({ Service: OrderState.Confirmed, NumbersKnown: true }, 0) when variety % 4 == 0 => DeliverAsync(new CancelAirlineOrder(booking, order)),
                    ({ Service: OrderState.Confirmed, NumbersKnown: true }, _) => GiveUpAsync(order, variety),
                    _ => DeliverAsync(new LookUpAirlineOrder(booking, order, variety % 4)),
                };
            }

            var hold = model.Holds.LastOrDefault(row => row.BookingId == booking && row.State is SeatState.Held or SeatState.Pinned);
            if (hold is { State: SeatState.Held })
            {
                return DeliverAsync(new PinSeats(booking, hold.HoldId, hold.Token));
            }

            var fresh = holds.FirstOrDefault(id => BookingOfHold(id) == booking && model.Holds.All(row => row.HoldId != id));
            return hold is not null && order != default ? CommitAsync(order, variety, hold.HoldId)
                : fresh != default ? HoldAsync(fresh, variety)
                : DeliverAsync(new PriceOffer(booking, offersOfModel[^1]), new PriceOffer(booking, offers[^1]));
        }

        /// <summary>Asks what comes back, takes the quote up, and asks what became of it.</summary>
        private Task GiveUpAsync(Guid order, int variety)
        {
            var open = model.Quotes.LastOrDefault(row => row.OrderId == order && row is { Said: CancellationQuoted, IsSuperseded: false });
            var row = open is null ? null : Array.Find(model.Cancellations, row => row.CancellationId == open.CancellationId);
            return open is null || row is { Service: not CancelState.None } ? QuoteAsync(order, variety, variety)
                : row is null ? CancelAsync(open.QuoteId, 1)
                : row.Cancelling.IsBusy(Now) ? PassAsync(Spans[1])
                : DeliverAsync(new LookUpCancellation(row.BookingId, row.CancellationId, 1 + (variety % 3)));
        }

        private Task PassAsync(TimeSpan span)
        {
            Pass(span);
            return Task.CompletedTask;
        }

        /// <summary>A new question, or one that was asked before, as it was asked.</summary>
        private async Task QuoteAsync(Guid order, int one, int other)
        {
            var quote = other % 6 == 0 ? Any(quotes, one, asked.ContainsKey) : Any(quotes, one, id => !asked.ContainsKey(id));
            if (!asked.TryGetValue(quote, out var question))
            {
                var own = cancellations.Where(id => BookingOfCancellation(id) == BookingOfOrder(order)).ToArray();
                asked[quote] = question = new(
                    BookingOfOrder(order), Any(own, one, id => model.Cancellations.All(row => row.CancellationId != id)), quote, order, null,
                    other % 5 == 0 ? CancellationCause.Involuntary : CancellationCause.Voluntary, Now - (other % 7 == 0 ? TimeSpan.FromMinutes(1) : TimeSpan.Zero));
            }

            await DeliverAsync(question);
        }

        private async Task CancelAsync(Guid quote, int other)
        {
            var question = asked.GetValueOrDefault(quote);
            var order = question?.OrderId ?? orders[0];
            var cancellation = question is null || other % 9 == 0 ? Any([.. cancellations.Where(id => BookingOfCancellation(id) == BookingOfOrder(order))], other) : question.CancellationId;
            await DeliverAsync(new CancelQuotedOrder(BookingOfOrder(order), cancellation, quote, order));
        }

        private static bool IsOver(OrderRow row) =>
            row is { Book: OrderState.Refused or OrderState.Absent or OrderState.Cancelled } or { Purchase.State: IntentState.Closed } or { Service: OrderState.Refused };

        private Task HoldAsync(Guid hold, int variety) => DeliverAsync(
            new HoldSeats(BookingOfHold(hold), hold, OfferOf(offersOfModel, variety), People, variety % 3 == 0),
            new HoldSeats(BookingOfHold(hold), hold, OfferOf(offers, variety), People, variety % 3 == 0));

        /// <summary>Mostly it goes well.</summary>
        private Task AnswerOneAsync(int at, int variety) => AnswerAsync(at, variety % 2 == 0 ? Outcome.Ok : Answers(at)[variety / 2 % Answers(at).Count]);

        /// <summary>As the saga does, what is sent once is sent so again.</summary>
        private async Task CommitAsync(Guid order, int variety, Guid? pinned = null)
        {
            if (!commits.TryGetValue(order, out var commit))
            {
                var own = holds.Where(id => BookingOfHold(id) == BookingOfOrder(order)).ToArray();
                var hold = pinned ?? (variety % 4 == 0 ? Any(own, variety / 4) : Any(own, variety, id => model.Holds.Any(row => row.HoldId == id && row.State == SeatState.Pinned)));
                commits[order] = commit = new(
                    BookingOfOrder(order), order, hold, TokenOf(hold) + (pinned is null && variety % 7 == 0 ? 1 : 0), OfferOf(offers, variety), "BCDFGH", People, Contact);
            }

            var at = offers.IndexOf(commit.OfferId);
            await DeliverAsync(commit with { OfferId = at < 0 ? commit.OfferId : offersOfModel[at] }, commit);
        }

        protected override string? Words(object message) => message switch
        {
            PriceOffer x => $"PriceOffer {Name(x.OfferId)} for {Name(x.BookingId)}",
            OfferPriced x => $"OfferPriced {Name(x.OfferId)} {Words(x.Offer)}",
            OfferPriceChanged x => $"OfferPriceChanged {Name(x.OfferId)} from {x.OldTotal}: {Words(Remembered(x.NewOffer))}",
            OfferGone x => $"OfferGone {Name(x.OfferId)} {x.Reason}",
            HoldSeats x => $"HoldSeats {Name(x.HoldId)} {(x.PayLater ? "to be paid later " : "")}by {Name(x.OfferId)}",
            SeatsHeld x => $"SeatsHeld {Name(x.HoldId)} {x.Token} {x.SpaceUntil:O} {x.PriceUntil:O}",
            SeatsRefused x => $"SeatsRefused {Name(x.HoldId)} {x.Reason}",
            LookUpHold x => $"LookUpHold {Name(x.HoldId)} {x.LookUp}",
            HoldAbsent x => $"HoldAbsent {Name(x.HoldId)} {x.LookUp}",
            PinSeats x => $"PinSeats {Name(x.HoldId)} {x.Token}",
            SeatsPinned x => $"SeatsPinned {Name(x.HoldId)} {x.Token}",
            HoldLapsed x => $"HoldLapsed {Name(x.HoldId)}",
            ReleaseSeats x => $"ReleaseSeats {Name(x.HoldId)} {x.Token}",
            SeatsReleased x => $"SeatsReleased {Name(x.HoldId)}",
            CommitAirlineOrder x => $"CommitAirlineOrder {Name(x.OrderId)} of {Name(x.HoldId)} {x.Token}",
            AirlineOrderConfirmed x => $"AirlineOrderConfirmed {Name(x.OrderId)} {x.TicketNumbers?.Count ?? 0} numbers, to be ticketed by {x.TicketingLimitAt:O}, voidable until {x.VoidableUntil:O}",
            AirlineOrderPending x => $"AirlineOrderPending {Name(x.OrderId)} {x.LookUp}",
            AirlineOrderRefused x => $"AirlineOrderRefused {Name(x.OrderId)} {x.Reason}",
            LookUpAirlineOrder x => $"LookUpAirlineOrder {Name(x.OrderId)} {x.LookUp}",
            AirlineOrderAbsent x => $"AirlineOrderAbsent {Name(x.OrderId)} {x.LookUp}",
            CancelAirlineOrder x => $"CancelAirlineOrder {Name(x.OrderId)}",
            AirlineOrderCancelled x => $"AirlineOrderCancelled {Name(x.OrderId)}",
            QuoteCancellation x => $"QuoteCancellation {Name(x.QuoteId)} of {Name(x.OrderId)} for {Name(x.CancellationId)} {x.Cause}",
            CancellationQuoted x => $"CancellationQuoted {Name(x.QuoteId)} for {Name(x.CancellationId)} {string.Join(' ', x.Coupons)} {x.Refund} {x.Rule} {x.IsVoid} until {x.ExpiresAt:O}",
            CancellationNotQuoted x => $"CancellationNotQuoted {Name(x.QuoteId)} for {Name(x.CancellationId)} {x.Reason}",
            CancelQuotedOrder x => $"CancelQuotedOrder {Name(x.CancellationId)} by {Name(x.QuoteId)} of {Name(x.OrderId)}",
            QuotedOrderCancelled x => $"QuotedOrderCancelled {Name(x.CancellationId)} {string.Join(' ', x.Coupons)} {x.Refund} {x.IsWhole}",
            CancellationPending x => $"CancellationPending {Name(x.CancellationId)} {x.LookUp}",
            CancellationRefused x => $"CancellationRefused {Name(x.CancellationId)} {x.Reason}",
            LookUpCancellation x => $"LookUpCancellation {Name(x.CancellationId)} {x.LookUp}",
            CancellationAbsent x => $"CancellationAbsent {Name(x.CancellationId)} {x.LookUp}",
            BookingNoted or SeatAvailabilityChanged => null,   // for the timeline and for Search
            _ => throw new InvalidOperationException($"{message.GetType().Name} is not expected here"),
        };

        protected override IEnumerable<string> ModelKeeps()
        {
            foreach (var row in model.Holds.OrderBy(row => Array.IndexOf(holds, row.HoldId)))
            {
                yield return row.State == SeatState.Released
                    ? $"{Name(row.HoldId)} Released {row.Token} {row.Reason}"
                    : $"{Name(row.HoldId)} {row.State} {row.Token} {row.SpaceUntil:O} {row.PriceUntil:O}";
            }

            foreach (var order in orders)
            {
                var row = Array.Find(model.Orders, row => row.OrderId == order) ?? new(order, default);
                yield return $"{Name(order)} {Words(row.Purchase)}, {(row.Noted ? row.Service == OrderState.None ? "Open" : $"{row.Service}" : "not noted")}, cancellation {Words(row.Cancel)}";
                yield return $"{Name(order)} at the airline: {row.Book}{(row.Book is OrderState.Confirmed or OrderState.Cancelled or OrderState.Undecided && row.Made > 0 ? row.NumbersKnown ? " with numbers" : " without numbers" : "")}";
            }

            foreach (var row in model.Quotes.Where(row => row.Said is not null).OrderBy(row => Array.IndexOf(quotes, row.QuoteId)))
            {
                yield return $"{Name(row.QuoteId)} {Words(row.Said!)}{(row.IsSuperseded ? " superseded" : "")}";
            }

            foreach (var row in model.Cancellations.OrderBy(row => Array.IndexOf(cancellations, row.CancellationId)))
            {
                yield return $"{Name(row.CancellationId)} {Words(row.Cancelling)}, {(row.Noted ? row.Service == CancelState.None ? "Open" : $"{row.Service} {row.Reason} {row.Refund}" : "not noted")}, at the airline {row.Book} {row.BookReason}";
            }

            yield return $"{model.Occupied} occupied, version {model.Version}";
            foreach (var (row, at) in model.Offers.Select((row, at) => (row, at)))
            {
                yield return $"offer {at} {row.Snapshot.Total} until {row.Snapshot.ExpiresAt:O}";
            }
        }

        protected override async Task<List<string>> ServiceKeepsAsync() => await books.House.QueryAsync(async db =>
        {
            List<string> lines = [];
            foreach (var row in (await db.Holds.AsNoTracking().Where(row => bookings.Contains(row.BookingId)).ToListAsync()).OrderBy(row => Array.IndexOf(holds, row.HoldId)))
            {
                lines.Add(row.State == HoldState.Released
                    ? $"{Name(row.HoldId)} Released {row.Token} {row.Refusal?.Reason}"
                    : $"{Name(row.HoldId)} {row.State} {row.Token} {row.SpaceUntil:O} {row.PriceUntil:O}");
            }

            var keys = orders.SelectMany(order => new[] { AirlineOrder.CommitKey(order), $"airline-cancel/{order}" }).ToList();
            var intents = await db.Set<EffectIntent>().AsNoTracking().Where(intent => keys.Contains(intent.Key)).ToDictionaryAsync(intent => intent.Key);
            var noted = await db.AirlineOrders.AsNoTracking().Where(row => orders.Contains(row.OrderId)).ToDictionaryAsync(row => row.OrderId);
            var made = await db.HouseOrders.AsNoTracking().Where(row => orders.Contains(row.OrderId)).ToDictionaryAsync(row => row.OrderId);
            foreach (var order in orders)
            {
                lines.Add($"{Name(order)} {Words(intents.GetValueOrDefault(AirlineOrder.CommitKey(order)))}, {noted.GetValueOrDefault(order)?.State.ToString() ?? "not noted"}, cancellation {Words(intents.GetValueOrDefault($"airline-cancel/{order}"))}");
                var row = made.GetValueOrDefault(order);
                var book = books.Supplier.IsUndecided(order) ? "Undecided" : books.Supplier.IsRefused(order) ? "Refused" : row?.State.ToString() ?? "None";
                lines.Add($"{Name(order)} at the airline: {book}{(row?.HoldId is null ? "" : books.Supplier.IsUnnumbered(order) ? " without numbers" : " with numbers")}");
            }

            var given = await db.CancellationQuotes.AsNoTracking().Where(row => quotes.Contains(row.QuoteId)).ToListAsync();
            lines.AddRange(given.OrderBy(row => Array.IndexOf(quotes, row.QuoteId)).Select(row =>
                $"{Name(row.QuoteId)} {Words((object?)row.Quoted ?? new CancellationNotQuoted(default, row.CancellationId, row.QuoteId, row.Reason!))}{(row.IsSuperseded ? " superseded" : "")}"));

            var keysOfCancelling = cancellations.Select(OrderCancellation.Key).ToList();
            var cancelling = await db.Set<EffectIntent>().AsNoTracking().Where(intent => keysOfCancelling.Contains(intent.Key)).ToDictionaryAsync(intent => intent.Key);
            var wanted = await db.OrderCancellations.AsNoTracking().Where(row => cancellations.Contains(row.CancellationId)).ToDictionaryAsync(row => row.CancellationId);
            var atTheAirline = await db.HouseCancellations.AsNoTracking().Where(row => cancellations.Contains(row.CancellationId)).ToDictionaryAsync(row => row.CancellationId);
            foreach (var id in cancellations.Where(id => cancelling.ContainsKey(OrderCancellation.Key(id))))
            {
                var (row, book) = (wanted.GetValueOrDefault(id), atTheAirline.GetValueOrDefault(id)?.Answer());
                lines.Add($"{Name(id)} {Words(cancelling[OrderCancellation.Key(id)])}, {(row is null ? "not noted" : row.State == OrderCancellationState.Open ? "Open" : $"{row.State} {row.Reason} {row.Answer?.Refund}")}, at the airline {book?.Kind.ToString() ?? "None"} {book?.Reason}");
            }

            var count = await db.SeatCounts.AsNoTracking().SingleOrDefaultAsync(count => count.Key == SeatCount.KeyOf(flight.FlightId, Cabin.Economy));
            lines.Add($"{count?.Occupied ?? 0} occupied, version {count?.Version ?? 0}");
            var known = await db.Offers.AsNoTracking().Where(row => offers.Contains(row.Id)).ToDictionaryAsync(row => row.Id);
            lines.AddRange(offers.Select((id, at) => $"offer {at} {known[id].Snapshot.Total} until {known[id].ExpiresAt:O}"));
            return lines;
        });

        /// <summary>One of those that fit; of all, when none does.</summary>
        private static Guid Any(Guid[] all, int number, Func<Guid, bool>? fits = null) =>
            Array.FindAll(all, id => fits is null || fits(id)) is { Length: > 0 } some ? some[number % some.Length] : all[number % all.Length];

        private Guid BookingOf(int number) => bookings[number % bookings.Length];

        private static Guid BookingOf(object message) => message switch
        {
            CommitAirlineOrder x => x.BookingId,
            LookUpAirlineOrder x => x.BookingId,
            CancelAirlineOrder x => x.BookingId,
            QuoteCancellation x => x.BookingId,
            CancelQuotedOrder x => x.BookingId,
            LookUpCancellation x => x.BookingId,
            _ => throw new InvalidOperationException($"{message.GetType().Name} calls nobody"),
        };

        private OrderRow OrderOf(Guid order) => Array.Find(model.Orders, row => row.OrderId == order) ?? new(order, BookingOfOrder(order));

        private Guid BookingOfHold(Guid hold) => BookingOf(Array.IndexOf(holds, hold));

        private Guid BookingOfOrder(Guid order) => BookingOf(Array.IndexOf(orders, order));

        private Guid BookingOfCancellation(Guid cancellation) => BookingOf(Array.IndexOf(cancellations, cancellation));

        private long TokenOf(Guid hold) => Array.Find(model.Holds, row => row.HoldId == hold)?.Token ?? 0;

        /// <summary>One of those known, or now and then one that never was.</summary>
        private static Guid OfferOf(List<Guid> known, int variety) => variety % 11 == 0 ? Guid.Empty : known[variety % known.Count];

        private OfferSnapshot Remembered(OfferSnapshot offer)
        {
            var (seen, of) = (offersOfModel.Contains(offer.OfferId) || offers.Contains(offer.OfferId), Array.Exists(model.Offers, row => row.Snapshot.OfferId == offer.OfferId));
            if (!seen)
            {
                (of ? offersOfModel : offers).Add(offer.OfferId);
            }

            return offer;
        }

        private string Words(OfferSnapshot offer) => $"{Name(offer.OfferId)} {offer.Total} until {offer.ExpiresAt:O}";

        private string Words(Intent intent) => intent.State == IntentState.Open ? $"open, leased until {intent.LeaseUntil:O}" : intent.State.ToString();

        private string Words(EffectIntent? intent) => intent switch
        {
            null => "None",
            { Closed: true } => "Closed",
            { Answer: not null } => "Done",
            _ => $"open, leased until {intent.LeaseUntil:O}",
        };

        private string Name(Guid id) =>
            Array.IndexOf(holds, id) is var hold and >= 0 ? $"hold {hold}"
            : Array.IndexOf(orders, id) is var order and >= 0 ? $"order {order}"
            : Array.IndexOf(cancellations, id) is var cancellation and >= 0 ? $"cancellation {cancellation}"
            : Array.IndexOf(quotes, id) is var quote and >= 0 ? $"quote {quote}"
            : Array.IndexOf(bookings, id) is var booking and >= 0 ? $"booking {booking}"
            : offers.IndexOf(id) is var offer and >= 0 ? $"offer {offer}"
            : offersOfModel.IndexOf(id) is var other and >= 0 ? $"offer {other}"
            : id == Guid.Empty ? "nothing" : id.ToString("N", CultureInfo.InvariantCulture);
    }
}
