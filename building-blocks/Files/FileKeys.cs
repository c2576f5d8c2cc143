using System.Text.RegularExpressions;
using Microsoft.AspNetCore.StaticFiles;

namespace Aerona.Files;

/// <summary>Keys of <see cref="IFileStore"/>: the same in a folder and in a bucket.</summary>
internal static partial class FileKeys
{
    private const int Longest = 200;

    private static readonly FileExtensionContentTypeProvider ContentTypes = new();

    /// <summary>The key itself; throws <see cref="ArgumentException"/> for what is none.</summary>
    public static string Check(string key) => key.Length <= Longest && Keys().IsMatch(key)
        ? key
        : throw new ArgumentException("a key is parts of lower-case letters, digits, '-', '_' and '.', each starting with a letter or digit, joined by '/'", nameof(key));

    /// <summary>The prefix itself; throws <see cref="ArgumentException"/> for what none of our keys begins with.</summary>
    public static string CheckPrefix(string prefix) => prefix.EndsWith('/') && prefix.Length <= Longest && Keys().IsMatch(prefix[..^1])
        ? prefix
        : throw new ArgumentException("a prefix is the first parts of a key and ends in '/'", nameof(prefix));

    /// <summary>Throws unless the type is the one that the key's ending stands for.</summary>
    public static void CheckType(string key, string contentType)
    {
        if (ContentType(key) != contentType)
            throw new ArgumentException($"the ending of '{key}' stands for {ContentType(key)}, not {contentType}", nameof(contentType));
    }

    /// <summary>Throws unless links may be valid for that long: more than nothing, at most a day.</summary>
    public static void CheckLife(TimeSpan validFor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(validFor, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(validFor, TimeSpan.FromDays(1));
    }

    /// <summary>The media type that the ending of a key stands for; <c>application/octet-stream</c> for one not known.</summary>
    public static string ContentType(string key) => ContentTypes.TryGetContentType(key, out var type) ? type : "application/octet-stream";

    // No part can start with a dot, so none is '..' or a temporary file.
    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Keys();
}
