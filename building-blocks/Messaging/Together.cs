using System.Collections.Concurrent;

namespace Aerona.Messaging;

/// <summary>Runs together what is asked for at about the same time: while one group runs, the next one gathers. Nobody waits for others to come.</summary>
/// <param name="most">The most in a group.</param>
/// <param name="run">Runs a group; tells each of it what came out, and never throws.</param>
internal sealed class Together<T>(int most, Func<List<T>, Task> run) : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<T> _waiting = [];
    private int _running;

    public void Add(T item)
    {
        _waiting.Enqueue(item);
        if (Interlocked.CompareExchange(ref _running, 1, 0) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);   // outside of whatever trace or scope this one came from
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    private async Task RunAsync()
    {
        while (true)
        {
            var group = new List<T>();
            while (group.Count < most && _waiting.TryDequeue(out var item))
            {
                group.Add(item);
            }

            if (group.Count > 0)
            {
                await run(group);
                continue;
            }

            Interlocked.Exchange(ref _running, 0);
            if (_waiting.IsEmpty || Interlocked.CompareExchange(ref _running, 1, 0) != 0)
            {
                return;
            }
        }
    }
}

/// <summary>One after the other for each key, first come first served.</summary>
internal sealed class Turns<TKey> where TKey : notnull
{
    private readonly Dictionary<TKey, Queue<TaskCompletionSource>?> _taken = [];
    private readonly Lock _sync = new();

    /// <summary>Waits for the turn; the answer ends it.</summary>
    public async ValueTask<Turn> TakeAsync(TKey key)
    {
        TaskCompletionSource mine;
        lock (_sync)
        {
            if (_taken.TryAdd(key, null))
            {
                return new(this, key);
            }

            mine = new(TaskCreationOptions.RunContinuationsAsynchronously);
            (_taken[key] ??= []).Enqueue(mine);
        }

        await mine.Task;
        return new(this, key);
    }

    private void End(TKey key)
    {
        lock (_sync)
        {
            if (_taken[key] is { Count: > 0 } waiting)
            {
                waiting.Dequeue().SetResult();
            }
            else
            {
                _taken.Remove(key);
            }
        }
    }

    public readonly struct Turn(Turns<TKey> turns, TKey key) : IDisposable
    {
        public void Dispose() => turns?.End(key);
    }
}
