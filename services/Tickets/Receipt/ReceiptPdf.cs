using Aerona.Contracts;
using Aerona.Tickets.Documents;
using Aerona.Wording;

namespace Aerona.Tickets.Receipt;

/// <summary>
/// The itinerary receipt as an A4 document. Blocks flow down the pages and are never cut; the same receipt and fonts give the same bytes.
/// </summary>
internal sealed partial class ReceiptPdf : IDisposable
{
    private const double Left = 42;
    private const double Right = PdfCanvas.Width - 42;
    private const double Bottom = PdfCanvas.Height - 58;

    private static readonly Colour Navy = new(0x0B, 0x25, 0x45);
    private static readonly Colour Blue = new(0x1F, 0x5F, 0xA8);
    private static readonly Colour Ink = new(0x16, 0x20, 0x2E);
    private static readonly Colour Muted = new(0x5C, 0x6B, 0x7F);
    private static readonly Colour Rule = new(0xD6, 0xDE, 0xE8);
    private static readonly Colour Panel = new(0xF3, 0xF6, 0xFA);
    private static readonly Colour Accent = new(0xD9, 0x4A, 0x1E);
    private static readonly Colour Green = new(0x1B, 0x7F, 0x4D);
    private static readonly Colour Pale = new(0xB9, 0xCF, 0xE8);
    private static readonly Colour White = new(0xFF, 0xFF, 0xFF);

    private readonly Receipt receipt;
    private readonly FontFamily fonts;
    private readonly PdfCanvas canvas;
    private double y;

    private ReceiptPdf(Receipt receipt, DocumentFonts available)
    {
        this.receipt = receipt;
        fonts = available.For([.. TextsThatVary()]);
        canvas = new($"Electronic ticket itinerary and receipt {receipt.Order.Locator}", receipt.Order.IssuedAt);
    }

    /// <summary>The file.</summary>
    public static byte[] Render(Receipt receipt, DocumentFonts fonts)
    {
        using var pdf = new ReceiptPdf(receipt, fonts);
        pdf.FirstPage();
        pdf.Passengers();
        pdf.Flights();
        pdf.Fares();
        pdf.Payment();
        pdf.Conditions();
        pdf.Footers();
        return pdf.canvas.Build();
    }

    public void Dispose() => canvas.Dispose();

    private IEnumerable<string> TextsThatVary() =>
    [
        .. receipt.Order.Passengers.SelectMany(passenger => new[] { passenger.GivenName, passenger.Surname }),
        .. receipt.Offer.Segments.SelectMany(segment => new[] { segment.Origin, segment.Destination })
            .SelectMany(airport => new[] { Words.City(airport), Words.AirportName(airport) }),
    ];

    private void FirstPage()
    {
        canvas.NewPage();
        canvas.Fill(0, 0, PdfCanvas.Width, 96, Navy);
        canvas.Fill(0, 96, PdfCanvas.Width, 3, Accent);
        Mark(Left, 27, 42);
        Bold("Aerona", Left + 54, 49, 25, White);
        Plain("Electronic ticket itinerary and receipt", Left + 54.5, 66, 10, Pale);
        RightLabel("Booking reference", Right, 36, Pale);
        RightBold(receipt.Order.Locator, Right, 63, 25, White, 2.2);
        RightPlain(string.Join("   ", Words.AirlineReferences(receipt.Order.Locators)), Right, 80, 8.5, Pale);
        y = 128;
        Summary();
    }

    private void Summary()
    {
        const double code = 92;
        var (width, top) = (Right - Left - code - 18, y);
        var segments = receipt.Offer.Segments;
        foreach (var line in Wrap(Words.Route(segments), fonts.Bold, 17, width))
        {
            Bold(line, Left, y + 10, 17, Ink);
            y += 21;
        }

        Plain(Words.LongDay(segments[0].DepartsLocal), Left, y + 8, 10.5, Muted);
        y += 30;
        Facts(Left, width,
            ("Issued on", $"{Words.Day(receipt.Order.IssuedAt.UtcDateTime)} UTC"),
            ("Issued by", "Aerona"),
            ("Ticket of", $"{Words.Airline(receipt.Offer.ValidatingCarrier)} ({receipt.Offer.ValidatingCarrier})"));
        QrCode(Right - code, top - 8, code);
        y = Math.Max(y + 34, top + code + 18);
    }

    private void Passengers()
    {
        Heading("Passengers and tickets", 70);
        TableHead(("Name on ticket", Left + 10), ("Passenger", Left + 234), ("Electronic ticket number", Left + 368));
        foreach (var passenger in receipt.Order.Passengers)
        {
            var names = Wrap(passenger.PrintedName(), fonts.Bold, 10.5, 216);
            var typed = fonts.TryPrint($"{passenger.GivenName} {passenger.Surname}".Trim()) is { } name ? Wrap(name, fonts.Regular, 8.5, 216) : [];
            var numbers = receipt.Order.NumbersOf(passenger.Id).Select(Words.TicketNumber).ToList();
            var height = Math.Max(16 + names.Count * 13 + typed.Count * 11, 16 + numbers.Count * 14);
            Need(height, () => TableHead(("Name on ticket", Left + 10), ("Passenger", Left + 234), ("Electronic ticket number", Left + 368)));
            var line = y + 17;
            foreach (var part in names)
                Bold(part, Left + 10, Advance(ref line, 13), 10.5, Ink);

            foreach (var part in typed)
                Plain(part, Left + 10, Advance(ref line, 11), 8.5, Muted);

            Plain(Words.Of(passenger.Type), Left + 234, y + 17, 10, Ink);
            if (passenger.AccompaniedBy is { } adult && receipt.Order.Passengers.FirstOrDefault(other => other.Id == adult) is { } with)
                Plain(Fit($"with {with.PrintedName()}", fonts.Regular, 8.5, 126), Left + 234, y + 29, 8.5, Muted);

            line = y + 17;
            foreach (var number in numbers)
                Bold(number, Left + 368, Advance(ref line, 14), 10.5, Ink, 0.4);

            y += height;
            canvas.Line(Left, y, Right, y, Rule, 0.6);
        }

        y += 26;
    }

    private void Footers()
    {
        for (var page = 1; page <= canvas.PageCount; page++)
        {
            canvas.GoToPage(page);
            canvas.Line(Left, PdfCanvas.Height - 42, Right, PdfCanvas.Height - 42, Rule, 0.6);
            Plain("Aerona", Left, PdfCanvas.Height - 28, 8, Muted);
            Plain($"Booking reference {receipt.Order.Locator}", Left + 46, PdfCanvas.Height - 28, 8, Muted);
            RightPlain($"Page {page} of {canvas.PageCount}", Right, PdfCanvas.Height - 28, 8, Muted);
        }
    }

    private static double Advance(ref double line, double by)
    {
        line += by;
        return line - by;
    }
}
