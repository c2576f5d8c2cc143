using System.Globalization;

namespace Aerona.SearchBench;

/// <summary>What <c>./aerona bench search</c> was asked for.</summary>
internal sealed record SearchOptions
{
    public const string Help = """
        Usage: ./aerona bench search [OPTIONS]     (AERONA_DATA: the folder with openflights/routes.dat)
          --flights N     size of the world (1000000)
          --days N        its horizon (30)
          --seed N        of world and questions (20261201)
          --questions N   in each row of the table (1000)
          --seconds N     of each row over HTTP (8)
          --truth N       questions that are compared with trying every flight (200)
          --only TEXT     rows whose name has TEXT in it, nothing beside them
          --quick         100000 flights, 200 questions, 2 seconds, 40 compared; a missed target is told and no failure
        """;

    public int Flights { get; private set; } = 1_000_000;

    public int Days { get; private set; } = 30;

    public int Seed { get; private set; } = 20_261_201;

    public int Questions { get; private set; } = 1_000;

    public int Seconds { get; private set; } = 8;

    public int Truth { get; private set; } = 200;

    /// <summary>Rows whose name has this in it; null: all.</summary>
    public string? Only { get; private set; }

    public bool IsQuick { get; private set; }

    /// <summary>Null when the arguments make no sense; then it was said why.</summary>
    public static SearchOptions? Read(string[] args, TextWriter problems)
    {
        var options = new SearchOptions();
        if (args.Contains("--quick"))
        {
            (options.IsQuick, options.Flights, options.Questions, options.Seconds, options.Truth) = (true, 100_000, 200, 2, 40);
            args = [.. args.Where(arg => arg != "--quick")];
        }

        for (var at = 0; at < args.Length; at += 2)
        {
            var value = at + 1 < args.Length ? args[at + 1] : "";
            var problem = args[at] switch
            {
                "--flights" => Number(value, 1_000, 5_000_000, number => options.Flights = number),
                "--days" => Number(value, 10, 360, number => options.Days = number),
                "--seed" => Number(value, 0, int.MaxValue, number => options.Seed = number),
                "--questions" => Number(value, 10, 1_000_000, number => options.Questions = number),
                "--seconds" => Number(value, 1, 600, number => options.Seconds = number),
                "--truth" => Number(value, 0, 10_000, number => options.Truth = number),
                "--only" => Text(value, text => options.Only = text),
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

    private static string? Text(string text, Action<string> set)
    {
        if (text.Length == 0)
        {
            return "needs a text";
        }

        set(text);
        return null;
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
}
