namespace Aerona.Search.Caching;

/// <summary>What is remembered of searches.</summary>
internal sealed class SearchCacheOptions
{
    public const string Section = "Search:Cache";

    /// <summary>False: everything is worked out again each time, to measure what that takes.</summary>
    public bool Enabled { get; init; } = true;
}
