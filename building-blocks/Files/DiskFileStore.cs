using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.Options;

namespace Aerona.Files;

/// <summary>Files below <c>{Data:Folder}/documents</c>. A reader sees the old bytes or the new ones, also after a crash, never half of them.</summary>
internal sealed partial class DiskFileStore(IOptions<FilesOptions> options, LinkSigner signer, TimeProvider clock) : IFileStore
{
    private const string Purpose = "file";

    private static readonly FileExtensionContentTypeProvider ContentTypes = new();

    private readonly string root = Path.GetFullPath(Path.Combine(options.Value.Folder, "documents"));

    public async Task PutAsync(string key, ReadOnlyMemory<byte> content, string contentType, CancellationToken cancellationToken)
    {
        if (ContentType(key) != contentType)
            throw new ArgumentException($"the ending of '{key}' stands for {ContentType(key)}, not {contentType}", nameof(contentType));

        await AtomicFile.WriteAsync(PathOf(key), content, cancellationToken);
    }

    public async Task<byte[]?> GetAsync(string key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return File.Exists(path) ? await File.ReadAllBytesAsync(path, cancellationToken) : null;
    }

    public Uri Link(string key, string fileName, TimeSpan validFor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(validFor, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(validFor, TimeSpan.FromDays(1));
        _ = PathOf(key);
        var expires = clock.GetUtcNow().Add(validFor).ToUnixTimeSeconds();
        var content = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{expires}\n{key}\n{fileName}")));
        return new($"{options.Value.PublicBaseUrl}/files/{content}.{signer.Sign(Purpose, content)}");
    }

    /// <summary>What a link stands for, or null when it was not made here or was changed.</summary>
    public FileLink? Read(string token)
    {
        if (token.Split('.') is not [var content, var signature] || !signer.IsGenuine(Purpose, content, signature))
            return null;

        // Signed, hence written by Link: three parts, and only the last may hold a line break.
        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(content)).Split('\n', 3);
        return new(parts[1], parts[2], DateTimeOffset.FromUnixTimeSeconds(long.Parse(parts[0], CultureInfo.InvariantCulture)));
    }

    /// <summary>The media type that the ending of a key stands for; <c>application/octet-stream</c> for one not known.</summary>
    public static string ContentType(string key) => ContentTypes.TryGetContentType(key, out var type) ? type : "application/octet-stream";

    private string PathOf(string key) => key.Length <= 200 && Keys().IsMatch(key)
        ? Path.Combine(root, Path.Combine(key.Split('/')))
        : throw new ArgumentException("a key is parts of lower-case letters, digits, '-', '_' and '.', each starting with a letter or digit, joined by '/'", nameof(key));

    // No part can start with a dot, so none is '..' or a temporary file.
    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Keys();
}

/// <summary>What a link stands for.</summary>
internal sealed record FileLink(string Key, string FileName, DateTimeOffset ExpiresAt);
