using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Reference;

namespace Aerona.Operations;

/// <summary>What a schedule leaves out and the house works out: block time, local times, seats, fares. The seed world and imports share it.</summary>
internal static class FlightRules
{
    /// <summary>From off the blocks to on: 40 minutes and a minute for every 13 km, rounded up to five minutes.</summary>
    public static TimeSpan BlockTime(double kilometres) => TimeSpan.FromMinutes(5 * Math.Ceiling((40 + kilometres / 13) / 5));

    /// <summary>
    /// The moment a wall clock shows that time. A time that daylight saving leaves out is moved on by what the clock is put forward, and given back moved;
    /// one that comes twice means its first passing.
    /// </summary>
    public static (DateTime Local, DateTimeOffset At) Moment(DateTime local, TimeZoneInfo zone)
    {
        if (WallClock.Moments(local, zone) is [var first, ..])
        {
            return (local, first);
        }

        local += WallClock.PutForward(local, zone);
        return (local, WallClock.Moments(local, zone)[0]);
    }

    /// <summary>What a clock in that zone shows at that moment; kind unspecified.</summary>
    public static DateTime LocalTime(DateTimeOffset at, TimeZoneInfo zone) => WallClock.At(at, zone);

    /// <summary>US dollars where an end lies in the Americas, euros where one lies in Europe, US dollars elsewhere.</summary>
    public static string Currency(Airport origin, Airport destination)
    {
        static bool In(Airport airport, params ReadOnlySpan<string> regions)
        {
            foreach (var region in regions)
            {
                if (airport.Zone.StartsWith(region, StringComparison.Ordinal))
                {
                    return true;
                }
            }

            return false;
        }

        return In(origin, "America/", "Pacific/Honolulu") || In(destination, "America/", "Pacific/Honolulu") ? "USD"
            : In(origin, "Europe/", "Atlantic/Reykjavik") || In(destination, "Europe/", "Atlantic/Reykjavik") ? "EUR"
            : "USD";
    }

    /// <summary>
    /// What is sold of an aircraft. Economy of a hundred seats and more is authorised three in a hundred beyond what is built in, since some never come; the rest
    /// as built. Fares grow less than the distance and are whole units of the currency.
    /// </summary>
    /// <param name="aircraft">The type.</param>
    /// <param name="kilometres">Length of the stage.</param>
    /// <param name="currency">The flight's currency.</param>
    /// <param name="level">What demand makes of the usual fare: 1 is usual.</param>
    public static IReadOnlyList<PublishedCabin> Cabins(AircraftType aircraft, double kilometres, string currency, double level)
    {
        var economy = (18 + 0.42 * Math.Pow(kilometres, 0.72)) * level;
        var lieFlat = kilometres > 5_000;
        var cabins = new List<PublishedCabin>(4);

        void Sell(Cabin cabin, int seats, string bookingClass, double fare)
        {
            if (seats > 0)
            {
                cabins.Add(new(cabin, seats >= 100 ? seats * 103 / 100 : seats, bookingClass, Money.Round((decimal)Math.Round(fare), currency)));
            }
        }

        Sell(Cabin.Economy, aircraft.Economy, level switch { > 1.25 => "Y", > 0.95 => "M", _ => "Q" }, economy);
        Sell(Cabin.PremiumEconomy, aircraft.PremiumEconomy, "W", economy * 1.7);
        Sell(Cabin.Business, aircraft.Business, "J", economy * (lieFlat ? 3.6 : 2.3));
        Sell(Cabin.First, aircraft.First, "F", economy * 6);
        return cabins;
    }
}
