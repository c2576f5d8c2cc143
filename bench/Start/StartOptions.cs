using System.Globalization;

namespace Aerona.StartBench;

/// <summary>What <c>./aerona bench start</c> was asked for.</summary>
internal sealed record StartOptions
{
    public const string Help = """
        Usage: ./aerona bench start [OPTIONS]
          --rounds N      starts of each service, in turn (3)
          --idle N        seconds that each then idles (30)
          --only A,B      of gateway, operations, airlines, search, bookings, payments, tickets, notifications
        """;

    public static readonly IReadOnlyList<string> All = ["gateway", "operations", "airlines", "search", "bookings", "payments", "tickets", "notifications"];

    public int Rounds { get; private set; } = 3;

    public TimeSpan Idle { get; private set; } = TimeSpan.FromSeconds(30);

    public IReadOnlyList<string> Services { get; private set; } = All;

    /// <summary>Null when the arguments make no sense; then it was said why.</summary>
    public static StartOptions? Read(string[] args, TextWriter problems)
    {
        var options = new StartOptions();
        for (var at = 0; at < args.Length; at += 2)
        {
            var value = at + 1 < args.Length ? args[at + 1] : "";
            var problem = args[at] switch
            {
                "--rounds" => Number(value, 1, 100, number => options.Rounds = number),
                "--idle" => Number(value, 0, 3600, number => options.Idle = TimeSpan.FromSeconds(number)),
                "--only" => options.Choose(value.Split(',', StringSplitOptions.TrimEntries)),
                _ => "is not known",
            };
            if (problem is not null)
            {
                problems.WriteLine($"aerona bench: {args[at]} {problem}");
                problems.WriteLine(Help);
                return null;
            }
        }

        return options;
    }

    private static string? Number(string text, int least, int most, Action<int> set)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < least || number > most)
        {
            return $"needs a whole number from {least} to {most}";
        }

        set(number);
        return null;
    }

    private string? Choose(string[] names)
    {
        if (names.Except(All).Any())
        {
            return $"needs some of {string.Join(", ", All)}, with commas between them";
        }

        Services = [.. names.Distinct()];
        return null;
    }
}
