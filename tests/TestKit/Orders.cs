using Aerona.Contracts;
using Aerona.Contracts.Tickets;
using Aerona.Reference;

namespace Aerona.TestKit;

/// <summary>Orders as the saga sends them to be ticketed: real airports and zones, prices in USD.</summary>
public static class Orders
{
    private static readonly Guid Booking = Guid.Parse("0b000000-0000-4000-8000-000000000001");
    private static readonly Guid Order = Guid.Parse("0a000000-0000-4000-8000-000000000001");

    /// <summary>Nine airports: eight segments with zones from UTC−8 to UTC+11.</summary>
    public static readonly string[] LongRoute = ["SGN", "HAN", "NRT", "LAX", "JFK", "LHR", "CDG", "SIN", "SYD"];

    /// <summary>Two adults and a lap infant from New York to Los Angeles, one flight.</summary>
    public static IssueTickets Family() => Of([("JFK", "LAX")],
    [
        Someone("p1", PassengerType.Adult, "Alice Marie", "Nguyen"),
        Someone("p2", PassengerType.Adult, "John", "Smith"),
        Someone("p3", PassengerType.Infant, "Mia", "Nguyen") with { AccompaniedBy = "p1" },
    ]);

    /// <summary>An order of booking K7QM2P for these legs, three days apart, and passengers; as many ticket numbers as the coupons need.</summary>
    public static IssueTickets Of(IReadOnlyList<(string From, string To)> route, IReadOnlyList<Passenger> passengers)
    {
        var segments = route.Select((leg, index) => Leg(index + 1, leg.From, leg.To)).ToList();
        var lines = passengers.SelectMany(passenger => segments.SelectMany(segment => Lines(passenger, segment))).ToList();
        var documents = (segments.Count + 3) / 4;
        var numbers = passengers.SelectMany((passenger, index) => Enumerable.Range(0, documents)
            .Select(document => new TicketNumber(passenger.Id, $"001{2400000017 + index * documents + document}"))).ToList();
        var offer = new OfferSnapshot(
            Guid.Parse("0f000000-0000-4000-8000-000000000001"), "house", "AA", segments, [.. passengers.Select(passenger => new OfferPassenger(passenger.Id, passenger.Type))],
            lines, lines.Select(line => line.Amount).Sum("USD"), new(false, null, true, Money.Of(75, "USD")), new(2026, 12, 1, 0, 30, 0, TimeSpan.Zero));
        return new(Booking, Order, "K7QM2P", [new("aerona", "K7QM2P"), new("house", "HX3T9W"), new("AA", "V6GZCS")], "traveller-1", offer, passengers, numbers);
    }

    /// <summary>The same with these seats, and what they cost on top: passenger, flight, seat, price in USD.</summary>
    public static IssueTickets WithSeats(this IssueTickets order, params (string PassengerId, int Ordinal, string Seat, decimal Price, SeatCharacteristic[] Has)[] seats)
    {
        var chosen = seats.Select(seat => new ChosenSeat(seat.PassengerId, seat.Ordinal, seat.Seat, Money.Of(seat.Price, "USD"), seat.Has)).ToList();
        var lines = order.Offer.Lines.Concat(chosen.Where(seat => seat.Price.MinorUnits > 0)
            .Select(seat => new PriceLine(seat.PassengerId, PriceLineKind.Seat, "SEAT", null, false, seat.Price))).ToList();
        return order with { Offer = order.Offer with { Seats = chosen, Lines = lines, Total = lines.Select(line => line.Amount).Sum("USD") } };
    }

    /// <summary>A passenger; the ticket's names are the typed ones in capitals unless given.</summary>
    public static Passenger Someone(string id, PassengerType type, string given, string surname, string? ticketGiven = null, string? ticketSurname = null) =>
        new(id, type, given, surname, (ticketGiven ?? given).ToUpperInvariant(), (ticketSurname ?? surname).ToUpperInvariant(), new(1988, 4, 17), null);

    /// <summary>Legs from one airport to the next.</summary>
    public static IReadOnlyList<(string From, string To)> Route(params string[] airports) => [.. airports.Zip(airports.Skip(1))];

    private static Segment Leg(int ordinal, string from, string to)
    {
        var (origin, destination) = (Airports.Find(from)!, Airports.Find(to)!);
        var departsLocal = new DateTime(2026, 12, 5, 18, 25, 0).AddDays((ordinal - 1) * 3);
        var departsAt = new DateTimeOffset(departsLocal, origin.TimeZone.GetUtcOffset(departsLocal)).ToUniversalTime();
        var arrivesAt = departsAt.AddMinutes(40 + Math.Round(Airports.KilometresBetween(origin, destination) / 13));
        var arrivesLocal = DateTime.SpecifyKind(TimeZoneInfo.ConvertTime(arrivesAt, destination.TimeZone).DateTime, DateTimeKind.Unspecified);
        var flight = new FlightDesignator("AA", 100 + ordinal);
        return new(
            ordinal, flight.OnDate(DateOnly.FromDateTime(departsLocal)), flight, ordinal % 2 == 0 ? "BA" : "AA", from, to, departsLocal, origin.Zone, departsAt,
            arrivesLocal, destination.Zone, arrivesAt, "738", ordinal % 3 == 0 ? Cabin.PremiumEconomy : Cabin.Economy, "Y", "YOW14NR", "1PC");
    }

    private static IEnumerable<PriceLine> Lines(Passenger passenger, Segment segment)
    {
        var fare = passenger.Type switch { PassengerType.Adult => 219.00m, PassengerType.Child => 164.25m, _ => 21.90m };
        yield return new(passenger.Id, PriceLineKind.BaseFare, "FARE", null, false, Money.Of(fare, "USD"));
        if (passenger.Type == PassengerType.Infant)
            yield break;

        yield return new(passenger.Id, PriceLineKind.CarrierCharge, "YQ", null, false, Money.Of(32, "USD"));
        yield return new(passenger.Id, PriceLineKind.Tax, "US", "US", true, Money.Round(fare * 0.075m, "USD"));
        yield return new(passenger.Id, PriceLineKind.Tax, "XF", "US", true, Money.Of(4.50m, "USD"));
        yield return new(passenger.Id, PriceLineKind.Tax, "AY", "US", true, Money.Of(5.60m + segment.Ordinal % 2, "USD"));
    }
}
