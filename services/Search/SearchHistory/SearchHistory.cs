using System.Data.Common;
using System.Threading.Channels;
using Aerona.Hosting;
using Aerona.Persistence;
using Aerona.Search.Data;
using Aerona.Search.SavedSearches;
using Aerona.Search.SearchFlights;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Search.SearchHistory;

/// <summary>A search that somebody made; made again, it is a new row in place of the old one.</summary>
internal sealed class PastSearch
{
    public required Guid Id { get; init; }

    /// <summary>See <see cref="SearchOwner"/>.</summary>
    public required string Owner { get; init; }

    /// <summary><see cref="SearchCursor.Fingerprint"/>.</summary>
    public required string Fingerprint { get; init; }

    public required FlightSearchRequest Search { get; init; }

    public required DateTimeOffset SearchedAt { get; init; }
}

/// <summary>A past search.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Search">To be sent to <c>POST /v1/flight-searches</c> as it is.</param>
/// <param name="SearchedAt">UTC; the last time.</param>
internal sealed record PastSearchView(Guid Id, FlightSearchRequest Search, DateTimeOffset SearchedAt);

/// <summary><c>/v1/search-history</c>.</summary>
internal static class SearchHistory
{
    public static void MapSearchHistory(this RouteGroupBuilder api)
    {
        var history = api.MapGroup("/search-history").AddEndpointFilter(SearchOwner.RequireOwner);
        history.MapGet("", ListAsync).WithName("ListPastSearches").WithSummary("What one has searched, the newest first; of each search the last time").ProducesProblem(400).ProducesProblem(401);
        history.MapDelete("/{id:guid}", RemoveAsync).WithName("RemovePastSearch").WithSummary("Forgets a past search").ProducesProblem(401).ProducesProblem(404).Idempotent<SearchDbContext>();
        history.MapDelete("", RemoveAllAsync).WithName("RemovePastSearches").WithSummary("Forgets all of one's past searches").ProducesProblem(401).Idempotent<SearchDbContext>();
    }

    private static async Task<Results<Ok<Page<PastSearchView>>, ProblemHttpResult>> ListAsync(
        SearchOwner owner, SearchDbContext db, CancellationToken cancellationToken, int limit = Paging.Usual, string? cursor = null)
    {
        var (problem, after) = OwnRows.Read(limit, cursor);
        if (problem is not null)
        {
            return Problems.Invalid(problem);
        }

        var rows = await db.PastSearches.AsNoTracking().Where(row => row.Owner == owner.Id && row.Id.CompareTo(after) < 0).OrderByDescending(row => row.Id).Take(limit + 1)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(rows.Page(limit, row => row.Id.ToString(), row => new PastSearchView(row.Id, row.Search, row.SearchedAt)));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(Guid id, SearchOwner owner, SearchDbContext db, CancellationToken cancellationToken)
    {
        if (await db.PastSearches.SingleOrDefaultAsync(row => row.Id == id && row.Owner == owner.Id, cancellationToken) is not { } row)
        {
            return Problems.NotFound("past_search.unknown", $"You have no past search {id}.");
        }

        db.Remove(row);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> RemoveAllAsync(SearchOwner owner, SearchDbContext db, CancellationToken cancellationToken)
    {
        db.RemoveRange(await db.PastSearches.Where(row => row.Owner == owner.Id).ToListAsync(cancellationToken));
        return TypedResults.NoContent();
    }
}

/// <summary>
/// Writes past searches down beside the searches, which do not wait for it: a convenience, so what has not been written when the process ends, or comes faster than it can
/// be, is lost.
/// </summary>
internal sealed class SearchHistoryWriter(IServiceScopeFactory scopes, DatabaseReadiness databases, TimeProvider time, ILogger<SearchHistoryWriter> logger) : BackgroundService
{
    /// <summary>Of one owner; older ones go.</summary>
    public const int Most = 100;

    private const int MostAtOnce = 100;

    private readonly Channel<(string Owner, FlightSearchRequest Search, DateTimeOffset At)> waiting =
        Channel.CreateBounded<(string, FlightSearchRequest, DateTimeOffset)>(new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>Notes a search of somebody who may turn out to be nobody.</summary>
    public void Note(string owner, FlightSearchRequest search) => waiting.Writer.TryWrite((owner, search with { Cursor = null }, time.GetUtcNow()));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await databases.WaitAsync<SearchDbContext>(stoppingToken);
        var some = new List<(string Owner, FlightSearchRequest Search, DateTimeOffset At)>();
        while (await waiting.Reader.WaitToReadAsync(stoppingToken))
        {
            some.Clear();
            while (some.Count < MostAtOnce && waiting.Reader.TryRead(out var one))
            {
                some.Add(one);
            }

            try
            {
                await WriteAsync(some, stoppingToken);
            }
            catch (Exception problem) when (problem is DbException or DbUpdateException || DatabaseErrors.IsUnreachable(problem))
            {
                logger.LogWarning(problem, "{Searches} past searches could not be written down", some.Count);
            }
        }
    }

    private async Task WriteAsync(List<(string Owner, FlightSearchRequest Search, DateTimeOffset At)> some, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SearchDbContext>();
        foreach (var searches in some.GroupBy(one => one.Owner))
        {
            await using var transaction = await db.BeginAsync(cancellationToken);
            if (!await SearchOwner.ExistsAsync(db, searches.Key, cancellationToken))
            {
                continue;
            }

            foreach (var (owner, search, at) in searches)
            {
                var fingerprint = SearchCursor.Fingerprint(search);
                await db.PastSearches.Where(row => row.Owner == owner && row.Fingerprint == fingerprint).ExecuteDeleteAsync(cancellationToken);
                db.PastSearches.Add(new() { Id = Guid.CreateVersion7(at), Owner = owner, Fingerprint = fingerprint, Search = search, SearchedAt = at });
                await db.SaveChangesAsync(cancellationToken);
            }

            var oldest = await db.PastSearches.Where(row => row.Owner == searches.Key).OrderByDescending(row => row.Id).Skip(Most).Select(row => row.Id).ToListAsync(cancellationToken);
            await db.PastSearches.Where(row => oldest.Contains(row.Id)).ExecuteDeleteAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }
}
