namespace Aerona.Airlines.Fetching;

/// <summary>How the regular fetch of a route and day stands; what makes it go on where it was.</summary>
internal sealed class FetchedRoute
{
    public required string Supplier { get; init; }

    /// <summary><c>CDG-NCE</c>.</summary>
    public required string Route { get; init; }

    /// <summary>Local day at the origin.</summary>
    public required DateOnly DepartsOn { get; init; }

    /// <summary>UTC, the last try; null: never yet.</summary>
    public DateTimeOffset? TriedAt { get; set; }

    /// <summary>UTC, the last one that brought everything or a part.</summary>
    public DateTimeOffset? FetchedAt { get; set; }

    /// <summary>Whether it was said or known to be a part only.</summary>
    public bool IsPartial { get; set; }

    /// <summary>Flights published.</summary>
    public int Flights { get; set; }

    /// <summary>Offers that cannot be sold here.</summary>
    public int Skipped { get; set; }

    /// <summary>Stable code of the last failure; null after a success.</summary>
    public string? Problem { get; set; }
}
