using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aerona.Hosting;
using Aerona.Contracts.Users;
using Aerona.TestKit;
using Aerona.Users.Accounts;
using Aerona.Users.Data;
using Aerona.Users.Keys;
using Aerona.Users.Passwords;
using Aerona.Users.SigningIn;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Aerona.Users.Tests;

/// <summary>The service on its real pipeline, with a clock that the test moves; mails are read where they are put for Notifications.</summary>
internal sealed class World : IAsyncDisposable
{
    public const string Issuer = "https://aerona.example/";
    public const string Shop = "aerona-shop";
    public const string ShopReturn = "https://shop.example/signed-in";
    public const string Password = "four green bananas fly";

    private readonly TestService service;
    private readonly Counted counted;
    private readonly List<IDisposable> disposables = [];

    private World(TestService service, Counted counted) => (this.service, this.counted) = (service, counted);

    public TestService Service => service;

    public FakeTimeProvider Clock => service.Clock;

    public HttpClient Http => service.Http;

    public static Task<World> StartAsync(params (string Key, string Value)[] settings) => StartAsync(realHashes: false, settings);

    /// <param name="realHashes">Whether passwords are hashed as in production; else quickly, as most tests are about other things.</param>
    /// <param name="settings">Beside those of every world.</param>
    public static async Task<World> StartAsync(bool realHashes, params (string Key, string Value)[] settings)
    {
        var counted = new Counted();
        var all = new Dictionary<string, string?>
        {
            ["PublicBaseUrl"] = Issuer.TrimEnd('/'),
            ["Users:FirstAdministrator"] = "admin@aerona.example",
            ["Users:Clients:0:ClientId"] = Shop,
            ["Users:Clients:0:Name"] = "Aerona shop",
            ["Users:Clients:0:RedirectUris:0"] = ShopReturn,
            ["Users:Clients:0:PostLogoutRedirectUris:0"] = "https://shop.example/bye",
        };
        foreach (var (scope, at) in new[] { "openid", "profile", "email", "offline_access", "bookings", "users", "search" }.Select((scope, at) => (scope, at)))
        {
            all[$"Users:Clients:0:Scopes:{at}"] = scope;
        }

        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        var service = await TestService.StartAsync(
            builder =>
            {
                builder.Services.AddSingleton<IInterceptor>(counted);
                builder.AddUsers();
                if (!realHashes)
                {
                    builder.Services.AddSingleton(provider => new PasswordHashes(rounds: 1_000, parallel: 2, waiting: 64, provider.GetRequiredService<IMeterFactory>()));
                }
            },
            bus => bus.AddUsersConsumers(), app => app.MapUsers(), all);
        var world = new World(service, counted);
        counted.Listen(service.Services.GetRequiredService<IMeterFactory>());
        await Eventually(() => service.Services.GetRequiredService<KeyRing>().Current.IsLoaded);
        await Eventually(async () => await service.Query<UsersDbContext, bool>(db => db.Clients.AnyAsync(client => client.ClientId == Shop)));
        return world;
    }

    public Browser NewBrowser()
    {
        var browser = new Browser(service.Http.BaseAddress!);
        disposables.Add(browser);
        return browser;
    }

    /// <summary>Signs somebody up, confirms the address, and is signed in.</summary>
    public async Task<Browser> SignedUpAsync(string email, string name = "Alice Example", params Role[] roles)
    {
        var browser = NewBrowser();
        await browser.FillAsync("/account/sign-up", ("name", name), ("email", email), ("password", Password));
        var confirmed = await browser.FillAsync((await LastMailAsync(email)).Path!, ("password", Password));
        Assert.Equal(HttpStatusCode.SeeOther, confirmed.Status);
        if (roles.Length > 0)
        {
            await GiveAsync(email, roles);
        }

        return browser;
    }

    public Task<bool> GiveAsync(string email, params Role[] roles) => service.Query<UsersDbContext, bool>(async db =>
    {
        var account = await db.Users.Include(row => row.Roles).SingleAsync(row => row.Email == email);
        account.Roles.AddRange(roles.Select(role => new AccountRole { AccountId = account.Id, Role = role }));
        return await db.SaveChangesAsync() > 0;
    });

    public async Task<SendAccountMail> LastMailAsync(string email) => (await service.Published<SendAccountMail>()).Last(mail => mail.Email == email);

    /// <summary>Signs in with password (and code, when asked) and says where that leads.</summary>
    public static async Task<Answer> SignInAsync(Browser browser, string email, string password = Password, string? code = null)
    {
        var answer = await browser.FillAsync("/account/sign-in", ("email", email), ("password", password));
        return answer.Location == "/account/second-factor" && code is not null ? await browser.FillAsync("/account/second-factor", ("code", code)) : answer;
    }

    /// <summary>Sets an authenticator app up and gives its secret, and the recovery codes.</summary>
    public async Task<(byte[] Secret, IReadOnlyList<string> Codes)> AddAuthenticatorAsync(Browser browser)
    {
        var page = await browser.GetAsync("/account/authenticator");
        var secret = FromBase32(System.Text.RegularExpressions.Regex.Match(page.Body, "<code>([A-Z2-7 ]+)</code>").Groups[1].Value.Replace(" ", "", StringComparison.Ordinal));
        var shown = await browser.SubmitAsync(page, "/account/authenticator", ("code", Totp.CodeAt(secret, Clock.GetUtcNow())));
        return (secret, [.. System.Text.RegularExpressions.Regex.Matches(shown.Body, "<li><code>([A-Z2-7-]+)</code></li>").Select(match => match.Groups[1].Value)]);
    }

    /// <summary>The whole dance of an application: authorization code with PKCE, by a browser that is signed in.</summary>
    public async Task<JsonElement> TokensAsync(Browser browser, string scope = "openid offline_access users bookings", string client = Shop, string redirect = ShopReturn)
    {
        var verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var answer = await browser.GetAsync(AuthorizePath(scope, verifier, client, redirect));
        Assert.True(answer.Location?.StartsWith(redirect, StringComparison.Ordinal), $"{answer.Status} {answer.Location} {answer.Text}");
        var code = QueryHelpers.ParseQuery(new Uri(answer.Location!).Query)["code"].ToString();
        var (status, tokens) = await TokenAsync(("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect), ("client_id", client), ("code_verifier", verifier));
        Assert.True(status == HttpStatusCode.OK, tokens.ToString());
        return tokens;
    }

    public static string AuthorizePath(string scope, string verifier, string client = Shop, string redirect = ShopReturn, string state = "st") => QueryHelpers.AddQueryString("/connect/authorize", new Dictionary<string, string?>
    {
        ["client_id"] = client,
        ["response_type"] = "code",
        ["redirect_uri"] = redirect,
        ["scope"] = scope,
        ["state"] = state,
        ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))),
        ["code_challenge_method"] = "S256",
    });

    public Task<(HttpStatusCode Status, JsonElement Body)> RefreshAsync(string refreshToken, string? scope = null) =>
        TokenAsync([("grant_type", "refresh_token"), ("refresh_token", refreshToken), ("client_id", Shop), .. scope is null ? [] : (ReadOnlySpan<(string, string)>)[("scope", scope)]]);

    public async Task<(HttpStatusCode Status, JsonElement Body)> TokenAsync(params (string Name, string Value)[] fields)
    {
        using var response = await Http.PostAsync("/connect/token", new FormUrlEncodedContent(fields.Select(field => new KeyValuePair<string, string>(field.Name, field.Value))));
        var body = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, body.StartsWith('{') ? JsonElement.Parse(body) : JsonElement.Parse(JsonSerializer.Serialize(body)));
    }

    /// <summary>Calls the API with a token.</summary>
    public async Task<(HttpStatusCode Status, JsonElement? Body)> CallAsync(HttpMethod method, string path, string? token, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (method != HttpMethod.Get)
        {
            request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        }

        if (body is not null)
        {
            request.Content = new StringContent(JsonSerializer.Serialize(body, JsonSerializerOptions.Web), Encoding.UTF8, "application/json");
        }

        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length > 0 ? JsonElement.Parse(text) : null);
    }

    /// <summary>An administrator's token, with a second factor as it must be.</summary>
    public async Task<string> AdminTokenAsync()
    {
        var browser = await SignedUpAsync("admin@aerona.example", "Ada Admin");
        await AddAuthenticatorAsync(browser);
        return (await TokensAsync(browser)).GetProperty("access_token").GetString()!;
    }

    /// <summary>Runs it and says how many passwords were hashed, and what the database was asked.</summary>
    public async Task<(long Hashes, IReadOnlyList<string> Commands)> WorkOfAsync(Func<Task> work) => await counted.DuringAsync(work);

    public static Task Eventually(Func<bool> isTrue) => Eventually(() => Task.FromResult(isTrue()));

    public static async Task Eventually(Func<Task<bool>> isTrue)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await isTrue())
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    public static JsonElement Payload(string token) => JsonElement.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]));

    public static JsonElement Header(string token) => JsonElement.Parse(Base64Url.DecodeFromChars(token.Split('.')[0]));

    public async ValueTask DisposeAsync()
    {
        disposables.ForEach(one => one.Dispose());
        counted.Dispose();
        await service.DisposeAsync();
    }

    private static byte[] FromBase32(string text)
    {
        var bytes = new List<byte>();
        var (buffer, bits) = (0, 0);
        foreach (var character in text)
        {
            (buffer, bits) = (((buffer << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(character, StringComparison.Ordinal)) & 0xFFFF, bits + 5);
            if (bits >= 8)
            {
                bits -= 8;
                bytes.Add((byte)(buffer >> bits));
            }
        }

        return [.. bytes];
    }

    /// <summary>Counts password hashes (by the meter) and statements of this world's database.</summary>
    private sealed class Counted : DbCommandInterceptor, IDisposable
    {
        private readonly ConcurrentQueue<string> commands = new();
        private readonly MeterListener listener = new();
        private long hashes;

        public void Listen(IMeterFactory mine)
        {
            listener.InstrumentPublished = (instrument, meters) =>
            {
                if (instrument.Meter.Name == PasswordHashes.Meter && instrument.Meter.Scope == mine)
                {
                    meters.EnableMeasurementEvents(instrument);
                }
            };
            listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref hashes, count));
            listener.Start();
        }

        public async Task<(long Hashes, IReadOnlyList<string> Commands)> DuringAsync(Func<Task> work)
        {
            var before = Interlocked.Read(ref hashes);
            commands.Clear();
            await work();
            return (Interlocked.Read(ref hashes) - before, [.. commands]);
        }

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            Note(command, eventData);
            return new(result);
        }

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            Note(command, eventData);
            return new(result);
        }

        public void Dispose() => listener.Dispose();

        private void Note(DbCommand command, CommandEventData eventData)
        {
            if (eventData.Context is UsersDbContext)
            {
                commands.Enqueue(command.CommandText.Split('\n')[0]);
            }
        }
    }
}
