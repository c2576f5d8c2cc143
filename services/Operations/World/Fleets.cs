using Aerona.Reference;

namespace Aerona.Operations.World;

/// <summary>Which aircraft an airline of the seed world sends on a stage.</summary>
internal static class Fleets
{
    // Above this an aircraft counts as a wide body here.
    private const int WideBodySeats = 210;

    private const string Anyone = "E90 320 321 738 333 789";

    private static readonly Dictionary<string, string> Fleet = new()
    {
        ["AA"] = "ER4 E75 319 321 738 7M8 788 789 77W",
        ["AC"] = "DH4 E75 223 321 7M8 333 789 77W",
        ["AF"] = "E90 223 320 321 332 359 77W",
        ["AI"] = "32N 321 788 77W",
        ["AS"] = "E75 738 739 7M8",
        ["AY"] = "AT7 E90 319 321 333 359",
        ["AZ"] = "223 320 32Q 339 359",
        ["B6"] = "223 320 321 32Q",
        ["BA"] = "E90 319 320 321 789 781 351 772 388",
        ["CX"] = "32Q 333 359 351 77W",
        ["DL"] = "ER4 CR9 E75 223 319 321 752 763 339 359",
        ["EK"] = "77W 388 359",
        ["HA"] = "738 32Q 332",
        ["IB"] = "CR9 319 320 321 333 359",
        ["JL"] = "E90 738 763 788 789 351",
        ["JQ"] = "320 321 788",
        ["KE"] = "223 738 333 789 77W 388",
        ["KL"] = "E75 E90 738 739 332 789 77W",
        ["LH"] = "CR9 E90 319 320 321 32Q 333 359 789",
        ["LX"] = "E90 223 320 321 333 77W",
        ["NH"] = "DH4 738 321 763 788 789 77W",
        ["NZ"] = "AT7 320 32Q 772 789",
        ["OS"] = "295 320 321 772",
        ["QF"] = "DH4 E90 738 333 789 388",
        ["QH"] = "E90 320 321 789",
        ["QR"] = "320 333 359 351 77W",
        ["SK"] = "CR9 319 32N 333 359",
        ["SQ"] = "7M8 738 359 77W 388 781",
        ["TG"] = "320 32Q 333 359 77W",
        ["TK"] = "738 321 32Q 333 359 77W",
        ["UA"] = "ER4 E75 319 738 739 7M8 752 763 772 789 781",
        ["VJ"] = "320 321 32Q 333",
        ["VN"] = "AT7 320 321 32Q 359 789 781",
        ["VS"] = "333 339 351 789",
        ["WN"] = "738 7M8",
        ["WS"] = "DH4 738 7M8 789",
    };

    /// <summary>
    /// The aircraft of an airline for a stage: one that flies it without a stop; regional aircraft up to 1,200 km, wide bodies from 5,000 km on, and on busy
    /// stages (<paramref name="roundTrips"/> ≥ 2) sometimes below that. The longest stages get what flies farthest.
    /// </summary>
    public static AircraftType For(string carrier, double kilometres, int roundTrips, double luck)
    {
        var able = Able(carrier, kilometres);
        var fitting = able.Where(type => Fits(type, kilometres, wide: roundTrips >= 2 && kilometres > 800 && luck > 0.85)).ToList();
        var choice = fitting.Count > 0 ? fitting : able;
        return choice[(int)(luck * choice.Count)];
    }

    private static List<AircraftType> Able(string carrier, double kilometres)
    {
        var own = Types(Fleet.GetValueOrDefault(carrier, Anyone)).Where(type => type.RangeKilometres >= kilometres).ToList();
        return own.Count > 0
            ? own
            : [AircraftTypes.All.Values.Where(type => type.RangeKilometres >= kilometres).OrderBy(type => type.RangeKilometres).ThenBy(type => type.Code).First()];
    }

    private static bool Fits(AircraftType type, double kilometres, bool wide)
    {
        var seats = type.First + type.Business + type.PremiumEconomy + type.Economy;
        return kilometres switch
        {
            < 700 when type.Code is "AT7" or "DH4" or "ER4" => true,
            _ when type.RangeKilometres < 3_500 => kilometres < 1_200,
            > 5_000 => seats > WideBodySeats || type.PremiumEconomy > 0 || type.Code == "763",
            _ => seats <= WideBodySeats || wide,
        };
    }

    private static IEnumerable<AircraftType> Types(string codes) => codes.Split(' ').Select(code => AircraftTypes.All[code]);
}
