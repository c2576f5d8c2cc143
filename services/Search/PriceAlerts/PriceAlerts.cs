using System.Net.Mail;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Search.Data;
using Aerona.Search.SavedSearches;
using Aerona.Search.SearchFlights;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Search.PriceAlerts;

/// <summary>What to watch.</summary>
/// <param name="SavedSearchId">One's own.</param>
/// <param name="Email">Where mails go.</param>
/// <param name="Below">A mail when the whole party pays less than this; in the search's currency. This or <paramref name="DropPercent"/>.</param>
/// <param name="DropPercent">A mail when the price is so many percent lower than it is now: 1 to 90.</param>
/// <param name="Locale">BCP 47; mails are in Vietnamese for <c>vi</c>, else in English.</param>
internal sealed record AddAlertRequest(Guid SavedSearchId, string Email, Money? Below = null, int? DropPercent = null, string? Locale = null);

/// <summary>An alert.</summary>
/// <param name="Id">Its id.</param>
/// <param name="SavedSearchId">What is watched.</param>
/// <param name="Email">Where mails go.</param>
/// <param name="Below">The limit; null: by percentage.</param>
/// <param name="DropPercent">Of <paramref name="FirstPrice"/>; null: by limit.</param>
/// <param name="State">Whether it is looked after.</param>
/// <param name="FirstPrice">What the search cost when the alert began; null until something is sold.</param>
/// <param name="LastPrice">What it cost when it was last looked at.</param>
/// <param name="ToldOn">UTC day of the last mail.</param>
/// <param name="CreatedAt">UTC.</param>
internal sealed record AlertView(
    Guid Id, Guid SavedSearchId, string Email, Money? Below, int? DropPercent, AlertState State, Money? FirstPrice, Money? LastPrice, DateOnly? ToldOn, DateTimeOffset CreatedAt)
{
    public static AlertView Of(PriceAlert row)
    {
        Money? In(long? amount) => amount is { } minor ? new Money(minor, row.Currency) : null;
        return new(row.Id, row.SavedSearchId, row.Email, In(row.Below), row.DropPercent, row.State, In(row.FirstPrice), In(row.LastPrice), row.ToldOn, row.CreatedAt);
    }
}

/// <summary><c>/v1/price-alerts</c>.</summary>
internal static class PriceAlerts
{
    /// <summary>Watched at a time by one owner, and for one address, whoever asked for it.</summary>
    public const int Most = 20;

    private const int LongestEmail = 254;

    public static void MapPriceAlerts(this RouteGroupBuilder api)
    {
        var alerts = api.MapGroup("/price-alerts").AddEndpointFilter(SearchOwner.RequireOwner);
        alerts.MapPost("", AddAsync).WithName("AddPriceAlert").WithSummary("Mails when the lowest price of a saved search falls below a limit or by a percentage; at most once a day")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(409).Idempotent<SearchDbContext>();
        alerts.MapGet("", ListAsync).WithName("ListPriceAlerts").WithSummary("One's price alerts, the newest first").ProducesProblem(400).ProducesProblem(401);
        alerts.MapGet("/{id:guid}", GetAsync).WithName("GetPriceAlert").WithSummary("A price alert; 404 price_alert.unknown").ProducesProblem(401);
        alerts.MapDelete("/{id:guid}", RemoveAsync).WithName("RemovePriceAlert").WithSummary("Ends and forgets a price alert").ProducesProblem(401).ProducesProblem(404).Idempotent<SearchDbContext>();
        alerts.MapDelete("", RemoveAllAsync).WithName("RemovePriceAlerts").WithSummary("Ends and forgets all of one's price alerts").ProducesProblem(401).Idempotent<SearchDbContext>();
    }

    private static async Task<Results<CreatedAtRoute<AlertView>, ProblemHttpResult>> AddAsync(
        AddAlertRequest request, SearchOwner owner, SearchDbContext db, TripSearch trips, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var search = (await db.SavedSearches.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.SavedSearchId && row.Owner == owner.Id, cancellationToken))?.Search;
        var currency = search is null ? null : search.Currency ?? trips.OwnCurrency(search);
        if (Check(request, search, currency).ToList() is { Count: > 0 } problems)
        {
            return Problems.Invalid(problems);
        }

        var email = request.Email.ToLowerInvariant();
        if (await db.PriceAlerts.CountAsync(row => (row.Owner == owner.Id || row.Email == email) && row.State == AlertState.Watching, cancellationToken) >= Most)
        {
            return Problems.Refused(
                409, "price_alert.too_many", $"{Most} alerts are watched for you or this address; end one first.", false,
                new FieldProblem("/email", "price_alert.too_many", $"At most {Most} alerts an owner and an address."));
        }

        var row = new PriceAlert
        {
            Id = Guid.CreateVersion7(now),
            Owner = owner.Id,
            SavedSearchId = request.SavedSearchId,
            Email = email,
            Language = request.Locale?.Split('-')[0].Equals("vi", StringComparison.OrdinalIgnoreCase) == true ? "vi" : "en",
            Currency = currency!,
            Below = request.Below?.MinorUnits,
            DropPercent = request.DropPercent,
            CheckAt = now,
            CreatedAt = now,
        };
        row.FirstPrice = row.LastPrice = PriceAlertWatch.Lowest(trips, search!, currency!, now);
        db.PriceAlerts.Add(row);
        return TypedResults.CreatedAtRoute(AlertView.Of(row), "GetPriceAlert", new { id = row.Id });
    }

    private static IEnumerable<FieldProblem> Check(AddAlertRequest request, FlightSearchRequest? search, string? currency)
    {
        if (search is null)
        {
            yield return new("/savedSearchId", "saved_search.unknown", "You have no such saved search; POST /v1/saved-searches saves one.");
        }

        if (request.Email.Length > LongestEmail || request.Email.Any(char.IsWhiteSpace) || !MailAddress.TryCreate(request.Email, out var address) || address.Address != request.Email)
        {
            yield return new("/email", "mail.address_invalid", "One e-mail address and nothing else.");
        }

        if (request is { Below: null, DropPercent: null } or { Below: not null, DropPercent: not null })
        {
            yield return new("/below", "price_alert.one_rule", "Say below or dropPercent, and not both.");
        }
        else if (request.DropPercent is < 1 or > 90)
        {
            yield return new("/dropPercent", "limit.out_of_range", "dropPercent is 1 to 90.");
        }
        else if (request.Below is { MinorUnits: <= 0 })
        {
            yield return new("/below/amount", "limit.out_of_range", "The limit is more than 0.");
        }
        else if (request.Below is { } below && currency is not null && below.Currency != currency)
        {
            yield return new("/below/currency", "currency.mismatch", $"Prices of this search are in {currency}.");
        }
    }

    private static async Task<Results<Ok<Page<AlertView>>, ProblemHttpResult>> ListAsync(
        SearchOwner owner, SearchDbContext db, CancellationToken cancellationToken, int limit = Paging.Usual, string? cursor = null)
    {
        var (problem, after) = OwnRows.Read(limit, cursor);
        if (problem is not null)
        {
            return Problems.Invalid(problem);
        }

        var rows = await db.PriceAlerts.AsNoTracking().Where(row => row.Owner == owner.Id && row.Id.CompareTo(after) < 0).OrderByDescending(row => row.Id).Take(limit + 1)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(rows.Page(limit, row => row.Id.ToString(), AlertView.Of));
    }

    private static async Task<Results<Ok<AlertView>, ProblemHttpResult>> GetAsync(Guid id, SearchOwner owner, SearchDbContext db, CancellationToken cancellationToken) =>
        await db.PriceAlerts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id && row.Owner == owner.Id, cancellationToken) is { } row
            ? TypedResults.Ok(AlertView.Of(row))
            : Unknown(id);

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(Guid id, SearchOwner owner, SearchDbContext db, CancellationToken cancellationToken)
    {
        if (await db.PriceAlerts.SingleOrDefaultAsync(row => row.Id == id && row.Owner == owner.Id, cancellationToken) is not { } row)
        {
            return Unknown(id);
        }

        db.Remove(row);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> RemoveAllAsync(SearchOwner owner, SearchDbContext db, CancellationToken cancellationToken)
    {
        db.RemoveRange(await db.PriceAlerts.Where(row => row.Owner == owner.Id).ToListAsync(cancellationToken));
        return TypedResults.NoContent();
    }

    private static ProblemHttpResult Unknown(Guid id) => Problems.NotFound("price_alert.unknown", $"You have no price alert {id}.");
}
