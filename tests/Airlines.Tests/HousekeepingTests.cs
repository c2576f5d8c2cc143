using Aerona.Airlines.Data;
using Aerona.Airlines.Offers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Airlines.Tests;

public sealed class HousekeepingTests
{
    [Fact]
    public async Task Offers_and_flights_go_a_month_after_their_end_and_the_books_stay()
    {
        await using var house = await House.OpenAsync();
        var (coming, now) = (House.Flight(1), house.Service.Clock.GetUtcNow());
        await house.PublishAsync(
            coming,
            House.Flight(2) with { DepartsAt = now.AddDays(-30) },
            House.Flight(3) with { DepartsAt = now.AddDays(-30).AddTicks(-1) });
        var hold = await house.PinnedAsync(await house.OfferAsync(coming));
        await house.InTransactionAsync(async (_, db) =>
        {
            var booked = await db.Offers.AsNoTracking().SingleAsync();
            db.Offers.AddRange(
                new Offer { Id = Guid.NewGuid(), Owner = "a month ago", MadeAt = now, ExpiresAt = now.AddDays(-30), Snapshot = booked.Snapshot },
                new Offer { Id = Guid.NewGuid(), Owner = "earlier", MadeAt = now, ExpiresAt = now.AddDays(-30).AddTicks(-1), Snapshot = booked.Snapshot });
            return true;
        });

        await house.Service.Services.GetRequiredService<Housekeeping>().TidyAsync(CancellationToken.None);

        Assert.Equal(["AA1-20261205", "AA2-20261205"], await house.QueryAsync(db => db.Flights.Select(flight => flight.FlightId).Order().ToListAsync()));
        Assert.Equal([null, "a month ago"], await house.QueryAsync(db => db.Offers.Select(offer => offer.Owner).OrderBy(owner => owner).ToListAsync()));
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
