using System.Text.Json.Serialization;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Reference;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aerona.Search.FindPlaces;

/// <summary>What a place is.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<PlaceKind>))]
internal enum PlaceKind
{
    Airport,

    /// <summary>A city with several airports; its code can be searched from and to.</summary>
    City,
}

/// <summary>An airport of a place.</summary>
/// <param name="Code">IATA airport.</param>
/// <param name="Name">In English.</param>
internal sealed record AirportView(string Code, string Name);

/// <summary>A place found.</summary>
/// <param name="Code">What to search from or to.</param>
/// <param name="Kind">Airport or city.</param>
/// <param name="Name">The airport's name; the city's for a city.</param>
/// <param name="City">The city served.</param>
/// <param name="Country">ISO 3166-1 alpha-2.</param>
/// <param name="Zone">IANA time zone.</param>
/// <param name="Airports">The airports meant; for an airport itself alone.</param>
internal sealed record PlaceView(string Code, PlaceKind Kind, string Name, string City, string Country, string Zone, IReadOnlyList<AirportView> Airports)
{
    public static PlaceView Of(Place place) => new(
        place.Code, place.IsCity ? PlaceKind.City : PlaceKind.Airport, place.Name, place.Airports[0].City, place.Airports[0].Country, place.Airports[0].Zone,
        [.. place.Airports.Select(airport => new AirportView(airport.Code, airport.Name))]);
}

/// <summary>An airport near a place.</summary>
/// <param name="Code">IATA airport.</param>
/// <param name="Name">In English.</param>
/// <param name="City">The city served.</param>
/// <param name="Country">ISO 3166-1 alpha-2.</param>
/// <param name="Kilometres">Great circle.</param>
internal sealed record NearbyView(string Code, string Name, string City, string Country, int Kilometres);

/// <summary>Airports, the nearest first.</summary>
internal sealed record NearbyAirportsView(IReadOnlyList<NearbyView> Airports);

/// <summary>Places, best first.</summary>
internal sealed record PlacesView(IReadOnlyList<PlaceView> Places);

internal static class FindPlaces
{
    private const int MostKilometres = 1_000;

    public static void MapFindPlaces(this RouteGroupBuilder api)
    {
        api.MapGet("/places", Find).WithName("FindPlaces").WithSummary("Airports and cities whose code or name begins with the text, slips of the pen allowed for")
            .ProducesProblem(400);
        api.MapGet("/places/{code}/nearby", Nearby).WithName("FindNearbyAirports").WithSummary("Airports within a radius of an airport or city, the nearest first")
            .ProducesProblem(400).ProducesProblem(404);
    }

    private static Results<Ok<NearbyAirportsView>, ProblemHttpResult> Nearby(string code, int radiusKm = 200)
    {
        if (radiusKm is < 1 or > MostKilometres)
        {
            return Problems.Invalid(new FieldProblem("query:radiusKm", "limit.out_of_range", $"radiusKm is 1 to {MostKilometres}."));
        }

        return Airports.Named(code) is not [var centre, ..]
            ? Problems.NotFound("place.unknown", "This is no airport or city known here; GET /v1/places finds them by name.")
            : TypedResults.Ok(new NearbyAirportsView(
            [
                .. Places.Nearby(Airports.Find(code) ?? centre, radiusKm)
                    .Select(near => new NearbyView(near.Airport.Code, near.Airport.Name, near.Airport.City, near.Airport.Country, (int)Math.Round(near.Kilometres))),
            ]));
    }

    private static Results<Ok<PlacesView>, ProblemHttpResult> Find(string? q = null, int limit = 10)
    {
        var problems = new List<FieldProblem>();
        if (string.IsNullOrWhiteSpace(q))
        {
            problems.Add(new("query:q", "query.missing", "q is the beginning of a code, a city or an airport's name."));
        }
        else if (q.Length > Places.LongestQuery)
        {
            problems.Add(new("query:q", "query.too_long", $"q has at most {Places.LongestQuery} characters."));
        }

        if (limit is < 1 or > 200)
        {
            problems.Add(new("query:limit", "limit.out_of_range", "limit is 1 to 200."));
        }

        return problems.Count > 0 ? Problems.Invalid(problems) : TypedResults.Ok(new PlacesView([.. Places.Find(q!, limit).Select(PlaceView.Of)]));
    }
}
