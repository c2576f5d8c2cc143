using System.Reflection;

namespace Aerona.Journeys;

/// <summary>
/// Journeys told by the public methods of a class, under way side by side in one Aerona, a few at a time: most of them wait for somebody most of the time. Each is
/// judged by a test of its own.
/// </summary>
/// <typeparam name="T">Whose methods they are; each gets an object of its own.</typeparam>
internal sealed class SideBySide<T> : IAsyncDisposable
    where T : class
{
    private readonly Dictionary<string, Task> running = [];
    private readonly SemaphoreSlim places;

    /// <param name="begin">Makes the object of a journey; its place in the order is given.</param>
    /// <param name="after">What is true after every journey.</param>
    /// <param name="atOnce">How many are under way at once.</param>
    public SideBySide(Func<int, T> begin, Func<T, Task> after, int atOnce)
    {
        places = new(atOnce);
        // They live longer than any test's context, so none of them may see one.
        using var _ = ExecutionContext.SuppressFlow();
        foreach (var (index, journey) in All.Index())
        {
            running.Add(journey.Name, Task.Run(() => RunAsync(begin(index), journey, after)));
        }
    }

    public static IReadOnlyList<MethodInfo> All { get; } =
        [.. typeof(T).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(method => method.ReturnType == typeof(Task))];

    /// <summary>How a journey ended; throws what went wrong in it.</summary>
    public Task OfAsync(string journey) => running[journey];

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(running.Values).ContinueWith(_ => { }, TaskScheduler.Default);   // each has been judged by its own test
        places.Dispose();
    }

    private async Task RunAsync(T journeys, MethodInfo journey, Func<T, Task> after)
    {
        await places.WaitAsync();
        try
        {
            await (Task)journey.Invoke(journeys, null)!;
            await after(journeys);
        }
        finally
        {
            places.Release();
        }
    }
}
