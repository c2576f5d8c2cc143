using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Aerona.Search.SearchFlights;

/// <summary>Where a flight stands in the order of a search; no two are alike.</summary>
/// <param name="First">Price in minor units, minutes under way, or ticks of the departure, by the sort asked for.</param>
/// <param name="Departs">Ticks of UTC.</param>
/// <param name="FlightId">The last word.</param>
internal readonly record struct PlaceInOrder(long First, long Departs, string FlightId) : IComparable<PlaceInOrder>
{
    public int CompareTo(PlaceInOrder other) =>
        First != other.First ? First.CompareTo(other.First)
        : Departs != other.Departs ? Departs.CompareTo(other.Departs)
        : string.CompareOrdinal(FlightId, other.FlightId);
}

/// <summary>
/// Pages go on after the last flight shown, not after a number of flights, so that flights that come or go meanwhile make no gap and no repeat. Opaque to
/// clients: base64url of place and a fingerprint of the search.
/// </summary>
internal static class SearchCursor
{
    private const int LongestCursor = 300;

    private sealed record Shape(string Search, long First, long Departs, string FlightId);

    public static string Write(FlightSearchRequest request, PlaceInOrder last) =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new Shape(Fingerprint(request), last.First, last.Departs, last.FlightId), JsonSerializerOptions.Web));

    /// <summary>The place that the request's cursor names, null without one; false when it is not a cursor of this search.</summary>
    public static bool TryRead(FlightSearchRequest request, out PlaceInOrder? after)
    {
        after = null;
        if (request.Cursor is null)
        {
            return true;
        }

        if (request.Cursor.Length > LongestCursor || !Base64Url.IsValid(request.Cursor))
        {
            return false;
        }

        try
        {
            if (JsonSerializer.Deserialize<Shape>(Base64Url.DecodeFromChars(request.Cursor), JsonSerializerOptions.Web) is { FlightId: not null } shape
                && shape.Search == Fingerprint(request))
            {
                after = new(shape.First, shape.Departs, shape.FlightId);
                return true;
            }
        }
        catch (JsonException)
        {
            return false;   // somebody else's text in base64url
        }

        return false;
    }

    // The size of a page may change from one to the next.
    private static string Fingerprint(FlightSearchRequest request) =>
        Convert.ToHexStringLower(
            SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(request with { Cursor = null, Limit = 0 }, JsonSerializerOptions.Web)).AsSpan(0, 8));
}
