using Aerona.Contracts;
using Aerona.Contracts.Airlines;

namespace Aerona.Airlines.Tests.Offers;

public sealed class PriceOfferTests
{
    private static readonly Guid BookingId = Guid.NewGuid();

    [Fact]
    public async Task An_offer_whose_flights_cost_what_they_did_stands()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(flight);
        await house.PublishAsync(House.Flight(1, version: 2));

        await house.Service.ConsumeAsync(new PriceOffer(BookingId, offer.Id));

        var priced = await house.LastAsync<OfferPriced>();
        Assert.Equal((BookingId, offer.Id, offer.Total), (priced.BookingId, priced.OfferId, priced.Offer.Total));
        Assert.Equal(offer.Total, priced.Offer.Lines.Select(line => line.Amount).Sum("USD"));
    }

    [Fact]
    public async Task A_fare_published_anew_changes_the_price_and_the_old_one_is_told_with_it()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1, fare: 200m);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(flight);
        await house.PublishAsync(House.Flight(1, fare: 220m, version: 2));

        await house.Service.ConsumeAsync(new PriceOffer(BookingId, offer.Id));

        var changed = await house.LastAsync<OfferPriceChanged>();
        Assert.Equal((offer.Total, offer.Total + Money.Of(21.50m, "USD")), (changed.OldTotal, changed.NewOffer.Total));
        Assert.Empty(await house.Service.Published<OfferPriced>());
    }

    [Fact]
    public async Task An_expired_or_unknown_offer_is_gone()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(flight);
        house.Service.Clock.Advance(TimeSpan.FromMinutes(30));

        await house.Service.ConsumeAsync(new PriceOffer(BookingId, offer.Id));
        await house.Service.ConsumeAsync(new PriceOffer(BookingId, Guid.NewGuid()));

        Assert.Equal(["offer.expired", "offer.not_found"], (await house.Service.Published<OfferGone>()).Select(gone => gone.Reason));
    }

    [Fact]
    public async Task An_offer_of_a_cabin_no_longer_sold_or_of_a_flight_moved_to_another_time_is_gone()
    {
        await using var house = await House.OpenAsync();
        var (flight, moved) = (House.Flight(1), House.Flight(2));
        await house.PublishAsync(flight, moved);
        var (offer, movedOffer) = (await house.OfferAsync(flight), await house.OfferAsync(moved));
        await house.PublishAsync(flight with { Version = 2, Cabins = [flight.Cabins[1]] }, House.Flight(2, hour: 11, version: 2));

        await house.Service.ConsumeAsync(new PriceOffer(BookingId, offer.Id));
        await house.Service.ConsumeAsync(new PriceOffer(BookingId, movedOffer.Id));

        Assert.Equal(["flight.withdrawn", "flight.changed"], (await house.Service.Published<OfferGone>()).Select(gone => gone.Reason));
    }
}
