using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Aerona.Persistence;
using Microsoft.Extensions.Options;

namespace Aerona.Users.Keys;

/// <summary>
/// The one secret that is not in the database. What the database holds that could be used by whoever reads it (signing keys, secrets of
/// code generators) is sealed by it, and form tokens, steps of a sign-in and pseudonyms are made with it.
/// </summary>
internal sealed class MasterKey
{
    private const int Length = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly byte[] key;

    public MasterKey(IOptions<UsersOptions> users, IOptions<DataOptions> data) => key = users.Value.MasterSecret is { } secret
        ? Encoding.UTF8.GetBytes(secret)
        : File.ReadAllBytes(MadeWhenMissing(Path.Combine(data.Value.Folder, "keys", "users.key")));

    /// <summary>32 bytes for one purpose, from which no other's can be found.</summary>
    public byte[] Derive(string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, Length, info: Encoding.ASCII.GetBytes($"aerona users {purpose}"));

    /// <summary>Encrypted and bound to what it is (AES-256-GCM): sealed for one purpose it opens for no other.</summary>
    public byte[] Seal(string purpose, ReadOnlySpan<byte> content)
    {
        var sealedContent = new byte[NonceLength + content.Length + TagLength];
        var nonce = sealedContent.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(Derive($"seal {purpose}"), TagLength);
        aes.Encrypt(nonce, content, sealedContent.AsSpan(NonceLength, content.Length), sealedContent.AsSpan(NonceLength + content.Length));
        return sealedContent;
    }

    /// <summary>Null when it was not sealed here for that purpose.</summary>
    public byte[]? Open(string purpose, ReadOnlySpan<byte> sealedContent)
    {
        if (sealedContent.Length < NonceLength + TagLength)
        {
            return null;
        }

        var content = new byte[sealedContent.Length - NonceLength - TagLength];
        using var aes = new AesGcm(Derive($"seal {purpose}"), TagLength);
        try
        {
            aes.Decrypt(sealedContent[..NonceLength], sealedContent[NonceLength..^TagLength], sealedContent[^TagLength..], content);
            return content;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>The same text gives the same pseudonym, which says nothing about it without the key; 43 characters.</summary>
    public string Pseudonym(string purpose, string text) => Base64Url.EncodeToString(HMACSHA256.HashData(Derive($"pseudonym {purpose}"), Encoding.UTF8.GetBytes(text)));

    private static string MadeWhenMissing(string file)
    {
        if (File.Exists(file))
        {
            return file;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var draft = $"{file}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(draft, options))
        {
            stream.Write(RandomNumberGenerator.GetBytes(Length));
            stream.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(draft, file);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(draft);   // another process was quicker: its key is the key
        }

        return file;
    }
}
