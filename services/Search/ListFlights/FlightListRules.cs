using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Reference;
using Aerona.Search.Backends;
using Aerona.Search.SearchFlights;

namespace Aerona.Search.ListFlights;

/// <summary>What a list of flights must keep to; every broken rule is told with its field.</summary>
internal static class FlightListRules
{
    private const int MostDays = 31;

    private const int MostValues = 50;

    private const int MostResults = 200;

    private const int Usual = 50;

    private const int MostSeats = 999;

    private const int LongestCursor = 4_000;

    public static (FlightQuestion Question, ListFilters Filters, ListPage Page) Read(FlightListRequest request, List<FieldProblem> problems)
    {
        var question = new FlightQuestion(
            Place(request.Origin, "origin"), Place(request.Destination, "destination"), Days(request, problems), Designator(request.Flight), Airline(request.Carrier, "carrier"),
            Named(request.Cabin, "cabin", Cabin.Economy), Currency(request.Currency));
        if (request is { Origin: null, Destination: null, Flight: null, Carrier: null })
        {
            Wrong("origin", "request.missing_field", "Say an origin, a destination, a flight or a carrier; several narrow each other down.");
        }

        var limit = request.Limit ?? Usual;
        InRange(limit, "limit", 1, MostResults);
        InRange(request.MinSeats, "minSeats", 0, MostSeats);
        InRange(request.MaxSeats, "maxSeats", 0, MostSeats);
        if (request.MinSeats > request.MaxSeats)
        {
            Wrong("minSeats", "window.reversed", "minSeats is more than maxSeats.");
        }

        if (request.Cursor is { Length: 0 or > LongestCursor })
        {
            Wrong("cursor", "cursor.invalid", "A nextCursor as given, or none.");
        }

        var page = new ListPage(Named(request.Sort, "sort", ListOrder.Departure), limit, request.Cursor);
        return (question, new(Values(), Window(), MaxPrice(), request.MinSeats, request.MaxSeats), page);

        void Wrong(string field, string code, string detail) => problems.Add(new($"query:{field}", code, detail));

        List<string> Place(string? code, string field)
        {
            if (code is null)
            {
                return [];
            }

            var airports = Airports.Named(code);
            if (airports.Count == 0)
            {
                var near = Places.Near(code, 3);
                Wrong(field, "place.unknown", near.Count == 0
                    ? "This is no airport or city known here; GET /v1/places finds them by name."
                    : $"This is no airport or city known here; did you mean {string.Join(", ", near.Select(place => $"{place.Code} ({place.Name})"))}?");
            }

            return [.. airports.Select(airport => airport.Code)];
        }

        string? Designator(string? text)
        {
            if (text is not null && FlightDesignator.Parse(text) is null)
            {
                Wrong("flight", "flight.malformed", "A flight is an airline's designator and a number, such as VN55.");
            }

            return FlightDesignator.Parse(text)?.ToString();
        }

        string? Airline(string? code, string field)
        {
            if (code is not null && Carriers.Find(code) is null)
            {
                Wrong(field, "airline.unknown", "This is no airline known here; designators look like VN.");
            }

            return code;
        }

        TEnum Named<TEnum>(string? text, string field, TEnum usual) where TEnum : struct, Enum
        {
            if (text is null)
            {
                return usual;
            }

            foreach (var value in Enum.GetValues<TEnum>())
            {
                if (text == Camel(value.ToString()))
                {
                    return value;
                }
            }

            Wrong(field, $"{field}.unknown", $"{field} is one of {string.Join(", ", Enum.GetNames<TEnum>().Select(Camel))}.");
            return usual;
        }

        string Currency(string? code)
        {
            if (code is not null && !FlightDocument.Currencies.Contains(code))
            {
                Wrong("currency", "currency.not_offered", $"Prices are in {string.Join(" or ", FlightDocument.Currencies)}.");
                code = null;
            }

            return code ?? FlightDocument.Currencies[0];
        }

        Dictionary<FlightFacet, IReadOnlyList<string>> Values()
        {
            var values = new Dictionary<FlightFacet, IReadOnlyList<string>>();
            void Choose(FlightFacet facet, IReadOnlyList<string>? chosen, string field)
            {
                if (chosen is { Count: > MostValues })
                {
                    Wrong(field, "limit.out_of_range", $"{field} is said {MostValues} times at most.");
                }
                else if (chosen is { Count: > 0 })
                {
                    values[facet] = chosen;
                }
            }

            Array.ForEach(request.Airline ?? [], code => Airline(code, "airline"));
            foreach (var (airports, field) in new[] { (request.From, "from"), (request.To, "to") })
            {
                if (Array.Exists(airports ?? [], code => Airports.Find(code) is null))
                {
                    Wrong(field, "airport.unknown", "This is no airport known here; codes look like FRA.");
                }
            }

            Choose(FlightFacet.Airline, request.Airline, "airline");
            Choose(FlightFacet.Origin, request.From, "from");
            Choose(FlightFacet.Destination, request.To, "to");
            Choose(FlightFacet.Aircraft, request.Aircraft, "aircraft");
            Choose(FlightFacet.Day, request.Day?.Select(FlightDocument.Day).ToList(), "day");
            return values;
        }

        DayWindow? Window()
        {
            var window = new DayWindow(request.DepartsFrom ?? TimeOnly.MinValue, request.DepartsUntil ?? new TimeOnly(23, 59));
            if (window.From > window.To)
            {
                Wrong("departsFrom", "window.reversed", "The window ends before it begins; it lies within one day.");
            }

            return request is { DepartsFrom: null, DepartsUntil: null } ? null : window;
        }

        long? MaxPrice()
        {
            if (request.MaxPrice is <= 0 or > 1_000_000)
            {
                Wrong("maxPrice", "limit.out_of_range", "The most to pay is more than 0 and at most a million.");
                return null;
            }

            return request.MaxPrice is { } most ? Money.Of(most, question.Currency).MinorUnits : null;
        }

        void InRange(int? value, string field, int least, int most)
        {
            if (value < least || value > most)
            {
                Wrong(field, "limit.out_of_range", $"{field} is {least} to {most}.");
            }
        }
    }

    private static List<DateOnly> Days(FlightListRequest request, List<FieldProblem> problems)
    {
        if (request.DepartsOn is not { } first)
        {
            problems.Add(new("query:departsOn", "request.missing_field", "departsOn is required: the local day of departure, or the first of several."));
            return [];
        }

        var count = (request.Until ?? first).DayNumber - first.DayNumber + 1;
        if (count is < 1 or > MostDays)
        {
            problems.Add(new("query:until", "date.too_many", $"until is departsOn or one of the {MostDays - 1} days after it."));
            return [first];
        }

        return [.. Enumerable.Range(0, count).Select(first.AddDays)];
    }

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
