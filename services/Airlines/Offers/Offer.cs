using Aerona.Airlines.Flights;
using Aerona.Airlines.House;
using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Pricing;
using Aerona.Reference;
using Aerona.Suppliers;

namespace Aerona.Airlines.Offers;

/// <summary>A flight chosen, and the cabin of it.</summary>
internal sealed record Choice(FlightOnSale Flight, PublishedCabin Cabin);

internal static class Choices
{
    /// <summary>The choices with their fares in one currency, at the tariff's rates.</summary>
    public static List<Choice> In(this List<Choice> choices, string currency) =>
        choices.ConvertAll(choice => choice with { Cabin = choice.Cabin with { Fare = HouseTariff.In(currency, choice.Cabin.Fare) } });
}

/// <summary>A price frozen for one choice of flights and one party, until it expires.</summary>
internal sealed class Offer
{
    public required Guid Id { get; init; }

    /// <summary>Subject of who asked for it; null when not signed in: then it is open to whoever knows the id.</summary>
    public required string? Owner { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>UTC; the snapshot's, as a column.</summary>
    public required DateTimeOffset ExpiresAt { get; set; }

    public required OfferSnapshot Snapshot { get; set; }

    /// <summary>An outside supplier's own offer; null: the house airline's.</summary>
    public SupplierTerms? Terms { get; set; }

    /// <summary>What each flight costs, where they are priced one by one; null: nobody says.</summary>
    public IReadOnlyList<SegmentLine>? LinesBySegment { get; init; }

    public bool IsOutside => Terms is not null;

    /// <summary>Freezes what an outside supplier offers.</summary>
    public static Offer Of(SupplierOffer offer, string? owner, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        return new()
        {
            Id = id,
            Owner = owner,
            MadeAt = now,
            ExpiresAt = offer.Snapshot.ExpiresAt,
            Snapshot = offer.Snapshot with { OfferId = id },
            Terms = offer.Terms,
        };
    }

    /// <summary>The same price stands for longer, as the supplier says.</summary>
    public void Renew(DateTimeOffset until)
    {
        ExpiresAt = until;
        Snapshot = Snapshot with { ExpiresAt = until };
    }

    /// <summary>Freezes what the choices cost that party now. The offer ends with the first departure if that comes before its time.</summary>
    public static Offer Make(
        IReadOnlyList<Choice> choices, IReadOnlyList<PassengerType> party, string validatingCarrier, string? owner, DateTimeOffset now, HouseAirlineOptions house,
        IReadOnlyList<ChosenSeat>? seats = null)
    {
        var id = Guid.CreateVersion7(now);
        var passengers = party.Select((type, index) => new OfferPassenger($"p{index + 1}", type)).ToList();
        var lines = Price(choices, passengers);
        var departsAt = choices[0].Flight.DepartsAt;
        var expiresAt = Expiry(now, departsAt, house);
        var snapshot = new OfferSnapshot(
            id, HouseSupplier.SupplierName, validatingCarrier, [.. choices.Select(Segment)], passengers, lines,
            lines.Select(line => line.Amount).Sum(choices[0].Cabin.Fare.Currency), Conditions(choices), expiresAt, house.PayLaterUntil(now, departsAt));
        return new()
        {
            Id = id,
            Owner = owner,
            MadeAt = now,
            ExpiresAt = expiresAt,
            LinesBySegment = Seated(PriceEach(choices, passengers), seats ?? []),
            Snapshot = Seated(snapshot, seats ?? []),
        };
    }

    /// <summary>
    /// The same offer with these seats and no others, under an id of its own: what is charged comes from a stored offer, so another price is another offer. It
    /// does not stand for longer than this one.
    /// </summary>
    public Offer WithSeats(IReadOnlyList<ChosenSeat> seats, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        return new()
        {
            Id = id,
            Owner = Owner,
            MadeAt = now,
            ExpiresAt = ExpiresAt,
            LinesBySegment = LinesBySegment is null ? null : Seated(LinesBySegment, seats),
            Snapshot = Seated(Snapshot with { OfferId = id }, seats),
        };
    }

    /// <summary>Prices the seats in.</summary>
    public static OfferSnapshot Seated(OfferSnapshot offer, IReadOnlyList<ChosenSeat> seats)
    {
        List<PriceLine> lines =
        [
            .. offer.Lines.Where(line => line.Kind != PriceLineKind.Seat),
            .. seats.Where(seat => seat.Price.MinorUnits > 0).Select(Line),
        ];
        return offer with { Lines = lines, Total = lines.Select(line => line.Amount).Sum(offer.Total.Currency), Seats = seats.Count == 0 ? null : seats };
    }

    private static List<SegmentLine> Seated(IReadOnlyList<SegmentLine> lines, IReadOnlyList<ChosenSeat> seats) =>
    [
        .. lines.Where(one => one.Line.Kind != PriceLineKind.Seat),
        .. seats.Where(seat => seat.Price.MinorUnits > 0).Select(seat => new SegmentLine(seat.SegmentOrdinal, Line(seat))),
    ];

    private static PriceLine Line(ChosenSeat seat) => new(seat.PassengerId, PriceLineKind.Seat, "SEAT", null, false, seat.Price);

    /// <summary>Lets it be booked for another while: its price is still today's.</summary>
    public void Renew(DateTimeOffset now, HouseAirlineOptions house)
    {
        ExpiresAt = Expiry(now, Snapshot.Segments[0].DepartsAt, house);
        Snapshot = Snapshot with { ExpiresAt = ExpiresAt };
    }

    public bool HasExpired(DateTimeOffset now) => ExpiresAt <= now;

    /// <summary>Every line of every passenger; what several flights have in common is one line, as on a ticket.</summary>
    public static IReadOnlyList<PriceLine> Price(IReadOnlyList<Choice> choices, IReadOnlyList<OfferPassenger> passengers) =>
    [
        .. PriceEach(choices, passengers).Select(one => one.Line).GroupBy(line => line.PassengerId).SelectMany(passenger => passenger
            .GroupBy(line => (line.Kind, line.Code, line.Country, line.Refundable))
            .Select(same => same.First() with { Amount = same.Select(line => line.Amount).Sum(same.First().Amount.Currency) })
            .OrderBy(line => line.Kind)),
    ];

    /// <summary>Every line of every passenger, flight by flight: each flight is a fare of its own.</summary>
    private static List<SegmentLine> PriceEach(IReadOnlyList<Choice> choices, IReadOnlyList<OfferPassenger> passengers) =>
    [
        .. from passenger in passengers
           from choice in choices.Index()
           let cabin = choice.Item.Cabin
           from line in HouseTariff.Lines(
               passenger.Id, passenger.Type, cabin.Fare, choice.Item.Flight.Origin, choice.Item.Flight.Destination,
               HouseTariff.Conditions(cabin.Cabin, cabin.Fare.Currency).Refundable == true)
           select new SegmentLine(choice.Index + 1, line),
    ];

    /// <summary>Whose ticket stock is used: the first airline flown with that has one; null when none has.</summary>
    public static string? ValidatingCarrier(IReadOnlyList<Choice> choices) =>
        choices.Select(choice => choice.Flight.Flight.Carrier).FirstOrDefault(carrier => Carriers.Find(carrier) is not null);

    private static DateTimeOffset Expiry(DateTimeOffset now, DateTimeOffset departsAt, HouseAirlineOptions house) =>
        now + house.OfferLifetime < departsAt ? now + house.OfferLifetime : departsAt;

    private static Segment Segment(Choice choice, int index)
    {
        var (flight, cabin) = choice;
        var refundable = HouseTariff.Conditions(cabin.Cabin, cabin.Fare.Currency).Refundable == true;
        return new(
            index + 1, flight.FlightId, flight.Flight, flight.OperatingCarrier, flight.Origin, flight.Destination,
            flight.DepartsLocal, Airports.Find(flight.Origin)!.Zone, flight.DepartsAt, flight.ArrivesLocal, Airports.Find(flight.Destination)!.Zone, flight.ArrivesAt,
            flight.Aircraft, cabin.Cabin, cabin.BookingClass, $"{cabin.BookingClass}OW{(refundable ? "RF" : "NR")}", Baggage(cabin.Cabin));
    }

    private static string Baggage(Cabin cabin) => cabin switch { Cabin.Economy => "1PC", Cabin.First => "3PC", _ => "2PC" };

    /// <summary>The strictest of the flights' conditions holds for all of them.</summary>
    private static FareConditions Conditions(IReadOnlyList<Choice> choices)
    {
        var all = choices.Select(choice => HouseTariff.Conditions(choice.Cabin.Cabin, choice.Cabin.Fare.Currency)).ToList();
        var (refundable, changeable) = (all.TrueForAll(fare => fare.Refundable == true), all.TrueForAll(fare => fare.Changeable == true));
        return new(
            refundable, refundable ? all.Max(fare => fare.RefundPenalty!.Value) : null, changeable, changeable ? all.Max(fare => fare.ChangePenalty!.Value) : null);
    }
}
