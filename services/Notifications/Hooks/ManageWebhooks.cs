using System.Security.Claims;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Notifications.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Hooks;

/// <summary><c>/v1/webhook-endpoints</c>: for whoever has a token of his own; others' are unknown.</summary>
internal static class ManageWebhooks
{
    private const int MostOfAnOwner = 20;

    private const int LongestDescription = 200;

    private const string ModeClaim = "mode";

    public static void MapManageWebhooks(this RouteGroupBuilder v1)
    {
        var endpoints = v1.MapGroup("/webhook-endpoints").RequireAuthorization().AddEndpointFilter(NeedOwner);
        endpoints.MapPost("/", Make).WithName("MakeWebhookEndpoint").WithSummary("Sends events to an address; the answer has the secret, this once")
            .ProducesProblem(400).ProducesProblem(409).Idempotent<NotificationsDbContext>();
        endpoints.MapGet("/", List).WithName("ListWebhookEndpoints").WithSummary("The caller's endpoints");
        endpoints.MapGet("/{id:guid}", Get).WithName("GetWebhookEndpoint").WithSummary("How an endpoint stands").ProducesProblem(404);
        endpoints.MapPatch("/{id:guid}", Change).WithName("ChangeWebhookEndpoint").WithSummary("Another address, other events, on or off")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Idempotent<NotificationsDbContext>();
        endpoints.MapDelete("/{id:guid}", Delete).WithName("DeleteWebhookEndpoint").WithSummary("Ends it; what waits is not sent")
            .ProducesProblem(404).ProducesProblem(409).Idempotent<NotificationsDbContext>();
        endpoints.MapPost("/{id:guid}/secrets", Rotate).WithName("RotateWebhookSecret").WithSummary("A new secret beside the old one, which ends after a while")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Idempotent<NotificationsDbContext>();
        endpoints.MapPost("/{id:guid}/pings", Ping).WithName("PingWebhookEndpoint").WithSummary("Sends an event of type ping").ProducesProblem(404).ProducesProblem(409).Idempotent<NotificationsDbContext>();
        endpoints.MapGet("/{id:guid}/deliveries", ListDeliveries).WithName("ListWebhookDeliveries").WithSummary("What was sent in 30 days, the newest first").ProducesProblem(400).ProducesProblem(404);
        endpoints.MapGet("/{id:guid}/deliveries/{deliveryId:guid}", GetDelivery).WithName("GetWebhookDelivery").WithSummary("A delivery, its body and its tries").ProducesProblem(404);
        endpoints.MapPost("/{id:guid}/deliveries/{deliveryId:guid}/resends", Resend).WithName("ResendWebhookDelivery").WithSummary("Sends it once more, and for another 72 hours if need be")
            .ProducesProblem(404).ProducesProblem(409).Idempotent<NotificationsDbContext>();
    }

    /// <summary><c>live</c>, unless the token is a test client's.</summary>
    public static string Mode(this ClaimsPrincipal user) => user.FindFirstValue(ModeClaim) == "test" ? "test" : "live";

    /// <summary>For endpoints that belong to a subject: guests have none.</summary>
    public static async ValueTask<object?> NeedOwner(EndpointFilterInvocationContext context, EndpointFilterDelegate next) => context.HttpContext.User.Owner() is null
        ? Problems.Refused(403, "auth.forbidden", "This is for API clients and people with an account; a guest's token is good for its booking.")
        : await next(context);

    private static async Task<Results<Created<WebhookEndpointSecret>, ProblemHttpResult>> Make(
        MakeWebhookEndpointRequest request, ClaimsPrincipal user, NotificationsDbContext db, EgressGuard egress, WebhookSecrets secrets, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (ProblemsOf(request.Url, request.Types, request.Description, egress) is { Count: > 0 } problems)
        {
            return Problems.Invalid(problems);
        }

        var (owner, now) = (user.Owner()!, clock.GetUtcNow());
        if (await db.WebhookEndpoints.CountAsync(row => row.Owner == owner && row.State != WebhookState.Deleted, cancellationToken) >= MostOfAnOwner)
        {
            return Problems.Refused(409, "webhook.too_many", $"There are {MostOfAnOwner} endpoints already; delete one first.");
        }

        var (id, secret) = (Guid.CreateVersion7(now), WebhookSecrets.Make());
        var endpoint = new WebhookEndpoint
        {
            Id = id,
            Owner = owner,
            Mode = user.Mode(),
            Url = request.Url,
            Description = request.Description is "" ? null : request.Description,
            Types = [.. (request.Types ?? []).Distinct()],
            Secrets = [new(secrets.Seal(secret, id), now, null)],
            CreatedAt = now,
        };
        db.WebhookEndpoints.Add(endpoint);
        return TypedResults.Created($"/v1/webhook-endpoints/{id}", new WebhookEndpointSecret(WebhookEndpointView.Of(endpoint, now), secret));
    }

    private static async Task<Ok<WebhookEndpointList>> List(ClaimsPrincipal user, NotificationsDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var owner = user.Owner()!;
        var rows = await db.WebhookEndpoints.AsNoTracking().Where(row => row.Owner == owner && row.State != WebhookState.Deleted).OrderBy(row => row.Id).ToListAsync(cancellationToken);
        return TypedResults.Ok(new WebhookEndpointList([.. rows.Select(row => WebhookEndpointView.Of(row, clock.GetUtcNow()))]));
    }

    private static async Task<Results<Ok<WebhookEndpointView>, ProblemHttpResult>> Get(
        Guid id, ClaimsPrincipal user, NotificationsDbContext db, TimeProvider clock, CancellationToken cancellationToken) =>
        await FindAsync(db, user, id, cancellationToken) is { } row ? TypedResults.Ok(WebhookEndpointView.Of(row, clock.GetUtcNow())) : Unknown(id);

    private static async Task<Results<Ok<WebhookEndpointView>, ProblemHttpResult>> Change(
        Guid id, ChangeWebhookEndpointRequest request, ClaimsPrincipal user, NotificationsDbContext db, EgressGuard egress, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await FindAsync(db, user, id, cancellationToken) is not { } endpoint)
        {
            return Unknown(id);
        }

        var problems = ProblemsOf(request.Url ?? endpoint.Url, request.Types, request.Description, egress);
        if (request.State is WebhookState.Deleted)
        {
            problems.Add(new("/state", "webhook.state_invalid", "enabled or disabled."));
        }

        if (problems.Count > 0)
        {
            return Problems.Invalid(problems);
        }

        endpoint.Revision++;
        endpoint.Url = request.Url ?? endpoint.Url;
        endpoint.Types = request.Types is { } types ? [.. types.Distinct()] : endpoint.Types;
        endpoint.Description = request.Description switch { null => endpoint.Description, "" => null, var text => text };
        if (request.State is WebhookState.Disabled && endpoint.State == WebhookState.Enabled)
        {
            (endpoint.State, endpoint.DisabledReason) = (WebhookState.Disabled, "endpoint.by_owner");
        }
        else if (request.State is WebhookState.Enabled && endpoint.State == WebhookState.Disabled)
        {
            (endpoint.State, endpoint.DisabledReason, endpoint.Failures, endpoint.FailingSince, endpoint.IsResumed) = (WebhookState.Enabled, null, 0, null, true);
            db.PublishDrive(endpoint);
        }

        return TypedResults.Ok(WebhookEndpointView.Of(endpoint, clock.GetUtcNow()));
    }

    // The row stays until its deliveries are past retention; without secrets, so that nothing can be sent for it.
    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, ClaimsPrincipal user, NotificationsDbContext db, CancellationToken cancellationToken)
    {
        if (await FindAsync(db, user, id, cancellationToken) is not { } endpoint)
        {
            return Unknown(id);
        }

        endpoint.Revision++;
        (endpoint.State, endpoint.Secrets) = (WebhookState.Deleted, []);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<WebhookEndpointSecret>, ProblemHttpResult>> Rotate(
        Guid id, RotateWebhookSecretRequest request, ClaimsPrincipal user, NotificationsDbContext db, WebhookSecrets secrets, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (request.OldEndsAfterHours is < 0 or > 168)
        {
            return Problems.Invalid(new FieldProblem("/oldEndsAfterHours", "webhook.hours_out_of_range", "0 to 168 hours."));
        }

        if (await FindAsync(db, user, id, cancellationToken) is not { } endpoint)
        {
            return Unknown(id);
        }

        var (now, secret) = (clock.GetUtcNow(), WebhookSecrets.Make());
        var ends = now + TimeSpan.FromHours(request.OldEndsAfterHours);
        // Two are active at most: of older ones the newest stays for a while.
        var old = endpoint.Secrets.Where(each => each.EndsAt is null || each.EndsAt > now).Take(1).Select(each => each with { EndsAt = ends });
        endpoint.Revision++;
        endpoint.Secrets = [new(secrets.Seal(secret, id), now, null), .. old];
        return TypedResults.Ok(new WebhookEndpointSecret(WebhookEndpointView.Of(endpoint, now), secret));
    }

    private static async Task<Results<Accepted<WebhookDeliveryView>, ProblemHttpResult>> Ping(
        Guid id, ClaimsPrincipal user, NotificationsDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await FindAsync(db, user, id, cancellationToken) is not { } endpoint)
        {
            return Unknown(id);
        }

        if (endpoint.State != WebhookState.Enabled)
        {
            return IsDisabled();
        }

        var now = clock.GetUtcNow();
        var ping = EventTypes.Pinged(id, now);
        var delivery = EventLog.Queue(endpoint, Guid.CreateVersion7(now), ping.Type, ping.Version, ping.Data, ping.At, null, now);
        delivery.RetryUntil = now;   // a ping that fails has said what it was to say
        db.WebhookDeliveries.Add(delivery);
        db.PublishDrive(endpoint);
        return Accepted(id, delivery);
    }

    private static async Task<Results<Ok<Page<WebhookDeliveryView>>, ProblemHttpResult>> ListDeliveries(
        Guid id, ClaimsPrincipal user, NotificationsDbContext db, CancellationToken cancellationToken, string? state = null, int limit = Paging.Usual, string? cursor = null)
    {
        if (await FindAsync(db, user, id, cancellationToken) is null)
        {
            return Unknown(id);
        }

        var (problem, after) = Paging.Read(limit, cursor);
        WebhookDeliveryState? wanted = state switch
        {
            "pending" => WebhookDeliveryState.Pending,
            "delivered" => WebhookDeliveryState.Delivered,
            "givenUp" => WebhookDeliveryState.GivenUp,
            _ => null,
        };
        problem ??= state is not null && wanted is null ? new("query:state", "webhook.state_invalid", "pending, delivered or givenUp.") : null;
        var last = Guid.Empty;
        problem ??= after.Length > 0 && !Guid.TryParse(after, out last) ? new("query:cursor", "cursor.invalid", "A nextCursor as given, or none.") : null;
        if (problem is not null)
        {
            return Problems.Invalid(problem);
        }

        var rows = await db.WebhookDeliveries.AsNoTracking()
            .Where(row => row.EndpointId == id && (wanted == null || row.State == wanted) && (last == Guid.Empty || row.Id.CompareTo(last) < 0))
            .OrderByDescending(row => row.Id).Take(limit + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(rows.Page(limit, row => row.Id.ToString(), WebhookDeliveryView.Of));
    }

    private static async Task<Results<Ok<WebhookDeliveryDetails>, ProblemHttpResult>> GetDelivery(
        Guid id, Guid deliveryId, ClaimsPrincipal user, NotificationsDbContext db, CancellationToken cancellationToken)
    {
        if (await FindAsync(db, user, id, cancellationToken) is null || await DeliveryAsync(db, id, deliveryId, cancellationToken) is not { } delivery)
        {
            return UnknownDelivery(deliveryId);
        }

        var tries = await db.WebhookAttempts.AsNoTracking().Where(row => row.DeliveryId == deliveryId).OrderBy(row => row.Number).ToListAsync(cancellationToken);
        return TypedResults.Ok(new WebhookDeliveryDetails(
            WebhookDeliveryView.Of(delivery), delivery.Body, [.. tries.Select(row => new WebhookAttemptView(row.Number, row.At, row.Milliseconds, row.Status, row.Problem, row.Answer))]));
    }

    private static async Task<Results<Accepted<WebhookDeliveryView>, ProblemHttpResult>> Resend(
        Guid id, Guid deliveryId, ClaimsPrincipal user, NotificationsDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await FindAsync(db, user, id, cancellationToken) is not { } endpoint || await DeliveryAsync(db, id, deliveryId, cancellationToken) is not { } delivery)
        {
            return UnknownDelivery(deliveryId);
        }

        if (endpoint.State != WebhookState.Enabled)
        {
            return IsDisabled();
        }

        var now = clock.GetUtcNow();
        (delivery.State, delivery.NextAttemptAt, delivery.DoneAt, delivery.Tries, delivery.RetryUntil) = (WebhookDeliveryState.Pending, now, null, 0, now + RetrySchedule.Lasts);
        delivery.Resends++;
        db.PublishDrive(endpoint);
        return Accepted(id, delivery);
    }

    private static Accepted<WebhookDeliveryView> Accepted(Guid id, WebhookDelivery delivery) =>
        TypedResults.Accepted($"/v1/webhook-endpoints/{id}/deliveries/{delivery.Id}", WebhookDeliveryView.Of(delivery));

    private static Task<WebhookEndpoint?> FindAsync(NotificationsDbContext db, ClaimsPrincipal user, Guid id, CancellationToken cancellationToken) =>
        user.Owner() is var owner && owner is null
            ? Task.FromResult<WebhookEndpoint?>(null)
            : db.WebhookEndpoints.SingleOrDefaultAsync(row => row.Id == id && row.Owner == owner && row.State != WebhookState.Deleted, cancellationToken);

    private static Task<WebhookDelivery?> DeliveryAsync(NotificationsDbContext db, Guid id, Guid deliveryId, CancellationToken cancellationToken) =>
        db.WebhookDeliveries.SingleOrDefaultAsync(row => row.Id == deliveryId && row.EndpointId == id, cancellationToken);

    private static ProblemHttpResult Unknown(Guid id) => Problems.NotFound("webhook.unknown", $"There is no endpoint {id}.");

    private static ProblemHttpResult UnknownDelivery(Guid id) => Problems.NotFound("webhook.delivery_unknown", $"There is no delivery {id} of that endpoint.");

    private static ProblemHttpResult IsDisabled() => Problems.Refused(409, "webhook.disabled", "The endpoint is disabled; enable it first.");

    private static List<FieldProblem> ProblemsOf(string url, IReadOnlyList<string>? types, string? description, EgressGuard egress)
    {
        var problems = new List<FieldProblem>();
        if (egress.ProblemOf(url) is { } wrong)
        {
            problems.Add(new("/url", "webhook.url_refused", wrong));
        }

        foreach (var (index, type) in (types ?? []).Index())
        {
            if (!EventTypes.All.Contains(type))
            {
                problems.Add(new($"/types/{index}", "webhook.type_unknown", $"One of {string.Join(", ", EventTypes.All)}."));
            }
        }

        if (description is { Length: > LongestDescription } || description?.Any(char.IsControl) == true)
        {
            problems.Add(new("/description", "webhook.description_invalid", $"Up to {LongestDescription} characters, no control characters."));
        }

        return problems;
    }
}
