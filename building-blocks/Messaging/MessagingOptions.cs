using System.ComponentModel.DataAnnotations;

namespace Aerona.Messaging;

/// <summary>How the bus of a process behaves; section <c>Messaging</c>.</summary>
public sealed class MessagingOptions
{
    /// <summary>Whether this process sends what stands in its outboxes. Without, rows stay until another process sends them.</summary>
    public bool RelayEnabled { get; init; } = true;

    /// <summary>The longest time between two looks for rows that the fast path missed; a due row known to this process is found at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")] public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a row belongs to the process that is about to send it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")] public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest one send may take.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")] public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a row that is itself to blame is tried before it becomes a dead letter.</summary>
    [Range(1, 100)] public int SendAttempts { get; init; } = 5;

    /// <summary>The most rows taken at one look.</summary>
    [Range(1, 1000)] public int BatchSize { get; init; } = 200;

    /// <summary>Messages of one queue handled at once.</summary>
    [Range(1, 1000)] public int ConcurrentMessageLimit { get; init; } = 16;

    /// <summary>Messages of one queue that RabbitMQ hands to this process before they are handled; at least <see cref="ConcurrentMessageLimit"/> keeps it busy.</summary>
    [Range(1, 10_000)] public int PrefetchCount { get; init; } = 32;

    /// <summary>The longest the host waits, when it stops, for messages in hand; what is not done by then goes back to its queue.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>After how long a message that failed comes again; once for each, then it becomes a dead letter. 2 s, 10 s, 1, 5 and 15 min unless set.</summary>
    public TimeSpan[] RedeliveryIntervals { get; set; } = [];

    /// <summary>How long the inbox remembers a message; longer than the longest redelivery and outage.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "90.00:00:00")] public TimeSpan InboxRetention { get; init; } = TimeSpan.FromDays(7);

    internal static TimeSpan[] DefaultRedeliveryIntervals =>
        [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15)];
}
