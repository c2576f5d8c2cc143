using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Aerona.Payments.Data;
using Aerona.Payments.PayPal;

namespace Aerona.Payments.Webhooks;

/// <summary>Whether PayPal sent an event.</summary>
internal enum Genuineness
{
    /// <summary>Signed by PayPal, for our webhook, and not a byte changed.</summary>
    Genuine,
    Forged,

    /// <summary>The certificate could not be had or is not good: PayPal itself must be asked.</summary>
    Unknown,
}

/// <summary>
/// Checks signatures here: RSA-SHA256 over <c>transmission id|time|our webhook id|CRC32 of the raw body</c>, with the certificate that the event names. That
/// address is a stranger's input: only PayPal's own hosts are asked for it, over HTTPS and without following redirects. How old an event is says nothing:
/// PayPal sends for three days.
/// </summary>
internal sealed class WebhookSignatures(
    IHttpClientFactory clients, PayPalOptions options, IHostEnvironment environment, TimeProvider time, ILogger<WebhookSignatures> log)
{
    public const string Client = "paypal-certificates";

    /// <summary>PayPal signs with nothing else.</summary>
    public const string Algorithm = "SHA256withRSA";

    /// <summary>Whom PayPal's certificates are for.</summary>
    public const string Subject = "messageverificationcerts.paypal.com";

    /// <summary>A certificate is fetched anew after that long.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    /// <summary>More addresses than PayPal ever uses at a time: whoever makes up more of them gets nothing kept.</summary>
    private const int MostKept = 20;

    private readonly ConcurrentDictionary<string, Kept> kept = new(StringComparer.Ordinal);

    private sealed record Kept(X509Certificate2 Certificate, DateTimeOffset Until);

    /// <summary>Judges with what is at hand, without asking anybody: <see cref="Genuineness.Unknown"/> when the certificate is not.</summary>
    public Genuineness CheckAtOnce(WebhookEvent received, string webhookId) =>
        !IsPossible(received, out var signature) ? Genuineness.Forged
        : Find(received.CertUrl) is { } certificate ? Check(received, webhookId, signature, certificate)
        : Genuineness.Unknown;

    /// <summary>Judges, and fetches the certificate for it if need be.</summary>
    public async Task<Genuineness> CheckAsync(WebhookEvent received, string webhookId, CancellationToken cancellationToken)
    {
        if (!IsPossible(received, out var signature))
        {
            return Genuineness.Forged;
        }

        var certificate = Find(received.CertUrl) ?? await FetchAsync(received.CertUrl, cancellationToken);
        return certificate is null ? Genuineness.Unknown : Check(received, webhookId, signature, certificate);
    }

    /// <summary>Whether PayPal's certificates are to be had at that address.</summary>
    public bool IsPayPals(string certUrl)
    {
        if (!Uri.TryCreate(certUrl, UriKind.Absolute, out var url) || url.UserInfo != "" || url.Fragment != "")
        {
            return false;
        }

        return Played is { } played
            ? url.AbsoluteUri.StartsWith(played, StringComparison.Ordinal)
            : url is { Scheme: "https", IsDefaultPort: true } && Hosts.Contains(url.IdnHost, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Where PayPal is played, its certificates are to be had where it is; never in Production.</summary>
    private string? Played
    {
        get
        {
            var host = new Uri(options.BaseUrl).IdnHost;
            return environment.IsProduction() || host == "paypal.com" || host.EndsWith(".paypal.com", StringComparison.OrdinalIgnoreCase)
                ? null : options.BaseUrl.TrimEnd('/') + "/v1/notifications/certs/";
        }
    }

    private string[] Hosts => options.CertificateHosts is { Length: > 0 } named ? named
        : new Uri(options.BaseUrl).IdnHost.Contains("sandbox", StringComparison.OrdinalIgnoreCase) ? ["api.sandbox.paypal.com", "api-m.sandbox.paypal.com"]
        : ["api.paypal.com", "api-m.paypal.com"];

    private bool IsPossible(WebhookEvent received, out byte[] signature)
    {
        signature = new byte[received.TransmissionSig.Length];
        var decoded = Convert.TryFromBase64String(received.TransmissionSig, signature, out var length);
        signature = signature[..length];
        return decoded && received.AuthAlgo == Algorithm && IsPayPals(received.CertUrl);
    }

    private static Genuineness Check(WebhookEvent received, string webhookId, byte[] signature, X509Certificate2 certificate)
    {
        var crc = Crc32.HashToUInt32(Encoding.UTF8.GetBytes(received.Body));
        var signed = Encoding.UTF8.GetBytes($"{received.TransmissionId}|{received.TransmissionTime}|{webhookId}|{crc}");
        using var key = certificate.GetRSAPublicKey();
        return key?.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) == true ? Genuineness.Genuine : Genuineness.Forged;
    }

    private X509Certificate2? Find(string certUrl) => kept.TryGetValue(certUrl, out var known) && known.Until > time.GetUtcNow() ? known.Certificate : null;

    private async Task<X509Certificate2?> FetchAsync(string certUrl, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        try
        {
            var pem = await GetAsync(certUrl, cancellationToken);
            var authority = Played is { } played ? await GetAsync(played + "authority", cancellationToken) : null;
            if (Trusted(pem, authority, now) is not { } certificate)
            {
                return null;
            }

            if (kept.Count >= MostKept)
            {
                kept.Clear();
            }

            kept[certUrl] = new(certificate, Earlier(now + Lifetime, certificate.NotAfter));
            return certificate;
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or CryptographicException
            || (problem is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            log.LogWarning("PayPal's certificate {CertUrl} could not be had: {Problem}", certUrl, problem.Message);
            return null;
        }
    }

    private async Task<string> GetAsync(string url, CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(Client);
        return await client.GetStringAsync(url, cancellationToken);
    }

    /// <summary>The first certificate, if the chain leads to an authority that is trusted, it is valid now, and it is for whom it must be.</summary>
    private X509Certificate2? Trusted(string pem, string? authority, DateTimeOffset now)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(pem);
        if (all.Count == 0)
        {
            log.LogWarning("What PayPal names as its certificate is none");
            return null;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;   // asking the authority's servers would make an event wait for them
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ExtraStore.AddRange(all);
        if (authority is not null)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.ImportFromPem(authority);
        }

        if (chain.Build(all[0]) && all[0].MatchesHostname(Subject, allowWildcards: false, allowCommonName: true))
        {
            return all[0];
        }

        log.LogWarning(
            "PayPal's certificate {Subject} is not trusted: {Reasons}", all[0].Subject,
            string.Join(", ", chain.ChainStatus.Select(status => status.Status).DefaultIfEmpty(X509ChainStatusFlags.NoError)));
        return null;
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTime other) => one.UtcDateTime < other.ToUniversalTime() ? one : new(other.ToUniversalTime());
}
