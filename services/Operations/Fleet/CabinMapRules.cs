using Aerona.Contracts;
using Aerona.Hosting;

namespace Aerona.Operations.Fleet;

/// <summary>What a cabin map must keep.</summary>
internal static class CabinMapRules
{
    private const string AllLetters = "ABCDEFGHJK";

    private const int MostAisles = 2;

    /// <summary>The rules it breaks, with pointers below the given one.</summary>
    public static IEnumerable<FieldProblem> Problems(this CabinMap map, string at)
    {
        if (map.FirstRow is < 1 or > 99 || map.LastRow < map.FirstRow || map.LastRow > 99)
        {
            yield return new($"{at}/lastRow", "cabin.rows_invalid", "Rows are 1 to 99, the last not before the first.");
            yield break;
        }

        if (!LettersAreRight(map.Letters))
        {
            yield return new($"{at}/letters", "cabin.letters_invalid", "Letters are of ABCDEFGHJK in their order, groups parted by one blank for an aisle, two aisles at most.");
            yield break;
        }

        foreach (var (rows, name) in new[] { (map.ExitRows, "exitRows"), (map.BulkheadRows, "bulkheadRows"), (map.SkippedRows, "skippedRows") })
        {
            foreach (var (row, index) in (rows ?? []).Select((row, index) => (row, index)))
            {
                if (row < map.FirstRow || row > map.LastRow || (name != "skippedRows" && map.SkippedRows?.Contains(row) == true))
                {
                    yield return new($"{at}/{name}/{index}", "cabin.row_unknown", $"This cabin has no row {row}.");
                }
            }
        }

        var grid = (from row in map.Rows() from letter in map.Letters where letter != ' ' select $"{row}{letter}").ToHashSet(StringComparer.Ordinal);
        foreach (var (seat, index) in (map.MissingSeats ?? []).Select((seat, index) => (seat, index)))
        {
            if (!grid.Remove(seat))
            {
                yield return new($"{at}/missingSeats/{index}", "cabin.seat_unknown", $"There is no seat {seat} to be missing, or it is named twice.");
            }
        }

        foreach (var (special, index) in (map.Special ?? []).Select((special, index) => (special, index)))
        {
            if (special.Seats.FirstOrDefault(seat => !grid.Contains(seat)) is { } unknown)
            {
                yield return new($"{at}/special/{index}/seats", "cabin.seat_unknown", $"There is no seat {unknown}.");
            }
        }

        if (grid.Count == 0)
        {
            yield return new($"{at}/missingSeats", "cabin.empty", "A cabin has at least one seat.");
        }
    }

    private static bool LettersAreRight(string all)
    {
        var letters = all.Replace(" ", "", StringComparison.Ordinal);
        var groups = all.Split(' ');
        return letters.Length > 0 && letters.All(AllLetters.Contains) && groups.Length <= MostAisles + 1 && groups.All(group => group.Length > 0)
            && letters.Zip(letters.Skip(1)).All(pair => pair.First < pair.Second);
    }
}
