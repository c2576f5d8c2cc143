using Aerona.Contracts;
using Aerona.Tickets.Documents;
using Aerona.Wording;

namespace Aerona.Tickets.Invoicing;

/// <summary>An invoice or a credit note. All that is printed stands in its row, but for the journey's flights.</summary>
internal sealed class InvoicePdf : Paper
{
    private const double LineHeight = 15;
    private const double PassengerColumn = Left + 232;
    private const double TaxColumn = Right - 118;

    private readonly Invoice invoice;
    private readonly IReadOnlyList<Segment> segments;

    private InvoicePdf(Invoice invoice, IReadOnlyList<Segment> segments, Phrases phrases, DocumentFonts available)
        : base(phrases, available.For([phrases.Advice[0], phrases.RoleOf(invoice.Seller.Role, ""), invoice.Buyer, invoice.Seller.Name, .. invoice.Seller.Address]), invoice.Number, TitleOf(invoice, phrases), invoice.IssuedAt)
    {
        this.invoice = invoice;
        this.segments = segments;
    }

    private bool IsCredit => invoice.Kind == InvoiceKind.CreditNote;

    /// <summary>The file.</summary>
    public static byte[] Render(Invoice invoice, IReadOnlyList<Segment> segments, DocumentFonts fonts)
    {
        var phrases = Phrases.For(invoice.Locale);
        using var pdf = new InvoicePdf(invoice, segments, phrases, fonts);
        pdf.Head(phrases.NumberLabel, 17, $"{phrases.BookingReference} {invoice.Locator}");
        pdf.Parties();
        pdf.Lines();
        pdf.Totals();
        pdf.Notes();
        return pdf.Finish(TitleOf(invoice, phrases));
    }

    private static string TitleOf(Invoice invoice, Phrases phrases) => invoice.Kind == InvoiceKind.CreditNote ? phrases.CreditNoteTitle : phrases.InvoiceTitle;

    private void Parties()
    {
        var half = (Right - Left) / 2;
        var top = Y;
        List<string> seller = [.. invoice.Seller.Address];
        if (invoice.Seller.TaxId is { } taxId)
            seller.Add($"{Say.TaxNumber} {taxId}");

        var depth = Math.Max(Party(Say.From, invoice.Seller.Name, seller, Left), Party(Say.BilledTo, Fonts.TryPrint(invoice.Buyer) ?? invoice.BuyerOnTicket, [], Left + half));
        Y = top + depth + 16;
        Canvas.Line(Left, Y, Right, Y, Rule, 0.6);
        Y += 18;
        List<(string, string)> facts = [(Say.Date, Say.Day(invoice.IssuedOn.ToDateTime(default)))];
        if (invoice.OriginalNumber is { } original)
            facts.Add((Say.OriginalInvoice, original));

        facts.Add((Say.TravelDate, Say.Day(segments[0].DepartsLocal)));
        facts.Add((Say.TicketOf, $"{Words.Airline(invoice.Carrier)} ({invoice.Carrier})"));
        Facts(Left, Right - Left, [.. facts]);
        Y += 34;
        foreach (var line in Wrap(Say.Route(segments), Fonts.Bold, 12, Right - Left))
        {
            Bold(line, Left, Y + 8, 12, Ink);
            Y += 16;
        }

        Y += 14;
    }

    private double Party(string label, string name, List<string> lines, double x)
    {
        var width = (Right - Left) / 2 - 16;
        Label(label, x, Y);
        var line = Y + 17;
        foreach (var part in Wrap(name, Fonts.Bold, 12, width))
            Bold(part, x, Advance(ref line, 15), 12, Ink);

        foreach (var part in lines.SelectMany(text => Wrap(text, Fonts.Regular, 9.5, width)))
            Plain(part, x, Advance(ref line, 13), 9.5, Muted);

        return line - Y - 13;
    }

    private void Lines()
    {
        LineHead();
        foreach (var line in invoice.Lines)
        {
            var whose = Wrap(line.Passenger ?? Say.Everybody, Fonts.Regular, 8.5, TaxColumn - PassengerColumn - 12);
            var height = Math.Max(LineHeight, 5 + whose.Count * 10.5);
            Need(height, LineHead);
            Plain(line.Code, Left + 10, Y + 11, 8.5, Blue);
            Plain(Fit(Say.Of(line), Fonts.Regular, 9, PassengerColumn - Left - 66), Left + 56, Y + 11, 9, Ink);
            var at = Y + 11;
            foreach (var part in whose)
                Plain(part, PassengerColumn, Advance(ref at, 10.5), 8.5, Muted);

            Plain(Say.Short(line.Category, line.Rate), TaxColumn, Y + 11, 8.5, Muted);
            RightPlain(Say.Amount(line.Amount), Right - 10, Y + 11, 9, line.Amount.MinorUnits < 0 ? Accent : Ink);
            Y += height;
            Canvas.Line(Left, Y, Right, Y, Rule, 0.4);
        }

        Y += 18;
    }

    private void LineHead()
    {
        TableHead((Say.What, Left + 10), (Say.PassengerColumn, PassengerColumn), (Say.TaxColumn, TaxColumn));
        RightPlain($"{Say.AmountColumn} ({invoice.Total.Currency})", Right - 10, Y - 7, 7.5, Muted);
    }

    private void Totals()
    {
        var currency = invoice.Total.Currency;
        var groups = invoice.Lines.GroupBy(line => (line.Category, line.Rate))
            .Select(group => (group.Key, Amount: group.Select(line => line.Amount).Sum(currency), Tax: group.Select(line => line.Tax).Sum(currency)))
            .OrderBy(group => group.Key.Category).ThenBy(group => group.Key.Rate).ToList();
        var height = 46 + (groups.Count * 14) + (IsCredit ? 20 : 54);
        Need(height + 6);
        Canvas.Fill(Left, Y, Right - Left, height, Panel, 5);
        const double net = Right - 220, tax = Right - 110;
        Label(Say.TaxSummary, Left + 14, Y + 18);
        Small(Say.NetColumn, net);
        Small(Say.TaxColumn, tax);
        Small(Say.AmountColumn, Right - 14);
        var line = Y + 34;
        foreach (var ((category, rate), amount, contained) in groups)
        {
            Plain(Say.Of(category, rate), Left + 14, line, 9, Ink);
            RightPlain(Say.Amount(amount - contained), net, line, 9, Ink);
            RightPlain(Say.Amount(contained), tax, line, 9, Ink);
            RightPlain(Say.Amount(amount), Right - 14, line, 9, Ink);
            line += 14;
        }

        Canvas.Line(Left + 14, line - 5, Right - 14, line - 5, Rule, 0.8);
        Bold(IsCredit ? Say.TotalCredited : Say.TotalPrice, Left + 14, line + 15, 11, Navy);
        RightBold(Say.AmountWithCurrency(invoice.Total), Right - 14, line + 15, 14, Navy);
        if (!IsCredit)
        {
            Plain(Say.PaidByPayPal, Left + 14, line + 33, 9.5, Ink);
            RightPlain(Say.AmountWithCurrency(invoice.Paid), Right - 14, line + 33, 9.5, Green);
            Bold(Say.AmountDue, Left + 14, line + 49, 9.5, Ink);
            RightBold(Say.AmountWithCurrency(invoice.Total - invoice.Paid), Right - 14, line + 49, 9.5, Ink);
        }

        Y += height + 22;

        void Small(string text, double right) => RightPlain(text, right, Y + 18, 7.5, Muted);
    }

    private void Notes()
    {
        List<string> notes = [Say.RoleOf(invoice.Seller.Role, Words.Airline(invoice.Carrier))];
        if (IsCredit)
            notes.Add(Say.GoesBack);

        foreach (var note in notes)
        {
            var lines = Wrap(note, Fonts.Regular, 8.5, Right - Left);
            Need(lines.Count * 11.5 + 4);
            foreach (var part in lines)
            {
                Plain(part, Left, Y + 8, 8.5, Muted);
                Y += 11.5;
            }

            Y += 4;
        }
    }
}
