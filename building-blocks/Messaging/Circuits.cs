using System.Collections.Concurrent;

namespace Aerona.Messaging;

/// <summary>Destinations that do not take messages now, each with its own growing pause, so that one dead destination starves no other.</summary>
internal sealed class Circuits(TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Pause> _pauses = new(StringComparer.Ordinal);

    /// <summary>Destinations not to be tried at the moment.</summary>
    public IReadOnlyList<string> Open => _pauses.IsEmpty ? [] : [.. _pauses.Where(pause => pause.Value.Until > time.GetUtcNow()).Select(pause => pause.Key)];

    /// <summary>When the first of those that still fail began to; null when none does.</summary>
    public DateTimeOffset? FailingSince => _pauses.IsEmpty ? null : _pauses.Values.Min(pause => (DateTimeOffset?)pause.Since);

    public bool IsOpen(string destination) => _pauses.TryGetValue(destination, out var pause) && pause.Until > time.GetUtcNow();

    /// <summary>Opens for longer each time; true when it was closed before.</summary>
    public bool Fail(string destination)
    {
        var fresh = !_pauses.ContainsKey(destination);
        _pauses.AddOrUpdate(
            destination,
            _ => new(time.GetUtcNow() + First, First, time.GetUtcNow()),
            (_, last) => last.Until > time.GetUtcNow() ? last : Longer(last));
        return fresh;
    }

    public void Succeed(string destination)
    {
        if (!_pauses.IsEmpty)
        {
            _pauses.TryRemove(destination, out _);
        }
    }

    private Pause Longer(Pause last)
    {
        var longer = last.Length * 2 < Longest ? last.Length * 2 : Longest;
        return new(time.GetUtcNow() + longer, longer, last.Since);
    }

    private sealed record Pause(DateTimeOffset Until, TimeSpan Length, DateTimeOffset Since);
}
