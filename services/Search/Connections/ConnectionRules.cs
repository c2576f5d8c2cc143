using System.Collections.Concurrent;
using System.Globalization;
using Aerona.Search.Timetables;

namespace Aerona.Search.Connections;

/// <summary>One line of the table of minimum connection times; null: any.</summary>
/// <param name="Airport">IATA airport where the traveller arrives.</param>
/// <param name="To">Another airport of the city where the journey goes on, <c>*</c> for any other; null: the same airport.</param>
/// <param name="ArrivingAirline">IATA designator.</param>
/// <param name="DepartingAirline">IATA designator.</param>
/// <param name="ArrivingTerminal">As signposted.</param>
/// <param name="DepartingTerminal">As signposted.</param>
/// <param name="ArrivesDomestic">Whether the flight before is within a country.</param>
/// <param name="DepartsDomestic">Whether the flight after is.</param>
/// <param name="Minutes">From the arrival to the departure.</param>
internal sealed record ConnectionRule(
    string? Airport, string? To, string? ArrivingAirline, string? DepartingAirline, string? ArrivingTerminal, string? DepartingTerminal, bool? ArrivesDomestic,
    bool? DepartsDomestic, int Minutes)
{
    /// <summary>The rule with the highest one decides: airport before airlines before terminals before domestic and international.</summary>
    public int Weight =>
        (Airport is null ? 0 : 256) + (To is null or "*" ? 0 : 128)
        + (ArrivingAirline is null ? 0 : 48) + (DepartingAirline is null ? 0 : 48)
        + (ArrivingTerminal is null ? 0 : 12) + (DepartingTerminal is null ? 0 : 12)
        + (ArrivesDomestic is null ? 0 : 3) + (DepartsDomestic is null ? 0 : 3);
}

/// <summary>How long a change of flights takes at least. The rule that says most decides; of two that say as much, the longer time.</summary>
internal sealed class ConnectionRules
{
    private static readonly string[] RuleColumns =
        ["airport", "to", "arrivingAirline", "departingAirline", "arrivingTerminal", "departingTerminal", "arriving", "departing", "minutes"];

    private static readonly string[] TerminalColumns = ["airport", "airline", "terminal"];

    private readonly ILookup<string, ConnectionRule> byAirport;

    private readonly ConcurrentDictionary<(short At, short On, bool ArrivesDomestic, bool DepartsDomestic), MinimumConnection> known = new();

    /// <summary>The same for those who go on from where they arrive, four for each airport: searches ask this all the time.</summary>
    private readonly MinimumConnection?[] knownHere = new MinimumConnection?[4 * Stations.All.Length];

    public ConnectionRules(IReadOnlyCollection<ConnectionRule> rules, IReadOnlyDictionary<(string Airport, string Airline), string> terminals)
    {
        (All, Terminals) = (rules, terminals);

        // Heaviest first: the first that fits is the one.
        byAirport = rules.OrderByDescending(rule => rule.Weight).ThenByDescending(rule => rule.Minutes).ToLookup(rule => rule.Airport ?? "");
    }

    public IReadOnlyCollection<ConnectionRule> All { get; }

    /// <summary>The terminal that an airline uses at an airport, where that is known.</summary>
    public IReadOnlyDictionary<(string Airport, string Airline), string> Terminals { get; }

    /// <summary>The product's own table.</summary>
    public static ConnectionRules Shipped { get; } = new(
        [.. Rows("minimum-connections.csv", RuleColumns).Select(Rule)],
        Rows("terminals.csv", TerminalColumns).ToDictionary(row => (row[0], row[1]), row => row[2]));

    /// <summary>What holds between two routes; most of them take the same time whoever flies.</summary>
    /// <param name="arriving">The route before.</param>
    /// <param name="departing">The route after, from the same airport or another one of the city.</param>
    public MinimumConnection Between(AirRoute arriving, AirRoute departing)
    {
        if (arriving.To != departing.From)
        {
            return known.GetOrAdd(
                (arriving.To, departing.From, arriving.IsDomestic, departing.IsDomestic),
                static (key, rules) => rules.Work(key.At, key.On, key.ArrivesDomestic, key.DepartsDomestic), this);
        }

        ref var here = ref knownHere[(4 * arriving.To) + (arriving.IsDomestic ? 2 : 0) + (departing.IsDomestic ? 1 : 0)];
        return Volatile.Read(ref here) ?? (here = Work(arriving.To, departing.From, arriving.IsDomestic, departing.IsDomestic));
    }

    private MinimumConnection Work(short at, short on, bool arrivesDomestic, bool departsDomestic)
    {
        var (airport, next) = (Stations.All[at].Code, Stations.All[on].Code);
        var fitting = byAirport[airport].Concat(byAirport[""])
            .Where(rule => airport == next ? rule.To is null : rule.To == next || rule.To == "*")
            .Where(rule => (rule.ArrivesDomestic ?? arrivesDomestic) == arrivesDomestic && (rule.DepartsDomestic ?? departsDomestic) == departsDomestic)
            .OrderByDescending(rule => rule.Weight).ThenByDescending(rule => rule.Minutes).ToList();

        // Rules behind the first that fits every airline are never reached.
        var last = fitting.FindIndex(rule => rule is { ArrivingAirline: null, DepartingAirline: null, ArrivingTerminal: null, DepartingTerminal: null });
        return new([.. fitting.Take(last + 1)], airline => Terminals.GetValueOrDefault((airport, airline)), airline => Terminals.GetValueOrDefault((next, airline)));
    }

    private static ConnectionRule Rule(string[] row)
    {
        static string? Text(string text) => text.Length == 0 ? null : text;
        static bool? Domestic(string text) => text switch { "" => null, "D" => true, "I" => false, _ => throw new FormatException($"'{text}' is neither D nor I") };
        return new(
            Text(row[0]), Text(row[1]), Text(row[2]), Text(row[3]), Text(row[4]), Text(row[5]), Domestic(row[6]), Domestic(row[7]),
            int.Parse(row[8], NumberStyles.None, CultureInfo.InvariantCulture));
    }

    private static IEnumerable<string[]> Rows(string file, string[] columns)
    {
        using var stream = typeof(ConnectionRules).Assembly.GetManifestResourceStream($"Aerona.Search.Connections.{file}")!;
        using var reader = new StreamReader(stream);
        var header = false;
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var row = line.Split(',');
            if (row.Length != columns.Length || (!header && !row.SequenceEqual(columns)))
            {
                throw new FormatException($"{file}: '{line}' has not the columns {string.Join(",", columns)}");
            }

            if (header)
            {
                yield return row;
            }

            header = true;
        }
    }
}

/// <summary>The least time between two routes, by airlines where that matters.</summary>
internal sealed class MinimumConnection
{
    private readonly ConnectionRule[] rules;

    private readonly Func<string, string?> arrivingTerminal;

    private readonly Func<string, string?> departingTerminal;

    private readonly ConcurrentDictionary<(ushort, ushort), int> byAirlines = new();

    /// <param name="rules">Those that fit, the most telling first; the last fits every airline.</param>
    /// <param name="arrivingTerminal">Of an airline, where known.</param>
    /// <param name="departingTerminal">Of an airline, where known.</param>
    public MinimumConnection(ConnectionRule[] rules, Func<string, string?> arrivingTerminal, Func<string, string?> departingTerminal)
    {
        (this.rules, this.arrivingTerminal, this.departingTerminal) = (rules, arrivingTerminal, departingTerminal);
        if (rules.Length == 0)
        {
            throw new ArgumentException("no rule fits every airline here: the table needs one without airport", nameof(rules));
        }

        Least = rules.Min(rule => rule.Minutes);
    }

    /// <summary>No airlines are faster than this.</summary>
    public int Least { get; }

    /// <summary>Minutes for those two airlines, each as packed in a <see cref="DatedFlight"/>.</summary>
    public int For(ushort arriving, ushort departing) => rules.Length == 1
        ? rules[0].Minutes
        : byAirlines.GetOrAdd((arriving, departing), static (pair, minimum) => minimum.Decide(DatedFlight.Letters(pair.Item1), DatedFlight.Letters(pair.Item2)), this);

    private int Decide(string arriving, string departing)
    {
        var (from, to) = (arrivingTerminal(arriving), departingTerminal(departing));
        return rules.First(rule =>
            (rule.ArrivingAirline ?? arriving) == arriving && (rule.DepartingAirline ?? departing) == departing
            && (rule.ArrivingTerminal is null || rule.ArrivingTerminal == from) && (rule.DepartingTerminal is null || rule.DepartingTerminal == to)).Minutes;
    }
}
