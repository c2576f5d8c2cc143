using System.Text.Json;
using Aerona.Persistence;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Messaging;

/// <summary>A message given up: a row of the service that could not handle it.</summary>
internal sealed class DeadLetter
{
    public long Id { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>The queue it failed at; null when it could not even be sent.</summary>
    public string? Queue { get; init; }

    public string Destination { get; init; } = "";

    public Guid MessageId { get; init; }

    public string Types { get; init; } = "";

    public string ContentType { get; init; } = "";

    public byte[] Body { get; init; } = [];

    public string? Headers { get; init; }

    public string Reason { get; init; } = "";

    public string? Detail { get; init; }

    public DateTimeOffset? ReplayedAt { get; set; }

    public static DeadLetter Unsendable(OutboxRow row, Exception problem, DateTimeOffset now) => new()
    {
        At = now,
        Destination = row.Destination,
        MessageId = row.MessageId,
        Types = row.Types,
        ContentType = row.ContentType,
        Body = row.Body,
        Headers = row.Headers,
        Reason = problem.Message,
        Detail = problem.ToString(),
    };

    public static DeadLetter Failed(ReceivedMessage received, string queue, Exception problem, DateTimeOffset now) =>
        Received(received, queue, problem.Message, problem.ToString(), now);

    public static DeadLetter Skipped(ReceivedMessage received, string queue, DateTimeOffset now) =>
        Received(received, queue, "Nothing at this queue takes this message", null, now);

    /// <summary>What the broker laid aside, since too many processes died over it: the queue it was laid aside from stands in its headers.</summary>
    public static DeadLetter Undelivered(ReceivedMessage received, string queue, DateTimeOffset now) => Received(
        received, received.Headers.GetValueOrDefault("x-first-death-queue") as string ?? queue,
        "Processes ended over it, again and again, before they had handled it", null, now);

    /// <summary>The same message for the same queue alone.</summary>
    public OutboxRow Again(DateTimeOffset now) => new()
    {
        MessageId = MessageId,
        Destination = Destination,
        Mandatory = Queue is not null,
        Types = Types,
        ContentType = ContentType,
        Body = Body,
        Headers = Headers,
        DueAt = now,
        AvailableAt = now,
    };

    private static DeadLetter Received(ReceivedMessage received, string queue, string reason, string? detail, DateTimeOffset now) => new()
    {
        At = now,
        Queue = queue,
        Destination = Endpoints.AddressOf(queue),
        MessageId = received.MessageId,
        Types = received.Types,
        ContentType = received.ContentType,
        Body = received.Body,
        Headers = JsonSerializer.Serialize(received.Headers.Where(header => header.Key.StartsWith("MT-Activity", StringComparison.Ordinal)).ToDictionary()),
        Reason = reason,
        Detail = detail,
    };
}

/// <summary>A message given up, as support sees it.</summary>
/// <param name="Service">Whose: the name given to <c>AddDatabase</c>.</param>
/// <param name="Id">Within that service.</param>
/// <param name="At">UTC; when it was given up.</param>
/// <param name="Queue">The queue it failed at; null when it could not even be sent.</param>
/// <param name="MessageId">Kept when it is replayed.</param>
/// <param name="MessageType">The contract's full name.</param>
/// <param name="Reason">The last failure, for people.</param>
/// <param name="Detail">Its whole text with the place in the code; null when nothing was thrown.</param>
/// <param name="ReplayedAt">UTC; null when it was not replayed.</param>
public sealed record DeadLetterView(
    string Service, long Id, DateTimeOffset At, string? Queue, Guid MessageId, string MessageType, string Reason, string? Detail, DateTimeOffset? ReplayedAt);

/// <summary>The dead letters of every service in this process. A singleton, registered by <see cref="MessagingRegistration.AddMessaging"/>.</summary>
public sealed class DeadLetters
{
    private readonly IReadOnlyList<RegisteredDatabase> _databases;
    private readonly IServiceScopeFactory _scopes;
    private readonly TimeProvider _time;

    internal DeadLetters(IEnumerable<RegisteredDatabase> databases, IServiceScopeFactory scopes, TimeProvider time)
    {
        _databases = [.. databases];
        _scopes = scopes;
        _time = time;
    }

    /// <summary>Newest first, across services.</summary>
    /// <param name="includeReplayed">Whether those replayed are listed too.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<IReadOnlyList<DeadLetterView>> ListAsync(bool includeReplayed, int limit, CancellationToken cancellationToken)
    {
        List<DeadLetterView> all = [];
        foreach (var database in _databases)
        {
            await using var scope = _scopes.CreateAsyncScope();
            if (Table(scope, database) is { } letters)
            {
                var rows = await letters.AsNoTracking().Where(letter => includeReplayed || letter.ReplayedAt == null)
                    .OrderByDescending(letter => letter.At).ThenByDescending(letter => letter.Id).Take(limit)
                    .Select(letter => new { letter.Id, letter.At, letter.Queue, letter.MessageId, letter.Types, letter.Reason, letter.Detail, letter.ReplayedAt })
                    .ToListAsync(cancellationToken);
                all.AddRange(rows.Select(row => new DeadLetterView(
                    database.Name, row.Id, row.At, row.Queue, row.MessageId, TypeName(row.Types), row.Reason, row.Detail, row.ReplayedAt)));
            }
        }

        return [.. all.OrderByDescending(letter => letter.At).Take(limit)];
    }

    /// <summary>
    /// Sends the message once more to the queue it failed at, and to no other, under its old MessageId: who has handled it does not handle it again.
    /// False when there is no such letter. Each call sends it once more.
    /// </summary>
    public async Task<bool> ReplayAsync(string service, long id, CancellationToken cancellationToken)
    {
        if (_databases.FirstOrDefault(database => database.Name == service) is not { } database)
        {
            return false;
        }

        await using var scope = _scopes.CreateAsyncScope();
        if (Table(scope, database) is not { } letters || await letters.FindAsync([id], cancellationToken) is not { } letter)
        {
            return false;
        }

        letter.ReplayedAt = _time.GetUtcNow();
        var db = Db(scope, database);
        db.Add(letter.Again(_time.GetUtcNow()));
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    private static DbContext Db(AsyncServiceScope scope, RegisteredDatabase database) => (DbContext)scope.ServiceProvider.GetRequiredService(database.Context);

    private static DbSet<DeadLetter>? Table(AsyncServiceScope scope, RegisteredDatabase database) =>
        Db(scope, database) is var db && db.Model.FindEntityType(typeof(DeadLetter)) is null ? null : db.Set<DeadLetter>();

    private static string TypeName(string types) => types.Split(';', 2)[0].Replace("urn:message:", "", StringComparison.Ordinal).Replace(':', '.');
}

/// <summary>Writes what a queue could not handle, or did not know, into the owner's table.</summary>
internal sealed class DeadLetterFilter<TDbContext>(string queue, IServiceScopeFactory scopes, TimeProvider time, MessagingMetrics metrics)
    : IFilter<ExceptionReceiveContext>, IFilter<ReceiveContext> where TDbContext : DbContext
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);   // below the time after which a broker takes the message back

    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (context.CancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The host stops before the message is handled; it comes again", context.Exception, context.CancellationToken);
        }

        await WriteAsync(DeadLetter.Failed(ReceivedMessage.From(context), queue, context.Exception, time.GetUtcNow()), context.CancellationToken);
        await next.Send(context);
    }

    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        await WriteAsync(DeadLetter.Skipped(ReceivedMessage.From(context), queue, time.GetUtcNow()), context.CancellationToken);
        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("deadLetterRow");

    /// <summary>For the queue of what was laid aside.</summary>
    public IFilter<T> Undelivered<T>() where T : class, ReceiveContext => new LaidAside<T>(context =>
        WriteAsync(DeadLetter.Undelivered(ReceivedMessage.From(context), queue, time.GetUtcNow()), context.CancellationToken));

    private sealed class LaidAside<T>(Func<T, Task> write) : IFilter<T> where T : class, ReceiveContext
    {
        public async Task Send(T context, IPipe<T> next)
        {
            await write(context);
            await next.Send(context);
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("deadLetterRow");
    }

    private async Task WriteAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + Patience;
        while (true)
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var db = scope.ServiceProvider.GetRequiredService<TDbContext>();
                db.Add(letter);
                await db.SaveChangesAsync(cancellationToken);
                metrics.DeadLettered(ServiceName.Of<TDbContext>());
                return;
            }
            catch (Exception problem) when (DatabaseErrors.IsUnreachable(problem) && time.GetUtcNow() < until)
            {
                using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }
    }
}
