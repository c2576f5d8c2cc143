using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Aerona.Contracts;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Sandbox.Zz;

/// <summary>Orders and their payments.</summary>
internal static class ZzOrders
{
    private const int PageSize = 50;

    public static void MapOrders(this RouteGroupBuilder zz)
    {
        zz.MapPost("/air/orders", (HttpContext http, ZzDesk desk, ZzOptions options) => desk.AnswerAsync(http, call => CreateAsync(call, options)));
        zz.MapGet("/air/orders", (HttpContext http, ZzDesk desk) => desk.AnswerAsync(http, ListAsync));
        zz.MapGet("/air/orders/{id}", (string id, HttpContext http, ZzDesk desk) => desk.AnswerAsync(http, call => ShowAsync(call, id)));
        zz.MapPatch("/air/orders/{id}", (string id, HttpContext http, ZzDesk desk) => desk.AnswerAsync(http, call => UpdateAsync(call, id)));
        zz.MapPost("/air/payments", (HttpContext http, ZzDesk desk, ZzOptions options) => desk.AnswerAsync(http, call => PayAsync(call, options)));
        zz.MapGet("/air/airline_initiated_changes", (HttpContext http, ZzDesk desk) => desk.AnswerAsync(http, ChangesAsync));
    }

    /// <summary>The order, locked.</summary>
    public static async Task<ZzOrder> LockAsync(ZzCall call, string id) => await call.Db.TryLockAsync<ZzOrder>(id, call.Cancellation) ?? throw ZzProblem.NotFound();

    private static async Task<ZzAnswer> CreateAsync(ZzCall call, ZzOptions options)
    {
        var selected = call.Data["selected_offers"] is JsonArray { Count: 1 } only ? only[0]!.GetValue<string>() : throw ZzProblem.Invalid("selected_offers", "exactly one");
        var offer = await ZzOffers.FindAsync(call, selected);
        var json = ZzJson.Object(offer.Json);
        var type = call.Data.TextOrNull("type") ?? "instant";
        var requiresInstant = json["payment_requirements"]!["requires_instant_payment"]!.GetValue<bool>();
        switch (type)
        {
            case "instant" when offer.Scenario == ZzScenario.HoldOnly:
                throw ZzProblem.State("invalid_order_create_type", "Orders on this route are held first: send the type pay_later.");
            case "pay_later" when requiresInstant:
                throw ZzProblem.State("invalid_order_create_type", "The offer requires instant payment.");
            case "pay_later" when call.Data.Objects("payments").Count > 0:
                throw ZzProblem.Invalid("payments", "must not be given for an order that is paid later");
            case "instant":
                CheckPayment(call.Data.Objects("payments") is { Count: 1 } payments ? payments[0] : throw ZzProblem.Invalid("payments", "exactly one"), json);
                break;
            case "pay_later":
                break;
            default:
                throw ZzProblem.Invalid("type", "must be instant or pay_later");
        }

        if (offer.Scenario == ZzScenario.TimeoutBefore)
        {
            throw new ZzSilence();
        }

        if (offer.Scenario == ZzScenario.SoldOut || !await ZzStock.TakeAsync(call, offer.Seats))
        {
            throw ZzProblem.State("offer_no_longer_available", "The seats of this offer are sold.");
        }

        var held = type == "pay_later";
        var order = new ZzOrder
        {
            Id = ZzIds.New("ord"),
            OfferId = offer.Id,
            BookingReference = RecordLocator.New(),
            Scenario = offer.Scenario,
            Seats = offer.Seats,
            CreatedAt = call.Now,
            AwaitingPayment = held,
            PaymentRequiredBy = held ? call.Now + options.SpaceFor : null,
            Json = "",
        };
        order.Json = ZzJson.Write(Order(call, options, order, json));
        if (!held)
        {
            Pay(call, options, order);
        }

        call.Db.ZzOrders.Add(order);
        ZzEvents.Tell(call.Db, options, await call.Db.ZzWebhooks.ToListAsync(call.Cancellation), order, "order.created", call.Now);
        return new(201, Shown(order, call.Now), order.Scenario == ZzScenario.TimeoutAfter && !held ? ZzScenario.TimeoutAfter : ZzScenario.None);
    }

    private static void CheckPayment(JsonObject payment, JsonObject owed)
    {
        if (payment.Text("type") != "balance")
        {
            throw ZzProblem.Invalid("payments.type", "ZZ takes the balance only");
        }

        if (payment.Text("amount") != owed.Text("total_amount") || (payment.TextOrNull("currency") is { } currency && currency != owed.Text("total_currency")))
        {
            throw ZzProblem.State("payment_amount_does_not_match_order_amount", $"The price is {owed.Text("total_amount")} {owed.Text("total_currency")}.");
        }
    }

    private static JsonNode Order(ZzCall call, ZzOptions options, ZzOrder order, JsonObject offer)
    {
        var priced = offer.Objects("passengers");
        var named = call.Data.Objects("passengers");
        if (named.Count != priced.Count || priced.Any(one => named.All(other => other.Text("id") != one.Text("id"))))
        {
            throw ZzProblem.Invalid("passengers", "exactly those of the offer");
        }

        foreach (var lap in priced.Where(one => one.Text("type") == "infant_without_seat"))
        {
            if (named.Count(one => one.TextOrNull("infant_passenger_id") == lap.Text("id")) != 1)
            {
                throw ZzProblem.Invalid("infant_passenger_id", "each infant sits on one adult's lap");
            }
        }

        return ZzJson.Node(new
        {
            id = order.Id,
            live_mode = false,
            created_at = ZzDesk.Time(call.Now),
            synced_at = ZzDesk.Time(call.Now),
            cancelled_at = (string?)null,
            booking_reference = order.BookingReference,
            owner = ZzViews.Airline,
            base_amount = offer.Text("base_amount"),
            base_currency = offer.Text("base_currency"),
            tax_amount = offer.Text("tax_amount"),
            tax_currency = offer.Text("tax_currency"),
            total_amount = offer.Text("total_amount"),
            total_currency = offer.Text("total_currency"),
            conditions = offer["conditions"]!.DeepClone(),
            metadata = call.Data["metadata"] is JsonObject metadata ? metadata.DeepClone() : new JsonObject(),
            services = Array.Empty<object>(),
            documents = Array.Empty<object>(),
            airline_initiated_changes = Array.Empty<object>(),
            available_actions = new[] { "cancel", "update" },
            payment_status = PaymentStatus(order, options),
            passengers = named.Select(one => Passenger(one, priced.First(other => other.Text("id") == one.Text("id")).Text("type"))),
            slices = offer.Objects("slices").Select(Slice),
        });
    }

    private static JsonObject PaymentStatus(ZzOrder order, ZzOptions options)
    {
        var status = new JsonObject { ["awaiting_payment"] = order.AwaitingPayment, ["paid_at"] = order.PaidAt is { } paid ? ZzDesk.Time(paid) : null };
        if (order.PaymentRequiredBy is { } by)
        {
            status["payment_required_by"] = ZzDesk.Time(by);
            status["price_guarantee_expires_at"] = ZzDesk.Time(order.CreatedAt + options.PriceFor);
        }

        return status;
    }

    private static JsonNode Passenger(JsonObject named, string type)
    {
        if (!DateOnly.TryParseExact(named.Text("born_on"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            throw ZzProblem.Invalid("born_on", "must be a date");
        }

        if (named.Text("gender") is not ("m" or "f") || named.Text("title") is not ("mr" or "ms" or "mrs" or "miss" or "dr"))
        {
            throw ZzProblem.Invalid("gender", "gender and title must be given");
        }

        var passenger = new JsonObject { ["type"] = type };
        foreach (var field in new[] { "id", "title", "gender", "given_name", "family_name", "born_on", "email", "phone_number" })
        {
            passenger[field] = named.Text(field);
        }

        passenger["infant_passenger_id"] = named.TextOrNull("infant_passenger_id");
        return passenger;
    }

    private static JsonNode Slice(JsonObject offered)
    {
        var slice = offered.DeepClone().AsObject();
        foreach (var field in new[] { "comparison_key", "ngs_shelf" })
        {
            slice.Remove(field);
        }

        slice["conditions"] = new JsonObject { ["change_before_departure"] = slice["conditions"]!["change_before_departure"]?.DeepClone() };
        foreach (var passenger in slice.Objects("segments").SelectMany(segment => segment.Objects("passengers")))
        {
            passenger.Remove("fare_basis_code");
            passenger.Remove("cabin");
        }

        return slice;
    }

    /// <summary>Takes the money and, unless they come later, gives the ticket numbers.</summary>
    private static void Pay(ZzCall call, ZzOptions options, ZzOrder order)
    {
        order.AwaitingPayment = false;
        order.PaidAt = call.Now;
        var acts = order.Scenario is ZzScenario.Cancellation or ZzScenario.ScheduleChange or ZzScenario.SilentChange or ZzScenario.TicketsLater;
        order.ActsAt = acts ? call.Now + options.ChangeAfter : null;
        var json = ZzJson.Object(order.Json);
        json["payment_status"] = PaymentStatus(order, options);
        if (order.Scenario != ZzScenario.TicketsLater)
        {
            GiveTickets(json);
        }

        order.Json = ZzJson.Write(json);
    }

    /// <summary>One electronic ticket a passenger: 13 digits.</summary>
    public static void GiveTickets(JsonObject order) => order["documents"] = new JsonArray([.. order.Objects("passengers").Select(passenger => ZzJson.Node(new
    {
        type = "electronic_ticket",
        unique_identifier = $"999{RandomNumberGenerator.GetString("0123456789", 10)}",
        passenger_ids = new[] { passenger.Text("id") },
    }))]);

    private static async Task<ZzAnswer> ShowAsync(ZzCall call, string id)
    {
        var order = await LockAsync(call, id);
        return new(200, Shown(order, call.Now));
    }

    /// <summary>Unpaid space is gone when its time is over.</summary>
    private static JsonObject Shown(ZzOrder order, DateTimeOffset now)
    {
        var json = ZzJson.Object(order.Json);
        json["synced_at"] = ZzDesk.Time(now);
        return json;
    }

    private static async Task<ZzAnswer> ListAsync(ZzCall call)
    {
        var limit = int.TryParse(call.Query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) ? Math.Clamp(wanted, 1, 200) : PageSize;
        var orders = call.Db.ZzOrders.AsNoTracking();
        if (call.Query["booking_reference"].ToString() is { Length: > 0 } reference)
        {
            orders = orders.Where(order => order.BookingReference == reference);
        }

        if (call.Query["awaiting_payment"].ToString() is { Length: > 0 } awaiting)
        {
            var isAwaiting = awaiting == "true";
            orders = orders.Where(order => order.AwaitingPayment == isAwaiting && order.CancelledAt == null);
        }

        var skip = int.TryParse(call.Query["after"], NumberStyles.None, CultureInfo.InvariantCulture, out var after) ? after : 0;
        var page = await orders.OrderByDescending(order => order.CreatedAt).ThenBy(order => order.Id).Skip(skip).Take(limit + 1).ToListAsync(call.Cancellation);
        return new(
            200, new JsonArray([.. page.Take(limit).Select(order => (JsonNode)Shown(order, call.Now))]),
            After: page.Count > limit ? (skip + limit).ToString(CultureInfo.InvariantCulture) : null, IsPaged: true);
    }

    private static async Task<ZzAnswer> UpdateAsync(ZzCall call, string id)
    {
        var order = await LockAsync(call, id);
        var json = ZzJson.Object(order.Json);
        json["metadata"] = call.Data["metadata"] is JsonObject metadata ? metadata.DeepClone() : throw ZzProblem.Invalid("metadata", "must be an object");
        order.Json = ZzJson.Write(json);
        return new(200, Shown(order, call.Now));
    }

    private static async Task<ZzAnswer> PayAsync(ZzCall call, ZzOptions options)
    {
        var order = await LockAsync(call, call.Data.Text("order_id"));
        if (order.CancelledAt is not null)
        {
            throw ZzProblem.State("already_cancelled", "The order is cancelled.");
        }

        if (!order.AwaitingPayment)
        {
            throw ZzProblem.State("already_paid", "The order is paid.");
        }

        if (order.PaymentRequiredBy <= call.Now)
        {
            throw ZzProblem.State("past_payment_required_by_date", "The time to pay is over; the space is gone.");
        }

        var json = ZzJson.Object(order.Json);
        var payment = call.Data["payment"] as JsonObject ?? throw ZzProblem.Invalid("payment", "is required");
        CheckPayment(payment, json);
        Pay(call, options, order);
        ZzEvents.Tell(call.Db, options, await call.Db.ZzWebhooks.ToListAsync(call.Cancellation), order, "order.updated", call.Now);
        return new(
            201,
            ZzJson.Node(new { id = ZzIds.New("pay"), type = "balance", amount = json.Text("total_amount"), currency = json.Text("total_currency"), created_at = ZzDesk.Time(call.Now) }),
            order.Scenario == ZzScenario.TimeoutAfter ? ZzScenario.TimeoutAfter : ZzScenario.None);
    }

    private static async Task<ZzAnswer> ChangesAsync(ZzCall call)
    {
        var orderId = call.Query["order_id"].ToString();
        var orders = await call.Db.ZzOrders.AsNoTracking().Where(order => orderId == "" || order.Id == orderId).Select(order => order.Json).ToListAsync(call.Cancellation);
        return new(200, new JsonArray([.. orders.SelectMany(json => ZzJson.Object(json).Objects("airline_initiated_changes")).Select(change => change.DeepClone())]));
    }
}
