using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.Notifications.Hooks;
using Aerona.Notifications.Mail;
using Aerona.Persistence;
using Microsoft.Extensions.Options;

namespace Aerona.Notifications.Push;

/// <summary>Messages to browsers; section <c>Push</c>.</summary>
internal sealed class PushOptions
{
    /// <summary>
    /// The private key that push services know us by (RFC 8292): 32 bytes as base64url or hexadecimal. Null: a key of this data folder's own (<c>keys/push.key</c>). Another key
    /// makes every subscription useless.
    /// </summary>
    [RegularExpression("[0-9a-fA-F]{64}|[A-Za-z0-9_-]{43}", ErrorMessage = "must be 32 bytes as base64url or hexadecimal")]
    public string? PrivateKey { get; init; }

    /// <summary>Whom a push service may turn to: a mailto: or https: address. Null: <c>PublicBaseUrl</c>, if it is https.</summary>
    [RegularExpression("(mailto:|https://).+", ErrorMessage = "must begin with mailto: or https://")]
    public string? Contact { get; init; }

    /// <summary>How long a push service may take to answer.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:30")] public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Says to push services who sends (RFC 8292).</summary>
internal sealed class Vapid : IDisposable
{
    /// <summary>At most a day (RFC 8292, section 2).</summary>
    private static readonly TimeSpan ValidFor = TimeSpan.FromHours(12);

    private readonly ECDsa key;
    private readonly string? contact;

    public Vapid(IOptions<PushOptions> options, IOptions<MailOptions> mail, IOptions<DataOptions> data)
    {
        key = Read(options.Value.PrivateKey ?? OwnKeys.ReadOrMake(data.Value.Folder, "push.key", MakePrivateKey));
        PublicKey = Base64Url.EncodeToString(PushEncryption.Point(key.ExportParameters(includePrivateParameters: false)));
        contact = options.Value.Contact ?? (mail.Value.PublicBaseUrl is { } address && address.StartsWith("https:", StringComparison.Ordinal) ? address : null);
    }

    /// <summary>For browsers: the uncompressed point as base64url, 87 characters.</summary>
    public string PublicKey { get; }

    /// <summary>A private key: hexadecimal, 64 characters.</summary>
    public static string MakePrivateKey()
    {
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Convert.ToHexStringLower(made.ExportParameters(includePrivateParameters: true).D!);
    }

    /// <summary>The value of the Authorization header: <c>vapid t=…, k=…</c>.</summary>
    /// <param name="endpoint">The subscription's address; its origin alone is the audience.</param>
    /// <param name="now">UTC.</param>
    public string Authorization(Uri endpoint, DateTimeOffset now)
    {
        var claims = new JsonObject { ["aud"] = endpoint.GetLeftPart(UriPartial.Authority), ["exp"] = (now + ValidFor).ToUnixTimeSeconds() };
        if (contact is not null)
        {
            claims["sub"] = contact;
        }

        var signed = $"{Base64Url.EncodeToString("""{"typ":"JWT","alg":"ES256"}"""u8)}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        var signature = key.SignData(System.Text.Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"vapid t={signed}.{Base64Url.EncodeToString(signature)}, k={PublicKey}";
    }

    public void Dispose() => key.Dispose();

    private static ECDsa Read(string text)
    {
        try
        {
            return ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                D = text.Length == 64 ? Convert.FromHexString(text) : Base64Url.DecodeFromChars(text),
            });
        }
        catch (Exception problem) when (problem is CryptographicException or FormatException)
        {
            throw new Hosting.SettingException("Push:PrivateKey", "must be a private key on P-256: 32 bytes as base64url or hexadecimal", problem);
        }
    }
}
