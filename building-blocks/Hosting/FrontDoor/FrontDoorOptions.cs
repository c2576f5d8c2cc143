using System.ComponentModel.DataAnnotations;

namespace Aerona.Hosting;

/// <summary>How often one address and one user may ask; section <c>RateLimits</c>. What APIs of the trade allow: tens of searches a minute for each client, hundreds of other calls.</summary>
internal sealed class RateLimitOptions
{
    /// <summary>Times everything below. Far more than 1 where all callers share one address: tests, benches, an Aerona on one machine.</summary>
    [Range(0.001, 1_000_000.0)] public double Factor { get; init; } = 1;

    public ClassLimit Search { get; init; } = new() { PerAddress = 300, PerUser = 120 };

    public ClassLimit LookUp { get; init; } = new() { PerAddress = 20, PerUser = 20 };

    public ClassLimit SignIn { get; init; } = new() { PerAddress = 120, PerUser = 60 };

    public ClassLimit Pay { get; init; } = new() { PerAddress = 120, PerUser = 60 };

    public ClassLimit Webhook { get; init; } = new() { PerAddress = 6000, PerUser = 6000 };

    public ClassLimit Other { get; init; } = new() { PerAddress = 1200, PerUser = 600 };

    /// <summary>The limit of a class that is counted.</summary>
    public ClassLimit Of(RouteClass route) => route switch
    {
        RouteClass.Search => Search,
        RouteClass.LookUp => LookUp,
        RouteClass.SignIn => SignIn,
        RouteClass.Pay => Pay,
        RouteClass.Webhook => Webhook,
        _ => Other,
    };

    /// <summary>So many in a window, all at once if need be.</summary>
    internal sealed class ClassLimit
    {
        /// <summary>Of one address (IPv4) or network (IPv6, /64), whoever asks from there.</summary>
        [Range(1, 1_000_000)] public int PerAddress { get; set; }

        /// <summary>Of one user, wherever he asks from.</summary>
        [Range(1, 1_000_000)] public int PerUser { get; set; }

        [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(1);
    }
}

/// <summary>Whose pages may call the API from a browser; section <c>Cors</c>.</summary>
internal sealed class CorsOptions : IValidatableObject
{
    /// <summary>Scheme, host and port of each, such as <c>https://shop.example</c>; none: nobody's but our own.</summary>
    public List<string> Origins { get; init; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Origins
        .Where(origin => !(Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == origin))
        .Select(origin => new ValidationResult($"'{origin}' is no origin such as https://shop.example, without a slash at its end", [nameof(Origins)]));
}
