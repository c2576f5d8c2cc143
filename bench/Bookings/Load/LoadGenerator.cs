using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Aerona.BookingsBench.Load;

/// <summary>
/// Makes bookings within the orchestrator of a contestant, as the driver asks through the standard input, and tells it how they went. The same source in every
/// contestant. A booking takes from before its start is handed over to the body of the saga's last handler.
/// </summary>
public sealed class LoadGenerator
{
    private readonly ConcurrentDictionary<Guid, Open> _open = [];
    private readonly ConcurrentQueue<double> _finished = [];
    private int _started;
    private int _repeated;

    /// <summary>256 bytes.</summary>
    public static string Payload { get; } = new('x', 256);

    /// <summary>Told by the saga's last handler.</summary>
    public void Finished(Guid bookingId)
    {
        if (!_open.TryRemove(bookingId, out var booking))
        {
            Interlocked.Increment(ref _repeated);   // a handler that ran again; whether anything was done twice, the tables tell
            return;
        }

        _finished.Enqueue(Stopwatch.GetElapsedTime(booking.At).TotalMilliseconds);
        booking.Done.SetResult();
    }

    /// <summary>Does what the driver asks until it closes the standard input.</summary>
    /// <param name="start">Begins a booking with that id.</param>
    public async Task ServeAsync(Func<Guid, Task> start)
    {
        var stop = new CancellationTokenSource();
        var loops = Task.CompletedTask;
        var since = Stopwatch.GetTimestamp();
        Answer.Write(new Answer("ready"));
        while (await Console.In.ReadLineAsync() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["saturate", var inFlight]:
                    stop = new();
                    loops = Task.WhenAll(Enumerable.Range(0, int.Parse(inFlight)).Select(_ => Task.Run(() => OneAfterTheOtherAsync(start, stop.Token))));
                    Answer.Write(new Answer("saturating"));
                    break;
                case ["window"]:   // ends one and begins the next
                    Answer.Write(new Answer("window", Stopwatch.GetElapsedTime(since).TotalSeconds, Take()));
                    since = Stopwatch.GetTimestamp();
                    break;
                case ["drain", var seconds]:
                    await stop.CancelAsync();
                    await Task.WhenAny(loops, TimeAsync(TimeSpan.FromSeconds(int.Parse(seconds))));
                    Take();
                    Answer.Write(new Answer("drained", Started: _started, Open: _open.Count, Repeated: _repeated));
                    break;
                case ["light", var rate, var seconds]:
                    Answer.Write(await LightAsync(start, int.Parse(rate), int.Parse(seconds)));
                    break;
                default:
                    throw new InvalidOperationException($"The load generator does not know '{line}'");
            }
        }
    }

    /// <summary>Closed loop: the next booking as soon as this one is done.</summary>
    private async Task OneAfterTheOtherAsync(Func<Guid, Task> start, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await BookAsync(start);
        }
    }

    /// <summary>Open loop: so many a second whatever happens to them.</summary>
    private async Task<Answer> LightAsync(Func<Guid, Task> start, int rate, int seconds)
    {
        var since = Stopwatch.GetTimestamp();
        var bookings = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1) / rate);
        while (bookings.Count < rate * seconds && await timer.WaitForNextTickAsync())
        {
            bookings.Add(BookAsync(start));
        }

        await Task.WhenAny(Task.WhenAll(bookings), TimeAsync(TimeSpan.FromSeconds(20)));
        return new Answer("light", Stopwatch.GetElapsedTime(since).TotalSeconds, Take(), _started, _open.Count, _repeated);
    }

    private async Task BookAsync(Func<Guid, Task> start)
    {
        var id = Guid.CreateVersion7();
        var booking = new Open(Stopwatch.GetTimestamp());
        _open[id] = booking;
        Interlocked.Increment(ref _started);
        await start(id);
        await booking.Done.Task;
    }

    private double[] Take()
    {
        var taken = new List<double>();
        while (_finished.TryDequeue(out var milliseconds))
        {
            taken.Add(milliseconds);
        }

        return [.. taken];
    }

    private static async Task TimeAsync(TimeSpan time)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync();
    }

    private sealed class Open(long at)
    {
        public long At { get; } = at;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>What a process of a contestant tells the driver: a line of JSON on the standard output, marked, as libraries may write there too.</summary>
/// <param name="Now">What it has done.</param>
/// <param name="Seconds">How long that took.</param>
/// <param name="Milliseconds">How long each booking took that was finished meanwhile.</param>
/// <param name="Started">Bookings begun since the process started.</param>
/// <param name="Open">Of these not finished.</param>
/// <param name="Repeated">Runs of the last handler for a booking that was finished.</param>
public sealed record Answer(string Now, double Seconds = 0, double[]? Milliseconds = null, int Started = 0, int Open = 0, int Repeated = 0)
{
    private const string Mark = "@bench ";

    public static void Write(Answer answer)
    {
        Console.Out.WriteLine(Mark + JsonSerializer.Serialize(answer));
        Console.Out.Flush();
    }

    /// <summary>Null when the line is something else.</summary>
    public static Answer? Read(string line) =>
        line.StartsWith(Mark, StringComparison.Ordinal) ? JsonSerializer.Deserialize<Answer>(line.AsSpan(Mark.Length)) : null;
}
