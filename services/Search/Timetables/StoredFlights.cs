using Aerona.Contracts;
using Aerona.Persistence;
using Aerona.Search.Data;
using Aerona.Search.Indexing;

namespace Aerona.Search.Timetables;

/// <summary>Reads the table of flights for the timetable; the only place that knows how they are stored.</summary>
internal sealed class StoredFlights(PlainReads<SearchDbContext> reads)
{
    private const int RowsAtOnce = 5_000;

    private static readonly Dictionary<Cabin, int> None = [];

    /// <summary>Whether there are rows after that one.</summary>
    public async Task<bool> HasAfterAsync(long row, CancellationToken cancellationToken) =>
        await reads.ListAsync("SELECT 1 FROM known_flight WHERE \"row\" > @row LIMIT 1", _ => true, cancellationToken, ("row", row)) is not [];

    /// <summary>The row up to which prices have been written down.</summary>
    public async Task<long> ObservedUpToAsync(CancellationToken cancellationToken) =>
        (await reads.ListAsync("SELECT MAX(version) FROM price_observation", found => found.IsDBNull(0) ? 0 : found.GetInt64(0), cancellationToken)).Single();

    /// <summary>The next flights in the order of their changes, and the last row among them; none: there are no more.</summary>
    public async Task<(List<DatedFlight> Flights, long LastRow)> AfterAsync(long row, CancellationToken cancellationToken)
    {
        var flights = await reads.ListAsync(
            $"SELECT \"row\", id, flight FROM known_flight WHERE \"row\" > @row ORDER BY \"row\" LIMIT {RowsAtOnce}",
            found => (Row: found.GetInt64(0), Id: found.GetString(1), Flight: found.GetFieldValue<byte[]>(2)), cancellationToken, ("row", row));
        if (flights.Count == 0)
        {
            return ([], row);
        }

        var seats = await reads.ListAsync(
            "SELECT s.flight_id, s.cabin, s.\"left\" FROM cabin_seats s JOIN known_flight f ON f.id = s.flight_id WHERE f.\"row\" > @row AND f.\"row\" <= @last",
            found => (Id: found.GetString(0), Cabin: Enum.Parse<Cabin>(found.GetString(1)), Left: found.GetInt32(2)), cancellationToken, ("row", row), ("last", flights[^1].Row));
        var left = seats.GroupBy(one => one.Id).ToDictionary(flight => flight.Key, flight => flight.ToDictionary(one => one.Cabin, one => one.Left));
        return ([.. flights.Select(one => DatedFlight.Of(PackedFlight.Read(one.Flight), left.GetValueOrDefault(one.Id, None))).OfType<DatedFlight>()], flights[^1].Row);
    }
}
