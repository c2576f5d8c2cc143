using System.ComponentModel.DataAnnotations;

namespace Aerona.Hosting;

/// <summary>One or more addresses of a service, joined by <c>;</c>: its replicas. Absolute, http or https, without query and fragment.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ServiceAddressesAttribute : ValidationAttribute
{
    /// <summary>The rule, for people.</summary>
    public ServiceAddressesAttribute()
        : base("must be an absolute http or https address without query, or several joined by ';'")
    {
    }

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is null || (value is string text && Parse(text).All(address => address is not null) && Parse(text).Any());

    /// <summary>The addresses, each ending in a slash.</summary>
    public static IReadOnlyList<Uri> Read(string text) => [.. Parse(text).OfType<Uri>()];

    private static IEnumerable<Uri?> Parse(string text) => text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(part =>
        Uri.TryCreate(part.TrimEnd('/') + "/", UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps) && address.Query == "" && address.Fragment == "" && address.UserInfo == ""
            ? address
            : null);
}
