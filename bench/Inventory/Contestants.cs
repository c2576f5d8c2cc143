using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Airlines;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Operations;
using Aerona.Hosting;
using Aerona.Messaging;
using MassTransit;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Npgsql;

namespace Aerona.InventoryBench;

/// <summary>Holds a seat on a flight, durably and never beyond what may be sold.</summary>
internal interface IContestant : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Makes flights of so many seats each.</summary>
    Task AddFlightsAsync(IReadOnlyList<string> flightIds, int seats, CancellationToken cancellationToken);

    /// <summary>One attempt of a booking of its own; returns when it is committed, held or refused.</summary>
    Task HoldAsync(string flightId, CancellationToken cancellationToken);

    /// <summary>Seats occupied by live holds, as the books say and as counted, and how many flights have more than may be sold.</summary>
    Task<Books> ReadBooksAsync(CancellationToken cancellationToken);
}

/// <summary>What a contestant left behind.</summary>
/// <param name="Holds">Seats of live holds, counted.</param>
/// <param name="Counted">The same as the counts say.</param>
/// <param name="Oversold">Flights with more holds than seats, by count or by holds.</param>
internal sealed record Books(long Holds, long Counted, long Oversold);

/// <summary>
/// The Airlines service as it is: a HoldSeats message goes through the endpoint of its consumer, with inbox, desk, inventory, outbox rows and one transaction, and counts
/// when it is acknowledged. Without the broker's network (the bus is in memory) and without the sending of what stands in the outbox.
/// </summary>
internal sealed class Product : IContestant, IReceiveObserver
{
    private static readonly DateOnly Day = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(30);

    private readonly WebApplication app;
    private readonly HttpClient http;
    private readonly NpgsqlDataSource database;
    private readonly IBus bus;
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> waiting = [];
    private readonly ConcurrentDictionary<string, Guid> offers = [];

    private Product(WebApplication app, HttpClient http, NpgsqlDataSource database)
    {
        (this.app, this.http, this.database) = (app, http, database);
        bus = app.Services.GetRequiredService<IBus>();
    }

    public string Name => "Aerona";

    public static async Task<Product> StartAsync(string connectionString, string dataFolder, InventoryOptions options)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Sandbox" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:airlines"] = connectionString,
            ["Data:Folder"] = dataFolder,
            ["HouseAirline:OfferLifetime"] = "1.00:00:00",
            ["HouseAirline:HoldFor"] = "1.00:00:00",
            ["Messaging:RelayEnabled"] = "false",
            ["Messaging:ConcurrentMessageLimit"] = options.InFlight.ToString(CultureInfo.InvariantCulture),
            ["Messaging:PrefetchCount"] = (2 * options.InFlight).ToString(CultureInfo.InvariantCulture),
            ["Logging:LogLevel:Default"] = "Warning",
        });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddAeronaDefaults();
        builder.AddAirlines();
        builder.AddMessaging(consumers => consumers.AddAirlinesConsumers());
        var app = builder.Build();
        app.MapAeronaDefaults();
        app.MapAirlines();
        await app.StartAsync();
        await app.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, TimeSpan.FromMinutes(2));
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var product = new Product(app, new() { BaseAddress = new(address) }, NpgsqlDataSource.Create(connectionString));
        product.bus.ConnectReceiveObserver(product);
        return product;
    }

    public async Task AddFlightsAsync(IReadOnlyList<string> flightIds, int seats, CancellationToken cancellationToken)
    {
        var flights = flightIds.Select((id, index) => (Id: id, Published: Flight(offers.Count + index + 1, seats))).ToList();
        foreach (var some in flights.Chunk(500))
        {
            await DeliverAsync(new FlightsPublished([.. some.Select(flight => flight.Published)]), cancellationToken);
        }

        foreach (var (id, published) in flights)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/offers")
            {
                Content = JsonContent.Create(new { flights = new[] { new { flightId = published.FlightId, cabin = "economy" } }, passengers = new[] { new { type = "adult" } } }),
            };
            request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
            using var answer = await http.SendAsync(request, cancellationToken);
            answer.EnsureSuccessStatusCode();
            offers[id] = (await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("id").GetGuid();
        }
    }

    public Task HoldAsync(string flightId, CancellationToken cancellationToken) => DeliverAsync(
        new HoldSeats(
            Guid.CreateVersion7(), Guid.CreateVersion7(), offers[flightId],
            [new("p1", PassengerType.Adult, "Jo", "Doe", "JO", "DOE", new(1990, 1, 31), null)], Contact: new("jo@example.org", null, "en")),
        cancellationToken);

    public async Task<Books> ReadBooksAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            WITH held AS (
                SELECT taken.item->>'key' AS key, sum((taken.item->>'seats')::int) AS seats
                FROM hold CROSS JOIN LATERAL jsonb_array_elements(hold.seats::jsonb) AS taken(item)
                WHERE hold.state <> 'Released' GROUP BY 1)
            SELECT coalesce(sum(held.seats), 0)::bigint, coalesce(sum(c.occupied), 0)::bigint,
                   count(*) FILTER (WHERE c.occupied > c.authorised OR coalesce(held.seats, 0) > c.authorised OR coalesce(held.seats, 0) <> c.occupied)
            FROM seat_count c FULL JOIN held ON held.key = c.key
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        await database.DisposeAsync();
    }

    Task IReceiveObserver.PreReceive(ReceiveContext context) => Task.CompletedTask;

    Task IReceiveObserver.PostReceive(ReceiveContext context)
    {
        if (context.GetMessageId() is { } id && waiting.TryRemove(id, out var done))
        {
            done.SetResult();
        }

        return Task.CompletedTask;
    }

    Task IReceiveObserver.PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) => Task.CompletedTask;

    Task IReceiveObserver.ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) => Task.CompletedTask;

    Task IReceiveObserver.ReceiveFault(ReceiveContext context, Exception exception)
    {
        if (context.GetMessageId() is { } id && waiting.TryRemove(id, out var done))
        {
            done.SetException(exception);
        }

        return Task.CompletedTask;
    }

    private async Task DeliverAsync<T>(T message, CancellationToken cancellationToken) where T : class
    {
        var id = NewId.NextGuid();
        var done = waiting[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await bus.Publish(message, context => context.MessageId = id, cancellationToken);
        await done.Task.WaitAsync(TimeSpan.FromMinutes(2), cancellationToken);
    }

    private static PublishedFlight Flight(int number, int seats)
    {
        var flight = new FlightDesignator("AA", ((number - 1) % 9_000) + 1);
        var day = Day.AddDays((number - 1) / 9_000);
        var local = day.ToDateTime(new(9, 0));
        var departsAt = new DateTimeOffset(local, TimeSpan.FromHours(-5)).ToUniversalTime();
        return new(
            flight.OnDate(day), 1, flight, "AA", "JFK", "LAX", local, departsAt, departsAt.AddHours(-2).UtcDateTime, departsAt.AddHours(6), "321",
            [new(Cabin.Economy, seats, "Y", Money.Of(200, "USD"))]);
    }
}

/// <summary>
/// The least SQL that holds a seat safely: one transaction in one round trip, the count taken only while there is something left, the hold's row written once. No messages,
/// no offer, no rules.
/// </summary>
internal sealed class Floor : IContestant
{
    private readonly NpgsqlDataSource database;

    private Floor(NpgsqlDataSource database) => this.database = database;

    public string Name => "bare SQL";

    public static async Task<Floor> StartAsync(string connectionString, CancellationToken cancellationToken)
    {
        var database = NpgsqlDataSource.Create(connectionString);
        await using var command = database.CreateCommand("""
            CREATE TABLE seat_count (key text PRIMARY KEY, authorised int NOT NULL, occupied int NOT NULL, version bigint NOT NULL);
            CREATE TABLE hold (hold_id uuid PRIMARY KEY, booking_id uuid NOT NULL, key text NOT NULL, token bigint NOT NULL, space_until timestamptz NOT NULL);
            CREATE INDEX ON hold (space_until);
            """);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return new(database);
    }

    public async Task AddFlightsAsync(IReadOnlyList<string> flightIds, int seats, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("INSERT INTO seat_count SELECT key, $2, 0, 0 FROM unnest($1) AS key");
        command.Parameters.Add(new() { Value = flightIds.ToArray() });
        command.Parameters.Add(new() { Value = seats });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task HoldAsync(string flightId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            WITH taken AS (UPDATE seat_count SET occupied = occupied + 1, version = version + 1 WHERE key = $1 AND occupied + 1 <= authorised RETURNING version)
            INSERT INTO hold SELECT $2, $3, $1, version, now() + interval '20 minutes' FROM taken
            """);
        command.Parameters.Add(new() { Value = flightId });
        command.Parameters.Add(new() { Value = Guid.CreateVersion7() });
        command.Parameters.Add(new() { Value = Guid.CreateVersion7() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<Books> ReadBooksAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            WITH held AS (SELECT key, count(*) AS seats FROM hold GROUP BY 1)
            SELECT coalesce(sum(held.seats), 0)::bigint, coalesce(sum(c.occupied), 0)::bigint,
                   count(*) FILTER (WHERE c.occupied > c.authorised OR coalesce(held.seats, 0) > c.authorised OR coalesce(held.seats, 0) <> c.occupied)
            FROM seat_count c FULL JOIN held ON held.key = c.key
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();
}
