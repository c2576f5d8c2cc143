using Aerona.Contracts;
using Aerona.Contracts.Operations;

namespace Aerona.Search.Indexing;

/// <summary>
/// A dated flight as last heard of: <c>known_flight</c>. The table is what everything else in Search is made from, the Lucene index first of all; all that can be lost
/// at any time. Who keeps something of their own reads on from the last <see cref="Row"/> they have, in that order: whatever is committed later has a higher one.
/// </summary>
internal sealed class KnownFlight
{
    /// <summary><see cref="FlightDesignator.OnDate"/>.</summary>
    public required string Id { get; init; }

    /// <summary>Place in the order of changes: a flight that changes, or whose seats do, gets the next number. The indexer reads on from the last it has.</summary>
    public long Row { get; set; }

    /// <summary>The first <see cref="Row"/> it had. As long as both are the same, whoever has read up to a lower one has never met it.</summary>
    public long FirstRow { get; init; }

    /// <summary>Of the flight, from Operations.</summary>
    public long Version { get; set; }

    /// <summary>Local date at the origin.</summary>
    public DateOnly DepartsOn { get; set; }

    /// <summary>The published flight, <see cref="PackedFlight"/>.</summary>
    public required byte[] Flight { get; set; }

    /// <summary>The flight as published.</summary>
    public PublishedFlight Published() => PackedFlight.Read(Flight);
}

/// <summary>What is left of a cabin, as last heard of; may be known before the flight is.</summary>
internal sealed class CabinSeats
{
    public required string FlightId { get; init; }

    public required Cabin Cabin { get; init; }

    /// <summary>Seats that can still be sold.</summary>
    public int Left { get; set; }

    /// <summary>Of this cabin, from Airlines.</summary>
    public long Version { get; set; }
}

/// <summary>
/// The last row number given away; one row, locked by whoever gives some away, so that numbers become visible in their order and the indexer never passes
/// over one that is committed late.
/// </summary>
internal sealed class IndexPosition
{
    /// <summary>The only row's key.</summary>
    public const int TheOne = 1;

    public int Id { get; init; } = TheOne;

    public long LastRow { get; set; }

    /// <summary>Which table this is; an index made from another one is of no use. Set by the first indexer that sees it.</summary>
    public Guid Epoch { get; set; }

    public long Next() => ++LastRow;
}
