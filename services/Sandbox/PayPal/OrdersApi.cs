using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Sandbox.PayPal;

/// <summary>Orders v2: create, show, authorize, capture.</summary>
internal static class OrdersApi
{
    public static void MapOrders(this RouteGroupBuilder paypal)
    {
        var orders = paypal.MapGroup("/v2/checkout/orders");
        orders.MapPost("/", (HttpContext http, PayPalDesk desk) => desk.AnswerAsync(http, "orders.create", "", NoOrder, Create));
        orders.MapGet("/{id}", (string id, HttpContext http, PayPalDesk desk) => desk.AnswerAsync(http, "orders.get", id, Order(id), Get(id)));
        orders.MapPost("/{id}/authorize", (string id, HttpContext http, PayPalDesk desk, PayPalSandboxOptions options, WebhookOutbox webhooks) =>
            desk.AnswerAsync(http, "orders.authorize", id, Order(id), Authorize(id, options.HonourPeriod, webhooks)));
        orders.MapPost("/{id}/capture", (string id, HttpContext http, PayPalDesk desk, WebhookOutbox webhooks) =>
            desk.AnswerAsync(http, "orders.capture", id, Order(id), Capture(id, webhooks)));
    }

    private static Task<string?> NoOrder(SandboxDbContext db) => Task.FromResult<string?>(null);

    private static Func<SandboxDbContext, Task<string?>> Order(string id) => _ => Task.FromResult<string?>(id);

    private static async Task<PayPalAnswer> Create(PayPalCall call)
    {
        var body = call.Body.ValueKind == JsonValueKind.Object ? call.Body : throw PayPalProblem.Invalid("MALFORMED_REQUEST_JSON", null);
        var intent = body.Text("intent") ?? throw PayPalProblem.Invalid("MISSING_REQUIRED_PARAMETER", "/intent");
        if (intent is not ("AUTHORIZE" or "CAPTURE"))
        {
            throw PayPalProblem.Invalid("INVALID_PARAMETER_VALUE", "/intent", intent);
        }

        if (!body.TryGetProperty("purchase_units", out var units) || units.ValueKind != JsonValueKind.Array)
        {
            throw PayPalProblem.Invalid("MISSING_REQUIRED_PARAMETER", "/purchase_units");
        }

        if (units.GetArrayLength() != 1)
        {
            throw units.GetArrayLength() == 0
                ? PayPalProblem.Invalid("INVALID_ARRAY_MIN_ITEMS", "/purchase_units")
                : intent == "AUTHORIZE"
                    ? PayPalProblem.Unprocessable("UNSUPPORTED_INTENT", "/intent", intent)
                    : PayPalProblem.Invalid("NOT_SUPPORTED", "/purchase_units");   // PayPal takes ten; the sandbox keeps one
        }

        var unit = units[0];
        const string At = "/purchase_units/@reference_id=='default'";
        var amount = unit.Child("amount") is { } money
            ? PayPalMoney.Read(money.Text("currency_code"), money.Text("value"), At + "/amount")
            : throw PayPalProblem.Invalid("MISSING_REQUIRED_PARAMETER", At + "/amount");
        var wallet = body.Child("payment_source")?.Child("paypal");
        var context = wallet?.Child("experience_context") ?? body.Child("application_context");
        var order = new PayPalOrder
        {
            Id = PayPalIds.New(),
            Intent = intent,
            Status = wallet is null ? "CREATED" : "PAYER_ACTION_REQUIRED",
            Currency = amount.Currency,
            AmountMinor = amount.MinorUnits,
            ReferenceId = Limited(unit, "reference_id", 256) ?? "default",
            CustomId = Limited(unit, "custom_id", 127),
            InvoiceId = Limited(unit, "invoice_id", 127),
            Description = Limited(unit, "description", 127),
            ReturnUrl = Address(context, "return_url"),
            CancelUrl = Address(context, "cancel_url"),
            Wallet = wallet is not null,
            CreatedAt = call.Now,
            UpdatedAt = call.Now,
        };
        await RefuseDuplicateInvoiceAsync(call, order);
        call.Db.Orders.Add(order);
        return new(order.Wallet ? 200 : 201, call.Full ? call.Views.Order(order, [], [], []) : call.Views.Minimal(order));

        static string? Limited(JsonElement unit, string name, int longest) => unit.Text(name) is not { } text
            ? null
            : text.Length >= 1 && text.Length <= longest ? text : throw PayPalProblem.Invalid("INVALID_STRING_LENGTH", $"{At}/{name}", text);

        static string? Address(JsonElement? context, string name) => context?.Text(name) is not { } text
            ? null
            : Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                ? text
                : throw PayPalProblem.Invalid("INVALID_PARAMETER_SYNTAX", $"/payment_source/paypal/experience_context/{name}", text);
    }

    private static async Task RefuseDuplicateInvoiceAsync(PayPalCall call, PayPalOrder order)
    {
        if (order.InvoiceId is not null && await call.Db.Orders.AnyAsync(
            other => other.InvoiceId == order.InvoiceId && call.Db.Captures.Any(capture => capture.OrderId == other.Id && capture.Status != "DECLINED"),
            call.Cancellation))
        {
            throw PayPalProblem.Unprocessable("DUPLICATE_INVOICE_ID", "/purchase_units/@reference_id=='default'/invoice_id", order.InvoiceId);
        }
    }

    private static Func<PayPalCall, Task<PayPalAnswer>> Get(string id) => async call =>
    {
        var order = await call.OrderAsync(id);
        return new(200, await call.OrderViewAsync(order));
    };

    private static Func<PayPalCall, Task<PayPalAnswer>> Authorize(string id, TimeSpan honourPeriod, WebhookOutbox webhooks) => async call =>
    {
        var order = await call.OrderAsync(id);
        Require(order, "AUTHORIZE", "ORDER_ALREADY_AUTHORIZED", call.Now);
        if (order.Payer == "declined")
        {
            throw PayPalProblem.Unprocessable("INSTRUMENT_DECLINED");
        }

        var since = Persona.Find(order.Payer) is { OnDayFour: true } ? call.Now.AddDays(-4) : call.Now;
        var authorization = new PayPalAuthorization
        {
            Id = PayPalIds.New(),
            OrderId = order.Id,
            Status = order.Payer == "review" ? "PENDING" : "CREATED",
            Currency = order.Currency,
            AmountMinor = order.AmountMinor,
            CreatedAt = since,
            UpdatedAt = call.Now,
            HonouredUntil = since + honourPeriod,
            ExpiresAt = since.AddDays(29),
        };
        call.Db.Authorizations.Add(authorization);
        order.Status = "COMPLETED";
        order.UpdatedAt = call.Now;
        if (authorization.Status == "CREATED")
        {
            await webhooks.AddAsync(call, order, "PAYMENT.AUTHORIZATION.CREATED", call.Views.Authorization(authorization, order, related: true));
        }

        return new(201, call.Views.Order(order, [authorization], [], []));
    };

    private static Func<PayPalCall, Task<PayPalAnswer>> Capture(string id, WebhookOutbox webhooks) => async call =>
    {
        var order = await call.OrderAsync(id);
        Require(order, "CAPTURE", "ORDER_ALREADY_CAPTURED", call.Now);
        if (order.Payer == "declined")
        {
            throw PayPalProblem.Unprocessable("INSTRUMENT_DECLINED");
        }

        var capture = new PayPalCapture
        {
            Id = PayPalIds.New(),
            OrderId = order.Id,
            Status = order.Payer == "capture-pending" ? "PENDING" : "COMPLETED",
            Currency = order.Currency,
            AmountMinor = order.AmountMinor,
            Final = true,
            CreatedAt = call.Now,
            UpdatedAt = call.Now,
        };
        call.Db.Captures.Add(capture);
        order.Status = "COMPLETED";
        order.UpdatedAt = call.Now;
        await webhooks.AddAsync(call, order, $"PAYMENT.CAPTURE.{capture.Status}", call.Views.Capture(capture, order, related: true));
        return new(201, call.Full ? call.Views.Order(order, [], [capture], []) : call.Views.Minimal(order));
    };

    private static void Require(PayPalOrder order, string intent, string already, DateTimeOffset now)
    {
        if (order.Intent != intent)
        {
            throw PayPalProblem.Unprocessable("ACTION_DOES_NOT_MATCH_INTENT");
        }

        if (order.Status == "COMPLETED")
        {
            throw PayPalProblem.Unprocessable(already);
        }

        if (order.Status != "APPROVED")
        {
            throw PayPalProblem.Unprocessable(order.HasLapsed(now) ? "ORDER_EXPIRED" : "ORDER_NOT_APPROVED");
        }
    }
}

/// <summary>Reading of what is there.</summary>
internal static class PayPalReading
{
    /// <summary>The order, or PayPal's 404.</summary>
    public static async Task<PayPalOrder> OrderAsync(this PayPalCall call, string id) =>
        await call.Db.Orders.FindAsync([id], call.Cancellation) ?? throw PayPalProblem.NotFound();

    /// <summary>The order with its payments.</summary>
    public static async Task<object> OrderViewAsync(this PayPalCall call, PayPalOrder order)
    {
        var authorizations = await call.Db.Authorizations.Where(authorization => authorization.OrderId == order.Id)
            .OrderBy(authorization => authorization.CreatedAt).ToListAsync(call.Cancellation);
        var captures = await call.Db.Captures.Where(capture => capture.OrderId == order.Id).ToListAsync(call.Cancellation);
        var ids = captures.Select(capture => capture.Id).ToList();
        var refunds = await call.Db.Refunds.Where(refund => ids.Contains(refund.CaptureId)).ToListAsync(call.Cancellation);
        return call.Views.Order(order, authorizations, captures, refunds);
    }

    /// <summary>A text property, null when missing; throws PayPal's 400 when it is no text.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null
            ? null
            : value.ValueKind == JsonValueKind.String ? value.GetString() : throw PayPalProblem.Invalid("INVALID_PARAMETER_SYNTAX", "/" + name, value.GetRawText());

    /// <summary>An object property, null when missing.</summary>
    public static JsonElement? Child(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;
}
