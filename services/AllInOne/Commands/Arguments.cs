namespace Aerona.AllInOne.Commands;

/// <summary>Options of a command: <c>--name value</c> and flags; anything unknown is an error that names it.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> values = [];
    private readonly HashSet<string> flags = [];
    private readonly List<string> words = [];

    /// <summary>Reads them; throws <see cref="UsageException"/> for an unknown option or a missing value.</summary>
    public Arguments(IReadOnlyList<string> args, string[] options, string[] flags)
    {
        for (var i = 0; i < args.Count; i++)
        {
            var name = args[i].StartsWith("--", StringComparison.Ordinal) ? args[i][2..] : null;
            if (name is null)
            {
                words.Add(args[i]);
            }
            else if (flags.Contains(name))
            {
                this.flags.Add(name);
            }
            else if (options.Contains(name))
            {
                values[name] = ++i < args.Count ? args[i] : throw new UsageException($"--{name} needs a value");
            }
            else
            {
                throw new UsageException($"there is no option --{name}");
            }
        }
    }

    public IReadOnlyList<string> Words => words;

    public string? this[string option] => values.GetValueOrDefault(option);

    public bool Has(string flag) => flags.Contains(flag);
}

/// <summary>The command line is wrong; the message says how.</summary>
internal sealed class UsageException(string message) : Exception(message);
