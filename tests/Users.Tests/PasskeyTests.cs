using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aerona.Hosting;
using Aerona.Contracts.Users;
using Aerona.Users.Accounts;

namespace Aerona.Users.Tests;

public sealed class PasskeyTests
{
    [Fact]
    public async Task A_passkey_signs_in_by_itself_counts_as_both_factors_and_an_answer_is_good_once()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("sue@aerona.example", roles: Role.Support);
        using var authenticator = new Authenticator();
        var added = await AddAsync(browser, authenticator);
        Assert.Equal("/account?done=passkey", added.Location);
        Assert.Equal(AccountMail.SecondFactorAdded, (await world.LastMailAsync("sue@aerona.example")).Kind);

        var other = world.NewBrowser();
        var page = await other.GetAsync("/account/sign-in");
        var (challenge, answer) = await AnswerAsync(other, page, authenticator);
        var signedIn = await other.SubmitAsync(page, "/account/passkey-sign-in", ("challenge", challenge), ("credential", answer));
        var again = await world.NewBrowser().FillPasskeyAsync(challenge, answer);

        Assert.Equal("/account", signedIn.Location);
        Assert.Equal(HttpStatusCode.BadRequest, again.Status);
        var claims = World.Payload((await world.TokensAsync(other)).GetProperty("access_token").GetString()!);
        Assert.Equal(["support", "traveller"], claims.GetProperty("role").EnumerateArray().Select(role => role.GetString()));
        Assert.Equal("/account/second-factor", (await World.SignInAsync(world.NewBrowser(), "sue@aerona.example")).Location);   // a password is not a way around it
    }

    [Fact]
    public async Task An_answer_that_is_wrong_in_one_thing_lets_nobody_in()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        using var authenticator = new Authenticator();
        await AddAsync(browser, authenticator);
        foreach (var wrong in new[] { "origin", "host", "key", "no verification", "challenge" })
        {
            var thief = world.NewBrowser();
            var page = await thief.GetAsync("/account/sign-in");
            var (challenge, answer) = await AnswerAsync(thief, page, authenticator, wrong);

            Assert.Equal((wrong, HttpStatusCode.BadRequest), (wrong, (await thief.SubmitAsync(page, "/account/passkey-sign-in", ("challenge", challenge), ("credential", answer))).Status));
        }
    }

    [Fact]
    public async Task A_question_is_answered_in_time_and_a_passkey_that_was_removed_is_nobodys()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        using var authenticator = new Authenticator();
        await AddAsync(browser, authenticator);
        var other = world.NewBrowser();
        var page = await other.GetAsync("/account/sign-in");
        var (late, lateAnswer) = await AnswerAsync(other, page, authenticator);
        world.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(HttpStatusCode.BadRequest, (await other.SubmitAsync(page, "/account/passkey-sign-in", ("challenge", late), ("credential", lateAnswer))).Status);

        await browser.SubmitAsync(await browser.GetAsync("/account"), $"/account/passkeys/{Base64Url.EncodeToString(authenticator.Id)}/removal");
        var (challenge, answer) = await AnswerAsync(other, page, authenticator);

        Assert.Equal(HttpStatusCode.BadRequest, (await other.SubmitAsync(page, "/account/passkey-sign-in", ("challenge", challenge), ("credential", answer))).Status);
    }

    internal static async Task<Answer> AddAsync(Browser browser, Authenticator authenticator)
    {
        var page = await browser.GetAsync("/account");
        var asked = JsonElement.Parse((await browser.SubmitAsync(page with { Body = page.Body.Replace("action=\"/account/passkeys\"", "action=\"/account/passkeys/challenge\"", StringComparison.Ordinal) }, "/account/passkeys/challenge")).Body);
        return await browser.SubmitAsync(
            page, "/account/passkeys", ("challenge", asked.GetProperty("challenge").GetString()!), ("credential", authenticator.Create(asked.GetProperty("options"))), ("name", "My key"));
    }

    private static async Task<(string Challenge, string Answer)> AnswerAsync(Browser browser, Answer page, Authenticator authenticator, string? wrong = null)
    {
        var asked = JsonElement.Parse((await browser.SubmitAsync(
            page with { Body = page.Body.Replace("action=\"/account/passkey-sign-in\"", "action=\"/account/passkey-sign-in/challenge\"", StringComparison.Ordinal) }, "/account/passkey-sign-in/challenge")).Body);
        return (asked.GetProperty("challenge").GetString()!, authenticator.Get(asked.GetProperty("options"), wrong));
    }
}

internal static class PasskeyBrowser
{
    public static async Task<Answer> FillPasskeyAsync(this Browser browser, string challenge, string answer) =>
        await browser.SubmitAsync(await browser.GetAsync("/account/sign-in"), "/account/passkey-sign-in", ("challenge", challenge), ("credential", answer));
}

/// <summary>An authenticator in software (WebAuthn level 3, ES256, attestation "none").</summary>
internal sealed class Authenticator : IDisposable
{
    private const string Origin = "https://aerona.example";

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private uint counter;
    private string userHandle = "";

    public byte[] Id { get; } = RandomNumberGenerator.GetBytes(32);

    public string Create(JsonElement options)
    {
        userHandle = options.GetProperty("user").GetProperty("id").GetString()!;
        var client = ClientData("webauthn.create", options.GetProperty("challenge").GetString()!, Origin);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        byte[] cose = [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. point.X!, 0x22, 0x58, 0x20, .. point.Y!];
        byte[] data = [.. AuthenticatorData(options.GetProperty("rp").GetProperty("id").GetString()!, 0x45), .. new byte[16], 0, (byte)Id.Length, .. Id, .. cose];
        byte[] attestation = [0xA3, .. Text("fmt"), .. Text("none"), .. Text("attStmt"), 0xA0, .. Text("authData"), 0x58, (byte)data.Length, .. data];
        return Credential(new { clientDataJSON = Base64Url.EncodeToString(client), attestationObject = Base64Url.EncodeToString(attestation), transports = new[] { "internal" } });
    }

    public string Get(JsonElement options, string? wrong)
    {
        var challenge = options.GetProperty("challenge").GetString()!;
        var client = ClientData("webauthn.get", wrong == "challenge" ? Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)) : challenge, wrong == "origin" ? "https://aerona.example.evil.example" : Origin);
        var data = AuthenticatorData(wrong == "host" ? "evil.example" : "aerona.example", (byte)(wrong == "no verification" ? 0x01 : 0x05));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signature = (wrong == "key" ? other : key).SignData([.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return Credential(new
        {
            clientDataJSON = Base64Url.EncodeToString(client),
            authenticatorData = Base64Url.EncodeToString(data),
            signature = Base64Url.EncodeToString(signature),
            userHandle,
        });
    }

    public void Dispose() => key.Dispose();

    private byte[] AuthenticatorData(string host, byte flags)
    {
        var count = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(count, ++counter);
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(host)), flags, .. count];
    }

    private string Credential(object response) => JsonSerializer.Serialize(new
    {
        id = Base64Url.EncodeToString(Id),
        rawId = Base64Url.EncodeToString(Id),
        type = "public-key",
        clientExtensionResults = new { },
        authenticatorAttachment = "platform",
        response,
    });

    private static byte[] ClientData(string type, string challenge, string origin) => JsonSerializer.SerializeToUtf8Bytes(new { type, challenge, origin, crossOrigin = false });

    private static byte[] Text(string text) => [(byte)(0x60 + text.Length), .. Encoding.UTF8.GetBytes(text)];
}
