using System.Text.Json;
using Aerona.Contracts.Users;
using Aerona.Messaging;
using Aerona.Search.Data;
using Aerona.Search.PriceAlerts;
using Aerona.Search.SavedSearches;
using Aerona.Search.SearchHistory;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Search.Erasure;

/// <summary>What Search holds of persons: past searches, saved searches and price alerts of an account, and alerts to its address. All of it was there for the person alone.</summary>
internal static class PersonalData
{
    public const string Service = "search";

    /// <summary>What became of each field, in the form of the answer.</summary>
    public static IReadOnlyList<ErasedField> Fields(int past, int saved, int alerts) =>
    [
        .. new[] { ("past_search.search", past), ("saved_search.search", saved), ("saved_search.name", saved), ("price_alert.email", alerts) }
            .Where(field => field.Item2 > 0).Select(field => new ErasedField(field.Item1, Retention.Erased, field.Item2)),
    ];
}

/// <summary>Forgets what somebody searched, saved and watched.</summary>
internal sealed class EraseSearchDataConsumer(SearchDbContext db) : IConsumer<AccountErasureBegun>
{
    public async Task Consume(ConsumeContext<AccountErasureBegun> context)
    {
        var (owner, email) = (SearchOwner.OfSubject(context.Message.AccountId.ToString()), context.Message.Email.ToLowerInvariant());
        var past = await db.PastSearches.Where(row => row.Owner == owner).ExecuteDeleteAsync(context.CancellationToken);
        var saved = await db.SavedSearches.Where(row => row.Owner == owner).ExecuteDeleteAsync(context.CancellationToken);
        var alerts = await db.PriceAlerts.Where(row => row.Owner == owner || row.Email == email).ExecuteDeleteAsync(context.CancellationToken);
        db.Publish(new AccountDataErased(context.Message.ErasureId, PersonalData.Service, PersonalData.Fields(past, saved, alerts)));
    }
}

/// <summary>Tells somebody what he searched, saved and watched.</summary>
internal sealed class ExportSearchDataConsumer(SearchDbContext db) : IConsumer<AccountExportBegun>
{
    public async Task Consume(ConsumeContext<AccountExportBegun> context)
    {
        var (owner, email) = (SearchOwner.OfSubject(context.Message.AccountId.ToString()), context.Message.Email.ToLowerInvariant());
        var past = await db.PastSearches.AsNoTracking().Where(row => row.Owner == owner).OrderBy(row => row.Id).ToListAsync(context.CancellationToken);
        var saved = await db.SavedSearches.AsNoTracking().Where(row => row.Owner == owner).OrderBy(row => row.Id).ToListAsync(context.CancellationToken);
        var alerts = await db.PriceAlerts.AsNoTracking().Where(row => row.Owner == owner || row.Email == email).OrderBy(row => row.Id).ToListAsync(context.CancellationToken);
        var json = past.Count + saved.Count + alerts.Count == 0
            ? null
            : JsonSerializer.Serialize(
                new
                {
                    PastSearches = past.ConvertAll(row => new PastSearchView(row.Id, row.Search, row.SearchedAt)),
                    SavedSearches = saved.ConvertAll(SavedSearchView.Of),
                    PriceAlerts = alerts.ConvertAll(AlertView.Of),
                },
                JsonSerializerOptions.Web);
        db.Publish(new AccountDataExported(context.Message.ExportId, PersonalData.Service, json));
    }
}
