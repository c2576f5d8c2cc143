using System.Text.Json.Serialization;

namespace Aerona.Contracts;

/// <summary>What a seat has that another has not.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<SeatCharacteristic>))]
public enum SeatCharacteristic
{
    /// <summary>At the wall.</summary>
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

    /// <summary>Not given to passengers: for the crew, or broken.</summary>
    Blocked,
}

/// <summary>A seat of a configuration.</summary>
/// <param name="Number">Row and letter: <c>12A</c>.</param>
/// <param name="Row">1 to 99.</param>
/// <param name="Letter">A to K without I.</param>
/// <param name="Characteristics">In the order of the enum.</param>
public sealed record Seat(string Number, int Row, char Letter, IReadOnlyList<SeatCharacteristic> Characteristics);

/// <summary>Seats that have something beyond what their place says.</summary>
/// <param name="Seats">Numbers: <c>1A</c>.</param>
/// <param name="Characteristics">What they have.</param>
public sealed record SpecialSeats(IReadOnlyList<string> Seats, IReadOnlyList<SeatCharacteristic> Characteristics);

/// <summary>A cabin as built in: a few numbers from which every seat follows.</summary>
/// <param name="Cabin">The class of service; once a configuration.</param>
/// <param name="FirstRow">1 to 99.</param>
/// <param name="LastRow">Not before the first.</param>
/// <param name="Letters">From left to right, a blank where an aisle is: <c>ABC DEF</c>.</param>
/// <param name="ExitRows">Rows at emergency exits; extra legroom comes with them.</param>
/// <param name="BulkheadRows">Rows behind a wall.</param>
/// <param name="SkippedRows">Numbers that are not there, such as 13.</param>
/// <param name="MissingSeats">Seats of the grid that are not there.</param>
/// <param name="Special">What single seats have beyond that.</param>
public sealed record CabinMap(
    Cabin Cabin, int FirstRow, int LastRow, string Letters, IReadOnlyList<int>? ExitRows = null, IReadOnlyList<int>? BulkheadRows = null,
    IReadOnlyList<int>? SkippedRows = null, IReadOnlyList<string>? MissingSeats = null, IReadOnlyList<SpecialSeats>? Special = null)
{
    /// <summary>The seats, row by row from the left. Only of a map that keeps the rules.</summary>
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

    /// <summary>Row numbers that are there.</summary>
    public IEnumerable<int> Rows() => Enumerable.Range(FirstRow, LastRow - FirstRow + 1).Where(row => SkippedRows?.Contains(row) != true);

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
