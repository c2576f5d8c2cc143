using System.Globalization;
using System.Text.Json.Nodes;
using Aerona.Contracts;
using Aerona.Reference;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Sandbox.Zz;

/// <summary>Offer requests, offers and seat maps.</summary>
internal static class ZzOffers
{
    private const int MostPassengers = 9;

    private static readonly string[] Cabins = ["economy", "premium_economy", "business", "first"];

    /// <summary>Sold cabins with what they cost in multiples of economy's fare.</summary>
    private static readonly (string Name, decimal Factor)[] Sold = [("economy", 1m), ("business", 3.2m)];

    private static readonly (string Name, decimal Factor, bool Refundable)[] Brands = [("Basic", 1m, false), ("Flex", 1.35m, true)];

    public static void MapOffers(this RouteGroupBuilder zz)
    {
        zz.MapPost("/air/offer_requests", (HttpContext http, ZzDesk desk, ZzOptions options) => desk.AnswerAsync(http, call => RequestAsync(call, options)));
        zz.MapGet("/air/offers", (HttpContext http, ZzDesk desk) => desk.AnswerAsync(http, ListAsync));
        zz.MapGet("/air/offers/{id}", (string id, HttpContext http, ZzDesk desk) => desk.AnswerAsync(http, call => ShowAsync(call, id)));
        zz.MapGet("/air/seat_maps", (HttpContext http, ZzDesk desk) => desk.AnswerAsync(http, SeatMapsAsync));
    }

    private sealed record Wanted(string Origin, string Destination, DateOnly Day);

    private sealed record Traveller(string Id, string Type, int? Age);

    private static async Task<ZzAnswer> RequestAsync(ZzCall call, ZzOptions options)
    {
        var slices = call.Data.Objects("slices").Select(slice => new Wanted(slice.Text("origin"), slice.Text("destination"), Day(slice))).ToList();
        var passengers = call.Data.Objects("passengers").Select(Passenger).ToList();
        if (slices.Count is 0 or > 2)
        {
            throw ZzProblem.Invalid("slices", "ZZ sells single and return journeys");
        }

        if (passengers.Count is 0 or > MostPassengers || passengers.All(one => one.Type != "adult"))
        {
            throw ZzProblem.Invalid("passengers", $"one to {MostPassengers}, at least one of them an adult");
        }

        foreach (var slice in slices)
        {
            if (Airports.Find(slice.Origin) is null || Airports.Find(slice.Destination) is null || slice.Origin == slice.Destination)
            {
                throw ZzProblem.Invalid("slices", "origin and destination must be two airports");
            }
        }

        var cabin = call.Data.TextOrNull("cabin_class");
        if (cabin is not null && !Cabins.Contains(cabin))
        {
            throw ZzProblem.Invalid("cabin_class", $"must be one of {string.Join(", ", Cabins)}");
        }

        var connections = call.Data["max_connections"]?.GetValue<int>() ?? 1;
        var scenario = ZzScenarios.Of(slices[0].Origin, slices[0].Destination);
        if (scenario == ZzScenario.Busy)
        {
            throw ZzProblem.Busy(retryAfterSeconds: 2);
        }

        var requestId = ZzIds.New("orq");
        var offers = scenario == ZzScenario.NoFlights ? [] : await MakeAsync(call, options, requestId, scenario, slices, passengers, cabin, connections);
        call.Db.ZzOffers.AddRange(offers);
        var shown = call.Query["return_offers"] != "false" ? offers : [];
        return new(
            201,
            ZzJson.Node(new
            {
                id = requestId,
                live_mode = false,
                created_at = ZzDesk.Time(call.Now),
                cabin_class = cabin ?? "economy",
                slices = slices.Select(slice => new
                {
                    origin = ZzViews.Airport(Airports.Find(slice.Origin)!),
                    origin_type = "airport",
                    destination = ZzViews.Airport(Airports.Find(slice.Destination)!),
                    destination_type = "airport",
                    departure_date = slice.Day.ToString("O", CultureInfo.InvariantCulture),
                }),
                passengers = passengers.Select(one => ZzViews.RequestPassenger(one.Id, one.Type, one.Age)),
                offers = shown.Select(offer => Without(ZzJson.Object(offer.Json), "available_services")),
            }),
            scenario is ZzScenario.Slow or ZzScenario.ErrorInSuccess ? scenario : ZzScenario.None);
    }

    private static async Task<List<ZzOffer>> MakeAsync(
        ZzCall call, ZzOptions options, string requestId, ZzScenario scenario, List<Wanted> slices, List<Traveller> passengers, string? cabin, int connections)
    {
        var ways = slices.ConvertAll(slice => Ways(slice, scenario, connections));
        var journeys = Enumerable.Range(0, ways.Min(way => way.Count)).Select(index => ways.ConvertAll(way => way[index]))
            .Where(journey => journey[0][0].DepartsAt > call.Now && (journey.Count == 1 || journey[1][0].DepartsAt > journey[0][^1].ArrivesAt)).ToList();
        var offers = new List<ZzOffer>();
        foreach (var journey in journeys)
        {
            foreach (var sold in Sold.Where(sold => cabin is null || sold.Name == cabin))
            {
                var seats = journey.SelectMany(slice => slice).Select(flight => $"{flight.Id}/{sold.Name}={passengers.Count(one => one.Type != "infant_without_seat")}").ToList();
                if (!await HasRoomAsync(call, seats))
                {
                    continue;
                }

                foreach (var brand in Brands)
                {
                    var id = ZzIds.New("off");
                    var expiresAt = call.Now + options.OfferLifetime;
                    offers.Add(new()
                    {
                        Id = id,
                        OfferRequestId = requestId,
                        Scenario = scenario,
                        Seats = string.Join(' ', seats),
                        CreatedAt = call.Now,
                        ExpiresAt = expiresAt,
                        Json = ZzJson.Write(Offer(call, options, id, scenario, journey, passengers, sold, brand, expiresAt)),
                    });
                }
            }
        }

        return offers;
    }

    private static IReadOnlyList<IReadOnlyList<ZzFlight>> Ways(Wanted slice, ZzScenario scenario, int connections) =>
    [
        .. scenario == ZzScenario.Connecting ? [] : ZzSchedule.Direct(slice.Origin, slice.Destination, slice.Day).Select(flight => (IReadOnlyList<ZzFlight>)[flight]),
        .. connections > 0 ? ZzSchedule.Connecting(slice.Origin, slice.Destination, slice.Day, scenario == ZzScenario.Connecting) : [],
    ];

    private static async Task<bool> HasRoomAsync(ZzCall call, List<string> seats)
    {
        foreach (var (key, wanted) in ZzStock.Read(string.Join(' ', seats)))
        {
            var taken = await call.Db.ZzSeats.AsNoTracking().Where(row => row.Key == key).Select(row => row.Taken).SingleOrDefaultAsync(call.Cancellation);
            if (ZzSeats.Capacity(key) - taken < wanted)
            {
                return false;
            }
        }

        return true;
    }

    private static JsonNode Offer(
        ZzCall call, ZzOptions options, string id, ZzScenario scenario, List<IReadOnlyList<ZzFlight>> journey, List<Traveller> passengers, (string Name, decimal Factor) cabin,
        (string Name, decimal Factor, bool Refundable) brand, DateTimeOffset expiresAt)
    {
        var kilometres = (decimal)journey.SelectMany(slice => slice).Sum(flight => flight.Kilometres);
        var fare = Math.Round((29 + (kilometres * 0.07m)) * cabin.Factor * brand.Factor, 0);
        var adultTax = 9.5m * journey.Sum(slice => slice.Count) + Math.Round(fare * 0.08m, 0);
        var basis = Money.Round(passengers.Sum(one => fare * Share(one.Type)), options.Currency);
        var tax = Money.Round(passengers.Sum(one => one.Type == "infant_without_seat" ? 4m : adultTax), options.Currency);
        var total = basis + tax;
        var penalty = Money.Round(fare * 0.2m, options.Currency);
        var instant = scenario == ZzScenario.InstantOnly || journey[0][0].DepartsAt - call.Now < TimeSpan.FromDays(2);
        return ZzJson.Node(new
        {
            id,
            live_mode = false,
            partial = false,
            created_at = ZzDesk.Time(call.Now),
            updated_at = ZzDesk.Time(call.Now),
            expires_at = ZzDesk.Time(expiresAt),
            owner = ZzViews.Airline,
            base_amount = basis.ToAmountString(),
            base_currency = basis.Currency,
            tax_amount = tax.ToAmountString(),
            tax_currency = tax.Currency,
            total_amount = total.ToAmountString(),
            total_currency = total.Currency,
            total_emissions_kg = Math.Round(kilometres * 0.09m).ToString(CultureInfo.InvariantCulture),
            conditions = ZzViews.Conditions(brand.Refundable, penalty),
            passenger_identity_documents_required = false,
            supported_passenger_identity_document_types = Array.Empty<string>(),
            supported_loyalty_programmes = Array.Empty<string>(),
            private_fares = Array.Empty<object>(),
            available_services = Array.Empty<object>(),
            payment_requirements = new
            {
                requires_instant_payment = instant,
                payment_required_by = instant ? null : ZzDesk.Time(call.Now + options.SpaceFor),
                price_guarantee_expires_at = instant ? null : ZzDesk.Time(call.Now + options.PriceFor),
            },
            passengers = passengers.Select(one => ZzViews.OfferPassenger(one.Id, one.Type, one.Age)),
            slices = journey.Select(flights => ZzViews.Slice(flights, cabin.Name, brand.Name, brand.Refundable, penalty, passengers.ConvertAll(one => one.Id))),
        });
    }

    private static decimal Share(string type) => type switch { "child" => 0.75m, "infant_without_seat" => 0.1m, _ => 1m };

    private static async Task<ZzAnswer> ListAsync(ZzCall call)
    {
        var requestId = call.Query["offer_request_id"].ToString();
        var offers = await call.Db.ZzOffers.AsNoTracking().Where(offer => offer.OfferRequestId == requestId).OrderBy(offer => offer.Id).ToListAsync(call.Cancellation);
        return new(200, new JsonArray([.. offers.Select(offer => (JsonNode)ZzJson.Object(offer.Json))]), IsPaged: true);
    }

    private static async Task<ZzAnswer> ShowAsync(ZzCall call, string id)
    {
        var offer = await FindAsync(call, id);
        if (offer is { Scenario: ZzScenario.PriceChange, AskedAgain: false })
        {
            var dearer = ZzJson.Object(offer.Json);
            foreach (var part in new[] { "base", "total" })
            {
                var more = decimal.Parse(dearer.Text("base_amount"), CultureInfo.InvariantCulture) * 0.1m;
                dearer[$"{part}_amount"] = Money.Round(decimal.Parse(dearer.Text($"{part}_amount"), CultureInfo.InvariantCulture) + (part == "total" ? more / 1.1m : more), dearer.Text("total_currency")).ToAmountString();
            }

            // The total is the sum of its parts, whatever rounding did.
            dearer["total_amount"] = (decimal.Parse(dearer.Text("base_amount"), CultureInfo.InvariantCulture) + decimal.Parse(dearer.Text("tax_amount"), CultureInfo.InvariantCulture))
                .ToString(CultureInfo.InvariantCulture);
            offer.Json = ZzJson.Write(dearer);
        }

        offer.AskedAgain = true;
        return new(200, ZzJson.Object(offer.Json));
    }

    /// <summary>An offer that can still be had.</summary>
    public static async Task<ZzOffer> FindAsync(ZzCall call, string id)
    {
        var offer = await call.Db.ZzOffers.SingleOrDefaultAsync(row => row.Id == id, call.Cancellation) ?? throw ZzProblem.NotFound();
        return offer.ExpiresAt > call.Now ? offer : throw ZzProblem.State("offer_expired", "The offer has expired; search again.");
    }

    private static async Task<ZzAnswer> SeatMapsAsync(ZzCall call)
    {
        var offer = await FindAsync(call, call.Query["offer_id"].ToString());
        var json = ZzJson.Object(offer.Json);
        return new(200, new JsonArray([.. json.Objects("slices").SelectMany(slice => slice.Objects("segments").Select(segment => ZzViews.SeatMap(slice.Text("id"), segment)))]));
    }

    private static Traveller Passenger(JsonObject passenger)
    {
        var age = passenger["age"]?.GetValue<int>();
        var type = passenger.TextOrNull("type");
        return (type, age) switch
        {
            ("adult", null) => new(ZzIds.New("pas"), "adult", null),
            (null, >= 0 and < 2) => new(ZzIds.New("pas"), "infant_without_seat", age),
            (null, >= 2 and < 12) => new(ZzIds.New("pas"), "child", age),
            (null, >= 12 and < 130) => new(ZzIds.New("pas"), "adult", age),
            _ => throw ZzProblem.Invalid("passengers", "each has either the type adult or an age"),
        };
    }

    private static DateOnly Day(JsonObject slice) =>
        DateOnly.TryParseExact(slice.Text("departure_date"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : throw ZzProblem.Invalid("departure_date", "must be a date such as 2026-12-05");

    private static JsonObject Without(JsonObject json, string name)
    {
        json.Remove(name);
        return json;
    }
}

/// <summary>Seats in the books.</summary>
internal static class ZzStock
{
    /// <summary>Reads <c>key=seats key=seats</c>, in the order of the keys: rows are locked in it.</summary>
    public static IEnumerable<(string Key, int Seats)> Read(string seats) => seats.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(one => (one.Split('=')[0], int.Parse(one.Split('=')[1], CultureInfo.InvariantCulture))).OrderBy(one => one.Item1, StringComparer.Ordinal);

    /// <summary>Takes them, or answers false and takes none.</summary>
    public static async Task<bool> TakeAsync(ZzCall call, string seats)
    {
        var rows = new List<(ZzSeats Row, int Seats)>();
        foreach (var (key, wanted) in Read(seats))
        {
            var row = await RowAsync(call.Db, key, call.Cancellation);
            if (row.Taken + wanted > ZzSeats.Capacity(key))
            {
                return false;
            }

            rows.Add((row, wanted));
        }

        rows.ForEach(one => one.Row.Taken += one.Seats);
        return true;
    }

    public static async Task GiveBackAsync(SandboxDbContext db, string seats, CancellationToken cancellationToken)
    {
        foreach (var (key, taken) in Read(seats))
        {
            (await RowAsync(db, key, cancellationToken)).Taken -= taken;
        }
    }

    private static async Task<ZzSeats> RowAsync(SandboxDbContext db, string key, CancellationToken cancellationToken)
    {
        if (db.ZzSeats.Local.FirstOrDefault(row => row.Key == key) is { } known)
        {
            return known;
        }

        if (await db.ZzSeats.SingleOrDefaultAsync(row => row.Key == key, cancellationToken) is { } row)
        {
            return row;
        }

        var opened = new ZzSeats { Key = key };
        db.ZzSeats.Add(opened);
        return opened;
    }
}
