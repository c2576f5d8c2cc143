using System.Globalization;
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

    private enum Kind { Next, Price, Hold, LookUpHold, Pin, Release, Commit, LookUpOrder, Cancel, Answer, Die, Sweep, TimePasses, FareChanges, AirlineDecides, NumbersIssued }

    [Fact]
    public Task The_model_and_the_service_say_and_keep_the_same_in_any_history() => AgreeAsync(Histories.Some);

    [Fact]
    [Trait("long", "yes")]
    public Task The_model_and_the_service_say_and_keep_the_same_in_a_thousand_histories() => AgreeAsync(Histories.All);

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

    private static async Task AgreeAsync(int seeds)
    {
        await using var books = await Books.OpenAsync();

        await Histories.AgreeAsync(seeds, Likings, 40, (steps, done) => PlayAsync(books, Bug.None, steps, done));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", books.Heard.OrderBy(said => said.Key.Name).Select(said => $"{said.Value} {said.Key.Name}")));

        Assert.Empty(
            new HashSet<Type>
            {
                typeof(OfferPriced), typeof(OfferPriceChanged), typeof(OfferGone), typeof(SeatsHeld), typeof(SeatsRefused), typeof(HoldAbsent), typeof(SeatsPinned),
                typeof(HoldLapsed), typeof(SeatsReleased), typeof(AirlineOrderConfirmed), typeof(AirlineOrderPending), typeof(AirlineOrderRefused), typeof(AirlineOrderAbsent),
                typeof(AirlineOrderCancelled), typeof(CommitAirlineOrder), typeof(CancelAirlineOrder),
            }.Except(books.Heard.Keys));   // worth something only while they come to everything
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

        private async Task<SupplierAnswer> AnswerAsync(Func<Outcome, Task<SupplierAnswer>> answer)
        {
            var verdict = await outside.AskAsync();
            var said = verdict.Outcome == Outcome.LostBefore ? null : await answer(verdict.Outcome);
            outside.Left(verdict);
            return said is null || verdict.Outcome == Outcome.LostAfter ? new(SupplierAnswerKind.Unknown) : said;
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
        private readonly Dictionary<Guid, CommitAirlineOrder> commits = [];

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
                    ({ Service: OrderState.Confirmed, NumbersKnown: true }, 0) => DeliverAsync(new CancelAirlineOrder(booking, order)),
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
            _ => throw new InvalidOperationException($"{message.GetType().Name} calls nobody"),
        };

        private OrderRow OrderOf(Guid order) => Array.Find(model.Orders, row => row.OrderId == order) ?? new(order, BookingOfOrder(order));

        private Guid BookingOfHold(Guid hold) => BookingOf(Array.IndexOf(holds, hold));

        private Guid BookingOfOrder(Guid order) => BookingOf(Array.IndexOf(orders, order));

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
            : Array.IndexOf(bookings, id) is var booking and >= 0 ? $"booking {booking}"
            : offers.IndexOf(id) is var offer and >= 0 ? $"offer {offer}"
            : offersOfModel.IndexOf(id) is var other and >= 0 ? $"offer {other}"
            : id == Guid.Empty ? "nothing" : id.ToString("N", CultureInfo.InvariantCulture);
    }
}
