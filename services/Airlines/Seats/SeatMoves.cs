using Aerona.Airlines.Flights;
using Aerona.Contracts;
using Aerona.Contracts.Operations;

namespace Aerona.Airlines.Seats;

/// <summary>A chosen seat that is another one in other cabins.</summary>
/// <param name="Hold">Whose.</param>
/// <param name="Place">As it was.</param>
/// <param name="To">The new seat; null: none is left.</param>
/// <param name="Told">What everybody is told.</param>
internal sealed record SeatChange(Hold Hold, HeldSeat Place, Seat? To, MovedSeat Told);

/// <summary>
/// Chosen seats are found again by what they have, not by their number: a window stays a window wherever that is. Whoever paid most is served first, then who has most to
/// lose, then who came first.
/// </summary>
internal static class SeatMoves
{
    // What somebody chose a seat for, the dearest first.
    private static readonly SeatCharacteristic[] Worth =
        [SeatCharacteristic.ExtraLegroom, SeatCharacteristic.ExitRow, SeatCharacteristic.Bassinet, SeatCharacteristic.Window, SeatCharacteristic.Aisle, SeatCharacteristic.Bulkhead];

    /// <summary>The seats that become others on a flight as it is now; those that stay are left out.</summary>
    public static List<SeatChange> Of(FlightOnSale flight, IEnumerable<Hold> holds)
    {
        var places = (from hold in holds
                      from place in hold.Places ?? []
                      where place.FlightId == flight.FlightId && place.Number is not null
                      orderby place.Price.MinorUnits descending, Merit(place.Characteristics) descending, hold.Token
                      select (Hold: hold, Place: place)).ToList();
        var changes = new List<SeatChange>();
        foreach (var cabin in places.GroupBy(one => one.Place.Cabin))
        {
            var plan = SeatPlan.Of(flight, cabin.Key);
            var free = plan?.Seats.Where(seat => !SeatPlan.IsBlocked(seat)).ToList() ?? [];
            var moving = new List<(Hold Hold, HeldSeat Place)>();
            foreach (var one in cabin)
            {
                // The same number with all that it had is the same seat.
                if (plan?.Find(one.Place.Number!) is not { } same || Loss(one.Place, same) > 0 || !free.Remove(same))
                {
                    moving.Add(one);
                }
            }

            foreach (var (hold, place) in moving)
            {
                // At an exit sits only who chose one: only they are known to be fit for it.
                var mayExit = place.Characteristics.Contains(SeatCharacteristic.ExitRow);
                var best = free.Where(seat => mayExit || !SeatPlan.IsExitRow(seat))
                    .OrderBy(seat => Loss(place, seat)).ThenBy(seat => seat.Number == place.Number ? 0 : 1).ThenBy(seat => Merit(seat.Characteristics))
                    .ThenBy(seat => Math.Abs(seat.Row - Row(place.Number!))).ThenBy(seat => seat.Letter).FirstOrDefault();
                _ = best is not null && free.Remove(best);
                changes.Add(new(hold, place, best, Told(hold, place, best, plan)));
            }
        }

        return changes;
    }

    private static MovedSeat Told(Hold hold, HeldSeat place, Seat? to, SeatPlan? plan)
    {
        List<SeatCharacteristic> lost = [.. Worth.Where(worth => place.Characteristics.Contains(worth) && to?.Characteristics.Contains(worth) != true)];
        var isPaidFor = place.Price.MinorUnits > 0;
        var isLess = isPaidFor && (to is null || lost.Count > 0 || plan!.Price(to, place.Price.Currency) < place.Price);
        return new(hold.BookingId, place.PassengerId, place.SegmentOrdinal, place.Cabin, place.Number!, to?.Number, lost, place.Price, isLess ? place.Price : null);
    }

    private static int Merit(IReadOnlyList<SeatCharacteristic> characteristics) => Worth.Index().Sum(worth => characteristics.Contains(worth.Item) ? 1 << (Worth.Length - worth.Index) : 0);

    private static int Loss(HeldSeat place, Seat other) =>
        Worth.Index().Sum(worth => place.Characteristics.Contains(worth.Item) && !other.Characteristics.Contains(worth.Item) ? 1 << (Worth.Length - worth.Index) : 0);

    private static int Row(string number) => int.TryParse(number.AsSpan(0, number.Length - 1), out var row) ? row : 0;
}
