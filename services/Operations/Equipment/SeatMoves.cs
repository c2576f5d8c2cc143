using Aerona.Contracts;
using Aerona.Operations.Fleet;

namespace Aerona.Operations.Equipment;

/// <summary>Where a seat goes when the cabins are others.</summary>
/// <param name="From">Number in the old configuration.</param>
/// <param name="To">Number in the new one; null when the cabin has none left.</param>
/// <param name="Lost">What the new seat has not that the old one had.</param>
internal sealed record SeatMove(Cabin Cabin, string From, string? To, IReadOnlyList<SeatCharacteristic> Lost);

/// <summary>Seats are found again by what they have, not by their number: a window stays a window wherever that is.</summary>
internal static class SeatMoves
{
    // What somebody chose a seat for, the dearest first.
    private static readonly SeatCharacteristic[] Worth =
        [SeatCharacteristic.ExtraLegroom, SeatCharacteristic.ExitRow, SeatCharacteristic.Bassinet, SeatCharacteristic.Window, SeatCharacteristic.Aisle, SeatCharacteristic.Bulkhead];

    /// <summary>
    /// One new seat at most for each old one of the same cabin. The same number with the same merits first, then the best that is left, rows from the front; who has
    /// the most to lose is served first.
    /// </summary>
    public static IReadOnlyList<SeatMove> Of(CabinConfiguration from, CabinConfiguration to)
    {
        var moves = new List<SeatMove>();
        foreach (var old in from.Cabins)
        {
            var free = to.Cabins.FirstOrDefault(map => map.Cabin == old.Cabin)?.Seats().ToList() ?? [];
            foreach (var seat in old.Seats().OrderByDescending(Merit).ThenBy(seat => seat.Row).ThenBy(seat => seat.Letter))
            {
                var best = free.Count == 0 ? null : free.MinBy(other => (Loss(seat, other), other.Number == seat.Number ? 0 : 1, Merit(other), Math.Abs(other.Row - seat.Row)));
                _ = best is not null && free.Remove(best);
                moves.Add(new(old.Cabin, seat.Number, best?.Number, [.. Lost(seat, best)]));
            }
        }

        return moves;
    }

    private static int Merit(Seat seat) => Worth.Index().Sum(worth => seat.Characteristics.Contains(worth.Item) ? 1 << (Worth.Length - worth.Index) : 0);

    private static int Loss(Seat seat, Seat other) =>
        Worth.Index().Sum(worth => seat.Characteristics.Contains(worth.Item) && !other.Characteristics.Contains(worth.Item) ? 1 << (Worth.Length - worth.Index) : 0);

    private static IEnumerable<SeatCharacteristic> Lost(Seat seat, Seat? other) =>
        Worth.Where(worth => seat.Characteristics.Contains(worth) && other?.Characteristics.Contains(worth) != true);
}
