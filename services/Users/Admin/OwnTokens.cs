using System.Security.Claims;
using Aerona.Hosting;
using Aerona.Users.Accounts;
using Aerona.Users.Data;
using Aerona.Users.SigningIn;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Users.Admin;

/// <summary>
/// Tokens that come to this service itself. It holds the accounts, so it need not believe a token until it runs out: a sign-in that has ended, an account that is
/// locked, and a role that was taken away count at once.
/// </summary>
internal sealed class OwnTokens(UsersDbContext db, Sessions sessions)
{
    public const string Scheme = "aerona-users";
    public const string Anybody = "users:anybody";

    public static async Task StillHoldsAsync(TokenValidatedContext context)
    {
        if (!await context.HttpContext.RequestServices.GetRequiredService<OwnTokens>().HoldsAsync(context.Principal!, context.HttpContext.RequestAborted))
        {
            context.Fail("the sign-in behind the token has ended");
        }
    }

    private async Task<bool> HoldsAsync(ClaimsPrincipal principal, CancellationToken cancellationToken)
    {
        var subject = principal.FindFirstValue(Callers.SubjectClaim);
        if (!Guid.TryParse(principal.FindFirstValue("sid"), out var sessionId) || !Guid.TryParse(subject, out var accountId))
        {
            return await db.Clients.AnyAsync(row => row.ClientId == subject && row.DisabledAt == null, cancellationToken);   // a program
        }

        if (await db.Sessions.AsNoTracking().SingleOrDefaultAsync(row => row.Id == sessionId && row.AccountId == accountId, cancellationToken) is not { } session || !sessions.IsOpen(session)
            || await db.Users.AsNoTracking().Include(row => row.Roles).SingleOrDefaultAsync(row => row.Id == accountId, cancellationToken) is not { LockedAt: null } account)
        {
            return false;
        }

        var held = account.Roles.Select(one => one.Role.Name()).ToHashSet(StringComparer.Ordinal);
        var identity = (ClaimsIdentity)principal.Identity!;
        foreach (var gone in identity.FindAll(Callers.RoleClaim).Where(claim => !held.Contains(claim.Value)).ToList())
        {
            identity.RemoveClaim(gone);
        }

        return true;
    }
}

internal static class Policies
{
    /// <summary>One for each permission, named after it, and one for anybody who is signed in.</summary>
    public static void AddPolicies(this WebApplicationBuilder builder)
    {
        var policies = builder.Services.AddAuthorizationBuilder();
        policies.AddPolicy(OwnTokens.Anybody, policy => policy.AddAuthenticationSchemes(OwnTokens.Scheme).RequireAuthenticatedUser().RequireClaim("sid"));
        foreach (var permission in Enum.GetValues<Permission>())
        {
            policies.AddPolicy(Of(permission), policy => policy.AddAuthenticationSchemes(OwnTokens.Scheme).RequireAuthenticatedUser()
                .RequireAssertion(asked => Roles.Permit(asked.User.FindAll(Callers.RoleClaim).Select(claim => claim.Value), permission)));
        }
    }

    public static TBuilder Requires<TBuilder>(this TBuilder endpoint, Permission permission) where TBuilder : IEndpointConventionBuilder => endpoint.RequireAuthorization(Of(permission));

    private static string Of(Permission permission) => $"users:{permission}";
}
