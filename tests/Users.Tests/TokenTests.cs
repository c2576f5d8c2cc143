using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aerona.Hosting;
using Aerona.Contracts.Users;
using Aerona.Users.Accounts;
using Aerona.Users.Data;
using Aerona.Users.Keys;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Aerona.Users.Tests;

public sealed class TokenTests
{
    [Fact]
    public async Task A_person_signs_an_application_in_by_code_and_PKCE_and_each_service_gets_a_token_of_its_own()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");

        var tokens = await world.TokensAsync(browser, "openid profile email offline_access users bookings");

        var access = tokens.GetProperty("access_token").GetString()!;
        var (header, claims) = (World.Header(access), World.Payload(access));
        Assert.Equal(("at+jwt", "ES256"), (header.GetProperty("typ").GetString(), header.GetProperty("alg").GetString()));
        Assert.Equal((World.Issuer, World.Shop, "live"), (claims.GetProperty("iss").GetString(), claims.GetProperty("client_id").GetString(), claims.GetProperty("mode").GetString()));
        Assert.Equal(["aerona-bookings", "aerona-users"], claims.GetProperty("aud").EnumerateArray().Select(one => one.GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal(600, claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64());
        Assert.Equal("traveller", claims.GetProperty("role").GetString());
        Assert.False(claims.TryGetProperty("email", out _));   // services need none
        Assert.Equal("alice@example.org", World.Payload(tokens.GetProperty("id_token").GetString()!).GetProperty("email").GetString());
        Assert.DoesNotContain('.', tokens.GetProperty("refresh_token").GetString()!);   // says nothing by itself

        var (status, narrowed) = await world.RefreshAsync(tokens.GetProperty("refresh_token").GetString()!, "users offline_access");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("aerona-users", World.Payload(narrowed.GetProperty("access_token").GetString()!).GetProperty("aud").GetString());
        var (mine, me) = await world.CallAsync(HttpMethod.Get, "/v1/me", narrowed.GetProperty("access_token").GetString());
        Assert.Equal((HttpStatusCode.OK, "alice@example.org"), (mine, me!.Value.GetProperty("email").GetString()));
    }

    [Fact]
    public async Task Nothing_secret_stands_readable_in_the_database()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        var (secret, codes) = await world.AddAuthenticatorAsync(browser);
        var tokens = await world.TokensAsync(browser);

        var text = await world.Service.Query<UsersDbContext, string>(async db => string.Join('\n',
            JsonSerializer.Serialize(await db.Users.ToListAsync()), JsonSerializer.Serialize(await db.Sessions.ToListAsync()), JsonSerializer.Serialize(await db.RecoveryCodes.ToListAsync()),
            JsonSerializer.Serialize(await db.Tokens.Select(row => new { row.ReferenceId, row.Payload, row.Properties }).ToListAsync()), JsonSerializer.Serialize(await db.MailedLinks.ToListAsync()),
            JsonSerializer.Serialize(await db.Throttles.ToListAsync()), JsonSerializer.Serialize(await db.KnownDevices.ToListAsync()), JsonSerializer.Serialize(await db.SigningKeys.ToListAsync())));

        Assert.DoesNotContain(World.Password, text, StringComparison.Ordinal);
        Assert.DoesNotContain(tokens.GetProperty("refresh_token").GetString()!, text, StringComparison.Ordinal);
        Assert.DoesNotContain(browser.Cookies["__Host-aerona-session"], text, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(secret), text, StringComparison.Ordinal);
        Assert.DoesNotContain(codes[0], text, StringComparison.Ordinal);
        Assert.DoesNotContain(codes[0].Replace("-", "", StringComparison.Ordinal), text, StringComparison.Ordinal);
        var key = await world.Service.Query<UsersDbContext, byte[]>(db => db.SigningKeys.Select(row => row.PrivateKey).FirstAsync());
        using var stolen = ECDsa.Create();
        Assert.ThrowsAny<CryptographicException>(() => stolen.ImportPkcs8PrivateKey(key, out _));
    }

    [Fact]
    public async Task A_code_is_worth_nothing_without_its_verifier_a_second_time_or_late()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        async Task<string> CodeAsync(string verifier) => QueryHelpers.ParseQuery(new Uri((await browser.GetAsync(World.AuthorizePath("openid offline_access", verifier))).Location!).Query)["code"].ToString();
        Task<(HttpStatusCode Status, JsonElement Body)> ExchangeAsync(string code, string verifier) => world.TokenAsync(
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", World.ShopReturn), ("client_id", World.Shop), ("code_verifier", verifier));
        var (mine, thiefs) = (new string('a', 43), new string('b', 43));

        Assert.Equal(HttpStatusCode.BadRequest, (await ExchangeAsync(await CodeAsync(mine), thiefs)).Status);
        var code = await CodeAsync(mine);
        var (status, tokens) = await ExchangeAsync(code, mine);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(HttpStatusCode.BadRequest, (await ExchangeAsync(code, mine)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await world.RefreshAsync(tokens.GetProperty("refresh_token").GetString()!)).Status);   // what the first one gave is ended: one of the two was stolen
        var late = await CodeAsync(mine);
        world.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(HttpStatusCode.BadRequest, (await ExchangeAsync(late, mine)).Status);
    }

    [Fact]
    public async Task A_request_that_must_not_be_is_refused_and_no_code_goes_anywhere()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        (string Parameter, string Value)[] wrong =
        [
            ("code_challenge", ""), ("code_challenge_method", "plain"), ("redirect_uri", "https://evil.example/"), ("redirect_uri", "https://shop.example/signed-in/../evil"), ("client_id", "nobody"),
            ("response_type", "token"), ("scope", "openid payments"),
        ];
        foreach (var (parameter, value) in wrong)
        {
            var query = QueryHelpers.ParseQuery(World.AuthorizePath("openid", new string('a', 43)).Split('?')[1]).Where(pair => pair.Key != parameter || value.Length > 0)
                .Select(pair => new KeyValuePair<string, string?>(pair.Key, pair.Key == parameter ? value : pair.Value.ToString()));

            var answer = await browser.GetAsync(QueryHelpers.AddQueryString("/connect/authorize", query));

            Assert.DoesNotContain("code=", answer.Location ?? "", StringComparison.Ordinal);
            Assert.DoesNotContain("evil", answer.Location ?? "", StringComparison.Ordinal);
            Assert.True(answer.Status == HttpStatusCode.BadRequest || answer.Location!.Contains("error=", StringComparison.Ordinal), $"{parameter}={value}: {answer.Status} {answer.Location}");
        }
    }

    [Fact]
    public async Task A_refresh_token_used_again_after_the_grace_ends_the_whole_family_and_the_sign_in_and_its_owner_is_told()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        var first = (await world.TokensAsync(browser)).GetProperty("refresh_token").GetString()!;
        var second = (await world.RefreshAsync(first)).Body.GetProperty("refresh_token").GetString()!;
        var (status, body) = await world.RefreshAsync(second);
        Assert.Equal(HttpStatusCode.OK, status);
        world.Clock.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(HttpStatusCode.BadRequest, (await world.RefreshAsync(first)).Status);

        Assert.Equal(HttpStatusCode.BadRequest, (await world.RefreshAsync(second)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await world.RefreshAsync(body.GetProperty("refresh_token").GetString()!)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await world.CallAsync(HttpMethod.Get, "/v1/me", body.GetProperty("access_token").GetString())).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/account")).Status);
        Assert.Single(await world.Service.Published<SendAccountMail>(), mail => mail.Kind == AccountMail.TokenReused);
    }

    [Fact]
    public async Task Two_refreshes_at_once_are_one_client_racing_itself()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        var token = (await world.TokensAsync(browser)).GetProperty("refresh_token").GetString()!;

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => world.RefreshAsync(token)));
        world.Clock.Advance(TimeSpan.FromSeconds(9));
        var inTime = await world.RefreshAsync(token);

        Assert.All(answers.Append(inTime), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, world.RefreshAsync(answer.Body.GetProperty("refresh_token").GetString()!).Result.Status));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/account")).Status);
    }

    [Fact]
    [Trait("long", "yes")]
    public async Task Refreshing_goes_on_for_as_long_as_the_sign_in_and_no_longer()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        var token = (await world.TokensAsync(browser)).GetProperty("refresh_token").GetString()!;
        for (var day = 0; day < 29; day++)
        {
            world.Clock.Advance(TimeSpan.FromDays(1));
            var (status, body) = await world.RefreshAsync(token);
            Assert.Equal(HttpStatusCode.OK, status);
            token = body.GetProperty("refresh_token").GetString()!;
        }

        world.Clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal(HttpStatusCode.BadRequest, (await world.RefreshAsync(token)).Status);
    }

    [Fact]
    public async Task Signing_out_anywhere_ends_what_applications_got_from_that_sign_in()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        var other = world.NewBrowser();
        await World.SignInAsync(other, "alice@example.org");
        var (tokens, others) = (await world.TokensAsync(browser), await world.TokensAsync(other));

        await browser.FillAsync("/account/sign-out");

        Assert.Equal(HttpStatusCode.BadRequest, (await world.RefreshAsync(tokens.GetProperty("refresh_token").GetString()!)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await world.CallAsync(HttpMethod.Get, "/v1/me", tokens.GetProperty("access_token").GetString())).Status);
        Assert.Equal(HttpStatusCode.OK, (await world.RefreshAsync(others.GetProperty("refresh_token").GetString()!)).Status);
    }

    [Fact]
    public async Task Keys_change_without_signing_anybody_out_and_are_published_before_and_after()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        var tokens = await world.TokensAsync(browser);
        var access = tokens.GetProperty("access_token").GetString()!;
        var before = await KeyIdsAsync(world);
        Assert.Equal(2, before.Count);   // active and next

        await world.Service.Services.GetRequiredService<KeyRing>().RotateAsync(CancellationToken.None);

        Assert.Equal(HttpStatusCode.OK, (await world.CallAsync(HttpMethod.Get, "/v1/me", access)).Status);
        var (status, renewed) = await world.RefreshAsync(tokens.GetProperty("refresh_token").GetString()!);
        Assert.Equal(HttpStatusCode.OK, status);
        var kid = World.Header(renewed.GetProperty("access_token").GetString()!).GetProperty("kid").GetString()!;
        Assert.NotEqual(World.Header(access).GetProperty("kid").GetString(), kid);
        Assert.Contains(kid, before);   // validators knew it before it signed
        var after = await KeyIdsAsync(world);
        Assert.Equal(3, after.Count);
        Assert.Subset(after.ToHashSet(), before.ToHashSet());
        Assert.Equal(HttpStatusCode.OK, (await world.CallAsync(HttpMethod.Get, "/v1/me", renewed.GetProperty("access_token").GetString())).Status);
    }

    [Fact]
    public async Task Keys_change_by_themselves_when_their_time_has_come_and_old_ones_go()
    {
        await using var world = await World.StartAsync();
        var ring = world.Service.Services.GetRequiredService<KeyRing>();
        var (first, next) = (ring.Current.ActiveId, ring.Current.Keys[^1].KeyId);

        world.Clock.Advance(TimeSpan.FromDays(30));
        await ring.RefreshAsync(CancellationToken.None);
        Assert.Equal(next, ring.Current.ActiveId);
        Assert.Contains(first, await KeyIdsAsync(world));

        world.Clock.Advance(TimeSpan.FromDays(2) + TimeSpan.FromMinutes(1));
        await ring.RefreshAsync(CancellationToken.None);
        Assert.DoesNotContain(first, await KeyIdsAsync(world));
        Assert.Equal(2, ring.Current.Keys.Count);
    }

    [Fact]
    [Trait("long", "yes")]
    public async Task Requests_go_through_while_keys_change_under_load()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        var tokens = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => world.TokensAsync(browser)));
        var ring = world.Service.Services.GetRequiredService<KeyRing>();

        var failed = 0;
        var loads = tokens.Select(async one =>
        {
            var (access, refresh) = (one.GetProperty("access_token").GetString()!, one.GetProperty("refresh_token").GetString()!);
            for (var call = 0; call < 15; call++)
            {
                failed += (await world.CallAsync(HttpMethod.Get, "/v1/me", access)).Status == HttpStatusCode.OK ? 0 : 1;
                var (status, body) = await world.RefreshAsync(refresh);
                failed += status == HttpStatusCode.OK ? 0 : 1;
                (access, refresh) = (body.GetProperty("access_token").GetString()!, body.GetProperty("refresh_token").GetString()!);
            }
        }).ToList();
        for (var rotation = 0; rotation < 5; rotation++)
        {
            await ring.RotateAsync(CancellationToken.None);
        }

        await Task.WhenAll(loads);
        Assert.Equal(0, failed);
    }

    [Fact]
    public async Task Every_token_that_is_not_whole_ours_for_us_and_of_now_is_401()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        var good = (await world.TokensAsync(browser, "openid users")).GetProperty("access_token").GetString()!;
        var forBookings = (await world.TokensAsync(browser, "openid bookings")).GetProperty("access_token").GetString()!;
        var id = (await world.TokensAsync(browser, "openid users")).GetProperty("id_token").GetString()!;
        var claims = World.Payload(good);
        var ring = world.Service.Services.GetRequiredService<KeyRing>().Current;
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        var jwks = await world.Http.GetStringAsync("/.well-known/jwks");
        var published = Encoding.UTF8.GetBytes(ring.Active.ECDsa.ExportSubjectPublicKeyInfoPem());
        var kid = ring.ActiveId;
        Dictionary<string, string> attacks = new()
        {
            ["none"] = $"{Part(new { alg = "none", typ = "at+jwt" })}.{good.Split('.')[1]}.",
            ["None in capitals"] = $"{Part(new { alg = "NONE", typ = "at+jwt", kid })}.{good.Split('.')[1]}.",
            ["no signature"] = $"{good.Split('.')[0]}.{good.Split('.')[1]}.",
            ["HS256 with the public key"] = Hmac(new { alg = "HS256", typ = "at+jwt", kid }, claims, published),
            ["HS256 with the key set"] = Hmac(new { alg = "HS256", typ = "at+jwt", kid }, claims, Encoding.UTF8.GetBytes(jwks)),
            ["RS256"] = Signed(new { alg = "RS256", typ = "at+jwt", kid }, claims, data => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            ["another key of the same name"] = Signed(new { alg = "ES256", typ = "at+jwt", kid }, claims, data => foreign.SignData(data, HashAlgorithmName.SHA256)),
            ["jku"] = Signed(new { alg = "ES256", typ = "at+jwt", kid = "mine", jku = "https://evil.example/keys" }, claims, data => foreign.SignData(data, HashAlgorithmName.SHA256)),
            ["x5u"] = Signed(new { alg = "ES256", typ = "at+jwt", kid = "mine", x5u = "https://evil.example/cert" }, claims, data => foreign.SignData(data, HashAlgorithmName.SHA256)),
            ["embedded jwk"] = Signed(
                new { alg = "ES256", typ = "at+jwt", jwk = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new(foreign)) is var jwk ? new { kty = "EC", crv = "P-256", x = jwk.X, y = jwk.Y } : null }, claims,
                data => foreign.SignData(data, HashAlgorithmName.SHA256)),
            ["kid traversal"] = Hmac(new { alg = "HS256", typ = "at+jwt", kid = "../../../../dev/null" }, claims, []),
            ["kid with SQL"] = Signed(new { alg = "ES256", typ = "at+jwt", kid = "x' UNION SELECT 'key" }, claims, data => foreign.SignData(data, HashAlgorithmName.SHA256)),
            ["no kid"] = Signed(new { alg = "ES256", typ = "at+jwt" }, claims, data => ring.Active.ECDsa.SignData(data, HashAlgorithmName.SHA256)),
            ["wrong audience"] = forBookings,
            ["identity token"] = id,
            ["of another type"] = Signed(new { alg = "ES256", typ = "JWT", kid }, claims, data => ring.Active.ECDsa.SignData(data, HashAlgorithmName.SHA256)),
            ["other issuer"] = Ours(Changed(claims, "iss", "https://evil.example/")),
            ["issuer without its slash"] = Ours(Changed(claims, "iss", World.Issuer.TrimEnd('/'))),
            ["from the future"] = Ours(Changed(Changed(claims, "nbf", world.Clock.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds()), "exp", world.Clock.GetUtcNow().AddMinutes(15).ToUnixTimeSeconds())),
            ["without an end"] = Ours(Changed(claims, "exp", null)),
            ["a changed subject"] = $"{good.Split('.')[0]}.{Part(Changed(claims, "sub", Guid.NewGuid()))}.{good.Split('.')[2]}",
            ["garbage"] = "a.b.c",
        };
        Assert.Equal(HttpStatusCode.OK, (await world.CallAsync(HttpMethod.Get, "/v1/me", good)).Status);
        Assert.Equal(HttpStatusCode.OK, (await world.CallAsync(HttpMethod.Get, "/v1/me", Ours(claims))).Status);   // the attacks below fail for their own reason alone

        foreach (var (attack, token) in attacks)
        {
            var (status, body) = await world.CallAsync(HttpMethod.Get, "/v1/me", token);
            Assert.True(status == HttpStatusCode.Unauthorized, $"{attack}: {status} {body}");
        }

        world.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(HttpStatusCode.Unauthorized, (await world.CallAsync(HttpMethod.Get, "/v1/me", good)).Status);   // expired
        Assert.Equal(HttpStatusCode.Unauthorized, (await world.CallAsync(HttpMethod.Get, "/v1/me", null)).Status);

        string Ours(object payload) => Signed(new { alg = "ES256", typ = "at+jwt", kid }, payload, data => ring.Active.ECDsa.SignData(data, HashAlgorithmName.SHA256));
    }

    [Fact]
    public async Task Staff_without_a_second_factor_get_no_tokens_and_with_one_their_roles()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("sue@aerona.example", roles: Role.SeniorSupport);
        Assert.Equal("/account", (await browser.GetAsync(World.AuthorizePath("openid", new string('a', 43)))).Location);
        Assert.Contains("Staff need a second factor", (await browser.GetAsync("/account")).Text, StringComparison.Ordinal);

        await world.AddAuthenticatorAsync(browser);

        var claims = World.Payload((await world.TokensAsync(browser)).GetProperty("access_token").GetString()!);
        Assert.Equal(["senior-support", "traveller"], claims.GetProperty("role").EnumerateArray().Select(role => role.GetString()));
        Assert.Contains("mfa", claims.GetProperty("amr").EnumerateArray().Select(method => method.GetString()));
    }

    [Fact]
    public async Task A_sign_in_from_before_somebody_became_staff_carries_no_staff_rights()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("sue@aerona.example");
        var token = (await world.TokensAsync(browser)).GetProperty("refresh_token").GetString()!;
        await world.GiveAsync("sue@aerona.example", Role.Support);

        var claims = World.Payload((await world.RefreshAsync(token)).Body.GetProperty("access_token").GetString()!);

        Assert.Equal("traveller", claims.GetProperty("role").GetString());
    }

    [Fact]
    public async Task Signing_out_through_an_application_needs_its_token_or_the_persons_word()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        var id = (await world.TokensAsync(browser, "openid")).GetProperty("id_token").GetString()!;

        var asked = await browser.GetAsync("/connect/logout");
        Assert.Contains("Sign out?", asked.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/account")).Status);

        var done = await browser.GetAsync($"/connect/logout?id_token_hint={id}&post_logout_redirect_uri={Uri.EscapeDataString("https://shop.example/bye")}&state=x");
        Assert.StartsWith("https://shop.example/bye", done.Location, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/account")).Status);
    }

    [Fact]
    public async Task What_is_over_is_deleted_and_what_tells_a_thief_is_kept_as_long_as_it_may_be_needed()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        var first = (await world.TokensAsync(browser)).GetProperty("refresh_token").GetString()!;
        await world.RefreshAsync(first);
        var cleanUp = world.Service.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<CleanUp>().Single();
        world.Clock.Advance(TimeSpan.FromDays(5));
        await cleanUp.RunAsync(CancellationToken.None);
        Assert.Equal(HttpStatusCode.BadRequest, (await world.RefreshAsync(first)).Status);
        Assert.Single(await world.Service.Published<SendAccountMail>(), mail => mail.Kind == AccountMail.TokenReused);

        world.Clock.Advance(TimeSpan.FromDays(70));
        await cleanUp.RunAsync(CancellationToken.None);

        Assert.Equal((0, 0, 0, 0), await world.Service.Query<UsersDbContext, (int, int, int, int)>(async db =>
            (await db.Tokens.CountAsync(), await db.Sessions.CountAsync(), await db.MailedLinks.CountAsync(), await db.Grants.CountAsync())));
    }

    private static async Task<IReadOnlyList<string>> KeyIdsAsync(World world)
    {
        var keys = JsonElement.Parse(await world.Http.GetStringAsync("/.well-known/jwks")).GetProperty("keys").EnumerateArray().ToList();
        Assert.All(keys, key => Assert.Equal(("EC", "P-256", false), (key.GetProperty("kty").GetString(), key.GetProperty("crv").GetString(), key.TryGetProperty("d", out _))));
        return [.. keys.Select(key => key.GetProperty("kid").GetString()!)];
    }

    private static string Part(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));

    private static string Signed(object header, object payload, Func<byte[], byte[]> sign)
    {
        var content = $"{Part(header)}.{Part(payload)}";
        return $"{content}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(content)))}";
    }

    private static string Hmac(object header, object payload, byte[] key) => Signed(header, payload, data => HMACSHA256.HashData(key, data));

    private static Dictionary<string, object?> Changed(object payload, string claim, object? value)
    {
        var claims = JsonSerializer.Deserialize<Dictionary<string, object?>>(JsonSerializer.Serialize(payload))!;
        claims[claim] = value;
        if (value is null)
        {
            claims.Remove(claim);
        }

        return claims;
    }
}
