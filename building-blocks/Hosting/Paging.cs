using System.Buffers.Text;
using System.Text;

namespace Aerona.Hosting;

/// <summary>A page of a list.</summary>
/// <param name="Items">In a stable order.</param>
/// <param name="NextCursor">For the next page; null on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>Lists are cut after the last key shown, so that rows that come or go meanwhile make no gap and no repeat. Cursors are opaque: base64url of that key.</summary>
public static class Paging
{
    /// <summary>Rows of a page when nothing is said.</summary>
    public const int Usual = 50;

    private const int Most = 200;

    private const int LongestCursor = 400;

    /// <summary>What is wrong with the paging of a request, and the key to go on after: empty for the first page.</summary>
    public static (FieldProblem? Problem, string After) Read(int limit, string? cursor)
    {
        if (limit is < 1 or > Most)
        {
            return (new("query:limit", "limit.out_of_range", $"limit is 1 to {Most}."), "");
        }

        return cursor switch
        {
            null => (null, ""),
            { Length: <= LongestCursor } when Base64Url.IsValid(cursor) => (null, Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor))),
            _ => (new("query:cursor", "cursor.invalid", "A nextCursor as given, or none."), ""),
        };
    }

    /// <summary>A page of rows that were read one beyond the limit.</summary>
    public static Page<TView> Page<T, TView>(this List<T> rows, int limit, Func<T, string> key, Func<T, TView> view) =>
        new([.. rows.Take(limit).Select(view)], rows.Count > limit ? Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key(rows[limit - 1]))) : null);
}
