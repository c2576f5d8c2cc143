using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Aerona.AllInOne;
using Aerona.LocalServers;
using Xunit;

namespace Aerona.Infrastructure.Tests.Servers;

/// <summary><c>./aerona up --local</c> as a person at a terminal meets it.</summary>
public sealed partial class UpLocalTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("aerona-up-");
    private readonly int port = Ports.Free();
    private readonly List<Process> started = [];

    [Fact]
    public async Task It_shows_what_runs_starts_again_what_dies_and_stops_all_of_it_in_order()
    {
        var up = Start();
        await up.SaysAsync("Ready after");
        Assert.Equal(15, up.Lines.Count(line => ProcessInTable().IsMatch(line)));
        Assert.Contains(up.Lines, line => line.Contains($"./aerona demo --exit --gateway http://localhost:{port}", StringComparison.Ordinal));
        using var http = new HttpClient { BaseAddress = new($"http://localhost:{port}") };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/ready", TestContext.Current.CancellationToken)).StatusCode);

        var second = Start();
        Assert.Equal(2, await second.EndsAsync());
        Assert.Contains(second.Lines, line => line.Contains("is in use by another Aerona", StringComparison.Ordinal));

        var bookings = int.Parse(up.Lines.Select(line => ProcessInTable().Match(line)).Single(row => row.Groups["name"].Value == "booking-service").Groups["id"].Value, CultureInfo.InvariantCulture);
        using (var process = Process.GetProcessById(bookings))
        {
            process.Kill();
        }

        await up.SaysAsync("!! booking-service ended with 137");
        await up.SaysAsync("booking-service runs again");
        await up.SaysAsync(@"^\d\d:\d\d:\d\d\.\d{3} booking-service +(info |warn ) .+");

        await up.SignalAsync("TERM");
        Assert.Equal(0, await up.EndsAsync());
        Assert.Contains("Everything it started has stopped.", up.Lines);
        Assert.Empty(ProcessesOf(folder.FullName));
        Assert.Contains("database system is shut down", await File.ReadAllTextAsync(Path.Combine(folder.FullName, "postgresql", "log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("long", "yes")]
    public async Task Killed_itself_it_leaves_no_process_behind_and_goes_on_with_the_same_folder()
    {
        var up = Start();
        await up.SaysAsync("Starting the services");   // every kind of server runs by now, and some services
        Assert.True(ProcessesOf(folder.FullName).Count > 10);

        await up.SignalAsync("KILL");

        await up.EndsAsync();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (ProcessesOf(folder.FullName) is { Count: > 0 } left)
        {
            Assert.False(limit.IsCancellationRequested, $"still there after a minute: {string.Join(", ", left)}");
            await pause.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        var again = Start();
        await again.SaysAsync("Ready after");
        await again.SignalAsync("TERM");
        await again.SaysAsync("Stopping");
        await again.SignalAsync("TERM");   // impatient
        Assert.Equal(130, await again.EndsAsync());
        Assert.Empty(ProcessesOf(folder.FullName));
    }

    [Fact]
    public async Task A_taken_port_is_said_before_anything_starts()
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();

        var up = Start();

        Assert.Equal(2, await up.EndsAsync());
        Assert.Contains(up.Lines, line => line.Contains($"port {port} cannot be had", StringComparison.Ordinal));
        Assert.Empty(ProcessesOf(folder.FullName));
    }

    public void Dispose()
    {
        foreach (var process in started)
        {
            process.Kill();   // those that ended are let be; what it started dies with it
            process.WaitForExit();
            process.Dispose();
        }

        folder.Delete(recursive: true);
    }

    private Running Start()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { typeof(AllInOneHost).Assembly.Location, "up-local", "--port", port.ToString(CultureInfo.InvariantCulture), "--data", folder.FullName },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["World__Days"] = "0" },   // the flights are other tests' business
        };
        var process = Process.Start(start)!;
        started.Add(process);
        return new(process);
    }

    /// <summary>Processes that work in the folder or name it in their arguments: of all kinds of servers, one of the two holds. Those that only wait to be reaped do not count.</summary>
    private static List<string> ProcessesOf(string folder)
    {
        List<string> found = [];
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(entry => int.TryParse(Path.GetFileName(entry), out var id) && id != Environment.ProcessId))
        {
            try
            {
                var arguments = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
                var works = new FileInfo(Path.Combine(process, "cwd")).LinkTarget ?? "";
                if ((arguments.Contains(folder, StringComparison.Ordinal) || works.StartsWith(folder, StringComparison.Ordinal)) && !arguments.Contains("up-local", StringComparison.Ordinal))
                {
                    found.Add($"{Path.GetFileName(process)} {arguments}");
                }
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                // ended meanwhile, or somebody else's
            }
        }

        return found;
    }

    [GeneratedRegex(@"^  (?<name>\S+) +\S+:\d+ +process (?<id>\d+)$")]
    private static partial Regex ProcessInTable();

    private sealed class Running
    {
        private readonly Process process;
        private readonly List<string> lines = [];
        private int looked;

        public Running(Process process)
        {
            this.process = process;
            process.OutputDataReceived += (_, line) => Add(line.Data);
            process.ErrorDataReceived += (_, line) => Add(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (lines)
                {
                    return [.. lines];
                }
            }
        }

        /// <summary>Waits for a line that the expression matches, after the one waited for last.</summary>
        public async Task SaysAsync(string expression)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(TimeSpan.FromMinutes(4));
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (true)
            {
                var all = Lines;
                for (; looked < all.Count; looked++)
                {
                    if (Regex.IsMatch(all[looked], expression))
                    {
                        looked++;
                        return;
                    }
                }

                Assert.False(process.HasExited, $"it ended before it said {expression}:\n{string.Join('\n', all)}");
                Assert.False(limit.IsCancellationRequested, $"it never said {expression}:\n{string.Join('\n', all)}");
                await pause.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            }
        }

        public async Task SignalAsync(string signal)
        {
            using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        public async Task<int> EndsAsync()
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(TimeSpan.FromMinutes(3));
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode;
        }

        private void Add(string? line)
        {
            if (line is not null)
            {
                lock (lines)
                {
                    lines.Add(line);
                }
            }
        }
    }
}
