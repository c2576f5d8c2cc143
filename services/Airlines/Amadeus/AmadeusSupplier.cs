using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.Airlines.Outside;
using Aerona.Contracts;
using Aerona.Suppliers;

namespace Aerona.Airlines.Amadeus;

/// <summary>
/// A supplier that speaks Amadeus' flight APIs. It holds nothing: an offer is priced again, then ordered. Orders are found there by Amadeus' own id and by nothing else: one
/// whose answer was lost stays unknown until a person has asked, for which our reference stands in its remarks.
/// </summary>
internal sealed class AmadeusSupplier(string name, SupplierOptions options, SupplierHttp http, TimeProvider clock) : IOutsideSupplier
{
    private const int MostOffers = 100;

    private static readonly (string, string) Override = ("X-HTTP-Method-Override", "GET");

    private readonly SemaphoreSlim fetching = new(1, 1);
    private volatile Token? token;

    private sealed record Token(string Value, DateTimeOffset UsableUntil);

    public string Name => name;

    public SupplierCapabilities Capabilities { get; } = new(IsLive: true, CanHold: false, IsIdempotent: false, PushesEvents: false, ShowsSeats: true, TellsStatus: true);

    public async Task<OffersAnswer> FetchAsync(OfferWish wish, CancellationToken cancellationToken)
    {
        var legs = wish.Legs.Select((leg, index) => new
        {
            id = Id(index),
            originLocationCode = leg.Origin,
            destinationLocationCode = leg.Destination,
            departureDateTimeRange = new { date = Day(leg.DepartsOn) },
        }).ToList();
        var body = new
        {
            originDestinations = legs,
            travelers = wish.Passengers.Select((type, index) => Traveler(wish.Passengers, type, index)),
            sources = new[] { "GDS" },
            searchCriteria = new
            {
                maxFlightOffers = MostOffers,
                flightFilters = new
                {
                    cabinRestrictions = wish.Cabin is { } cabin
                        ? new[] { new { cabin = AmadeusMapping.NameOf(cabin), coverage = "MOST_SEGMENTS", originDestinationIds = legs.Select(leg => leg.id) } }
                        : null,
                    connectionRestriction = new { maxNumberOfConnections = wish.MaxConnections },
                },
            },
        };
        var (data, problem) = await AskAsync("search_flight_offers", HttpMethod.Post, "v2/shopping/flight-offers", body, options.Timeout, cancellationToken, Override);
        return problem is null ? Offers(data, wish.Passengers) : OffersAnswer.Failed(problem);
    }

    /// <summary>Maps a list of offers.</summary>
    public OffersAnswer Offers(JsonElement list, IReadOnlyList<PassengerType> party)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            return OffersAnswer.Failed(new(SupplierFailure.NotUnderstood, "answer.malformed", "there is no list of offers"));
        }

        var mapped = list.EnumerateArray().Select(offer => AmadeusMapping.Offer(offer, name, party, clock.GetUtcNow())).ToList();
        return new(
            [.. mapped.Select(one => one.Offer).OfType<SupplierOffer>()], [.. mapped.Select(one => one.Skipped).OfType<SkippedOffer>()], IsPartial: mapped.Count >= MostOffers);
    }

    public async Task<PriceAnswer> PriceAsync(SupplierOffer offer, CancellationToken cancellationToken)
    {
        var body = new { data = new { type = "flight-offers-pricing", flightOffers = new[] { JsonNode.Parse(offer.Terms.Raw) } } };
        var (data, problem) = await AskAsync("price_flight_offers", HttpMethod.Post, "v1/shopping/flight-offers/pricing", body, options.Timeout, cancellationToken, Override);
        if (problem is not null)
        {
            return new(null, problem.Kind is SupplierFailure.NotFound or SupplierFailure.Refused, problem);
        }

        if (data.ValueKind != JsonValueKind.Object || !data.TryGetProperty("flightOffers", out var priced) || priced.ValueKind != JsonValueKind.Array || priced.GetArrayLength() == 0)
        {
            return new(null, Problem: new(SupplierFailure.NotUnderstood, "answer.malformed"));
        }

        var (now, skipped) = AmadeusMapping.Offer(priced[0], name, [.. offer.Snapshot.Passengers.Select(passenger => passenger.Type)], clock.GetUtcNow());
        return skipped is null ? new(now) : new(null, IsGone: true, new(SupplierFailure.NotUnderstood, skipped.Reason));
    }

    public Task<HoldStandingAnswer> HoldAsync(HoldWish wish, CancellationToken cancellationToken) => Task.FromResult(new HoldStandingAnswer(HoldStandingKind.Refused, Reason: "hold.refused"));

    public Task<HoldStandingAnswer> LookUpHoldAsync(KnownHold hold, CancellationToken cancellationToken) => Task.FromResult(new HoldStandingAnswer(HoldStandingKind.Absent));

    public Task<HoldStandingAnswer> ReleaseAsync(KnownHold hold, CancellationToken cancellationToken) => Task.FromResult(new HoldStandingAnswer(HoldStandingKind.Released));

    public async Task<SupplierAnswer> CommitAsync(SupplierOrder order, CancellationToken cancellationToken)
    {
        if (order.Contact.Phone is not { } phone || order.Passengers.Any(passenger => passenger.Gender is null))
        {
            return new(SupplierAnswerKind.Refused, "passenger.incomplete");
        }

        var terms = order.Terms ?? throw new InvalidOperationException($"order {order.OrderId} at {name} came without the supplier's own offer");
        var contact = new { emailAddress = order.Contact.Email, phones = new[] { Phone(phone) } };
        var body = new
        {
            data = new
            {
                type = "flight-order",
                flightOffers = new[] { JsonNode.Parse(terms.Raw) },
                travelers = order.Passengers.Select((passenger, index) => new
                {
                    id = Id(index),
                    dateOfBirth = Day(passenger.BirthDate),
                    gender = passenger.Gender == Gender.Male ? "MALE" : "FEMALE",
                    name = new { firstName = passenger.TicketGivenName, lastName = passenger.TicketSurname },
                    contact,
                }),
                remarks = new { general = new[] { new { subType = "GENERAL_MISCELLANEOUS", text = $"AERONA {order.Locator} {order.OrderId:N}" } } },
                ticketingAgreement = new { option = "CONFIRM" },
            },
        };
        var (data, problem) = await AskAsync("create_flight_order", HttpMethod.Post, "v1/booking/flight-orders", body, options.OrderTimeout, cancellationToken);
        return problem is null ? Answer(data)
            : problem.DidNothing ? new(SupplierAnswerKind.Refused, Reason(problem))
            : new(SupplierAnswerKind.Unknown);
    }

    // Without Amadeus' id there is nothing to ask by.
    public Task<SupplierAnswer> LookUpAsync(Guid orderId, CancellationToken cancellationToken) => Task.FromResult(new SupplierAnswer(SupplierAnswerKind.Unknown));

    public async Task<SupplierAnswer> LookUpAsync(KnownOrder order, CancellationToken cancellationToken)
    {
        if (order.Reference is not { } reference)
        {
            return new(SupplierAnswerKind.Unknown);
        }

        var (data, problem) = await AskAsync("get_flight_order", HttpMethod.Get, $"v1/booking/flight-orders/{Uri.EscapeDataString(reference)}", null, options.Timeout, cancellationToken);
        return problem is null ? Answer(data)
            : problem.Kind == SupplierFailure.NotFound ? new(SupplierAnswerKind.Cancelled, Reference: reference)   // it was there: now it is not
            : new(SupplierAnswerKind.Unknown);
    }

    public Task<SupplierAnswer> CancelAsync(Guid orderId, CancellationToken cancellationToken) => LookUpAsync(orderId, cancellationToken);

    public async Task<SupplierAnswer> CancelAsync(KnownOrder order, CancellationToken cancellationToken)
    {
        if (order.Reference is not { } reference)
        {
            return new(SupplierAnswerKind.Unknown);
        }

        var (_, problem) = await AskAsync("delete_flight_order", HttpMethod.Delete, $"v1/booking/flight-orders/{Uri.EscapeDataString(reference)}", null, options.OrderTimeout, cancellationToken);
        return problem is null or { Kind: SupplierFailure.NotFound } ? new(SupplierAnswerKind.Cancelled, Reference: reference)
            : problem.Kind == SupplierFailure.Refused ? new(SupplierAnswerKind.Refused, problem.Code)
            : new(SupplierAnswerKind.Unknown);
    }

    // Amadeus does not say what a deletion gives back: known is only whether the order is there.
    public async Task<CancelQuoteAnswer> QuoteCancellationAsync(CancelWish wish, CancellationToken cancellationToken) => (await LookUpAsync(wish.Order, cancellationToken)).Kind switch
    {
        SupplierAnswerKind.Confirmed => new(wish.Order.Reference),
        SupplierAnswerKind.Cancelled => CancelQuoteAnswer.Refused("cancellation.nothing_left"),
        _ => new(null, Problem: new(SupplierFailure.Unavailable, "order.unknown")),
    };

    public async Task<CancelAnswer> CancelQuotedAsync(QuotedCancel cancel, CancellationToken cancellationToken) => (await CancelAsync(cancel.Order, cancellationToken)).Kind switch
    {
        SupplierAnswerKind.Cancelled => new(CancelAnswerKind.Cancelled),
        SupplierAnswerKind.Refused => CancelAnswer.Refused("cancellation.refused"),
        _ => CancelAnswer.Unknown,
    };

    public async Task<CancelAnswer> LookUpCancellationAsync(QuotedCancel cancel, CancellationToken cancellationToken) => (await LookUpAsync(cancel.Order, cancellationToken)).Kind switch
    {
        SupplierAnswerKind.Cancelled => new(CancelAnswerKind.Cancelled),
        SupplierAnswerKind.Confirmed when clock.GetUtcNow() >= cancel.NotedAt + options.AbsentAfter => new(CancelAnswerKind.Absent),
        _ => CancelAnswer.Unknown,
    };

    public Task<CancelQuoteAnswer> QuoteCancellationAsync(KnownOrder order, CancellationToken cancellationToken) =>
        Task.FromResult(new CancelQuoteAnswer(null, Problem: new(SupplierFailure.Refused, "quote.not_offered", "Amadeus does not say what a cancellation gives back")));

    public Task<ChangesAnswer> ChangesAsync(KnownOrder order, CancellationToken cancellationToken) => Task.FromResult(new ChangesAnswer([]));

    public async Task<FlightStatusAnswer> StatusAsync(FlightDesignator flight, DateOnly departsOn, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"v2/schedule/flights?carrierCode={flight.Carrier}&flightNumber={flight.Number}&scheduledDepartureDate={Day(departsOn)}")
            + (flight.Suffix is { } suffix ? $"&operationalSuffix={suffix}" : "");
        var (data, problem) = await AskAsync("get_flight_status", HttpMethod.Get, path, null, options.Timeout, cancellationToken);
        if (problem is not null)
        {
            return new([], problem);
        }

        try
        {
            return new([
                .. (data.Deserialize<List<AmadeusFlight>>(AmadeusJson.Options) ?? []).SelectMany(one => one.FlightPoints ?? []).Where(point => point.IataCode is not null)
                    .SelectMany(point => (point.Departure?.Timings ?? []).Concat(point.Arrival?.Timings ?? []), Time).OfType<FlightTime>(),
            ]);
        }
        catch (JsonException malformed)
        {
            return new([], new(SupplierFailure.NotUnderstood, "answer.malformed", malformed.Message));
        }
    }

    public async Task<SeatMapsAnswer> SeatMapsAsync(SupplierOffer offer, CancellationToken cancellationToken)
    {
        var (data, problem) = await AskAsync(
            "get_seat_maps", HttpMethod.Post, "v1/shopping/seatmaps", new { data = new[] { WithOffsets(offer) } }, options.Timeout, cancellationToken, Override);
        if (problem is not null)
        {
            return new([], problem);
        }

        try
        {
            return new([.. from map in data.Deserialize<List<AmadeusSeatMap>>(AmadeusJson.Options) ?? []
                           from deck in map.Decks ?? []
                           from seat in deck.Seats ?? []
                           where seat.Number is not null
                           let first = seat.TravelerPricing?.FirstOrDefault()
                           select new SupplierSeat(
                               map.SegmentId ?? "", seat.Cabin ?? map.Class ?? "", seat.Number!, first?.SeatAvailabilityStatus == "AVAILABLE",
                               first?.Price?.Total is null ? null : OfferMapping.Amount(first.Price.Total, first.Price.Currency))]);
        }
        catch (Exception malformed) when (malformed is JsonException or OfferProblem)
        {
            return new([], new(SupplierFailure.NotUnderstood, "answer.malformed", malformed.Message));
        }
    }

    public SupplierEventFacts? ReadEvent(string body) => null;

    /// <summary>What an error body of Amadeus' says; null where there is none. A warning beside data is no error.</summary>
    public static SupplierProblem? Error(HttpStatusCode status, JsonElement json)
    {
        AmadeusError? first;
        try
        {
            first = json.TryGetProperty("errors", out var list) && list.ValueKind == JsonValueKind.Array ? list.Deserialize<List<AmadeusError>>(AmadeusJson.Options)?.FirstOrDefault() : null;
        }
        catch (JsonException)
        {
            return null;
        }

        if (first is null)
        {
            return null;
        }

        var code = first.Code.ValueKind is JsonValueKind.Number or JsonValueKind.String ? first.Code.ToString() : "error";
        var kind = (first.Status ?? (int)status) switch
        {
            401 or 403 => SupplierFailure.Unauthorised,
            404 => SupplierFailure.NotFound,
            429 => SupplierFailure.Busy,
            >= 400 and < 500 => SupplierFailure.Refused,
            _ => SupplierFailure.Unavailable,
        };
        return new(kind, code, $"{first.Title}: {first.Detail}");
    }

    /// <summary>What an order says of itself.</summary>
    public SupplierAnswer Answer(JsonElement data)
    {
        AmadeusOrder? order;
        try
        {
            order = data.ValueKind == JsonValueKind.Object ? data.Deserialize<AmadeusOrder>(AmadeusJson.Options) : null;
        }
        catch (JsonException)
        {
            order = null;
        }

        var codes = (order?.AssociatedRecords ?? []).Where(record => record.Reference is { Length: > 0 }).ToList();
        if (order?.Id is not { } id || codes.Count == 0)
        {
            return new(SupplierAnswerKind.Unknown, Reference: order?.Id);
        }

        var now = clock.GetUtcNow();
        var locators = codes.Select((record, index) => new Locator(index == 0 ? name : record.OriginSystemCode ?? name, record.Reference!)).DistinctBy(locator => locator.System).ToList();
        return new(SupplierAnswerKind.Confirmed, null, locators, Tickets(order), now.AddDays(1), VoidableUntil: null, id);
    }

    /// <summary>One a traveller; null while a number is missing.</summary>
    private static IReadOnlyList<TicketNumber>? Tickets(AmadeusOrder order)
    {
        var numbers = (order.Tickets ?? []).Where(ticket => ticket is { DocumentType: "ETICKET" or null, DocumentNumber: not null, TravelerId: not null })
            .Select(ticket => new TicketNumber($"p{ticket.TravelerId}", new([.. ticket.DocumentNumber!.Where(char.IsAsciiDigit)])))
            .Where(number => number.Number.Length == 13).DistinctBy(number => number.Number).OrderBy(number => number.PassengerId, StringComparer.Ordinal).ToList();
        var travelers = (order.Travelers ?? []).Select(traveler => $"p{traveler.Id}").ToList();
        return travelers.Count > 0 && travelers.TrueForAll(traveler => numbers.Exists(number => number.PassengerId == traveler)) ? numbers : null;
    }

    /// <summary>The offer with the offsets of its local times: seat maps, alone, are described as wanting them.</summary>
    private static JsonNode WithOffsets(SupplierOffer offer)
    {
        var json = JsonNode.Parse(offer.Terms.Raw)!;
        var segments = (json["itineraries"] as JsonArray ?? []).SelectMany(itinerary => itinerary?["segments"] as JsonArray ?? []);
        foreach (var (segment, ours) in segments.Zip(offer.Snapshot.Segments))
        {
            Put(segment?["departure"], ours.DepartsLocal, ours.DepartsAt);
            Put(segment?["arrival"], ours.ArrivesLocal, ours.ArrivesAt);
        }

        return json;

        static void Put(JsonNode? point, DateTime local, DateTimeOffset at)
        {
            if (point is JsonObject end)
            {
                end["at"] = new DateTimeOffset(local, local - at.UtcDateTime).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
            }
        }
    }

    private static FlightTime? Time(AmadeusFlightPoint point, AmadeusTiming timing) =>
        timing is { Qualifier: { } qualifier, Value: { } value } && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? new(point.IataCode!, qualifier, at.DateTime, at.ToUniversalTime())
            : null;

    private static object Traveler(IReadOnlyList<PassengerType> party, PassengerType type, int index) => new
    {
        id = Id(index),
        travelerType = AmadeusMapping.NameOf(type),
        associatedAdultId = type == PassengerType.Infant
            ? Id(party.Index().Where(one => one.Item == PassengerType.Adult).ElementAt(party.Take(index).Count(one => one == PassengerType.Infant)).Index)
            : null,
    };

    /// <summary>E.164 without the country known: Amadeus takes the code and the number apart; the codes that begin with 1 and 7 have one digit.</summary>
    private static object Phone(string e164)
    {
        var digits = e164.TrimStart('+');
        var code = digits[0] is '1' or '7' ? 1 : 2;
        return new { deviceType = "MOBILE", countryCallingCode = digits[..code].PadLeft(2, '0'), number = digits[code..] };
    }

    private static string Reason(SupplierProblem problem) => problem.Code switch
    {
        "34651" or "1257" => "order.sold_out",          // SEGMENT SELL FAILURE, INVALID INVENTORY
        "37200" or "4926.price" => "order.price_changed",   // PRICE DISCREPANCY
        _ => "order.refused",
    };

    private async Task<(JsonElement Data, SupplierProblem? Problem)> AskAsync(
        string operation, HttpMethod method, string path, object? body, TimeSpan limit, CancellationToken cancellationToken, params IReadOnlyList<(string, string)> headers)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (bearer, refused) = await TokenAsync(cancellationToken);
            if (refused is not null)
            {
                return (default, refused);
            }

            var reply = await http.AskAsync(new(operation, method, path, body, limit, headers), new("Bearer", bearer!.Value), Error, cancellationToken);
            if (reply.Problem is { Kind: SupplierFailure.Unauthorised } && attempt == 1)
            {
                token = token == bearer ? null : token;   // a 401 did nothing there, so the call is sent again whatever it is
                continue;
            }

            return reply.Problem is not null ? (default, reply.Problem)
                : reply.Json.ValueKind == JsonValueKind.Undefined ? (default, null)
                : reply.Json.ValueKind == JsonValueKind.Object && reply.Json.TryGetProperty("data", out var data) ? (data, null)
                : (default, new(SupplierFailure.NotUnderstood, "answer.malformed", "there is no data"));
        }
    }

    /// <summary>A token that is good now, fetched when needed and renewed a minute before it ends.</summary>
    private async Task<(Token? Token, SupplierProblem? Problem)> TokenAsync(CancellationToken cancellationToken)
    {
        if (token is { } known && clock.GetUtcNow() < known.UsableUntil)
        {
            return (known, null);
        }

        try
        {
            await fetching.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return (null, new(SupplierFailure.Unavailable, "time_out"));
        }

        try
        {
            if (token is { } fresh && clock.GetUtcNow() < fresh.UsableUntil)
            {
                return (fresh, null);
            }

            var asked = clock.GetUtcNow();
            using var form = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", options.ClientId), new("client_secret", options.ClientSecret)]);
            var reply = await http.AskAsync(new("get_token", HttpMethod.Post, options.TokenUrl ?? "v1/security/oauth2/token", form, options.Timeout), null, Error, cancellationToken);
            var (answer, problem) = reply.As<AmadeusToken>(AmadeusJson.Token);
            if (problem is not null || answer!.AccessToken is not { Length: > 0 } value)
            {
                return (null, problem ?? new(SupplierFailure.NotUnderstood, "answer.malformed", "there is no access token"));
            }

            var seconds = answer.ExpiresIn ?? 600;
            return (token = new(value, asked.AddSeconds(Math.Max(seconds - 60, seconds / 2))), null);
        }
        finally
        {
            fetching.Release();
        }
    }

    private static string Id(int index) => (index + 1).ToString(CultureInfo.InvariantCulture);

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
