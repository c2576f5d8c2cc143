namespace Aerona.Search.PriceHistory;

/// <summary>What a nonstop flight of a route and day cost at the least on a day, as last seen on it; written when it has changed.</summary>
internal sealed class PriceObservation
{
    /// <summary>IATA airport.</summary>
    public required string Origin { get; init; }

    /// <summary>IATA airport.</summary>
    public required string Destination { get; init; }

    /// <summary>Local date at the origin.</summary>
    public required DateOnly DepartsOn { get; init; }

    /// <summary>In UTC.</summary>
    public required DateOnly ObservedOn { get; init; }

    /// <summary>ISO 4217; the flight's own.</summary>
    public required string Currency { get; init; }

    /// <summary>One adult in economy, charges and taxes included, in minor units; null: nothing was sold any more.</summary>
    public long? Lowest { get; init; }

    /// <summary>The row of <c>known_flight</c> up to which was looked: a later look replaces an earlier one of the same day.</summary>
    public required long Version { get; init; }
}
