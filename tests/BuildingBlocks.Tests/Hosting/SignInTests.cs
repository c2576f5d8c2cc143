using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.Hosting;
using Aerona.Persistence;
using Aerona.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Aerona.BuildingBlocks.Tests.Hosting;

public sealed class SignInTests : IAsyncLifetime
{
    private static readonly Guid Booking = Guid.Parse("0198c5f2-6d0e-7f5e-9a55-3c1d2b4f6a70");
    private Shop shop = null!;

    public async ValueTask InitializeAsync() => shop = await Shop.StartAsync();

    public ValueTask DisposeAsync() => shop.DisposeAsync();

    [Fact]
    public async Task Nobody_owns_nothing_and_may_not_pass()
    {
        Assert.Equal(new WhoAmI(null, false), await (await shop.GetAsync("/v1/whoami")).Content.ReadFromJsonAsync<WhoAmI>());
        var answer = await shop.GetAsync("/v1/members");
        var problem = await answer.ProblemAsync(401, "auth.required");
        Assert.Equal(["header:Authorization"], problem.Pointers());
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task A_person_owns_what_he_makes_and_staff_pass_where_their_role_allows()
    {
        var traveller = shop.Services.TokenFor("ann", ["traveller"], TimeSpan.FromMinutes(10));
        var support = shop.Services.TokenFor("sue", ["support", "traveller"], TimeSpan.FromMinutes(10));
        var operations = shop.Services.TokenFor("otto", ["operations"], TimeSpan.FromMinutes(10));

        Assert.Equal(new WhoAmI("ann", true), await (await shop.GetAsync("/v1/whoami", traveller)).Content.ReadFromJsonAsync<WhoAmI>());
        Assert.Equal(HttpStatusCode.OK, (await shop.GetAsync("/v1/members", traveller)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await shop.GetAsync("/v1/support/desk", support)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await shop.GetAsync("/v1/operations/desk", operations)).StatusCode);
        var guest = shop.Tokens.ForGuest(Booking);
        foreach (var (path, token) in new[] { ("support", traveller), ("support", operations), ("support", guest), ("operations", support), ("operations", guest) })
        {
            await (await shop.GetAsync($"/v1/{path}/desk", token)).ProblemAsync(403, "auth.forbidden");
        }
    }

    [Fact]
    public async Task A_guest_sees_his_booking_and_no_other_and_owns_nothing()
    {
        var guest = shop.Tokens.ForGuest(Booking);

        Assert.Equal(new WhoAmI(null, true), await (await shop.GetAsync("/v1/whoami", guest)).Content.ReadFromJsonAsync<WhoAmI>());
        Assert.Equal(HttpStatusCode.OK, (await shop.GetAsync($"/v1/bookings/{Booking}", guest)).StatusCode);
        await (await shop.GetAsync($"/v1/bookings/{Guid.NewGuid()}", guest)).ProblemAsync(404, "booking.not_found");
        await (await shop.GetAsync($"/v1/bookings/{Guid.NewGuid()}?owner=guest:{Booking}", guest)).ProblemAsync(404, "booking.not_found");
    }

    [Theory]
    [InlineData("ann", "ann", true)]
    [InlineData("ann", "bob", false)]
    [InlineData("ann", null, false)]
    [InlineData(null, null, false)]
    [InlineData(null, "ann", false)]
    public async Task A_booking_is_seen_by_its_owner_alone(string? subject, string? owner, bool seen)
    {
        var token = subject is null ? null : shop.Services.TokenFor(subject, ["traveller"], TimeSpan.FromMinutes(10));

        var answer = await shop.GetAsync($"/v1/bookings/{Booking}?owner={owner}", token);

        Assert.Equal(seen ? HttpStatusCode.OK : HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Support_sees_every_booking()
    {
        var support = shop.Services.TokenFor("sue", ["support"], TimeSpan.FromMinutes(10));

        Assert.Equal(HttpStatusCode.OK, (await shop.GetAsync($"/v1/bookings/{Booking}?owner=ann", support)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await shop.GetAsync($"/v1/bookings/{Booking}", support)).StatusCode);
    }

    [Fact]
    public async Task A_guests_token_holds_for_seven_days_by_our_clock()
    {
        var guest = shop.Tokens.ForGuest(Booking);

        shop.Clock.Advance(TimeSpan.FromDays(7) + TimeSpan.FromSeconds(29));
        Assert.Equal(HttpStatusCode.OK, (await shop.GetAsync($"/v1/bookings/{Booking}", guest)).StatusCode);
        shop.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await shop.GetAsync($"/v1/bookings/{Booking}", guest)).ProblemAsync(401, "auth.token_invalid");
    }

    [Fact]
    public async Task Users_makes_no_guests() =>
        await (await shop.GetAsync("/v1/whoami", shop.Services.TokenFor("ann", ["guest"], TimeSpan.FromMinutes(1)))).ProblemAsync(401, "auth.token_invalid");

    [Fact]
    public async Task The_tokens_of_an_attacker_are_refused_even_where_none_is_needed()
    {
        var good = shop.Services.TokenFor("ann", ["support"], TimeSpan.FromMinutes(10));
        Assert.Equal(HttpStatusCode.OK, (await shop.GetAsync("/v1/whoami", good)).StatusCode);
        var key = TestIssuer.Key;
        var guests = shop.Services.GetRequiredService<SigningKey>().Key;
        using var foreignEc = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        var foreign = foreignEc.ExportParameters(includePrivateParameters: false).Q;
        var foreignJwk = new { kty = "EC", crv = "P-256", x = Base64Url.EncodeToString(foreign.X), y = Base64Url.EncodeToString(foreign.Y) };
        var publicPem = key.ECDsa.ExportSubjectPublicKeyInfoPem();
        var attacks = new Dictionary<string, string>
        {
            ["garbage"] = "garbage",
            ["empty"] = "",
            ["none"] = Unsigned(good),
            ["signature cut off"] = good[..(good.LastIndexOf('.') + 1)],
            ["signed by another key"] = Forge(new(new ECDsaSecurityKey(foreignEc), SecurityAlgorithms.EcdsaSha256)),
            ["signed by another key under our name"] = Forge(new(new ECDsaSecurityKey(foreignEc) { KeyId = key.KeyId }, SecurityAlgorithms.EcdsaSha256)),
            ["our public key as a secret"] = Forge(new(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(publicPem)) { KeyId = key.KeyId }, SecurityAlgorithms.HmacSha256)),
            ["RSA"] = Forge(new(new RsaSecurityKey(rsa) { KeyId = key.KeyId }, SecurityAlgorithms.RsaSha256)),
            ["carries its own key"] = Forge(new(new ECDsaSecurityKey(foreignEc), SecurityAlgorithms.EcdsaSha256), header: new()
            {
                ["jwk"] = JsonSerializer.SerializeToElement(foreignJwk),
                ["jku"] = "https://attacker.example/keys",
            }),
            ["path as key name"] = Forge(new(new ECDsaSecurityKey(foreignEc) { KeyId = "../../../dev/null" }, SecurityAlgorithms.EcdsaSha256)),
            ["wrong type"] = Forge(Ours(), type: "JWT"),
            ["wrong issuer"] = Forge(Ours(), issuer: "http://localhost:5080"),
            ["of Users by the key of guests"] = Forge(new(guests, SecurityAlgorithms.EcdsaSha256)),
            ["of guests by the key of Users"] = Forge(Ours(), issuer: "http://localhost:5080/guests", audience: "aerona-guests"),
            ["wrong audience"] = Forge(Ours(), audience: "aerona-bookings"),
            ["expired"] = Forge(Ours(), from: TimeSpan.FromHours(-2), until: TimeSpan.FromSeconds(-30)),
            ["not yet"] = Forge(Ours(), from: TimeSpan.FromSeconds(31), until: TimeSpan.FromHours(1)),
            ["never ends"] = Forge(Ours(), ends: false),
            ["role added"] = Changed(good, claims => claims["role"] = "operations"),
        };

        foreach (var (name, token) in attacks)
        {
            foreach (var path in new[] { "/v1/whoami", "/v1/members" })
            {
                var request = new HttpRequestMessage(HttpMethod.Get, path);
                request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
                var answer = await shop.Http.SendAsync(request);
                Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{name}: {answer.StatusCode}");
                await answer.ProblemAsync(401, "auth.token_invalid");
                Assert.Equal("Bearer error=\"invalid_token\"", answer.Headers.WwwAuthenticate.ToString());
            }
        }

        // The forger itself makes good tokens when nothing is wrong with them, or the list above would prove nothing.
        Assert.Equal(HttpStatusCode.OK, (await shop.GetAsync("/v1/members", Forge(Ours()))).StatusCode);
        SigningCredentials Ours() => new(key, SecurityAlgorithms.EcdsaSha256);
    }

    [Fact]
    public async Task What_speaks_another_protocol_takes_its_own_tokens() =>
        Assert.Equal("played", await (await shop.GetAsync("/played", "A21AA-not-ours")).Content.ReadAsStringAsync());

    [Fact]
    public async Task The_key_is_made_once_and_is_its_owners_alone()
    {
        var file = Path.Combine(shop.Folder, "keys", "signing.pem");
        var token = shop.Tokens.ForGuest(Booking);

        Assert.Equal([file], Directory.GetFiles(Path.GetDirectoryName(file)!));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        await using var again = await Shop.StartAsync(settings: new Dictionary<string, string?> { ["Tokens:SigningKeyFile"] = file });
        Assert.Equal(HttpStatusCode.OK, (await again.GetAsync("/v1/members", token)).StatusCode);
    }

    [Fact]
    public async Task Processes_that_start_at_once_end_with_one_key()
    {
        for (var round = 0; round < 20; round++)
        {
            var folder = Path.Combine(shop.Folder, $"race-{round}");
            using var start = new Barrier(8);
            var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    using var key = new SigningKey(Options.Create(new TokensOptions()), Options.Create(new DataOptions { Folder = folder }));
                    return key.Key.KeyId;
                },
                TaskCreationOptions.LongRunning)));

            Assert.Single(keys.Distinct());
            Assert.Single(Directory.GetFiles(Path.Combine(folder, "keys")));
        }
    }

    [Theory]
    [InlineData("Tokens:SigningKeyFile", "/nowhere/key.pem", "Tokens:SigningKeyFile")]
    [InlineData("PublicBaseUrl", "localhost:5080", "PublicBaseUrl")]
    [InlineData("PublicBaseUrl", "https://aerona.example/", "PublicBaseUrl")]
    public async Task A_wrong_setting_stops_the_host_and_is_named(string setting, string value, string named)
    {
        var problem = await Assert.ThrowsAnyAsync<Exception>(() => Shop.StartAsync(settings: new Dictionary<string, string?> { [setting] = value }));

        Assert.Contains(named, problem.Message, StringComparison.Ordinal);
    }

    /// <summary>A token of Ann's, right in everything that is not said otherwise; times count from now, and without an end it never ends.</summary>
    private string Forge(
        SigningCredentials credentials, string type = "at+jwt", string issuer = "http://localhost:5080/", string audience = "aerona-shop", TimeSpan? from = null,
        TimeSpan? until = null, bool ends = true, Dictionary<string, object>? header = null)
    {
        var now = shop.Clock.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = type,
            Issuer = issuer,
            Audience = audience,
            IssuedAt = now,
            NotBefore = now + (from ?? TimeSpan.Zero),
            Expires = ends ? now + (until ?? TimeSpan.FromMinutes(10)) : null,
            Claims = new Dictionary<string, object> { ["sub"] = "ann", ["role"] = "support" },
            AdditionalHeaderClaims = header,
            SigningCredentials = credentials,
        });
    }

    private static string Unsigned(string token)
    {
        var header = JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[0]))!.AsObject();
        header["alg"] = "none";
        return $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{token.Split('.')[1]}.";
    }

    private static string Changed(string token, Action<JsonObject> change)
    {
        var parts = token.Split('.');
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject();
        change(claims);
        return $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}.{parts[2]}";
    }
}
