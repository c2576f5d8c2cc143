using Aerona.Hosting;
using Aerona.Search.Data;
using Aerona.Search.SearchFlights;
using Aerona.Search.Timetables;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Search.SavedSearches;

/// <summary>A search that somebody wants to come back to.</summary>
internal sealed class SavedSearch
{
    public required Guid Id { get; init; }

    /// <summary>See <see cref="SearchOwner"/>.</summary>
    public required string Owner { get; init; }

    /// <summary>As the owner calls it.</summary>
    public string? Name { get; init; }

    public required FlightSearchRequest Search { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>What to save.</summary>
/// <param name="Search">As for <c>POST /v1/flight-searches</c>, without a cursor.</param>
/// <param name="Name">Up to 100 characters.</param>
internal sealed record SaveSearchRequest(FlightSearchRequest Search, string? Name = null);

/// <summary>A saved search.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">As the owner calls it.</param>
/// <param name="Search">To be sent to <c>POST /v1/flight-searches</c> as it is.</param>
/// <param name="CreatedAt">UTC.</param>
internal sealed record SavedSearchView(Guid Id, string? Name, FlightSearchRequest Search, DateTimeOffset CreatedAt)
{
    public static SavedSearchView Of(SavedSearch row) => new(row.Id, row.Name, row.Search, row.CreatedAt);
}

/// <summary><c>/v1/saved-searches</c>.</summary>
internal static class SavedSearches
{
    /// <summary>Of one owner.</summary>
    public const int Most = 50;

    private const int LongestName = 100;

    public static void MapSavedSearches(this RouteGroupBuilder api)
    {
        var saved = api.MapGroup("/saved-searches").AddEndpointFilter(SearchOwner.RequireOwner);
        saved.MapPost("", SaveAsync).WithName("SaveSearch").WithSummary("Saves a search").ProducesProblem(400).ProducesProblem(401).ProducesProblem(409).Idempotent<SearchDbContext>();
        saved.MapGet("", ListAsync).WithName("ListSavedSearches").WithSummary("One's saved searches, the newest first").ProducesProblem(400).ProducesProblem(401);
        saved.MapGet("/{id:guid}", GetAsync).WithName("GetSavedSearch").WithSummary("A saved search; 404 saved_search.unknown").ProducesProblem(401);
        saved.MapDelete("/{id:guid}", RemoveAsync).WithName("RemoveSavedSearch").WithSummary("Forgets a saved search, and its price alerts with it").ProducesProblem(401).ProducesProblem(404).Idempotent<SearchDbContext>();
        saved.MapDelete("", RemoveAllAsync).WithName("RemoveSavedSearches").WithSummary("Forgets all of one's saved searches and price alerts").ProducesProblem(401).Idempotent<SearchDbContext>();
    }

    private static async Task<Results<CreatedAtRoute<SavedSearchView>, ProblemHttpResult>> SaveAsync(
        SaveSearchRequest request, SearchOwner owner, SearchDbContext db, Timetable timetable, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var problems = SearchRules.Check(request.Search, now, timetable.LastDay).Select(problem => problem with { Pointer = $"/search{problem.Pointer}" }).ToList();
        if (request.Name is { Length: 0 or > LongestName })
        {
            problems.Add(new("/name", "saved_search.name_length", $"A name has 1 to {LongestName} characters; leave it out for none."));
        }

        if (problems.Count > 0)
        {
            return Problems.Invalid(problems);
        }

        if (await db.SavedSearches.CountAsync(row => row.Owner == owner.Id, cancellationToken) >= Most)
        {
            return Problems.Refused(409, "saved_search.too_many", $"You have saved {Most} searches; forget one first.");
        }

        var row = new SavedSearch { Id = Guid.CreateVersion7(now), Owner = owner.Id, Name = request.Name, Search = request.Search with { Cursor = null }, CreatedAt = now };
        db.SavedSearches.Add(row);
        return TypedResults.CreatedAtRoute(SavedSearchView.Of(row), "GetSavedSearch", new { id = row.Id });
    }

    private static async Task<Results<Ok<Page<SavedSearchView>>, ProblemHttpResult>> ListAsync(
        SearchOwner owner, SearchDbContext db, CancellationToken cancellationToken, int limit = Paging.Usual, string? cursor = null)
    {
        var (problem, after) = OwnRows.Read(limit, cursor);
        if (problem is not null)
        {
            return Problems.Invalid(problem);
        }

        var rows = await db.SavedSearches.AsNoTracking().Where(row => row.Owner == owner.Id && row.Id.CompareTo(after) < 0).OrderByDescending(row => row.Id).Take(limit + 1)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(rows.Page(limit, row => row.Id.ToString(), SavedSearchView.Of));
    }

    private static async Task<Results<Ok<SavedSearchView>, ProblemHttpResult>> GetAsync(Guid id, SearchOwner owner, SearchDbContext db, CancellationToken cancellationToken) =>
        await db.SavedSearches.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id && row.Owner == owner.Id, cancellationToken) is { } row
            ? TypedResults.Ok(SavedSearchView.Of(row))
            : Unknown(id);

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(Guid id, SearchOwner owner, SearchDbContext db, CancellationToken cancellationToken)
    {
        if (await db.SavedSearches.SingleOrDefaultAsync(row => row.Id == id && row.Owner == owner.Id, cancellationToken) is not { } row)
        {
            return Unknown(id);
        }

        db.RemoveRange(await db.PriceAlerts.Where(alert => alert.SavedSearchId == id).ToListAsync(cancellationToken));
        db.Remove(row);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> RemoveAllAsync(SearchOwner owner, SearchDbContext db, CancellationToken cancellationToken)
    {
        db.RemoveRange(await db.PriceAlerts.Where(alert => alert.Owner == owner.Id).ToListAsync(cancellationToken));
        db.RemoveRange(await db.SavedSearches.Where(row => row.Owner == owner.Id).ToListAsync(cancellationToken));
        return TypedResults.NoContent();
    }

    private static ProblemHttpResult Unknown(Guid id) => Problems.NotFound("saved_search.unknown", $"You have no saved search {id}.");
}

/// <summary>Lists of one's own rows, the newest first, paged by ids that grow with time.</summary>
internal static class OwnRows
{
    /// <summary>What is wrong with the paging, or the id to go on below.</summary>
    public static (FieldProblem? Problem, Guid After) Read(int limit, string? cursor)
    {
        var (problem, after) = Paging.Read(limit, cursor);
        return problem is not null ? (problem, default)
            : after.Length == 0 ? (null, Guid.AllBitsSet)
            : Guid.TryParse(after, out var id) ? (null, id)
            : (new("query:cursor", "cursor.invalid", "A nextCursor as given, or none."), default);
    }
}
