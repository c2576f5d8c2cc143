using System.Globalization;
using Aerona.Contracts;
using Aerona.Pricing;
using Aerona.Reference;
using Aerona.Search.Timetables;

namespace Aerona.Search.SearchFlights;

/// <summary>An airline.</summary>
internal sealed record AirlineView(string Code, string? Name);

/// <summary>An aircraft type.</summary>
internal sealed record AircraftView(string Code, string? Name);

/// <summary>A moment at an airport.</summary>
/// <param name="Local">Wall clock there.</param>
/// <param name="Zone">IANA time zone.</param>
/// <param name="Utc">The same moment in UTC.</param>
internal sealed record MomentView(DateTime Local, string Zone, DateTimeOffset Utc);

/// <summary>One flight of a leg.</summary>
/// <param name="FlightId">To ask an offer for.</param>
/// <param name="Flight">Marketing designator.</param>
/// <param name="Airline">Marketing airline.</param>
/// <param name="OperatingCarrier">Who flies it.</param>
/// <param name="Origin">IATA airport.</param>
/// <param name="Destination">IATA airport.</param>
/// <param name="Departure">When it leaves.</param>
/// <param name="Arrival">When it arrives.</param>
/// <param name="DayOffset">Days on the calendar from departure to arrival, each in its local time; may be -1.</param>
/// <param name="DurationMinutes">Under way.</param>
/// <param name="Aircraft">Type.</param>
/// <param name="Cabin">Cabin searched.</param>
/// <param name="SeatsLeft">1 to 9; 9 means nine or more.</param>
/// <param name="Co2Kilograms">Of one passenger; by the answer's method.</param>
/// <param name="Supplier">The outside supplier that sells it; null: the house airline.</param>
internal sealed record SegmentView(
    string FlightId, FlightDesignator Flight, AirlineView Airline, string OperatingCarrier, string Origin, string Destination, MomentView Departure, MomentView Arrival,
    int DayOffset, int DurationMinutes, AircraftView Aircraft, Cabin Cabin, int SeatsLeft, int Co2Kilograms, string? Supplier);

/// <summary>A wait between two flights.</summary>
/// <param name="Airport">Where one arrives.</param>
/// <param name="NextAirport">Where one goes on from; the same but for a change of airports.</param>
/// <param name="Minutes">From arrival to departure.</param>
/// <param name="MinimumMinutes">What this connection takes at least.</param>
/// <param name="IsAirportChange">Whether one has to get to another airport of the city.</param>
/// <param name="IsOvernight">Whether a midnight lies in it, local.</param>
internal sealed record ConnectionView(string Airport, string NextAirport, int Minutes, int MinimumMinutes, bool IsAirportChange, bool IsOvernight);

/// <summary>A leg as flown.</summary>
/// <param name="Origin">IATA airport.</param>
/// <param name="Destination">IATA airport.</param>
/// <param name="Departure">Of the first flight.</param>
/// <param name="Arrival">Of the last.</param>
/// <param name="DayOffset">Days on the calendar between the two: "+1"; may be -1.</param>
/// <param name="DurationMinutes">Between the two moments.</param>
/// <param name="Stops">Changes of flights.</param>
/// <param name="Segments">Flights in the order flown.</param>
/// <param name="Connections">Waits between them.</param>
internal sealed record TripLegView(
    string Origin, string Destination, MomentView Departure, MomentView Arrival, int DayOffset, int DurationMinutes, int Stops, IReadOnlyList<SegmentView> Segments,
    IReadOnlyList<ConnectionView> Connections);

/// <summary>One line of a price.</summary>
internal sealed record PriceLineView(PriceLineKind Kind, string Code, string? Country, Money Amount);

/// <summary>What each passenger of a type pays.</summary>
/// <param name="Type">The type.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Each">The sum of the lines.</param>
/// <param name="Lines">Fare, carrier's charge, taxes over all flights; one line where an outside supplier says no more.</param>
internal sealed record PassengerPriceView(PassengerType Type, int Count, Money Each, IReadOnlyList<PriceLineView> Lines);

/// <summary>What it would cost; an offer makes it firm.</summary>
/// <param name="PerAdult">One adult, charges and taxes included.</param>
/// <param name="Total">The party.</param>
/// <param name="Passengers">By type.</param>
/// <param name="HasChanged">A later page shows the first one's prices; true where the flights cost something else, or are sold no more, by now.</param>
internal sealed record TripPrice(Money PerAdult, Money Total, IReadOnlyList<PassengerPriceView> Passengers, bool HasChanged);

/// <summary>Why it stands where it stands in "best": less is better.</summary>
/// <param name="Total">The sum.</param>
/// <param name="Price">Price over the lowest price.</param>
/// <param name="Duration">Time under way over the shortest, weighted.</param>
/// <param name="Stops">Changes of flights, weighted.</param>
/// <param name="OddHours">Leaving before six, arriving at night.</param>
/// <param name="Layovers">Tight and long waits.</param>
/// <param name="AirportChanges">Going on from another airport.</param>
internal sealed record ScoreView(double Total, double Price, double Duration, double Stops, double OddHours, double Layovers, double AirportChanges);

/// <summary>What to send to <c>POST /v1/offers</c>, with the passengers.</summary>
internal sealed record OfferChoice(IReadOnlyList<OfferFlight> Flights, string? Currency);

/// <summary>A flight of an offer.</summary>
internal sealed record OfferFlight(string FlightId, Cabin Cabin);

/// <summary>A trip found.</summary>
/// <param name="Id">The flights in one text; the same trip has the same one again.</param>
/// <param name="Legs">As asked for.</param>
/// <param name="DurationMinutes">The legs' together.</param>
/// <param name="Price">Indicative.</param>
/// <param name="SeatsLeft">Of the fullest flight, 1 to 9.</param>
/// <param name="Bags">Checked bags in the fare; null: not known before an offer.</param>
/// <param name="Refundable">Whether the fare comes back; null: not known before an offer.</param>
/// <param name="Co2Kilograms">Of the party, without lap infants.</param>
/// <param name="Score">Its place in "best".</param>
/// <param name="IsDominated">Whether another connection beats it in every way on some leg.</param>
/// <param name="Offers">How to buy it: usually one offer; several where one cannot hold all flights, each sold by itself.</param>
/// <param name="PriceIsIndicative">Always true: a search never sells.</param>
internal sealed record TripView(
    string Id, IReadOnlyList<TripLegView> Legs, int DurationMinutes, TripPrice Price, int SeatsLeft, int? Bags, bool? Refundable, int Co2Kilograms, ScoreView Score,
    bool IsDominated, IReadOnlyList<OfferChoice> Offers, bool PriceIsIndicative = true);

/// <summary>A tab: the first trip of an order.</summary>
internal sealed record TabView(Money Price, int DurationMinutes);

/// <summary>The first trips of three orders, among those that match.</summary>
internal sealed record TabsView(TabView Best, TabView Cheapest, TabView Fastest);

/// <summary>A leg as searched.</summary>
/// <param name="Origin">As asked.</param>
/// <param name="Destination">As asked.</param>
/// <param name="DepartsOn">As asked.</param>
/// <param name="Options">Ways to fly it that match and fit a trip; facets count these.</param>
/// <param name="Dominated">How many of them another one beats in every way; left out of trips unless asked for.</param>
/// <param name="Facets">What to filter by.</param>
internal sealed record LegView(string Origin, string Destination, DateOnly DepartsOn, int Options, int Dominated, FacetsView Facets);

/// <summary>A page of trips.</summary>
/// <param name="Trips">In the order asked for.</param>
/// <param name="Total">How many can be paged through.</param>
/// <param name="HasMore">Whether there are more than that: filter, or search less.</param>
/// <param name="Currency">Of every price.</param>
/// <param name="Legs">Facets.</param>
/// <param name="Tabs">Null when nothing was found.</param>
/// <param name="Co2Method">How carbon dioxide is counted; see docs/search.md.</param>
/// <param name="Version">Of this result: the same trips in the same order at the same prices.</param>
/// <param name="NextCursor">For the next page; null on the last.</param>
/// <param name="PricedAt">When prices and seats were as they are shown, UTC; later pages show those of the first.</param>
/// <param name="PricesExpireAt">From then on they are no guide any more and to be searched again, UTC: the sooner one leaves, the sooner.</param>
internal sealed record FlightSearchView(
    IReadOnlyList<TripView> Trips, int Total, bool HasMore, string Currency, IReadOnlyList<LegView> Legs, TabsView? Tabs, string Co2Method, string Version,
    string? NextCursor, DateTimeOffset PricedAt, DateTimeOffset PricesExpireAt);

/// <summary>Shows trips.</summary>
internal sealed class TripViews(FlightSearchRequest request, TripSearch.Result result, Timetable timetable, int now)
{
    /// <summary>As Airlines has it: a ticket has four coupons.</summary>
    private const int MostFlightsInAnOffer = 4;

    private readonly int cabin = (int)request.Cabin;

    private readonly Prices prices = new(request.Travellers, result.Currency);

    public TripView Of(LegOption[] trip)
    {
        var flights = trip.SelectMany(option => Enumerable.Range(0, option.Flights).Select(index => option[index])).ToList();
        var score = trip.Aggregate(default(OptionScore), (sum, option) => sum + Scores.Of(option, result.Scale, cabin));
        var total = new Money(trip.Sum(option => option.Prices[cabin]), result.Currency);
        var legs = trip.Select(Of).ToList();
        var passengers = PerType(flights);
        var isHouse = flights.TrueForAll(flight => flight.Supplier == 0);
        return new(
            string.Join("~", trip.Select(option => string.Join(".", Enumerable.Range(0, option.Flights).Select(index => option[index].FlightId)))),
            legs, legs.Sum(leg => leg.DurationMinutes), new(passengers[0].Each, total, passengers, HasChanged(trip)),
            flights.Min(flight => Math.Min((byte)9, flight.Seats[cabin])), isHouse ? HouseTariff.BagsIn(request.Cabin) : null,
            isHouse ? HouseTariff.Conditions(request.Cabin, result.Currency).Refundable : null,
            legs.Sum(leg => leg.Segments.Sum(segment => segment.Co2Kilograms)) * (request.Travellers.Adults + request.Travellers.Children),
            new(
                Math.Round(score.Total / 1e9, 4), Math.Round(score.Price, 4), Math.Round(score.Duration, 4), Math.Round(score.Stops, 4), Math.Round(score.Hours, 4),
                Math.Round(score.Layovers, 4), Math.Round(score.AirportChanges, 4)),
            trip.Any(option => option.IsDominated), Offers(trip));
    }

    private TripLegView Of(LegOption option)
    {
        var segments = Enumerable.Range(0, option.Flights).Select(index => Segment(option[index])).ToList();
        var (first, last) = (segments[0], segments[^1]);
        return new(
            first.Origin, last.Destination, first.Departure, last.Arrival, (last.Arrival.Local.Date - first.Departure.Local.Date).Days, option.Minutes, option.Stops,
            segments, [.. Enumerable.Range(1, option.Stops).Select(next => Connection(option[next - 1], option[next], next == 1 ? option.FirstMinimum : option.SecondMinimum))]);
    }

    private SegmentView Segment(DatedFlight flight)
    {
        var (origin, destination) = (Stations.All[flight.From], Stations.All[flight.To]);
        var (carrier, aircraft) = (DatedFlight.Letters(flight.Carrier), Names.Of(flight.Aircraft));
        return new(
            flight.FlightId, flight.Designator, new(carrier, Carriers.Find(carrier)?.Name), DatedFlight.Letters(flight.Operator), origin.Code, destination.Code,
            new(Clock.Wall(flight.DepartsLocal), origin.Zone, Clock.Utc(flight.DepartsAt)), new(Clock.Wall(flight.ArrivesLocal), destination.Zone, Clock.Utc(flight.ArrivesAt)),
            Clock.DayOf(flight.ArrivesLocal).DayNumber - Clock.DayOf(flight.DepartsLocal).DayNumber, flight.Minutes, new(aircraft, AircraftTypes.Find(aircraft)?.Name),
            request.Cabin, Math.Min((byte)9, flight.Seats[cabin]), Emissions.Kilograms(flight, RouteOf(flight).Kilometres, request.Cabin),
            flight.Supplier == 0 ? null : Names.Of(flight.Supplier));
    }

    private ConnectionView Connection(DatedFlight before, DatedFlight after, int minimum) => new(
        Stations.All[before.To].Code, Stations.All[after.From].Code, after.DepartsAt - before.ArrivesAt, minimum,
        before.To != after.From, OptionFilter.IsOvernight(before, after));

    private List<PassengerPriceView> PerType(List<DatedFlight> flights) =>
    [
        .. new[] { (PassengerType.Adult, request.Travellers.Adults), (PassengerType.Child, request.Travellers.Children), (PassengerType.Infant, request.Travellers.Infants) }
            .Where(type => type.Item2 > 0).Select(type =>
            {
                var lines = flights.SelectMany(flight => Lines(flight, type.Item1)).GroupBy(line => (line.Kind, line.Code, line.Country))
                    .Select(same => same.First() with { Amount = same.Select(line => line.Amount).Sum(result.Currency) }).OrderBy(line => line.Kind).ToList();
                return new PassengerPriceView(type.Item1, type.Item2, lines.Select(line => line.Amount).Sum(result.Currency), lines);
            }),
    ];

    private IEnumerable<PriceLineView> Lines(DatedFlight flight, PassengerType type)
    {
        var fare = prices.Fare(flight, request.Cabin)!.Value;
        return flight.Supplier != 0
            ? [new(PriceLineKind.BaseFare, "FARE", null, fare)]
            : HouseTariff.Lines("", type, fare, Stations.All[flight.From].Code, Stations.All[flight.To].Code)
                .Select(line => new PriceLineView(line.Kind, line.Code, line.Country, line.Amount));
    }

    /// <summary>Legs are put together while one offer can hold them; an outside supplier's flight is an offer by itself.</summary>
    private List<OfferChoice> Offers(LegOption[] trip)
    {
        var offers = new List<List<DatedFlight>>();
        foreach (var option in trip)
        {
            var flights = Enumerable.Range(0, option.Flights).Select(index => option[index]).ToList();
            if (offers.Count > 0 && offers[^1][0].Supplier == 0 && flights[0].Supplier == 0 && offers[^1].Count + flights.Count <= MostFlightsInAnOffer)
            {
                offers[^1].AddRange(flights);
            }
            else
            {
                offers.Add(flights);
            }
        }

        return offers.ConvertAll(flights => new OfferChoice(
            [.. flights.Select(flight => new OfferFlight(flight.FlightId, request.Cabin))], flights[0].Supplier == 0 ? result.Currency : null));
    }

    private bool HasChanged(LegOption[] trip)
    {
        foreach (var option in trip)
        {
            for (var index = 0; index < option.Flights; index++)
            {
                var (then, today) = (option[index], timetable.Find(option[index].Key));
                if (!ReferenceEquals(then, today) && (today is null || today.DepartsAt != then.DepartsAt || today.DepartsAt <= now || today.ArrivesAt != then.ArrivesAt
                    || prices.Of(RouteOf(then), today)[cabin] != prices.Of(RouteOf(then), then)[cabin]))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private AirRoute RouteOf(DatedFlight flight) => timetable.Between(flight.From, flight.To)!;
}
