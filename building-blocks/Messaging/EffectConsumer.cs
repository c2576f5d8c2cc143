using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aerona.Persistence;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

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

    /// <summary>The recorded answer, or null while open: for look-ups of somebody else's effect.</summary>
    public TAnswer? AnswerAs<TAnswer>() where TAnswer : class => Answer is null ? null : JsonSerializer.Deserialize<TAnswer>(Answer, EffectIntents.Json);
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

    /// <summary>How long a noted intent belongs to whoever noted it.</summary>
    protected TimeSpan Lease => CallLimit + TimeSpan.FromSeconds(10);

    /// <summary>The intent's key: the business key of this effect.</summary>
    protected abstract string Key(TCommand command);

    /// <summary>
    /// Notes the intent; runs in its own transaction, committed before the call. The default finds or writes the row of <see cref="Key"/> with
    /// <see cref="EffectIntents.NoteIntentAsync{TAnswer}"/> and gives <see cref="ClosedAnswer"/> for a closed one.
    /// </summary>
    protected virtual Task<Noted<TAnswer>> NoteAsync(TDbContext db, TCommand command, CancellationToken cancellationToken) =>
        db.NoteIntentAsync(Key(command), Lease, () => ClosedAnswer(command), cancellationToken);

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
    public async Task Consume(ConsumeContext<TCommand> context)
    {
        var services = context.GetPayload<IServiceProvider>();
        var scopes = services.GetRequiredService<IServiceScopeFactory>();
        var (command, cancellationToken) = (context.Message, context.CancellationToken);

        switch (await NoteAsync(scopes, command, cancellationToken))
        {
            case Noted<TAnswer>.Later later:
                await context.GetPayload<Redeliveries>().Later(later.Until);
                break;
            case Noted<TAnswer>.Known known:
                await RecordAsync(scopes, context, known.Answer, null);
                break;
            case Noted<TAnswer>.Call noted:
                await RecordAsync(scopes, context, await CallAsync(services, command, noted.Intent, CallAsync, cancellationToken), noted.Intent);
                break;
            case Noted<TAnswer>.Recover noted:
                await RecordAsync(scopes, context, await CallAsync(services, command, noted.Intent, RecoverAsync, cancellationToken), noted.Intent);
                break;
            case var other:
                throw new NotSupportedException($"{GetType().Name} noted {other}");
        }
    }

    private async Task<Noted<TAnswer>> NoteAsync(IServiceScopeFactory scopes, TCommand command, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDbContext>();
        await using var transaction = await db.BeginAsync(cancellationToken);
        var noted = await NoteAsync(db, command, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return noted;
    }

    private async Task<TAnswer> CallAsync(
        IServiceProvider services, TCommand command, EffectIntent intent, Func<TCommand, EffectIntent, CancellationToken, Task<TAnswer>> call,
        CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(CallLimit, services.GetRequiredService<TimeProvider>());
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        return await call(command, intent, either.Token);
    }

    private async Task RecordAsync(IServiceScopeFactory scopes, ConsumeContext<TCommand> context, TAnswer answer, EffectIntent? noted)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDbContext>();
        var writer = scope.ServiceProvider.GetRequiredService<OutboxWriter>();
        var cancellationToken = context.CancellationToken;

        await using var transaction = await db.BeginAsync(cancellationToken);
        var messageId = context.MessageId ?? throw new MessageException(typeof(TCommand), "has no MessageId, so it cannot be told from its repeats");
        if (!await Inbox.TakeAsync(db, InboxId, messageId, writer.Now, cancellationToken))
        {
            scope.ServiceProvider.GetRequiredService<MessagingMetrics>().Duplicate(ServiceName.Of<TDbContext>());
            return;
        }

        if (noted is not null)
        {
            var intent = await db.LockAsync<EffectIntent>(noted.Key, cancellationToken);
            if (IsFinal(answer))
            {
                intent.Answer ??= JsonSerializer.Serialize(answer, EffectIntents.Json);
            }

            intent.LeaseUntil = writer.Now;
        }

        await RecordAsync(db, context.Message, answer, cancellationToken);
        await writer.WritePendingAsync(db, context, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private Guid InboxId => new(SHA256.HashData(Encoding.UTF8.GetBytes(GetType().FullName!)).AsSpan(0, 16));
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
    public static async Task<Noted<TAnswer>> NoteIntentAsync<TAnswer>(
        this DbContext db, string key, TimeSpan lease, Func<TAnswer> closedAnswer, CancellationToken cancellationToken) where TAnswer : class
    {
        var now = db.GetService<TimeProvider>().GetUtcNow();
        switch (await db.TryLockAsync<EffectIntent>(key, cancellationToken))
        {
            case null:
                var intent = new EffectIntent { Key = key, RequestId = NewId.NextGuid(), NotedAt = now, LeaseUntil = now + lease };
                db.Add(intent);
                return new Noted<TAnswer>.Call(intent);
            case { Closed: true }:
                return new Noted<TAnswer>.Known(closedAnswer());
            case { Answer: { } answer }:
                return new Noted<TAnswer>.Known(JsonSerializer.Deserialize<TAnswer>(answer, Json)!);
            case { LeaseUntil: var until } when until > now:
                return new Noted<TAnswer>.Later(until);
            case var open:
                open.LeaseUntil = now + lease;
                return new Noted<TAnswer>.Recover(open);
        }
    }

    /// <summary>The intent of a key under lock, or null.</summary>
    public static Task<EffectIntent?> FindIntentAsync(this DbContext db, string key, CancellationToken cancellationToken) =>
        db.TryLockAsync<EffectIntent>(key, cancellationToken);

    /// <summary>
    /// Closes a key for good when it was never noted (tombstone) and returns null; otherwise returns the intent as it is: open, done or closed before.
    /// </summary>
    public static async Task<EffectIntent?> CloseIfAbsentAsync(this DbContext db, string key, CancellationToken cancellationToken)
    {
        if (await db.TryLockAsync<EffectIntent>(key, cancellationToken) is { } intent)
        {
            return intent;
        }

        var now = db.GetService<TimeProvider>().GetUtcNow();
        db.Add(new EffectIntent { Key = key, RequestId = NewId.NextGuid(), NotedAt = now, LeaseUntil = now, Closed = true });
        return null;
    }

    internal static JsonSerializerOptions Json => JsonSerializerOptions.Web;
}
