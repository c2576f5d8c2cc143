using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Aerona.Hosting;
using Aerona.Search.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Search.SavedSearches;

/// <summary>A guest's key as it is kept: nobody can make the key from it.</summary>
internal sealed class SearchKey
{
    /// <summary>SHA-256 of the key, hexadecimal.</summary>
    public required string Hash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Whose past searches, saved searches and alerts a request is about: those of the token's subject, or of whoever has the guest's key.</summary>
internal sealed class SearchOwner
{
    /// <summary>Carries a guest's key.</summary>
    public const string KeyHeader = "Search-Key";

    /// <summary>Written into rows. Only of a request that passed <see cref="RequireOwner"/>.</summary>
    public string Id { get; private set; } = "";

    /// <summary>How the rows of somebody signed in are marked.</summary>
    public static string OfSubject(string subject) => $"user:{subject}";

    /// <summary>How the rows of a guest are marked.</summary>
    public static string OfKey(string hash) => $"key:{hash}";

    /// <summary>Who the request says it is from: a guest's key may not exist. Null: from nobody.</summary>
    public static string? Claimed(HttpContext context) =>
        context.User.Owner() is { } subject ? OfSubject(subject)
        : context.Request.Headers[KeyHeader] is [{ Length: > 0 and < 200 } key] ? OfKey(Hash(key))
        : null;

    /// <summary>Whether such an owner may own anything: a guest's key has to have been given out.</summary>
    public static async Task<bool> ExistsAsync(SearchDbContext db, string owner, CancellationToken cancellationToken)
    {
        var prefix = OfKey("");
        if (!owner.StartsWith(prefix, StringComparison.Ordinal))
        {
            return true;
        }

        var hash = owner[prefix.Length..];
        return await db.SearchKeys.AnyAsync(known => known.Hash == hash, cancellationToken);
    }

    /// <summary>Lets nobody in who is neither signed in nor has a guest's key.</summary>
    public static async ValueTask<object?> RequireOwner(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (Claimed(http) is not { } owner || !await ExistsAsync(http.RequestServices.GetRequiredService<SearchDbContext>(), owner, http.RequestAborted))
        {
            return Problems.Refused(
                401, "auth.required", $"Sign in, or send the key of a guest in the header {KeyHeader}; POST /v1/search-keys gives one.", false,
                new FieldProblem($"header:{KeyHeader}", "auth.required", "A key as it was given out."));
        }

        http.RequestServices.GetRequiredService<SearchOwner>().Id = owner;
        return await next(context);
    }

    /// <summary>A new key and how it is kept.</summary>
    public static (string Key, string Hash) NewKey()
    {
        var key = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return (key, Hash(key));
    }

    // Of 256 bits by chance; nothing slower is needed.
    private static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}

/// <summary>A guest's key; told this once.</summary>
/// <param name="Key">To be sent in the header <see cref="SearchOwner.KeyHeader"/>; whoever has it sees and steers what was saved with it.</param>
internal sealed record SearchKeyView(string Key);

/// <summary><c>/v1/search-keys</c>.</summary>
internal static class SearchKeys
{
    public static void MapSearchKeys(this RouteGroupBuilder api)
    {
        api.MapPost("/search-keys", Add).WithName("AddSearchKey").WithSummary("A key for a guest, under which searches are remembered and saved; it is told once").Idempotent<SearchDbContext>();
        api.MapDelete("/search-keys", RemoveAsync).WithName("RemoveSearchKey").WithSummary("Takes the key of the request away, with everything that was saved under it")
            .AddEndpointFilter(SearchOwner.RequireOwner).ProducesProblem(401).Idempotent<SearchDbContext>();
    }

    private static Created<SearchKeyView> Add(SearchDbContext db, TimeProvider time)
    {
        var (key, hash) = SearchOwner.NewKey();
        db.SearchKeys.Add(new() { Hash = hash, CreatedAt = time.GetUtcNow() });
        return TypedResults.Created((string?)null, new SearchKeyView(key));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(SearchOwner owner, SearchDbContext db, CancellationToken cancellationToken)
    {
        var prefix = SearchOwner.OfKey("");
        if (!owner.Id.StartsWith(prefix, StringComparison.Ordinal))
        {
            return Problems.Refused(409, "search_key.none", "You are signed in: there is no key to take away.");
        }

        var hash = owner.Id[prefix.Length..];
        db.RemoveRange(await db.PastSearches.Where(row => row.Owner == owner.Id).ToListAsync(cancellationToken));
        db.RemoveRange(await db.SavedSearches.Where(row => row.Owner == owner.Id).ToListAsync(cancellationToken));
        db.RemoveRange(await db.PriceAlerts.Where(row => row.Owner == owner.Id).ToListAsync(cancellationToken));
        db.Remove(await db.SearchKeys.SingleAsync(known => known.Hash == hash, cancellationToken));
        return TypedResults.NoContent();
    }
}
