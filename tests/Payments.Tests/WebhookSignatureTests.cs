using System.Security.Cryptography;
using System.Text;
using Aerona.Contracts.Payments;
using Aerona.Payments.Data;
using Aerona.Payments.PayPal;
using Aerona.Payments.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aerona.Payments.Tests;

/// <summary>What is PayPal's and what is not, checked here with PayPal's certificate. The sandbox signs as PayPal does.</summary>
public sealed class WebhookSignatureTests
{
    [Fact]
    public async Task A_signature_is_checked_here_and_PayPal_is_not_asked()
    {
        await using var world = await World.StartAsync(webhooks: true);
        var letter = await ApprovalAsync(world);
        await world.NextFailsAsync("verify-webhook-signature.post", "busy");   // were it asked, nothing would be known

        Assert.Equal(200, await world.BringAsync(letter));
        await world.LookAtAsync(letter.EventId);

        Assert.Equal(WebhookState.Processed, await StateAsync(world, letter.EventId));
        Assert.Equal(1, await world.CountAsync<PaymentApproved>());
    }

    [Fact]
    public async Task Nothing_that_was_altered_is_taken_for_PayPals()
    {
        await using var world = await World.StartAsync(webhooks: true);
        var letter = await ApprovalAsync(world);
        var wrong = new List<Letter>
        {
            letter with { Headers = With(letter, "PAYPAL-TRANSMISSION-ID", Guid.NewGuid().ToString()) },
            letter with { Headers = With(letter, "PAYPAL-TRANSMISSION-TIME", "2026-12-01T00:00:01Z") },
            letter with { Headers = With(letter, "PAYPAL-AUTH-ALGO", "SHA1withRSA") },
            letter with { Headers = With(letter, "PAYPAL-AUTH-ALGO", "none") },
            letter with { Headers = With(letter, "PAYPAL-TRANSMISSION-SIG", "AAAA") },
            letter with { Headers = With(letter, "PAYPAL-TRANSMISSION-SIG", "not base64!") },
            letter with { Headers = With(letter, "PAYPAL-TRANSMISSION-SIG", Flipped(letter.Headers["PAYPAL-TRANSMISSION-SIG"])) },
            letter with { Headers = With(letter, "PAYPAL-TRANSMISSION-SIG", SignedByAnother(letter)) },
        };
        wrong.AddRange(Enumerable.Range(0, 12).Select(part => letter with { Body = Changed(letter.Body, part) }));

        foreach (var forged in wrong)
        {
            Assert.Equal(200, await world.BringAsync(forged));
            await world.LookAtAsync(forged.EventId);
            Assert.Equal(WebhookState.Forged, await StateAsync(world, forged.EventId));
        }

        Assert.Equal(0, await world.CountAsync<PaymentApproved>());
        Assert.Equal(200, await world.BringAsync(letter));   // the real one is not shut out by those with its id
        await world.LookAtAsync(letter.EventId);
        Assert.Equal(1, await world.CountAsync<PaymentApproved>());
    }

    [Fact]
    public async Task Only_where_PayPal_keeps_its_certificates_they_are_asked_for()
    {
        await using var world = await World.StartAsync(webhooks: true);
        var letter = await ApprovalAsync(world);
        var asked = 0;
        await using var stranger = await StrangerAsync(() => Interlocked.Increment(ref asked));
        var address = stranger.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var at = new Uri(letter.Headers["PAYPAL-CERT-URL"]);
        string[] urls =
        [
            $"{address}{at.AbsolutePath}", $"{at.GetLeftPart(UriPartial.Authority)}@{new Uri(address).Authority}{at.AbsolutePath}",
            $"{at.GetLeftPart(UriPartial.Authority)}/sandbox/paypal/books", $"{at.GetLeftPart(UriPartial.Path)}/../../../books", "file:///etc/passwd",
            "http://169.254.169.254/latest/meta-data", "//evil.example/certs", "certs/1", "",
        ];

        foreach (var url in urls.Where(url => url != ""))
        {
            var forged = letter with { Headers = With(letter, "PAYPAL-CERT-URL", url) };
            Assert.Equal(200, await world.BringAsync(forged));
            await world.LookAtAsync(forged.EventId);
            Assert.Equal(WebhookState.Forged, await StateAsync(world, forged.EventId));
        }

        Assert.Equal(0, asked);
    }

    [Theory]
    [InlineData("https://api-m.paypal.com", "https://api.paypal.com/v1/notifications/certs/CERT-1", true)]
    [InlineData("https://api-m.paypal.com", "https://api-m.paypal.com/v1/notifications/certs/CERT-1", true)]
    [InlineData("https://api-m.paypal.com", "http://api.paypal.com/v1/notifications/certs/CERT-1", false)]
    [InlineData("https://api-m.paypal.com", "https://api.paypal.com:8443/v1/notifications/certs/CERT-1", false)]
    [InlineData("https://api-m.paypal.com", "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1", false)]
    [InlineData("https://api-m.paypal.com", "https://api.paypal.com.evil.example/certs/1", false)]
    [InlineData("https://api-m.paypal.com", "https://api.paypal.com@evil.example/certs/1", false)]
    [InlineData("https://api-m.paypal.com", "https://evil.example/api.paypal.com/certs/1", false)]
    [InlineData("https://api-m.sandbox.paypal.com", "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1", true)]
    [InlineData("http://played.example/sandbox/paypal", "http://played.example/sandbox/paypal/v1/notifications/certs/CERT-1", false)]
    public void In_production_certificates_come_from_PayPals_hosts_over_https_alone(string payPal, string certUrl, bool theirs)
    {
        var signatures = new WebhookSignatures(
            new NoClients(), new PayPalOptions { BaseUrl = payPal }, new Production(), TimeProvider.System, NullLogger<WebhookSignatures>.Instance);

        Assert.Equal(theirs, signatures.IsPayPals(certUrl));
    }

    [Fact]
    public async Task What_comes_25_times_is_looked_at_once()
    {
        await using var world = await World.StartAsync(webhooks: true);
        var letter = await ApprovalAsync(world);

        foreach (var _ in Enumerable.Range(0, 25))
        {
            Assert.Equal(200, await world.BringAsync(letter));
        }

        await world.LookAtAsync(letter.EventId);
        await world.LookAtAsync(letter.EventId);
        Assert.Equal(1, await world.CountAsync<PaymentApproved>());
        Assert.Single(await world.Payments.Query<PaymentsDbContext, List<WebhookEvent>>(db => db.WebhookEvents.ToListAsync()));
    }

    [Theory]
    [InlineData(-60)]
    [InlineData(60)]
    [InlineData(3 * 24 * 60)]
    public async Task An_event_is_as_good_days_later_and_with_a_clock_that_is_wrong(int minutes)
    {
        await using var world = await World.StartAsync(webhooks: true);
        world.Payments.Clock.AdjustTime(world.Payments.Clock.GetUtcNow().AddMinutes(61));
        var letter = await ApprovalAsync(world);
        world.Payments.Clock.AdjustTime(world.Payments.Clock.GetUtcNow().AddMinutes(minutes));

        Assert.Equal(200, await world.BringAsync(letter));
        await world.LookAtAsync(letter.EventId);

        Assert.Equal(WebhookState.Processed, await StateAsync(world, letter.EventId));
    }

    [Fact]
    public async Task Where_the_certificate_cannot_be_had_PayPal_is_asked()
    {
        await using var world = await World.StartAsync(webhooks: true);
        var letter = await ApprovalAsync(world);
        var url = letter.Headers["PAYPAL-CERT-URL"];
        var nowhere = url.Replace("/certs/", "/certs/nowhere/certs/", StringComparison.Ordinal);   // the signature does not cover it

        Assert.Equal(200, await world.BringAsync(letter with { Headers = With(letter, "PAYPAL-CERT-URL", nowhere) }));
        await world.LookAtAsync(letter.EventId);

        Assert.Equal(WebhookState.Processed, await StateAsync(world, letter.EventId));
    }

    [Fact]
    public async Task Somebody_elses_event_with_PayPals_id_does_not_shut_PayPals_own_out()
    {
        await using var world = await World.StartAsync(webhooks: true);
        var letter = await ApprovalAsync(world);
        var forged = letter with { Body = Changed(letter.Body, 3) };
        Assert.Equal(200, await world.BringAsync(forged));   // no certificate is at hand yet: it lies there unjudged

        Assert.Equal(503, await world.BringAsync(letter));   // one of the two is a lie: PayPal comes again
        await world.LookAtAsync(forged.EventId);
        Assert.Equal(200, await world.BringAsync(letter));
        await world.LookAtAsync(letter.EventId);

        Assert.Equal((WebhookState.Processed, 1), (await StateAsync(world, letter.EventId), await world.CountAsync<PaymentApproved>()));
    }

    [Fact]
    public async Task An_event_is_refused_that_is_longer_than_any_of_PayPals()
    {
        await using var world = await World.StartAsync(webhooks: true);
        var letter = await ApprovalAsync(world);

        Assert.Equal(413, await world.BringAsync(letter with { Body = [.. letter.Body, .. new byte[3_000_000].Select(_ => (byte)' ')] }));
    }

    private static async Task<Letter> ApprovalAsync(World world)
    {
        await world.OpenAsync();
        await world.ApproveAsync();
        var letter = await world.WebhookAsync();
        Assert.Equal("CHECKOUT.ORDER.APPROVED", letter.Type);
        return letter;
    }

    private static Task<WebhookState> StateAsync(World world, string eventId) =>
        world.Payments.Query<PaymentsDbContext, WebhookState>(db => db.WebhookEvents.Where(one => one.EventId == eventId).Select(one => one.State).SingleAsync());

    private static Dictionary<string, string> With(Letter letter, string header, string value) =>
        letter.Headers.ToDictionary(one => one.Key, one => string.Equals(one.Key, header, StringComparison.OrdinalIgnoreCase) ? value : one.Value);

    private static string Flipped(string base64)
    {
        var bytes = Convert.FromBase64String(base64);
        bytes[17] ^= 1;
        return Convert.ToBase64String(bytes);
    }

    private static string SignedByAnother(Letter letter)
    {
        using var rsa = RSA.Create(2048);
        return Convert.ToBase64String(rsa.SignData(letter.Body, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    /// <summary>One digit of another part of the body is another one: still JSON, with the same id.</summary>
    private static byte[] Changed(byte[] body, int part)
    {
        var copy = (byte[])body.Clone();
        var from = Encoding.UTF8.GetString(body).IndexOf("create_time", StringComparison.Ordinal);
        var digits = Enumerable.Range(from, copy.Length - from).Where(at => char.IsAsciiDigit((char)copy[at])).ToList();
        var changed = digits[part * (digits.Count - 1) / 12];
        copy[changed] = (byte)(copy[changed] == '1' ? '2' : '1');
        return copy;
    }

    private static async Task<WebApplication> StrangerAsync(Action asked)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapFallback(() =>
        {
            asked();
            return Results.Text("");
        });
        await app.StartAsync();
        return app;
    }

    private sealed class NoClients : IHttpClientFactory
    {
        public HttpClient CreateClient(string name) => throw new InvalidOperationException("nobody is to be asked");
    }

    private sealed class Production : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Production";

        public string ApplicationName { get; set; } = "";

        public string ContentRootPath { get; set; } = "";

        public Microsoft.Extensions.FileProviders.IFileProvider ContentRootFileProvider { get; set; } = new Microsoft.Extensions.FileProviders.NullFileProvider();
    }
}
