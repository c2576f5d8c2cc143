using System.Globalization;
using System.Text;

namespace Aerona.Tickets.Documents;

/// <summary>Text that a font can print: what it lacks becomes something near that it has, never an empty box.</summary>
internal static class PrintableText
{
    private static readonly Dictionary<char, string> Near = new()
    {
        ['–'] = "-",
        ['—'] = "-",
        ['−'] = "-",
        ['‑'] = "-",
        ['’'] = "",
        ['‘'] = "",
        ['\''] = "",
        ['`'] = "",
        ['“'] = "\"",
        ['”'] = "\"",
        ['…'] = "...",
        ['·'] = "-",
        ['•'] = "-",
        ['→'] = ">",
        ['\u00A0'] = " ",
        ['\u202F'] = " ",
        ['ß'] = "ss",
        ['æ'] = "ae",
        ['Æ'] = "AE",
        ['ø'] = "o",
        ['Ø'] = "O",
        ['œ'] = "oe",
        ['Œ'] = "OE",
        ['đ'] = "d",
        ['Đ'] = "D",
        ['ð'] = "d",
        ['Ð'] = "D",
        ['þ'] = "th",
        ['Þ'] = "TH",
        ['ł'] = "l",
        ['Ł'] = "L",
        ['ı'] = "i",
        ['ħ'] = "h",
        ['Ħ'] = "H",
    };

    /// <summary>The text with characters that the family lacks replaced by their base letters or look-alikes, or null where one has none.</summary>
    public static string? TryPrint(this FontFamily family, string text)
    {
        if (text.Any(char.IsSurrogate))
            return null;   // beyond the fonts' reach, and half a pair cannot be normalised

        // Composed, so that a letter and its accents are one glyph; line breaks, direction marks and other invisible characters are no text.
        text = string.Concat(text.Normalize(NormalizationForm.FormC).Where(character =>
            char.GetUnicodeCategory(character) is not (UnicodeCategory.Control or UnicodeCategory.Format)));
        if (family.Covers(text))
            return text;

        var printable = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            var letter = character.ToString();
            if (family.Covers(letter))
                printable.Append(letter);
            else if (Near.TryGetValue(character, out var near) && family.Covers(near))
                printable.Append(near);
            else if (Base(letter) is { Length: > 0 } plain && family.Covers(plain))
                printable.Append(plain);
            else
                return null;
        }

        return printable.ToString();
    }

    /// <summary>The same with <c>?</c> for what has nothing near: for our own wording and reference data, not for names.</summary>
    public static string Print(this FontFamily family, string text) =>
        family.TryPrint(text) ?? string.Concat(text.Select(character => family.TryPrint(character.ToString()) ?? "?"));

    private static string Base(string letter) => string.Concat(letter.Normalize(NormalizationForm.FormD).Where(part =>
        char.GetUnicodeCategory(part) is not UnicodeCategory.NonSpacingMark));
}
