using QRCoder;

namespace Aerona.Tickets.Documents;

/// <summary>
/// A4 paper of the house: a head on the first page with what the document is and its number, a smaller one on those that follow, and a foot that counts them. Blocks flow down
/// the pages and are never cut.
/// </summary>
internal abstract class Paper(Phrases say, FontFamily fonts, string reference, string title, DateTimeOffset createdAt) : IDisposable
{
    protected const double Left = 42;
    protected const double Right = PdfCanvas.Width - 42;
    protected const double Bottom = PdfCanvas.Height - 58;

    protected static readonly Colour Navy = new(0x0B, 0x25, 0x45);
    protected static readonly Colour Blue = new(0x1F, 0x5F, 0xA8);
    protected static readonly Colour Ink = new(0x16, 0x20, 0x2E);
    protected static readonly Colour Muted = new(0x5C, 0x6B, 0x7F);
    protected static readonly Colour Rule = new(0xD6, 0xDE, 0xE8);
    protected static readonly Colour Panel = new(0xF3, 0xF6, 0xFA);
    protected static readonly Colour Accent = new(0xD9, 0x4A, 0x1E);
    protected static readonly Colour Green = new(0x1B, 0x7F, 0x4D);
    protected static readonly Colour Pale = new(0xB9, 0xCF, 0xE8);
    protected static readonly Colour White = new(0xFF, 0xFF, 0xFF);

    protected Phrases Say => say;

    protected FontFamily Fonts => fonts;

    protected PdfCanvas Canvas { get; } = new($"{title} {reference}", say.Language, createdAt);

    /// <summary>How far down the page is used.</summary>
    protected double Y { get; set; }

    public void Dispose() => Canvas.Dispose();

    /// <summary>The first page's head: what it is, and on the right a label, the number and what stands below it.</summary>
    protected void Head(string label, double size, string below)
    {
        Canvas.NewPage();
        Canvas.Fill(0, 0, PdfCanvas.Width, 96, Navy);
        Canvas.Fill(0, 96, PdfCanvas.Width, 3, Accent);
        Mark(Left, 27, 42);
        Bold("Aerona", Left + 54, 49, 25, White);
        Plain(Fit(title, Fonts.Regular, 10, 250), Left + 54.5, 66, 10, Pale);
        RightPlain(label, Right, 36, 8.5, Pale);
        RightBold(reference, Right, 63, size, White, size > 20 ? 2.2 : 0.6);
        RightPlain(Fit(below, Fonts.Regular, 8.5, 260), Right, 80, 8.5, Pale);
        Y = 128;
    }

    /// <summary>On every page, when all of them are there.</summary>
    protected byte[] Finish(string label)
    {
        for (var page = 1; page <= Canvas.PageCount; page++)
        {
            Canvas.GoToPage(page);
            Canvas.Line(Left, PdfCanvas.Height - 42, Right, PdfCanvas.Height - 42, Rule, 0.6);
            Plain("Aerona", Left, PdfCanvas.Height - 28, 8, Muted);
            Plain($"{label} {reference}", Left + 46, PdfCanvas.Height - 28, 8, Muted);
            RightPlain(Say.Page(page, Canvas.PageCount), Right, PdfCanvas.Height - 28, 8, Muted);
        }

        return Canvas.Build();
    }

    protected static double Advance(ref double line, double by)
    {
        line += by;
        return line - by;
    }

    /// <summary>Room for a block of that height; otherwise a new page, and what its head needs.</summary>
    protected void Need(double height, Action? again = null)
    {
        if (Y + height <= Bottom)
            return;

        Canvas.NewPage();
        Canvas.Fill(0, 0, PdfCanvas.Width, 40, Navy);
        Canvas.Fill(0, 40, PdfCanvas.Width, 2, Accent);
        Mark(Left, 10, 20);
        Bold("Aerona", Left + 27, 25.5, 13, White);
        RightBold(reference, Right, 25.5, 13, White, 1.2);
        Y = 70;
        again?.Invoke();
    }

    /// <summary>A section's title, kept together with so much of what follows.</summary>
    protected void Heading(string title, double follows)
    {
        Need(24 + follows);
        Canvas.Fill(Left, Y - 1, 3, 13, Accent);
        Bold(title, Left + 10, Y + 9.5, 12.5, Navy);
        Y += 24;
    }

    protected void TableHead(params ReadOnlySpan<(string Text, double X)> columns)
    {
        Canvas.Fill(Left, Y, Right - Left, 20, Panel, 3);
        foreach (var (text, x) in columns)
            Label(text, x, Y + 13);

        Y += 20;
    }

    /// <summary>Labels with their values below, side by side in equal columns.</summary>
    protected void Facts(double x, double width, params ReadOnlySpan<(string Label, string Value)> facts)
    {
        var column = width / facts.Length;
        foreach (var (label, value) in facts)
        {
            Label(label, x, Y);
            Plain(Fit(value, Fonts.Regular, 9.5, column - 8), x, Y + 14, 9.5, Ink);
            x += column;
        }
    }

    protected void QrCode(string address, double x, double top, double side)
    {
        using var code = new QRCodeGenerator().CreateQrCode(address, QRCodeGenerator.ECCLevel.M);
        var modules = code.ModuleMatrix;   // with the quiet zone of four modules around
        var module = side / modules.Count;
        Canvas.FillAll(Ink, from row in Enumerable.Range(0, modules.Count)
                            from run in Runs(modules[row])
                            select (x + run.Start * module, top + row * module, run.Length * module, module));
        Canvas.Link(address, x, top, side, side);
        CentredPlain(Say.ScanToVerify, x + side / 2, top + side + 7, 7.5, Muted);
    }

    /// <summary>The brand's mark: a disc with a wing rising out of it.</summary>
    protected void Mark(double x, double top, double side)
    {
        Canvas.Fill(x, top, side, side, Accent, side / 2);
        var unit = side / 42;
        Canvas.Polygon(White, (x + 9 * unit, top + 30 * unit), (x + 33 * unit, top + 10 * unit), (x + 25.5 * unit, top + 31 * unit), (x + 20 * unit, top + 25.5 * unit));
        Canvas.Polygon(Pale, (x + 20 * unit, top + 25.5 * unit), (x + 33 * unit, top + 10 * unit), (x + 18.5 * unit, top + 33 * unit));
    }

    protected void Plain(string text, double x, double baseline, double size, Colour colour) =>
        Canvas.Text(Fonts.Print(text), x, baseline, Fonts.Regular, size, colour);

    protected void Bold(string text, double x, double baseline, double size, Colour colour, double spacing = 0) =>
        Canvas.Text(Fonts.Print(text), x, baseline, Fonts.Bold, size, colour, spacing);

    protected void RightPlain(string text, double right, double baseline, double size, Colour colour) =>
        Plain(text, right - Fonts.Regular.Width(Fonts.Print(text), size), baseline, size, colour);

    protected void RightBold(string text, double right, double baseline, double size, Colour colour, double spacing = 0) =>
        Bold(text, right + spacing - Fonts.Bold.Width(Fonts.Print(text), size, spacing), baseline, size, colour, spacing);

    protected void CentredPlain(string text, double centre, double baseline, double size, Colour colour) =>
        Plain(text, centre - Fonts.Regular.Width(Fonts.Print(text), size) / 2, baseline, size, colour);

    protected void Label(string text, double x, double baseline) => Canvas.Text(Fonts.Print(text), x, baseline, Fonts.Regular, 7.5, Muted, 0.15);

    /// <summary>Lines no wider than that, broken at blanks, slashes and hyphens, and within a word only where it is too long alone.</summary>
    protected List<string> Wrap(string text, FontFace face, double size, double width)
    {
        text = Fonts.Print(text);
        List<string> lines = [];
        while (face.Width(text, size) > width)
        {
            var most = 1;
            while (most < text.Length && face.Width(text[..(most + 1)], size) <= width)
                most++;

            var at = text.LastIndexOfAny([' ', '/', '-'], most - 1);
            at = at <= 0 ? most : at + 1;
            lines.Add(text[..at].TrimEnd());
            text = text[at..].TrimStart();
        }

        lines.Add(text);
        return lines;
    }

    /// <summary>The text, or as much of it as fits with an ellipsis.</summary>
    protected string Fit(string text, FontFace face, double size, double width)
    {
        text = Fonts.Print(text);
        if (face.Width(text, size) <= width)
            return text;

        var ellipsis = Fonts.Print("…");
        while (text.Length > 1 && face.Width(text + ellipsis, size) > width)
            text = text[..^1];

        return text + ellipsis;
    }

    /// <summary>The largest size, in steps of half a point down to 7, at which the text fits.</summary>
    protected double SizeFor(string text, FontFace face, double size, double width)
    {
        text = Fonts.Print(text);
        while (size > 7 && face.Width(text, size) > width)
            size -= 0.5;

        return size;
    }

    private static IEnumerable<(int Start, int Length)> Runs(System.Collections.BitArray row)
    {
        for (var start = 0; start < row.Count; start++)
        {
            var end = start;
            while (end < row.Count && row[end])
                end++;

            if (end > start)
                yield return (start, end - start);

            start = end;
        }
    }
}
