using System.Globalization;

namespace Aerona.InventoryBench;

/// <summary>What <c>./aerona bench inventory</c> was asked for.</summary>
internal sealed record InventoryOptions
{
    public const string Help = """
        Usage: ./aerona bench inventory [OPTIONS]
          --rounds N      each contestant twice a round, in turn (3)
          --warm N        seconds of warm-up of each, once (5)
          --seconds N     seconds of each window (5)
          --flights N     flights of the spread load (1000)
          --in-flight N   holds at any time (16: what a service handles of a queue at once unless set)
          --quick         a look in a minute: one round, windows of 2 s
        """;

    public int Rounds { get; private set; } = 3;

    public int Warm { get; private set; } = 5;

    public int Seconds { get; private set; } = 5;

    public int Flights { get; private set; } = 1000;

    public int InFlight { get; private set; } = 16;

    /// <summary>Null when the arguments make no sense; then it was said why.</summary>
    public static InventoryOptions? Read(string[] args, TextWriter problems)
    {
        var options = new InventoryOptions();
        for (var at = 0; at < args.Length; at++)
        {
            var name = args[at];
            if (name == "--quick")
            {
                (options.Rounds, options.Warm, options.Seconds) = (1, 3, 2);
                continue;
            }

            var value = at + 1 < args.Length ? args[++at] : null;
            var problem = name switch
            {
                "--rounds" => Number(value, 1, 100, number => options.Rounds = number),
                "--warm" => Number(value, 1, 3600, number => options.Warm = number),
                "--seconds" => Number(value, 1, 3600, number => options.Seconds = number),
                "--flights" => Number(value, 2, 5000, number => options.Flights = number),
                "--in-flight" => Number(value, 1, 1000, number => options.InFlight = number),
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

    private static string? Number(string? text, int least, int most, Action<int> set)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < least || number > most)
        {
            return $"needs a whole number from {least} to {most}";
        }

        set(number);
        return null;
    }
}
