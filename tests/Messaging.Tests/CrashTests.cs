using System.Collections.Concurrent;
using System.Diagnostics;
using Aerona.Persistence;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Aerona.Messaging.Tests;

/// <summary>Processes and servers die in the middle of the work; nothing is lost and nothing is done twice.</summary>
public sealed class CrashTests(CrashTests.OwnServers own) : IClassFixture<CrashTests.OwnServers>, IAsyncLifetime
{
    private Place _place = null!;

    public async ValueTask InitializeAsync() => _place = await own.Servers.NewPlaceAsync();

    public ValueTask DisposeAsync() => _place.DisposeAsync();

    [Fact]
    public async Task A_process_killed_under_load_is_replaced_by_two_and_every_trip_is_confirmed_once()
    {
        await using var first = await Worker.StartAsync(_place);
        await first.LoadAsync(5_000);
        await first.UntilSavedAsync(150);
        await using var silent = await TestHost.StartAsync(_place, consumers: _ => { }, settings: ("Messaging:RelayEnabled", "false"));
        await silent.Until<SeatsDbContext>(db => db.Notes.AnyAsync(note => note.Text == "confirmed"), "the first are confirmed");
        var saved = await first.KillAsync();
        var done = await silent.Query<SeatsDbContext, int>(db => db.Notes.CountAsync(note => note.Text == "confirmed"));
        Assert.True(done < saved.Count, "it was killed in the middle of its work");

        var both = await Task.WhenAll(Worker.StartAsync(_place), Worker.StartAsync(_place));
        await using var second = both[0];
        await using var third = both[1];

        await UntilAllIsDone(silent, saved);
    }

    [Fact]
    public async Task A_broker_killed_under_load_and_started_again_loses_nothing()
    {
        await using var host = await TestHost.StartAsync(_place);
        // Every queue is in use before: one that is a second old may take minutes to come back after a power cut.
        await UntilAllIsDone(host, await SaveTrips(host, 1, at: 0, () => Task.CompletedTask));
        // This broker keeps the list of its quorum queues in files that it writes half a second late: a queue younger than that comes back empty, or not at all.
        await own.Servers.RabbitMq.ControlAsync(CancellationToken.None, "eval", "[dets:sync(Table) || Table <- dets:all()].");

        var saved = await SaveTrips(host, 200, at: 60, async () =>
        {
            await own.Servers.RabbitMq.KillAsync();
            await own.Servers.RabbitMq.StartAgainAsync(CancellationToken.None);
        });

        await UntilAllIsDone(host, saved);
        await host.UntilProblemIs("bus", null);
    }

    [Theory]
    [InlineData("memory", "set_vm_memory_high_watermark", "0.000001", "0.4")]
    [InlineData("disk", "set_disk_free_limit", "100000GB", "50MB")]
    public async Task A_broker_out_of_room_takes_nothing_and_what_waits_goes_out_when_it_has_some(string what, string setting, string none, string enough)
    {
        await using var host = await TestHost.StartAsync(_place);
        await own.Servers.RabbitMq.ControlAsync(CancellationToken.None, setting, none);
        try
        {
            Assert.Contains(what, await own.Servers.RabbitMq.ControlAsync(CancellationToken.None, "eval", "rabbit_alarm:get_alarms()."), StringComparison.Ordinal);
            var saved = await SaveTrips(host, 20, at: -1, () => Task.CompletedTask);
            Assert.True(await host.Query<SeatsDbContext, bool>(db => db.Set<OutboxRow>().AnyAsync()), "what is saved waits");
            await own.Servers.RabbitMq.ControlAsync(CancellationToken.None, setting, enough);

            await UntilAllIsDone(host, saved);
        }
        finally
        {
            await own.Servers.RabbitMq.ControlAsync(CancellationToken.None, setting, enough);
        }
    }

    [Fact]
    public async Task A_databases_disk_that_runs_full_under_load_loses_nothing_and_work_goes_on_when_there_is_room()
    {
        await using var disk = await SmallDisk.MountAsync();
        await own.Servers.ExecuteAsync($"CREATE TABLESPACE {disk.Name} LOCATION '{disk.Folder}'");
        foreach (var service in (string[])["trips", "seats"])
        {
            await own.Servers.ExecuteAsync($"ALTER DATABASE {new NpgsqlConnectionStringBuilder(_place.Settings[$"ConnectionStrings:{service}"]).Database} SET TABLESPACE {disk.Name}");
        }

        await using (var host = await TestHost.StartAsync(_place))
        {
            PostgresException? refusal = null;
            var before = new List<Guid>();
            var saved = await SaveTrips(host, 150, at: 40, async () =>
            {
                using var ballast = disk.Fill();
                while (refusal is null)
                {
                    var trip = NewId.NextGuid();
                    try
                    {
                        await host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "ok")));
                        before.Add(trip);   // there was a page left to write on
                    }
                    catch (Exception problem) when (DatabaseErrors.IsUnreachable(problem))
                    {
                        refusal = problem.GetBaseException() as PostgresException;
                    }
                }
            });

            Assert.Equal(PostgresErrorCodes.DiskFull, refusal!.SqlState);
            await UntilAllIsDone(host, [.. saved, .. before]);
            await host.UntilProblemIs("database-trips", null);
        }

        NpgsqlConnection.ClearAllPools();
        foreach (var service in (string[])["trips", "seats"])
        {
            await own.Servers.ExecuteAsync($"DROP DATABASE {new NpgsqlConnectionStringBuilder(_place.Settings[$"ConnectionStrings:{service}"]).Database} WITH (FORCE)");
        }

        await own.Servers.ExecuteAsync($"DROP TABLESPACE {disk.Name}");
    }

    [Fact]
    public async Task A_database_killed_under_load_and_started_again_loses_nothing()
    {
        await using var host = await TestHost.StartAsync(_place);

        var saved = await SaveTrips(host, 200, at: 60, async () =>
        {
            await own.Servers.PostgreSql.KillAsync();
            await own.Servers.PostgreSql.StartAgainAsync(CancellationToken.None);
        });

        await UntilAllIsDone(host, saved);
        await host.UntilProblemIs("database-trips", null);
    }

    [Fact]
    public async Task Servers_that_are_not_there_at_start_are_waited_for_and_named()
    {
        await own.Servers.PostgreSql.KillAsync();
        await own.Servers.RabbitMq.KillAsync();

        await using var host = await TestHost.StartAsync(_place, waitUntilReady: false);
        await host.UntilProblemIs("database-trips", "the server does not answer");
        await host.UntilProblemIs("bus", "it has not started yet");   // not before its databases can be used
        await own.Servers.PostgreSql.StartAgainAsync(CancellationToken.None);
        await host.UntilProblemIs("database-trips", null);
        await host.UntilProblemIs("bus", "the broker does not answer");
        await own.Servers.RabbitMq.StartAgainAsync(CancellationToken.None);
        await host.UntilProblemIs("bus", null);

        await UntilAllIsDone(host, await SaveTrips(host, 1, at: 0, () => Task.CompletedTask));
    }

    /// <summary>Saves trips four at a time and lets something happen in between; what could not be saved was not promised to anybody.</summary>
    private static async Task<IReadOnlyCollection<Guid>> SaveTrips(TestHost host, int count, int at, Func<Task> happen)
    {
        var saved = new ConcurrentBag<Guid>();
        var happening = Task.CompletedTask;
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (number, _) =>
        {
            if (number == at)
            {
                Volatile.Write(ref happening, Task.Run(happen));
            }

            for (var tried = 0; ; tried++)
            {
                var trip = NewId.NextGuid();
                try
                {
                    await host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "ok")));
                    saved.Add(trip);
                    return;
                }
                catch (Exception problem) when (DatabaseErrors.IsUnreachable(problem) && tried < 300)
                {
                    using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
                    await pause.WaitForNextTickAsync(CancellationToken.None);
                }
            }
        });
        await Volatile.Read(ref happening);
        return saved;
    }

    private static async Task UntilAllIsDone(TestHost host, IReadOnlyCollection<Guid> saved)
    {
        Assert.NotEmpty(saved);
        await host.Until<SeatsDbContext>(
            async db => !saved.Except(await db.Notes.Where(note => note.Text == "confirmed").Select(note => note.Key).ToListAsync()).Any(), "all that was saved is confirmed");
        await host.Until<TripsDbContext>(async db => !await db.Trips.AnyAsync(trip => trip.CurrentState != "Confirmed"), "every trip is confirmed");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        await host.UntilOutboxIsEmpty<TripsDbContext>();
        await host.Until<SeatsDbContext>(
            async db => await db.Notes.CountAsync(note => note.Text == "confirmed") >= await db.Seats.CountAsync(), "every confirmation is heard");

        var notes = await host.Query<SeatsDbContext, List<Guid>>(db => db.Notes.Where(note => note.Text == "confirmed").Select(note => note.Key).ToListAsync());
        var seats = await host.Query<SeatsDbContext, List<Guid>>(db => db.Seats.Select(seat => seat.TripId).ToListAsync());
        Assert.Equal(notes.Count, notes.Distinct().Count());
        Assert.Equal(seats.Count, seats.Distinct().Count());
        Assert.Equal(notes.Order(), seats.Order());
        Assert.Empty(await host.DeadLetters<TripsDbContext>());
        Assert.Empty(await host.DeadLetters<SeatsDbContext>());
    }

    /// <summary>A disk of 96 MB in memory that PostgreSQL may write to.</summary>
    private sealed class SmallDisk : IAsyncDisposable
    {
        private readonly string _mount = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"aerona-disk-{Guid.NewGuid():N}")).FullName;

        public string Name { get; } = $"small_{Guid.NewGuid():N}";

        public string Folder => Path.Combine(_mount, "data");

        public static async Task<SmallDisk> MountAsync()
        {
            Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root can mount a disk that is small enough to fill.");
            var disk = new SmallDisk();
            if (await RunAsync("mount", "-t", "tmpfs", "-o", "size=96m", "none", disk._mount) != 0)
            {
                Directory.Delete(disk._mount);
                Assert.Skip("This machine lets nobody mount a disk that is small enough to fill.");
            }

            Directory.CreateDirectory(disk.Folder);
            Assert.Equal(0, await RunAsync("chown", "postgres", disk.Folder));
            return disk;
        }

        /// <summary>Takes what is left until disposed of.</summary>
        public IDisposable Fill()
        {
            var ballast = new FileStream(Path.Combine(_mount, "ballast"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            try
            {
                var page = new byte[4096];
                while (true)
                {
                    ballast.Write(page);
                }
            }
            catch (IOException)
            {
                return ballast;   // full
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (await RunAsync("umount", _mount) == 0)
            {
                Directory.Delete(_mount);
            }
        }

        private static async Task<int> RunAsync(string program, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            await process.WaitForExitAsync();
            return process.ExitCode;
        }
    }

    /// <summary>Servers that nobody else minds to see killed.</summary>
    public sealed class OwnServers : IAsyncDisposable
    {
        public Servers Servers { get; } = new();

        public ValueTask DisposeAsync() => Servers.DisposeAsync();
    }

    /// <summary>This program as another process.</summary>
    private sealed class Worker : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly ConcurrentQueue<Guid> _saved = [];
        private readonly Task _reading;

        private Worker(Process process)
        {
            _process = process;
            _reading = ReadAsync();
        }

        public static async Task<Worker> StartAsync(Place place)
        {
            var program = Environment.ProcessPath!;
            var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
            if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            {
                start.ArgumentList.Add(typeof(Worker).Assembly.Location);
            }

            start.ArgumentList.Add("worker");
            foreach (var (key, value) in place.Settings.Where(setting => setting.Key != "Data:Folder"))
            {
                start.ArgumentList.Add($"{key}={value}");
            }

            var process = Process.Start(start)!;
            Assert.Equal("ready", await process.StandardOutput.ReadLineAsync());
            return new(process);
        }

        public Task LoadAsync(int trips) => _process.StandardInput.WriteLineAsync(trips.ToString(System.Globalization.CultureInfo.InvariantCulture));

        public async Task UntilSavedAsync(int trips)
        {
            using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (_saved.Count < trips)
            {
                Assert.False(_reading.IsCompleted, "the worker ended by itself");
                await look.WaitForNextTickAsync();
            }
        }

        /// <summary>As <c>kill -9</c>; what it had saved by then.</summary>
        public async Task<IReadOnlyCollection<Guid>> KillAsync()
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            await _reading;
            return _saved;
        }

        public async ValueTask DisposeAsync()
        {
            if (!_process.HasExited)
            {
                _process.Kill();
                await _process.WaitForExitAsync();
            }

            await _reading;
            _process.Dispose();
        }

        private async Task ReadAsync()
        {
            while (await _process.StandardOutput.ReadLineAsync() is { } line)
            {
                if (Guid.TryParse(line, out var trip))   // the last line of one killed may be half a line
                {
                    _saved.Enqueue(trip);
                }
            }
        }
    }
}
