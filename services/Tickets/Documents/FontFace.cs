using UglyToad.PdfPig.Fonts.Standard14Fonts;
using UglyToad.PdfPig.Fonts.TrueType;
using UglyToad.PdfPig.Fonts.TrueType.Parser;
using UglyToad.PdfPig.Writer;

namespace Aerona.Tickets.Documents;

/// <summary>One cut of a font: which characters it has, and how wide they are. Characters are those of the Basic Multilingual Plane.</summary>
internal abstract class FontFace
{
    /// <summary>Advance in thousandths of the font size, or null when there is no glyph.</summary>
    public abstract float? Advance(char character);

    /// <summary>Puts the font into a document. One entry holds at most 255 different characters; add it again for more.</summary>
    public abstract PdfDocumentBuilder.AddedFont AddTo(PdfDocumentBuilder document);

    public bool Covers(string text)
    {
        foreach (var character in text)
        {
            if (Advance(character) is null)
                return false;
        }

        return true;
    }

    /// <summary>In points; every character must be covered.</summary>
    public double Width(string text, double size, double spacing = 0)
    {
        double thousandths = 0;
        foreach (var character in text)
            thousandths += Advance(character) ?? throw new ArgumentException($"no glyph for U+{(int)character:X4}", nameof(text));

        return thousandths * size / 1000 + spacing * text.Length;
    }
}

/// <summary>A TrueType file.</summary>
internal sealed class TrueTypeFace : FontFace
{
    private readonly byte[] file;
    private readonly float[] advances = new float[char.MaxValue + 1];

    private TrueTypeFace(byte[] file, TrueTypeFont font)
    {
        this.file = file;
        var scale = 1000.0 / font.GetUnitsPerEm();
        for (var code = 0; code <= char.MaxValue; code++)
        {
            var has = CompactFont.Keeps(code) && font.WindowsUnicodeCMap!.CharacterCodeToGlyphIndex(code) > 0;
            advances[code] = has && font.TryGetAdvanceWidth(code, out var width) ? (float)(width * scale) : float.NaN;
        }
    }

    /// <summary>The font, or null and why not.</summary>
    public static TrueTypeFace? TryLoad(string path, out string problem)
    {
        problem = "";
        try
        {
            var file = File.ReadAllBytes(path);
            var font = TrueTypeFontParser.Parse(new TrueTypeDataBytes(file));
            if (font.WindowsUnicodeCMap is { } characters && font.TableHeaders.ContainsKey("glyf"))
            {
                file = CompactFont.Of(file, characters.CharacterCodeToGlyphIndex);
                return new(file, TrueTypeFontParser.Parse(new TrueTypeDataBytes(file)));
            }

            problem = "it has no Unicode map or no TrueType outlines";
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            problem = broken.Message;   // the parser throws whatever the damage leads to
        }

        return null;
    }

    public override float? Advance(char character) => float.IsNaN(advances[character]) ? null : advances[character];

    public override PdfDocumentBuilder.AddedFont AddTo(PdfDocumentBuilder document) => document.AddTrueTypeFont(file);
}

/// <summary>Helvetica, which every reader has: ASCII alone, as the PDF library writes little more of it.</summary>
internal sealed class StandardFace(bool bold) : FontFace
{
    private readonly Standard14Font font = bold ? Standard14Font.HelveticaBold : Standard14Font.Helvetica;

    private readonly Dictionary<int, float> advances = Standard14
        .GetAdobeFontMetrics(bold ? Standard14Font.HelveticaBold : Standard14Font.Helvetica).CharacterMetrics.Values
        .Where(metric => metric.CharacterCode is >= ' ' and <= '~' and not '\'' and not '`')   // Adobe's encoding has other quotes there
        .ToDictionary(metric => metric.CharacterCode, metric => (float)metric.Width.X);

    public override float? Advance(char character) => advances.TryGetValue(character, out var advance) ? advance : null;

    public override PdfDocumentBuilder.AddedFont AddTo(PdfDocumentBuilder document) => document.AddStandard14Font(font);
}
