using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Sandbox.PayPal;

/// <summary>Webhooks v1: create, list, show, delete, verify a signature; the signing certificate.</summary>
internal static class NotificationsApi
{
    public static void MapNotifications(this RouteGroupBuilder paypal)
    {
        var notifications = paypal.MapGroup("/v1/notifications");
        notifications.MapPost("/webhooks", (HttpContext http, PayPalDesk desk) => desk.AnswerAsync(http, "webhooks.post", "", NoOrder, Create));
        notifications.MapGet("/webhooks", (HttpContext http, PayPalDesk desk) => desk.AnswerAsync(http, "webhooks.list", "", NoOrder, List));
        notifications.MapGet("/webhooks/{id}", (string id, HttpContext http, PayPalDesk desk) => desk.AnswerAsync(
            http, "webhooks.get", id, NoOrder, async call => new(200, call.Views.Webhook(await FindAsync(call, id)))));
        notifications.MapDelete("/webhooks/{id}", (string id, HttpContext http, PayPalDesk desk) =>
            desk.AnswerAsync(http, "webhooks.delete", id, NoOrder, Delete(id), jsonRequired: false));
        notifications.MapPost("/verify-webhook-signature", (HttpContext http, PayPalDesk desk) =>
            desk.AnswerAsync(http, "verify-webhook-signature.post", "", NoOrder, Verify));
        notifications.MapGet("/certs/{id}", async (string id, WebhookSigning signing, CancellationToken cancellationToken) =>
            await signing.KeyAsync(cancellationToken) is var key && key.Id == id ? Results.Text(key.Certificate, "application/x-pem-file")
                : id == "authority" ? Results.Text(key.Authority, "application/x-pem-file") : Results.NotFound());
        notifications.MapPatch("/webhooks/{id}", (string id, HttpContext http, PayPalDesk desk) => desk.AnswerAsync(http, "webhooks.update", id, NoOrder, Update(id)));
    }

    private static Task<string?> NoOrder(SandboxDbContext db) => Task.FromResult<string?>(null);

    private static async Task<PayPalAnswer> Create(PayPalCall call)
    {
        var url = call.Body.Text("url") ?? throw PayPalProblem.Invalid("MISSING_REQUIRED_PARAMETER", "/url");
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || url.Length > 2048)
        {
            throw PayPalProblem.Invalid("INVALID_PARAMETER_SYNTAX", "/url", url);
        }

        if (!call.Body.TryGetProperty("event_types", out var types))
        {
            throw PayPalProblem.Invalid("MISSING_REQUIRED_PARAMETER", "/event_types");
        }

        var webhook = new Webhook { Id = PayPalIds.New(), Url = url, Base = call.Views.Base, EventTypes = Names(types, "/event_types") };
        if (await call.Db.Webhooks.AnyAsync(other => other.Url == url, call.Cancellation))
        {
            throw new PayPalProblem(
                400, "WEBHOOK_URL_ALREADY_EXISTS", "Webhook URL already exists.", "WEBHOOK_URL_ALREADY_EXISTS", "Webhook URL already exists.", "/url", url);
        }

        call.Db.Webhooks.Add(webhook);
        return new(201, call.Views.Webhook(webhook));
    }

    /// <summary>JSON Patch, of the event types only.</summary>
    private static Func<PayPalCall, Task<PayPalAnswer>> Update(string id) => async call =>
    {
        var webhook = await FindAsync(call, id);
        if (call.Body.ValueKind != JsonValueKind.Array)
        {
            throw PayPalProblem.Invalid("MALFORMED_REQUEST_JSON", null);
        }

        foreach (var change in call.Body.EnumerateArray())
        {
            webhook.EventTypes = (change.Text("op"), change.Text("path")) == ("replace", "/event_types") && change.TryGetProperty("value", out var types)
                ? Names(types, "/0/value") : throw PayPalProblem.Invalid("INVALID_PARAMETER_VALUE", "/0/path");
        }

        return new(200, call.Views.Webhook(webhook));
    };

    private static string Names(JsonElement types, string pointer) => types.ValueKind == JsonValueKind.Array && types.GetArrayLength() > 0
        ? string.Join(' ', types.EnumerateArray().Select(type => type.Text("name") ?? throw PayPalProblem.Invalid("MISSING_REQUIRED_PARAMETER", pointer + "/0/name")))
        : throw PayPalProblem.Invalid("MISSING_REQUIRED_PARAMETER", pointer);

    private static async Task<PayPalAnswer> List(PayPalCall call) =>
        new(200, new { webhooks = (await call.Db.Webhooks.OrderBy(webhook => webhook.Id).ToListAsync(call.Cancellation)).Select(call.Views.Webhook).ToArray() });

    private static Func<PayPalCall, Task<PayPalAnswer>> Delete(string id) => async call =>
    {
        call.Db.Webhooks.Remove(await FindAsync(call, id));
        return new(204, null);
    };

    private static async Task<PayPalAnswer> Verify(PayPalCall call)
    {
        string Needed(string name) => call.Body.Text(name) ?? throw PayPalProblem.Invalid("MISSING_REQUIRED_PARAMETER", "/" + name);
        var (algorithm, certificate, transmission) = (Needed("auth_algo"), Needed("cert_url"), Needed("transmission_id"));
        var (signature, at, webhookId) = (Needed("transmission_sig"), Needed("transmission_time"), Needed("webhook_id"));
        if (!call.Body.TryGetProperty("webhook_event", out var raw) || raw.ValueKind != JsonValueKind.Object)
        {
            throw PayPalProblem.Invalid("MISSING_REQUIRED_PARAMETER", "/webhook_event");
        }

        var key = await call.Db.SigningKeys.SingleOrDefaultAsync(call.Cancellation);
        var genuine = key is not null && algorithm == WebhookSigning.Algorithm && certificate.EndsWith("/certs/" + key.Id, StringComparison.Ordinal)
            && await call.Db.Webhooks.AnyAsync(webhook => webhook.Id == webhookId, call.Cancellation)
            && WebhookSigning.Verify(key, signature, transmission, at, webhookId, raw.GetRawText());
        return new(200, new { verification_status = genuine ? "SUCCESS" : "FAILURE" });
    }

    private static async Task<Webhook> FindAsync(PayPalCall call, string id) =>
        await call.Db.Webhooks.FindAsync([id], call.Cancellation) ?? throw PayPalProblem.NotFound();
}
