using System.ComponentModel.DataAnnotations;

namespace Aerona.Search.Backends;

/// <summary>How to reach Elasticsearch, 8 or later; without an address flights are listed from Lucene.</summary>
internal sealed class ElasticsearchOptions : IValidatableObject
{
    public const string Section = "Search:Elasticsearch";

    /// <summary>Address, such as <c>https://elasticsearch:9200</c>.</summary>
    [Required] public string Url { get; init; } = "";

    /// <summary>With <see cref="Password"/>; or <see cref="ApiKey"/> alone.</summary>
    public string? Username { get; init; }

    public string? Password { get; init; }

    /// <summary>As Elasticsearch encodes it (base64 of id and key).</summary>
    public string? ApiKey { get; init; }

    /// <summary>The alias that lists are asked of; indexes are named after it. Several installations in one cluster have one each.</summary>
    [RegularExpression("[a-z][a-z0-9-]{0,63}")] public string Alias { get; init; } = "aerona-flights";

    [Range(1, 100)] public int Shards { get; init; } = 1;

    [Range(0, 10)] public int Replicas { get; init; } = 1;

    /// <summary>Longest wait for one call.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")] public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Flights that one request writes, at most; fewer while the cluster says that it is too much.</summary>
    [Range(10, 10_000)] public int FlightsAtOnce { get; init; } = 1_000;

    /// <summary>How often a request is sent again that the cluster had no room for.</summary>
    [Range(0, 100)] public int Retries { get; init; } = 10;

    /// <summary>The first wait before that; each is twice the one before, up to ten seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:10")] public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(200);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0 || url.Query.Length > 0)
        {
            yield return new($"{Section}:{nameof(Url)} must be http(s)://host:port; user and password have settings of their own.", [nameof(Url)]);
        }

        if (Username is null != Password is null)
        {
            yield return new($"{Section}:{nameof(Username)} and {nameof(Password)} are set together or not at all.", [nameof(Username)]);
        }

        if (Username is not null && ApiKey is not null)
        {
            yield return new($"{Section}:{nameof(ApiKey)} is set instead of {nameof(Username)} and {nameof(Password)}, not beside them.", [nameof(ApiKey)]);
        }
    }
}
