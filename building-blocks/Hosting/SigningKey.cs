using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Aerona.Persistence;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Aerona.Hosting;

/// <summary>The key that signs this installation's tokens: EC on P-256, from a PEM file.</summary>
internal sealed class SigningKey : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly ECDsa key;

    public SigningKey(IOptions<TokensOptions> tokens, IOptions<DataOptions> data)
    {
        key = Read(tokens.Value.SigningKeyFile ?? MadeWhenMissing(Path.Combine(data.Value.Folder, "keys", "signing.pem")));
        // The key's own fingerprint (RFC 7638), so that tokens of another key are told apart before their signature is tried.
        // A cache of its own: the shared one would hand out signers of a key that another host of this process has disposed of.
        Key = new ECDsaSecurityKey(key) { CryptoProviderFactory = new CryptoProviderFactory() };
        Key.KeyId = Base64UrlEncoder.Encode(Key.ComputeJwkThumbprint());
    }

    public ECDsaSecurityKey Key { get; }

    /// <summary>A secret of 32 bytes that only holders of the key can make; another for each purpose.</summary>
    public byte[] Derive(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key.ExportParameters(includePrivateParameters: true).D!, 32, info: System.Text.Encoding.ASCII.GetBytes($"aerona {purpose}"));

    public void Dispose() => key.Dispose();

    private static ECDsa Read(string file)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            return key.ExportParameters(includePrivateParameters: true).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value
                ? key
                : throw new CryptographicException("the curve is not P-256");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new SettingException("Tokens:SigningKeyFile", $"{file} holds no EC private key on P-256 in PEM: {problem.Message}", problem);
        }
    }

    private static string MadeWhenMissing(string file)
    {
        if (File.Exists(file))
        {
            return file;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        CreatePrivateFolder(folder);
        var draft = Path.Combine(folder, $"{Guid.NewGuid():N}.draft");
        try
        {
            using (var made = ECDsa.Create(ECCurve.NamedCurves.nistP256))
            using (var stream = new FileStream(draft, Exclusively()))
            {
                stream.Write(System.Text.Encoding.ASCII.GetBytes(made.ExportPkcs8PrivateKeyPem()));
                stream.Flush(flushToDisk: true);
            }

            TakeTheName(draft, file);
        }
        finally
        {
            File.Delete(draft);
        }

        return file;
    }

    private static void CreatePrivateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    private static FileStreamOptions Exclusively()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return options;
    }

    /// <summary>
    /// Gives the whole file its name, or leaves the name to whoever was faster. Two processes may start at once, and both must end with one key; File.Move
    /// looks first and renames then, so the second would overwrite the first on Unix. A hard link cannot.
    /// </summary>
    private static void TakeTheName(string draft, string file)
    {
        if (!OperatingSystem.IsWindows())
        {
            if (HardLink(draft, file) != 0 && !File.Exists(file))
            {
                throw new IOException($"cannot create {file}: {Marshal.GetLastPInvokeErrorMessage()}");
            }

            return;
        }

        try
        {
            File.Move(draft, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            // The other process was faster; its key is everybody's.
        }
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int HardLink([MarshalAs(UnmanagedType.LPUTF8Str)] string existing, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);
}
