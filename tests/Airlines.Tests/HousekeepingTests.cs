using Aerona.Airlines.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Airlines.Tests;

public sealed class HousekeepingTests
{
    [Fact]
    public async Task Offers_and_flights_go_a_month_after_their_end_and_the_books_stay()
    {
        await using var house = await House.OpenAsync();
        var (old, coming) = (House.Flight(1), House.Flight(2, day: House.Day.AddDays(40)));
        await house.PublishAsync(old, coming);
        var hold = await house.PinnedAsync(await house.OfferAsync(old));
        house.Service.Clock.SetUtcNow(old.DepartsAt.AddDays(29));
        var fresh = await house.OfferAsync(coming);
        var housekeeping = house.Service.Services.GetRequiredService<Housekeeping>();

        house.Service.Clock.SetUtcNow(old.DepartsAt.AddDays(30));
        await housekeeping.TidyAsync(CancellationToken.None);
        var before = await house.QueryAsync(db => db.Flights.CountAsync());
        house.Service.Clock.SetUtcNow(old.DepartsAt.AddDays(30).AddSeconds(1));
        await housekeeping.TidyAsync(CancellationToken.None);

        Assert.Equal(2, before);
        Assert.Equal(coming.FlightId, (await house.QueryAsync(db => db.Flights.SingleAsync())).FlightId);
        Assert.Equal(fresh.Id, (await house.QueryAsync(db => db.Offers.SingleAsync())).Id);
        Assert.Equal(hold.HoldId, (await house.QueryAsync(db => db.Holds.SingleAsync())).HoldId);
    }

    [Fact]
    public async Task The_service_describes_its_endpoints()
    {
        await using var house = await House.OpenAsync();

        var description = await house.Service.Http.GetStringAsync("/openapi/v1.json");

        Assert.Contains("/v1/offers/{offerId}", description, StringComparison.Ordinal);
        Assert.Contains("MakeOffer", description, StringComparison.Ordinal);
    }
}
