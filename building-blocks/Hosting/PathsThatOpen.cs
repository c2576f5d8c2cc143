namespace Aerona.Hosting;

/// <summary>
/// Addresses whose last parts let their reader act: links in mails. They stand in no log and no trace; whoever reads those must not be able to open what they lead to.
/// </summary>
internal static class PathsThatOpen
{
    private static readonly string[] Prefixes = ["/manage/", "/verify/", "/files/", "/flight-news/", "/v1/push-notices/", "/account/"];

    /// <summary>The path as it may be noted: what comes after such a prefix is a star.</summary>
    public static string Noted(string? path) =>
        Array.Find(Prefixes, prefix => path?.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) == true) is { } prefix ? $"{prefix}*" : path ?? "";
}
