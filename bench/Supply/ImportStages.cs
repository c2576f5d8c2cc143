using System.Text.Json;
using Aerona.Airlines.Data;
using Aerona.Airlines.Flights;
using Aerona.Contracts.Operations;
using Aerona.Operations;
using Aerona.Operations.Data;
using Aerona.Operations.Imports;
using Aerona.Persistence;
using Aerona.Search.Data;
using Aerona.Search.Indexing;
using Aerona.Search.Timetables;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using DatedFlight = Aerona.Operations.DatedFlight;

namespace Aerona.SupplyBench;

/// <summary>
/// Each stage of an import alone: the CPU it costs at least, whatever else runs on the machine. The same code as in the services, on SQLite files of its own, three times over
/// different days of the file; the last counts, when everything is compiled.
/// </summary>
internal static class ImportStages
{
    private const int Flights = 50_000;

    private const int Times = 3;

    public static async Task MeasureAsync(string path, string folder, TextWriter output, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Data:Folder"] = Path.Combine(folder, "stages");
        builder.Configuration["Urls"] = "http://127.0.0.1:0";
        builder.AddDatabase<OperationsDbContext>("operations");
        builder.AddDatabase<AirlinesDbContext>("airlines");
        builder.AddDatabase<SearchDbContext>("search");
        await using var app = builder.Build();
        await app.StartAsync(cancellationToken);

        using var file = await RowFile.OpenAsync(File.OpenRead(path), null, cancellationToken);
        var stages = new List<(string Stage, double Seconds)>();
        var count = 0;
        for (var time = 0; time < Times; time++)
        {
            stages.Clear();
            var read = await TimedAsync("read, check and work out a row", () => ReadAsync(file, count, cancellationToken));
            var flights = read;
            count += flights.Count;
            var loaded = await TimedAsync("into columns and JSON, and out", () => Task.FromResult(Sent(flights)));
            await TimedAsync("Operations: rows", () => WriteAsync<OperationsDbContext, DatedFlight>(app.Services, flights, null, null, cancellationToken));
            await TimedAsync("Airlines: rows", () => WriteAsync<AirlinesDbContext, FlightOnSale>(app.Services, loaded.ConvertAll(FlightOnSale.Of), null, null, cancellationToken));
            var row = count - flights.Count;
            await TimedAsync("Search: packing, rows", () => WriteAsync<SearchDbContext, KnownFlight>(
                app.Services,
                loaded.ConvertAll(flight => new KnownFlight
                {
                    Id = flight.FlightId,
                    Row = ++row,
                    FirstRow = row,
                    Version = 1,
                    DepartsOn = DateOnly.FromDateTime(flight.DepartsLocal),
                    Flight = PackedFlight.Write(flight),
                }),
                nameof(KnownFlight.Version), nameof(KnownFlight.FirstRow), cancellationToken));
            await TimedAsync("Search: into the timetable", () => ShowAsync(new(app.Services.GetRequiredService<PlainReads<SearchDbContext>>()), new(), count - flights.Count, cancellationToken));
        }

        await output.WriteLineAsync($"\nstages alone, {Flights} flights of the file each; CPU with collecting garbage (load {Machine.Load()})");
        foreach (var (stage, seconds) in stages)
        {
            await output.WriteLineAsync($"  {stage,-34}{seconds / Flights * 1e6,8:0.0} us{Flights / seconds,12:0} flights/s");
        }

        var sum = stages.Sum(stage => stage.Seconds);
        await output.WriteLineAsync($"  {"together",-34}{sum / Flights * 1e6,8:0.0} us; {Environment.ProcessorCount} cores at best {Environment.ProcessorCount * Flights / sum:0} flights/s");
        await app.StopAsync(cancellationToken);

        async Task<T> TimedAsync<T>(string stage, Func<Task<T>> work)
        {
            GC.Collect();
            var began = Environment.CpuUsage.TotalTime;
            var result = await work();
            stages.Add((stage, (Environment.CpuUsage.TotalTime - began).TotalSeconds));
            return result;
        }
    }

    private static async Task<List<DatedFlight>> ReadAsync(RowFile file, int before, CancellationToken cancellationToken)
    {
        var flights = new List<DatedFlight>(Flights);
        var numbers = new Dictionary<(DateOnly, string), int>();
        while (flights.Count < Flights && await file.ReadAsync(cancellationToken) is { } parsed)
        {
            if (parsed.Row is { } row)
            {
                // Numbers as the import gives them out; a multiple of the weeks keeps days apart that are read in parts.
                var number = numbers[(row.Day, row.Carrier)] = numbers.GetValueOrDefault((row.Day, row.Carrier), 2_000) + 1;
                flights.Add(row.Flight(number % 10_000, 9_401 + 7 * (before / Flights), Guid.Empty));
            }
        }

        return flights.Count == Flights ? flights : throw new InvalidOperationException($"the stages need a file of {Times * Flights} rows that can be read; or --no-stages");
    }

    private static List<PublishedFlight> Sent(List<DatedFlight> flights)
    {
        var received = new List<PublishedFlight>(flights.Count);
        foreach (var some in flights.Chunk(FlightImporter.FlightsAtOnce))
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(FlightsLoaded.Of([.. some.Select(flight => flight.Published())]), JsonSerializerOptions.Web);
            received.AddRange(JsonSerializer.Deserialize<FlightsLoaded>(body, JsonSerializerOptions.Web)!.Flights());
        }

        return received;
    }

    private static async Task<int> WriteAsync<TDbContext, TRow>(
        IServiceProvider services, List<TRow> rows, string? version, string? kept, CancellationToken cancellationToken) where TDbContext : DbContext where TRow : class
    {
        var written = 0;
        foreach (var some in rows.Chunk(FlightImporter.FlightsAtOnce))
        {
            await using var scope = services.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<TDbContext>();
            await using var transaction = await db.BeginAsync(cancellationToken);
            written += await db.UpsertAsync(some, version, cancellationToken, kept);
            await transaction.CommitAsync(cancellationToken);
        }

        return written == rows.Count ? written : throw new InvalidOperationException($"{typeof(TRow).Name}: {written} of {rows.Count} rows were new");
    }

    private static async Task<int> ShowAsync(StoredFlights stored, Timetable timetable, long row, CancellationToken cancellationToken)
    {
        while (await stored.AfterAsync(row, cancellationToken) is var (flights, last) && last > row)
        {
            timetable.Put(flights);
            row = last;
        }

        return timetable.Count == Flights ? timetable.Count : throw new InvalidOperationException($"the timetable has {timetable.Count} of {Flights} flights");
    }
}
