using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Sandbox.PayPal;

/// <summary>An address that wants to be told.</summary>
internal sealed class Webhook
{
    public required string Id { get; init; }

    public required string Url { get; set; }

    /// <summary>Address of this PayPal as whoever registered knows it: there the certificate is to be had.</summary>
    public required string Base { get; init; }

    /// <summary>Names of event types, or <c>*</c>, separated by blanks.</summary>
    public required string EventTypes { get; set; }

    public bool Wants(string eventType) => EventTypes == "*" || EventTypes.Split(' ').Contains(eventType);
}

/// <summary>One event on its way to one address.</summary>
internal sealed class WebhookDelivery
{
    public long Id { get; init; }

    public required string EventId { get; init; }

    public required string EventType { get; init; }

    public required string WebhookId { get; init; }

    public required string OrderId { get; init; }

    /// <summary>The body, byte for byte as sent.</summary>
    public required string Body { get; init; }

    public required DateTimeOffset DueAt { get; set; }

    public int Attempts { get; set; }

    /// <summary>Taken, or given up after the 25th try; null while on its way.</summary>
    public DateTimeOffset? DoneAt { get; set; }

    /// <summary>The last answer: an HTTP status, or <c>no answer</c>.</summary>
    public string? LastAnswer { get; set; }
}

/// <summary>The key that signs webhooks, made at first use.</summary>
internal sealed class SigningKey
{
    public required string Id { get; init; }

    /// <summary>RSA, PKCS#8, PEM.</summary>
    public required string PrivateKey { get; init; }

    /// <summary>X.509, PEM, of <see cref="Authority"/>.</summary>
    public required string Certificate { get; init; }

    /// <summary>This PayPal's own certificate authority: X.509, PEM, self-signed. Its key is not kept.</summary>
    public required string Authority { get; init; }
}

/// <summary>Queues events in the transaction that makes them, as the order's scenario wants.</summary>
internal sealed class WebhookOutbox(WebhookAlarm alarm)
{
    private bool queued;

    /// <summary>What was queued is committed by now.</summary>
    public void Wake()
    {
        if (queued)
        {
            alarm.Ring();
        }
    }

    public Task AddAsync(PayPalCall call, PayPalOrder order, string eventType, object resource) =>
        AddAsync(call.Db, call.Views, order, eventType, resource, call.Now, call.Cancellation);

    public async Task AddAsync(
        SandboxDbContext db, PayPalViews views, PayPalOrder order, string eventType, object resource, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var number = order.Events++;
        if (order.Payer == "no-webhooks")
        {
            return;
        }

        queued = true;
        var eventId = "WH-" + PayPalIds.New() + "-" + PayPalIds.New();
        var body = JsonSerializer.Serialize(
            new
            {
                id = eventId,
                event_version = "1.0",
                create_time = PayPalViews.Time(now),
                resource_type = ResourceType(eventType),
                resource_version = "2.0",
                event_type = eventType,
                summary = eventType.ToLowerInvariant().Replace('.', ' '),
                resource,
                links = new[] { new { href = $"{views.Base}/v1/notifications/webhooks-events/{eventId}", rel = "self", method = "GET" } },
            },
            PayPalDesk.Json);
        var due = order.Payer == "shuffled-webhooks" ? now.AddSeconds(Math.Max(0, 8 - (4 * number))) : now;
        foreach (var webhook in (await db.Webhooks.ToListAsync(cancellationToken)).Where(webhook => webhook.Wants(eventType)))
        {
            for (var copy = order.Payer == "duplicate-webhooks" ? 3 : 1; copy > 0; copy--)
            {
                db.Deliveries.Add(new()
                {
                    EventId = eventId,
                    EventType = eventType,
                    WebhookId = webhook.Id,
                    OrderId = order.Id,
                    Body = body,
                    DueAt = due,
                });
            }
        }
    }

    private static string ResourceType(string eventType) => eventType switch
    {
        "CHECKOUT.ORDER.APPROVED" => "checkout-order",
        "PAYMENT.CAPTURE.REFUNDED" or "PAYMENT.CAPTURE.REVERSED" => "refund",
        _ when eventType.StartsWith("CUSTOMER.DISPUTE", StringComparison.Ordinal) => "dispute",
        _ when eventType.StartsWith("PAYMENT.REFUND", StringComparison.Ordinal) => "refund",
        _ => eventType.StartsWith("PAYMENT.CAPTURE", StringComparison.Ordinal) ? "capture" : "authorization",
    };
}

/// <summary>Wakes the sender.</summary>
internal sealed class WebhookAlarm
{
    private readonly SemaphoreSlim bell = new(0, 1);

    public void Ring()
    {
        try
        {
            bell.Release();
        }
        catch (SemaphoreFullException)
        {
            // it rings already
        }
    }

    public Task WaitAsync(CancellationToken cancellationToken) => bell.WaitAsync(cancellationToken);
}

/// <summary>Signs and checks as PayPal does: RSA over <c>transmission id|time|webhook id|CRC32 of the body</c>.</summary>
internal sealed class WebhookSigning(IServiceScopeFactory scopes)
{
    public const string Algorithm = "SHA256withRSA";

    private readonly SemaphoreSlim once = new(1, 1);
    private SigningKey? key;

    /// <summary>The key, made and kept at the first call.</summary>
    public async Task<SigningKey> KeyAsync(CancellationToken cancellationToken)
    {
        await once.WaitAsync(cancellationToken);
        try
        {
            if (key is not null)
            {
                return key;
            }

            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<SandboxDbContext>();
            key = await db.SigningKeys.OrderBy(key => key.Id).FirstOrDefaultAsync(cancellationToken);
            if (key is null)
            {
                key = Make();
                db.SigningKeys.Add(key);
                await db.SaveChangesAsync(cancellationToken);
            }

            return key;
        }
        finally
        {
            once.Release();
        }
    }

    public static string Sign(SigningKey key, string transmissionId, string time, string webhookId, string body)
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(key.PrivateKey);
        return Convert.ToBase64String(rsa.SignData(Signed(transmissionId, time, webhookId, body), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    public static bool Verify(SigningKey key, string signature, string transmissionId, string time, string webhookId, string body)
    {
        Span<byte> bytes = stackalloc byte[512];
        using var rsa = RSA.Create();
        rsa.ImportFromPem(key.PrivateKey);
        return Convert.TryFromBase64String(signature, bytes, out var length)
            && rsa.VerifyData(Signed(transmissionId, time, webhookId, body), bytes[..length].ToArray(), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static byte[] Signed(string transmissionId, string time, string webhookId, string body) =>
        Encoding.UTF8.GetBytes($"{transmissionId}|{time}|{webhookId}|{Crc32(Encoding.UTF8.GetBytes(body))}");

    /// <summary>CRC-32 of IEEE 802.3, as in zip.</summary>
    public static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            }
        }

        return ~crc;
    }

    /// <summary>An authority and a certificate of it, valid for long: the clock of a test may stand anywhere.</summary>
    private static SigningKey Make()
    {
        DateTimeOffset from = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), to = new(2050, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var authorityKey = RSA.Create(2048);
        var authorityRequest = new CertificateRequest("CN=PayPal sandbox authority, O=Aerona sandbox", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        authorityRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(authorityRequest.PublicKey, false));
        using var authority = authorityRequest.CreateSelfSigned(from, to);

        using var rsa = RSA.Create(2048);
        var request = new CertificateRequest("CN=messageverificationcerts.paypal.com, O=Aerona sandbox", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("messageverificationcerts.paypal.com");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, from, to, RandomNumberGenerator.GetBytes(16));
        return new()
        {
            Id = "CERT-" + PayPalIds.New(),
            PrivateKey = rsa.ExportPkcs8PrivateKeyPem(),
            Certificate = certificate.ExportCertificatePem(),
            Authority = authority.ExportCertificatePem(),
        };
    }
}
