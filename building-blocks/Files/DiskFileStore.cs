using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Options;

namespace Aerona.Files;

/// <summary>Files below <c>{Data:Folder}/documents</c>. A reader sees the old bytes or the new ones, also after a crash, never half of them.</summary>
internal sealed class DiskFileStore(IOptions<FilesOptions> options, LinkSigner signer, TimeProvider clock) : IFileStore
{
    private const string Purpose = "file";

    private readonly string root = Path.GetFullPath(Path.Combine(options.Value.Folder, "documents"));

    public async Task PutAsync(string key, ReadOnlyMemory<byte> content, string contentType, CancellationToken cancellationToken)
    {
        FileKeys.CheckType(key, contentType);
        var path = PathOf(key);
        await AtomicFile.WriteAsync(path, content, cancellationToken);
        File.SetLastWriteTimeUtc(path, clock.GetUtcNow().UtcDateTime);
    }

    public async Task<byte[]?> GetAsync(string key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return File.Exists(path) ? await File.ReadAllBytesAsync(path, cancellationToken) : null;
    }

    public Uri Link(string key, string fileName, TimeSpan validFor)
    {
        FileKeys.CheckLife(validFor);
        _ = PathOf(key);
        var expires = clock.GetUtcNow().Add(validFor).ToUnixTimeSeconds();
        var content = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{expires}\n{key}\n{fileName}")));
        return new($"{options.Value.PublicBaseUrl}/files/{content}.{signer.Sign(Purpose, content)}");
    }

    // One folder's names are held at a time: embedded they are few.
    public async IAsyncEnumerable<StoredFile> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = PathOf(FileKeys.CheckPrefix(prefix)[..^1]);
        if (!Directory.Exists(folder))
            yield break;

        var files = new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => !file.Name.StartsWith('.'))
            .Select(file => new StoredFile(Path.GetRelativePath(root, file.FullName).Replace(Path.DirectorySeparatorChar, '/'), file.LastWriteTimeUtc));
        foreach (var file in files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return file;
        }
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        if (Directory.Exists(Path.GetDirectoryName(path)))
            File.Delete(path);

        return Task.CompletedTask;
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

    private string PathOf(string key) => Path.Combine(root, Path.Combine(FileKeys.Check(key).Split('/')));
}

/// <summary>What a link stands for.</summary>
internal sealed record FileLink(string Key, string FileName, DateTimeOffset ExpiresAt);
