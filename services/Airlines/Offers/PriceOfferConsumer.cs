using Aerona.Airlines.Data;
using Aerona.Airlines.House;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Messaging;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Airlines.Offers;

/// <summary>Says whether an offer still stands: prices it again from the flights as they are published now. Another price is an offer of its own.</summary>
internal sealed class PriceOfferConsumer(AirlinesDbContext db, TimeProvider clock, IOptions<HouseAirlineOptions> options) : IConsumer<PriceOffer>
{
    public async Task Consume(ConsumeContext<PriceOffer> context)
    {
        var (bookingId, offerId) = context.Message;
        var offer = await db.Offers.AsNoTracking().SingleOrDefaultAsync(row => row.Id == offerId, context.CancellationToken);
        if (offer is null || offer.HasExpired(clock.GetUtcNow()))
        {
            db.Publish(new OfferGone(bookingId, offerId, offer is null ? "offer.not_found" : "offer.expired"));
            return;
        }

        var snapshot = offer.Snapshot;
        var choices = await ChoicesAsync(snapshot, context.CancellationToken);
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
        var total = Offer.Price(choices, snapshot.Passengers).Select(line => line.Amount).Sum(currency);
        if (total == snapshot.Total)
        {
            db.Publish(new OfferPriced(bookingId, offerId, snapshot));
        }
        else
        {
            var today = Offer.Make(
                choices, [.. snapshot.Passengers.Select(passenger => passenger.Type)], snapshot.ValidatingCarrier, offer.Owner, clock.GetUtcNow(), options.Value.OfferLifetime);
            db.Offers.Add(today);
            db.Publish(new OfferPriceChanged(bookingId, offerId, snapshot.Total, today.Snapshot));
        }
    }

    /// <summary>What the offer's segments are now; null when one of them is not sold any more, or not for the others' money.</summary>
    private async Task<List<Choice>?> ChoicesAsync(OfferSnapshot snapshot, CancellationToken cancellationToken)
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

        return choices.TrueForAll(choice => choice.Cabin.Fare.Currency == choices[0].Cabin.Fare.Currency) ? choices : null;
    }

    private static bool IsRescheduled(Segment frozen, Choice now) =>
        frozen.DepartsAt != now.Flight.DepartsAt || frozen.ArrivesAt != now.Flight.ArrivesAt || frozen.Origin != now.Flight.Origin || frozen.Destination != now.Flight.Destination;
}
