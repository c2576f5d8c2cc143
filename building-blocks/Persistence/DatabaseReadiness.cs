using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Persistence;

/// <summary>
/// Which databases of this process have the schema of this version. A singleton, registered by <c>AddDatabase</c>. On SQLite they have it before anything else
/// starts; on a server it may come later (unreachable, wrong password, schema of another version), and whoever uses the database from the start must wait.
/// </summary>
public sealed class DatabaseReadiness
{
    private readonly ConcurrentDictionary<Type, State> _states = [];

    /// <summary>Returns once the context's database has its schema; at once when it has. It does not say that the server answers at the moment.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled before.</exception>
    public Task WaitAsync<TDbContext>(CancellationToken cancellationToken) where TDbContext : DbContext => WaitAsync(typeof(TDbContext), cancellationToken);

    /// <summary>The same for the context's type.</summary>
    public Task WaitAsync(Type context, CancellationToken cancellationToken) => Of(context).Ready.Task.WaitAsync(cancellationToken);

    /// <summary>Whether the context's database has its schema.</summary>
    public bool IsReady(Type context) => Of(context).Ready.Task.IsCompleted;

    /// <summary>Why it does not, in words for anybody; null when nothing is known yet.</summary>
    internal string? ReasonOf(Type context) => Of(context).Reason;

    internal void SetReady(Type context) => Of(context).Ready.TrySetResult();

    /// <summary>True when the reason is another one than before.</summary>
    internal bool SetReason(Type context, string reason)
    {
        var state = Of(context);
        var changed = state.Reason != reason;
        state.Reason = reason;
        return changed;
    }

    private State Of(Type context) => _states.GetOrAdd(context, _ => new());

    private sealed class State
    {
        public TaskCompletionSource Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public volatile string? Reason;
    }
}
