using Aerona.Tickets.Documents;
using QRCoder;

namespace Aerona.Tickets.Receipt;

// The small pieces every section is made of.
internal sealed partial class ReceiptPdf
{
    /// <summary>Room for a block of that height; otherwise a new page, and what its head needs.</summary>
    private void Need(double height, Action? again = null)
    {
        if (y + height <= Bottom)
            return;

        canvas.NewPage();
        canvas.Fill(0, 0, PdfCanvas.Width, 40, Navy);
        canvas.Fill(0, 40, PdfCanvas.Width, 2, Accent);
        Mark(Left, 10, 20);
        Bold("Aerona", Left + 27, 25.5, 13, White);
        RightBold(receipt.Order.Locator, Right, 25.5, 13, White, 1.2);
        y = 70;
        again?.Invoke();
    }

    /// <summary>A section's title, kept together with so much of what follows.</summary>
    private void Heading(string title, double follows)
    {
        Need(24 + follows);
        canvas.Fill(Left, y - 1, 3, 13, Accent);
        Bold(title, Left + 10, y + 9.5, 12.5, Navy);
        y += 24;
    }

    private void TableHead(params ReadOnlySpan<(string Text, double X)> columns)
    {
        canvas.Fill(Left, y, Right - Left, 20, Panel, 3);
        foreach (var (text, x) in columns)
            Label(text, x, y + 13);

        y += 20;
    }

    /// <summary>Labels with their values below, side by side in equal columns.</summary>
    private void Facts(double x, double width, params ReadOnlySpan<(string Label, string Value)> facts)
    {
        var column = width / facts.Length;
        foreach (var (label, value) in facts)
        {
            Label(label, x, y);
            Plain(Fit(value, fonts.Regular, 9.5, column - 8), x, y + 14, 9.5, Ink);
            x += column;
        }
    }

    private void QrCode(double x, double top, double side)
    {
        using var code = new QRCodeGenerator().CreateQrCode(receipt.VerificationUrl, QRCodeGenerator.ECCLevel.M);
        var modules = code.ModuleMatrix;   // with the quiet zone of four modules around
        var module = side / modules.Count;
        canvas.FillAll(Ink, from row in Enumerable.Range(0, modules.Count)
                            from run in Runs(modules[row])
                            select (x + run.Start * module, top + row * module, run.Length * module, module));
        canvas.Link(receipt.VerificationUrl, x, top, side, side);
        CentredPlain("Scan to verify", x + side / 2, top + side + 7, 7.5, Muted);
    }

    /// <summary>The brand's mark: a disc with a wing rising out of it.</summary>
    private void Mark(double x, double top, double side)
    {
        canvas.Fill(x, top, side, side, Accent, side / 2);
        var unit = side / 42;
        canvas.Polygon(White, (x + 9 * unit, top + 30 * unit), (x + 33 * unit, top + 10 * unit), (x + 25.5 * unit, top + 31 * unit), (x + 20 * unit, top + 25.5 * unit));
        canvas.Polygon(Pale, (x + 20 * unit, top + 25.5 * unit), (x + 33 * unit, top + 10 * unit), (x + 18.5 * unit, top + 33 * unit));
    }

    private void Plain(string text, double x, double baseline, double size, Colour colour) =>
        canvas.Text(fonts.Print(text), x, baseline, fonts.Regular, size, colour);

    private void Bold(string text, double x, double baseline, double size, Colour colour, double spacing = 0) =>
        canvas.Text(fonts.Print(text), x, baseline, fonts.Bold, size, colour, spacing);

    private void RightPlain(string text, double right, double baseline, double size, Colour colour) =>
        Plain(text, right - fonts.Regular.Width(fonts.Print(text), size), baseline, size, colour);

    private void RightBold(string text, double right, double baseline, double size, Colour colour, double spacing = 0) =>
        Bold(text, right + spacing - fonts.Bold.Width(fonts.Print(text), size, spacing), baseline, size, colour, spacing);

    private void CentredPlain(string text, double centre, double baseline, double size, Colour colour) =>
        Plain(text, centre - fonts.Regular.Width(fonts.Print(text), size) / 2, baseline, size, colour);

    private void Label(string text, double x, double baseline) => canvas.Text(fonts.Print(text), x, baseline, fonts.Regular, 7.5, Muted, 0.15);

    private void RightLabel(string text, double right, double baseline, Colour colour) => RightPlain(text, right, baseline, 8.5, colour);

    /// <summary>Lines no wider than that, broken at blanks, slashes and hyphens, and within a word only where it is too long alone.</summary>
    private List<string> Wrap(string text, FontFace face, double size, double width)
    {
        text = fonts.Print(text);
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
    private string Fit(string text, FontFace face, double size, double width)
    {
        text = fonts.Print(text);
        if (face.Width(text, size) <= width)
            return text;

        var ellipsis = fonts.Print("…");
        while (text.Length > 1 && face.Width(text + ellipsis, size) > width)
            text = text[..^1];

        return text + ellipsis;
    }

    /// <summary>The largest size, in steps of half a point down to 7, at which the text fits.</summary>
    private double SizeFor(string text, FontFace face, double size, double width)
    {
        text = fonts.Print(text);
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
