using System.Globalization;

namespace Aerona.BookingsBench.Driver;

/// <summary>What <c>./aerona bench bookings</c> was asked for.</summary>
internal sealed record BenchOptions
{
    public const string Help = """
        Usage: ./aerona bench bookings [OPTIONS]
          --rounds N      each contestant so often, in turn (3)
          --warm N        seconds of warm-up of each start (40)
          --seconds N     seconds of each window (15)
          --light N       seconds at ten bookings a second (10)
          --in-flight N   bookings at any time in warm-up and window (100)
          --only A,B      of Aerona, Wolverine, Floor
          --quick         a look in a few minutes: one round, 12 s of warm-up, windows of 8 s
          --product       the product's own flow instead, with options of its own
        """;

    public int Rounds { get; private set; } = 3;

    public int Warm { get; private set; } = 40;

    public int Seconds { get; private set; } = 15;

    public int Light { get; private set; } = 10;

    public int InFlight { get; private set; } = 100;

    public IReadOnlyList<Contestant> Contestants { get; private set; } = Contestant.All;

    /// <summary>Null when the arguments make no sense; then it was said why.</summary>
    public static BenchOptions? Read(string[] args, TextWriter problems)
    {
        var options = new BenchOptions();
        for (var at = 0; at < args.Length; at++)
        {
            var name = args[at];
            if (name == "--quick")
            {
                (options.Rounds, options.Warm, options.Seconds, options.Light) = (1, 12, 8, 5);
                continue;
            }

            var value = at + 1 < args.Length ? args[++at] : null;
            var problem = name switch
            {
                "--rounds" => Number(value, 1, 100, number => options.Rounds = number),
                "--warm" => Number(value, 1, 3600, number => options.Warm = number),
                "--seconds" => Number(value, 1, 3600, number => options.Seconds = number),
                "--light" => Number(value, 1, 3600, number => options.Light = number),
                "--in-flight" => Number(value, 1, 10_000, number => options.InFlight = number),
                "--only" => options.Choose(value),
                _ => "is not known",
            };
            if (problem is not null)
            {
                problems.WriteLine($"aerona bench: {name} {problem}");
                problems.WriteLine(Help);
                return null;
            }
        }

        return options;
    }

    /// <summary>Sets the number, or says what is wrong with it.</summary>
    public static string? Number(string? text, int least, int most, Action<int> set)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < least || number > most)
        {
            return $"needs a whole number from {least} to {most}";
        }

        set(number);
        return null;
    }

    private string? Choose(string? names)
    {
        var chosen = (names ?? "").Split(',')
            .Select(name => Contestant.All.SingleOrDefault(contestant => contestant.Name.Equals(name.Trim(), StringComparison.OrdinalIgnoreCase))).ToList();
        if (chosen.Contains(null))
        {
            return $"needs some of {string.Join(", ", Contestant.All.Select(contestant => contestant.Name))}, with commas between them";
        }

        Contestants = [.. chosen.Distinct()!];
        return null;
    }
}
