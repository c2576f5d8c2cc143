using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Aerona.Hosting;
using Aerona.Users.Accounts;
using Aerona.Users.Connect;
using Aerona.Users.Data;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Users.Tests;

public sealed class ApiTests
{
    [Fact]
    public async Task An_administrator_finds_people_gives_roles_locks_and_lets_in_again_and_all_of_it_counts_at_once()
    {
        await using var world = await World.StartAsync();
        var admin = await world.AdminTokenAsync();
        var alice = await world.SignedUpAsync("alice@example.org");
        var tokens = await world.TokensAsync(alice);
        var (found, list) = await world.CallAsync(HttpMethod.Get, "/v1/users?search=ALICE", admin);
        var id = list!.Value.GetProperty("items").EnumerateArray().Single().GetProperty("id").GetGuid();

        var (given, view) = await world.CallAsync(HttpMethod.Put, $"/v1/users/{id}/roles", admin, new { roles = new[] { "traveller", "finance" } });
        var (byRole, ofRole) = await world.CallAsync(HttpMethod.Get, "/v1/users?role=finance", admin);
        var (locked, _) = await world.CallAsync(HttpMethod.Put, $"/v1/users/{id}/lock", admin, new { reason = "asked by the owner" });

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NoContent], [found, given, byRole, locked]);
        Assert.Equal(["finance", "traveller"], view!.Value.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        Assert.Equal(id, ofRole!.Value.GetProperty("items").EnumerateArray().Single().GetProperty("id").GetGuid());
        Assert.Equal(HttpStatusCode.Unauthorized, (await world.CallAsync(HttpMethod.Get, "/v1/me", tokens.GetProperty("access_token").GetString())).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await world.RefreshAsync(tokens.GetProperty("refresh_token").GetString()!)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await World.SignInAsync(world.NewBrowser(), "alice@example.org")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await World.SignInAsync(world.NewBrowser(), "alice@example.org", "a wrong password")).Status);   // strangers learn nothing
        await world.CallAsync(HttpMethod.Delete, $"/v1/users/{id}/lock", admin);
        Assert.Equal("/account", (await World.SignInAsync(world.NewBrowser(), "alice@example.org")).Location);
    }

    [Fact]
    public async Task Every_operation_of_staff_is_for_those_alone_whose_roles_permit_it()
    {
        await using var world = await World.StartAsync();
        Dictionary<Role, string> tokens = new() { [Role.Admin] = await world.AdminTokenAsync() };
        foreach (var role in Roles.All.Except([Role.Admin]))
        {
            var browser = await world.SignedUpAsync($"{role.Name()}@aerona.example", roles: role == Role.Traveller ? [] : [role]);
            await world.AddAuthenticatorAsync(browser);
            tokens[role] = (await world.TokensAsync(browser)).GetProperty("access_token").GetString()!;
            world.Clock.Advance(TimeSpan.FromSeconds(31));
        }

        var unknown = Guid.NewGuid();
        (HttpMethod Method, string Path, object? Body, Permission Needs)[] operations =
        [
            (HttpMethod.Get, "/v1/roles", null, Permission.SeeAccounts),
            (HttpMethod.Get, "/v1/users", null, Permission.SeeAccounts),
            (HttpMethod.Get, $"/v1/users/{unknown}", null, Permission.SeeAccounts),
            (HttpMethod.Put, $"/v1/users/{unknown}/roles", new { roles = new[] { "admin" } }, Permission.GiveRoles),
            (HttpMethod.Put, $"/v1/users/{unknown}/lock", new { reason = "x" }, Permission.LockAccounts),
            (HttpMethod.Delete, $"/v1/users/{unknown}/lock", null, Permission.LockAccounts),
            (HttpMethod.Delete, $"/v1/users/{unknown}/sessions", null, Permission.EndSessions),
            (HttpMethod.Get, "/v1/api-clients", null, Permission.ManageClients),
            (HttpMethod.Post, "/v1/api-clients", new { name = "x", mode = "test", scopes = new[] { "bookings" } }, Permission.ManageClients),
            (HttpMethod.Post, "/v1/api-clients/nobody/secrets", null, Permission.ManageClients),
            (HttpMethod.Delete, $"/v1/api-clients/nobody/secrets/{unknown}", null, Permission.ManageClients),
            (HttpMethod.Put, "/v1/api-clients/nobody/disabled", null, Permission.ManageClients),
            (HttpMethod.Delete, "/v1/api-clients/nobody/disabled", null, Permission.ManageClients),
            (HttpMethod.Get, "/v1/signing-keys", null, Permission.RotateKeys),
            (HttpMethod.Post, "/v1/signing-keys/rotations", null, Permission.RotateKeys),
        ];
        foreach (var (method, path, body, needs) in operations)
        {
            Assert.True((await world.CallAsync(method, path, null, body)).Status == HttpStatusCode.Unauthorized, $"anybody: {method} {path}");
            foreach (var (role, token) in tokens)
            {
                var status = (await world.CallAsync(method, path, token, body)).Status;
                var isAllowed = status is not (HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized) && (int)status < 500;
                Assert.True(isAllowed == role.Permissions().Contains(needs), $"{role}: {method} {path}: {status}");
            }
        }
    }

    [Fact]
    public async Task Nobody_makes_himself_more_or_locks_himself_out_and_what_does_not_exist_is_404()
    {
        await using var world = await World.StartAsync();
        var admin = await world.AdminTokenAsync();
        var id = World.Payload(admin).GetProperty("sub").GetGuid();

        var own = await world.CallAsync(HttpMethod.Put, $"/v1/users/{id}/roles", admin, new { roles = new[] { "admin", "finance" } });
        var wrong = await world.CallAsync(HttpMethod.Put, $"/v1/users/{id}/roles", admin, new { roles = new[] { "emperor" } });

        Assert.Equal((HttpStatusCode.Forbidden, "user.own_roles"), (own.Status, own.Body!.Value.GetProperty("code").GetString()));
        Assert.Equal("/roles/0", wrong.Body!.Value.GetProperty("errors")[0].GetProperty("pointer").GetString());
        Assert.Equal(HttpStatusCode.Forbidden, (await world.CallAsync(HttpMethod.Put, $"/v1/users/{id}/lock", admin, new { reason = "x" })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await world.CallAsync(HttpMethod.Get, $"/v1/users/{Guid.NewGuid()}", admin)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await world.CallAsync(HttpMethod.Delete, $"/v1/me/sessions/{Guid.NewGuid()}", admin)).Status);
    }

    [Fact]
    public async Task A_role_that_is_taken_away_counts_here_at_once()
    {
        await using var world = await World.StartAsync();
        var admin = await world.AdminTokenAsync();
        Assert.Equal(HttpStatusCode.OK, (await world.CallAsync(HttpMethod.Get, "/v1/users", admin)).Status);

        await world.Service.Query<UsersDbContext, int>(db => db.AccountRoles.Where(held => held.Role == Role.Admin).ExecuteDeleteAsync());

        Assert.Equal(HttpStatusCode.Forbidden, (await world.CallAsync(HttpMethod.Get, "/v1/users", admin)).Status);
    }

    [Fact]
    public async Task People_are_listed_page_by_page_each_once()
    {
        await using var world = await World.StartAsync();
        var admin = await world.AdminTokenAsync();
        await world.Service.Query<UsersDbContext, int>(db =>
        {
            db.Users.AddRange(Enumerable.Range(0, 12).Select(at => Account.Open($"person{at:00}@example.org", "P", "en", "", world.Clock.GetUtcNow())));
            return db.SaveChangesAsync();
        });

        List<string> all = [];
        for (string? cursor = ""; cursor is not null;)
        {
            var (_, page) = await world.CallAsync(HttpMethod.Get, $"/v1/users?limit=5{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}", admin);
            all.AddRange(page!.Value.GetProperty("items").EnumerateArray().Select(user => user.GetProperty("email").GetString()!));
            cursor = page.Value.GetProperty("nextCursor").GetString();
        }

        Assert.Equal(["admin@aerona.example", .. Enumerable.Range(0, 12).Select(at => $"person{at:00}@example.org")], all);
    }

    [Fact]
    public async Task A_program_gets_tokens_for_its_scopes_by_either_of_two_secrets_and_its_mode_stands_in_them()
    {
        await using var world = await World.StartAsync();
        var admin = await world.AdminTokenAsync();
        var (made, client) = await world.CallAsync(HttpMethod.Post, "/v1/api-clients", admin, new { name = "A shop's back end", mode = "test", scopes = new[] { "bookings", "search" } });
        var (id, first) = (client!.Value.GetProperty("client").GetProperty("clientId").GetString()!, client.Value.GetProperty("secret").GetString()!);
        var firstId = client.Value.GetProperty("client").GetProperty("secrets")[0].GetProperty("id").GetGuid();
        Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(string secret, string scope = "bookings") =>
            world.TokenAsync(("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret), ("scope", scope));

        var (status, token) = await AskAsync(first);
        var claims = World.Payload(token.GetProperty("access_token").GetString()!);
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (made, status));
        Assert.StartsWith("test-", id, StringComparison.Ordinal);
        Assert.Equal((id, "test", "aerona-bookings"), (claims.GetProperty("sub").GetString(), claims.GetProperty("mode").GetString(), claims.GetProperty("aud").GetString()));
        Assert.False(claims.TryGetProperty("role", out _));

        var second = (await world.CallAsync(HttpMethod.Post, $"/v1/api-clients/{id}/secrets", admin)).Body!.Value.GetProperty("secret").GetString()!;
        Assert.Equal(HttpStatusCode.Conflict, (await world.CallAsync(HttpMethod.Post, $"/v1/api-clients/{id}/secrets", admin)).Status);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), ((await AskAsync(first)).Status, (await AskAsync(second)).Status));
        await world.CallAsync(HttpMethod.Delete, $"/v1/api-clients/{id}/secrets/{firstId}", admin);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), ((await AskAsync(first)).Status, (await AskAsync(second)).Status));

        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(second, "bookings payments")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync("")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(World.Password)).Status);
        await world.CallAsync(HttpMethod.Put, $"/v1/api-clients/{id}/disabled", admin);
        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(second)).Status);
        var text = await world.Service.Query<UsersDbContext, string>(async db => JsonSerializer.Serialize(await db.Clients.ToListAsync()) + JsonSerializer.Serialize(await db.ClientSecrets.ToListAsync()));
        Assert.DoesNotContain(second, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_foreign_application_asks_the_person_first_and_a_no_is_a_no()
    {
        await using var world = await World.StartAsync();
        await world.Service.Query<UsersDbContext, int>(db =>
        {
            var client = Clients.Make("other-shop", "Other shop", "public", ClientMode.Test, world.Clock.GetUtcNow());
            client.RedirectUris = """["https://other.example/back"]""";
            Clients.Permit(client, ["openid", "bookings"], isProgram: false);
            db.Clients.Add(client);
            return db.SaveChangesAsync();
        });
        var browser = await world.SignedUpAsync("alice@example.org");
        var path = World.AuthorizePath("openid bookings", new string('a', 43), "other-shop", "https://other.example/back");

        var asked = await browser.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, asked.Status);
        Assert.Contains("Other shop asks for your leave", asked.Text, StringComparison.Ordinal);
        Assert.Contains("book flights, and see and change your bookings", asked.Text, StringComparison.Ordinal);
        Assert.Contains("form-action 'self' https://other.example;", asked.Headers["Content-Security-Policy"], StringComparison.Ordinal);
        var no = await browser.SubmitAsync(asked, "/connect/authorize", ("decision", "deny"));
        Assert.Contains("error=access_denied", no.Location, StringComparison.Ordinal);
        var forged = await browser.SubmitAsync(asked, "/connect/authorize", ("decision", "allow"), ("form-token", "forged"));
        Assert.Null(forged.Location);
        var yes = await browser.SubmitAsync(asked, "/connect/authorize", ("decision", "allow"));
        Assert.Contains("code=", yes.Location, StringComparison.Ordinal);
        Assert.Contains("code=", (await browser.GetAsync(path)).Location, StringComparison.Ordinal);   // asked once
    }

    [Fact]
    public async Task The_same_call_again_does_nothing_twice()
    {
        await using var world = await World.StartAsync();
        var admin = await world.AdminTokenAsync();
        async Task<string> MakeAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/api-clients")
            {
                Content = new StringContent("""{"name":"x","mode":"live","scopes":["search"]}""", Encoding.UTF8, "application/json"),
            };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", admin);
            request.Headers.Add("Idempotency-Key", "one");
            using var response = await world.Http.SendAsync(request);
            return await response.Content.ReadAsStringAsync();
        }

        Assert.Equal(await MakeAsync(), await MakeAsync());
        Assert.Single((await world.CallAsync(HttpMethod.Get, "/v1/api-clients", admin)).Body!.Value.GetProperty("clients").EnumerateArray(), client => client.GetProperty("name").GetString() == "x");
    }

    [Fact]
    public async Task Wrong_settings_are_named()
    {
        var problem = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => World.StartAsync(("Users:Clients:1:ClientId", "No Good"), ("Users:Clients:1:Name", "x"), ("Users:Clients:1:Scopes:0", "everything")));

        Assert.Contains(problem.Failures, failure => failure.StartsWith("Users:Clients:1:ClientId: ", StringComparison.Ordinal));
        Assert.Contains(problem.Failures, failure => failure.StartsWith("Users:Clients:1:Scopes: everything is none of ", StringComparison.Ordinal));
        Assert.Contains(problem.Failures, failure => failure.StartsWith("Users:Clients:1:Secret: ", StringComparison.Ordinal));
    }
}
