using Aerona.Contracts;

namespace Aerona.Airlines.Offers;

/// <summary>An offer as the API shows it.</summary>
/// <param name="Id">The offer.</param>
/// <param name="Supplier">Who sells: <c>house</c>, or an outside supplier by its configured name.</param>
/// <param name="ValidatingCarrier">Airline whose tickets these will be; IATA designator.</param>
/// <param name="Segments">Flights in the order flown.</param>
/// <param name="Passengers">In the order asked for.</param>
/// <param name="Total">What a booking is charged: the sum of all lines.</param>
/// <param name="Conditions">Rules of the fare.</param>
/// <param name="ExpiresAt">UTC; after that it cannot be booked.</param>
/// <param name="Expired">Whether that has passed.</param>
/// <param name="PayLaterUntil">UTC; until when at least it may be paid for if it is booked to be paid later. Null: it is paid at once.</param>
/// <param name="Needs">What a booking of it must say beyond names and dates of birth: <c>passenger.gender</c>, <c>contact.phone</c>; null: nothing.</param>
/// <param name="Seats">Seats chosen; null: none.</param>
internal sealed record OfferView(
    Guid Id, string Supplier, string ValidatingCarrier, IReadOnlyList<Segment> Segments, IReadOnlyList<OfferPassengerView> Passengers, Money Total,
    FareConditions Conditions, DateTimeOffset ExpiresAt, bool Expired, DateTimeOffset? PayLaterUntil, IReadOnlyList<string>? Needs = null,
    IReadOnlyList<ChosenSeat>? Seats = null)
{
    public static OfferView Of(Offer offer, DateTimeOffset now)
    {
        var snapshot = offer.Snapshot;
        return new(
            offer.Id, snapshot.Supplier, snapshot.ValidatingCarrier, snapshot.Segments,
            [.. snapshot.Passengers.Select(passenger => OfferPassengerView.Of(passenger, snapshot))],
            snapshot.Total, snapshot.Conditions, offer.ExpiresAt, offer.HasExpired(now), snapshot.PayLaterUntil, snapshot.Needs,
            snapshot.Seats);
    }
}

/// <summary>What one passenger pays.</summary>
/// <param name="Id"><c>p1</c>, <c>p2</c> …</param>
/// <param name="Type">Type priced.</param>
/// <param name="Lines">Fare, carrier's charge, taxes, chosen seats.</param>
/// <param name="Total">Their sum.</param>
internal sealed record OfferPassengerView(string Id, PassengerType Type, IReadOnlyList<PriceLine> Lines, Money Total)
{
    public static OfferPassengerView Of(OfferPassenger passenger, OfferSnapshot offer)
    {
        var lines = offer.Lines.Where(line => line.PassengerId == passenger.Id).ToList();
        return new(passenger.Id, passenger.Type, lines, lines.Select(line => line.Amount).Sum(offer.Total.Currency));
    }
}
