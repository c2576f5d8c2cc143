using System.Text.Json.Serialization;
using Aerona.Contracts;
using Aerona.Hosting;

namespace Aerona.Operations.Fleet;

/// <summary>What a seat has that another has not.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<SeatCharacteristic>))]
internal enum SeatCharacteristic
{
    Window,
    Middle,
    Aisle,

    /// <summary>In a row at an emergency exit: not for everybody.</summary>
    ExitRow,

    /// <summary>Behind a wall; nothing can be put under the seat in front.</summary>
    Bulkhead,
    ExtraLegroom,
    LimitedRecline,
    Bassinet,
    NearLavatory,
    NoWindow,
}

/// <summary>A seat of a configuration.</summary>
/// <param name="Number">Row and letter: <c>12A</c>.</param>
/// <param name="Row">1 to 99.</param>
/// <param name="Letter">A to K without I.</param>
/// <param name="Characteristics">In the order of the enum.</param>
internal sealed record Seat(string Number, int Row, char Letter, IReadOnlyList<SeatCharacteristic> Characteristics);

/// <summary>Seats that have something beyond what their place says.</summary>
/// <param name="Seats">Numbers: <c>1A</c>.</param>
/// <param name="Characteristics">What they have.</param>
internal sealed record SpecialSeats(IReadOnlyList<string> Seats, IReadOnlyList<SeatCharacteristic> Characteristics);

/// <summary>A cabin as built in.</summary>
/// <param name="Cabin">The class of service; once a configuration.</param>
/// <param name="FirstRow">1 to 99.</param>
/// <param name="LastRow">Not before the first.</param>
/// <param name="Letters">From left to right, a blank where an aisle is: <c>ABC DEF</c>.</param>
/// <param name="ExitRows">Rows at emergency exits; extra legroom comes with them.</param>
/// <param name="BulkheadRows">Rows behind a wall.</param>
/// <param name="SkippedRows">Numbers that are not there, such as 13.</param>
/// <param name="MissingSeats">Seats of the grid that are not there.</param>
/// <param name="Special">What single seats have beyond that.</param>
internal sealed record CabinMap(
    Cabin Cabin, int FirstRow, int LastRow, string Letters, IReadOnlyList<int>? ExitRows = null, IReadOnlyList<int>? BulkheadRows = null,
    IReadOnlyList<int>? SkippedRows = null, IReadOnlyList<string>? MissingSeats = null, IReadOnlyList<SpecialSeats>? Special = null)
{
    private const string AllLetters = "ABCDEFGHJK";

    private const int MostAisles = 2;

    /// <summary>The seats, row by row from the left. Only of a map without <see cref="Problems"/>.</summary>
    public IReadOnlyList<Seat> Seats()
    {
        var missing = (MissingSeats ?? []).ToHashSet(StringComparer.Ordinal);
        return [.. from row in Rows()
                   from place in Enumerable.Range(0, Letters.Length)
                   where Letters[place] != ' '
                   let number = $"{row}{Letters[place]}"
                   where !missing.Contains(number)
                   select new Seat(number, row, Letters[place], [.. Characteristics(row, place, number).Distinct().Order()])];
    }

    /// <summary>The rules it breaks, with pointers below the given one.</summary>
    public IEnumerable<FieldProblem> Problems(string at)
    {
        if (FirstRow is < 1 or > 99 || LastRow < FirstRow || LastRow > 99)
        {
            yield return new($"{at}/lastRow", "cabin.rows_invalid", "Rows are 1 to 99, the last not before the first.");
            yield break;
        }

        if (!LettersAreRight())
        {
            yield return new($"{at}/letters", "cabin.letters_invalid", "Letters are of ABCDEFGHJK in their order, groups parted by one blank for an aisle, two aisles at most.");
            yield break;
        }

        foreach (var (rows, name) in new[] { (ExitRows, "exitRows"), (BulkheadRows, "bulkheadRows"), (SkippedRows, "skippedRows") })
        {
            foreach (var (row, index) in (rows ?? []).Select((row, index) => (row, index)))
            {
                if (row < FirstRow || row > LastRow || (name != "skippedRows" && SkippedRows?.Contains(row) == true))
                {
                    yield return new($"{at}/{name}/{index}", "cabin.row_unknown", $"This cabin has no row {row}.");
                }
            }
        }

        var grid = (from row in Rows() from letter in Letters where letter != ' ' select $"{row}{letter}").ToHashSet(StringComparer.Ordinal);
        foreach (var (seat, index) in (MissingSeats ?? []).Select((seat, index) => (seat, index)))
        {
            if (!grid.Remove(seat))
            {
                yield return new($"{at}/missingSeats/{index}", "cabin.seat_unknown", $"There is no seat {seat} to be missing, or it is named twice.");
            }
        }

        foreach (var (special, index) in (Special ?? []).Select((special, index) => (special, index)))
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

    /// <summary>Row numbers that are there.</summary>
    public IEnumerable<int> Rows() => Enumerable.Range(FirstRow, LastRow - FirstRow + 1).Where(row => SkippedRows?.Contains(row) != true);

    private bool LettersAreRight()
    {
        var letters = Letters.Replace(" ", "", StringComparison.Ordinal);
        var groups = Letters.Split(' ');
        return letters.Length > 0 && letters.All(AllLetters.Contains) && groups.Length <= MostAisles + 1 && groups.All(group => group.Length > 0)
            && letters.Zip(letters.Skip(1)).All(pair => pair.First < pair.Second);
    }

    private IEnumerable<SeatCharacteristic> Characteristics(int row, int place, string number)
    {
        var isWindow = place == 0 || place == Letters.Length - 1;
        var isAisle = (place > 0 && Letters[place - 1] == ' ') || (place < Letters.Length - 1 && Letters[place + 1] == ' ');
        if (isWindow)
        {
            yield return SeatCharacteristic.Window;
        }

        if (isAisle)
        {
            yield return SeatCharacteristic.Aisle;
        }

        if (!isWindow && !isAisle)
        {
            yield return SeatCharacteristic.Middle;
        }

        if (ExitRows?.Contains(row) == true)
        {
            yield return SeatCharacteristic.ExitRow;
            yield return SeatCharacteristic.ExtraLegroom;
        }

        if (BulkheadRows?.Contains(row) == true)
        {
            yield return SeatCharacteristic.Bulkhead;
        }

        foreach (var extra in (Special ?? []).Where(special => special.Seats.Contains(number)).SelectMany(special => special.Characteristics))
        {
            yield return extra;
        }
    }
}
