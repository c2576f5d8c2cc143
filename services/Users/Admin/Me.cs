using System.Security.Claims;
using Aerona.Hosting;
using Aerona.Users.Accounts;
using Aerona.Users.Data;
using Aerona.Users.SigningIn;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Users.Admin;

/// <summary>Somebody's own account.</summary>
/// <param name="Id">The subject of tokens.</param>
/// <param name="Email">Confirmed.</param>
/// <param name="Name">As given.</param>
/// <param name="Locale">BCP 47.</param>
/// <param name="Roles">By name.</param>
/// <param name="Permissions">What the roles of the token permit.</param>
/// <param name="HasSecondFactor">An authenticator app is set up.</param>
internal sealed record MeView(Guid Id, string Email, string Name, string Locale, IReadOnlyList<string> Roles, IReadOnlyList<string> Permissions, bool HasSecondFactor);

/// <summary>A sign-in that is open.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Device">Browser and system.</param>
/// <param name="Network">Where from; the last part of the address left out.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="SeenAt">UTC, to a few minutes.</param>
/// <param name="ExpiresAt">UTC; used or not.</param>
/// <param name="HasSecondFactor">Whether it was made with one.</param>
/// <param name="IsThis">The one behind the token that asks.</param>
internal sealed record SessionView(Guid Id, string Device, string Network, DateTimeOffset CreatedAt, DateTimeOffset SeenAt, DateTimeOffset ExpiresAt, bool HasSecondFactor, bool IsThis);

/// <summary>The newest first.</summary>
internal sealed record SessionList(IReadOnlyList<SessionView> Sessions);

internal static class Me
{
    public static void MapMe(this RouteGroupBuilder v1)
    {
        var me = v1.MapGroup("/me").RequireAuthorization(OwnTokens.Anybody);
        me.MapGet("", GetAsync).WithName("GetMe").WithSummary("The account behind the token");
        me.MapGet("/sessions", ListAsync).WithName("ListMySessions").WithSummary("Where one is signed in");
        me.MapDelete("/sessions/{sessionId:guid}", EndAsync).WithName("EndMySession").WithSummary("Ends one sign-in and all tokens made from it").Idempotent<UsersDbContext>();
        me.MapDelete("/sessions", EndAllAsync).WithName("EndMySessions").WithSummary("Signs out everywhere, here too").Idempotent<UsersDbContext>();
    }

    private static async Task<Ok<MeView>> GetAsync(ClaimsPrincipal user, UsersDbContext db, CancellationToken cancellationToken)
    {
        var id = Id(user);
        var account = await db.Users.AsNoTracking().Include(row => row.Roles).SingleAsync(row => row.Id == id, cancellationToken);
        var carried = user.FindAll(Callers.RoleClaim).Select(claim => Roles.Named(claim.Value)).OfType<Role>();
        return TypedResults.Ok(new MeView(
            account.Id, account.Email!, account.Name, account.Locale, [.. account.Roles.Select(held => held.Role.Name()).Order(StringComparer.Ordinal)],
            [.. carried.SelectMany(role => role.Permissions()).Distinct().Order().Select(permission => permission.ToString())], account.TotpSecret is not null));
    }

    private static async Task<Ok<SessionList>> ListAsync(ClaimsPrincipal user, Sessions sessions, CancellationToken cancellationToken)
    {
        var open = await sessions.OpenOfAsync(Id(user), cancellationToken);
        var mine = user.FindFirstValue("sid");
        return TypedResults.Ok(new SessionList([.. open.Select(session => new SessionView(
            session.Id, session.Device, session.Address, session.CreatedAt, session.SeenAt, session.ExpiresAt, session.HasSecondFactor, session.Id.ToString() == mine))]));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EndAsync(Guid sessionId, ClaimsPrincipal user, Sessions sessions, CancellationToken cancellationToken)
    {
        if ((await sessions.OpenOfAsync(Id(user), cancellationToken)).All(session => session.Id != sessionId))
        {
            return Problems.NotFound("session.unknown", "You have no such sign-in, or it has ended.");
        }

        await sessions.EndAsync(sessionId, "ended-by-owner", cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> EndAllAsync(ClaimsPrincipal user, Sessions sessions, CancellationToken cancellationToken)
    {
        await sessions.EndAllAsync(Id(user), "ended-by-owner", null, cancellationToken);
        return TypedResults.NoContent();
    }

    private static Guid Id(ClaimsPrincipal user) => Guid.Parse(user.FindFirstValue(Callers.SubjectClaim)!);
}
