using System.Globalization;

namespace Aerona.BookingsBench.Driver;

/// <summary>CPU seconds used so far, by whose they are; children that have ended are counted with who waited for them. From /proc, so Linux alone.</summary>
/// <param name="PostgreSql">The server with all its processes.</param>
/// <param name="Erlang">The broker.</param>
/// <param name="DotNet">The contestant's two processes.</param>
/// <param name="Compiling">Of these, what the runtime's compiler took in its own thread: little once they are warm.</param>
/// <param name="Driver">This process.</param>
/// <param name="Busy">The whole machine, whoever it worked for.</param>
internal sealed record CpuTimes(double PostgreSql, double Erlang, double DotNet, double Compiling, double Driver, double Busy)
{
    private const double TicksPerSecond = 100;   // USER_HZ, the same on every architecture that .NET runs on

    public double Ours => PostgreSql + Erlang + DotNet;

    /// <summary>All that is neither the contestant nor the servers nor the driver.</summary>
    public double Foreign => Busy - Ours - Driver;

    public static CpuTimes operator -(CpuTimes later, CpuTimes earlier) => new(
        later.PostgreSql - earlier.PostgreSql,
        later.Erlang - earlier.Erlang,
        later.DotNet - earlier.DotNet,
        Math.Max(0, later.Compiling - earlier.Compiling),   // its thread ends when it has had nothing to do for a while
        later.Driver - earlier.Driver,
        later.Busy - earlier.Busy);

    /// <param name="contestant">Its processes.</param>
    public static CpuTimes Read(params IReadOnlyCollection<int> contestant)
    {
        var processes = Directory.EnumerateDirectories("/proc").Select(folder => Stat.Read(folder)).OfType<Stat>().ToList();
        var children = processes.ToLookup(process => process.Parent);
        var (postgreSql, erlang, dotNet, driver) = (0L, 0L, 0L, 0L);
        Walk(Environment.ProcessId, Part.Driver);
        return new(postgreSql / TicksPerSecond, erlang / TicksPerSecond, dotNet / TicksPerSecond,
            contestant.Sum(CompilingOf), driver / TicksPerSecond, ReadBusy());

        // All that runs for the bench are descendants of this process.
        void Walk(int id, Part parents)
        {
            foreach (var process in processes.Where(process => process.Id == id))
            {
                var part = process.Name switch
                {
                    _ when contestant.Contains(id) => Part.DotNet,
                    "postgres" => Part.PostgreSql,
                    "beam.smp" => Part.Erlang,
                    _ => parents,
                };
                switch (part)
                {
                    case Part.PostgreSql:
                        postgreSql += process.Own + process.Ended;
                        break;
                    case Part.Erlang:
                        erlang += process.Own + process.Ended;
                        break;
                    case Part.DotNet:
                        dotNet += process.Own + process.Ended;
                        break;
                    default:
                        driver += process.Own;
                        break;
                }

                foreach (var child in children[id])
                {
                    Walk(child.Id, part);
                }
            }
        }
    }

    /// <summary>CPU seconds so far of processes with all below them, in their order.</summary>
    public static double[] OfTrees(IReadOnlyList<int> roots)
    {
        var processes = Directory.EnumerateDirectories("/proc").Select(folder => Stat.Read(folder)).OfType<Stat>().ToDictionary(process => process.Id);
        var children = processes.Values.ToLookup(process => process.Parent);
        return [.. roots.Select(root => Sum(root) / TicksPerSecond)];

        long Sum(int id) => processes.TryGetValue(id, out var process) ? process.Own + process.Ended + children[id].Sum(child => Sum(child.Id)) : 0;
    }

    /// <summary>Of a process of .NET, CPU seconds so far of the compiler's own thread.</summary>
    public static double CompilingOf(int process)
    {
        var threads = $"/proc/{process}/task";
        return Directory.Exists(threads)
            ? Directory.EnumerateDirectories(threads).Select(thread => Stat.Read(thread)).OfType<Stat>()
                .Where(thread => thread.Name.StartsWith(".NET Tiered", StringComparison.Ordinal)).Sum(thread => thread.Own) / TicksPerSecond
            : 0;
    }

    /// <summary>CPU seconds so far of the whole machine, whoever it worked for.</summary>
    public static double ReadBusy()
    {
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]
            .Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / TicksPerSecond;   // all but idle, waiting for disks, and stolen by the host
    }

    private enum Part
    {
        Driver,
        PostgreSql,
        Erlang,
        DotNet,
    }

    private sealed record Stat(int Id, string Name, int Parent, long Own, long Ended)
    {
        /// <summary>Null when this is no process, or no longer one.</summary>
        public static Stat? Read(string folder)
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                return null;
            }

            try
            {
                var text = File.ReadAllText(Path.Combine(folder, "stat"));
                var (open, close) = (text.IndexOf('('), text.LastIndexOf(')'));   // a name may have brackets and spaces itself
                var fields = text[(close + 2)..].Split(' ');
                return new(id, text[(open + 1)..close], (int)Number(1), Number(11) + Number(12), Number(13) + Number(14));

                long Number(int field) => long.Parse(fields[field], CultureInfo.InvariantCulture);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                return null;   // it has just ended
            }
        }
    }
}
