using Aerona.Airlines.Data;
using Aerona.Airlines.Seats;
using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Offers;

/// <summary>In which booking class a cabin is sold.</summary>
internal static class BookingClasses
{
    /// <summary>The cabin at the fare of a class; null when that is not sold there.</summary>
    public static PublishedCabin? In(this PublishedCabin cabin, string bookingClass) =>
        cabin.Classes is not { } classes ? (cabin.BookingClass == bookingClass ? cabin : null)
        : classes.FirstOrDefault(one => one.BookingClass == bookingClass) is { } sold ? cabin with { BookingClass = sold.BookingClass, Fare = sold.Fare } : null;

    /// <summary>Who has a seat.</summary>
    public static int Seats(IEnumerable<PassengerType> party) => party.Count(type => type != PassengerType.Infant);

    /// <summary>The choices in the cheapest class that has the seats now; where no class has them in the dearest, and the hold is refused.</summary>
    public static async Task<List<Choice>> InLowestOpenAsync(this AirlinesDbContext db, List<Choice> choices, int seats, CancellationToken cancellationToken)
    {
        if (choices.TrueForAll(choice => choice.Cabin.Classes is null))
        {
            return choices;   // one class, one fare: nothing to look up
        }

        var counts = await db.CountsAsync(choices, cancellationToken);
        return choices.ConvertAll(choice => choice.Cabin.Classes is [var dearest, ..]
            ? choice with { Cabin = choice.Cabin.In(counts[SeatCount.KeyOf(choice.Flight.FlightId, choice.Cabin.Cabin)].LowestOpen(seats) ?? dearest.BookingClass)! }
            : choice);
    }

    /// <summary>How the cabins chosen are sold now, by key; those not opened yet as they will be.</summary>
    public static async Task<Dictionary<string, SeatCount>> CountsAsync(this AirlinesDbContext db, List<Choice> choices, CancellationToken cancellationToken)
    {
        var keys = choices.ConvertAll(choice => SeatCount.KeyOf(choice.Flight.FlightId, choice.Cabin.Cabin));
        var counts = await db.SeatCounts.AsNoTracking().Where(count => keys.Contains(count.Key)).ToDictionaryAsync(count => count.Key, cancellationToken);
        foreach (var choice in choices)
        {
            var opened = SeatCount.Open(choice.Flight, choice.Cabin.Cabin);
            if (counts.GetValueOrDefault(opened.Key)?.Buckets is null)
            {
                counts[opened.Key] = opened;
            }
        }

        return counts;
    }
}
