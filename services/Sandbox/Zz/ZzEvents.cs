using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Sandbox.Zz;

/// <summary>Wakes whoever sends events.</summary>
internal sealed class ZzAlarm
{
    private readonly SemaphoreSlim bell = new(0, 1);

    public void Ring()
    {
        try
        {
            bell.Release();
        }
        catch (SemaphoreFullException)
        {
            // it rings already
        }
    }

    public Task WaitAsync(CancellationToken cancellationToken) => bell.WaitAsync(cancellationToken);
}

/// <summary>Does what airlines do by themselves when it is due, and sends signed events until somebody takes them: for 72 hours, like Duffel.</summary>
internal sealed class ZzEvents(
    IServiceScopeFactory scopes, DatabaseReadiness databases, IHttpClientFactory clients, ZzAlarm alarm, ZzOptions options, TimeProvider time, ILogger<ZzEvents> log) : BackgroundService
{
    public const string Client = "zz-sandbox-webhooks";
    public const string Signature = "X-Duffel-Signature";

    private static readonly TimeSpan Patience = TimeSpan.FromHours(72);

    /// <summary>Queues an event about an order for every address that wants it, in the transaction of whoever tells.</summary>
    public static void Tell(SandboxDbContext db, ZzOptions options, IReadOnlyList<ZzWebhook> webhooks, ZzOrder order, string type, DateTimeOffset now)
    {
        if (order.Scenario == ZzScenario.SilentChange && type == "order.airline_initiated_change_detected")
        {
            return;
        }

        var metadata = ZzJson.Object(order.Json)["metadata"]?.DeepClone();
        var body = ZzJson.Write(ZzJson.Node(new
        {
            id = ZzIds.New("wev"),
            api_version = "v2",
            type,
            live_mode = false,
            idempotency_key = order.Id,
            created_at = ZzDesk.Time(now),
            data = new { @object = new JsonObject { ["id"] = order.Id, ["booking_reference"] = order.BookingReference, ["metadata"] = metadata } },
        }));
        foreach (var url in Addresses(options, webhooks, type))
        {
            db.ZzDeliveries.Add(new() { EventId = ZzJson.Object(body).Text("id"), Type = type, OrderId = order.Id, Url = url, Body = body, DueAt = now });
        }
    }

    public static IEnumerable<string> Addresses(ZzOptions options, IReadOnlyList<ZzWebhook> webhooks, string type) => webhooks
        .Where(webhook => webhook.Events.Split(' ').Contains(type)).Select(webhook => webhook.Url)
        .Concat(options.WebhookUrl is { } ours ? [ours] : []).Distinct();

    /// <summary>The header's value: <c>t=…,v1=…</c>, HMAC-SHA256 over <c>t.body</c>.</summary>
    public static string Sign(string secret, string body, DateTimeOffset at)
    {
        var t = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={t},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{t}.{body}")))}";
    }

    /// <summary>Everything that is due now; answers how many events were taken.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await ActAsync(cancellationToken);
        return await SendAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await databases.WaitAsync<SandboxDbContext>(stoppingToken);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        var ring = alarm.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var woken = await Task.WhenAny(tick, ring);
                await woken;
                tick = woken == tick ? timer.WaitForNextTickAsync(stoppingToken).AsTask() : tick;
                ring = woken == ring ? alarm.WaitAsync(stoppingToken) : ring;
                await RunAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem) when (problem is DbUpdateException or System.Data.Common.DbException || DatabaseErrors.IsUnreachable(problem))
            {
                log.LogWarning(problem, "ZZ's events could not be sent now; the next second tries again");
            }
        }
    }

    private async Task ActAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SandboxDbContext>();
        var now = time.GetUtcNow();
        var due = await db.ZzOrders.AsNoTracking()
            .Where(order => order.ActsAt <= now || (order.AwaitingPayment && order.PaymentRequiredBy <= now)).Select(order => order.Id).ToListAsync(cancellationToken);
        foreach (var id in due)
        {
            await using var transaction = await db.BeginAsync(cancellationToken);
            var order = await db.LockAsync<ZzOrder>(id, cancellationToken);
            if (order is { AwaitingPayment: true } && order.PaymentRequiredBy <= now)
            {
                await ZzCancellations.CancelAsync(db, order, now, cancellationToken);   // space that nobody paid for
            }
            else if (order.ActsAt <= now)
            {
                var type = Act(order, now);
                Tell(db, options, await db.ZzWebhooks.ToListAsync(cancellationToken), order, type, now);
            }

            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            db.ChangeTracker.Clear();
        }
    }

    /// <summary>Does what the scenario says; the type of event that tells of it.</summary>
    private static string Act(ZzOrder order, DateTimeOffset now)
    {
        order.ActsAt = null;
        var json = ZzJson.Object(order.Json);
        if (order.Scenario == ZzScenario.TicketsLater)
        {
            ZzOrders.GiveTickets(json);
            order.Json = ZzJson.Write(json);
            return "order.updated";
        }

        var before = new JsonArray([.. json.Objects("slices").Select(slice => slice.DeepClone())]);
        if (order.Scenario is ZzScenario.ScheduleChange or ZzScenario.SilentChange)
        {
            foreach (var segment in json.Objects("slices").SelectMany(slice => slice.Objects("segments")))
            {
                foreach (var field in new[] { "departing_at", "arriving_at" })
                {
                    segment[field] = DateTime.Parse(segment.Text(field), CultureInfo.InvariantCulture).AddMinutes(95).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
                }
            }
        }

        var cancelled = order.Scenario == ZzScenario.Cancellation;
        json["airline_initiated_changes"]!.AsArray().Add(ZzJson.Node(new
        {
            id = ZzIds.New("aic"),
            order_id = order.Id,
            created_at = ZzDesk.Time(now),
            updated_at = ZzDesk.Time(now),
            action_taken = (string?)null,
            action_taken_at = (string?)null,
            available_actions = cancelled ? ["cancel"] : new[] { "accept", "cancel" },
            travel_agent_ticket = (object?)null,
            removed = before,
            added = cancelled ? [] : new JsonArray([.. json.Objects("slices").Select(slice => slice.DeepClone())]),
        }));
        order.Json = ZzJson.Write(json);
        return "order.airline_initiated_change_detected";
    }

    private async Task<int> SendAsync(CancellationToken cancellationToken)
    {
        var taken = 0;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SandboxDbContext>();
        var now = time.GetUtcNow();
        var due = await db.ZzDeliveries.Where(delivery => delivery.DoneAt == null && delivery.DueAt <= now)
            .OrderBy(delivery => delivery.DueAt).ThenBy(delivery => delivery.Id).Take(50).ToListAsync(cancellationToken);
        foreach (var delivery in due)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, delivery.Url)
            {
                Content = new ByteArrayContent(Encoding.UTF8.GetBytes(delivery.Body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            };
            request.Headers.Add(Signature, Sign(options.WebhookSecret, delivery.Body, now));
            delivery.Attempts++;
            var ok = false;
            try
            {
                using var response = await clients.CreateClient(Client).SendAsync(request, cancellationToken);
                ok = response.IsSuccessStatusCode;
                delivery.LastAnswer = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            }
            catch (Exception problem) when (problem is HttpRequestException || (problem is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                delivery.LastAnswer = "no answer";
            }

            taken += ok ? 1 : 0;
            var pause = TimeSpan.FromSeconds(Math.Min(5 * Math.Pow(2, delivery.Attempts - 1), TimeSpan.FromHours(4).TotalSeconds));
            delivery.DoneAt = ok || delivery.Attempts > 25 && pause >= Patience / 18 ? now : null;
            delivery.DueAt = now + pause;
        }

        await db.SaveChangesAsync(cancellationToken);
        return taken;
    }
}

/// <summary>Registering addresses, and ZZ's books for whoever looks at them.</summary>
internal static class ZzWebhooks
{
    private static readonly string[] Known =
    [
        "order.created", "order.updated", "order.airline_initiated_change_detected", "order_cancellation.created", "order_cancellation.confirmed", "ping.triggered",
    ];

    public static void MapWebhooks(this RouteGroupBuilder zz)
    {
        zz.MapPost("/air/webhooks", (HttpContext http, ZzDesk desk) => desk.AnswerAsync(http, RegisterAsync));
        zz.MapPost("/air/webhooks/{id}/actions/ping", (string id, HttpContext http, ZzDesk desk) => desk.AnswerAsync(http, call => PingAsync(call, id)));
    }

    private static Task<ZzAnswer> RegisterAsync(ZzCall call)
    {
        var events = call.Data["events"] is JsonArray list ? list.Select(name => name!.GetValue<string>()).ToList() : [];
        if (events.Count == 0 || events.Exists(name => !Known.Contains(name)))
        {
            throw ZzProblem.Invalid("events", $"some of {string.Join(", ", Known)}");
        }

        if (!Uri.TryCreate(call.Data.Text("url"), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            throw ZzProblem.Invalid("url", "must be an address");
        }

        var webhook = new ZzWebhook { Id = ZzIds.New("end"), Url = url.ToString(), Events = string.Join(' ', events), CreatedAt = call.Now };
        call.Db.ZzWebhooks.Add(webhook);
        return Task.FromResult(new ZzAnswer(201, ZzJson.Node(new
        {
            id = webhook.Id,
            url = webhook.Url,
            events,
            active = true,
            live_mode = false,
            created_at = ZzDesk.Time(call.Now),
            updated_at = ZzDesk.Time(call.Now),
        })));
    }

    private static async Task<ZzAnswer> PingAsync(ZzCall call, string id)
    {
        var webhook = await call.Db.ZzWebhooks.SingleOrDefaultAsync(row => row.Id == id, call.Cancellation) ?? throw ZzProblem.NotFound();
        var eventId = ZzIds.New("wev");
        call.Db.ZzDeliveries.Add(new()
        {
            EventId = eventId,
            Type = "ping.triggered",
            OrderId = "",
            Url = webhook.Url,
            DueAt = call.Now,
            Body = ZzJson.Write(ZzJson.Node(new { id = eventId, api_version = "v2", type = "ping.triggered", live_mode = false, idempotency_key = eventId, created_at = ZzDesk.Time(call.Now), data = new { @object = new { } } })),
        });
        return new(204, null);
    }

    /// <summary><c>/sandbox/zz/books/…</c>: what ZZ's own books say of an order, found by its id, its booking reference or our reference in its metadata.</summary>
    public static void MapZzBooks(this RouteGroupBuilder zz) => zz.MapGet("/books/orders/{reference}", async (string reference, SandboxDbContext db, CancellationToken cancellationToken) =>
    {
        var order = await db.ZzOrders.AsNoTracking().FirstOrDefaultAsync(
            order => order.Id == reference || order.BookingReference == reference || order.Json.Contains(reference), cancellationToken);
        if (order is null)
        {
            return Results.NotFound();
        }

        var deliveries = await db.ZzDeliveries.AsNoTracking().Where(delivery => delivery.OrderId == order.Id).OrderBy(delivery => delivery.Id)
            .Select(delivery => new { delivery.EventId, delivery.Type, delivery.Attempts, delivery.LastAnswer, delivery.DoneAt }).ToListAsync(cancellationToken);
        var cancellations = await db.ZzCancellations.AsNoTracking().Where(quote => quote.OrderId == order.Id).OrderBy(quote => quote.CreatedAt)
            .Select(quote => new { quote.Id, quote.RefundAmount, quote.RefundCurrency, ExpiresAt = (DateTimeOffset?)quote.ExpiresAt, quote.ConfirmedAt }).ToListAsync(cancellationToken);
        return Results.Json(new
        {
            order.Id,
            order.BookingReference,
            scenario = order.Scenario.ToString(),
            order.AwaitingPayment,
            order.PaidAt,
            order.CancelledAt,
            tickets = ZzJson.Object(order.Json).Objects("documents").Select(document => document.Text("unique_identifier")),
            order.Seats,
            cancellations,
            deliveries,
        });
    });
}
