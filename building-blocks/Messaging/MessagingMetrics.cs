using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Aerona.Messaging;

/// <summary>What the bus tells about itself: the meter <c>Aerona.Messaging</c>.</summary>
internal sealed class MessagingMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly ConcurrentDictionary<string, double> _oldest = new(StringComparer.Ordinal);
    private readonly Counter<long> _relayed;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _redeliveries;

    public MessagingMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Aerona.Messaging");
        _relayed = _meter.CreateCounter<long>("aerona.outbox.sent", "{message}", "Messages sent from an outbox");
        _duplicates = _meter.CreateCounter<long>("aerona.inbox.duplicates", "{message}", "Messages that came again and were dropped");
        _deadLetters = _meter.CreateCounter<long>("aerona.dead_letters", "{message}", "Messages given up and kept for a person");
        _redeliveries = _meter.CreateCounter<long>("aerona.redeliveries", "{message}", "Messages that failed and come again later");
        _meter.CreateObservableGauge(
            "aerona.outbox.oldest", () => _oldest.Select(pair => new Measurement<double>(pair.Value, Tag(pair.Key))), "s",
            "Age of the oldest due row in an outbox");
    }

    public void OldestRow(string database, TimeSpan age) => _oldest[database] = age.TotalSeconds;

    public void Relayed(string database) => _relayed.Add(1, Tag(database));

    public void Duplicate(string database) => _duplicates.Add(1, Tag(database));

    public void DeadLettered(string database) => _deadLetters.Add(1, Tag(database));

    public void Redelivered(string database) => _redeliveries.Add(1, Tag(database));

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(string database) => new("database", database);
}
