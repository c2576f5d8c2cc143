namespace Aerona.Files;

/// <summary>Private storage of documents: a folder embedded, S3 distributed.</summary>
public interface IFileStore
{
    /// <summary>Stores it; the same key again replaces it.</summary>
    Task PutAsync(string key, ReadOnlyMemory<byte> content, string contentType, CancellationToken cancellationToken);

    /// <summary>The bytes, or null when there is nothing under that key.</summary>
    Task<byte[]?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>An address that anybody may fetch it from until it expires; downloads under that file name.</summary>
    Uri Link(string key, string fileName, TimeSpan validFor);
}
