using Aerona.Airlines.Data;
using Aerona.Airlines.House;
using Aerona.Airlines.Seats;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Suppliers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Airlines.Tests.Offers;

public sealed class PriceOfferTests
{
    private static readonly Guid BookingId = Guid.NewGuid();

    // The sweeper comes late, so that the tests decide what becomes of holds.
    private static readonly Dictionary<string, string?> LongHolds = new()
    {
        ["HouseAirline:SweepEvery"] = "1.00:00:00",
        ["HouseAirline:HoldFor"] = "01:00:00",
    };

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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_its_booking_holds_seats_an_expired_offer_that_costs_the_same_gets_time_anew(bool pinned)
    {
        await using var house = await House.OpenAsync(LongHolds);
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(flight);
        var hold = pinned ? await house.PinnedAsync(offer) : await house.HoldAsync(offer);
        house.Service.Clock.Advance(TimeSpan.FromMinutes(45));

        await house.Service.ConsumeAsync(new PriceOffer(hold.BookingId, offer.Id));

        var priced = await house.LastAsync<OfferPriced>();
        var expiry = house.Service.Clock.GetUtcNow().AddMinutes(30);
        Assert.Equal((offer.Id, offer.Id, offer.Total, expiry), (priced.OfferId, priced.Offer.OfferId, priced.Offer.Total, priced.Offer.ExpiresAt));
        var stored = await house.QueryAsync(db => db.Offers.SingleAsync());
        Assert.Equal((expiry, expiry), (stored.ExpiresAt, stored.Snapshot.ExpiresAt));
        Assert.Equal(1, (await house.CountAsync(flight))!.Occupied);
    }

    [Fact]
    public async Task An_offer_priced_again_close_to_departure_expires_with_it()
    {
        await using var house = await House.OpenAsync(LongHolds);
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        house.Service.Clock.Advance(flight.DepartsAt - house.Service.Clock.GetUtcNow() - TimeSpan.FromMinutes(40));
        var offer = await house.OfferAsync(flight);
        var hold = await house.PinnedAsync(offer);

        house.Service.Clock.Advance(TimeSpan.FromMinutes(31));
        await house.Service.ConsumeAsync(new PriceOffer(hold.BookingId, offer.Id));
        house.Service.Clock.Advance(TimeSpan.FromMinutes(9));
        await house.Service.ConsumeAsync(new PriceOffer(hold.BookingId, offer.Id));

        Assert.Equal(flight.DepartsAt, Assert.Single(await house.Service.Published<OfferPriced>()).Offer.ExpiresAt);
        Assert.Equal("offer.expired", Assert.Single(await house.Service.Published<OfferGone>()).Reason);
    }

    [Fact]
    public async Task While_its_booking_holds_seats_an_expired_offer_at_another_price_becomes_a_new_one_and_the_hold_is_bought_at_it()
    {
        await using var house = await House.OpenAsync(LongHolds);
        var flight = House.Flight(1, seats: 5);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(2, 1, flight);
        var hold = await house.HoldAsync(offer, payLater: true);
        house.Service.Clock.Advance(TimeSpan.FromHours(3));
        await house.PublishAsync(House.Flight(1, seats: 5, fare: 260m, version: 2));

        await house.Service.ConsumeAsync(new PriceOffer(hold.BookingId, offer.Id));
        var changed = await house.LastAsync<OfferPriceChanged>();
        await house.Service.ConsumeAsync(new PinSeats(hold.BookingId, hold.HoldId, hold.Token));
        await house.Service.ConsumeAsync(House.Commit(hold, offer) with { OfferId = changed.NewOffer.OfferId });

        Assert.Equal((offer.Id, offer.Total), (changed.OfferId, changed.OldTotal));
        Assert.True(changed.NewOffer.Total.Amount > offer.Total.Amount);
        Assert.Equal(house.Service.Clock.GetUtcNow().AddMinutes(30), changed.NewOffer.ExpiresAt);
        var stored = await house.QueryAsync(db => db.Offers.SingleAsync(row => row.Id == changed.NewOffer.OfferId));
        Assert.Equal(changed.NewOffer.Total, stored.Snapshot.Total);
        Assert.Single(await house.Service.Published<AirlineOrderConfirmed>());
        Assert.Equal((HoldState.Sold, 2), ((await house.HoldAsync(hold.HoldId)).State, (await house.CountAsync(flight))!.Occupied));
        await house.AssertBooksAgreeAsync();
    }

    [Theory]
    [InlineData("released")]
    [InlineData("sold")]
    [InlineData("somebody else's")]
    public async Task Only_a_living_hold_of_the_same_booking_keeps_an_expired_offer_alive(string situation)
    {
        await using var house = await House.OpenAsync(LongHolds);
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(flight);
        var hold = await house.PinnedAsync(offer);
        if (situation == "released")
        {
            await house.Service.ConsumeAsync(new ReleaseSeats(hold.BookingId, hold.HoldId, hold.Token));
        }
        else if (situation == "sold")
        {
            await house.Service.ConsumeAsync(House.Commit(hold, offer));
        }

        house.Service.Clock.Advance(TimeSpan.FromMinutes(45));

        await house.Service.ConsumeAsync(new PriceOffer(situation == "somebody else's" ? BookingId : hold.BookingId, offer.Id));

        Assert.Equal("offer.expired", (await house.LastAsync<OfferGone>()).Reason);
        Assert.Empty(await house.Service.Published<OfferPriced>());
    }

    [Fact]
    public async Task What_the_house_asks_of_one_booking_changes_its_price_and_nobody_elses()
    {
        await using var house = await House.OpenAsync(fakes: services => services.AddScoped<IHouseDesk>(provider => new Dearer(
            new HouseDesk(provider.GetRequiredService<SeatInventory>(), provider.GetRequiredService<AirlinesDbContext>(), TimeProvider.System), BookingId)));
        var flight = House.Flight(1, fare: 200m);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(flight);

        await house.Service.ConsumeAsync(new PriceOffer(BookingId, offer.Id));
        await house.Service.ConsumeAsync(new PriceOffer(Guid.NewGuid(), offer.Id));

        Assert.Equal(offer.Total + Money.Of(21.50m, "USD"), (await house.LastAsync<OfferPriceChanged>()).NewOffer.Total);
        Assert.Equal(offer.Total, (await house.LastAsync<OfferPriced>()).Offer.Total);
    }

    /// <summary>A desk that asks twenty more of one booking.</summary>
    private sealed class Dearer(IHouseDesk house, Guid dearBooking) : IHouseDesk
    {
        public Money FareFor(Guid bookingId, Money published) => bookingId == dearBooking ? published + Money.Of(20, published.Currency) : published;

        public Task<HoldAnswer?> HoldAsync(HoldSeats wish, CancellationToken cancellationToken) => house.HoldAsync(wish, cancellationToken);

        public Task<bool> PinAsync(PinSeats wish, CancellationToken cancellationToken) => house.PinAsync(wish, cancellationToken);

        public Task ReleaseAsync(ReleaseSeats wish, CancellationToken cancellationToken) => house.ReleaseAsync(wish, cancellationToken);
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
