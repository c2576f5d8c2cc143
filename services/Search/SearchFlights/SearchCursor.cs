using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Aerona.Search.SearchFlights;

/// <summary>Where the next page begins, and of what. Opaque to clients.</summary>
/// <param name="Search">Fingerprint of the search.</param>
/// <param name="Version">Of its result: which trips in which order at which prices.</param>
/// <param name="Next">Trips shown so far.</param>
internal sealed record SearchCursor(string Search, string Version, int Next)
{
    private const int LongestCursor = 200;

    public override string ToString() => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web));

    /// <summary>Null when it is no cursor.</summary>
    public static SearchCursor? Read(string text)
    {
        if (text.Length > LongestCursor || !Base64Url.IsValid(text))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<SearchCursor>(Base64Url.DecodeFromChars(text), JsonSerializerOptions.Web)
                is { Search: not null, Version: not null, Next: > 0 and < TripSearch.MostTrips } cursor ? cursor : null;
        }
        catch (JsonException)
        {
            return null;   // somebody else's text in base64url
        }
    }

    /// <summary>Which search it is; the size of a page may change from one to the next.</summary>
    public static string Fingerprint(FlightSearchRequest request) =>
        Convert.ToHexStringLower(
            SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(request with { Cursor = null, Limit = 0 }, JsonSerializerOptions.Web)).AsSpan(0, 8));

    /// <summary>Which result it is: the same on every machine that has the same flights.</summary>
    public static string VersionOf(IReadOnlyList<LegOption[]> trips, int cabin)
    {
        var hash = 14695981039346656037UL;
        void Add(long value) => hash = (hash ^ (ulong)value) * 1099511628211UL;
        foreach (var trip in trips)
        {
            foreach (var option in trip)
            {
                Add(option.Prices[cabin]);
                for (var flight = 0; flight < option.Flights; flight++)
                {
                    Add(option[flight].Key);
                    Add(option[flight].DepartsAt);
                }
            }
        }

        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }
}
