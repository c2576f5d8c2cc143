using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Aerona.Messaging;

/// <summary>What the bus tells about itself: the meter <c>Aerona.Messaging</c>; docs/observability.md says what is normal.</summary>
internal sealed class MessagingMetrics : IDisposable
{
    /// <summary>Whose: the service's name in lower case.</summary>
    public const string DatabaseTag = "aerona.database";

    private readonly Meter _meter;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, DateTimeOffset?> _due = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset?> _failing = new(StringComparer.Ordinal);
    private readonly Counter<long> _relayed;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _redeliveries;
    private readonly Counter<long> _retries;

    public MessagingMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        _meter = meters.Create("Aerona.Messaging");
        _relayed = _meter.CreateCounter<long>("aerona.outbox.sent", "{message}", "Messages sent from an outbox");
        _duplicates = _meter.CreateCounter<long>("aerona.inbox.duplicates", "{message}", "Messages that came again and were dropped");
        _deadLetters = _meter.CreateCounter<long>("aerona.dead_letters", "{message}", "Messages given up and kept for a person");
        _redeliveries = _meter.CreateCounter<long>("aerona.redeliveries", "{message}", "Messages that failed and come again later");
        _retries = _meter.CreateCounter<long>("aerona.retries", "{attempt}", "Attempts repeated at once because the database refused one");
        _meter.CreateObservableGauge("aerona.outbox.oldest_age", Oldest, "s", "How long the oldest message that is due waits to be sent");
    }

    /// <summary>What a look at the table found.</summary>
    /// <param name="database">Whose.</param>
    /// <param name="since">When the row that is due longest became so; null: none is.</param>
    public void OldestDue(string database, DateTimeOffset? since) => _due[database] = since;

    /// <summary>Since when some destination takes no messages; null: all do. Each try moves its rows on, so the table alone would make them look young.</summary>
    public void FailingSince(string database, DateTimeOffset? since) => _failing[database] = since;

    public void Relayed(string database) => _relayed.Add(1, Tag(database));

    public void Duplicate(string database) => _duplicates.Add(1, Tag(database));

    public void DeadLettered(string database) => _deadLetters.Add(1, Tag(database));

    public void Redelivered(string database) => _redeliveries.Add(1, Tag(database));

    /// <summary>One more attempt at that queue.</summary>
    public void Retried(string queue) => _retries.Add(1, new KeyValuePair<string, object?>("messaging.destination.name", queue));

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<double>> Oldest()
    {
        var now = _time.GetUtcNow();
        foreach (var (database, due) in _due)
        {
            var since = new[] { due, _failing.GetValueOrDefault(database) }.Min();
            yield return new(since < now ? (now - since.Value).TotalSeconds : 0, Tag(database));
        }
    }

    private static KeyValuePair<string, object?> Tag(string database) => new(DatabaseTag, database);
}
