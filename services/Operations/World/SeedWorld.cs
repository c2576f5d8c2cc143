using System.ComponentModel.DataAnnotations;

namespace Aerona.Operations.World;

/// <summary>How the seed world is made; section <c>World</c>.</summary>
internal sealed class WorldOptions
{
    /// <summary>Days after today that have flights; today has them too. 0: no seed world at all.</summary>
    [Range(0, 330)] public int Days { get; init; } = 30;

    /// <summary>Another seed makes another world. Of use before the first start only: a world goes on with the seed it was begun with.</summary>
    public long Seed { get; init; } = 20_010_301;
}

/// <summary>How far the seed world has come; one row. It is saved with the flights it counts, so that a killed process goes on exactly there.</summary>
internal sealed class SeedWorld
{
    /// <summary>The only row's key.</summary>
    public const int TheOne = 1;

    public int Id { get; init; } = TheOne;

    public required long Seed { get; init; }

    /// <summary>Local date of departure of the next flight to publish.</summary>
    public required DateOnly NextDay { get; set; }

    /// <summary>How many flights of that day are published.</summary>
    public int NextOrdinal { get; set; }

    /// <summary>Flights published since the world began.</summary>
    public int Published { get; set; }
}
