using System.Globalization;
using Aerona.Hosting;
using Aerona.Reference;

namespace Aerona.Operations.Tracking;

/// <summary>What a report may say.</summary>
internal static class FactRules
{
    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Earliest = TimeSpan.FromHours(-12);

    private static readonly TimeSpan Latest = TimeSpan.FromHours(72);

    private static readonly FactName[] Order = [FactName.ActualOffBlock, FactName.ActualTakeOff, FactName.ActualLanding, FactName.ActualOnBlock];

    public static bool IsTime(FactName name) => name < FactName.DepartureTerminal;

    /// <summary>The rules that single facts break. What they are worth is the value as it is kept: instants in UTC, texts trimmed.</summary>
    public static IEnumerable<FieldProblem> Problems(FactReport report, DatedFlight flight, DateTimeOffset now)
    {
        if (report.Facts.Count is < 1 or > 30)
        {
            yield return new("/facts", "facts.count_invalid", "A report has 1 to 30 facts.");
        }

        if (report.At > now + ClocksDiffer)
        {
            yield return new("/at", "fact.in_future", "Nothing is known before it happens.");
        }

        foreach (var (fact, index) in report.Facts.Select((fact, index) => (fact, index)))
        {
            if (report.Facts.Take(index).Any(earlier => earlier.Name == fact.Name))
            {
                yield return new($"/facts/{index}/name", "fact.twice", "Each fact stands once in a report.");
            }
            else if (Problem(fact, flight, now) is var (field, code, detail))
            {
                yield return new($"/facts/{index}/{field}", code, detail);
            }
        }
    }

    /// <summary>The value as it is kept.</summary>
    public static string? Kept(ReportedFact fact) => fact.Value is null ? null
        : IsTime(fact.Name) ? Parse(fact.Value)!.Value.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
        : fact.Value.Trim();

    /// <summary>What was, was in this order: off blocks, take-off, landing, on blocks. Null when that is so.</summary>
    public static string? OutOfOrder(FlightTrack track)
    {
        var times = Order.Select(name => (Name: name, At: track.Time(name))).Where(fact => fact.At is not null).ToList();
        return times.Zip(times.Skip(1)).FirstOrDefault(pair => pair.First.At > pair.Second.At) is ({ At: not null } first, var second)
            ? $"{second.Name} would be {second.At:u} and {first.Name} {first.At:u}."
            : null;
    }

    private static (string Field, string Code, string Detail)? Problem(ReportedFact fact, DatedFlight flight, DateTimeOffset now)
    {
        if (fact.Name == FactName.CancelReason)
        {
            return ("name", "fact.not_reported", "A flight is cancelled with a cancellation.");
        }

        if (fact.Value is not { } value)
        {
            return null;
        }

        if (!IsTime(fact.Name))
        {
            return TextProblem(fact.Name, value.Trim()) is { } text ? ("value", "fact.value_invalid", text) : null;
        }

        if (Parse(value) is not { } at)
        {
            return ("value", "fact.value_invalid", "A time is an instant with its offset from UTC: 2026-12-05T06:10:00Z.");
        }

        if (at < flight.DepartsAt + Earliest || at > flight.ArrivesAt + Latest)
        {
            return ("value", "fact.implausible", "The time lies more than 12 hours before the scheduled departure or three days after the scheduled arrival.");
        }

        return Order.Contains(fact.Name) && at > now + ClocksDiffer ? ("value", "fact.in_future", "What was lies in the past.") : null;
    }

    private static string? TextProblem(FactName name, string value) => name switch
    {
        FactName.DivertedTo => Airports.Find(value) is null ? $"Airport {value} is not known here." : null,
        FactName.DelayReason or FactName.Returned => value.Length is 0 or > 100 || value.Any(char.IsControl) ? "A reason has 1 to 100 characters." : null,
        _ => value.Length is 0 or > 6 || !value.All(char.IsAsciiLetterOrDigit) ? "A gate, terminal or belt has 1 to 6 letters and digits." : null,
    };

    // With its offset, or nobody knows which clock was meant.
    private static DateTimeOffset? Parse(string value) =>
        (value.EndsWith('Z') || (value.Length > 6 && value[^6] is '+' or '-' && value[^3] == ':'))
        && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
            ? at
            : null;
}
