using Aerona.Contracts;
using Aerona.Wording;

namespace Aerona.Tickets.Receipt;

internal sealed partial class ReceiptPdf
{
    private const double FlightHeight = 142;

    private void Flights()
    {
        var segments = receipt.Offer.Segments.OrderBy(segment => segment.Ordinal).ToList();
        Heading(segments.Count == 1 ? "Your flight" : "Your flights", FlightHeight + SeatsHeight(SeatLines(segments[0])));
        foreach (var segment in segments)
        {
            var seats = SeatLines(segment);
            var height = FlightHeight + SeatsHeight(seats);
            Need(height);
            Flight(segment, height);
            Seats(seats);
            y += height + 12;
        }

        y += 12;
    }

    /// <summary>Who sits where, as many on a line as fit; none where no seat was chosen.</summary>
    private List<string> SeatLines(Segment segment)
    {
        var seats = receipt.SeatsOn(segment.Ordinal).Select(seat => $"{receipt.Order.Passengers.First(passenger => passenger.Id == seat.PassengerId).PrintedName()} {Words.Of(seat)}").ToList();
        return seats.Count == 0 ? [] : Wrap(string.Join("  ·  ", seats), fonts.Regular, 9.5, Right - Left - 84);
    }

    private static double SeatsHeight(List<string> lines) => lines.Count == 0 ? 0 : 12 + (lines.Count * 13);

    private void Seats(List<string> lines)
    {
        if (lines.Count == 0)
            return;

        canvas.Line(Left + 12, y + FlightHeight, Right - 12, y + FlightHeight, Rule, 0.6);
        Label(lines.Count == 1 && !lines[0].Contains('·', StringComparison.Ordinal) ? "Seat" : "Seats", Left + 12, y + FlightHeight + 14);
        var line = y + FlightHeight + 14;
        foreach (var text in lines)
            Plain(text, Left + 60, Advance(ref line, 13), 9.5, Ink);
    }

    private void Flight(Segment segment, double height)
    {
        canvas.Fill(Left, y, Right - Left, 28, Panel, 5);
        canvas.Frame(Left, y, Right - Left, height, Rule, 0.8, 5);
        Bold(segment.Flight.ToString(), Left + 12, y + 18.5, 12, Navy);
        var after = Left + 22 + fonts.Bold.Width(segment.Flight.ToString(), 12);
        Plain(Fit(Words.Carriage(segment), fonts.Regular, 9, Right - 150 - after), after, y + 18, 9, Muted);
        RightPlain(Fit(Words.Aircraft(segment.Aircraft), fonts.Regular, 9, 130), Right - 12, y + 18, 9, Muted);

        var middle = (Left + Right) / 2;
        End(segment.Origin, segment.DepartsLocal, Words.Zone(segment.DepartureZone, segment.DepartsLocal, segment.DepartsAt), "", Left + 12);
        End(segment.Destination, segment.ArrivesLocal, Words.Zone(segment.ArrivalZone, segment.ArrivesLocal, segment.ArrivesAt), Words.DayOffset(segment), middle + 46);
        CentredPlain(Words.Duration(segment), middle + 4, y + 44, 8, Muted);
        canvas.Line(middle - 28, y + 50, middle + 30, y + 50, Blue, 1, [2.5, 2.5]);
        canvas.Fill(middle - 32, y + 48, 4, 4, Blue, 2);
        canvas.Polygon(Blue, (middle + 38, y + 50), (middle + 30, y + 46), (middle + 30, y + 54));

        canvas.Line(Left + 12, y + 109, Right - 12, y + 109, Rule, 0.6);
        var cell = (Right - Left - 24) / 10;
        Fact("Cabin", Words.Of(segment.Cabin), Left + 12, cell * 2.1);
        Fact("Booking class", segment.BookingClass, Left + 12 + cell * 2.1, cell * 1.6);
        Fact("Fare basis", segment.FareBasis, Left + 12 + cell * 3.7, cell * 2.2);
        Fact("Checked baggage", Words.Baggage(segment.BaggageAllowance), Left + 12 + cell * 5.9, cell * 2.5);
        Label("Status", Left + 12 + cell * 8.4, y + 122);
        Bold("OK", Left + 12 + cell * 8.4, y + 134.5, 9.5, Green);
        Plain("confirmed", Left + 12 + cell * 8.4 + 20, y + 134.5, 8.5, Green);

        void Fact(string label, string value, double x, double width)
        {
            Label(label, x, y + 122);
            Plain(Fit(value, fonts.Regular, 9.5, width - 6), x, y + 134.5, 9.5, Ink);
        }
    }

    private void End(string airport, DateTime local, string zone, string dayOffset, double x)
    {
        var width = (Right - Left) / 2 - 58;
        Bold(Words.Time(local), x, y + 56, 19, Ink);
        var next = x + fonts.Bold.Width(Words.Time(local), 19) + 8;
        Bold(airport, next, y + 56, 12, Blue);
        next += fonts.Bold.Width(airport, 12) + 6;
        if (dayOffset.Length > 0)
            Bold(dayOffset, next, y + 56, 9, Accent);

        Bold(Fit(Words.City(airport), fonts.Bold, 9.5, width), x, y + 71, 9.5, Ink);
        Plain(Fit(Words.AirportName(airport), fonts.Regular, 9, width), x, y + 83, 9, Muted);
        Plain(Words.Day(local), x, y + 97, 9, Ink);
        next = x + fonts.Regular.Width(Words.Day(local), 9) + 8;
        Plain(Fit(zone, fonts.Regular, 8, x + width - next), next, y + 97, 8, Muted);
    }
}
