using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Contracts.Operations;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Search;
using Aerona.Search.SearchFlights;
using Aerona.Search.Timetables;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.SearchBench;

/// <summary>The Search service as it is, with SQLite and its index in a folder, in this process and spoken to over Kestrel on loopback. Its clock runs from 1 December 2026.</summary>
internal sealed class RunningSearch : IAsyncDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Flights in a message.</summary>
    public const int AtOnce = 5_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly WebApplication app;

    private RunningSearch(WebApplication app)
    {
        this.app = app;
        Http = new(new SocketsHttpHandler()) { BaseAddress = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()), Timeout = Patience };
    }

    public HttpClient Http { get; }

    public static async Task<RunningSearch> StartAsync(string folder, bool isCaching)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Sandbox" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Data:Folder"] = folder,
            ["Messaging:RelayEnabled"] = "false",
            ["Logging:LogLevel:Default"] = "Warning",
            ["Search:Cache:Enabled"] = isCaching ? "true" : "false",
        });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(new ClockFrom(Now));
        builder.AddAeronaDefaults();
        builder.AddSearch();
        builder.AddMessaging(bus => bus.AddSearchConsumers());
        var app = builder.Build();
        app.MapAeronaDefaults();
        app.MapSearch();
        await app.StartAsync();
        await app.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, Patience);
        return new(app);
    }

    public T Get<T>() where T : notnull => app.Services.GetRequiredService<T>();

    public Task PublishAsync(object message) => Get<IBus>().Publish(message);

    /// <summary>Sends the flights as Operations does with a file it has imported, some messages ahead of what has been taken over.</summary>
    public async Task LoadAsync(IEnumerable<PublishedFlight> flights)
    {
        const int Ahead = 4 * AtOnce;
        var timetable = Get<Timetable>();
        var sent = 0;
        foreach (var message in flights.Chunk(AtOnce))
        {
            await PublishAsync(FlightsLoaded.Of(message));
            sent += message.Length;
            await UntilAsync(() => timetable.Count > sent - Ahead);
        }

        await UntilAsync(() => timetable.Count >= sent);
    }

    /// <summary>Until the lists have every change too.</summary>
    public async Task UntilListedAsync()
    {
        var before = -1L;
        await UntilAsync(async () =>
        {
            var lists = (await Http.GetFromJsonAsync<JsonElement>("/v1/flight-searches/index")).GetProperty("lists");
            var row = lists.GetProperty("row").GetInt64();
            var isDone = lists.GetProperty("isReady").GetBoolean() && row > 0 && row == before;
            before = row;
            return isDone;
        }, TimeSpan.FromSeconds(3));
    }

    public async Task<byte[]> SearchAsync(FlightSearchRequest request)
    {
        using var answer = await Http.PostAsJsonAsync("/v1/flight-searches", request, JsonSerializerOptions.Web);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        return answer.IsSuccessStatusCode ? bytes : throw new InvalidOperationException(System.Text.Encoding.UTF8.GetString(bytes));
    }

    public static Task UntilAsync(Func<bool> isDone) => UntilAsync(() => Task.FromResult(isDone()), TimeSpan.FromMilliseconds(1));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private static async Task UntilAsync(Func<Task<bool>> isDone, TimeSpan between)
    {
        var from = Stopwatch.GetTimestamp();
        using var tick = new PeriodicTimer(between);
        while (!await isDone())
        {
            if (Stopwatch.GetElapsedTime(from) > Patience)
            {
                throw new TimeoutException("The service does not get on");
            }

            await tick.WaitForNextTickAsync();
        }
    }

    private sealed class ClockFrom(DateTimeOffset start) : TimeProvider
    {
        private readonly TimeSpan shift = start - System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + shift;
    }
}
