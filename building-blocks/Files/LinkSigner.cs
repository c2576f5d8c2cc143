using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Aerona.Files;

/// <summary>
/// Signs what this installation hands out to be shown again: HMAC-SHA256 with a key of 32 random bytes, made at the first use and kept in
/// <c>{Data:Folder}/keys/links.key</c>, readable by its owner alone.
/// </summary>
public sealed class LinkSigner
{
    private readonly Lazy<byte[]> key;

    private LinkSigner(Func<byte[]> read) => key = new(read);

    internal LinkSigner(string folder)
        : this(() => ReadOrMake(Path.Combine(folder, "keys", "links.key")))
    {
    }

    /// <summary>By the file that is set, which must be there; else by one that is made in the folder.</summary>
    internal static LinkSigner Of(FilesOptions options) => options.LinkKeyFile is { } file ? new(() => Read(file)) : new(options.Folder);

    /// <summary>The signature, base64url, 43 characters. One purpose's signature does not hold for another.</summary>
    public string Sign(string purpose, string text) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(key.Value, Encoding.UTF8.GetBytes($"{purpose}\n{text}")));

    /// <summary>Whether the signature was made by <see cref="Sign"/>; compared in constant time.</summary>
    public bool IsGenuine(string purpose, string text, string signature) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Sign(purpose, text)), Encoding.UTF8.GetBytes(signature));

    private static byte[] ReadOrMake(string path)
    {
        if (!File.Exists(path))
            Make(path);

        return Read(path);
    }

    private static byte[] Read(string path) =>
        File.ReadAllBytes(path) is { Length: 32 } key ? key : throw new InvalidDataException($"{path} holds no key of 32 bytes");

    private static void Make(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        using (var file = new FileStream(temporary, options))
        {
            file.Write(RandomNumberGenerator.GetBytes(32));
            file.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(temporary, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(temporary);   // another process was quicker: its key is the key
        }
    }
}
