using System.Globalization;
using Aerona.Contracts;
using Aerona.LocalServers;
using Aerona.Reference;
using Aerona.Search.Connections;
using Aerona.Search.SearchFlights;
using Aerona.Search.Timetables;
using Npgsql;
using NpgsqlTypes;

namespace Aerona.SearchBench;

/// <summary>
/// The same flights in PostgreSQL with the indexes that these questions want, stock settings, prepared statements, one connection. It answers less: the twenty cheapest ways and
/// how many there are; no facets, no dominance, no score, and minimum connection times without those of single airlines.
/// </summary>
internal sealed class Sql(NpgsqlConnection connection) : IAsyncDisposable
{
    private const string Schema = """
        CREATE TABLE flight (key bigint, origin smallint, destination smallint, day int, departs int, arrives int, is_domestic boolean, km real, price bigint, seats smallint);
        CREATE TABLE minimum (arrives_at smallint, arrives_domestic boolean, leaves_from smallint, leaves_domestic boolean, minutes int,
            PRIMARY KEY (arrives_at, arrives_domestic, leaves_from, leaves_domestic));
        """;

    private const string Indexes = """
        CREATE INDEX ON flight (origin, day) INCLUDE (destination, departs, arrives, is_domestic, km, price, seats, key);
        CREATE INDEX ON flight (origin, destination, departs) INCLUDE (arrives, is_domestic, km, price, seats, key, day);
        """;

    private const string DirectWays = """
        SELECT key AS first, NULL::bigint AS second, price * @seats AS price FROM flight
        WHERE origin = @origin AND destination = @destination AND departs BETWEEN @midnight - 840 AND @midnight + 2160 AND day = @day AND seats >= @seats
        """;

    private const string OneStopWays = """
        SELECT a.key, b.key, (a.price + b.price) * @seats
        FROM flight a
        JOIN minimum m ON m.arrives_at = a.destination AND m.arrives_domestic = a.is_domestic
        JOIN flight b ON b.origin = m.leaves_from AND b.destination = @destination AND b.departs BETWEEN a.arrives + m.minutes AND a.arrives + 1440 AND b.is_domestic = m.leaves_domestic
        WHERE a.origin = @origin AND a.day = @day AND a.seats >= @seats AND b.seats >= @seats AND a.destination <> ALL(@closed) AND a.km + b.km <= @way AND b.arrives - a.departs <= @longest
        """;

    /// <summary>A new cluster below the folder, filled with what the timetable has.</summary>
    public static async Task<Sql> FillAsync(PostgreSql server, Timetable timetable)
    {
        var connection = new NpgsqlConnection(await server.AddDatabaseAsync("flights", "bench", "bench", CancellationToken.None) + ";Command Timeout=300");
        await connection.OpenAsync();
        await RunAsync(connection, Schema);
        await using (var copy = await connection.BeginBinaryImportAsync("COPY flight FROM STDIN (FORMAT BINARY)"))
        {
            foreach (var route in Enumerable.Range(0, Stations.All.Length).SelectMany(station => timetable.From((short)station)))
            {
                foreach (var flight in route.Flights)
                {
                    await copy.StartRowAsync();
                    await copy.WriteAsync(flight.Key, NpgsqlDbType.Bigint);
                    await copy.WriteAsync(flight.From, NpgsqlDbType.Smallint);
                    await copy.WriteAsync(flight.To, NpgsqlDbType.Smallint);
                    await copy.WriteAsync(Clock.DayOf(flight.DepartsLocal).DayNumber, NpgsqlDbType.Integer);
                    await copy.WriteAsync(flight.DepartsAt, NpgsqlDbType.Integer);
                    await copy.WriteAsync(flight.ArrivesAt, NpgsqlDbType.Integer);
                    await copy.WriteAsync(route.IsDomestic, NpgsqlDbType.Boolean);
                    await copy.WriteAsync((float)route.Kilometres, NpgsqlDbType.Real);
                    await copy.WriteAsync(route.Tariff(flight.Currency, PassengerType.Adult).Total(flight.Fares[0]), NpgsqlDbType.Bigint);
                    await copy.WriteAsync((short)flight.Seats[0], NpgsqlDbType.Smallint);
                }
            }

            await copy.CompleteAsync();
        }

        await using (var copy = await connection.BeginBinaryImportAsync("COPY minimum FROM STDIN (FORMAT BINARY)"))
        {
            foreach (var (arriving, departing) in Pairs(timetable))
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(arriving.To, NpgsqlDbType.Smallint);
                await copy.WriteAsync(arriving.IsDomestic, NpgsqlDbType.Boolean);
                await copy.WriteAsync(departing.From, NpgsqlDbType.Smallint);
                await copy.WriteAsync(departing.IsDomestic, NpgsqlDbType.Boolean);
                await copy.WriteAsync(ConnectionRules.Shipped.Between(arriving, departing).Least, NpgsqlDbType.Integer);
            }

            await copy.CompleteAsync();
        }

        await RunAsync(connection, Indexes);
        await RunAsync(connection, "VACUUM ANALYZE flight");
        await RunAsync(connection, "ANALYZE minimum");
        return new(connection);
    }

    /// <summary>How many ways there are; twenty of them are read.</summary>
    public async Task<long> AskAsync(FlightSearchRequest request)
    {
        var (origin, destination) = (Airports.Find(request.Origin!)!, Airports.Find(request.Destination!)!);
        var kilometres = Airports.KilometresBetween(origin, destination);
        short[] closed = [.. Stations.SameCity[Stations.Index(origin)], .. Stations.SameCity[Stations.Index(destination)]];
        var ways = request.MaxStops == 0 ? DirectWays : $"{DirectWays} UNION ALL {OneStopWays}";
        await using var command = new NpgsqlCommand($"SELECT first, second, price, count(*) OVER () FROM ({ways}) way ORDER BY price LIMIT 20", connection);
        command.Parameters.AddWithValue("origin", Stations.Index(origin));
        command.Parameters.AddWithValue("destination", Stations.Index(destination));
        command.Parameters.AddWithValue("day", request.DepartsOn!.Value.DayNumber);
        command.Parameters.AddWithValue("midnight", Clock.Midnight(request.DepartsOn.Value));
        command.Parameters.AddWithValue("seats", (short)request.Travellers.Adults);
        if (request.MaxStops > 0)
        {
            command.Parameters.AddWithValue("closed", closed);
            command.Parameters.AddWithValue("way", (float)LegSearch.LongestWay(kilometres));
            command.Parameters.AddWithValue("longest", LegSearch.LongestTime(kilometres));
        }

        await command.PrepareAsync();
        await using var reader = await command.ExecuteReaderAsync();
        var count = 0L;
        while (await reader.ReadAsync())
        {
            _ = reader.GetInt64(2);
            count = reader.GetInt64(3);
        }

        return count;
    }

    /// <summary>Table and indexes.</summary>
    public async Task<string> SizeAsync()
    {
        await using var command = new NpgsqlCommand("SELECT pg_total_relation_size('flight') / 1000000", connection);
        return $"{Convert.ToString(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture)} MB";
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    /// <summary>For each two airports of a city a route of each kind into the one and out of the other.</summary>
    private static IEnumerable<(AirRoute Arriving, AirRoute Departing)> Pairs(Timetable timetable) =>
        from at in Enumerable.Range(0, Stations.All.Length)
        from arriving in timetable.To((short)at).DistinctBy(route => route.IsDomestic)
        from next in Stations.SameCity[at]
        from departing in timetable.From(next).DistinctBy(route => route.IsDomestic)
        select (arriving, departing);

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
