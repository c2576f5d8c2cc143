using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Pricing;
using Aerona.Reference;
using Aerona.Search.Timetables;

namespace Aerona.Search.SearchFlights;

/// <summary>What a search must keep to; every broken rule is told with its field.</summary>
internal static class SearchRules
{
    /// <summary>Seats in a party; ten and more is group business.</summary>
    private const int MostSeats = 9;

    private const int MostResults = 200;

    private const int MostValues = 50;

    private const int MostLegs = 6;

    private const int MostStops = 2;

    private const int MostRadius = 500;

    /// <summary>The rules broken, in the order of the fields.</summary>
    /// <param name="request">The search.</param>
    /// <param name="now">UTC.</param>
    /// <param name="lastDay">The last local date that any flight is known for; null while none is.</param>
    public static IReadOnlyList<FieldProblem> Check(FlightSearchRequest request, DateTimeOffset now, DateOnly? lastDay) =>
    [
        .. Legs(request, now, lastDay), .. Party(request.Travellers), .. Numbers(request), .. Filters("/filters", request.Filters),
        .. request.Legs?.Index().SelectMany(leg => Filters($"/legs/{leg.Index}/filters", leg.Item?.Filters)) ?? [],
    ];

    private static IEnumerable<FieldProblem> Legs(FlightSearchRequest request, DateTimeOffset now, DateOnly? lastDay)
    {
        if (request.Legs is not { } legs)
        {
            var both = request.AllLegs;
            return Leg(both[0], name => $"/{name}", "departsOn", null, now, lastDay)
                .Concat(both.Count == 1 ? [] : Day(both[1], "/returnsOn", both[0].DepartsOn, now, lastDay));
        }

        return request switch
        {
            { Origin: not null } or { Destination: not null } or { DepartsOn: not null } or { ReturnsOn: not null } =>
                [new("/legs", "legs.twice", "Say legs, or origin, destination and days; not both.")],
            { Legs.Count: 0 or > MostLegs } => [new("/legs", "legs.count", $"1 to {MostLegs} legs.")],
            _ => legs.Index().SelectMany(leg => leg.Item is null
                ? [new($"/legs/{leg.Index}", "request.missing_field", "The leg is required.")]
                : Leg(leg.Item, name => $"/legs/{leg.Index}/{name}", "departsOn", leg.Index == 0 ? null : legs[leg.Index - 1]?.DepartsOn, now, lastDay)),
        };
    }

    private static IEnumerable<FieldProblem> Leg(
        LegRequest leg, Func<string, string> pointer, string dayName, DateOnly? before, DateTimeOffset now, DateOnly? lastDay)
    {
        foreach (var (place, name) in new[] { (leg.Origin, "origin"), (leg.Destination, "destination") })
        {
            if (place is null)
            {
                yield return new(pointer(name), "request.missing_field", $"{name} is required.");
            }
            else if (Airports.Named(place).Count == 0)
            {
                yield return Unknown(pointer(name), place);
            }
        }

        foreach (var (radius, name) in new[] { (leg.OriginRadiusKm, "originRadiusKm"), (leg.DestinationRadiusKm, "destinationRadiusKm") })
        {
            if (radius is < 1 or > MostRadius)
            {
                yield return new(pointer(name), "limit.out_of_range", $"{name} is 1 to {MostRadius}.");
            }
        }

        if (leg is { Origin: { } origin, Destination: { } destination } && Airports.Named(origin).Count > 0 && Airports.Named(destination).Count > 0)
        {
            var (origins, destinations) = (Airports.Named(origin), Airports.Named(destination));
            if (origins.Any(from => destinations.Any(to => to.CityCode == from.CityCode)))
            {
                yield return new(pointer("destination"), "search.same_place", "Origin and destination are in the same city.");
            }
            else if (Around(origin, leg.OriginRadiusKm).Intersect(Around(destination, leg.DestinationRadiusKm)).Any())
            {
                var field = leg.DestinationRadiusKm is null ? "originRadiusKm" : "destinationRadiusKm";
                yield return new(pointer(field), "search.same_place", "Airports around the origin and around the destination are in the same city; take a smaller radius.");
            }
        }

        foreach (var problem in Day(leg, pointer(dayName), before, now, lastDay))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> Around(string place, int? radius) =>
        radius is null or < 1 or > MostRadius ? Airports.Named(place).Select(airport => airport.CityCode) : TripSearch.Around(place, radius).Select(station => Stations.All[station].CityCode);

    private static FieldProblem Unknown(string pointer, string code)
    {
        var near = Search.Places.Near(code, 3);
        return new(pointer, "place.unknown", near.Count == 0
            ? "This is no airport or city known here; GET /v1/places finds them by name."
            : $"This is no airport or city known here; did you mean {string.Join(", ", near.Select(place => $"{place.Code} ({place.Name})"))}?");
    }

    private static IEnumerable<FieldProblem> Day(LegRequest leg, string pointer, DateOnly? before, DateTimeOffset now, DateOnly? lastDay)
    {
        if (leg.DepartsOn is not { } day)
        {
            yield return new(pointer, "request.missing_field", $"{pointer[(pointer.LastIndexOf('/') + 1)..]} is required.");
            yield break;
        }

        // Local to the origin: where it is still yesterday, yesterday can be flown.
        var zones = Airports.Named(leg.Origin ?? "").Select(airport => airport.TimeZone).DefaultIfEmpty(TimeZoneInfo.Utc);
        var today = zones.Min(zone => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime));
        if (day < today)
        {
            yield return new(pointer, "date.in_past", $"It is {today:yyyy-MM-dd} at the origin; the day is over.");
        }
        else if (day > lastDay)
        {
            yield return new(pointer, "date.beyond_horizon", $"Flights are on sale up to {lastDay:yyyy-MM-dd}.");
        }
        else if (day < before?.AddDays(-1))
        {
            // Across the date line one may leave a day before one left.
            yield return new(pointer, "date.before_outbound", $"The leg before leaves on {before:yyyy-MM-dd}.");
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

    private static IEnumerable<FieldProblem> Numbers(FlightSearchRequest request)
    {
        if (request.MaxStops is < 0 or > MostStops)
        {
            yield return new("/maxStops", "limit.out_of_range", $"maxStops is 0 to {MostStops}.");
        }

        if (request.Currency is { } currency && !HouseTariff.SellsEverythingIn(currency))
        {
            yield return new("/currency", "currency.not_offered", "Prices are in EUR or USD; without a currency in that of the flights between the two.");
        }

        if (request.Limit is < 1 or > MostResults)
        {
            yield return new("/limit", "limit.out_of_range", $"limit is 1 to {MostResults}.");
        }
    }

    private static IEnumerable<FieldProblem> Filters(string at, FlightFilters? filters)
    {
        if (filters is null)
        {
            return [];
        }

        var problems = new List<FieldProblem>();
        Each(filters.Airlines, "airlines", code => code is not null && Carriers.Find(code) is not null, "airline.unknown", "This is no airline known here; designators look like VN.");
        Each(filters.WithoutAirlines, "withoutAirlines", code => code is not null && Carriers.Find(code) is not null, "airline.unknown", "This is no airline known here; designators look like VN.");
        foreach (var (codes, name) in new[]
        {
            (filters.OriginAirports, "originAirports"), (filters.DestinationAirports, "destinationAirports"), (filters.Via, "via"), (filters.WithoutVia, "withoutVia"),
        })
        {
            Each(codes, name, code => code is not null && Airports.Find(code) is not null, "airport.unknown", "This is no airport known here; codes look like FRA.");
        }

        Each(filters.Stops, "stops", stops => stops is >= 0 and <= MostStops, "limit.out_of_range", $"Stops are 0 to {MostStops}.");
        Window(filters.DepartureWindow, "departureWindow");
        Window(filters.ArrivalWindow, "arrivalWindow");
        Number(filters.MaxDurationMinutes, "maxDurationMinutes", 1, LegSearch.LongestLeg);
        Number(filters.MinLayoverMinutes, "minLayoverMinutes", 0, LegSearch.LongestLayover);
        Number(filters.MaxLayoverMinutes, "maxLayoverMinutes", 0, LegSearch.LongestLayover);
        Number(filters.MinBags, "minBags", 0, 9);
        if (filters.MinLayoverMinutes > filters.MaxLayoverMinutes)
        {
            Add("minLayoverMinutes", "window.reversed", "The shortest wait is longer than the longest.");
        }

        if (filters.MaxPrice is { } most && at != "/filters")
        {
            Add("maxPrice", "price.of_trip", "The most to pay is for the whole trip: it stands in the request's own filters.");
        }
        else if (filters.MaxPrice is { MinorUnits: <= 0 })
        {
            Add("maxPrice/amount", "limit.out_of_range", "The most to pay is more than 0.");
        }

        return problems;

        void Add(string name, string code, string detail) => problems.Add(new($"{at}/{name}", code, detail));

        void Each<T>(IReadOnlyList<T>? values, string name, Func<T, bool> isKnown, string code, string detail)
        {
            if (values is { Count: 0 or > MostValues })
            {
                Add(name, "limit.out_of_range", $"Name 1 to {MostValues} {name}, or leave the filter out.");
            }

            for (var index = 0; index < Math.Min(values?.Count ?? 0, MostValues); index++)
            {
                if (!isKnown(values![index]))
                {
                    Add($"{name}/{index}", code, detail);
                }
            }
        }

        void Window(DayWindow? window, string name)
        {
            if (window is { } hours && hours.From > hours.To)
            {
                Add(name, "window.reversed", "The window ends before it begins; it lies within one day.");
            }
        }

        void Number(int? value, string name, int least, int most)
        {
            if (value < least || value > most)
            {
                Add(name, "limit.out_of_range", $"{name} is {least} to {most}.");
            }
        }
    }
}
