using System.Net;
using Aerona.Hosting;
using Aerona.LocalServers;
using Aerona.Users.Data;
using Aerona.Users.SigningIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Users.Tests;

/// <summary>What differs between the databases: locks, rows that two make at once, bulk statements, JSON columns.</summary>
public sealed class PostgreSqlTests
{
    [Fact]
    public async Task Signing_in_guessing_refreshing_and_rotating_are_the_same_on_PostgreSQL()
    {
        var folder = Directory.CreateTempSubdirectory("aerona-users-postgres-");
        try
        {
            await using var server = await PostgreSql.StartAsync(folder.FullName, TestContext.Current.CancellationToken);
            var database = await server.AddDatabaseAsync("users", "users", "p4ssw0rd", TestContext.Current.CancellationToken);
            await using var world = await World.StartAsync(("ConnectionStrings:users", database), ("Users:Clients:1:ClientId", "program"), ("Users:Clients:1:Name", "P"),
                ("Users:Clients:1:Secret", new string('s', 40)), ("Users:Clients:1:Scopes:0", "bookings"));
            Assert.False(await world.Service.Query<UsersDbContext, bool>(db => Task.FromResult(db.Database.HasPendingModelChanges())), "the model has changed: add a migration");
            var browser = await world.SignedUpAsync("alice@example.org");
            using var authenticator = new Authenticator();
            Assert.Equal("/account?done=passkey", (await PasskeyTests.AddAsync(browser, authenticator)).Location);
            var (secret, codes) = await world.AddAuthenticatorAsync(browser);
            var tokens = await world.TokensAsync(browser);
            var first = tokens.GetProperty("refresh_token").GetString()!;

            var thief = world.NewBrowser();
            var page = await thief.GetAsync("/account/sign-in");
            var guesses = await Task.WhenAll(Enumerable.Range(0, 12).Select(guess => thief.SubmitAsync(page, "/account/sign-in", ("email", "nobody@example.org"), ("password", $"guess number {guess}"))));
            Assert.Equal((5, 7), (guesses.Count(answer => answer.Status == HttpStatusCode.BadRequest), guesses.Count(answer => answer.Status == HttpStatusCode.TooManyRequests)));

            var races = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => world.RefreshAsync(first)));
            Assert.All(races, race => Assert.Equal(HttpStatusCode.OK, race.Status));
            world.Clock.Advance(TimeSpan.FromSeconds(31));
            var other = world.NewBrowser();
            Assert.Equal("/account", (await World.SignInAsync(other, "alice@example.org", code: Totp.CodeAt(secret, world.Clock.GetUtcNow()))).Location);
            Assert.Equal("/account", (await World.SignInAsync(world.NewBrowser(), "alice@example.org", code: codes[3])).Location);
            Assert.Equal(HttpStatusCode.BadRequest, (await world.RefreshAsync(first)).Status);
            Assert.All(races, race => Assert.Equal(HttpStatusCode.BadRequest, world.RefreshAsync(race.Body.GetProperty("refresh_token").GetString()!).Result.Status));
            Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/account")).Status);

            var later = await world.TokensAsync(other);
            await world.Service.Services.GetRequiredService<Keys.KeyRing>().RotateAsync(CancellationToken.None);
            var (status, renewed) = await world.RefreshAsync(later.GetProperty("refresh_token").GetString()!);
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (status, (await world.CallAsync(HttpMethod.Get, "/v1/me", renewed.GetProperty("access_token").GetString())).Status));
            var admin = await world.AdminTokenAsync();
            var (listed, list) = await world.CallAsync(HttpMethod.Get, "/v1/users?limit=1&search=example", admin);
            Assert.Equal((HttpStatusCode.OK, 1), (listed, list!.Value.GetProperty("items").GetArrayLength()));
            Assert.Equal(HttpStatusCode.OK, (await world.TokenAsync(("grant_type", "client_credentials"), ("client_id", "program"), ("client_secret", new string('s', 40)), ("scope", "bookings"))).Status);
            world.Clock.Advance(TimeSpan.FromDays(75));
            await world.Service.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<CleanUp>().Single().RunAsync(CancellationToken.None);
            Assert.Equal("/account/second-factor", (await World.SignInAsync(world.NewBrowser(), "alice@example.org")).Location);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
