using Aerona.Airlines.Data;
using Aerona.Airlines.House;
using Aerona.Airlines.Seats;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Pricing;
using Aerona.Suppliers;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Airlines.Offers;

/// <summary>
/// Says whether an offer still stands: prices it again from the flights as they are published now. Another price is an offer of its own. An expired one is gone,
/// unless its booking holds seats: those stay, and the offer gets time anew.
/// </summary>
internal sealed class PriceOfferConsumer(AirlinesDbContext db, IHouseDesk desk, TimeProvider clock, IOptions<HouseAirlineOptions> options) : IConsumer<PriceOffer>
{
    public async Task Consume(ConsumeContext<PriceOffer> context)
    {
        var (bookingId, offerId) = context.Message;
        var now = clock.GetUtcNow();
        var offer = await db.Offers.AsNoTracking().SingleOrDefaultAsync(row => row.Id == offerId, context.CancellationToken);
        if (offer?.IsOutside == true)
        {
            db.Publish(new PriceAtSupplier(bookingId, offerId));
            return;
        }
        if (offer is null || (offer.HasExpired(now) && !await MayBePricedAgainAsync(bookingId, offer, now, context.CancellationToken)))
        {
            db.Publish(new OfferGone(bookingId, offerId, offer is null ? "offer.not_found" : "offer.expired"));
            return;
        }

        var snapshot = offer.Snapshot;
        var choices = await ChoicesAsync(bookingId, snapshot, context.CancellationToken);
        if (choices is null)
        {
            db.Publish(new OfferGone(bookingId, offerId, "flight.withdrawn"));
            return;
        }

        if (snapshot.Segments.Zip(choices).Any(pair => IsRescheduled(pair.First, pair.Second)))
        {
            db.Publish(new OfferGone(bookingId, offerId, "flight.changed"));
            return;
        }

        var currency = choices[0].Cabin.Fare.Currency;
        var seats = (snapshot.Seats ?? []).Select(seat => Today(seat, snapshot, choices, currency)).ToList();
        if (seats.Exists(seat => seat.Price.Currency != currency))
        {
            db.Publish(new OfferGone(bookingId, offerId, "flight.changed"));
            return;
        }

        var total = Offer.Price(choices, snapshot.Passengers).Select(line => line.Amount).Concat(seats.Select(seat => seat.Price)).Sum(currency);
        if (total == snapshot.Total && snapshot.Segments.Select(segment => segment.BookingClass).SequenceEqual(choices.Select(choice => choice.Cabin.BookingClass)))
        {
            db.Publish(new OfferPriced(bookingId, offerId, offer.HasExpired(now) ? await RenewAsync(offerId, now, context.CancellationToken) : snapshot));
        }
        else
        {
            var today = Offer.Make(
                choices, [.. snapshot.Passengers.Select(passenger => passenger.Type)], snapshot.ValidatingCarrier, offer.Owner, now, options.Value, seats);
            db.Offers.Add(today);
            db.Publish(new OfferPriceChanged(bookingId, offerId, snapshot.Total, today.Snapshot));
        }
    }

    private async Task<bool> MayBePricedAgainAsync(Guid bookingId, Offer offer, DateTimeOffset now, CancellationToken cancellationToken) =>
        now < offer.Snapshot.Segments[0].DepartsAt
        && await db.Holds.AnyAsync(hold => hold.BookingId == bookingId && (hold.State == HoldState.Held || hold.State == HoldState.Pinned), cancellationToken);

    private async Task<OfferSnapshot> RenewAsync(Guid offerId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var offer = await db.LockAsync<Offer>(offerId, cancellationToken);
        offer.Renew(now, options.Value);
        return offer.Snapshot;
    }

    /// <summary>What the offer's segments are now; null when one of them is not sold any more, or has a fare that cannot be priced.</summary>
    private async Task<List<Choice>?> ChoicesAsync(Guid bookingId, OfferSnapshot snapshot, CancellationToken cancellationToken)
    {
        var ids = snapshot.Segments.Select(segment => segment.FlightId).ToList();
        var flights = await db.Flights.AsNoTracking().Where(flight => ids.Contains(flight.FlightId)).ToDictionaryAsync(flight => flight.FlightId, cancellationToken);
        var choices = new List<Choice>();
        foreach (var segment in snapshot.Segments)
        {
            if (flights.GetValueOrDefault(segment.FlightId) is not { } flight || flight.Find(segment.Cabin) is not { } cabin)
            {
                return null;
            }

            choices.Add(new(flight, cabin));
        }

        choices = await InTheirClassesAsync(bookingId, snapshot, choices, cancellationToken);
        choices = choices.ConvertAll(choice => choice with { Cabin = choice.Cabin with { Fare = desk.FareFor(bookingId, choice.Cabin.Fare) } });
        return choices.TrueForAll(choice => HouseTariff.SellsIn(choice.Cabin.Fare.Currency)) ? choices.In(snapshot.Total.Currency) : null;
    }

    /// <summary>Each flight in the class it was offered in while that has the seats, or the booking holds them; else in the cheapest that has them.</summary>
    private async Task<List<Choice>> InTheirClassesAsync(Guid bookingId, OfferSnapshot snapshot, List<Choice> choices, CancellationToken cancellationToken)
    {
        if (choices.TrueForAll(choice => choice.Cabin.Classes is null))
        {
            return choices;
        }

        var seats = BookingClasses.Seats(snapshot.Passengers.Select(passenger => passenger.Type));
        var counts = await db.CountsAsync(choices, cancellationToken);
        var holds = await db.Holds.AnyAsync(hold => hold.BookingId == bookingId && (hold.State == HoldState.Held || hold.State == HoldState.Pinned), cancellationToken);
        var open = await db.InLowestOpenAsync(choices, seats, cancellationToken);
        return [.. snapshot.Segments.Select((segment, index) => choices[index].Cabin.In(segment.BookingClass) is { } same
            && (holds || counts[SeatCount.KeyOf(segment.FlightId, segment.Cabin)].LeftIn(segment.BookingClass) >= seats) ? choices[index] with { Cabin = same } : open[index])];
    }

    /// <summary>A chosen seat at what it costs now; one that is not there any more at what it did: whoever holds it has another one.</summary>
    private static ChosenSeat Today(ChosenSeat chosen, OfferSnapshot snapshot, List<Choice> choices, string currency)
    {
        var choice = choices[snapshot.Segments.Index().First(segment => segment.Item.Ordinal == chosen.SegmentOrdinal).Index];
        return SeatPlan.Of(choice.Flight, choice.Cabin.Cabin) is { } plan && plan.Find(chosen.Seat) is { } seat ? chosen with { Price = plan.Price(seat, currency) } : chosen;
    }

    private static bool IsRescheduled(Segment frozen, Choice now) =>
        frozen.DepartsAt != now.Flight.DepartsAt || frozen.ArrivesAt != now.Flight.ArrivesAt || frozen.Origin != now.Flight.Origin || frozen.Destination != now.Flight.Destination;
}
