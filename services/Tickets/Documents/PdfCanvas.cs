using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using UglyToad.PdfPig.Actions;
using UglyToad.PdfPig.Annotations;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Graphics.Operations;
using UglyToad.PdfPig.Graphics.Operations.General;
using UglyToad.PdfPig.Graphics.Operations.PathConstruction;
using UglyToad.PdfPig.Graphics.Operations.PathPainting;
using UglyToad.PdfPig.Graphics.Operations.TextState;
using UglyToad.PdfPig.Writer;

namespace Aerona.Tickets.Documents;

/// <summary>A colour of the screen.</summary>
internal readonly record struct Colour(byte Red, byte Green, byte Blue);

/// <summary>
/// A4 pages to draw on, in points from the upper left corner. The same strokes give the same bytes. Text must be covered by its font: pass it through
/// <see cref="PrintableText"/>.
/// </summary>
internal sealed class PdfCanvas : IDisposable
{
    public const double Width = 595.28;
    public const double Height = 841.89;

    private readonly PdfDocumentBuilder document = new();
    private readonly Dictionary<FontFace, FontSlots> fonts = [];
    private readonly string language;
    private PdfPageBuilder page = null!;

    public PdfCanvas(string title, string language, DateTimeOffset createdAt)
    {
        this.language = language;
        document.DocumentInformation.Title = title;
        document.DocumentInformation.Author = "Aerona";
        document.DocumentInformation.Creator = "Aerona";
        document.DocumentInformation.Producer = "Aerona";
        document.DocumentInformation.CreationDate = $"D:{createdAt.UtcDateTime:yyyyMMddHHmmss}Z";
    }

    public int PageCount => document.Pages.Count;

    private List<IGraphicsStateOperation> Strokes => page.CurrentStream.Operations;

    public void NewPage() => page = document.AddPage(PageSize.A4);

    /// <summary>1 for the first.</summary>
    public void GoToPage(int number) => page = document.Pages[number];

    /// <summary>One line of text whose baseline is at <paramref name="y"/>.</summary>
    /// <param name="text">Covered by the font.</param>
    /// <param name="x">Left end.</param>
    /// <param name="y">Baseline.</param>
    /// <param name="face">The font.</param>
    /// <param name="size">Points.</param>
    /// <param name="colour">Of the letters.</param>
    /// <param name="spacing">Added after each letter.</param>
    public void Text(string text, double x, double y, FontFace face, double size, Colour colour, double spacing = 0)
    {
        page.SetTextAndFillColor(colour.Red, colour.Green, colour.Blue);
        if (spacing != 0)
            Strokes.Add(new SetCharacterSpacing(spacing));

        if (!fonts.TryGetValue(face, out var slots))
            fonts[face] = slots = new(face, document);

        foreach (var (run, font) in slots.Runs(text))
        {
            page.AddText(run, size, new(Round(x), Round(Height - y)), font);
            x += face.Width(run, size, spacing);
        }

        if (spacing != 0)
            Strokes.Add(new SetCharacterSpacing(0));
    }

    /// <summary>A filled rectangle, its corners rounded by that radius.</summary>
    public void Fill(double x, double y, double width, double height, Colour colour, double radius = 0)
    {
        page.SetTextAndFillColor(colour.Red, colour.Green, colour.Blue);
        Outline(x, y, width, height, radius);
        Strokes.Add(FillPathNonZeroWinding.Value);
    }

    /// <summary>The line around a rectangle.</summary>
    public void Frame(double x, double y, double width, double height, Colour colour, double line = 0.75, double radius = 0)
    {
        page.SetStrokeColor(colour.Red, colour.Green, colour.Blue);
        Strokes.Add(new SetLineWidth(line));
        Outline(x, y, width, height, radius);
        Strokes.Add(StrokePath.Value);
    }

    public void Line(double x1, double y1, double x2, double y2, Colour colour, double line = 0.75, double[]? dashes = null)
    {
        page.SetStrokeColor(colour.Red, colour.Green, colour.Blue);
        Strokes.Add(new SetLineWidth(line));
        Strokes.Add(new SetLineDashPattern(dashes ?? [], 0));
        Move(x1, y1);
        To(x2, y2);
        Strokes.Add(StrokePath.Value);
        if (dashes is not null)
            Strokes.Add(new SetLineDashPattern([], 0));
    }

    /// <summary>A filled polygon.</summary>
    public void Polygon(Colour colour, params ReadOnlySpan<(double X, double Y)> points)
    {
        page.SetTextAndFillColor(colour.Red, colour.Green, colour.Blue);
        Move(points[0].X, points[0].Y);
        foreach (var (x, y) in points[1..])
            To(x, y);

        Strokes.Add(CloseSubpath.Value);
        Strokes.Add(FillPathNonZeroWinding.Value);
    }

    /// <summary>Rectangles filled as one shape, so that no hairline shows between neighbours.</summary>
    public void FillAll(Colour colour, IEnumerable<(double X, double Y, double Width, double Height)> rectangles)
    {
        page.SetTextAndFillColor(colour.Red, colour.Green, colour.Blue);
        foreach (var (x, y, width, height) in rectangles)
            Strokes.Add(new AppendRectangle(Round(x), Round(Height - y - height), Round(width), Round(height)));

        Strokes.Add(FillPathNonZeroWinding.Value);
    }

    public void Link(string address, double x, double y, double width, double height) => page.AddLink(new LinkAnnotation(
        new UriAction(address), new PdfRectangle(Round(x), Round(Height - y - height), Round(x + width), Round(Height - y)), new AnnotationBorder(0, 0, 0, []), null, null, null));

    /// <summary>The file.</summary>
    public byte[] Build()
    {
        var file = Describe(document.Build(), language);
        Identify(file);
        return file;
    }

    // The library writes a catalogue without the document's language, and readers show the file's name where they are not told to show the title (ISO 32000-1, 14.9.2 and 12.2).
    // The catalogue is among the last objects: what follows it in the table of offsets moves by what is put in.
    private static byte[] Describe(byte[] file, string language)
    {
        var table = file.AsSpan(0, file.AsSpan().LastIndexOf("startxref"u8)).LastIndexOf("xref"u8);
        var catalogue = file.AsSpan(0, table).LastIndexOf("/Type /Catalog"u8) + "/Type /Catalog"u8.Length;
        var more = Encoding.ASCII.GetBytes($" /Lang ({language}) /ViewerPreferences <</DisplayDocTitle true>>");
        var described = new byte[file.Length + more.Length + 12];
        file.AsSpan(0, catalogue).CopyTo(described);
        more.CopyTo(described, catalogue);
        file.AsSpan(catalogue).CopyTo(described.AsSpan(catalogue + more.Length));

        // Entries of the table are "0000000000 00000 n": ten digits of an offset each.
        var trailer = described.AsSpan().LastIndexOf("trailer"u8);
        for (var at = table + more.Length; at < trailer - 17; at++)
        {
            if (described.AsSpan(at, 18) is [.., (byte)'n'] entry && entry[10] == ' ' && int.TryParse(entry[..10], CultureInfo.InvariantCulture, out var offset))
            {
                if (offset > catalogue)
                    Encoding.ASCII.GetBytes((offset + more.Length).ToString("0000000000", CultureInfo.InvariantCulture)).CopyTo(described, at);

                at += 17;
            }
        }

        var start = described.AsSpan().LastIndexOf("startxref"u8);
        var end = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"startxref\n{table + more.Length}\n%%EOF\n"));
        Array.Resize(ref described, start + end.Length);
        end.CopyTo(described, start);
        return described;
    }

    public void Dispose() => document.Dispose();

    // The library writes two random identifiers of 32 hexadecimal digits at the end: they become a digest of all the rest (ISO 32000-1, 14.4).
    private static void Identify(byte[] file)
    {
        var trailer = file.AsSpan(file.AsSpan().LastIndexOf("/ID"u8));
        List<int> places = [];
        for (var at = 0; places.Count < 2; at++)
        {
            if (trailer[at] == '<' && trailer[at + 33] == '>')
            {
                places.Add(at + 1);
                trailer.Slice(at + 1, 32).Fill((byte)'0');
            }
        }

        var digest = Encoding.ASCII.GetBytes(Convert.ToHexString(SHA256.HashData(file), 0, 16));
        foreach (var place in places)
            digest.CopyTo(trailer[place..]);
    }

    private void Outline(double x, double y, double width, double height, double radius)
    {
        if (radius == 0)
        {
            Strokes.Add(new AppendRectangle(Round(x), Round(Height - y - height), Round(width), Round(height)));
            return;
        }

        var (right, bottom, bend) = (x + width, y + height, radius * 0.4477);   // a quarter circle by a Bézier curve
        Move(x + radius, y);
        To(right - radius, y);
        Curve(right - bend, y, right, y + bend, right, y + radius);
        To(right, bottom - radius);
        Curve(right, bottom - bend, right - bend, bottom, right - radius, bottom);
        To(x + radius, bottom);
        Curve(x + bend, bottom, x, bottom - bend, x, bottom - radius);
        To(x, y + radius);
        Curve(x, y + bend, x + bend, y, x + radius, y);
        Strokes.Add(CloseSubpath.Value);
    }

    private void Move(double x, double y) => Strokes.Add(new BeginNewSubpath(Round(x), Round(Height - y)));

    private void To(double x, double y) => Strokes.Add(new AppendStraightLineSegment(Round(x), Round(Height - y)));

    private void Curve(double x1, double y1, double x2, double y2, double x3, double y3) => Strokes.Add(
        new AppendDualControlPointBezierCurve(Round(x1), Round(Height - y1), Round(x2), Round(Height - y2), Round(x3), Round(Height - y3)));

    private static double Round(double points) => Math.Round(points, 3);

    /// <summary>A font of the document as often as its characters need it.</summary>
    private sealed class FontSlots(FontFace face, PdfDocumentBuilder document)
    {
        private const int MostCharacters = 250;

        private readonly Dictionary<char, int> slotOf = [];
        private readonly List<PdfDocumentBuilder.AddedFont> slots = [];

        public IEnumerable<(string Run, PdfDocumentBuilder.AddedFont Font)> Runs(string text)
        {
            for (var start = 0; start < text.Length;)
            {
                var (slot, end) = (SlotOf(text[start]), start + 1);
                while (end < text.Length && SlotOf(text[end]) == slot)
                    end++;

                yield return (text[start..end], slots[slot]);
                start = end;
            }
        }

        private int SlotOf(char character)
        {
            if (slotOf.TryGetValue(character, out var slot))
                return slot;

            slot = slotOf.Count / MostCharacters;
            if (slot == slots.Count)
                slots.Add(face.AddTo(document));

            return slotOf[character] = slot;
        }
    }
}
