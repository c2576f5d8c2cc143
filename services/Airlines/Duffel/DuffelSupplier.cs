using System.Globalization;
using System.Net;
using System.Text.Json;
using Aerona.Airlines.Outside;
using Aerona.Contracts;
using Aerona.Suppliers;

namespace Aerona.Airlines.Duffel;

/// <summary>
/// A supplier that speaks Duffel's API v2. Creating an order is not idempotent there: our ids stand in the order's metadata, and an order whose answer was lost is found
/// by them among those made since.
/// </summary>
internal sealed class DuffelSupplier(string name, SupplierOptions options, SupplierHttp http, TimeProvider clock) : IOutsideSupplier
{
    private const string HoldKey = "aerona_hold";
    private const string OrderKey = "aerona_order";
    private const string BookingKey = "aerona_booking";
    private const string PassengersKey = "aerona_passengers";
    private const int PageSize = 100;
    private const int MostPages = 20;
    private const int LongestName = 20;

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    public string Name => name;

    public SupplierCapabilities Capabilities { get; } = new(IsLive: true, CanHold: true, IsIdempotent: false, PushesEvents: true, ShowsSeats: true);

    public async Task<OffersAnswer> FetchAsync(OfferWish wish, CancellationToken cancellationToken)
    {
        var body = new
        {
            data = new
            {
                slices = wish.Legs.Select(leg => new { origin = leg.Origin, destination = leg.Destination, departure_date = Day(leg.DepartsOn) }),
                passengers = wish.Passengers.Select(Wanted),
                cabin_class = wish.Cabin is { } cabin ? DuffelMapping.NameOf(cabin) : null,
                max_connections = Math.Clamp(wish.MaxConnections, 0, 2),
            },
        };
        var wait = (int)Math.Clamp(options.Timeout.TotalMilliseconds * 0.8, 2000, 60_000);
        var (request, problem) = await AskAsync<DuffelOfferRequest>(
            "create_offer_request", HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"air/offer_requests?return_offers=true&supplier_timeout={wait}"), body, options.Timeout,
            cancellationToken);
        if (problem is not null)
        {
            return OffersAnswer.Failed(problem);
        }

        return Offers(request!.Offers, wish.Passengers);
    }

    /// <summary>Maps a list of offers.</summary>
    public OffersAnswer Offers(JsonElement list, IReadOnlyList<PassengerType> party)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            return OffersAnswer.Failed(new(SupplierFailure.NotUnderstood, "answer.malformed", "there is no list of offers"));
        }

        var mapped = list.EnumerateArray().Select(offer => DuffelMapping.Offer(offer, name, party)).ToList();
        return new(
            [.. mapped.Select(one => one.Offer).OfType<SupplierOffer>()], [.. mapped.Select(one => one.Skipped).OfType<SkippedOffer>()],
            list.EnumerateArray().Any(offer => offer.ValueKind == JsonValueKind.Object && offer.TryGetProperty("partial", out var partial) && partial.ValueKind == JsonValueKind.True));
    }

    public async Task<PriceAnswer> PriceAsync(SupplierOffer offer, CancellationToken cancellationToken)
    {
        var (json, problem) = await AskAsync("get_offer", HttpMethod.Get, $"air/offers/{Id(offer.Terms.Reference)}", null, options.Timeout, cancellationToken);
        if (problem is not null)
        {
            return new(null, problem.Kind is SupplierFailure.NotFound or SupplierFailure.Refused, problem);
        }

        var (now, skipped) = DuffelMapping.Offer(json, name, [.. offer.Snapshot.Passengers.Select(passenger => passenger.Type)]);
        return skipped is null ? new(now) : new(null, IsGone: true, new(SupplierFailure.NotUnderstood, skipped.Reason));
    }

    public async Task<HoldStandingAnswer> HoldAsync(HoldWish wish, CancellationToken cancellationToken)
    {
        var (travellers, missing) = Travellers(wish.Offer.Terms, wish.Passengers, wish.Contact);
        if (missing is not null)
        {
            return new(HoldStandingKind.Refused, Reason: missing);
        }

        var (order, problem) = await AskAsync<DuffelOrder>(
            "create_order", HttpMethod.Post, "air/orders",
            NewOrder("pay_later", wish.Offer.Terms, travellers, payments: null, new() { [HoldKey] = wish.HoldId.ToString(), [BookingKey] = wish.BookingId.ToString() }),
            options.OrderTimeout, cancellationToken);
        return problem is null ? Standing(order!)
            : problem.DidNothing ? new(HoldStandingKind.Refused, Reason: Reason(problem, "hold.refused"))
            : HoldStandingAnswer.Unknown;
    }

    public async Task<HoldStandingAnswer> LookUpHoldAsync(KnownHold hold, CancellationToken cancellationToken)
    {
        var (order, problem) = await FindAsync(hold.Reference, HoldKey, hold.HoldId, hold.NotedAt, cancellationToken);
        return order is not null ? Standing(order)
            : problem is { Kind: SupplierFailure.NotFound } && IsBelieved(hold.NotedAt) ? new(HoldStandingKind.Absent)
            : HoldStandingAnswer.Unknown;
    }

    public async Task<HoldStandingAnswer> ReleaseAsync(KnownHold hold, CancellationToken cancellationToken)
    {
        var reference = hold.Reference;
        if (reference is null)
        {
            var found = await LookUpHoldAsync(hold, cancellationToken);
            if (found.Kind is not HoldStandingKind.Held)
            {
                return found.Kind is HoldStandingKind.Absent or HoldStandingKind.Released ? new(HoldStandingKind.Released) : found;
            }

            reference = found.Reference;
        }

        var problem = await CancelAsync(reference!, cancellationToken);
        return problem is null ? new(HoldStandingKind.Released, reference) : HoldStandingAnswer.Unknown;
    }

    public async Task<SupplierAnswer> CommitAsync(SupplierOrder order, CancellationToken cancellationToken)
    {
        if (order.HeldReference is { } held)
        {
            return await PayAsync(order, held, cancellationToken);
        }

        var terms = order.Terms ?? throw new InvalidOperationException($"order {order.OrderId} at {name} came without the supplier's own offer");
        var (travellers, missing) = Travellers(terms, order.Passengers, order.Contact);
        if (missing is not null)
        {
            return new(SupplierAnswerKind.Refused, missing);
        }

        var (made, problem) = await AskAsync<DuffelOrder>(
            "create_order", HttpMethod.Post, "air/orders",
            NewOrder(
                "instant", terms, travellers, [Payment(order.Offer.Total)],
                new() { [OrderKey] = order.OrderId.ToString(), [BookingKey] = order.BookingId.ToString() }),
            options.OrderTimeout, cancellationToken);
        return problem is null ? Answer(made!, clock.GetUtcNow())
            : problem.DidNothing ? new(SupplierAnswerKind.Refused, Reason(problem, "order.refused"))
            : new(SupplierAnswerKind.Unknown);
    }

    public Task<SupplierAnswer> LookUpAsync(Guid orderId, CancellationToken cancellationToken) => LookUpAsync(new KnownOrder(orderId, DateTimeOffset.MinValue, null), cancellationToken);

    public async Task<SupplierAnswer> LookUpAsync(KnownOrder order, CancellationToken cancellationToken)
    {
        var (found, problem) = await FindAsync(order.Reference, OrderKey, order.OrderId, order.NotedAt, cancellationToken);
        return found is not null ? Answer(found, order.NotedAt)
            : problem is { Kind: SupplierFailure.NotFound } && IsBelieved(order.NotedAt) ? new(SupplierAnswerKind.Absent)
            : new(SupplierAnswerKind.Unknown);
    }

    public Task<SupplierAnswer> CancelAsync(Guid orderId, CancellationToken cancellationToken) => CancelAsync(new KnownOrder(orderId, DateTimeOffset.MinValue, null), cancellationToken);

    public async Task<SupplierAnswer> CancelAsync(KnownOrder order, CancellationToken cancellationToken)
    {
        var reference = order.Reference;
        if (reference is null)
        {
            var (found, missing) = await FindAsync(null, OrderKey, order.OrderId, order.NotedAt, cancellationToken);
            if (found?.Id is null)
            {
                return missing is { Kind: SupplierFailure.NotFound } && IsBelieved(order.NotedAt) ? new(SupplierAnswerKind.Cancelled) : new(SupplierAnswerKind.Unknown);
            }

            reference = found.Id;
        }

        var problem = await CancelAsync(reference, cancellationToken);
        return problem is null ? new(SupplierAnswerKind.Cancelled, Reference: reference)
            : problem.Kind == SupplierFailure.Refused ? new(SupplierAnswerKind.Refused, problem.Code)
            : new(SupplierAnswerKind.Unknown);
    }

    public async Task<CancelQuoteAnswer> QuoteCancellationAsync(CancelWish wish, CancellationToken cancellationToken) =>
        await QuoteCancellationAsync(wish.Order, cancellationToken) is { Problem: not { Code: "already_cancelled" } } quote ? quote : CancelQuoteAnswer.Refused("cancellation.nothing_left");

    public async Task<CancelAnswer> CancelQuotedAsync(QuotedCancel cancel, CancellationToken cancellationToken)
    {
        if (cancel.Reference is not { } quote)
        {
            return CancelAnswer.Refused("cancellation.quote_changed");
        }

        var (done, problem) = await AskAsync<DuffelCancellation>(
            "confirm_order_cancellation", HttpMethod.Post, $"air/order_cancellations/{Id(quote)}/actions/confirm", null, options.OrderTimeout, cancellationToken);
        return problem switch
        {
            null => Given(done!),
            { Code: "already_cancelled" } => await LookUpCancellationAsync(cancel, cancellationToken),   // by this, perhaps, and its answer got lost
            { Kind: SupplierFailure.Refused } when problem.Code.Contains("expired", StringComparison.Ordinal) => CancelAnswer.Refused("cancellation.quote_expired"),
            { Kind: SupplierFailure.Refused or SupplierFailure.NotFound } => CancelAnswer.Refused("cancellation.refused"),
            _ => CancelAnswer.Unknown,
        };
    }

    public async Task<CancelAnswer> LookUpCancellationAsync(QuotedCancel cancel, CancellationToken cancellationToken)
    {
        var (quote, problem) = await AskAsync<DuffelCancellation>(
            "get_order_cancellation", HttpMethod.Get, $"air/order_cancellations/{Id(cancel.Reference ?? "")}", null, options.Timeout, cancellationToken);
        if (problem is not null)
        {
            return CancelAnswer.Unknown;
        }

        if (quote!.ConfirmedAt is not null)
        {
            return Given(quote);
        }

        // Not by this quote; perhaps by the airline or by somebody at Duffel's desk, and then nobody says here what it gives.
        var (order, missing) = await FindAsync(cancel.Order.Reference, OrderKey, cancel.Order.OrderId, cancel.Order.NotedAt, cancellationToken);
        return order?.CancelledAt is not null ? new(CancelAnswerKind.Cancelled)
            : order is not null && missing is null && IsBelieved(cancel.NotedAt) ? new(CancelAnswerKind.Absent)
            : CancelAnswer.Unknown;
    }

    /// <summary>What a confirmed cancellation gives: money only. Where it gives a voucher, a person must look.</summary>
    private static CancelAnswer Given(DuffelCancellation done)
    {
        if (done.ConfirmedAt is null)
        {
            return CancelAnswer.Unknown;
        }

        try
        {
            return new(CancelAnswerKind.Cancelled, Refund(done));
        }
        catch (OfferProblem)
        {
            return new(CancelAnswerKind.Cancelled);
        }
    }

    private static Money? Refund(DuffelCancellation quote) =>
        quote.RefundAmount is null || quote.RefundTo is "voucher" or "airline_credits" ? null : OfferMapping.Amount(quote.RefundAmount, quote.RefundCurrency);

    public async Task<CancelQuoteAnswer> QuoteCancellationAsync(KnownOrder order, CancellationToken cancellationToken)
    {
        if (order.Reference is not { } reference)
        {
            return new(null, Problem: new(SupplierFailure.NotFound, "order.unknown"));
        }

        var (quote, problem) = await AskAsync<DuffelCancellation>(
            "create_order_cancellation", HttpMethod.Post, "air/order_cancellations", new { data = new { order_id = reference } }, options.Timeout, cancellationToken);
        if (problem is not null)
        {
            return new(null, Problem: problem);
        }

        try
        {
            return new(quote!.Id, Refund(quote), quote.ExpiresAt?.ToUniversalTime());
        }
        catch (OfferProblem malformed)
        {
            return new(quote!.Id, Problem: new(SupplierFailure.NotUnderstood, malformed.Reason));
        }
    }

    public async Task<ChangesAnswer> ChangesAsync(KnownOrder order, CancellationToken cancellationToken)
    {
        if (order.Reference is not { } reference)
        {
            return new([], new(SupplierFailure.NotFound, "order.unknown"));
        }

        var reply = await ReplyAsync("list_airline_initiated_changes", HttpMethod.Get, $"air/airline_initiated_changes?order_id={Id(reference)}", null, options.Timeout, cancellationToken);
        var (page, problem) = reply.As<DuffelPage>(DuffelJson.Options);
        if (problem is not null || page!.Data.ValueKind != JsonValueKind.Array)
        {
            return new([], problem ?? new(SupplierFailure.NotUnderstood, "answer.malformed"));
        }

        try
        {
            return new([.. page.Data.Deserialize<List<DuffelChange>>(DuffelJson.Options)!.Where(change => change.Id is not null).Select(change => new AirlineChange(
                change.Id!, change.CreatedAt?.ToUniversalTime() ?? clock.GetUtcNow(), Flights(change.Removed), Flights(change.Added), change.AvailableActions ?? []))]);
        }
        catch (JsonException malformed)
        {
            return new([], new(SupplierFailure.NotUnderstood, "answer.malformed", malformed.Message));
        }
    }

    public Task<FlightStatusAnswer> StatusAsync(FlightDesignator flight, DateOnly departsOn, CancellationToken cancellationToken) =>
        Task.FromResult(new FlightStatusAnswer([], new(SupplierFailure.Refused, "status.not_offered", "Duffel does not say how flights go")));

    public async Task<SeatMapsAnswer> SeatMapsAsync(SupplierOffer offer, CancellationToken cancellationToken)
    {
        var reply = await ReplyAsync("get_seat_maps", HttpMethod.Get, $"air/seat_maps?offer_id={Id(offer.Terms.Reference)}", null, options.Timeout, cancellationToken);
        var (page, problem) = reply.As<DuffelPage>(DuffelJson.Options);
        return problem is null ? Seats(page!.Data) : new([], problem);
    }

    /// <summary>Maps seat maps.</summary>
    public static SeatMapsAnswer Seats(JsonElement list)
    {
        try
        {
            var maps = list.Deserialize<List<DuffelSeatMap>>(DuffelJson.Options) ?? [];
            return new([.. from map in maps
                           from cabin in map.Cabins ?? []
                           from row in cabin.Rows ?? []
                           from section in row.Sections ?? []
                           from element in section.Elements ?? []
                           where element is { Type: "seat", Designator: not null }
                           let service = element.AvailableServices?.FirstOrDefault()
                           select new SupplierSeat(
                               map.SegmentId ?? "", cabin.CabinClass ?? "", element.Designator!, service is not null,
                               service?.TotalAmount is null ? null : OfferMapping.Amount(service.TotalAmount, service.TotalCurrency))]);
        }
        catch (Exception problem) when (problem is JsonException or OfferProblem)
        {
            return new([], new(SupplierFailure.NotUnderstood, "answer.malformed", problem.Message));
        }
    }

    public SupplierEventFacts? ReadEvent(string body)
    {
        try
        {
            var read = JsonSerializer.Deserialize<DuffelEvent>(body, DuffelJson.Options);
            if (read is not { Type: { Length: > 0 } type } || (read.Id ?? read.IdempotencyKey) is not { Length: > 0 } id)
            {
                return null;
            }

            // Version 2 slims the payload to ids: of the order itself, or of something that names its order.
            var about = read.Data?.Object ?? default;
            return new(id, type, Text(about, "order_id") ?? (Text(about, "id") is { } own && own.StartsWith("ord_", StringComparison.Ordinal) ? own : null));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What an error body of Duffel's says; null where there is none.</summary>
    public static SupplierProblem? Error(HttpStatusCode status, JsonElement json)
    {
        DuffelError? first;
        try
        {
            first = json.TryGetProperty("errors", out var list) && list.ValueKind == JsonValueKind.Array ? list.Deserialize<List<DuffelError>>(DuffelJson.Options)?.FirstOrDefault() : null;
        }
        catch (JsonException)
        {
            return null;
        }

        if (first is null)
        {
            return null;
        }

        var kind = first.Type switch
        {
            "authentication_error" => SupplierFailure.Unauthorised,
            "rate_limit_error" => SupplierFailure.Busy,
            "invalid_request_error" when first.Code == "not_found" => SupplierFailure.NotFound,
            "invalid_request_error" or "invalid_state_error" or "validation_error" => SupplierFailure.Refused,
            // "The order may still have been created on the airline's side."
            "api_error" or "airline_error" => SupplierFailure.Unavailable,
            _ => (int)status >= 500 ? SupplierFailure.Unavailable : SupplierFailure.Refused,
        };
        return new(kind, first.Code ?? first.Type ?? "error", $"{first.Title}: {first.Message}");
    }

    /// <summary>What an order says of itself.</summary>
    /// <param name="order">As Duffel shows it.</param>
    /// <param name="notedAt">When we began to buy it.</param>
    public SupplierAnswer Answer(DuffelOrder order, DateTimeOffset notedAt)
    {
        if (order is not { Id: { } id, BookingReference: { } code })
        {
            return new(SupplierAnswerKind.Unknown);
        }

        var awaiting = order.PaymentStatus?.AwaitingPayment == true;
        if (order.CancelledAt is not null)
        {
            // Space that was never paid for is no order that could be cancelled.
            return order.PaymentStatus is { PaidAt: null } && order.Documents is null or { Count: 0 }
                ? new(SupplierAnswerKind.Absent, Reference: id)
                : new(SupplierAnswerKind.Cancelled, Reference: id);
        }

        if (awaiting)
        {
            return IsBelieved(notedAt) ? new(SupplierAnswerKind.Absent, Reference: id) : new(SupplierAnswerKind.Unknown, Reference: id);
        }

        var madeAt = order.CreatedAt?.ToUniversalTime() ?? clock.GetUtcNow();
        var limit = DuffelMapping.DepartsAt(order) is { } departs && departs < madeAt.AddDays(1) ? departs : madeAt.AddDays(1);
        var locators = new List<Locator> { new(name, code) };
        if (order.Owner?.IataCode is { } airline)
        {
            locators.Add(new(airline, code));
        }

        return new(SupplierAnswerKind.Confirmed, null, locators, Tickets(order), limit, VoidableUntil: null, id);
    }

    private async Task<SupplierAnswer> PayAsync(SupplierOrder order, string held, CancellationToken cancellationToken)
    {
        var (_, problem) = await AskAsync<DuffelPayment>(
            "create_payment", HttpMethod.Post, "air/payments", new { data = new { order_id = held, payment = Payment(order.Offer.Total) } }, options.OrderTimeout, cancellationToken);
        if (problem is not null && problem.Code != "already_paid")
        {
            return problem.DidNothing ? new(SupplierAnswerKind.Refused, Reason(problem, "order.refused"), Reference: held) : new(SupplierAnswerKind.Unknown, Reference: held);
        }

        var (paid, silence) = await AskAsync<DuffelOrder>("get_order", HttpMethod.Get, $"air/orders/{Id(held)}", null, options.Timeout, cancellationToken);
        return silence is null ? Answer(paid!, clock.GetUtcNow()) : new(SupplierAnswerKind.Unknown, Reference: held);
    }

    /// <summary>By Duffel's id where it is known; else among the orders made since, newest first, by our id in their metadata. Not found: a problem that says so.</summary>
    private async Task<(DuffelOrder? Order, SupplierProblem? Problem)> FindAsync(
        string? reference, string key, Guid ours, DateTimeOffset since, CancellationToken cancellationToken)
    {
        if (reference is not null)
        {
            return await AskAsync<DuffelOrder>("get_order", HttpMethod.Get, $"air/orders/{Id(reference)}", null, options.Timeout, cancellationToken);
        }

        var (after, pages, id) = ((string?)null, 0, ours.ToString());
        while (true)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"air/orders?limit={PageSize}") + (after is null ? "" : $"&after={Uri.EscapeDataString(after)}");
            var reply = await ReplyAsync("list_orders", HttpMethod.Get, path, null, options.Timeout, cancellationToken);
            var (page, problem) = reply.As<DuffelPage>(DuffelJson.Options);
            if (problem is not null || page!.Data.ValueKind != JsonValueKind.Array)
            {
                return (null, problem ?? new(SupplierFailure.NotUnderstood, "answer.malformed"));
            }

            var oldest = DateTimeOffset.MaxValue;
            foreach (var element in page.Data.EnumerateArray())
            {
                if (Read(element) is not { } order)
                {
                    continue;   // somebody else's, in a form that we do not know
                }

                if (order.Metadata?.GetValueOrDefault(key) == id)
                {
                    return (order, null);
                }

                oldest = order.CreatedAt < oldest ? order.CreatedAt.Value : oldest;
            }

            after = page.Meta?.After;
            if (after is null || oldest < since - ClockSkew)
            {
                return (null, new(SupplierFailure.NotFound, "order.unknown"));
            }

            if (++pages >= MostPages)
            {
                return (null, new(SupplierFailure.Unavailable, "too_many_orders", "the order was not among the newest"));
            }
        }
    }

    private static DuffelOrder? Read(JsonElement element)
    {
        try
        {
            return element.Deserialize<DuffelOrder>(DuffelJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Quotes and confirms; null when the order is cancelled afterwards, by this or already.</summary>
    private async Task<SupplierProblem?> CancelAsync(string reference, CancellationToken cancellationToken)
    {
        var (quote, problem) = await AskAsync<DuffelCancellation>(
            "create_order_cancellation", HttpMethod.Post, "air/order_cancellations", new { data = new { order_id = reference } }, options.Timeout, cancellationToken);
        if (problem is null)
        {
            (_, problem) = quote!.Id is { } id
                ? await AskAsync<DuffelCancellation>("confirm_order_cancellation", HttpMethod.Post, $"air/order_cancellations/{Id(id)}/actions/confirm", null, options.OrderTimeout, cancellationToken)
                : (null, new(SupplierFailure.NotUnderstood, "answer.malformed"));
        }

        return problem is { Code: "already_cancelled" } ? null : problem;
    }

    private HoldStandingAnswer Standing(DuffelOrder order)
    {
        if (order is not { Id: { } id, PaymentStatus: { } payment })
        {
            return HoldStandingAnswer.Unknown;
        }

        if (order.CancelledAt is not null)
        {
            return new(HoldStandingKind.Released, id);
        }

        if (payment.AwaitingPayment != true)
        {
            return new(HoldStandingKind.Bought, id);
        }

        try
        {
            var space = payment.PaymentRequiredBy?.ToUniversalTime();
            return space is null ? HoldStandingAnswer.Unknown : new(
                HoldStandingKind.Held, id, space, payment.PriceGuaranteeExpiresAt?.ToUniversalTime() is { } price && price < space ? price : space,
                OfferMapping.Amount(order.TotalAmount, order.TotalCurrency));
        }
        catch (OfferProblem)
        {
            return HoldStandingAnswer.Unknown;
        }
    }

    /// <summary>One a passenger in our own ids; null while a number is missing.</summary>
    private static IReadOnlyList<TicketNumber>? Tickets(DuffelOrder order)
    {
        var ours = (order.Metadata?.GetValueOrDefault(PassengersKey) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=')).Where(pair => pair.Length == 2).ToDictionary(pair => pair[1], pair => pair[0]);
        var numbers = (order.Documents ?? []).Where(document => document is { Type: "electronic_ticket", UniqueIdentifier.Length: > 0 })
            .SelectMany(document => (document.PassengerIds ?? []).Where(ours.ContainsKey).Select(id => new TicketNumber(ours[id], new([.. document.UniqueIdentifier!.Where(char.IsAsciiDigit)]))))
            .Where(number => number.Number.Length == 13).DistinctBy(number => number.Number).OrderBy(number => number.PassengerId, StringComparer.Ordinal).ToList();
        return ours.Count > 0 && ours.Values.All(id => numbers.Exists(number => number.PassengerId == id)) ? numbers : null;
    }

    private static object NewOrder(string type, SupplierTerms terms, IReadOnlyList<Traveller> travellers, object[]? payments, Dictionary<string, string> metadata)
    {
        metadata[PassengersKey] = string.Join(' ', travellers.Select(traveller => $"{traveller.Ours}={traveller.Id}"));
        return new { data = new { type, selected_offers = new[] { terms.Reference }, passengers = travellers.Select(traveller => traveller.Json), payments, metadata } };
    }

    private sealed record Traveller(string Ours, string Id, object Json);

    /// <summary>Everybody in Duffel's form; or what is missing that it demands, or too long for it: a name cut short is another name.</summary>
    private static (IReadOnlyList<Traveller> Travellers, string? Missing) Travellers(SupplierTerms terms, IReadOnlyList<Passenger> passengers, Contact? contact)
    {
        if (contact?.Phone is not { } phone || passengers.Any(passenger => passenger.Gender is null))
        {
            return ([], "passenger.incomplete");
        }

        if (passengers.Any(passenger => passenger.TicketGivenName.Length > LongestName || passenger.TicketSurname.Length > LongestName))
        {
            return ([], "passenger.name_too_long");
        }

        IReadOnlyList<string> ids;
        try
        {
            ids = DuffelMapping.PassengerIds(JsonSerializer.Deserialize<DuffelOffer>(terms.Raw, DuffelJson.Options)!, [.. passengers.Select(passenger => passenger.Type)]);
        }
        catch (OfferProblem problem)
        {
            return ([], problem.Reason);
        }

        return (
        [
            .. passengers.Select((passenger, index) => new Traveller(passenger.Id, ids[index], new
            {
                id = ids[index],
                title = passenger.Gender == Gender.Male ? "mr" : "ms",
                gender = passenger.Gender == Gender.Male ? "m" : "f",
                given_name = passenger.TicketGivenName,
                family_name = passenger.TicketSurname,
                born_on = Day(passenger.BirthDate),
                email = contact.Email,
                phone_number = phone,
                infant_passenger_id = passengers.Index().Where(other => other.Item.AccompaniedBy == passenger.Id).Select(other => ids[other.Index]).FirstOrDefault(),
            })),
        ], null);
    }

    private static object Payment(Money total) => new { type = "balance", amount = total.ToAmountString(), currency = total.Currency };

    /// <summary>A child has the age of one: what the airline wants is the bracket, and the date of birth comes with the order.</summary>
    private static object Wanted(PassengerType type) => type switch
    {
        PassengerType.Child => new { age = 8 },
        PassengerType.Infant => new { age = 1 },
        _ => new { type = "adult" },
    };

    private static string Reason(SupplierProblem problem, string otherwise) => problem switch
    {
        { Code: "offer_no_longer_available" } => otherwise.StartsWith("hold", StringComparison.Ordinal) ? "seats.sold_out" : "order.sold_out",
        { Code: "offer_expired" } or { Kind: SupplierFailure.NotFound } when otherwise.StartsWith("hold", StringComparison.Ordinal) => "offer.expired",
        { Code: "price_changed" or "payment_amount_does_not_match_order_amount" } => otherwise.StartsWith("hold", StringComparison.Ordinal) ? "offer.price_changed" : "order.price_changed",
        { Code: "past_payment_required_by_date" or "already_cancelled" } => "order.hold_lost",
        _ => otherwise,
    };

    private bool IsBelieved(DateTimeOffset notedAt) => notedAt == DateTimeOffset.MinValue || clock.GetUtcNow() >= notedAt + options.AbsentAfter;

    private static IReadOnlyList<string> Flights(IReadOnlyList<DuffelSlice>? slices) => [.. (slices ?? []).SelectMany(slice => slice.Segments ?? []).Select(DuffelMapping.Describe)];

    private async Task<(T? Value, SupplierProblem? Problem)> AskAsync<T>(
        string operation, HttpMethod method, string path, object? body, TimeSpan limit, CancellationToken cancellationToken) where T : class
    {
        var (data, problem) = (await ReplyAsync(operation, method, path, body, limit, cancellationToken)).As<DuffelData<T>>(DuffelJson.Options);
        return problem is not null ? (null, problem) : data!.Data is { } value ? (value, null) : (null, new(SupplierFailure.NotUnderstood, "answer.malformed", "there is no data"));
    }

    private async Task<(JsonElement Data, SupplierProblem? Problem)> AskAsync(
        string operation, HttpMethod method, string path, object? body, TimeSpan limit, CancellationToken cancellationToken)
    {
        var reply = await ReplyAsync(operation, method, path, body, limit, cancellationToken);
        return reply.Problem is not null ? (default, reply.Problem)
            : reply.Json.ValueKind == JsonValueKind.Object && reply.Json.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object ? (data, null)
            : (default, new(SupplierFailure.NotUnderstood, "answer.malformed", "there is no data"));
    }

    private Task<SupplierReply> ReplyAsync(string operation, HttpMethod method, string path, object? body, TimeSpan limit, CancellationToken cancellationToken) => http.AskAsync(
        new(operation, method, path, body, limit, ("Duffel-Version", "v2")), new("Bearer", options.AccessToken), Error, cancellationToken);

    private static string Id(string reference) => Uri.EscapeDataString(reference);

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.String ? child.GetString() : null;
}
