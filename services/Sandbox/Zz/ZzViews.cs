using System.Globalization;
using System.Text.Json.Nodes;
using Aerona.Contracts;
using Aerona.Reference;

namespace Aerona.Sandbox.Zz;

/// <summary>Things in Duffel's form, every field that its own client demands.</summary>
internal static class ZzViews
{
    private const string LocalTime = "yyyy-MM-dd'T'HH:mm:ss";

    public static object Airline { get; } = new
    {
        id = "arl_00009VME7D6ivUu8dn35WK",
        name = "Aerona Sandbox Airways",
        iata_code = "ZZ",
        logo_symbol_url = (string?)null,
        logo_lockup_url = (string?)null,
        conditions_of_carriage_url = (string?)null,
    };

    public static object Airport(Airport airport) => new
    {
        type = "airport",
        id = $"arp_{airport.Code.ToLowerInvariant()}_{airport.Country.ToLowerInvariant()}",
        name = airport.Name,
        iata_code = airport.Code,
        iata_country_code = airport.Country,
        iata_city_code = airport.CityCode,
        icao_code = $"Z{airport.Code}",
        city_name = airport.City,
        city = (object?)null,
        latitude = airport.Latitude,
        longitude = airport.Longitude,
        time_zone = airport.Zone,
    };

    public static JsonNode RequestPassenger(string id, string type, int? age)
    {
        var passenger = new JsonObject { ["id"] = id, ["type"] = type, ["loyalty_programme_accounts"] = new JsonArray() };
        if (age is not null)
        {
            passenger["age"] = age;
        }

        return passenger;
    }

    public static object OfferPassenger(string id, string type, int? age) => new { id, type, age, fare_type = (string?)null, loyalty_programme_accounts = Array.Empty<object>() };

    public static object Conditions(bool refundable, Money penalty) => new
    {
        refund_before_departure = Condition(refundable, penalty),
        change_before_departure = Condition(refundable, penalty),
    };

    public static object Slice(
        IReadOnlyList<ZzFlight> flights, string cabin, string brand, bool refundable, Money penalty, IReadOnlyList<string> passengers) => new
        {
            id = ZzIds.New("sli"),
            origin = Airport(flights[0].Origin),
            origin_type = "airport",
            destination = Airport(flights[^1].Destination),
            destination_type = "airport",
            duration = Span(flights[^1].ArrivesAt - flights[0].DepartsAt),
            fare_brand_name = brand,
            comparison_key = $"{cabin}-{brand}",
            ngs_shelf = (int?)null,
            conditions = new
            {
                advance_seat_selection = (bool?)null,
                priority_boarding = (bool?)null,
                priority_check_in = (bool?)null,
                refund_before_departure = Condition(refundable, penalty),
                change_before_departure = Condition(refundable, penalty),
            },
            segments = flights.Select(flight => Segment(flight, cabin, brand, passengers)),
        };

    public static object Segment(ZzFlight flight, string cabin, string brand, IReadOnlyList<string> passengers) => new
    {
        id = ZzIds.New("seg"),
        origin = Airport(flight.Origin),
        origin_terminal = "1",
        destination = Airport(flight.Destination),
        destination_terminal = "1",
        departing_at = flight.DepartsLocal.ToString(LocalTime, CultureInfo.InvariantCulture),
        arriving_at = flight.ArrivesLocal.ToString(LocalTime, CultureInfo.InvariantCulture),
        duration = Span(flight.ArrivesAt - flight.DepartsAt),
        distance = flight.Kilometres.ToString("F3", CultureInfo.InvariantCulture),
        marketing_carrier = Airline,
        marketing_carrier_flight_number = flight.Number.ToString("D4", CultureInfo.InvariantCulture),
        operating_carrier = Airline,
        operating_carrier_flight_number = flight.Number.ToString("D4", CultureInfo.InvariantCulture),
        aircraft = new { id = $"arc_{flight.Aircraft}", name = AircraftTypes.Find(flight.Aircraft)!.Name, iata_code = flight.Aircraft },
        stops = Array.Empty<object>(),
        passengers = passengers.Select(id => new
        {
            passenger_id = id,
            cabin_class = cabin,
            cabin_class_marketing_name = $"{(cabin == "economy" ? "Economy" : "Business")} {brand}",
            fare_basis_code = cabin == "economy" ? brand == "Flex" ? "YZZFLEX" : "OZZBASIC" : brand == "Flex" ? "JZZFLEX" : "DZZBASIC",
            cabin = (object?)null,
            baggages = new[] { new { type = "carry_on", quantity = 1 }, new { type = "checked", quantity = brand == "Flex" ? 1 : 0 } },
        }),
    };

    public static JsonNode SeatMap(string sliceId, JsonObject segment)
    {
        var cabin = segment.Objects("passengers")[0].Text("cabin_class");
        var passenger = segment.Objects("passengers")[0].Text("passenger_id");
        object Seat(int row, char letter) => new
        {
            type = "seat",
            designator = $"{row}{letter}",
            name = "",
            disclosures = Array.Empty<string>(),
            available_services = (row + letter) % 4 == 0
                ? []
                : new[] { new { id = ZzIds.New("ase"), passenger_id = passenger, total_amount = row == 12 ? "25.00" : "0.00", total_currency = "EUR" } },
        };
        return ZzJson.Node(new
        {
            id = ZzIds.New("sea"),
            slice_id = sliceId,
            segment_id = segment.Text("id"),
            cabins = new[]
            {
                new
                {
                    cabin_class = cabin,
                    deck = 0,
                    aisles = 1,
                    wings = new { first_row_index = 2, last_row_index = 3 },
                    rows = Enumerable.Range(10, 5).Select(row => new
                    {
                        sections = new[] { "ABC", "DEF" }.Select(letters => new { elements = letters.Select(letter => Seat(row, letter)) }),
                    }),
                },
            },
        });
    }

    /// <summary><c>PT26H10M</c>: Duffel writes days as hours, or days; both occur.</summary>
    public static string Span(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"PT{(int)span.TotalHours}H{span.Minutes}M");

    private static object Condition(bool allowed, Money penalty) => allowed
        ? new { allowed, penalty_amount = (string?)penalty.ToAmountString(), penalty_currency = (string?)penalty.Currency }
        : new { allowed, penalty_amount = (string?)null, penalty_currency = (string?)null };
}
