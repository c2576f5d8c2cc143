using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Aerona.AllInOne.Commands;

/// <summary>
/// The log files of several processes as one stream on standard output, from where they end now on: <c>HH:mm:ss.fff service level message trace</c> (UTC), each
/// service in a colour of its own on a terminal.
/// </summary>
internal sealed partial class MergedLogs
{
    private const string Dim = "\e[2m";
    private const string Plain = "\e[0m";
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(100);
    private static readonly string[] Colours = ["\e[36m", "\e[32m", "\e[33m", "\e[35m", "\e[34m", "\e[96m", "\e[92m", "\e[93m", "\e[95m", "\e[94m"];

    private readonly List<Follower> followers;
    private readonly TextWriter to;
    private readonly bool coloured;
    private readonly int width;
    private readonly Lock printing = new();

    public MergedLogs(IReadOnlyList<(string Name, string File)> logs)
        : this(logs, Console.Out, !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "")
    {
    }

    internal MergedLogs(IReadOnlyList<(string Name, string File)> logs, TextWriter to, bool coloured)
    {
        followers = [.. logs.Select((log, index) => new Follower(log.Name, log.File, Colours[index % Colours.Length]))];
        width = logs.Max(log => log.Name.Length);
        this.to = to;
        this.coloured = coloured;
    }

    /// <summary>Prints what comes, until stopped.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Often);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                PrintNew();
            }
        }
        catch (OperationCanceledException)
        {
            // that is how it ends
        }
    }

    /// <summary>A line of the command's own.</summary>
    public void Say(string text)
    {
        lock (printing)
        {
            to.WriteLine(text);
        }
    }

    /// <summary>What has come since the last look, in the order of its times.</summary>
    public void PrintNew()
    {
        lock (printing)
        {
            foreach (var (_, line) in followers.SelectMany(follower => follower.New().Select(line => Formatted(follower, line))).OrderBy(line => line.At))
            {
                to.WriteLine(line);
            }
        }
    }

    private (DateTimeOffset At, string Line) Formatted(Follower follower, string line)
    {
        // As Hosting writes them; anything else (a runtime's last words) belongs to the line before it.
        var entry = Entry().Match(line);
        if (entry.Success)
        {
            follower.At = DateTimeOffset.Parse(entry.Groups["at"].ValueSpan, CultureInfo.InvariantCulture);
        }

        var level = entry.Success ? entry.Groups["level"].Value : "     ";
        var message = entry.Success ? entry.Groups["message"].Value : Printable(line);
        var trace = entry.Groups["trace"].Value;
        var time = follower.At.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        var name = follower.Name.PadRight(width);
        return (follower.At, coloured
            ? $"{Dim}{time}{Plain} {follower.Colour}{name}{Plain} {ColourOf(level)}{level}{Plain} {message} {Dim}{trace}{Plain}"
            : $"{time} {name} {level} {message} {trace}".TrimEnd());
    }

    private static string ColourOf(string level) => level switch
    {
        "warn " => "\e[33m",
        "ERROR" or "FATAL" => "\e[31m",
        _ => Dim,
    };

    private static string Printable(string line) => string.Concat(line.Select(letter => char.IsControl(letter) ? ' ' : letter));

    [GeneratedRegex(@"^(?<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (?<level>trace|debug|info |warn |ERROR|FATAL) \S+(?: trace=(?<trace>[0-9a-f]{32}))?(?: request=\S+)? (?<message>.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Entry();

    /// <summary>Reads what a file has grown by, in whole lines.</summary>
    private sealed class Follower(string name, string file, string colour)
    {
        private readonly Decoder decoder = Encoding.UTF8.GetDecoder();
        private long position = File.Exists(file) ? new FileInfo(file).Length : 0;
        private string rest = "";

        public string Name => name;

        public string Colour => colour;

        /// <summary>Of the last line that said it.</summary>
        public DateTimeOffset At { get; set; } = TimeProvider.System.GetUtcNow();

        public List<string> New()
        {
            if (!File.Exists(file))
            {
                return [];
            }

            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            position = Math.Min(position, stream.Length);
            stream.Seek(position, SeekOrigin.Begin);
            var bytes = new byte[64 * 1024];
            var text = new StringBuilder(rest);
            var letters = new char[bytes.Length + 1];
            while (stream.Read(bytes) is > 0 and var read)
            {
                position += read;
                text.Append(letters, 0, decoder.GetChars(bytes, 0, read, letters, 0));
            }

            var lines = text.ToString().Split('\n');
            rest = lines[^1];
            return [.. lines[..^1]];
        }
    }
}
