using System.Globalization;

namespace Aerona.DocumentsBench;

/// <summary>What <c>./aerona bench documents</c> was asked for.</summary>
internal sealed record BenchOptions
{
    public const string Help = """
        Usage: ./aerona bench documents [OPTIONS]
          --documents N    receipts in all (10000)
          --threads N      at once (one for each core)
          --least N        fewer receipts a second than that end with 1 (100)
          --fonts FOLDER   another folder of fonts
          --samples FOLDER writes one of each document there, in English and Vietnamese, and measures nothing
        """;

    public int Documents { get; private set; } = 10_000;

    public int Threads { get; private set; } = Environment.ProcessorCount;

    public int Least { get; private set; } = 100;

    public string? Fonts { get; private set; }

    public string? Samples { get; private set; }

    /// <summary>Null when the arguments make no sense; then it was said why.</summary>
    public static BenchOptions? Read(string[] args, TextWriter problems)
    {
        var options = new BenchOptions();
        for (var at = 0; at < args.Length; at++)
        {
            var name = args[at];
            var value = at + 1 < args.Length ? args[++at] : null;
            var problem = name switch
            {
                "--documents" => Number(value, 100, 1_000_000, number => options.Documents = number),
                "--threads" => Number(value, 1, 256, number => options.Threads = number),
                "--least" => Number(value, 0, 1_000_000, number => options.Least = number),
                "--fonts" => Folder(value, folder => options.Fonts = folder),
                "--samples" => value is null ? "needs a folder" : Folder(Directory.CreateDirectory(value).FullName, folder => options.Samples = folder),
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
            return $"needs a whole number from {least} to {most}";

        set(number);
        return null;
    }

    private static string? Folder(string? text, Action<string> set)
    {
        if (!Directory.Exists(text))
            return $"needs a folder, and '{text}' is none";

        set(text);
        return null;
    }
}
