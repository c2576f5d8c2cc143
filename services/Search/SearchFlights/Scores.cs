using System.Runtime.InteropServices;
using Aerona.Search.Timetables;

namespace Aerona.Search.SearchFlights;

/// <summary>Why an option stands where it stands in the order "best": less is better. Of a trip the sum over its legs.</summary>
/// <param name="Price">Part of the lowest price of the whole trip.</param>
/// <param name="Duration">Part of the shortest time under way, weighted.</param>
/// <param name="Stops">Changes of flights.</param>
/// <param name="Hours">Leaving before six, arriving after eleven at night or before five.</param>
/// <param name="Layovers">Tight and long waits.</param>
/// <param name="AirportChanges">Going on from another airport.</param>
internal readonly record struct OptionScore(double Price, double Duration, double Stops, double Hours, double Layovers, double AirportChanges)
{
    /// <summary>What does not come from price, time and stops, in billionths: whole numbers add up without rounding, whichever comes first.</summary>
    public long Discomfort => Billionths(Hours) + Billionths(Layovers) + Billionths(AirportChanges);

    /// <summary>The sum of all parts in billionths.</summary>
    public long Total => Billionths(Price) + Billionths(Duration) + Billionths(Stops) + Discomfort;

    public static OptionScore operator +(OptionScore left, OptionScore right) => new(
        left.Price + right.Price, left.Duration + right.Duration, left.Stops + right.Stops, left.Hours + right.Hours, left.Layovers + right.Layovers,
        left.AirportChanges + right.AirportChanges);

    private static long Billionths(double part) => (long)Math.Round(part * 1e9);
}

/// <summary>What scores are parts of.</summary>
/// <param name="Lowest">The lowest price of a whole trip before filters, in minor units.</param>
/// <param name="Shortest">The shortest time under way, in minutes.</param>
internal readonly record struct ScoreScale(double Lowest, double Shortest);

/// <summary>
/// Scores and dominance. An option dominates another when it costs no more, leaves no earlier, arrives no later, changes no more often and is no less comfortable,
/// and is better in one of these. Every part of the score grows with what dominance compares, so in each order by score or by price or duration and then score a
/// dominated option comes after what dominates it.
/// </summary>
internal static class Scores
{
    public const double DurationWeight = 0.6;

    public const double StopWeight = 0.15;

    public const double OddHourWeight = 0.05;

    public const double TightWeight = 0.05;

    public const double LongHourWeight = 0.03;

    public const double AirportChangeWeight = 0.25;

    /// <summary>So little more than the minimum is tight.</summary>
    public const int Tight = 15;

    /// <summary>A wait is long from here.</summary>
    public const int Long = 4 * 60;

    /// <summary>Scores every option of every leg in one cabin; the answer says against what.</summary>
    /// <param name="legs">Options by leg.</param>
    /// <param name="cabin">The cabin searched.</param>
    public static ScoreScale Score(IReadOnlyList<List<LegOption>> legs, int cabin)
    {
        double lowest = 0, shortest = 0;
        foreach (var options in legs)
        {
            long price = long.MaxValue;
            var minutes = int.MaxValue;
            foreach (var option in options)
            {
                if (option.Prices[cabin] >= 0)
                {
                    price = Math.Min(price, option.Prices[cabin]);
                    minutes = Math.Min(minutes, option.Minutes);
                }
            }

            lowest += price == long.MaxValue ? 0 : price;
            shortest += minutes == int.MaxValue ? 0 : minutes;
        }

        var scale = new ScoreScale(Math.Max(1, lowest), Math.Max(1, shortest));
        foreach (var options in legs)
        {
            foreach (var option in options)
            {
                var score = Of(option, scale, cabin);
                (option.Total, option.Discomfort) = (score.Total, score.Discomfort);
            }
        }

        return scale;
    }

    /// <summary>The parts of an option's score.</summary>
    public static OptionScore Of(LegOption option, ScoreScale scale, int cabin)
    {
        var (layovers, changes) = Waits(option);
        return new(
            Math.Max(0, option.Prices[cabin]) / scale.Lowest, DurationWeight * option.Minutes / scale.Shortest, StopWeight * option.Stops, OddHours(option), layovers, changes);
    }

    /// <summary>Marks what is dominated among the options that match. A nonstop flight is never marked: people look for it by its number.</summary>
    /// <param name="matching">Sorted by score, so that what dominates comes first.</param>
    /// <param name="cabin">The cabin searched.</param>
    public static void MarkDominated(List<LegOption> matching, int cabin)
    {
        var front = new List<Compared>();
        foreach (var option in matching)
        {
            var compared = new Compared(option.Prices[cabin], option.Discomfort, option.DepartsAt, option.ArrivesAt, option.Stops);
            var by = option.Stops > 0 ? IndexOfDominator(CollectionsMarshal.AsSpan(front), compared) : -1;
            option.IsDominated = by >= 0;
            if (by < 0)
            {
                front.Add(compared);
            }
            else if (by > 0)
            {
                (front[by / 2], front[by]) = (front[by], front[by / 2]);   // what beats one beats many: it is asked sooner
            }
        }
    }

    /// <summary>Of an option that is as good in every way and not the same in all, so better in one; -1: there is none.</summary>
    private static int IndexOfDominator(ReadOnlySpan<Compared> front, in Compared option)
    {
        for (var index = 0; index < front.Length; index++)
        {
            ref readonly var better = ref front[index];
            if (better.Price <= option.Price && better.ArrivesAt <= option.ArrivesAt && better.DepartsAt >= option.DepartsAt && better.Stops <= option.Stops
                && better.Discomfort <= option.Discomfort && better != option)
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>What dominance compares.</summary>
    private readonly record struct Compared(long Price, long Discomfort, int DepartsAt, int ArrivesAt, int Stops);

    private static double OddHours(LegOption option)
    {
        var (leaves, arrives) = (option.First.DepartsLocal % Clock.Day / 60, option.Last.ArrivesLocal % Clock.Day / 60);
        return (leaves < 6 ? OddHourWeight : 0) + (arrives is >= 23 or < 5 ? OddHourWeight : 0);
    }

    private static (double Layovers, double Changes) Waits(LegOption option)
    {
        double layovers = 0, changes = 0;
        for (var next = 1; next < option.Flights; next++)
        {
            var (before, after) = (option[next - 1], option[next]);
            var wait = after.DepartsAt - before.ArrivesAt;
            if (wait < (next == 1 ? option.FirstMinimum : option.SecondMinimum) + Tight)
            {
                layovers += TightWeight;
            }
            else if (wait > Long)
            {
                layovers += LongHourWeight * (wait - Long) / 60;
            }

            changes += before.To == after.From ? 0 : AirportChangeWeight;
        }

        return (layovers, changes);
    }
}
