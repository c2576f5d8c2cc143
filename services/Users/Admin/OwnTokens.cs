using System.Security.Claims;
using Aerona.Hosting;
using Aerona.Users.Data;
using Aerona.Users.SigningIn;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Users.Admin;

/// <summary>
/// Tokens that come to this service itself. It holds the accounts, so it need not believe a token until it runs out: a sign-in that has ended, an account that is
/// locked, and a role that was taken away count at once.
/// </summary>
internal sealed class OwnTokens(UsersDbContext db, Sessions sessions)
{
    public const string Anybody = "users:anybody";

    public static Task<bool> StillHoldAsync(HttpContext context, ClaimsPrincipal principal) =>
        context.RequestServices.GetRequiredService<OwnTokens>().HoldsAsync(principal, context.RequestAborted);

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
