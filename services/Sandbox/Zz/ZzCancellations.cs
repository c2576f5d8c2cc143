using System.Text.Json.Nodes;
using Aerona.Contracts;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Sandbox.Zz;

/// <summary>Cancellations: a quote first, then its confirmation.</summary>
internal static class ZzCancellations
{
    private static readonly TimeSpan QuoteFor = TimeSpan.FromMinutes(30);

    public static void MapCancellations(this RouteGroupBuilder zz)
    {
        zz.MapPost("/air/order_cancellations", (HttpContext http, ZzDesk desk) => desk.AnswerAsync(http, QuoteAsync));
        zz.MapGet("/air/order_cancellations/{id}", (string id, HttpContext http, ZzDesk desk) => desk.AnswerAsync(http, call => ShowAsync(call, id)));
        zz.MapPost("/air/order_cancellations/{id}/actions/confirm", (string id, HttpContext http, ZzDesk desk, ZzOptions options) =>
            desk.AnswerAsync(http, call => ConfirmAsync(call, id, options)));
    }

    private static async Task<ZzAnswer> QuoteAsync(ZzCall call)
    {
        var order = await ZzOrders.LockAsync(call, call.Data.Text("order_id"));
        if (order.CancelledAt is not null)
        {
            throw ZzProblem.State("already_cancelled", "The order is cancelled already.");
        }

        var json = ZzJson.Object(order.Json);
        var currency = json.Text("total_currency");
        var quote = new ZzCancellation
        {
            Id = ZzIds.New("ore"),
            OrderId = order.Id,
            RefundAmount = order.Scenario == ZzScenario.RefundUnknown ? "" : order.AwaitingPayment ? Money.Zero(currency).ToAmountString() : Refund(json, currency).ToAmountString(),
            RefundCurrency = currency,
            RefundTo = order.AwaitingPayment ? "awaiting_payment" : "balance",
            CreatedAt = call.Now,
            ExpiresAt = order.Scenario == ZzScenario.QuoteExpires ? call.Now : call.Now + QuoteFor,
        };
        call.Db.ZzCancellations.Add(quote);
        return new(201, View(quote), order.Scenario == ZzScenario.QuoteSlow ? ZzScenario.Slow : ZzScenario.None);
    }

    private static Money Refund(JsonObject order, string currency)
    {
        var total = Money.Of(decimal.Parse(order.Text("total_amount"), System.Globalization.CultureInfo.InvariantCulture), currency);
        if (order["conditions"]!["refund_before_departure"] is JsonObject { } rule && rule["allowed"]!.GetValue<bool>())
        {
            var penalty = Money.Of(decimal.Parse(rule.TextOrNull("penalty_amount") ?? "0", System.Globalization.CultureInfo.InvariantCulture), currency);
            return total > penalty ? total - penalty : Money.Zero(currency);
        }

        return Money.Of(decimal.Parse(order.Text("tax_amount"), System.Globalization.CultureInfo.InvariantCulture), currency);
    }

    private static async Task<ZzAnswer> ShowAsync(ZzCall call, string id) =>
        new(200, View(await call.Db.ZzCancellations.SingleOrDefaultAsync(row => row.Id == id, call.Cancellation) ?? throw ZzProblem.NotFound()));

    private static async Task<ZzAnswer> ConfirmAsync(ZzCall call, string id, ZzOptions options)
    {
        var quote = await call.Db.TryLockAsync<ZzCancellation>(id, call.Cancellation) ?? throw ZzProblem.NotFound();
        if (quote.ConfirmedAt is not null)
        {
            return new(200, View(quote));
        }

        if (quote.ExpiresAt <= call.Now)
        {
            throw ZzProblem.State("order_cancellation_expired", "The quote has expired; ask again.");
        }

        var order = await ZzOrders.LockAsync(call, quote.OrderId);
        if (order.CancelledAt is not null)
        {
            throw ZzProblem.State("already_cancelled", "The order is cancelled already.");
        }

        switch (order.Scenario)
        {
            case ZzScenario.CancelRefused when order.PaidAt is not null:
                throw ZzProblem.State("order_not_cancellable", "The airline does not cancel this order.");
            case ZzScenario.CancelTimeoutBefore when order.PaidAt is not null:
                throw new ZzSilence();
            case ZzScenario.RefundLess:
                var quoted = Money.Of(decimal.Parse(quote.RefundAmount, System.Globalization.CultureInfo.InvariantCulture), quote.RefundCurrency);
                quote.RefundAmount = Money.Round(quoted.Amount * 0.9m, quoted.Currency).ToAmountString();
                break;
        }

        quote.ConfirmedAt = call.Now;
        await CancelAsync(call.Db, order, call.Now, call.Cancellation);
        var json = ZzJson.Object(order.Json);
        json["cancellation"] = View(quote);
        order.Json = ZzJson.Write(json);
        ZzEvents.Tell(call.Db, options, await call.Db.ZzWebhooks.ToListAsync(call.Cancellation), order, "order_cancellation.confirmed", call.Now);
        return new(200, View(quote), order.Scenario == ZzScenario.CancelTimeoutAfter ? ZzScenario.TimeoutAfter : ZzScenario.None);
    }

    /// <summary>Ends the order and gives its seats back.</summary>
    public static async Task CancelAsync(SandboxDbContext db, ZzOrder order, DateTimeOffset now, CancellationToken cancellationToken)
    {
        order.CancelledAt = now;
        order.AwaitingPayment = false;
        order.ActsAt = null;
        var json = ZzJson.Object(order.Json);
        json["cancelled_at"] = ZzDesk.Time(now);
        json["available_actions"] = new JsonArray();
        json["payment_status"]!["awaiting_payment"] = false;
        order.Json = ZzJson.Write(json);
        await ZzStock.GiveBackAsync(db, order.Seats, cancellationToken);
    }

    private static JsonNode View(ZzCancellation quote) => ZzJson.Node(new
    {
        id = quote.Id,
        order_id = quote.OrderId,
        live_mode = false,
        created_at = ZzDesk.Time(quote.CreatedAt),
        expires_at = ZzDesk.Time(quote.ExpiresAt),
        confirmed_at = quote.ConfirmedAt is { } at ? ZzDesk.Time(at) : null,
        refund_amount = quote.RefundAmount.Length == 0 ? null : quote.RefundAmount,
        refund_currency = quote.RefundAmount.Length == 0 ? null : quote.RefundCurrency,
        refund_to = quote.RefundTo,
        airline_credits = Array.Empty<object>(),
    });
}
