using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Aerona.Bookings.Names;

/// <summary>
/// Names as airlines take them: capital letters A-Z and blanks. Latin and Cyrillic letters follow ICAO Doc 9303 part 3, section 6; that has no table for
/// Greek, so Greek follows ISO 843 (ELOT 743), as Greek passports do.
/// </summary>
internal static class TicketName
{
    // Letters that are more than a base letter with a mark; all others with marks lose them (Lê → LE, Đặng → DANG).
    private static readonly FrozenDictionary<char, string> Latin = Table("Ä=AE Å=AA Æ=AE Ǽ=AE Đ=D Ð=D Ħ=H ı=I Ĳ=IJ ĸ=Q Ł=L Ŀ=L Ŋ=N Ö=OE Ø=OE Ǿ=OE Œ=OE ẞ=SS ß=SS Þ=TH Ŧ=T Ü=UE Ə=E ſ=S");

    private static readonly FrozenDictionary<char, string> Cyrillic = Table(
        "А=A Б=B В=V Г=G Д=D Е=E Ё=E Ж=ZH З=Z И=I Й=I К=K Л=L М=M Н=N О=O П=P Р=R С=S Т=T У=U Ф=F Х=KH Ц=TS Ч=CH Ш=SH Щ=SHCH Ъ=IE Ы=Y Ь= " +
        "Э=E Ю=IU Я=IA І=I Ї=I Є=IE Ґ=G Ў=U Ђ=D Ѓ=G Ѕ=DZ Ј=J Љ=LJ Њ=NJ Ћ=C Ќ=K Џ=DZ");

    // The table's exceptions by language, told by letters that only that language has.
    private static readonly FrozenDictionary<char, string> Ukrainian = Table("Г=H И=Y");

    private static readonly FrozenDictionary<char, string> Serbian = Table("Ж=Z Х=H Ц=C Ч=C Ш=S");

    private static readonly FrozenDictionary<char, string> Greek = Table("Α=A Β=V Γ=G Δ=D Ε=E Ζ=Z Η=I Θ=TH Ι=I Κ=K Λ=L Μ=M Ν=N Ξ=X Ο=O Π=P Ρ=R Σ=S ς=S Τ=T Υ=Y Φ=F Χ=CH Ψ=PS Ω=O");

    /// <summary>The name in an airline's letters, or the first character that has none; neither for a name without letters.</summary>
    /// <param name="name">As typed, in any of the alphabets.</param>
    public static (string? Name, string? Offender) Of(string name)
    {
        // Runes first: half a surrogate pair cannot be normalised.
        var text = string.Concat(name.EnumerateRunes()).Normalize(NormalizationForm.FormC).ToUpper(CultureInfo.InvariantCulture);
        var ticket = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsHighSurrogate(text[at]))
            {
                return (null, StringInfo.GetNextTextElement(text, at));
            }

            if (Letters(text, ref at) is not { } letters)
            {
                return (null, text[at].ToString());
            }

            ticket.Append(letters);
        }

        var words = string.Join(' ', ticket.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return (words.Length == 0 ? null : words, null);
    }

    private static string? Letters(string text, ref int at)
    {
        var letter = text[at];
        if (char.IsAsciiLetterUpper(letter))
        {
            return letter.ToString();
        }

        if (char.IsWhiteSpace(letter) || letter is '-' or '‐' or '‑' or '–')
        {
            return " ";
        }

        if (letter is '\'' or '’' or '‘' or 'ʼ' or '`' or '.' or '·')
        {
            return "";
        }

        if (Latin.TryGetValue(letter, out var latin))
        {
            return latin;
        }

        if (Cyrillic.ContainsKey(letter))
        {
            return CyrillicLetters(text, letter);
        }

        if (IsGreek(Bare(letter)))
        {
            return GreekLetters(text, ref at);
        }

        return Bare(letter) is var bare && char.IsAsciiLetterUpper(bare) ? bare.ToString()
            : char.GetUnicodeCategory(letter) == UnicodeCategory.NonSpacingMark ? ""
            : null;
    }

    private static string CyrillicLetters(string text, char letter) =>
        text.AsSpan().ContainsAny("ІЇЄҐ") && Ukrainian.TryGetValue(letter, out var ukrainian) ? ukrainian
        : text.AsSpan().ContainsAny("ЂЋЉЊЏЈ") && Serbian.TryGetValue(letter, out var serbian) ? serbian
        : Cyrillic[letter];

    /// <summary>ΟΥ is OU; Υ after Α, Ε, Η is V, or F before a voiceless consonant and at the end; ΓΓ, ΓΞ, ΓΧ begin with N; ΜΠ is B at either end of a word.</summary>
    private static string GreekLetters(string text, ref int at)
    {
        var (letter, next) = (Bare(text[at]), At(text, at + 1));
        // A diaeresis, or an accent on the first of the two, says that they are two sounds.
        var joined = next == 'Υ' && text[at + 1] is 'Υ' or 'Ύ' && text[at] == letter;
        if (letter == 'Ο' && joined)
        {
            at++;
            return "OU";
        }

        if (letter is 'Α' or 'Ε' or 'Η' && joined)
        {
            at++;
            var voiceless = At(text, at + 1) is '\0' or 'Θ' or 'Κ' or 'Ξ' or 'Π' or 'Σ' or 'Τ' or 'Φ' or 'Χ' or 'Ψ';
            return Greek[letter] + (voiceless ? "F" : "V");
        }

        if (letter == 'Γ' && next is 'Γ' or 'Ξ' or 'Χ')
        {
            at++;
            return "N" + Greek[next];
        }

        if (letter == 'Μ' && next == 'Π' && (at == 0 || !IsGreek(At(text, at - 1)) || !IsGreek(At(text, at + 2))))
        {
            at++;
            return "B";
        }

        return Greek[letter];
    }

    private static FrozenDictionary<char, string> Table(string pairs) =>
        pairs.Split(' ').Select(pair => pair.Split('=')).ToFrozenDictionary(pair => pair[0][0], pair => pair[1]);

    private static bool IsGreek(char letter) => Greek.ContainsKey(letter);

    private static char At(string text, int at) => at < text.Length ? Bare(text[at]) : '\0';

    private static char Bare(char letter) => char.IsSurrogate(letter) ? letter : letter.ToString().Normalize(NormalizationForm.FormD)[0];
}
