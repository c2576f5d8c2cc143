using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Sandbox.PayPal;

/// <summary>What somebody at PayPal decides about a reservation under review, or about a capture or a refund that is pending.</summary>
/// <param name="Accept">True: reserved, taken or given back; false: denied.</param>
/// <param name="Refund">PayPal's id or the caller's own of the refund to decide about; null: the oldest.</param>
internal sealed record DecideRequest(bool Accept, string? Refund = null);

/// <summary>Somebody gives money back in PayPal's own pages, or the payer's bank takes it.</summary>
/// <param name="Amount">In the order's currency, such as <c>20.00</c>; null: all that is left.</param>
internal sealed record GiveBackRequest(string? Amount = null);

/// <summary>The payer wants the money back.</summary>
/// <param name="Reason">PayPal's code, such as <c>UNAUTHORISED</c>.</param>
/// <param name="Amount">In the order's currency; null: all that is left.</param>
internal sealed record DisputeRequest(string? Reason = null, string? Amount = null);

/// <summary>PayPal decides a dispute.</summary>
/// <param name="Lost">True: the payer gets the money.</param>
internal sealed record DecideDisputeRequest(bool Lost);

/// <summary>What PayPal does by itself, each by a click on the order's page or by a script, each with its webhook: decide what waits, and void what is reserved.</summary>
internal static class Decisions
{
    public static void MapDecisions(this RouteGroupBuilder paypal)
    {
        paypal.MapPost("/checkout/{orderId}/decision", async (string orderId, DecideRequest request, HttpContext http, Desk desk) =>
            await desk.DecideAsync(http, orderId, request.Accept, request.Refund)
                ? Results.NoContent()
                : Results.Conflict(new { error = "nothing of this order waits for a decision" }));
        paypal.MapPost("/checkout/{orderId}/void", async (string orderId, HttpContext http, Desk desk) =>
            await desk.VoidAsync(http, orderId) ? Results.NoContent() : Results.Conflict(new { error = "nothing of this order is reserved" }));
        paypal.MapPost("/checkout/{orderId}/refund", async (string orderId, GiveBackRequest request, HttpContext http, Desk desk) =>
            await desk.GiveBackAsync(http, orderId, request.Amount) ? Results.NoContent() : Results.Conflict(new { error = "so much of this order was not taken" }));
        paypal.MapPost("/checkout/{orderId}/dispute", async (string orderId, DisputeRequest request, HttpContext http, Desk desk) =>
            await desk.DisputeAsync(http, orderId, request) is { } id ? Results.Ok(new { disputeId = id }) : Results.Conflict(new { error = "so much of this order was not taken" }));
        paypal.MapPost("/checkout/{orderId}/dispute-decision", async (string orderId, DecideDisputeRequest request, HttpContext http, Desk desk) =>
            await desk.DecideDisputeAsync(http, orderId, request.Lost) ? Results.NoContent() : Results.Conflict(new { error = "no dispute of this order is open" }));
        paypal.MapPost("/decision", ClickAsync).DisableAntiforgery();   // nobody is signed in here: there is no session to ride on
    }

    private static async Task<IResult> ClickAsync(HttpContext http, Desk desk)
    {
        var form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync(http.RequestAborted) : FormCollection.Empty;
        var orderId = form["token"].ToString();
        var done = form["decision"].ToString() switch
        {
            "accept" => await desk.DecideAsync(http, orderId, accept: true),
            "deny" => await desk.DecideAsync(http, orderId, accept: false),
            "void" => await desk.VoidAsync(http, orderId),
            _ => false,
        };
        return done
            ? Results.Redirect($"/sandbox/paypal/orders/{Uri.EscapeDataString(orderId)}")
            : SandboxPages.Html(SandboxPages.Sorry("Nothing of this order waits for that."), 409);
    }

    /// <summary>All statuses of a reservation: a renewal stands as what it renews does.</summary>
    public static async Task StandAsync(
        this SandboxDbContext db, PayPalAuthorization first, string status, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var renewal = await db.Authorizations.SingleOrDefaultAsync(authorization => authorization.ParentId == first.Id, cancellationToken);
        foreach (var authorization in new[] { first, renewal }.OfType<PayPalAuthorization>())
        {
            authorization.Status = status;
            authorization.UpdatedAt = now;
        }
    }

    /// <summary>Gives back what is reserved and not taken.</summary>
    public static Task GiveBackAsync(this SandboxDbContext db, PayPalAuthorization first, DateTimeOffset now, CancellationToken cancellationToken)
    {
        first.ReleasedMinor = first.AmountMinor - first.CapturedMinor;
        return db.StandAsync(first, "VOIDED", now, cancellationToken);
    }

    /// <summary>Whoever decides at PayPal.</summary>
    internal sealed class Desk(SandboxDbContext db, WebhookOutbox webhooks, PayPalSandboxOptions options, TimeProvider time)
    {
        /// <summary>Decides about what is PENDING; false when nothing is.</summary>
        public Task<bool> DecideAsync(HttpContext http, string orderId, bool accept, string? refundId = null) => ActAsync(http, orderId, async (order, tell) =>
        {
            var authorization = await db.Authorizations.SingleOrDefaultAsync(one => one.OrderId == orderId && one.Status == "PENDING", http.RequestAborted);
            var capture = await db.Captures.FirstOrDefaultAsync(one => one.OrderId == orderId && one.Status == "PENDING", http.RequestAborted);
            if (authorization is not null)
            {
                authorization.ReleasedMinor = accept ? 0 : authorization.AmountMinor;
                authorization.Status = accept ? "CREATED" : "DENIED";
                authorization.UpdatedAt = time.GetUtcNow();
                await tell($"PAYMENT.AUTHORIZATION.{authorization.Status}", views => views.Authorization(authorization, order, related: true));
            }

            if (capture is not null)
            {
                capture.Status = accept ? "COMPLETED" : "DECLINED";
                capture.UpdatedAt = time.GetUtcNow();
                var reserved = await FirstAsync(capture.AuthorizationId);
                if (accept && reserved is { Status: "CAPTURED" })
                {
                    reserved.ReleasedMinor = reserved.AmountMinor - reserved.CapturedMinor;
                }
                else if (!accept && reserved is not null)
                {
                    reserved.CapturedMinor -= capture.AmountMinor;
                    reserved.ReleasedMinor = 0;
                    await db.StandAsync(reserved, reserved.CapturedMinor == 0 ? "CREATED" : "PARTIALLY_CAPTURED", time.GetUtcNow(), http.RequestAborted);
                }

                await tell(accept ? "PAYMENT.CAPTURE.COMPLETED" : "PAYMENT.CAPTURE.DENIED", views => views.Capture(capture, order, related: true));
            }

            var captures = await db.Captures.Where(one => one.OrderId == orderId).ToListAsync(http.RequestAborted);
            var ids = captures.ConvertAll(one => one.Id);
            var refund = await db.Refunds
                .Where(one => ids.Contains(one.CaptureId) && one.Status == "PENDING" && (refundId == null || one.Id == refundId || one.CustomId == refundId))
                .OrderBy(one => one.CreatedAt).FirstOrDefaultAsync(http.RequestAborted);
            if (refund is not null)
            {
                refund.Status = accept ? "COMPLETED" : "FAILED";
                if (!accept && captures.Find(one => one.Id == refund.CaptureId) is { } refunded)
                {
                    refunded.RefundedMinor -= refund.AmountMinor;
                    refunded.Status = refunded.RefundedMinor == 0 ? "COMPLETED" : "PARTIALLY_REFUNDED";
                    refunded.UpdatedAt = time.GetUtcNow();
                }

                await tell(accept ? "PAYMENT.CAPTURE.REFUNDED" : "PAYMENT.REFUND.FAILED", views => views.Refund(refund));
            }

            return authorization is not null || capture is not null || refund is not null;
        });

        /// <summary>Voids the reservation as PayPal does by itself when one lapses; false when nothing is reserved.</summary>
        public Task<bool> VoidAsync(HttpContext http, string orderId) => ActAsync(http, orderId, async (order, tell) =>
        {
            var first = await db.Authorizations.SingleOrDefaultAsync(one => one.OrderId == orderId && one.ParentId == null, http.RequestAborted);
            if (first is not { IsLive: true })
            {
                return false;
            }

            await db.GiveBackAsync(first, time.GetUtcNow(), http.RequestAborted);
            await tell("PAYMENT.AUTHORIZATION.VOIDED", views => views.Authorization(first, order, related: true));
            return true;
        });

        /// <summary>A refund made in PayPal's own pages; false when so much is not left.</summary>
        public Task<bool> GiveBackAsync(HttpContext http, string orderId, string? amount) => ActAsync(http, orderId, async (order, tell) =>
        {
            if (await LeftAsync(order, amount, http.RequestAborted) is not ({ } capture, var minor))
            {
                return false;
            }

            var refund = TakeBack(capture, minor, kind: null);
            await tell("PAYMENT.CAPTURE.REFUNDED", views => views.Refund(refund));
            return true;
        });

        /// <summary>The payer disputes the payment; PayPal's id of the dispute, or null when so much is not left.</summary>
        public async Task<string?> DisputeAsync(HttpContext http, string orderId, DisputeRequest request)
        {
            string? id = null;
            await ActAsync(http, orderId, async (order, tell) =>
            {
                if (await LeftAsync(order, request.Amount, http.RequestAborted) is not ({ } capture, var minor))
                {
                    return false;
                }

                var now = time.GetUtcNow();
                var dispute = new PayPalDispute
                {
                    Id = id = "PP-D-" + PayPalIds.New()[..8],
                    OrderId = orderId,
                    CaptureId = capture.Id,
                    Currency = capture.Currency,
                    AmountMinor = minor,
                    Reason = request.Reason ?? "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
                    Status = "OPEN",
                    CreatedAt = now,
                    UpdatedAt = now,
                };
                db.Disputes.Add(dispute);
                await tell("CUSTOMER.DISPUTE.CREATED", views => views.Dispute(dispute, order));
                return true;
            });
            return id;
        }

        /// <summary>Decides the open dispute; lost, the money goes back. False when none is open.</summary>
        public Task<bool> DecideDisputeAsync(HttpContext http, string orderId, bool lost) => ActAsync(http, orderId, async (order, tell) =>
        {
            if (await db.Disputes.FirstOrDefaultAsync(one => one.OrderId == orderId && one.Status == "OPEN", http.RequestAborted) is not { } dispute)
            {
                return false;
            }

            (dispute.Status, dispute.Outcome, dispute.UpdatedAt) = ("RESOLVED", lost ? "RESOLVED_BUYER_FAVOUR" : "RESOLVED_SELLER_FAVOUR", time.GetUtcNow());
            var capture = (await db.Captures.FindAsync([dispute.CaptureId], http.RequestAborted))!;
            if (lost && Math.Min(dispute.AmountMinor, capture.AmountMinor - capture.RefundedMinor) is var minor and > 0)
            {
                var reversal = TakeBack(capture, minor, "REVERSAL");
                await tell("PAYMENT.CAPTURE.REVERSED", views => views.Refund(reversal));
            }

            await tell("CUSTOMER.DISPUTE.RESOLVED", views => views.Dispute(dispute, order));
            return true;
        });

        private PayPalRefund TakeBack(PayPalCapture capture, long minor, string? kind)
        {
            var refund = new PayPalRefund
            {
                Id = PayPalIds.New(),
                CaptureId = capture.Id,
                Status = "COMPLETED",
                Kind = kind,
                Currency = capture.Currency,
                AmountMinor = minor,
                CreatedAt = time.GetUtcNow(),
            };
            db.Refunds.Add(refund);
            capture.RefundedMinor += minor;
            capture.Status = capture.RefundedMinor == capture.AmountMinor ? "REFUNDED" : "PARTIALLY_REFUNDED";
            capture.UpdatedAt = time.GetUtcNow();
            return refund;
        }

        /// <summary>The capture with so much left, and how much that is.</summary>
        private async Task<(PayPalCapture? Capture, long Minor)> LeftAsync(PayPalOrder order, string? amount, CancellationToken cancellationToken)
        {
            var capture = await db.Captures.FirstOrDefaultAsync(
                one => one.OrderId == order.Id && (one.Status == "COMPLETED" || one.Status == "PARTIALLY_REFUNDED"), cancellationToken);
            var left = capture is null ? 0 : capture.AmountMinor - capture.RefundedMinor;
            var minor = amount is null ? left : PayPalMoney.Read(order.Currency, amount, "/amount").MinorUnits;
            return minor <= left && minor > 0 ? (capture, minor) : (null, 0);
        }

        private async Task<bool> ActAsync(
            HttpContext http, string orderId, Func<PayPalOrder, Func<string, Func<PayPalViews, object>, Task>, Task<bool>> act)
        {
            var cancellation = http.RequestAborted;
            await using var transaction = await db.BeginAsync(cancellation);
            if (await db.TryLockAsync<PayPalOrder>(orderId, cancellation) is not { } order)
            {
                return false;
            }

            var views = PayPalViews.For(http, options);
            var done = await act(
                order, (eventType, resource) => webhooks.AddAsync(db, views, order, eventType, resource(views), time.GetUtcNow(), cancellation));
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            webhooks.Wake();
            return done;
        }

        private async Task<PayPalAuthorization?> FirstAsync(string? authorizationId) =>
            await db.Authorizations.FindAsync([authorizationId]) is { ParentId: { } parent } ? await db.Authorizations.FindAsync([parent])
                : await db.Authorizations.FindAsync([authorizationId]);
    }
}
