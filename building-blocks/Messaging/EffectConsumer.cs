using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Messaging;

/// <summary>
/// The intent to reach outside once, committed before the call: a row of effect_intent. A closed one (tombstone) is never called.
/// </summary>
public sealed class EffectIntent
{
    /// <summary>What is meant, such as <c>authorize/{PaymentId}</c>; the row's primary key.</summary>
    public required string Key { get; init; }

    /// <summary>Sent outside as the idempotency key; the same at every repeat.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>UTC.</summary>
    public DateTimeOffset NotedAt { get; init; }

    /// <summary>UTC; until then whoever noted it may still be calling.</summary>
    public DateTimeOffset LeaseUntil { get; set; }

    /// <summary>The recorded answer as JSON; null while open.</summary>
    public string? Answer { get; set; }

    /// <summary>True when a look-up or an undo denied it for good before it was ever called.</summary>
    public bool Closed { get; set; }
}

/// <summary>What noting an intent found.</summary>
/// <typeparam name="TAnswer">The effect's answer.</typeparam>
public abstract record Noted<TAnswer>
{
    /// <summary>New: call.</summary>
    public sealed record Call(EffectIntent Intent) : Noted<TAnswer>;

    /// <summary>Open, and nobody is calling any more: recover.</summary>
    public sealed record Recover(EffectIntent Intent) : Noted<TAnswer>;

    /// <summary>Open, and somebody may still be calling: the message comes again after that time.</summary>
    public sealed record Later(DateTimeOffset Until) : Noted<TAnswer>;

    /// <summary>The answer is known (done before, closed, or not worth a call): record it (again).</summary>
    public sealed record Known(TAnswer Answer) : Noted<TAnswer>;
}

/// <summary>
/// A consumer that reaches outside, in three steps: note the intent (a small transaction of its own), call (no transaction open), record (inbox row, outcome
/// and outbox rows in one transaction). Killed anywhere, the redelivered command goes on where it was.
/// </summary>
/// <typeparam name="TCommand">The command.</typeparam>
/// <typeparam name="TAnswer">What the outside said, serialisable as JSON; a time-out or a 5xx is an answer too (unknown), never an exception.</typeparam>
/// <typeparam name="TDbContext">The service's context.</typeparam>
public abstract class EffectConsumer<TCommand, TAnswer, TDbContext> : IConsumer<TCommand>
    where TCommand : class where TAnswer : class where TDbContext : DbContext
{
    /// <summary>The longest one call may take; the lease is that and ten seconds.</summary>
    protected virtual TimeSpan CallLimit => TimeSpan.FromSeconds(30);

    /// <summary>The intent's key: the business key of this effect.</summary>
    protected abstract string Key(TCommand command);

    /// <summary>
    /// Notes the intent; runs in its own transaction, committed before the call. The default finds or writes the row of <see cref="Key"/> with
    /// <see cref="EffectIntents.NoteIntentAsync{TAnswer}"/> and gives <see cref="ClosedAnswer"/> for a closed one.
    /// </summary>
    protected virtual Task<Noted<TAnswer>> NoteAsync(TDbContext db, TCommand command, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The answer for an intent that was closed before it was called.</summary>
    protected abstract TAnswer ClosedAnswer(TCommand command);

    /// <summary>Reaches outside. No transaction is open.</summary>
    protected abstract Task<TAnswer> CallAsync(TCommand command, EffectIntent intent, CancellationToken cancellationToken);

    /// <summary>
    /// Finds out what became of a call that nobody recorded. The default repeats the call: right only where the other side is idempotent by
    /// <see cref="EffectIntent.RequestId"/>; elsewhere look it up by our reference.
    /// </summary>
    protected virtual Task<TAnswer> RecoverAsync(TCommand command, EffectIntent intent, CancellationToken cancellationToken) =>
        CallAsync(command, intent, cancellationToken);

    /// <summary>Whether the answer settles the intent. One that does not (unknown, pending) leaves it open with its lease free.</summary>
    protected abstract bool IsFinal(TAnswer answer);

    /// <summary>Saves the outcome and publishes the events; one transaction with the inbox row. Repeated for a known answer, so it must be idempotent.</summary>
    protected abstract Task RecordAsync(TDbContext db, TCommand command, TAnswer answer, CancellationToken cancellationToken);

    /// <summary>Runs the three steps.</summary>
    public Task Consume(ConsumeContext<TCommand> context) => throw new NotImplementedException();
}

/// <summary>Intents by key, for look-ups and undos.</summary>
public static class EffectIntents
{
    /// <summary>Finds or writes the intent under lock and says what to do; extends the lease when it says Call or Recover.</summary>
    /// <param name="db">The context, in a transaction.</param>
    /// <param name="key">The business key.</param>
    /// <param name="lease">How long the caller may take.</param>
    /// <param name="closedAnswer">The answer for a closed intent.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static Task<Noted<TAnswer>> NoteIntentAsync<TAnswer>(
        this DbContext db, string key, TimeSpan lease, Func<TAnswer> closedAnswer, CancellationToken cancellationToken) where TAnswer : class =>
        throw new NotImplementedException();

    /// <summary>The intent of a key under lock, or null.</summary>
    public static Task<EffectIntent?> FindIntentAsync(this DbContext db, string key, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// Closes a key for good when it was never noted (tombstone) and returns null; otherwise returns the intent as it is: open, done or closed before.
    /// </summary>
    public static Task<EffectIntent?> CloseIfAbsentAsync(this DbContext db, string key, CancellationToken cancellationToken) => throw new NotImplementedException();
}
