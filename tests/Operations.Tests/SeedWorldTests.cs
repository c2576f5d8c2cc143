using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Contracts.Operations;
using Aerona.Operations.Data;
using Aerona.Operations.World;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Aerona.Operations.Tests;

public sealed class SeedWorldTests
{
    private static readonly DateOnly Today = new(2026, 12, 1);   // where the test's clock starts

    [Fact]
    public async Task The_first_start_publishes_every_flight_up_to_the_horizon_once()
    {
        await using var service = await OperationsService.StartAsync(days: 2);
        await service.Services.GetRequiredService<SeedWorldBuilder>().Built;

        var expected = Expected(Today, 3);
        Assert.Equal(expected, (await service.FlightsAsync()).Select(flight => flight.Id));
        Assert.Equal(expected, (await service.PublishedFlightsAsync()).Select(flight => flight.FlightId).Order(StringComparer.Ordinal));
        Assert.All(await service.Published<FlightsPublished>(), message => Assert.InRange(message.Flights.Count, 1, 500));

        var world = await service.Http.GetFromJsonAsync<JsonElement>("/v1/operations/world");
        Assert.Equal("ready", world.GetProperty("state").GetString());
        Assert.Equal(expected.Count, world.GetProperty("flights").GetInt32());
        Assert.Equal(expected.Count, world.GetProperty("published").GetInt32());
        Assert.Equal("2026-12-03", world.GetProperty("until").GetString());
    }

    [Fact]
    public async Task What_is_published_is_what_stands_in_the_table()
    {
        await using var service = await OperationsService.StartAsync(days: 1);
        await service.Services.GetRequiredService<SeedWorldBuilder>().Built;

        var flight = (await service.FlightsAsync())[17];
        var published = Assert.Single(await service.PublishedFlightsAsync(), published => published.FlightId == flight.Id);
        var shown = await service.Http.GetFromJsonAsync<JsonElement>($"/v1/operations/flights/{flight.Id}");

        Assert.Equal(JsonSerializer.Serialize(flight.Published()), JsonSerializer.Serialize(published));
        Assert.Equal(JsonSerializer.Serialize(flight.Published()), JsonSerializer.Serialize(shown.GetProperty("flight").Deserialize<PublishedFlight>(JsonSerializerOptions.Web)));
        Assert.Equal("seed", shown.GetProperty("source").GetString());
    }

    [Fact]
    public async Task A_flight_that_is_none_is_told_as_such()
    {
        await using var service = await OperationsService.StartAsync();

        using var answer = await service.Http.GetAsync("/v1/operations/flights/ZZ1-20261201");

        Assert.Equal(404, (int)answer.StatusCode);
        Assert.Equal("flight.not_found", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_world_killed_while_it_is_built_goes_on_where_it_was()
    {
        var folder = Directory.CreateTempSubdirectory("aerona-world-");
        try
        {
            await using (var killed = await OperationsService.StartAsync(
                folder: folder.FullName, signedIn: false, add: builder => builder.Services.AddSingleton<IInterceptor>(new DiesAtSave(2))))
            {
                await Assert.ThrowsAsync<InvalidOperationException>(() => killed.Services.GetRequiredService<SeedWorldBuilder>().ExtendAsync(CancellationToken.None));
                Assert.Equal(500, (await killed.FlightsAsync()).Count);
            }

            await using var again = await OperationsService.StartAsync(days: 2, folder: folder.FullName, signedIn: false);
            await again.Services.GetRequiredService<SeedWorldBuilder>().Built;

            Assert.Equal(Expected(Today, 3), (await again.FlightsAsync()).Select(flight => flight.Id));
            Assert.Equal(Expected(Today, 3), (await again.PublishedFlightsAsync()).Select(flight => flight.FlightId).Order(StringComparer.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_horizon_moves_with_the_days_and_nothing_is_published_twice()
    {
        await using var service = await OperationsService.StartAsync(days: 1);
        var builder = service.Services.GetRequiredService<SeedWorldBuilder>();
        await builder.Built;

        await builder.ExtendAsync(CancellationToken.None);
        Assert.Equal(Expected(Today, 2).Count, (await service.PublishedFlightsAsync()).Count);

        await builder.ExtendAsync(Today.AddDays(1), CancellationToken.None);
        Assert.Equal(Expected(Today, 3), (await service.PublishedFlightsAsync()).Select(flight => flight.FlightId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task After_a_long_pause_the_world_begins_again_with_today()
    {
        await using var service = await OperationsService.StartAsync();
        await service.Query<OperationsDbContext, int>(async db =>
        {
            db.Worlds.Add(new() { Seed = 3, NextDay = Today.AddDays(-40), NextOrdinal = 7 });
            return await db.SaveChangesAsync();
        });

        await service.Services.GetRequiredService<SeedWorldBuilder>().ExtendAsync(CancellationToken.None);

        Assert.Equal(
            new SeedSchedule(3).On(Today).Select(flight => flight.Id).Order(StringComparer.Ordinal), (await service.FlightsAsync()).Select(flight => flight.Id));
    }

    private static List<string> Expected(DateOnly first, int days)
    {
        var schedule = new SeedSchedule(new WorldOptions().Seed);
        return [.. Enumerable.Range(0, days).SelectMany(day => schedule.On(first.AddDays(day))).Select(flight => flight.Id).Order(StringComparer.Ordinal)];
    }
}
