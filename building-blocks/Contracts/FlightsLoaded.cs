using System.Text;

namespace Aerona.Contracts.Operations;

/// <summary>
/// Event: a part of a timetable is on sale; what <see cref="FlightsPublished"/> says of its flights, in columns, since flights by the hundred thousand cost by the byte.
/// At most 10,000 flights, no two alike, all of the house airline. Text columns have a fixed number of characters for each flight.
/// </summary>
/// <param name="Count">How many flights.</param>
/// <param name="Versions">As <see cref="PublishedFlight.Version"/>.</param>
/// <param name="Carriers">Two characters a flight, of the designator.</param>
/// <param name="Numbers">Of the designator; there are no suffixes.</param>
/// <param name="OperatingCarriers">Two characters a flight.</param>
/// <param name="Routes">Six characters a flight: origin, destination.</param>
/// <param name="Departs">Minutes from 1970-01-01T00:00Z.</param>
/// <param name="DepartureOffsets">Minutes that the clock at the origin is ahead of UTC then.</param>
/// <param name="Minutes">From departure to arrival.</param>
/// <param name="ArrivalOffsets">Minutes that the clock at the destination is ahead of UTC on arrival.</param>
/// <param name="Aircraft">Three characters a flight: IATA type code.</param>
/// <param name="Currencies">Three characters a flight.</param>
/// <param name="CabinCounts">How many cabins each flight sells; the next columns have so many entries for it.</param>
/// <param name="Cabins">Two characters a cabin: its number in <see cref="Cabin"/> and the booking class.</param>
/// <param name="Authorised">As <see cref="PublishedCabin.Authorised"/>.</param>
/// <param name="Fares">Minor units of the flight's currency.</param>
public sealed record FlightsLoaded(
    int Count, long[] Versions, string Carriers, int[] Numbers, string OperatingCarriers, string Routes, int[] Departs, int[] DepartureOffsets, int[] Minutes,
    int[] ArrivalOffsets, string Aircraft, string Currencies, int[] CabinCounts, string Cabins, int[] Authorised, long[] Fares)
{
    /// <summary>Flights a message, at most.</summary>
    public const int Most = 10_000;

    /// <summary>Puts flights into columns; throws <see cref="ArgumentException"/> for one that does not fit: go on with <see cref="FlightsPublished"/> for that.</summary>
    public static FlightsLoaded Of(IReadOnlyList<PublishedFlight> flights)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(flights.Count, Most);
        var (carriers, operating, routes, aircraft) = (Text(2, flights.Count), Text(2, flights.Count), Text(6, flights.Count), Text(3, flights.Count));
        var (currencies, cabins) = (Text(3, flights.Count), Text(4, flights.Count));
        var (authorised, fares) = (new List<int>(2 * flights.Count), new List<long>(2 * flights.Count));
        foreach (var flight in flights)
        {
            Check(flight);
            carriers.Append(flight.Flight.Carrier);
            operating.Append(flight.OperatingCarrier);
            routes.Append(flight.Origin).Append(flight.Destination);
            aircraft.Append(flight.Aircraft);
            currencies.Append(flight.Cabins.Count == 0 ? "   " : flight.Cabins[0].Fare.Currency);
            foreach (var cabin in flight.Cabins)
            {
                cabins.Append((char)('0' + (int)cabin.Cabin)).Append(cabin.BookingClass);
                authorised.Add(cabin.Authorised);
                fares.Add(cabin.Fare.MinorUnits);
            }
        }

        return new(
            flights.Count, Column(flights, flight => flight.Version), $"{carriers}", Column(flights, flight => flight.Flight.Number), $"{operating}", $"{routes}",
            Column(flights, flight => MinutesOf(flight.DepartsAt - DateTimeOffset.UnixEpoch)), Column(flights, flight => Offset(flight.DepartsLocal, flight.DepartsAt)),
            Column(flights, flight => MinutesOf(flight.ArrivesAt - flight.DepartsAt)), Column(flights, flight => Offset(flight.ArrivesLocal, flight.ArrivesAt)),
            $"{aircraft}", $"{currencies}", Column(flights, flight => flight.Cabins.Count), $"{cabins}", [.. authorised], [.. fares]);
    }

    /// <summary>The flights, one after the other.</summary>
    public IEnumerable<PublishedFlight> Flights()
    {
        var words = new Words();
        var cabin = 0;
        for (var at = 0; at < Count; at++)
        {
            var currency = words.Of(Currencies, at, 3);
            var sold = new PublishedCabin[CabinCounts[at]];
            for (var next = 0; next < sold.Length; next++, cabin++)
            {
                sold[next] = new((Cabin)(Cabins[2 * cabin] - '0'), Authorised[cabin], words.Of(Cabins, 2 * cabin + 1, 1), new(Fares[cabin], currency));
            }

            var departs = DateTimeOffset.UnixEpoch.AddMinutes(Departs[at]);
            var arrives = departs.AddMinutes(Minutes[at]);
            var (departsLocal, arrivesLocal) = (Local(departs, DepartureOffsets[at]), Local(arrives, ArrivalOffsets[at]));
            var flight = new FlightDesignator(words.Of(Carriers, at, 2), Numbers[at]);
            yield return new(
                flight.OnDate(DateOnly.FromDateTime(departsLocal)), Versions[at], flight, words.Of(OperatingCarriers, at, 2), words.Of(Routes, 2 * at, 3),
                words.Of(Routes, 2 * at + 1, 3), departsLocal, departs, arrivesLocal, arrives, words.Of(Aircraft, at, 3), sold);
        }
    }

    private static void Check(PublishedFlight flight)
    {
        if (flight is not { Flight: { Suffix: null, Carrier.Length: 2 }, OperatingCarrier.Length: 2, Origin.Length: 3, Destination.Length: 3, Aircraft.Length: 3, Supplier: null, SeatMap: null }
            || flight.FlightId != flight.Flight.OnDate(DateOnly.FromDateTime(flight.DepartsLocal))
            || flight.Cabins.Any(cabin => cabin.BookingClass.Length != 1 || cabin.Classes is not null || cabin.Fare.Currency != flight.Cabins[0].Fare.Currency))
        {
            throw new ArgumentException($"{flight.FlightId} does not fit into columns", nameof(flight));
        }
    }

    private static T[] Column<T>(IReadOnlyList<PublishedFlight> flights, Func<PublishedFlight, T> value)
    {
        var column = new T[flights.Count];
        for (var at = 0; at < column.Length; at++)
        {
            column[at] = value(flights[at]);
        }

        return column;
    }

    private static StringBuilder Text(int characters, int flights) => new(characters * flights);

    private static int Offset(DateTime local, DateTimeOffset at) => MinutesOf(local - at.UtcDateTime);

    private static int MinutesOf(TimeSpan span) =>
        span.Ticks % TimeSpan.TicksPerMinute == 0 ? (int)(span.Ticks / TimeSpan.TicksPerMinute) : throw new ArgumentException("Times are whole minutes", nameof(span));

    private static DateTime Local(DateTimeOffset at, int offset) => DateTime.SpecifyKind(at.UtcDateTime.AddMinutes(offset), DateTimeKind.Unspecified);

    /// <summary>The same few codes come again and again: one string each.</summary>
    private sealed class Words
    {
        private readonly Dictionary<int, string> known = [];

        public string Of(string column, int at, int length)
        {
            var code = 0;
            for (var letter = at * length; letter < (at + 1) * length; letter++)
            {
                code = (code << 8) | (byte)column[letter];
            }

            return known.TryGetValue(code, out var word) ? word : known[code] = column.Substring(at * length, length);
        }
    }
}
