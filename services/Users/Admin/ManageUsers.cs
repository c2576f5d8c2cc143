using System.Security.Claims;
using Aerona.Hosting;
using Aerona.Users.Accounts;
using Aerona.Users.Data;
using Aerona.Users.SigningIn;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Users.Admin;

/// <summary>An account, for staff.</summary>
/// <param name="Id">The subject of tokens.</param>
/// <param name="Email">Confirmed.</param>
/// <param name="Name">As given.</param>
/// <param name="Locale">BCP 47.</param>
/// <param name="Roles">By name.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="LockedAt">UTC; null when it is not locked.</param>
/// <param name="LockReason">For staff; null when it is not locked.</param>
/// <param name="HasSecondFactor">An authenticator app or a passkey is set up.</param>
internal sealed record UserView(
    Guid Id, string Email, string Name, string Locale, IReadOnlyList<string> Roles, DateTimeOffset CreatedAt, DateTimeOffset? LockedAt, string? LockReason, bool HasSecondFactor);

/// <summary>All roles that somebody is to have; the others are taken away.</summary>
/// <param name="Roles">By name.</param>
internal sealed record SetRolesRequest(IReadOnlyList<string> Roles);

/// <summary>Why.</summary>
/// <param name="Reason">For staff, up to 500 characters.</param>
internal sealed record LockUserRequest(string Reason);

/// <summary>What a role permits.</summary>
/// <param name="Name">As in tokens.</param>
/// <param name="IsStaff">Needs a second factor.</param>
/// <param name="Permissions">One for each kind of action.</param>
internal sealed record RoleView(string Name, bool IsStaff, IReadOnlyList<string> Permissions);

/// <summary>All there are.</summary>
internal sealed record RoleList(IReadOnlyList<RoleView> Roles);

internal static class ManageUsers
{
    private const int LongestReason = 500;

    public static void MapManageUsers(this RouteGroupBuilder v1)
    {
        v1.MapGet("/roles", () => TypedResults.Ok(new RoleList([.. Roles.OfPeople.Select(role => new RoleView(role.Name(), role.IsStaff(), [.. role.Permissions().Select(permission => permission.ToString())]))])))
            .WithName("ListRoles").WithSummary("Who may do what").Requires(Permission.SeeAccounts);
        var users = v1.MapGroup("/users");
        users.MapGet("", ListAsync).WithName("ListUsers").WithSummary("Accounts by e-mail address; part of address or name, and role, as filters").Requires(Permission.SeeAccounts).ProducesProblem(400);
        users.MapGet("/{userId:guid}", GetAsync).WithName("GetUser").WithSummary("One account").Requires(Permission.SeeAccounts).ProducesProblem(404);
        users.MapPut("/{userId:guid}/roles", SetRolesAsync).WithName("SetUserRoles").WithSummary("What somebody is to us").Requires(Permission.GiveRoles).Idempotent<UsersDbContext>();
        users.MapPut("/{userId:guid}/lock", LockAsync).WithName("LockUser").WithSummary("Lets nobody in, and signs out everywhere").Requires(Permission.LockAccounts).Idempotent<UsersDbContext>();
        users.MapDelete("/{userId:guid}/lock", UnlockAsync).WithName("UnlockUser").WithSummary("Lets the owner in again").Requires(Permission.LockAccounts).Idempotent<UsersDbContext>();
        users.MapDelete("/{userId:guid}/sessions", EndSessionsAsync).WithName("EndUserSessions").WithSummary("Signs somebody out everywhere").Requires(Permission.EndSessions).Idempotent<UsersDbContext>();
    }

    private static async Task<Results<Ok<Page<UserView>>, ProblemHttpResult>> ListAsync(
        UsersDbContext db, CancellationToken cancellationToken, string? search = null, string? role = null, int limit = Paging.Usual, string? cursor = null)
    {
        var (problem, after) = Paging.Read(limit, cursor);
        if (problem is not null)
        {
            return Problems.Invalid(problem);
        }

        var query = db.Users.AsNoTracking().Include(row => row.Roles).Where(row => row.NormalizedUserName!.CompareTo(after) > 0);
        if (role is not null)
        {
            if (Roles.Named(role) is not { } known)
            {
                return Problems.Invalid(UnknownRole("query:role", role));
            }

            query = query.Where(row => row.Roles.Any(held => held.Role == known));
        }

        if (search is { Length: > 0 })
        {
            var (upper, part) = (Account.Normalize(search), search.Trim());
            query = query.Where(row => row.NormalizedUserName!.Contains(upper) || row.Name.Contains(part));
        }

        var rows = await query.OrderBy(row => row.NormalizedUserName).Take(limit + 1).ToListAsync(cancellationToken);
        var withPasskeys = await WithPasskeysAsync(db, rows, cancellationToken);
        return TypedResults.Ok(rows.Page(limit, row => row.NormalizedUserName!, row => View(row, withPasskeys.Contains(row.Id))));
    }

    private static async Task<Results<Ok<UserView>, ProblemHttpResult>> GetAsync(Guid userId, UsersDbContext db, CancellationToken cancellationToken) =>
        await FindAsync(db.Users.AsNoTracking(), userId, cancellationToken) is { } account
            ? TypedResults.Ok(View(account, (await WithPasskeysAsync(db, [account], cancellationToken)).Count > 0))
            : Unknown();

    private static async Task<Results<Ok<UserView>, ProblemHttpResult>> SetRolesAsync(
        Guid userId, SetRolesRequest request, ClaimsPrincipal user, UsersDbContext db, CancellationToken cancellationToken)
    {
        foreach (var (name, at) in request.Roles.Select((name, at) => (name, at)))
        {
            if (Roles.Named(name) is not { } known || !Roles.OfPeople.Contains(known))
            {
                return Problems.Invalid(UnknownRole($"/roles/{at}", name));
            }
        }

        if (await FindAsync(db.Users, userId, cancellationToken) is not { } account)
        {
            return Unknown();
        }

        if (user.FindFirstValue(Callers.SubjectClaim) == userId.ToString())
        {
            return Problems.Refused(403, "user.own_roles", "Nobody changes his own roles; ask another administrator.");
        }

        // What is taken away is refused by services when the token runs out, at most ten minutes later, and here at once.
        var wanted = request.Roles.Select(name => Roles.Named(name)!.Value).ToHashSet();
        account.Roles.RemoveAll(held => !wanted.Contains(held.Role));
        account.Roles.AddRange(wanted.Except(account.Roles.Select(held => held.Role)).Select(role => new AccountRole { AccountId = userId, Role = role }).ToList());
        return TypedResults.Ok(View(account, (await WithPasskeysAsync(db, [account], cancellationToken)).Count > 0));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> LockAsync(
        Guid userId, LockUserRequest request, ClaimsPrincipal user, UsersDbContext db, Sessions sessions, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (request.Reason.Trim().Length is 0 or > LongestReason)
        {
            return Problems.Invalid(new FieldProblem("/reason", "lock.reason_invalid", $"Say why, in up to {LongestReason} characters."));
        }

        if (await FindAsync(db.Users, userId, cancellationToken) is not { } account)
        {
            return Unknown();
        }

        if (user.FindFirstValue(Callers.SubjectClaim) == userId.ToString())
        {
            return Problems.Refused(403, "user.own_lock", "Nobody locks himself out.");
        }

        (account.LockedAt, account.LockReason) = (account.LockedAt ?? clock.GetUtcNow(), request.Reason.Trim());
        await sessions.EndAllAsync(userId, "locked", null, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> UnlockAsync(Guid userId, UsersDbContext db, CancellationToken cancellationToken)
    {
        if (await FindAsync(db.Users, userId, cancellationToken) is not { } account)
        {
            return Unknown();
        }

        (account.LockedAt, account.LockReason) = (null, null);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EndSessionsAsync(Guid userId, UsersDbContext db, Sessions sessions, CancellationToken cancellationToken)
    {
        if (!await db.Users.AnyAsync(row => row.Id == userId, cancellationToken))
        {
            return Unknown();
        }

        await sessions.EndAllAsync(userId, "ended-by-staff", null, cancellationToken);
        return TypedResults.NoContent();
    }

    private static Task<Account?> FindAsync(IQueryable<Account> accounts, Guid id, CancellationToken cancellationToken) =>
        accounts.Include(row => row.Roles).SingleOrDefaultAsync(row => row.Id == id, cancellationToken);

    private static async Task<HashSet<Guid>> WithPasskeysAsync(UsersDbContext db, List<Account> accounts, CancellationToken cancellationToken)
    {
        var ids = accounts.ConvertAll(account => account.Id);
        return [.. await db.Set<Microsoft.AspNetCore.Identity.IdentityUserPasskey<Guid>>().Where(row => ids.Contains(row.UserId)).Select(row => row.UserId).Distinct().ToListAsync(cancellationToken)];
    }

    private static UserView View(Account account, bool hasPasskey) => new(
        account.Id, account.Email!, account.Name, account.Locale, [.. account.Roles.Select(held => held.Role.Name()).Order(StringComparer.Ordinal)], account.CreatedAt, account.LockedAt,
        account.LockReason, hasPasskey || account.TotpSecret is not null);

    private static FieldProblem UnknownRole(string pointer, string name) => new(pointer, "role.unknown", $"{name} is none of {string.Join(", ", Roles.OfPeople.Select(role => role.Name()))}.");

    private static ProblemHttpResult Unknown() => Problems.NotFound("user.unknown", "There is no such account.");
}
