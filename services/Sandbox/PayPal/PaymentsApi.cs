using System.Text.Json;
using Aerona.Contracts;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Sandbox.PayPal;

/// <summary>Payments v2: authorisations (show, reauthorize, capture, void), captures (show, refund), refunds (show).</summary>
internal static class PaymentsApi
{
    public static void MapPayments(this RouteGroupBuilder paypal)
    {
        var payments = paypal.MapGroup("/v2/payments");
        payments.MapGet("/authorizations/{id}", (string id, HttpContext http, PayPalDesk desk) =>
            desk.AnswerAsync(http, "authorizations.get", id, OfAuthorization(id), GetAuthorization(id)));
        payments.MapPost("/authorizations/{id}/capture", (string id, HttpContext http, PayPalDesk desk, WebhookOutbox webhooks) =>
            desk.AnswerAsync(http, "authorizations.capture", id, OfAuthorization(id), Capture(id, webhooks)));
        payments.MapPost("/authorizations/{id}/reauthorize", (string id, HttpContext http, PayPalDesk desk, PayPalSandboxOptions options, WebhookOutbox webhooks) =>
            desk.AnswerAsync(http, Persona.Reauthorize, id, OfAuthorization(id), Reauthorize(id, options.HonourPeriod, webhooks)));
        payments.MapPost("/authorizations/{id}/void", (string id, HttpContext http, PayPalDesk desk, WebhookOutbox webhooks) =>
            desk.AnswerAsync(http, "authorizations.void", id, OfAuthorization(id), Void(id, webhooks), jsonRequired: false));
        payments.MapGet("/captures/{id}", (string id, HttpContext http, PayPalDesk desk) =>
            desk.AnswerAsync(http, "captures.get", id, OfCapture(id), GetCapture(id)));
        payments.MapPost("/captures/{id}/refund", (string id, HttpContext http, PayPalDesk desk, WebhookOutbox webhooks) =>
            desk.AnswerAsync(http, "captures.refund", id, OfCapture(id), Refund(id, webhooks)));
        paypal.MapGet("/v1/customer/disputes/{id}", (string id, HttpContext http, PayPalDesk desk) =>
            desk.AnswerAsync(http, "disputes.get", id, _ => Task.FromResult<string?>(null), GetDispute(id)));
        payments.MapGet("/refunds/{id}", (string id, HttpContext http, PayPalDesk desk) =>
            desk.AnswerAsync(http, "refunds.get", id, _ => Task.FromResult<string?>(null), GetRefund(id)));
    }

    private static Func<SandboxDbContext, Task<string?>> OfAuthorization(string id) => db =>
        db.Authorizations.Where(authorization => authorization.Id == id).Select(authorization => (string?)authorization.OrderId).SingleOrDefaultAsync();

    private static Func<SandboxDbContext, Task<string?>> OfCapture(string id) => db =>
        db.Captures.Where(capture => capture.Id == id).Select(capture => (string?)capture.OrderId).SingleOrDefaultAsync();

    private static Func<PayPalCall, Task<PayPalAnswer>> GetAuthorization(string id) => async call =>
    {
        var ((authorization, _), order) = await FindAuthorizationAsync(call, id);
        return new(200, call.Views.Authorization(authorization, order, related: true));
    };

    /// <summary>
    /// By PayPal's description: once, after the honour period, for a new one; the renewal has an id of its own and lapses when the first authorisation does.
    /// </summary>
    private static Func<PayPalCall, Task<PayPalAnswer>> Reauthorize(string id, TimeSpan honourPeriod, WebhookOutbox webhooks) => async call =>
    {
        var ((authorization, first), order) = await FindAuthorizationAsync(call, id);
        if (authorization.Status switch
        {
            "VOIDED" => "AUTHORIZATION_VOIDED",
            "CAPTURED" => "AUTHORIZATION_ALREADY_CAPTURED",
            "DENIED" or "PENDING" => "TRANSACTION_REFUSED",
            _ when authorization != first || await call.Db.Authorizations.AnyAsync(other => other.ParentId == id, call.Cancellation) => "REAUTHORIZATION_NOT_SUPPORTED",
            _ when authorization.ExpiresAt <= call.Now => "TRANSACTION_REFUSED",
            _ when authorization.HonouredUntil > call.Now => "REAUTHORIZATION_TOO_SOON",
            _ when order.Payer == "reauthorize-declined" => "PAYER_CANNOT_PAY",
            _ => null,
        } is { } issue)
        {
            throw PayPalProblem.Unprocessable(issue);
        }

        var amount = Amount(call.Body, "AUTH_CURRENCY_MISMATCH", authorization.Amount);
        if (amount != authorization.Amount)
        {
            throw PayPalProblem.Unprocessable("TRANSACTION_REFUSED");   // PayPal takes another amount in some countries; nobody should rely on it
        }

        var renewal = new PayPalAuthorization
        {
            Id = PayPalIds.New(),
            OrderId = order.Id,
            ParentId = first.Id,
            Status = first.Status,
            Currency = amount.Currency,
            AmountMinor = amount.MinorUnits,
            CreatedAt = call.Now,
            UpdatedAt = call.Now,
            HonouredUntil = call.Now + honourPeriod,
            ExpiresAt = first.ExpiresAt,
        };
        call.Db.Authorizations.Add(renewal);
        await webhooks.AddAsync(call, order, "PAYMENT.AUTHORIZATION.CREATED", call.Views.Authorization(renewal, order, related: true));
        return new(201, call.Full
            ? call.Views.Authorization(renewal, order, related: false)
            : new { id = renewal.Id, status = renewal.Status, links = new[] { new { href = $"{call.Views.Base}/v2/payments/authorizations/{renewal.Id}", rel = "self", method = "GET" } } });
    };

    private static Func<PayPalCall, Task<PayPalAnswer>> Capture(string id, WebhookOutbox webhooks) => async call =>
    {
        var ((authorization, first), order) = await FindAuthorizationAsync(call, id);
        if (first.Status switch
        {
            "VOIDED" => "AUTHORIZATION_VOIDED",
            "DENIED" => "AUTHORIZATION_DENIED",
            "CAPTURED" => "AUTHORIZATION_ALREADY_CAPTURED",
            "PENDING" => "TRANSACTION_REFUSED",
            _ when authorization.ExpiresAt <= call.Now => "AUTHORIZATION_EXPIRED",
            _ when order.Payer == "capture-declined" => "TRANSACTION_REFUSED",
            // PayPal tries to take the money after the honour period too; this payer's is gone by then.
            _ when Persona.Find(order.Payer) is { OnDayFour: true } && authorization.HonouredUntil <= call.Now => "TRANSACTION_REFUSED",
            _ => null,
        } is { } issue)
        {
            throw PayPalProblem.Unprocessable(issue);
        }

        var left = new Money(first.AmountMinor - first.CapturedMinor, first.Currency);
        var amount = Amount(call.Body, "AUTH_CAPTURE_CURRENCY_MISMATCH", left);
        if (amount > left)
        {
            throw PayPalProblem.Unprocessable("MAX_CAPTURE_AMOUNT_EXCEEDED");   // PayPal takes up to 115 %; nobody should rely on it
        }

        var final = call.Body.ValueKind == JsonValueKind.Object && call.Body.TryGetProperty("final_capture", out var flag) && flag.ValueKind == JsonValueKind.True;
        var capture = new PayPalCapture
        {
            Id = PayPalIds.New(),
            OrderId = order.Id,
            AuthorizationId = authorization.Id,
            Status = order.Payer == "capture-pending" ? "PENDING" : "COMPLETED",
            Currency = amount.Currency,
            AmountMinor = amount.MinorUnits,
            Final = final,
            CreatedAt = call.Now,
            UpdatedAt = call.Now,
        };
        call.Db.Captures.Add(capture);
        first.CapturedMinor += amount.MinorUnits;
        var status = final || amount == left ? "CAPTURED" : "PARTIALLY_CAPTURED";
        first.ReleasedMinor = status == "CAPTURED" && capture.Status != "PENDING" ? first.AmountMinor - first.CapturedMinor : 0;   // denied, all of it is reserved as before
        await call.Db.StandAsync(first, status, call.Now, call.Cancellation);
        await webhooks.AddAsync(call, order, $"PAYMENT.CAPTURE.{capture.Status}", call.Views.Capture(capture, order, related: true));
        return new(201, call.Full
            ? call.Views.Capture(capture, order, related: false)
            : new { id = capture.Id, status = capture.Status, links = new[] { new { href = $"{call.Views.Base}/v2/payments/captures/{capture.Id}", rel = "self", method = "GET" } } });
    };

    private static Func<PayPalCall, Task<PayPalAnswer>> Void(string id, WebhookOutbox webhooks) => async call =>
    {
        if (call.Body.ValueKind != JsonValueKind.Undefined)
        {
            throw PayPalProblem.Invalid("INVALID_PARAMETER_SYNTAX", null);   // void takes no body
        }

        var ((authorization, first), order) = await FindAuthorizationAsync(call, id);
        if (authorization.Status switch
        {
            _ when authorization != first => "CANNOT_BE_VOIDED",   // PayPal: "void the original parent authorization"
            "VOIDED" => "PREVIOUSLY_VOIDED",
            "CAPTURED" => "PREVIOUSLY_CAPTURED",
            "DENIED" => "CANNOT_BE_VOIDED",
            _ when authorization.ExpiresAt <= call.Now => "CANNOT_BE_VOIDED",
            _ => null,
        } is { } issue)
        {
            throw PayPalProblem.Unprocessable(issue);
        }

        await call.Db.GiveBackAsync(authorization, call.Now, call.Cancellation);
        await webhooks.AddAsync(call, order, "PAYMENT.AUTHORIZATION.VOIDED", call.Views.Authorization(authorization, order, related: true));
        return call.Full ? new(200, call.Views.Authorization(authorization, order, related: false)) : new(204, null);
    };

    private static Func<PayPalCall, Task<PayPalAnswer>> GetCapture(string id) => async call =>
    {
        var (capture, order) = await FindCaptureAsync(call, id);
        return new(200, call.Views.Capture(capture, order, related: true));
    };

    private static Func<PayPalCall, Task<PayPalAnswer>> Refund(string id, WebhookOutbox webhooks) => async call =>
    {
        var (capture, order) = await FindCaptureAsync(call, id);
        var left = new Money(capture.AmountMinor - capture.RefundedMinor, capture.Currency);
        if (capture.Status switch { "PENDING" => "PENDING_CAPTURE", "DECLINED" => "REFUND_NOT_ALLOWED", "REFUNDED" => "CAPTURE_FULLY_REFUNDED", _ => null } is { } issue)
        {
            throw PayPalProblem.Unprocessable(issue);
        }

        var amount = Amount(call.Body, "REFUND_CAPTURE_CURRENCY_MISMATCH", left);
        if (amount > left)
        {
            throw PayPalProblem.Unprocessable("REFUND_AMOUNT_EXCEEDED");
        }

        if (capture.CreatedAt.AddDays(180) < call.Now)
        {
            throw PayPalProblem.Unprocessable("REFUND_TIME_LIMIT_EXCEEDED");
        }

        if (order.Payer == "refund-declined")
        {
            throw PayPalProblem.Unprocessable("TRANSACTION_REFUSED");
        }

        var refund = new PayPalRefund
        {
            Id = PayPalIds.New(),
            CaptureId = capture.Id,
            Status = order.Payer == "refund-pending" ? "PENDING" : "COMPLETED",
            Currency = amount.Currency,
            AmountMinor = amount.MinorUnits,
            CustomId = call.Body.Text("custom_id"),
            CreatedAt = call.Now,
        };
        call.Db.Refunds.Add(refund);
        capture.RefundedMinor += amount.MinorUnits;
        capture.Status = amount == left ? "REFUNDED" : "PARTIALLY_REFUNDED";
        capture.UpdatedAt = call.Now;
        await webhooks.AddAsync(call, order, refund.Status == "PENDING" ? "PAYMENT.REFUND.PENDING" : "PAYMENT.CAPTURE.REFUNDED", call.Views.Refund(refund));
        return new(201, call.Full
            ? call.Views.Refund(refund)
            : new { id = refund.Id, status = refund.Status, links = new[] { new { href = $"{call.Views.Base}/v2/payments/refunds/{refund.Id}", rel = "self", method = "GET" } } });
    };

    private static Func<PayPalCall, Task<PayPalAnswer>> GetRefund(string id) => async call =>
        new(200, call.Views.Refund(await call.Db.Refunds.FindAsync([id], call.Cancellation) ?? throw PayPalProblem.NotFound()));

    private static Func<PayPalCall, Task<PayPalAnswer>> GetDispute(string id) => async call =>
    {
        var dispute = await call.Db.Disputes.FindAsync([id], call.Cancellation) ?? throw PayPalProblem.NotFound();
        return new(200, call.Views.Dispute(dispute, await call.OrderAsync(dispute.OrderId)));
    };

    private static Money Amount(JsonElement body, string otherCurrency, Money unlessSaid)
    {
        if (body.Child("amount") is not { } said)
        {
            return unlessSaid;
        }

        var amount = PayPalMoney.Read(said.Text("currency_code"), said.Text("value"), "/amount");
        return amount.Currency == unlessSaid.Currency ? amount : throw PayPalProblem.Unprocessable(otherCurrency, "/amount/currency_code", amount.Currency);
    }

    /// <summary>The authorisation with the one whose sums count: itself, unless it is a renewal.</summary>
    private static async Task<((PayPalAuthorization Asked, PayPalAuthorization First), PayPalOrder)> FindAuthorizationAsync(PayPalCall call, string id)
    {
        var authorization = await call.Db.Authorizations.FindAsync([id], call.Cancellation) ?? throw PayPalProblem.NotFound();
        var first = authorization.ParentId is { } parent ? (await call.Db.Authorizations.FindAsync([parent], call.Cancellation))! : authorization;
        return ((authorization, first), await call.OrderAsync(authorization.OrderId));
    }

    private static async Task<(PayPalCapture, PayPalOrder)> FindCaptureAsync(PayPalCall call, string id)
    {
        var capture = await call.Db.Captures.FindAsync([id], call.Cancellation) ?? throw PayPalProblem.NotFound();
        return (capture, await call.OrderAsync(capture.OrderId));
    }
}
