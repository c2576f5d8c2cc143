using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Reference;

namespace Aerona.Operations.Imports;

/// <summary>A form that files of flights have.</summary>
/// <param name="Name">As in <c>format</c>.</param>
/// <param name="Heading">The first line; null where there is none.</param>
/// <param name="IsMoved">Moved on to days after today unless it is said otherwise.</param>
/// <param name="IsSorted">By departure, so that what is wanted of it ends at some row.</param>
/// <param name="Parse">What a line says: a row, or a code and a detail of why it is none.</param>
/// <param name="End">What stands around the number of rows in the last line, which is no row; null where the form has none.</param>
internal sealed record ImportFormat(
    string Name, string? Heading, bool IsMoved, bool IsSorted, Func<string, Parsed> Parse, (string Before, string After)? End = null)
{
    /// <summary>How many rows there are, as the last line says; null for any other line. Null itself where the form has no such line.</summary>
    public Func<string, int?>? RowsAtEnd { get; } = End is not var (before, after) ? null : line =>
        line.StartsWith(before, StringComparison.Ordinal) && line.EndsWith(after, StringComparison.Ordinal) && line.Length > before.Length + after.Length
        && int.TryParse(line.AsSpan(before.Length, line.Length - before.Length - after.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var rows) ? rows : null;

    /// <summary>The last line of a file of so many rows.</summary>
    public string EndLine(int rows) => string.Create(CultureInfo.InvariantCulture, $"{End?.Before}{rows}{End?.After}");
}

/// <summary>A row, or why a line is none.</summary>
internal readonly record struct Parsed(ImportRow? Row, string Code = "", string Detail = "", string? Airport = null)
{
    public static Parsed Rejected(string code, string detail, string? airport = null) => new(null, code, detail, airport);

    public static Parsed UnknownAirport(string code) => Rejected("airport.unknown", $"Airport {Short(code)} is not known here.", Short(code));

    private static string Short(string text) => text.Length <= 8 ? text : text[..8] + "…";
}

/// <summary>The forms known; docs/import.md describes them.</summary>
internal static class ImportFormats
{
    /// <summary>Asks the file itself.</summary>
    public const string Auto = "auto";

    private const string OwnHeading = "flight,origin,destination,departs,arrives,aircraft,currency,"
        + "economy_seats,economy_fare,premium_economy_seats,premium_economy_fare,business_seats,business_fare,first_seats,first_fare";

    private const int MostSeats = 900;

    private static readonly (Cabin Cabin, string BookingClass)[] CabinsOfCsv = [(Cabin.Economy, "Y"), (Cabin.PremiumEconomy, "W"), (Cabin.Business, "J"), (Cabin.First, "F")];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNameCaseInsensitive = false,
        NumberHandling = JsonNumberHandling.Strict,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        MaxDepth = 8,
    };

    public static readonly IReadOnlyList<ImportFormat> All =
    [
        new("us-on-time", "departure_local,origin,destination,distance_mi,arrival_delay_min", IsMoved: true, IsSorted: true, OnTime),
        new("aerona-csv", OwnHeading, IsMoved: false, IsSorted: false, OwnCsv, ("end,", "")),
        new("aerona-jsonl", null, IsMoved: false, IsSorted: false, OwnJson, ("{\"end\":", "}")),
        new("openflights-routes", null, IsMoved: true, IsSorted: false, Route),
    ];

    /// <summary>The form of that name, or null.</summary>
    public static ImportFormat? Find(string? name) => All.FirstOrDefault(format => format.Name == name);

    /// <summary>The form that a file's first line speaks for; null when it is none of those known.</summary>
    public static ImportFormat? Guess(string first) => All.FirstOrDefault(format => format.Heading == first)
        ?? (first.StartsWith('{') ? Find("aerona-jsonl") : first.Split(',').Length == 9 ? Find("openflights-routes") : null);

    private static Parsed OnTime(string text)
    {
        var fields = text.Split(',');
        if (fields.Length != 5)
        {
            return Parsed.Rejected("row.malformed", $"A row has 5 fields, this one {fields.Length}.");
        }

        if (!DateTime.TryParseExact(fields[0], "yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var departs))
        {
            return Parsed.Rejected("time.invalid", "departure_local must look like 2001-03-01T06:35.");
        }

        if (!double.TryParse(fields[3], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var miles) || miles is not (> 0 and < 12_500))
        {
            return Parsed.Rejected("distance.invalid", "distance_mi must be a number of miles, more than 0.");
        }

        if (fields[4].Length > 0 && !int.TryParse(fields[4], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        {
            return Parsed.Rejected("delay.invalid", "arrival_delay_min must be whole minutes or nothing.");
        }

        if (Places(fields[1], fields[2], out var origin, out var destination) is { } wrong)
        {
            return wrong;
        }

        const double kilometresAMile = 1.609344;
        var (kilometres, apart) = (miles * kilometresAMile, Airports.KilometresBetween(origin, destination));
        return Math.Abs(kilometres - apart) > Math.Max(50, apart / 10)
            ? Parsed.Rejected("distance.implausible", $"{origin.Code} and {destination.Code} lie {apart / kilometresAMile:F0} miles apart, not {miles:F0}.")
            : new(new OnTimeRow(departs, origin, destination, kilometres));
    }

    private static Parsed Route(string text)
    {
        var fields = text.Split(',');
        if (fields.Length != 9)
        {
            return Parsed.Rejected("row.malformed", $"A row has 9 fields, this one {fields.Length}.");
        }

        if (Places(fields[2], fields[4], out var origin, out var destination) is { } wrong)
        {
            return wrong;
        }

        if (Carriers.Find(fields[0]) is null)
        {
            return Parsed.Rejected("carrier.unknown", "The airline is not known here.");
        }

        if (fields[6].Length > 0)
        {
            return Parsed.Rejected("route.codeshare", "A code-share: the flight stands there under the airline that flies it.");
        }

        if (fields[7] != "0")
        {
            return Parsed.Rejected("route.has_stops", "Only flights without a stop are taken.");
        }

        var apart = Airports.KilometresBetween(origin, destination);
        if (apart is < 30 or > 15_500)
        {
            return Parsed.Rejected("distance.implausible", $"{origin.Code} and {destination.Code} lie {apart:F0} km apart.");
        }

        return new(new RouteRow(fields[0], origin, destination, fields[8].Split(' ').Select(AircraftTypes.Find).FirstOrDefault(type => type?.RangeKilometres >= apart)));
    }

    private static Parsed OwnCsv(string text)
    {
        var fields = text.Split(',');
        if (fields.Length != 7 + 2 * CabinsOfCsv.Length)
        {
            return Parsed.Rejected("row.malformed", $"A row has {7 + 2 * CabinsOfCsv.Length} fields, this one {fields.Length}.");
        }

        var cabins = new List<PublishedCabin>(4);
        for (var cabin = 0; cabin < CabinsOfCsv.Length; cabin++)
        {
            var (seats, fare) = (fields[7 + 2 * cabin], fields[8 + 2 * cabin]);
            if (seats.Length == 0 && fare.Length == 0)
            {
                continue;
            }

            if (!int.TryParse(seats, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var authorised)
                || !decimal.TryParse(fare, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) || Price(amount, fields[6]) is not { } price)
            {
                return Parsed.Rejected("cabin.invalid", $"{CabinsOfCsv[cabin].Cabin} needs whole seats and a fare in a currency of ISO 4217, with no more decimals than it has.");
            }

            cabins.Add(new(CabinsOfCsv[cabin].Cabin, authorised, CabinsOfCsv[cabin].BookingClass, price));
        }

        return Own(fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], cabins);
    }

    private static Parsed OwnJson(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<OwnFlight>(text, Json) is { } flight
                ? Own(flight.Flight, flight.Origin, flight.Destination, flight.Departs, flight.Arrives, flight.Aircraft, flight.Cabins)
                : Parsed.Rejected("row.malformed", "A line is one JSON object.");
        }
        catch (JsonException broken)
        {
            return Parsed.Rejected("row.malformed", $"The line is no flight: {broken.Path ?? "$"} at byte {broken.BytePositionInLine + 1}.");
        }
    }

    private static Parsed Own(string flight, string from, string to, string departs, string arrives, string aircraft, IReadOnlyList<PublishedCabin> cabins)
    {
        if (FlightDesignator.Parse(flight) is not { Suffix: null } designator || Carriers.Find(designator.Carrier) is null)
        {
            return Parsed.Rejected("carrier.unknown", "flight must be a known airline's two characters and a number, such as VN55.");
        }

        if (Places(from, to, out var origin, out var destination) is { } wrong)
        {
            return wrong;
        }

        if (!DateTime.TryParseExact(departs, "yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var leaves)
            || !DateTime.TryParseExact(arrives, "yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var comes))
        {
            return Parsed.Rejected("time.invalid", "departs and arrives are local times such as 2026-12-07T08:00.");
        }

        if (AircraftTypes.Find(aircraft) is not { } type)
        {
            return Parsed.Rejected("aircraft.unknown", "aircraft must be an IATA type known here, such as 32Q.");
        }

        return Problem(cabins) is var (code, detail) ? Parsed.Rejected(code, detail) : new(new OwnRow(designator, origin, destination, leaves, comes, type, cabins));
    }

    private static (string, string)? Problem(IReadOnlyList<PublishedCabin> cabins) =>
        cabins.Count == 0 ? ("cabin.missing", "At least one cabin is sold.")
        : cabins.DistinctBy(cabin => cabin.Cabin).Count() != cabins.Count ? ("cabin.twice", "Each cabin stands once.")
        : cabins.Any(cabin => cabin.Authorised < 0) ? ("capacity.negative", "Seats that may be sold are 0 or more.")
        : cabins.Sum(cabin => (long)cabin.Authorised) > MostSeats ? ("capacity.implausible", $"No airplane has more than {MostSeats} seats.")
        : cabins.Any(cabin => cabin.Fare.MinorUnits <= 0 || cabin.Fare.Currency != cabins[0].Fare.Currency) ? ("fare.invalid", "Fares are more than nothing and in one currency.")
        : cabins.Any(cabin => cabin.BookingClass is not [>= 'A' and <= 'Z']) ? ("booking_class.invalid", "A booking class is one capital letter.")
        : null;

    private static Parsed? Places(string from, string to, out Airport origin, out Airport destination)
    {
        (origin, destination) = (Airports.Find(from)!, Airports.Find(to)!);
        return origin is null ? Parsed.UnknownAirport(from)
            : destination is null ? Parsed.UnknownAirport(to)
            : origin == destination ? Parsed.Rejected("route.same_place", "Origin and destination are the same airport.")
            : null;
    }

    private static Money? Price(decimal amount, string currency)
    {
        try
        {
            return Money.Of(amount, currency);
        }
        catch (ArgumentException)
        {
            return null;   // no such currency, or more decimals than it has
        }
    }

    /// <summary>A line of <c>aerona-jsonl</c>; local times without offset.</summary>
    internal sealed record OwnFlight(
        string Flight, string Origin, string Destination, string Departs, string Arrives, string Aircraft, IReadOnlyList<PublishedCabin> Cabins);
}
