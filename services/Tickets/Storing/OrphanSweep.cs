using System.Runtime.CompilerServices;
using Aerona.Contracts;
using Aerona.Files;
using Aerona.Persistence;
using Aerona.Tickets.Data;
using Aerona.Tickets.Documents;
using Aerona.Tickets.Invoicing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Tickets.Storing;

/// <summary>What a sweep found.</summary>
/// <param name="Removed">Files that no record knows.</param>
/// <param name="Restored">Documents whose file was gone and that were made again, byte for byte.</param>
/// <param name="Lost">Documents whose file is gone for good: they cannot be made as they were. A person must look.</param>
internal sealed record Swept(int Removed, int Restored, int Lost);

/// <summary>
/// Compares the file store with our records, both in the order of their keys, so that it holds a page of each however many there are. A file without a record is removed
/// (somebody was killed before writing it down, and came back with another one), a record without its file gets it back. Both only when they are older than the grace.
/// </summary>
internal sealed partial class OrphanSweep(
    IServiceScopeFactory scopes, IFileStore files, DocumentMaker make, IOptions<DocumentOptions> options, TimeProvider clock, ILogger<OrphanSweep> log)
{
    private const int Page = 500;

    public async Task<Swept> RunAsync(CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - options.Value.SweepGrace;
        var swept = new Swept(0, 0, 0);
        foreach (var prefix in DocumentStore.Prefixes)
            swept = await CompareAsync(prefix, before, swept, cancellationToken);

        Done(log, swept.Removed, swept.Restored, swept.Lost);
        return swept;
    }

    private async Task<Swept> CompareAsync(string prefix, DateTimeOffset before, Swept swept, CancellationToken cancellationToken)
    {
        await using var stored = files.ListAsync(prefix, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var recorded = RecordsAsync(prefix, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var (file, record) = (await NextAsync(stored), await NextAsync(recorded));
        while (file is not null || record is not null)
        {
            var order = file is null ? 1 : record is null ? -1 : string.CompareOrdinal(file.Key, record.Key);
            if (order < 0 && file!.WrittenAt < before && await RemoveAsync(file.Key, cancellationToken))
                swept = swept with { Removed = swept.Removed + 1 };
            else if (order > 0 && record!.StoredAt < before)
                swept = await RestoreAsync(record, cancellationToken) ? swept with { Restored = swept.Restored + 1 } : swept with { Lost = swept.Lost + 1 };

            (file, record) = (order <= 0 ? await NextAsync(stored) : file, order >= 0 ? await NextAsync(recorded) : record);
        }

        return swept;
    }

    private static async Task<T?> NextAsync<T>(IAsyncEnumerator<T> all) where T : class => await all.MoveNextAsync() ? all.Current : null;

    private async IAsyncEnumerable<Document> RecordsAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Keys are ASCII letters and digits in places of one length: every database's order of them is the ordinal one.
        for (var after = prefix; ;)
        {
            List<Document> page;
            await using (var scope = scopes.CreateAsyncScope())
            {
                var db = scope.ServiceProvider.GetRequiredService<TicketsDbContext>();
                page = await db.Documents.AsNoTracking().Where(document => document.Key.StartsWith(prefix) && string.Compare(document.Key, after) > 0)
                    .OrderBy(document => document.Key).Take(Page).ToListAsync(cancellationToken);
            }

            foreach (var document in page)
                yield return document;

            if (page.Count < Page)
                yield break;

            after = page[^1].Key;
        }
    }

    private async Task<bool> RemoveAsync(string key, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TicketsDbContext>();
        if (await db.Documents.AnyAsync(document => document.Key == key, cancellationToken))
            return false;   // written down since its page was read

        await files.DeleteAsync(key, cancellationToken);
        return true;
    }

    private async Task<bool> RestoreAsync(Document document, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TicketsDbContext>();
        if (await MakeAgainAsync(db, document, cancellationToken) is not { } made || DocumentStore.Hash(made.Content) != document.Sha256)
        {
            Missing(log, document.Id, document.BookingId, document.Key);
            return false;
        }

        await files.PutAsync(document.Key, made.Content, DocumentStore.MediaType(document.ContentType), cancellationToken);
        return true;
    }

    private async Task<MadeDocument?> MakeAgainAsync(TicketsDbContext db, Document document, CancellationToken cancellationToken)
    {
        var order = await db.Orders.AsNoTracking().SingleOrDefaultAsync(order => order.OrderId == document.OrderId, cancellationToken);
        var invoice = document.Number is { } number
            ? await db.Invoices.AsNoTracking().SingleOrDefaultAsync(invoice => invoice.Number == number, cancellationToken)
            : await db.Invoices.AsNoTracking().SingleOrDefaultAsync(invoice => invoice.Kind == InvoiceKind.Invoice && invoice.Occasion == document.OrderId, cancellationToken);
        return (order, invoice, document.Kind, document.Part) switch
        {
            (null, _, _, _) or (_, null, _, _) => null,
            (_, _, DocumentKinds.ItineraryReceipt, _) => make.Receipt(order, invoice),
            (_, _, DocumentKinds.PassengerReceipt, var passenger) => make.PassengerReceipt(order, invoice, order.Passengers.Single(one => one.Id == passenger)),
            (_, _, DocumentKinds.Invoice or DocumentKinds.CreditNote, _) => make.Invoice(order, invoice),
            (_, _, DocumentKinds.Calendar, "") => make.Calendar(order, invoice.Locale),
            _ => null,      // what a cancellation took out of calendars is kept nowhere else
        };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Files and records were compared: {Removed} files removed, {Restored} restored, {Lost} lost")]
    private static partial void Done(ILogger log, int removed, int restored, int lost);

    [LoggerMessage(Level = LogLevel.Error, Message = "The file of {Document} of booking {BookingId} is not in the store under {Key}, and cannot be made as it was: restore it from a backup")]
    private static partial void Missing(ILogger log, string document, Guid bookingId, string key);
}

/// <summary>Sweeps now and then; the first time an hour or less after the start, so that short-lived processes sweep too.</summary>
internal sealed partial class SweepRegularly(
    OrphanSweep sweep, DatabaseReadiness databases, IOptions<DocumentOptions> options, TimeProvider clock, ILogger<SweepRegularly> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await databases.WaitAsync<TicketsDbContext>(stoppingToken);
        using var timer = new PeriodicTimer(options.Value.SweepEvery / 24, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            timer.Period = options.Value.SweepEvery;
            try
            {
                await sweep.RunAsync(stoppingToken);
            }
            catch (Exception problem) when (problem is IOException or DbUpdateException or System.Data.Common.DbException || DatabaseErrors.IsUnreachable(problem))
            {
                NotNow(log, problem);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Files and records could not be compared now; the next time tries again")]
    private static partial void NotNow(ILogger log, Exception problem);
}
