using System.Globalization;
using Aerona.Contracts;
using Aerona.Reference;

namespace Aerona.Operations.World;

/// <summary>A flight of the seed world's timetable.</summary>
/// <param name="Flight">Designator, used by no other on the same day.</param>
/// <param name="Origin">From.</param>
/// <param name="Destination">To.</param>
/// <param name="Departs">Wall clock at the origin.</param>
/// <param name="Days">Days of the week it flies: bit 0 is Sunday.</param>
/// <param name="Kilometres">Great circle.</param>
/// <param name="Aircraft">The usual type.</param>
/// <param name="Level">What the airline asks compared with the usual fare.</param>
internal sealed record ScheduledFlight(
    FlightDesignator Flight, Airport Origin, Airport Destination, TimeOnly Departs, int Days, double Kilometres, AircraftType Aircraft, double Level);

/// <summary>
/// The timetable of the seed world: every route of <see cref="Routes"/> both ways, odd numbers out and even ones back, the same for the same seed wherever it
/// is made.
/// </summary>
internal sealed class SeedSchedule
{
    /// <summary>Numbers from here on are free for imports.</summary>
    public const int NumbersBelow = 2_000;

    private readonly long seed;

    public SeedSchedule(long seed)
    {
        this.seed = seed;
        var numbers = new Dictionary<string, int>();
        Flights = [.. Routes.All.SelectMany(route => Services(route).SelectMany(service => RoundTrips(route, service.Carrier, service.Daily, numbers)))];
    }

    /// <summary>In the order of the routes; both directions of a round trip one after the other.</summary>
    public IReadOnlyList<ScheduledFlight> Flights { get; }

    /// <summary>The dated flights of a local date, in the timetable's order, without the first few.</summary>
    public IEnumerable<DatedFlight> On(DateOnly day, int skip = 0) => Flights.Where(flight => Flies(flight, day)).Skip(skip).Select(flight => Dated(flight, day));

    /// <summary>How many flights that date has.</summary>
    public int CountOn(DateOnly day) => Flights.Count(flight => Flies(flight, day));

    private static bool Flies(ScheduledFlight flight, DateOnly day) => (flight.Days & (1 << (int)day.DayOfWeek)) != 0;

    private DatedFlight Dated(ScheduledFlight flight, DateOnly day)
    {
        var crowd = day.DayOfWeek is DayOfWeek.Friday or DayOfWeek.Sunday ? 1.12 : day.DayOfWeek is DayOfWeek.Tuesday or DayOfWeek.Wednesday ? 0.92 : 1.0;
        var level = flight.Level * crowd * Dice.Between(0.85, 1.2, seed, flight.Flight.ToString(), day.DayNumber);
        return DatedFlight.New(
            flight.Flight, flight.Origin, flight.Destination, day.ToDateTime(flight.Departs), FlightRules.BlockTime(flight.Kilometres), flight.Aircraft,
            FlightRules.Cabins(flight.Aircraft, flight.Kilometres, FlightRules.Currency(flight.Origin, flight.Destination), level));
    }

    private static IEnumerable<(string Carrier, int Daily)> Services(Route route) =>
        route.Services.Split(' ').Select(service => (service[..2], int.Parse(service[3..], CultureInfo.InvariantCulture)));

    private IEnumerable<ScheduledFlight> RoundTrips(Route route, string carrier, int daily, Dictionary<string, int> numbers)
    {
        var (from, to) = (Airports.All[route.From], Airports.All[route.To]);
        for (var trip = 0; trip < daily; trip++)
        {
            var number = numbers[carrier] = numbers.GetValueOrDefault(carrier) + 2;
            if (number >= NumbersBelow)
            {
                throw new InvalidOperationException($"{carrier} has more routes than numbers below {NumbersBelow}");
            }

            var outward = Scheduled(new(carrier, number - 1), from, to, trip, daily);
            yield return outward;
            yield return Scheduled(new(carrier, number), to, from, trip, daily) with { Days = outward.Days, Aircraft = outward.Aircraft };
        }
    }

    private ScheduledFlight Scheduled(FlightDesignator flight, Airport from, Airport to, int trip, int daily)
    {
        var name = flight.ToString();
        var kilometres = Airports.KilometresBetween(from, to);
        var aircraft = Fleets.For(flight.Carrier, kilometres, daily, Dice.Roll(seed, name, 1));
        return new(flight, from, to, Departure(name, from, to, kilometres, trip, daily), DaysOf(name, kilometres, daily), kilometres, aircraft,
            Dice.Between(0.85, 1.25, seed, name, 2));
    }

    /// <summary>
    /// Departures are spread over the day from 06:00 to 21:30. Long stages leave when travellers like to: eastward in the evening, to arrive in the morning;
    /// westward around noon, to arrive the same day.
    /// </summary>
    private TimeOnly Departure(string name, Airport from, Airport to, double kilometres, int trip, int daily)
    {
        var ahead = ZoneHours(to) - ZoneHours(from);
        var (opens, closes) = kilometres < 5_000 ? (6.0, 21.5) : ahead >= 4 ? (17.0, 23.4) : ahead <= -4 ? (9.5, 15.0) : (8.0, 23.0);
        var hour = opens + (closes - opens) * (trip + Dice.Between(0.1, 0.9, seed, name, 3)) / daily;
        return TimeOnly.MinValue.AddMinutes(5 * (int)(hour * 12));
    }

    // A single daily service mostly rests on up to three days of the week, and on two when the stage is short.
    private int DaysOf(string name, double kilometres, int daily)
    {
        const int everyDay = 0b111_1111;
        int Rest(int throws) => Enumerable.Range(5, throws).Aggregate(0, (days, roll) => days | (1 << (int)(Dice.Roll(seed, name, roll) * 7)));
        return daily == 1 && Dice.Roll(seed, name, 4) < 0.8 ? everyDay & ~Rest(kilometres > 2_500 ? 3 : 2) : everyDay;
    }

    private static double ZoneHours(Airport airport) => airport.TimeZone.BaseUtcOffset.TotalHours;
}
