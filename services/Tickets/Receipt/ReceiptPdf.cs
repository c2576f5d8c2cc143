using Aerona.Contracts;
using Aerona.Tickets.Documents;
using Aerona.Wording;

namespace Aerona.Tickets.Receipt;

/// <summary>The itinerary receipt; the same receipt, language and fonts give the same bytes.</summary>
internal sealed partial class ReceiptPdf : Paper
{
    private readonly Receipt receipt;

    private ReceiptPdf(Receipt receipt, Phrases phrases, DocumentFonts available)
        : base(phrases, available.For([.. TextsThatVary(receipt, phrases)]), receipt.Order.Locator, phrases.ReceiptTitle, receipt.Order.IssuedAt) => this.receipt = receipt;

    /// <summary>The file.</summary>
    public static byte[] Render(Receipt receipt, Phrases phrases, DocumentFonts fonts)
    {
        using var pdf = new ReceiptPdf(receipt, phrases, fonts);
        pdf.Head(phrases.BookingReference, 25, string.Join("   ", phrases.AirlineReferences(receipt.Order.Locators)));
        pdf.Summary();
        pdf.Passengers();
        pdf.Flights();
        pdf.Fares();
        pdf.Payment();
        pdf.Conditions();
        return pdf.Finish(phrases.BookingReference);
    }

    private static IEnumerable<string> TextsThatVary(Receipt receipt, Phrases phrases) =>
    [
        phrases.Advice[0], phrases.ReceiptTitle,
        .. receipt.Passengers.SelectMany(passenger => new[] { passenger.GivenName, passenger.Surname }),
        .. receipt.Offer.Segments.SelectMany(segment => new[] { segment.Origin, segment.Destination })
            .SelectMany(airport => new[] { phrases.City(airport), phrases.AirportName(airport) }),
    ];

    private void Summary()
    {
        const double code = 92;
        var (width, top) = (Right - Left - code - 18, Y);
        var segments = receipt.Offer.Segments;
        foreach (var line in Wrap(Say.Route(segments), Fonts.Bold, 17, width))
        {
            Bold(line, Left, Y + 10, 17, Ink);
            Y += 21;
        }

        Plain(Say.LongDay(segments[0].DepartsLocal), Left, Y + 8, 10.5, Muted);
        Y += 30;
        Facts(Left, width,
            (Say.IssuedOn, $"{Say.Day(receipt.Order.IssuedAt.UtcDateTime)} UTC"),
            (Say.IssuedBy, "Aerona"),
            (Say.TicketOf, $"{Words.Airline(receipt.Offer.ValidatingCarrier)} ({receipt.Offer.ValidatingCarrier})"));
        QrCode(receipt.VerificationUrl, Right - code, top - 8, code);
        Y = Math.Max(Y + 34, top + code + 18);
    }

    private void Passengers()
    {
        Heading(Say.PassengersAndTickets, 70);
        TableHead((Say.NameOnTicket, Left + 10), (Say.PassengerColumn, Left + 234), (Say.TicketNumberColumn, Left + 368));
        foreach (var passenger in receipt.Passengers)
        {
            var names = Wrap(passenger.PrintedName(), Fonts.Bold, 10.5, 216);
            var typed = Fonts.TryPrint($"{passenger.GivenName} {passenger.Surname}".Trim()) is { } name ? Wrap(name, Fonts.Regular, 8.5, 216) : [];
            var numbers = receipt.Order.NumbersOf(passenger.Id).Select(Words.TicketNumber).ToList();
            var height = Math.Max(16 + names.Count * 13 + typed.Count * 11, 16 + numbers.Count * 14);
            Need(height, () => TableHead((Say.NameOnTicket, Left + 10), (Say.PassengerColumn, Left + 234), (Say.TicketNumberColumn, Left + 368)));
            var line = Y + 17;
            foreach (var part in names)
                Bold(part, Left + 10, Advance(ref line, 13), 10.5, Ink);

            foreach (var part in typed)
                Plain(part, Left + 10, Advance(ref line, 11), 8.5, Muted);

            Plain(Say.Of(passenger.Type), Left + 234, Y + 17, 10, Ink);
            if (passenger.AccompaniedBy is { } adult && receipt.Order.Passengers.FirstOrDefault(other => other.Id == adult) is { } with)
                Plain(Fit(Say.With(with.PrintedName()), Fonts.Regular, 8.5, 126), Left + 234, Y + 29, 8.5, Muted);

            line = Y + 17;
            foreach (var number in numbers)
                Bold(number, Left + 368, Advance(ref line, 14), 10.5, Ink, 0.4);

            Y += height;
            Canvas.Line(Left, Y, Right, Y, Rule, 0.6);
        }

        Y += 26;
    }
}
