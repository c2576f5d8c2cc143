using Aerona.Contracts;
using Aerona.Wording;

namespace Aerona.Tickets.Receipt;

internal sealed partial class ReceiptPdf
{
    private const double FlightHeight = 142;

    private void Flights()
    {
        var segments = receipt.Offer.Segments.OrderBy(segment => segment.Ordinal).ToList();
        Heading(segments.Count == 1 ? Say.YourFlight : Say.YourFlights, FlightHeight + SeatsHeight(SeatLines(segments[0])));
        foreach (var segment in segments)
        {
            var seats = SeatLines(segment);
            var height = FlightHeight + SeatsHeight(seats);
            Need(height);
            Flight(segment, height);
            Seats(seats);
            Y += height + 12;
        }

        Y += 12;
    }

    /// <summary>Who sits where, as many on a line as fit; none where no seat was chosen.</summary>
    private List<string> SeatLines(Segment segment)
    {
        var seats = receipt.SeatsOn(segment.Ordinal).Select(seat => $"{receipt.Order.Passengers.First(passenger => passenger.Id == seat.PassengerId).PrintedName()} {Say.Of(seat)}").ToList();
        return seats.Count == 0 ? [] : Wrap(string.Join("  ·  ", seats), Fonts.Regular, 9.5, Right - Left - 84);
    }

    private static double SeatsHeight(List<string> lines) => lines.Count == 0 ? 0 : 12 + (lines.Count * 13);

    private void Seats(List<string> lines)
    {
        if (lines.Count == 0)
            return;

        Canvas.Line(Left + 12, Y + FlightHeight, Right - 12, Y + FlightHeight, Rule, 0.6);
        Label(lines.Count == 1 && !lines[0].Contains('·', StringComparison.Ordinal) ? Say.Seat : Say.Seats, Left + 12, Y + FlightHeight + 14);
        var line = Y + FlightHeight + 14;
        foreach (var text in lines)
            Plain(text, Left + 60, Advance(ref line, 13), 9.5, Ink);
    }

    private void Flight(Segment segment, double height)
    {
        Canvas.Fill(Left, Y, Right - Left, 28, Panel, 5);
        Canvas.Frame(Left, Y, Right - Left, height, Rule, 0.8, 5);
        Bold(segment.Flight.ToString(), Left + 12, Y + 18.5, 12, Navy);
        var after = Left + 22 + Fonts.Bold.Width(segment.Flight.ToString(), 12);
        Plain(Fit(Say.Carriage(segment), Fonts.Regular, 9, Right - 150 - after), after, Y + 18, 9, Muted);
        RightPlain(Fit(Words.Aircraft(segment.Aircraft), Fonts.Regular, 9, 130), Right - 12, Y + 18, 9, Muted);

        var middle = (Left + Right) / 2;
        End(segment.Origin, segment.DepartsLocal, Words.Zone(segment.DepartureZone, segment.DepartsLocal, segment.DepartsAt), "", Left + 12);
        End(segment.Destination, segment.ArrivesLocal, Words.Zone(segment.ArrivalZone, segment.ArrivesLocal, segment.ArrivesAt), Say.DayOffset(segment), middle + 46);
        CentredPlain(Say.Duration(segment), middle + 4, Y + 44, 8, Muted);
        Canvas.Line(middle - 28, Y + 50, middle + 30, Y + 50, Blue, 1, [2.5, 2.5]);
        Canvas.Fill(middle - 32, Y + 48, 4, 4, Blue, 2);
        Canvas.Polygon(Blue, (middle + 38, Y + 50), (middle + 30, Y + 46), (middle + 30, Y + 54));

        Canvas.Line(Left + 12, Y + 109, Right - 12, Y + 109, Rule, 0.6);
        var cell = (Right - Left - 24) / 10;
        Fact(Say.CabinLabel, Say.Of(segment.Cabin), Left + 12, cell * 2.1);
        Fact(Say.BookingClass, segment.BookingClass, Left + 12 + cell * 2.1, cell * 1.6);
        Fact(Say.FareBasis, segment.FareBasis, Left + 12 + cell * 3.7, cell * 2.2);
        Fact(Say.CheckedBaggage, Say.Baggage(segment.BaggageAllowance), Left + 12 + cell * 5.9, cell * 2.5);
        Label(Say.Status, Left + 12 + cell * 8.4, Y + 122);
        Bold("OK", Left + 12 + cell * 8.4, Y + 134.5, 9.5, Green);
        Plain(Say.Confirmed, Left + 12 + cell * 8.4 + 20, Y + 134.5, 8.5, Green);

        void Fact(string label, string value, double x, double width)
        {
            Label(label, x, Y + 122);
            Plain(Fit(value, Fonts.Regular, 9.5, width - 6), x, Y + 134.5, 9.5, Ink);
        }
    }

    private void End(string airport, DateTime local, string zone, string dayOffset, double x)
    {
        var width = (Right - Left) / 2 - 58;
        Bold(Words.Time(local), x, Y + 56, 19, Ink);
        var next = x + Fonts.Bold.Width(Words.Time(local), 19) + 8;
        Bold(airport, next, Y + 56, 12, Blue);
        next += Fonts.Bold.Width(airport, 12) + 6;
        if (dayOffset.Length > 0)
            Bold(dayOffset, next, Y + 56, 9, Accent);

        Bold(Fit(Say.City(airport), Fonts.Bold, 9.5, width), x, Y + 71, 9.5, Ink);
        Plain(Fit(Say.AirportName(airport), Fonts.Regular, 9, width), x, Y + 83, 9, Muted);
        Plain(Say.Day(local), x, Y + 97, 9, Ink);
        next = x + Fonts.Regular.Width(Say.Day(local), 9) + 8;
        Plain(Fit(zone, Fonts.Regular, 8, x + width - next), next, Y + 97, 8, Muted);
    }
}
