namespace Aerona.Files;

/// <summary>Private storage of documents: a folder embedded, S3 distributed.</summary>
public interface IFileStore
{
    /// <summary>Stores it whole or not at all; the same key again replaces it.</summary>
    /// <param name="key">
    /// Parts of lower-case letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, each starting with a letter or digit, joined by <c>/</c>; at most 200 characters.
    /// Anything else throws <see cref="ArgumentException"/>.
    /// </param>
    /// <param name="content">The bytes.</param>
    /// <param name="contentType">Media type; must be the one that the key's ending stands for.</param>
    /// <param name="cancellationToken">Stops writing; nothing is stored then.</param>
    Task PutAsync(string key, ReadOnlyMemory<byte> content, string contentType, CancellationToken cancellationToken);

    /// <summary>The bytes, or null when there is nothing under that key.</summary>
    Task<byte[]?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// An address that anybody may fetch it from until it expires, so it is made after authorisation and never put into a mail. Downloads under that file name.
    /// </summary>
    /// <param name="key">As stored.</param>
    /// <param name="fileName">What the browser saves it as.</param>
    /// <param name="validFor">More than nothing, at most a day.</param>
    Uri Link(string key, string fileName, TimeSpan validFor);

    /// <summary>What lies under keys that begin so, in the ordinal order of the keys. Files that are put or deleted meanwhile may be in it or not.</summary>
    /// <param name="prefix">Parts of a key, ending in <c>/</c>.</param>
    /// <param name="cancellationToken">Stops.</param>
    IAsyncEnumerable<StoredFile> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Removes it for good; nothing happens when there is nothing under that key.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);
}

/// <summary>A file in the store.</summary>
/// <param name="Key">As stored.</param>
/// <param name="WrittenAt">UTC, when it was put there last.</param>
public sealed record StoredFile(string Key, DateTimeOffset WrittenAt);
