using System.Buffers.Binary;
using System.Text;

namespace Aerona.Tickets.Documents;

/// <summary>
/// A TrueType file with only the letters that documents use, and without what they do not need (kerning, ligatures, names of glyphs). The PDF library reads a font anew for every
/// document, and looks letters up from front to back: with a tenth of the glyphs a document costs a fraction.
/// </summary>
internal static class CompactFont
{
    // Latin, Greek, Cyrillic, Armenian, Georgian, and what stands between and around words. What is written from right to left or joined is no matter of fonts alone:
    // such names are printed as on the ticket.
    private static readonly (int First, int Last)[] Kept =
    [
        (0x0020, 0x007E), (0x00A0, 0x024F), (0x0259, 0x0259), (0x02B0, 0x02FF), (0x0370, 0x03FF), (0x0400, 0x052F), (0x0531, 0x058F), (0x10A0, 0x10FF),
        (0x1E00, 0x1EFF), (0x1F00, 0x1FFF), (0x2010, 0x2027), (0x202F, 0x203A), (0x2070, 0x209C), (0x20A0, 0x20C0), (0x2100, 0x214F), (0x2190, 0x21FF), (0x2212, 0x2212),
    ];

    private static readonly string[] CopiedTables = ["OS/2", "cvt ", "fpgm", "gasp", "prep", "name"];

    /// <summary>Whether documents use that letter.</summary>
    public static bool Keeps(int code) => Array.Exists(Kept, range => code >= range.First && code <= range.Last);

    /// <summary>The smaller file.</summary>
    /// <param name="file">With TrueType outlines.</param>
    /// <param name="glyphOf">The glyph of a character; 0 where there is none.</param>
    /// <exception cref="InvalidDataException">A table is missing or ends too early.</exception>
    public static byte[] Of(byte[] file, Func<int, int> glyphOf)
    {
        try
        {
            return Make(new(file), glyphOf);
        }
        catch (Exception broken) when (broken is ArgumentOutOfRangeException or KeyNotFoundException or OverflowException)
        {
            throw new InvalidDataException("a table of the font is missing or damaged", broken);
        }
    }

    private static byte[] Make(Source font, Func<int, int> glyphOf)
    {
        var wanted = Kept.SelectMany(range => Enumerable.Range(range.First, range.Last - range.First + 1)).Select(code => (Code: code, Glyph: glyphOf(code))).Where(pair => pair.Glyph > 0).ToList();
        var old = Closure(font, wanted.Select(pair => pair.Glyph));
        var renumbered = old.Select((glyph, at) => (glyph, at)).ToDictionary(pair => pair.glyph, pair => pair.at);

        using var outlines = new MemoryStream();
        var places = new byte[(old.Count + 1) * 4];
        var widths = new byte[old.Count * 4];
        for (var at = 0; at < old.Count; at++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(places.AsSpan(at * 4), (uint)outlines.Length);
            var outline = font.Outline(old[at]).ToArray();
            foreach (var place in PartsOf(outline))
                BinaryPrimitives.WriteUInt16BigEndian(outline.AsSpan(place), (ushort)renumbered[Word(outline, place)]);

            outlines.Write(outline);
            outlines.Write(new byte[(4 - (outline.Length % 4)) % 4]);
            var (advance, bearing) = font.Metric(old[at]);
            BinaryPrimitives.WriteUInt16BigEndian(widths.AsSpan(at * 4), advance);
            BinaryPrimitives.WriteInt16BigEndian(widths.AsSpan((at * 4) + 2), bearing);
        }

        BinaryPrimitives.WriteUInt32BigEndian(places.AsSpan(old.Count * 4), (uint)outlines.Length);
        var head = Changed(font.Table("head"), 50, 1);      // places are of four bytes
        var hhea = Changed(font.Table("hhea"), 34, old.Count);
        var maxp = Changed(font.Table("maxp"), 4, old.Count);
        var post = font.Table("post")[..32].ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(post, 0x00030000);     // no names of glyphs
        SortedDictionary<string, byte[]> tables = new(StringComparer.Ordinal)
        {
            ["cmap"] = CharacterMap(wanted.ConvertAll(pair => (pair.Code, renumbered[pair.Glyph]))),
            ["glyf"] = outlines.ToArray(),
            ["head"] = head,
            ["hhea"] = hhea,
            ["hmtx"] = widths,
            ["loca"] = places,
            ["maxp"] = maxp,
            ["post"] = post,
        };
        foreach (var tag in CopiedTables.Where(font.Has))
            tables[tag] = font.Table(tag).ToArray();

        return File(tables);
    }

    /// <summary>Glyph 0, those, and those that they are put together from; in the order of the file.</summary>
    private static List<int> Closure(Source font, IEnumerable<int> glyphs)
    {
        SortedSet<int> all = [0];
        var waiting = new Stack<int>(glyphs.Prepend(0));
        while (waiting.TryPop(out var glyph))
        {
            all.Add(glyph);
            var outline = font.Outline(glyph);
            foreach (var place in PartsOf(outline))
            {
                if (Word(outline, place) is var part && !all.Contains(part))
                    waiting.Push(part);
            }
        }

        return [.. all];
    }

    /// <summary>Where a composite outline names its parts (OpenType, glyf); none in a simple one.</summary>
    private static List<int> PartsOf(ReadOnlySpan<byte> outline)
    {
        List<int> places = [];
        if (outline.Length == 0 || BinaryPrimitives.ReadInt16BigEndian(outline) >= 0)
            return places;

        const int wordArguments = 1, scale = 8, more = 0x20, twoScales = 0x40, matrix = 0x80;
        for (var at = 10; ;)
        {
            var flags = Word(outline, at);
            places.Add(at + 2);
            at += 4 + ((flags & wordArguments) != 0 ? 4 : 2) + ((flags & scale) != 0 ? 2 : (flags & twoScales) != 0 ? 4 : (flags & matrix) != 0 ? 8 : 0);
            if ((flags & more) == 0)
                return places;
        }
    }

    /// <summary>A map of the Basic Multilingual Plane for Windows (format 4): a segment for each run of characters whose glyphs follow one another.</summary>
    private static byte[] CharacterMap(List<(int Code, int Glyph)> pairs)
    {
        List<(int First, int Last, int Delta)> segments = [];
        foreach (var (code, glyph) in pairs)
        {
            if (segments.Count > 0 && segments[^1].Last == code - 1 && segments[^1].Delta == glyph - code)
                segments[^1] = segments[^1] with { Last = code };
            else
                segments.Add((code, code, glyph - code));
        }

        segments.Add((0xFFFF, 0xFFFF, 1));
        var count = segments.Count;
        var power = 1 << (int)Math.Log2(count);
        List<int> words =
        [
            0, 1, 3, 1, 0, 12,     // version, one table, Windows, Unicode, and where it is
            4, 16 + (count * 8), 0, count * 2, power * 2, (int)Math.Log2(power), (count - power) * 2,
            .. segments.Select(segment => segment.Last), 0, .. segments.Select(segment => segment.First), .. segments.Select(segment => segment.Delta & 0xFFFF), .. segments.Select(_ => 0),
        ];
        var table = new byte[words.Count * 2];
        for (var at = 0; at < words.Count; at++)
            BinaryPrimitives.WriteUInt16BigEndian(table.AsSpan(at * 2), (ushort)words[at]);

        return table;
    }

    // Check sums are left out: nobody but the library reads this file, and what it embeds has its own.
    private static byte[] File(SortedDictionary<string, byte[]> tables)
    {
        using var file = new MemoryStream();
        var power = 1 << (int)Math.Log2(tables.Count);
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(head, 0x00010000);
        BinaryPrimitives.WriteUInt16BigEndian(head[4..], (ushort)tables.Count);
        BinaryPrimitives.WriteUInt16BigEndian(head[6..], (ushort)(power * 16));
        BinaryPrimitives.WriteUInt16BigEndian(head[8..], (ushort)Math.Log2(power));
        BinaryPrimitives.WriteUInt16BigEndian(head[10..], (ushort)((tables.Count - power) * 16));
        file.Write(head);
        var offset = 12 + (tables.Count * 16);
        Span<byte> entry = stackalloc byte[16];
        foreach (var (tag, table) in tables)
        {
            entry.Clear();
            Encoding.ASCII.GetBytes(tag, entry);
            BinaryPrimitives.WriteUInt32BigEndian(entry[8..], (uint)offset);
            BinaryPrimitives.WriteUInt32BigEndian(entry[12..], (uint)table.Length);
            file.Write(entry);
            offset += (table.Length + 3) / 4 * 4;
        }

        foreach (var table in tables.Values)
        {
            file.Write(table);
            file.Write(new byte[(4 - (table.Length % 4)) % 4]);
        }

        return file.ToArray();
    }

    private static byte[] Changed(ReadOnlySpan<byte> table, int at, int word)
    {
        var changed = table.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(changed.AsSpan(at), checked((ushort)word));
        return changed;
    }

    private static int Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);

    /// <summary>The tables of a file.</summary>
    private sealed class Source
    {
        private readonly byte[] file;
        private readonly Dictionary<string, Range> tables = [];
        private readonly bool longPlaces;
        private readonly int metrics;

        public Source(byte[] file)
        {
            this.file = file;
            for (var (at, left) = (12, Word(file, 4)); left > 0; at += 16, left--)
            {
                var start = checked((int)BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8)));
                tables[Encoding.ASCII.GetString(file, at, 4)] = start..checked(start + (int)BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 12)));
            }

            longPlaces = Word(Table("head"), 50) == 1;
            metrics = Word(Table("hhea"), 34);
        }

        public bool Has(string tag) => tables.ContainsKey(tag);

        public ReadOnlySpan<byte> Table(string tag) => file.AsSpan(tables[tag]);

        /// <summary>Empty for a blank.</summary>
        public ReadOnlySpan<byte> Outline(int glyph)
        {
            var places = Table("loca");
            var (start, end) = longPlaces
                ? (checked((int)BinaryPrimitives.ReadUInt32BigEndian(places[(glyph * 4)..])), checked((int)BinaryPrimitives.ReadUInt32BigEndian(places[((glyph + 1) * 4)..])))
                : (Word(places, glyph * 2) * 2, Word(places, (glyph + 1) * 2) * 2);
            return Table("glyf")[start..end];
        }

        /// <summary>Those after the last full entry share its advance.</summary>
        public (ushort Advance, short Bearing) Metric(int glyph)
        {
            var table = Table("hmtx");
            return glyph < metrics
                ? ((ushort)Word(table, glyph * 4), (short)Word(table, (glyph * 4) + 2))
                : ((ushort)Word(table, (metrics - 1) * 4), (short)Word(table, (metrics * 4) + ((glyph - metrics) * 2)));
        }
    }
}
