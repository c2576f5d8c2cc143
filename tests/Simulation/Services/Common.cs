namespace Aerona.Simulation.Services;

/// <summary>What somebody outside answers to a call.</summary>
internal enum Outcome
{
    /// <summary>Done, and said so.</summary>
    Ok,

    /// <summary>Refused: nothing was done.</summary>
    Denied,

    /// <summary>Not decided yet.</summary>
    Pending,

    /// <summary>Done, the ticket numbers to follow (airline orders only).</summary>
    NumbersLater,

    /// <summary>Done, and the answer got lost.</summary>
    LostAfter,

    /// <summary>Nothing was done, and nobody knows.</summary>
    LostBefore,

    /// <summary>An answer that is not true (look-ups of airline orders only): there is no such order.</summary>
    Wrong,
}

/// <summary>A message that a service sends; with <paramref name="Due"/> one to itself, for later.</summary>
internal readonly record struct Sent(object Message, DateTimeOffset? Due = null);

/// <summary>What a service makes of a message.</summary>
internal abstract record Taken
{
    /// <summary>Handled; this is what it sends.</summary>
    internal sealed record Done(IReadOnlyList<Sent> Sent) : Taken;

    /// <summary>It comes again then.</summary>
    internal sealed record Later(DateTimeOffset Until) : Taken;

    /// <summary>Noted; now somebody outside is called.</summary>
    /// <param name="Plan">The service's own note of what it is about to do.</param>
    /// <param name="Limit">The longest it may take.</param>
    internal sealed record Calls(object Plan, TimeSpan Limit) : Taken;
}

/// <summary>
/// A service as far as the saga can tell: its books, and what it answers. The simulator drives a model behind this, and a test drives the model beside the
/// real consumers.
/// </summary>
internal interface IService
{
    /// <summary>Takes a message: the first transaction, or the only one.</summary>
    Taken Take(object message, DateTimeOffset now);

    /// <summary>What somebody outside may answer to the call as things stand.</summary>
    IReadOnlyList<Outcome> Answers(object message, object plan);

    /// <summary>The call was made and answered; the last transaction.</summary>
    /// <param name="message">What is being handled.</param>
    /// <param name="plan">From <see cref="Taken.Calls"/>.</param>
    /// <param name="outcome">What was answered.</param>
    /// <param name="now">UTC.</param>
    IReadOnlyList<Sent> Finish(object message, object plan, Outcome outcome, DateTimeOffset now);

    /// <summary>The process died during the call: what was outside stays, what was in memory is gone.</summary>
    /// <param name="message">What was being handled.</param>
    /// <param name="plan">From <see cref="Taken.Calls"/>.</param>
    /// <param name="reached">Whether the call had reached the other side.</param>
    /// <param name="now">UTC.</param>
    void Die(object message, object plan, bool reached, DateTimeOffset now);
}

internal enum IntentState
{
    None,
    Open,
    Done,
    Closed,
}

/// <summary>An effect's note: written before the call, closed by a look-up or an undo that denies it.</summary>
/// <param name="State">How far it got.</param>
/// <param name="LeaseUntil">UTC; until then somebody may still be calling.</param>
/// <param name="Answer">The recorded answer.</param>
/// <param name="Requests">How many idempotency keys it used up: one, unless it forgot the first.</param>
internal readonly record struct Intent(IntentState State, DateTimeOffset LeaseUntil = default, object? Answer = null, int Requests = 0)
{
    public bool IsOpen => State == IntentState.Open;

    public bool IsBusy(DateTimeOffset now) => State == IntentState.Open && LeaseUntil > now;

    public Intent Note(DateTimeOffset now, TimeSpan lease, bool newKey = false) =>
        new(IntentState.Open, now + lease, null, State == IntentState.None || newKey ? Requests + 1 : Requests);

    /// <summary>Nobody is calling any more. The first answer stays, and what was closed stays closed, whatever a call says that should long have been over.</summary>
    public Intent Free(DateTimeOffset now, object? answer = null) => this with
    {
        State = answer is null || State == IntentState.Closed ? State : IntentState.Done,
        LeaseUntil = now,
        Answer = Answer ?? answer,
    };

    /// <summary>The tombstone of what was never noted; anything else stays as it is.</summary>
    public Intent CloseIfAbsent(DateTimeOffset now) => State == IntentState.None ? new(IntentState.Closed, now) : this;
}

/// <summary>Small tables that are copied when written to, so that a world can be cloned for next to nothing.</summary>
internal static class Tables
{
    public static T[] With<T>(this T[] table, int at, T row)
    {
        var copy = (T[])table.Clone();
        copy[at] = row;
        return copy;
    }

    public static T[] Plus<T>(this T[] table, T row) => [.. table, row];
}
