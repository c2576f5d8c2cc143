using System.ComponentModel.DataAnnotations;

namespace Aerona.Files;

/// <summary>The bucket that documents are kept in; section <c>S3</c>.</summary>
internal sealed class S3Options
{
    /// <summary>Private; it must be there.</summary>
    [Required, RegularExpression("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", ErrorMessage = "must be 3 to 63 lower-case letters, digits, dots and hyphens.")]
    public string Bucket { get; init; } = "";

    /// <summary>An S3-compatible server; null: Amazon's in that region.</summary>
    [Url] public string? Endpoint { get; init; }

    /// <summary>The same server as browsers reach it, for links; null: <see cref="Endpoint"/>.</summary>
    [Url] public string? PublicEndpoint { get; init; }

    /// <summary>Of the bucket; part of every signature.</summary>
    [Required] public string Region { get; init; } = "us-east-1";

    /// <summary>Null: what the machine is given by Amazon.</summary>
    public string? AccessKey { get; init; }

    /// <summary>With <see cref="AccessKey"/>.</summary>
    public string? SecretKey { get; init; }

    /// <summary>The bucket in the path instead of the host name; null: with an <see cref="Endpoint"/>.</summary>
    public bool? ForcePathStyle { get; init; }

    /// <summary>Longest wait for one try.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")] public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
