using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Operations;
using Aerona.Reference;
using Aerona.Search.Indexing;
using Aerona.Search.Timetables;
using Aerona.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Aerona.Search.Tests;

/// <summary>Search as its users meet it. The clock stands at 2026-12-01T00:00Z, so the indexer's own looks never come: tests let it catch up.</summary>
internal static class SearchService
{
    public static Task<TestService> StartAsync(string? folder = null) => TestService.StartAsync(
        builder => builder.AddSearch(), bus => bus.AddSearchConsumers(), app => app.MapSearch(),
        folder is null ? null : new Dictionary<string, string?> { ["Data:Folder"] = folder });

    /// <summary>Delivers the flights in messages of at most 500 and lets the index catch up.</summary>
    public static async Task PublishAsync(this TestService service, params IReadOnlyCollection<PublishedFlight> flights)
    {
        foreach (var message in flights.Chunk(500))
        {
            await service.ConsumeAsync(new FlightsPublished(message));
        }

        await service.CatchUpAsync();
    }

    /// <summary>Delivers what is left of cabins and lets the index catch up.</summary>
    public static async Task ChangeSeatsAsync(this TestService service, params IEnumerable<SeatAvailabilityChanged> changes)
    {
        foreach (var change in changes)
        {
            await service.ConsumeAsync(change);
        }

        await service.CatchUpAsync();
    }

    public static async Task CatchUpAsync(this TestService service)
    {
        await service.Services.GetRequiredService<FlightIndexer>().CatchUpAsync(CancellationToken.None);
        await service.Services.GetRequiredService<TimetableFeed>().CatchUpAsync(CancellationToken.None);
    }

    public static object Question(
        string origin = "JFK", string destination = "LAX", string departsOn = "2026-12-02", string cabin = "economy", object? travellers = null, object? filters = null,
        string sort = "price", int limit = 50, string? cursor = null, int maxStops = 0) =>
        new { origin, destination, departsOn, cabin, travellers = travellers ?? new { adults = 1 }, filters, sort, limit, cursor, maxStops };

    public static async Task<JsonElement> SearchAsync(this TestService service, object question)
    {
        using var answer = await service.Http.PostAsJsonAsync("/v1/flight-searches", question);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    public static async Task<(string Code, string Pointer, string Detail)> RefusedAsync(this TestService service, object question)
    {
        using var answer = await service.Http.PostAsJsonAsync("/v1/flight-searches", question);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (problem.GetProperty("code").GetString()!, problem.GetProperty("errors")[0].GetProperty("pointer").GetString()!, problem.GetProperty("detail").GetString()!);
    }

    /// <summary>Ids of the trips: flights joined with points, legs with waves.</summary>
    public static List<string> Ids(this JsonElement page) => [.. page.GetProperty("trips").EnumerateArray().Select(trip => trip.GetProperty("id").GetString()!)];

    /// <summary>The only flight of the only leg of each trip.</summary>
    public static List<JsonElement> Flights(this JsonElement page) =>
        [.. page.GetProperty("trips").EnumerateArray().Select(trip => trip.GetProperty("legs").EnumerateArray().Single().GetProperty("segments").EnumerateArray().Single())];

    /// <summary>A flight on sale with one cabin, unless others are given.</summary>
    public static PublishedFlight Flight(
        string designator, string origin, string destination, DateTime departs, int minutes = 360, long version = 1, decimal fare = 200, string currency = "USD",
        int seats = 100, IReadOnlyList<PublishedCabin>? cabins = null)
    {
        var (from, to, flight) = (Airports.Find(origin)!, Airports.Find(destination)!, FlightDesignator.Parse(designator)!.Value);
        var departsAt = new DateTimeOffset(departs, from.TimeZone.GetUtcOffset(departs)).ToUniversalTime();
        var arrivesAt = departsAt.AddMinutes(minutes);
        return new(
            flight.OnDate(DateOnly.FromDateTime(departs)), version, flight, flight.Carrier, origin, destination, departs, departsAt,
            DateTime.SpecifyKind(TimeZoneInfo.ConvertTime(arrivesAt, to.TimeZone).DateTime, DateTimeKind.Unspecified), arrivesAt, "321",
            cabins ?? [new(Cabin.Economy, seats, "M", Money.Of(fare, currency))]);
    }
}
