using System.Text;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Wording;

namespace Aerona.Notifications.Confirmation;

/// <summary>An end of a flight, as printed.</summary>
public sealed record Place(string Time, string Airport, string City, string Name, string Day, string Zone);

/// <summary>A flight, as printed.</summary>
public sealed record FlightContent(string Flight, string Carriage, Place From, Place To, string DayOffset, string Details);

/// <summary>A passenger with the ticket numbers, as printed.</summary>
public sealed record PassengerContent(string Name, string Type, IReadOnlyList<string> Tickets);

/// <summary>What the confirmation says, in the words that both the HTML and the text use. Public because templates are.</summary>
public sealed record ConfirmationContent(
    string Locator, string Subject, string Route, string Lead, IReadOnlyList<FlightContent> Flights, IReadOnlyList<PassengerContent> Passengers,
    IReadOnlyList<(string What, string Amount)> Price, (string What, string Amount) Paid, IReadOnlyList<string> Advice, IReadOnlyList<string> Footer)
{
    /// <summary>Worded from the event.</summary>
    public static ConfirmationContent Of(BookingConfirmed booking)
    {
        var segments = booking.Offer.Segments.OrderBy(segment => segment.Ordinal).ToList();
        var route = Words.Route(segments);
        var currency = booking.Offer.Total.Currency;
        var unpaid = booking.Captured.MinorUnits == 0 && booking.Offer.Total.MinorUnits > 0;     // staff let it go on: the money comes another way
        var codes = Words.AirlineReferences(booking.Locators).Append($"booking reference {booking.Locator}");
        return new(
            booking.Locator,
            $"Booking {booking.Locator} confirmed: {route}, {Words.Day(segments[0].DepartsLocal)}",
            route,
            $"Your booking is {(unpaid ? "ticketed; it is not paid yet" : "paid and ticketed")}. You leave on {Words.LongDay(segments[0].DepartsLocal)}; your receipt is attached.",
            [.. segments.Select(segment => FlightOf(segment, SeatsOn(booking, segment)))],
            [.. booking.Passengers.Select(passenger => new PassengerContent(
                passenger.PrintedName(), Words.Of(passenger.Type),
                [.. booking.TicketNumbers.Where(number => number.PassengerId == passenger.Id).Select(number => Words.TicketNumber(number.Number))]))],
            [
                .. new[] { ("Fares", PriceLineKind.BaseFare), ("Carrier-imposed charges", PriceLineKind.CarrierCharge), ("Taxes and airport charges", PriceLineKind.Tax), ("Chosen seats", PriceLineKind.Seat) }
                    .Where(row => row.Item2 != PriceLineKind.Seat || booking.Offer.Lines.Any(line => line.Kind == PriceLineKind.Seat))
                    .Select(row => (row.Item1, booking.Offer.Lines.Where(line => line.Kind == row.Item2).Select(line => line.Amount).Sum(currency).ToString())),
                ("Total price", booking.Offer.Total.ToString()),
            ],
            unpaid ? ("Not paid yet", booking.Offer.Total.ToString()) : ("Paid with PayPal", booking.Captured.ToString()),
            [
                .. unpaid ? new[] { "No money was taken from you at PayPal. Our staff agree with you how the price is paid." } : [],
                "All times are local at the airport named beside them.",
                $"Check in with {string.Join(" or ", codes)} and the surname on the ticket. Carry the travel document that bears the same name.",
                .. Words.Of(booking.Offer.Conditions),
            ],
            [$"This mail was sent because booking {booking.Locator} gives this address. It cannot be replied to."]);
    }

    /// <summary>The same as plain text.</summary>
    public string ToText()
    {
        var text = new StringBuilder($"AERONA   Booking reference {Locator}\n\nConfirmed: {Route}\n{Lead}\n");
        foreach (var flight in Flights)
        {
            text.Append($"\n{flight.Flight}   {flight.Carriage}\n");
            End("From", flight.From, "");
            End("To", flight.To, flight.DayOffset);
            text.Append($"  {flight.Details}\n");
        }

        text.Append("\nPASSENGERS AND TICKETS\n");
        foreach (var passenger in Passengers)
            text.Append($"  {passenger.Name} ({passenger.Type}): {string.Join(", ", passenger.Tickets)}\n");

        text.Append("\nPRICE\n");
        foreach (var (what, amount) in Price)
            text.Append($"  {what}: {amount}\n");

        text.Append($"  {Paid.What}: {Paid.Amount}\n\nBEFORE YOU FLY\n");
        foreach (var sentence in Advice)
            text.Append($"  - {sentence}\n");

        text.Append("\n-- \n").AppendJoin('\n', Footer).Append('\n');
        return text.ToString();

        void End(string label, Place place, string offset) => text
            .Append($"  {label,-4}  {place.Time} {place.Day}{(offset.Length > 0 ? $" ({offset})" : "")}   {place.Airport} {place.City}, {place.Name}\n        {place.Zone}\n");
    }

    /// <summary><c> · Seats: 12A, 12B</c> in the passengers' order; empty where none was chosen.</summary>
    private static string SeatsOn(BookingConfirmed booking, Segment segment)
    {
        var seats = booking.Passengers.SelectMany(passenger => (booking.Offer.Seats ?? []).Where(seat => seat.PassengerId == passenger.Id && seat.SegmentOrdinal == segment.Ordinal))
            .Select(seat => seat.Seat).ToList();
        return seats.Count == 0 ? "" : $" · {(seats.Count == 1 ? "Seat" : "Seats")}: {string.Join(", ", seats)}";
    }

    private static FlightContent FlightOf(Segment segment, string seats) => new(
        segment.Flight.ToString(), Words.Carriage(segment),
        PlaceOf(segment.Origin, segment.DepartsLocal, segment.DepartureZone, segment.DepartsAt),
        PlaceOf(segment.Destination, segment.ArrivesLocal, segment.ArrivalZone, segment.ArrivesAt),
        Words.DayOffset(segment),
        $"{Words.Duration(segment)} · {Words.Of(segment.Cabin)}, class {segment.BookingClass} · Checked baggage: {Words.Baggage(segment.BaggageAllowance)} · {Words.Aircraft(segment.Aircraft)}{seats}");

    private static Place PlaceOf(string airport, DateTime local, string zone, DateTimeOffset instant) =>
        new(Words.Time(local), airport, Words.City(airport), Words.AirportName(airport), Words.Day(local), Words.Zone(zone, local, instant));
}
