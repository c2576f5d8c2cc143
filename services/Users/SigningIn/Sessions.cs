using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Aerona.Users.Accounts;
using Aerona.Users.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Aerona.Users.SigningIn;

/// <summary>Whose browser it is.</summary>
internal sealed record SignedIn(Session Session, Account Account);

/// <summary>Sign-ins: a random value in a cookie, its hash in the table.</summary>
internal sealed class Sessions(UsersDbContext db, IOptions<UsersOptions> options, TimeProvider clock)
{
    public const string Cookie = "__Host-aerona-session";

    /// <summary>So often is written down that somebody is still there.</summary>
    private static readonly TimeSpan SeenEvery = TimeSpan.FromMinutes(5);

    private static readonly object Key = new();

    /// <summary>Null when nobody is signed in, or no longer.</summary>
    public async Task<SignedIn?> CurrentAsync(HttpContext context)
    {
        if (context.Items.TryGetValue(Key, out var found))
        {
            return (SignedIn?)found;
        }

        var current = await ReadAsync(context);
        context.Items[Key] = current;
        return current;
    }

    /// <summary>Begins one and gives the browser its cookie; one that the browser had ends. Adds to the context, to be saved by the caller.</summary>
    public async Task<Session> BeginAsync(HttpContext context, Account account, string methods)
    {
        if (await CurrentAsync(context) is { } before)
        {
            await EndAsync(before.Session.Id, "signed-in-again", context.RequestAborted);
        }

        var now = clock.GetUtcNow();
        var cookie = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var session = new Session
        {
            Id = Guid.CreateVersion7(now),
            AccountId = account.Id,
            TokenHash = Hash(cookie),
            CreatedAt = now,
            SeenAt = now,
            AuthenticatedAt = now,
            Methods = methods,
            Address = Throttles.Network(context),
            Device = DeviceName(context.Request.Headers.UserAgent.ToString()),
            ExpiresAt = now + options.Value.SessionLifetime,
        };
        db.Sessions.Add(session);
        context.Response.Cookies.Append(Cookie, cookie, new() { HttpOnly = true, Secure = true, SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true });
        context.Items[Key] = new SignedIn(session, account);
        return session;
    }

    /// <summary>The open ones of an account, the newest first.</summary>
    public async Task<IReadOnlyList<Session>> OpenOfAsync(Guid accountId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var rows = await db.Sessions.AsNoTracking().Where(row => row.AccountId == accountId && row.EndedAt == null && row.ExpiresAt > now).ToListAsync(cancellationToken);
        return [.. rows.Where(row => row.IsOpen(now, options.Value.SessionIdle)).OrderByDescending(row => row.SeenAt)];
    }

    public bool IsOpen(Session session) => session.IsOpen(clock.GetUtcNow(), options.Value.SessionIdle);

    /// <summary>Ends it and everything made from it; false when it had ended before.</summary>
    public async Task<bool> EndAsync(Guid sessionId, string because, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var ended = await db.Sessions.Where(row => row.Id == sessionId && row.EndedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.EndedAt, now).SetProperty(row => row.EndedBecause, because), cancellationToken);
        await RevokeAsync([sessionId], cancellationToken);
        return ended > 0;
    }

    /// <summary>Ends all of an account but one, or all; how many.</summary>
    public async Task<int> EndAllAsync(Guid accountId, string because, Guid? but, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var ids = await db.Sessions.Where(row => row.AccountId == accountId && row.EndedAt == null && row.Id != but).Select(row => row.Id).ToListAsync(cancellationToken);
        await db.Sessions.Where(row => ids.Contains(row.Id)).ExecuteUpdateAsync(set => set.SetProperty(row => row.EndedAt, now).SetProperty(row => row.EndedBecause, because), cancellationToken);
        await RevokeAsync(ids, cancellationToken);
        return ids.Count;
    }

    /// <summary>Somebody uses it.</summary>
    public async Task SeenAsync(Session session, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (now - session.SeenAt > SeenEvery)
        {
            await db.Sessions.Where(row => row.Id == session.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.SeenAt, now), cancellationToken);
        }
    }

    /// <summary>Takes the cookie back.</summary>
    public static void Forget(HttpContext context)
    {
        context.Response.Cookies.Delete(Cookie, new() { HttpOnly = true, Secure = true, SameSite = SameSiteMode.Lax, Path = "/" });
        context.Items[Key] = null;
    }

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private async Task<SignedIn?> ReadAsync(HttpContext context)
    {
        if (context.Request.Cookies[Cookie] is not { Length: 43 } cookie)
        {
            return null;
        }

        var hash = Hash(cookie);
        var now = clock.GetUtcNow();
        if (await db.Sessions.SingleOrDefaultAsync(row => row.TokenHash == hash, context.RequestAborted) is not { } session || !session.IsOpen(now, options.Value.SessionIdle)
            || await db.Users.Include(row => row.Roles).SingleOrDefaultAsync(row => row.Id == session.AccountId, context.RequestAborted) is not { LockedAt: null } account)
        {
            return null;
        }

        await SeenAsync(session, context.RequestAborted);
        return new(session, account);
    }

    private async Task RevokeAsync(List<Guid> sessions, CancellationToken cancellationToken)
    {
        var grants = db.Grants.Where(row => row.SessionId != null && sessions.Contains(row.SessionId.Value));
        await db.Tokens.Where(row => grants.Contains(row.Authorization)).ExecuteUpdateAsync(set => set.SetProperty(row => row.Status, Statuses.Revoked), cancellationToken);
        await grants.ExecuteUpdateAsync(set => set.SetProperty(row => row.Status, Statuses.Revoked), cancellationToken);
    }

    /// <summary>Enough to tell one's own apart.</summary>
    private static string DeviceName(string agent)
    {
        var browser = First(agent, ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"));
        var system = First(agent, ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"));
        return (browser, system) switch
        {
            (null, null) => "?",
            (null, _) => system,
            (_, null) => browser,
            _ => $"{browser}, {system}",
        };
    }

    private static string? First(string agent, params ReadOnlySpan<(string Sign, string Name)> known)
    {
        foreach (var (sign, name) in known)
        {
            if (agent.Contains(sign, StringComparison.Ordinal))
            {
                return name;
            }
        }

        return null;
    }
}
