using System.Security.Cryptography;
using Aerona.Hosting;
using Aerona.Users.Connect;
using Aerona.Users.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Users.Admin;

/// <summary>A program that asks for tokens without a person.</summary>
/// <param name="ClientId">Begins with <c>live-</c> or <c>test-</c>.</param>
/// <param name="Name">As given.</param>
/// <param name="Mode">Whether what it does is real.</param>
/// <param name="Scopes">The services that it may ask tokens for.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="DisabledAt">UTC; null while it may.</param>
/// <param name="Secrets">At most two, the oldest first.</param>
internal sealed record ApiClientView(string ClientId, string Name, ClientMode Mode, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset? DisabledAt, IReadOnlyList<ClientSecretView> Secrets);

/// <summary>A secret without the secret.</summary>
/// <param name="Id">Names it.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="EndsAt">UTC; null for no end.</param>
internal sealed record ClientSecretView(Guid Id, DateTimeOffset CreatedAt, DateTimeOffset? EndsAt);

/// <summary>All there are.</summary>
internal sealed record ApiClientList(IReadOnlyList<ApiClientView> Clients);

/// <summary>A client to be made.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="Mode">Whether what it does is real; it stays so.</param>
/// <param name="Scopes">Names of services, one at least.</param>
internal sealed record MakeApiClientRequest(string Name, ClientMode Mode, IReadOnlyList<string> Scopes);

/// <summary>A client that was made, or got a new secret.</summary>
/// <param name="Client">How it stands.</param>
/// <param name="Secret">Shown this once.</param>
internal sealed record ApiClientSecret(ApiClientView Client, string Secret);

internal static class ManageClients
{
    private const int MostSecrets = 2;
    private const int LongestName = 100;

    public static void MapManageClients(this RouteGroupBuilder v1)
    {
        var clients = v1.MapGroup("/api-clients").Requires(Permission.ManageClients);
        clients.MapGet("", ListAsync).WithName("ListApiClients").WithSummary("Programs that may ask for tokens");
        clients.MapPost("", MakeAsync).WithName("MakeApiClient").WithSummary("A new program; its secret is shown this once").Idempotent<UsersDbContext>();
        clients.MapPost("/{clientId}/secrets", AddSecretAsync).WithName("AddApiClientSecret").WithSummary("A second secret, so that the first can be taken away later").Idempotent<UsersDbContext>();
        clients.MapDelete("/{clientId}/secrets/{secretId:guid}", RemoveSecretAsync).WithName("RemoveApiClientSecret").WithSummary("Takes a secret away at once").Idempotent<UsersDbContext>();
        clients.MapPut("/{clientId}/disabled", (string clientId, UsersDbContext db, TimeProvider clock, CancellationToken stop) => SetDisabledAsync(clientId, clock.GetUtcNow(), db, stop))
            .WithName("DisableApiClient").WithSummary("No more tokens").Idempotent<UsersDbContext>();
        clients.MapDelete("/{clientId}/disabled", (string clientId, UsersDbContext db, CancellationToken stop) => SetDisabledAsync(clientId, null, db, stop))
            .WithName("EnableApiClient").WithSummary("Tokens again").Idempotent<UsersDbContext>();
    }

    private static async Task<Ok<ApiClientList>> ListAsync(UsersDbContext db, CancellationToken cancellationToken)
    {
        var rows = await db.Clients.AsNoTracking().Include(row => row.Secrets).OrderBy(row => row.ClientId).ToListAsync(cancellationToken);
        return TypedResults.Ok(new ApiClientList(rows.ConvertAll(View)));
    }

    private static Results<Created<ApiClientSecret>, ProblemHttpResult> MakeAsync(MakeApiClientRequest request, UsersDbContext db, TimeProvider clock)
    {
        if (request.Name.Trim().Length is 0 or > LongestName)
        {
            return Problems.Invalid(new FieldProblem("/name", "client.name_invalid", $"A name of 1 to {LongestName} characters."));
        }

        if (request.Scopes.Count == 0 || request.Scopes.Any(scope => Audiences.Of([scope]).Count == 0))
        {
            return Problems.Invalid(new FieldProblem(
                "/scopes", "client.scope_unknown", $"One or more of {string.Join(", ", Audiences.Scopes.Where(scope => Audiences.Of([scope]).Count > 0))}."));
        }

        var now = clock.GetUtcNow();
        var id = $"{(request.Mode == ClientMode.Test ? "test" : "live")}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        var client = Clients.OfProgram(id, request.Name.Trim(), request.Mode, [.. request.Scopes.Distinct()], now);
        var (secret, text) = Clients.NewSecret(client.Id, client.Mode, now);
        client.Secrets.Add(secret);
        db.Clients.Add(client);
        return TypedResults.Created($"/v1/api-clients/{id}", new ApiClientSecret(View(client), text));
    }

    private static async Task<Results<Ok<ApiClientSecret>, ProblemHttpResult>> AddSecretAsync(string clientId, UsersDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await FindAsync(db, clientId, cancellationToken) is not { } client)
        {
            return Unknown();
        }

        if (client.Secrets.Count >= MostSecrets)
        {
            return Problems.Refused(409, "client.two_secrets", "It has two secrets: take one away first.");
        }

        var (secret, text) = Clients.NewSecret(client.Id, client.Mode, clock.GetUtcNow());
        db.ClientSecrets.Add(secret);
        return TypedResults.Ok(new ApiClientSecret(View(client), text));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveSecretAsync(string clientId, Guid secretId, UsersDbContext db, CancellationToken cancellationToken)
    {
        if (await FindAsync(db, clientId, cancellationToken) is not { } client)
        {
            return Unknown();
        }

        if (client.Secrets.Find(secret => secret.Id == secretId) is not { } row)
        {
            return Problems.NotFound("client.secret_unknown", "It has no such secret.");
        }

        db.ClientSecrets.Remove(row);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> SetDisabledAsync(string clientId, DateTimeOffset? at, UsersDbContext db, CancellationToken cancellationToken)
    {
        if (await FindAsync(db, clientId, cancellationToken) is not { } client)
        {
            return Unknown();
        }

        client.DisabledAt = at is null ? null : client.DisabledAt ?? at;
        return TypedResults.NoContent();
    }

    private static Task<Client?> FindAsync(UsersDbContext db, string clientId, CancellationToken cancellationToken) =>
        db.Clients.Include(row => row.Secrets).SingleOrDefaultAsync(row => row.ClientId == clientId, cancellationToken);

    private static ApiClientView View(Client client) => new(
        client.ClientId!, client.DisplayName ?? client.ClientId!, client.Mode, Clients.ScopesOf(client), client.CreatedAt, client.DisabledAt,
        [.. client.Secrets.OrderBy(secret => secret.CreatedAt).Select(secret => new ClientSecretView(secret.Id, secret.CreatedAt, secret.EndsAt))]);

    private static ProblemHttpResult Unknown() => Problems.NotFound("client.unknown", "There is no such client.");
}
