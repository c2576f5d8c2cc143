using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Aerona.Contracts.Users;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Users.Accounts;
using Aerona.Users.Data;
using Aerona.Users.Keys;
using MassTransit;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Users.Leaving;

/// <summary>Exports and erasures, from the person's wish to the last answer (docs/decisions/0025-export-and-erasure.md).</summary>
internal sealed class Requests(UsersDbContext db, MasterKey master, TimeProvider clock)
{
    private const string SealPurpose = "export";

    /// <summary>Every service that holds something of persons; each answers, with nothing when it holds nothing.</summary>
    public static readonly IReadOnlyList<string> Answering = ["bookings", "search"];

    /// <summary>So long an archive can be fetched.</summary>
    private static readonly TimeSpan ArchiveStays = TimeSpan.FromMinutes(15);

    private static readonly JsonSerializerOptions Readable = new(JsonSerializerOptions.Web) { WriteIndented = true };

    /// <summary>The newest of that kind; null when there is none, or an archive's time is over.</summary>
    public async Task<AccountRequest?> LastAsync(Guid accountId, RequestKind kind, CancellationToken cancellationToken)
    {
        var last = await db.AccountRequests.AsNoTracking().Where(row => row.AccountId == accountId && row.Kind == kind).OrderByDescending(row => row.AskedAt).FirstOrDefaultAsync(cancellationToken);
        return last is { Kind: RequestKind.Export, DoneAt: { } done } && done + ArchiveStays < clock.GetUtcNow() ? null : last;
    }

    /// <summary>Begins one; or, of one that waits, looks again. To be saved by the caller.</summary>
    public async Task AskAsync(Account account, RequestKind kind, CancellationToken cancellationToken)
    {
        var open = await db.AccountRequests.SingleOrDefaultAsync(row => row.AccountId == account.Id && row.Kind == kind && row.State != RequestState.Done, cancellationToken);
        if (open is null)
        {
            var now = clock.GetUtcNow();
            db.AccountRequests.Add(open = new() { Id = Guid.CreateVersion7(now), AccountId = account.Id, Kind = kind, AskedAt = now });
        }
        else if (open.State == RequestState.Collecting)
        {
            return;
        }

        open.State = RequestState.Looking;
        db.Publish(new FindAccountBookings(open.Id, account.Id, account.Email!));
    }

    /// <summary>What all services said, as a ZIP of JSON files, and the account itself; null when there is none any more, or not yet.</summary>
    public async Task<byte[]?> ArchiveAsync(Account account, CancellationToken cancellationToken)
    {
        if (await LastAsync(account.Id, RequestKind.Export, cancellationToken) is not { State: RequestState.Done } request)
        {
            return null;
        }

        var answers = await db.AccountAnswers.AsNoTracking().Where(row => row.RequestId == request.Id).OrderBy(row => row.Service).ToListAsync(cancellationToken);
        using var archive = new MemoryStream();
        await using (var zip = new ZipArchive(archive, ZipArchiveMode.Create, leaveOpen: true))
        {
            await WriteAsync(zip, "account.json", JsonSerializer.Serialize(
                new { account.Id, account.Email, account.Name, account.Locale, account.CreatedAt, Roles = account.Roles.Select(held => held.Role.ToString()) }, Readable), cancellationToken);
            foreach (var answer in answers.Where(answer => answer.Content is not null))
            {
                await WriteAsync(zip, $"{answer.Service}.json", Encoding.UTF8.GetString(master.Open(SealPurpose, answer.Content)
                    ?? throw new InvalidOperationException("Users:MasterSecret: does not open this export; it is not the one it was sealed with")), cancellationToken);
            }
        }

        return archive.ToArray();
    }

    /// <summary>The bookings are known: an erasure waits for open ones, else everybody is told.</summary>
    public async Task GoOnAsync(AccountBookingsFound found, CancellationToken cancellationToken)
    {
        var request = await db.LockAsync<AccountRequest>(found.RequestId, cancellationToken);
        if (request.State is RequestState.Collecting or RequestState.Done)
        {
            return;   // said twice
        }

        var account = await db.Users.AsNoTracking().SingleAsync(row => row.Id == found.AccountId, cancellationToken);
        IReadOnlyList<Guid> bookings = [.. found.Bookings.Select(booking => booking.BookingId)];
        request.Open = request.Kind == RequestKind.Export ? [] : [.. found.Bookings.Where(booking => booking.OpenBecause is not null).Select(booking => new OpenBooking(booking.Locator, booking.OpenBecause!, booking.OpenUntil))];
        if (request.Open.Count > 0)
        {
            request.State = RequestState.Waiting;
            return;
        }

        request.State = RequestState.Collecting;
        if (request.Kind == RequestKind.Export)
        {
            db.Publish(new AccountExportBegun(request.Id, account.Id, account.Email!, bookings));
        }
        else
        {
            db.Publish(new AccountErasureBegun(request.Id, account.Id, account.Email!, bookings, request.AskedAt));
        }
    }

    public Task TakeAsync(AccountDataErased erased, CancellationToken cancellationToken) =>
        TakeAsync(erased.ErasureId, erased.Service, JsonSerializer.SerializeToUtf8Bytes(erased.Fields, JsonSerializerOptions.Web), cancellationToken);

    public Task TakeAsync(AccountDataExported exported, CancellationToken cancellationToken) =>
        TakeAsync(exported.ExportId, exported.Service, exported.Json is { } json ? master.Seal(SealPurpose, Encoding.UTF8.GetBytes(json)) : null, cancellationToken);

    /// <summary>Asks again about what waits, and drops archives whose time is over.</summary>
    public async Task CleanUpAsync(CancellationToken cancellationToken)
    {
        var over = clock.GetUtcNow() - ArchiveStays;
        await db.AccountRequests.Where(row => row.Kind == RequestKind.Export && row.DoneAt != null && row.DoneAt < over).ExecuteDeleteAsync(cancellationToken);
        foreach (var waiting in await db.AccountRequests.Where(row => row.State == RequestState.Waiting).ToListAsync(cancellationToken))
        {
            await AskAsync(await db.Users.AsNoTracking().SingleAsync(row => row.Id == waiting.AccountId, cancellationToken), waiting.Kind, cancellationToken);
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    private async Task TakeAsync(Guid requestId, string service, byte[]? content, CancellationToken cancellationToken)
    {
        var request = await db.LockAsync<AccountRequest>(requestId, cancellationToken);
        var answered = await db.AccountAnswers.Where(row => row.RequestId == requestId).Select(row => row.Service).ToListAsync(cancellationToken);
        if (request.State == RequestState.Done || answered.Contains(service))
        {
            return;
        }

        db.AccountAnswers.Add(new() { RequestId = requestId, Service = service, Content = content });
        if (Answering.Except(answered).Any(other => other != service))
        {
            return;
        }

        (request.State, request.DoneAt) = (RequestState.Done, clock.GetUtcNow());
        if (request.Kind == RequestKind.Erasure)
        {
            await ForgetAsync(request.AccountId, cancellationToken);
        }
    }

    /// <summary>The account and all that hangs on it. Counters of tries hold pseudonyms under the master secret and end by themselves.</summary>
    private async Task ForgetAsync(Guid accountId, CancellationToken cancellationToken)
    {
        var subject = accountId.ToString();
        var account = await db.Users.Include(row => row.Roles).SingleAsync(row => row.Id == accountId, cancellationToken);
        await db.Tokens.Where(row => row.Subject == subject).ExecuteDeleteAsync(cancellationToken);
        await db.Grants.Where(row => row.Subject == subject).ExecuteDeleteAsync(cancellationToken);
        await db.Sessions.Where(row => row.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.RecoveryCodes.Where(row => row.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.PasskeyChallenges.Where(row => row.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.MailedLinks.Where(row => row.AccountId == accountId || row.Email == account.Email).ExecuteDeleteAsync(cancellationToken);
        await db.Set<IdentityUserPasskey<Guid>>().Where(row => row.UserId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.AccountRequests.Where(row => row.AccountId == accountId && row.Kind == RequestKind.Export).ExecuteDeleteAsync(cancellationToken);
        db.AccountRoles.RemoveRange(account.Roles);
        db.Users.Remove(account);
        db.Publish(new AccountErased(accountId, clock.GetUtcNow()));
    }

    private static async Task WriteAsync(ZipArchive zip, string name, string content, CancellationToken cancellationToken)
    {
        await using var entry = await zip.CreateEntry(name).OpenAsync(cancellationToken);
        await entry.WriteAsync(Encoding.UTF8.GetBytes(content), cancellationToken);
    }
}

/// <summary>Bookings has looked.</summary>
internal sealed class GoOnWithAccountConsumer(Requests requests) : IConsumer<AccountBookingsFound>
{
    public Task Consume(ConsumeContext<AccountBookingsFound> context) => requests.GoOnAsync(context.Message, context.CancellationToken);
}

/// <summary>A service has erased what it held.</summary>
internal sealed class NoteErasureConsumer(Requests requests) : IConsumer<AccountDataErased>
{
    public Task Consume(ConsumeContext<AccountDataErased> context) => requests.TakeAsync(context.Message, context.CancellationToken);
}

/// <summary>A service has told what it holds.</summary>
internal sealed class NoteExportConsumer(Requests requests) : IConsumer<AccountDataExported>
{
    public Task Consume(ConsumeContext<AccountDataExported> context) => requests.TakeAsync(context.Message, context.CancellationToken);
}
