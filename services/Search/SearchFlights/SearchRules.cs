using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Reference;

namespace Aerona.Search.SearchFlights;

/// <summary>What a search must keep to; every broken rule is told with its field.</summary>
internal static class SearchRules
{
    /// <summary>Seats in a party; ten and more is group business.</summary>
    private const int MostSeats = 9;

    private const int MostResults = 200;

    private const int MostAirlines = 50;

    /// <summary>The rules broken, in the order of the fields.</summary>
    /// <param name="request">The search.</param>
    /// <param name="now">UTC.</param>
    /// <param name="lastDay">The last local date that any flight is known for; null while none is.</param>
    public static IReadOnlyList<FieldProblem> Check(FlightSearchRequest request, DateTimeOffset now, DateOnly? lastDay) =>
        [.. Places(request), .. Day(request, now, lastDay), .. Party(request.Travellers), .. Filters(request.Filters), .. Limit(request)];

    private static IEnumerable<FieldProblem> Places(FlightSearchRequest request)
    {
        var origins = Airports.Named(request.Origin);
        var destinations = Airports.Named(request.Destination);
        if (origins.Count == 0)
        {
            yield return Unknown("/origin", request.Origin);
        }

        if (destinations.Count == 0)
        {
            yield return Unknown("/destination", request.Destination);
        }

        if (origins.Any(origin => destinations.Any(destination => destination.CityCode == origin.CityCode)))
        {
            yield return new("/destination", "search.same_place", "Origin and destination are in the same city.");
        }
    }

    private static FieldProblem Unknown(string pointer, string code)
    {
        var near = Search.Places.Near(code, 3);
        return new(pointer, "place.unknown", near.Count == 0
            ? "This is no airport or city known here; GET /v1/places finds them by name."
            : $"This is no airport or city known here; did you mean {string.Join(", ", near.Select(place => $"{place.Code} ({place.Name})"))}?");
    }

    private static IEnumerable<FieldProblem> Day(FlightSearchRequest request, DateTimeOffset now, DateOnly? lastDay)
    {
        // Local to the origin: where it is still yesterday, yesterday can be flown.
        var zones = Airports.Named(request.Origin).Select(airport => airport.TimeZone).DefaultIfEmpty(TimeZoneInfo.Utc);
        var today = zones.Min(zone => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime));
        if (request.DepartsOn < today)
        {
            yield return new("/departsOn", "date.in_past", $"It is {today:yyyy-MM-dd} at the origin; the day is over.");
        }
        else if (request.DepartsOn > lastDay)
        {
            yield return new("/departsOn", "date.beyond_horizon", $"Flights are on sale up to {lastDay:yyyy-MM-dd}.");
        }
    }

    private static IEnumerable<FieldProblem> Party(Travellers travellers)
    {
        var negative = false;
        foreach (var (count, name) in new[] { (travellers.Adults, "adults"), (travellers.Children, "children"), (travellers.Infants, "infants") })
        {
            if (count < 0)
            {
                negative = true;
                yield return new($"/travellers/{name}", "limit.out_of_range", $"{name} is 0 or more.");
            }
        }

        if (negative)
        {
            yield break;
        }

        if ((long)travellers.Adults + travellers.Children > MostSeats)
        {
            yield return new("/travellers", "travellers.too_many", $"At most {MostSeats} seats in a search; larger parties are group business.");
        }

        if (travellers is { Adults: 0, Children: 0, Infants: 0 })
        {
            yield return new("/travellers/adults", "travellers.none", "Nobody travels.");
        }
        else if (travellers is { Adults: 0, Infants: > 0 })
        {
            yield return new("/travellers/infants", "travellers.infant_without_adult", "An infant travels on the lap of an adult.");
        }
        else if (travellers.Infants > travellers.Adults)
        {
            yield return new("/travellers/infants", "travellers.too_many_infants", "An adult takes one infant at most.");
        }
        else if (travellers.Adults == 0)
        {
            yield return new("/travellers/children", "travellers.child_without_adult", "Children who travel alone are booked with the airline.");
        }
    }

    private static IEnumerable<FieldProblem> Filters(FlightFilters? filters)
    {
        if (filters?.Airlines is { } airlines)
        {
            if (airlines.Count is 0 or > MostAirlines)
            {
                yield return new("/filters/airlines", "limit.out_of_range", $"Name 1 to {MostAirlines} airlines, or leave the filter out.");
            }

            for (var i = 0; i < Math.Min(airlines.Count, MostAirlines); i++)
            {
                if (airlines[i] is not { } code || Carriers.Find(code) is null)
                {
                    yield return new($"/filters/airlines/{i}", "airline.unknown", "This is no airline known here; designators look like VN.");
                }
            }
        }

        if (filters?.DepartureWindow is { } window && window.From > window.To)
        {
            yield return new("/filters/departureWindow", "window.reversed", "The window ends before it begins; it lies within one day.");
        }

        if (filters?.MaxPrice is { MinorUnits: <= 0 })
        {
            yield return new("/filters/maxPrice/amount", "limit.out_of_range", "The most to pay is more than 0.");
        }
    }

    private static IEnumerable<FieldProblem> Limit(FlightSearchRequest request)
    {
        if (request.Limit is < 1 or > MostResults)
        {
            yield return new("/limit", "limit.out_of_range", $"limit is 1 to {MostResults}.");
        }
    }
}
