using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Aerona.Persistence;
using Aerona.Users.Accounts;
using Aerona.Users.Data;
using Aerona.Users.Keys;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Users.SigningIn;

/// <summary>Whether a try is listened to; if so, what it was counted under.</summary>
/// <param name="Wait">Null: go on.</param>
/// <param name="Keys">Counted already; <see cref="Throttles.SucceededAsync"/> takes it back.</param>
internal sealed record Try(TimeSpan? Wait, IReadOnlyList<string> Keys);

/// <summary>How many failures are free, and how long each further one holds up.</summary>
/// <param name="Free">Failures without a wait.</param>
/// <param name="First">The first wait; each further one is twice as long.</param>
/// <param name="Longest">And no longer than this.</param>
internal sealed record Patience(int Free, TimeSpan First, TimeSpan Longest);

/// <summary>
/// Holds guessing up: for a name at a place (a known browser, or a network), for a name as a whole, for a network as a whole. Waits grow and end; nothing locks for
/// good. A browser that signed in before is a place of its own and is not held up by what others do to that name or from that network: a stranger can make the
/// owner wait nowhere he was before. Every try counts when it begins, so that many at once are no way around. Names that do not exist count alike.
/// </summary>
internal sealed class Throttles(UsersDbContext db, MasterKey master, TimeProvider clock)
{
    public const string DeviceCookie = "__Host-aerona-device";

    private static readonly Patience AtPlace = new(5, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(15));
    private static readonly Patience OfName = new(20, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));
    private static readonly Patience OfNetwork = new(100, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(15));
    private static readonly Patience Mails = new(20, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
    private static readonly Patience MailsToOne = new(3, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));

    /// <summary>After so long without a failure the count begins anew.</summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(1);

    private static readonly TimeSpan DevicesStay = TimeSpan.FromDays(400);

    /// <summary>A try to sign in as somebody.</summary>
    public async Task<Try> BeginAsync(HttpContext context, string email, CancellationToken cancellationToken)
    {
        var name = Account.Normalize(email);
        var network = Network(context);
        var device = DeviceKey(name, context.Request.Cookies[DeviceCookie] ?? "");
        var isKnown = await db.KnownDevices.AnyAsync(row => row.Key == device, cancellationToken);
        return await CountAsync(
            isKnown
                ? [($"device:{device}", AtPlace)]
                : [($"place:{master.Pseudonym("place", $"{name} {network}")}", AtPlace), ($"name:{master.Pseudonym("name", name)}", OfName), ($"network:{master.Pseudonym("network", network)}", OfNetwork)],
            cancellationToken);
    }

    /// <summary>A try to have a mail sent to somebody.</summary>
    public Task<Try> BeginMailAsync(HttpContext context, string email, CancellationToken cancellationToken) => CountAsync(
        [($"mails:{master.Pseudonym("mails", Network(context))}", Mails), ($"mails-to:{master.Pseudonym("mails-to", Account.Normalize(email))}", MailsToOne)], cancellationToken);

    /// <summary>It was no failure: for the place all is forgotten, and elsewhere this one try.</summary>
    public async Task SucceededAsync(Try begun, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await db.Throttles.Where(row => row.Key == begun.Keys[0]).ExecuteDeleteAsync(cancellationToken);
        foreach (var key in begun.Keys.Skip(1))
        {
            await db.Throttles.Where(row => row.Key == key && row.Failures > 0)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Failures, row => row.Failures - 1).SetProperty(row => row.BlockedUntil, now), cancellationToken);
        }
    }

    /// <summary>From now on this browser is known for that account; its cookie is made when it has none.</summary>
    public async Task RememberDeviceAsync(HttpContext context, Account account, CancellationToken cancellationToken)
    {
        var cookie = context.Request.Cookies[DeviceCookie] is { Length: 43 } known ? known : Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        context.Response.Cookies.Append(DeviceCookie, cookie, new() { HttpOnly = true, Secure = true, SameSite = SameSiteMode.Lax, Path = "/", MaxAge = DevicesStay, IsEssential = true });
        var key = DeviceKey(account.NormalizedEmail!, cookie);
        var now = clock.GetUtcNow();
        if (await db.KnownDevices.FindAsync([key], cancellationToken) is { } row)
        {
            row.SeenAt = now;
        }
        else
        {
            db.KnownDevices.Add(new() { Key = key, SeenAt = now });
        }
    }

    /// <summary>Rows that count nothing any more.</summary>
    public async Task CleanUpAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (old, oldDevices) = (now - Forgotten, now - DevicesStay);
        await db.Throttles.Where(row => row.LastFailureAt < old).ExecuteDeleteAsync(cancellationToken);
        await db.KnownDevices.Where(row => row.SeenAt < oldDevices).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>The part of the address that one customer of a provider has: /24, or /64.</summary>
    public static string Network(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        var isV4 = address.AddressFamily == AddressFamily.InterNetwork;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(isV4 ? 3 : 8).Clear();
        return $"{new IPAddress(bytes)}/{(isV4 ? 24 : 64)}";
    }

    private string DeviceKey(string name, string cookie) => master.Pseudonym("device", $"{name} {cookie}");

    private async Task<Try> CountAsync(List<(string Key, Patience Patience)> counters, CancellationToken cancellationToken)
    {
        try
        {
            return await CountOnceAsync(counters, cancellationToken);
        }
        catch (DbUpdateException problem) when (DatabaseErrors.IsDuplicate(problem))
        {
            // Another try at the same moment made the row that we wanted to make: now it is there to be locked.
            db.ChangeTracker.Clear();
            return await CountOnceAsync(counters, cancellationToken);
        }
    }

    private async Task<Try> CountOnceAsync(List<(string Key, Patience Patience)> counters, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var transaction = await db.BeginAsync(cancellationToken);
        List<Throttle> rows = [];
        // In the order of their keys, so that two tries never wait for each other's rows.
        foreach (var (key, _) in counters.OrderBy(counter => counter.Key, StringComparer.Ordinal))
        {
            rows.Add(await LockOrMakeAsync(key, now, cancellationToken));
        }

        if (rows.Max(row => row.BlockedUntil) is var until && until > now)
        {
            db.ChangeTracker.Clear();
            return new(until - now, []);
        }

        foreach (var (key, patience) in counters)
        {
            var row = rows.Single(row => row.Key == key);
            row.Failures = row.LastFailureAt < now - Forgotten ? 1 : row.Failures + 1;
            row.LastFailureAt = now;
            row.BlockedUntil = row.Failures < patience.Free ? now : now + Wait(patience, row.Failures - patience.Free);
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        db.ChangeTracker.Clear();   // the rows are changed by statements from here on
        return new(null, [.. counters.Select(counter => counter.Key)]);
    }

    private async Task<Throttle> LockOrMakeAsync(string key, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await db.TryLockAsync<Throttle>(key, cancellationToken) is { } row)
        {
            return row;
        }

        var made = new Throttle { Key = key, LastFailureAt = now, BlockedUntil = now };
        db.Throttles.Add(made);
        return made;
    }

    private static TimeSpan Wait(Patience patience, int beyond) =>
        TimeSpan.FromTicks(Math.Min(patience.Longest.Ticks, patience.First.Ticks << Math.Min(beyond, 20)));
}
