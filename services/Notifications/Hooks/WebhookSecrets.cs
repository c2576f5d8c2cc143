using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using Aerona.Persistence;
using Microsoft.Extensions.Options;

namespace Aerona.Notifications.Hooks;

/// <summary>Webhooks that we send; section <c>Webhooks</c>.</summary>
internal sealed class WebhooksOptions
{
    /// <summary>What secrets of endpoints are sealed with in the database; at least 32 characters. Null: a key of this data folder's own (<c>keys/webhooks.key</c>).</summary>
    [MinLength(32)] public string? SealingSecret { get; init; }

    /// <summary>How long an endpoint may take to answer.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:30")] public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After failing for so long without a single success an endpoint is disabled.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")] public TimeSpan DisabledAfter { get; init; } = TimeSpan.FromHours(72);

    /// <summary>How long events stand in the feed, and deliveries in the log.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "365.00:00:00")] public TimeSpan KeptFor { get; init; } = TimeSpan.FromDays(30);
}

/// <summary>Makes secrets of endpoints, and keeps them sealed (AES-256-GCM), as they must be read again to sign.</summary>
internal sealed class WebhookSecrets
{
    public const string Prefix = "whsec_";

    private const int Nonce = 12;
    private const int Tag = 16;

    private readonly byte[] key;

    public WebhookSecrets(IOptions<WebhooksOptions> options, IOptions<DataOptions> data)
    {
        var secret = options.Value.SealingSecret ?? OwnKeys.ReadOrMake(data.Value.Folder, "webhooks.key", () => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), 32, info: "aerona webhook secrets"u8.ToArray());
    }

    /// <summary>256 bits by chance.</summary>
    public static string Make() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <param name="secret">As shown.</param>
    /// <param name="endpointId">Whose; sealed for another it cannot be opened.</param>
    public string Seal(string secret, Guid endpointId)
    {
        var plain = Encoding.ASCII.GetBytes(secret);
        var box = new byte[Nonce + Tag + plain.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, Nonce));
        using var cipher = new AesGcm(key, Tag);
        cipher.Encrypt(box.AsSpan(0, Nonce), plain, box.AsSpan(Nonce + Tag), box.AsSpan(Nonce, Tag), endpointId.ToByteArray());
        return Base64Url.EncodeToString(box);
    }

    /// <exception cref="CryptographicException">It was sealed with another <c>Webhooks:SealingSecret</c>.</exception>
    public string Open(string sealedSecret, Guid endpointId)
    {
        var box = Base64Url.DecodeFromChars(sealedSecret);
        var plain = new byte[box.Length - Nonce - Tag];
        using var cipher = new AesGcm(key, Tag);
        cipher.Decrypt(box.AsSpan(0, Nonce), box.AsSpan(Nonce + Tag), box.AsSpan(Nonce, Tag), plain, endpointId.ToByteArray());
        return Encoding.ASCII.GetString(plain);
    }
}
