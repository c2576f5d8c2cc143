using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Aerona.Search.Backends;

/// <summary>Where a list goes on: after that value of its order and that flight. Opaque to clients.</summary>
/// <param name="View">The moment that its first page was of, as the back end names it.</param>
/// <param name="List">Fingerprint of question, filters and order.</param>
/// <param name="Value">The last one shown.</param>
/// <param name="Id">The last one shown.</param>
internal sealed record ListCursor(string View, string List, long Value, string Id)
{
    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{View} {List} {Value} {Id}")));

    /// <summary>Null for the first page.</summary>
    /// <exception cref="CursorOutdatedException">It is none, or of another list.</exception>
    public static ListCursor? Read(FlightQuestion question, ListFilters filters, ListPage page) =>
        page.Cursor is not { } text ? null
        : Base64Url.IsValid(text) && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(' ') is [{ Length: > 0 } view, var list, var number, var id]
            && list == Fingerprint(question, filters, page.Order) && long.TryParse(number, CultureInfo.InvariantCulture, out var value)
            ? new(view, list, value, id)
            : throw new CursorOutdatedException();

    public static string Fingerprint(FlightQuestion question, ListFilters filters, ListOrder order) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { question, filters, order })).AsSpan(0, 8));
}
