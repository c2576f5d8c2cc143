using System.Globalization;
using System.Text;
using Aerona.Reference;

namespace Aerona.Search;

/// <summary>A place to fly from or to: an airport, or a city with several.</summary>
/// <param name="Code">IATA code of the airport, or of the city.</param>
/// <param name="IsCity">Whether it stands for all airports of a city.</param>
/// <param name="Name">The airport's name; the city's for a city.</param>
/// <param name="Airports">Its airports, at least one; the busiest is not told apart.</param>
internal sealed record Place(string Code, bool IsCity, string Name, IReadOnlyList<Airport> Airports);

/// <summary>Finds places by what somebody types.</summary>
internal static class Places
{
    /// <summary>Longest text looked for.</summary>
    public const int LongestQuery = 60;

    private static readonly Entry[] Entries =
    [
        .. Airports.All.Values.GroupBy(airport => airport.CityCode).Where(city => city.Count() > 1).Select(city => new Entry(
            new(city.Key, true, city.First().City, [.. city.OrderBy(airport => airport.Code)]), Fold(city.Key), [Fold(city.First().City)], Words(city.First().City))),
        .. Airports.All.Values.Select(airport => IsAlone(airport)
            ? new Entry(new(airport.Code, false, airport.Name, [airport]), Fold(airport.Code), [Fold(airport.City), Fold(airport.Name), Fold(airport.CityCode)], Words($"{airport.City} {airport.Name}"))
            : new Entry(new(airport.Code, false, airport.Name, [airport]), Fold(airport.Code), [Fold(airport.Name)], Words(airport.Name))),
    ];

    /// <summary>
    /// Places whose code, city or name begins with the text, or a word of them does; case, accents, blanks and punctuation do not matter. Codes first, then
    /// whole names, then words; a city before its airports; else by name. Where nothing begins so, what does but for a letter or two wrong, missing, too many or
    /// changed round.
    /// </summary>
    public static IReadOnlyList<Place> Find(string text, int limit)
    {
        var wanted = Fold(text);
        return wanted.Length == 0 ? [] : Best(entry => entry.Rank(wanted), limit) is { Count: > 0 } found ? found : Misspelt(wanted, limit);
    }

    private static List<Place> Best(Func<Entry, int> rank, int limit) =>
    [
        .. Entries.Select(entry => (entry.Place, Rank: rank(entry))).Where(found => found.Rank < NotFound)
            .OrderBy(found => found.Rank).ThenBy(found => !found.Place.IsCity).ThenBy(found => found.Place.Name, StringComparer.Ordinal)
            .ThenBy(found => found.Place.Code, StringComparer.Ordinal).Take(limit).Select(found => found.Place),
    ];

    // One slip in four letters and more, two in eight and more; codes are too short to guess at.
    private static List<Place> Misspelt(string wanted, int limit) => wanted.Length < 4
        ? []
        : Best(entry => entry.Slips(wanted, wanted.Length < 8 ? 1 : 2) is { } slips ? slips : NotFound, limit);

    /// <summary>What an unknown code may have been meant to be, best first; never empty handed back as a guess: nothing near is nothing.</summary>
    public static IReadOnlyList<Place> Near(string text, int limit)
    {
        var wanted = Fold(text.Length <= LongestQuery ? text : text[..LongestQuery]);
        for (var length = wanted.Length; length >= 2; length--)
        {
            if (Find(wanted[..length], limit) is { Count: > 0 } found)
            {
                return found;
            }
        }

        return [];
    }

    /// <summary>Other airports within so many kilometres, the nearest first.</summary>
    public static IEnumerable<(Airport Airport, double Kilometres)> Nearby(Airport centre, double kilometres) => Airports.All.Values
        .Where(airport => airport.Code != centre.Code).Select(airport => (Airport: airport, Kilometres: Airports.KilometresBetween(centre, airport)))
        .Where(near => near.Kilometres <= kilometres).OrderBy(near => near.Kilometres).ThenBy(near => near.Airport.Code, StringComparer.Ordinal);

    private const int NotFound = 9;

    private static bool IsAlone(Airport airport) => Airports.Named(airport.CityCode).Count == 1;

    // Letters and digits in lower case without accents; đ, ø, ł and their like do not come apart in Unicode's decomposition.
    private static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var letter in text.Normalize(NormalizationForm.FormD).ToLowerInvariant())
        {
            folded.Append(letter switch
            {
                'đ' or 'ð' => "d",
                'ø' => "o",
                'ł' => "l",
                'ß' => "ss",
                'æ' => "ae",
                'œ' => "oe",
                'þ' => "th",
                'ı' => "i",
                _ => char.IsLetterOrDigit(letter) && CharUnicodeInfo.GetUnicodeCategory(letter) != UnicodeCategory.NonSpacingMark ? letter.ToString() : "",
            });
        }

        return folded.ToString();
    }

    // Each word with all that follows it, so that "de janeiro" finds Rio.
    private static string[] Words(string text)
    {
        var words = text.Split([' ', '-', '/', '(', '\''], StringSplitOptions.RemoveEmptyEntries);
        return [.. Enumerable.Range(0, words.Length).Select(first => Fold(string.Concat(words[first..])))];
    }

    private sealed record Entry(Place Place, string Code, string[] Names, string[] Words)
    {
        public int Rank(string wanted) =>
            Code == wanted ? 0
            : Names.Any(name => name == wanted) ? 1
            : Names.Any(name => name.StartsWith(wanted, StringComparison.Ordinal)) ? 2
            : Code.StartsWith(wanted, StringComparison.Ordinal) ? 3
            : Words.Any(word => word.StartsWith(wanted, StringComparison.Ordinal)) ? 4
            : NotFound;

        /// <summary>Fewest slips of the pen between the text and the beginning of a name or of a word in it; null: more than that many.</summary>
        public int? Slips(string wanted, int most)
        {
            var least = Names.Concat(Words).Min(name => Spelling.SlipsToBeginning(wanted, name));
            return least <= most ? least : null;
        }
    }
}

/// <summary>How far what was typed is from what was meant.</summary>
internal static class Spelling
{
    /// <summary>
    /// Letters to be put in, taken out, replaced or changed round with their neighbour to make of <paramref name="typed"/> a beginning of <paramref name="meant"/>
    /// (optimal string alignment; what the text leaves out at the end of a name is no slip).
    /// </summary>
    public static int SlipsToBeginning(string typed, string meant)
    {
        var slips = new int[typed.Length + 1, meant.Length + 1];
        for (var at = 0; at <= typed.Length; at++)
        {
            slips[at, 0] = at;
        }

        for (var of = 0; of <= meant.Length; of++)
        {
            slips[0, of] = of;
        }

        for (var at = 1; at <= typed.Length; at++)
        {
            for (var of = 1; of <= meant.Length; of++)
            {
                var least = Math.Min(slips[at - 1, of] + 1, slips[at, of - 1] + 1);
                least = Math.Min(least, slips[at - 1, of - 1] + (typed[at - 1] == meant[of - 1] ? 0 : 1));
                if (at > 1 && of > 1 && typed[at - 1] == meant[of - 2] && typed[at - 2] == meant[of - 1])
                {
                    least = Math.Min(least, slips[at - 2, of - 2] + 1);
                }

                slips[at, of] = least;
            }
        }

        return Enumerable.Range(0, meant.Length + 1).Min(of => slips[typed.Length, of]);
    }
}
