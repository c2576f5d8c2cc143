using Aerona.BookingsBench.Driver;

namespace Aerona.BookingsBench.Product;

/// <summary>What <c>./aerona bench bookings --product</c> was asked for.</summary>
internal sealed record ProductOptions
{
    public const string Help = """
        Usage: ./aerona bench bookings --product [OPTIONS]
          --bookers N     people who book at the same time, one trip after the other (8)
          --warm N        seconds of warm-up (20)
          --seconds N     seconds of the measured window (40)
        """;

    public int Bookers { get; private set; } = 8;

    public int Warm { get; private set; } = 20;

    public int Seconds { get; private set; } = 40;

    /// <summary>Null when the arguments make no sense; then it was said why.</summary>
    public static ProductOptions? Read(string[] args, TextWriter problems)
    {
        var options = new ProductOptions();
        for (var at = 0; at < args.Length; at++)
        {
            var name = args[at];
            if (name == "--product")
            {
                continue;
            }

            var value = at + 1 < args.Length ? args[++at] : null;
            var problem = name switch
            {
                "--bookers" => BenchOptions.Number(value, 1, 200, number => options.Bookers = number),
                "--warm" => BenchOptions.Number(value, 1, 3600, number => options.Warm = number),
                "--seconds" => BenchOptions.Number(value, 1, 3600, number => options.Seconds = number),
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
}
