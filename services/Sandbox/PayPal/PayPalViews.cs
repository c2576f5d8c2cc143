using System.Globalization;

namespace Aerona.Sandbox.PayPal;

/// <summary>How PayPal writes orders, authorisations, captures and refunds.</summary>
/// <param name="Base">Address of this PayPal as the caller knows it, without a slash at the end.</param>
internal sealed record PayPalViews(string Base)
{
    /// <summary>The configured public address, else the one the call came to.</summary>
    public static PayPalViews For(HttpContext http, PayPalSandboxOptions options) =>
        new((options.PublicBaseUrl ?? $"{http.Request.Scheme}://{http.Request.Host}").TrimEnd('/') + "/sandbox/paypal");

    public string ApprovalLink(PayPalOrder order) => $"{Base}/checkoutnow?token={order.Id}";

    /// <summary>An order, with its payments once there are any.</summary>
    public object Order(PayPalOrder order, IReadOnlyList<PayPalAuthorization> authorizations, IReadOnlyList<PayPalCapture> captures, IReadOnlyList<PayPalRefund> refunds) => new
    {
        id = order.Id,
        intent = order.Intent,
        status = order.Status,
        payment_source = order.Wallet || order.Payer is not null ? PaymentSource(order) : null,
        purchase_units = new[]
        {
            new
            {
                reference_id = order.ReferenceId,
                amount = PayPalMoney.Json(order.Amount),
                payee = new { email_address = "merchant@sandbox.example", merchant_id = "AERNASANDBX42" },
                description = order.Description,
                custom_id = order.CustomId,
                invoice_id = order.InvoiceId,
                payments = authorizations.Count == 0 && captures.Count == 0 ? null : new
                {
                    authorizations = authorizations.Count == 0 ? null : authorizations.Select(authorization => Authorization(authorization, order, related: false)).ToArray(),
                    captures = captures.Count == 0 ? null : captures.Select(capture => Capture(capture, order, related: false)).ToArray(),
                    refunds = refunds.Count == 0 ? null : refunds.Select(Refund).ToArray(),
                },
            },
        },
        payer = order.Payer is null ? null : Payer(order),
        create_time = Time(order.CreatedAt),
        update_time = Time(order.UpdatedAt),
        links = Links(order),
    };

    /// <summary>What an order answers by default: id, status, links.</summary>
    public object Minimal(PayPalOrder order) =>
        new { id = order.Id, status = order.Status, payment_source = order.Wallet ? PaymentSource(order) : null, links = Links(order) };

    public object Authorization(PayPalAuthorization authorization, PayPalOrder order, bool related) => new
    {
        status = authorization.Status,
        status_details = authorization.Status == "PENDING" ? new { reason = "PENDING_REVIEW" } : null,
        id = authorization.Id,
        amount = PayPalMoney.Json(authorization.Amount),
        invoice_id = order.InvoiceId,
        custom_id = order.CustomId,
        seller_protection = new { status = "ELIGIBLE", dispute_categories = new[] { "ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION" } },
        supplementary_data = related ? new { related_ids = new { order_id = order.Id } } : null,
        expiration_time = Time(authorization.ExpiresAt),
        create_time = Time(authorization.CreatedAt),
        update_time = Time(authorization.UpdatedAt),
        links = new[]
        {
            Link($"/v2/payments/authorizations/{authorization.Id}", "self", "GET"),
            Link($"/v2/payments/authorizations/{authorization.Id}/capture", "capture", "POST"),
            Link($"/v2/payments/authorizations/{authorization.Id}/void", "void", "POST"),
            Link($"/v2/payments/authorizations/{authorization.Id}/reauthorize", "reauthorize", "POST"),
            Link($"/v2/checkout/orders/{order.Id}", "up", "GET"),
        },
    };

    public object Capture(PayPalCapture capture, PayPalOrder order, bool related) => new
    {
        id = capture.Id,
        status = capture.Status,
        status_details = capture.Status == "PENDING" ? new { reason = "PENDING_REVIEW" } : null,
        amount = PayPalMoney.Json(capture.Amount),
        invoice_id = order.InvoiceId,
        custom_id = order.CustomId,
        final_capture = capture.Final,
        seller_receivable_breakdown = capture.Status is "PENDING" or "DECLINED" ? null : new
        {
            gross_amount = PayPalMoney.Json(capture.Amount),
            paypal_fee = PayPalMoney.Json(capture.Fee),
            net_amount = PayPalMoney.Json(capture.Amount - capture.Fee),
        },
        seller_protection = new { status = "ELIGIBLE", dispute_categories = new[] { "ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION" } },
        supplementary_data = related ? new { related_ids = new { order_id = order.Id, authorization_id = capture.AuthorizationId } } : null,
        create_time = Time(capture.CreatedAt),
        update_time = Time(capture.UpdatedAt),
        links = new[]
        {
            Link($"/v2/payments/captures/{capture.Id}", "self", "GET"),
            Link($"/v2/payments/captures/{capture.Id}/refund", "refund", "POST"),
            capture.AuthorizationId is null
                ? Link($"/v2/checkout/orders/{order.Id}", "up", "GET")
                : Link($"/v2/payments/authorizations/{capture.AuthorizationId}", "up", "GET"),
        },
    };

    public object Refund(PayPalRefund refund) => new
    {
        id = refund.Id,
        status = refund.Status,
        amount = PayPalMoney.Json(refund.Amount),
        custom_id = refund.CustomId,
        seller_payable_breakdown = refund.Status == "COMPLETED" ? new
        {
            gross_amount = PayPalMoney.Json(refund.Amount),
            paypal_fee = PayPalMoney.Json(new(0, refund.Currency)),   // kept, as PayPal does
            net_amount = PayPalMoney.Json(refund.Amount),
        } : null,
        create_time = Time(refund.CreatedAt),
        update_time = Time(refund.CreatedAt),
        links = new[]
        {
            Link($"/v2/payments/refunds/{refund.Id}", "self", "GET"),
            Link($"/v2/payments/captures/{refund.CaptureId}", "up", "GET"),
        },
    };

    public object Dispute(PayPalDispute dispute, PayPalOrder order) => new
    {
        dispute_id = dispute.Id,
        create_time = Time(dispute.CreatedAt),
        update_time = Time(dispute.UpdatedAt),
        disputed_transactions = new[] { new { seller_transaction_id = dispute.CaptureId, custom = order.CustomId, transaction_status = "COMPLETED" } },
        reason = dispute.Reason,
        status = dispute.Status,
        dispute_amount = PayPalMoney.Json(dispute.Amount),
        dispute_outcome = dispute.Outcome is null ? null : new
        {
            outcome_code = dispute.Outcome,
            amount_refunded = PayPalMoney.Json(dispute.Outcome == "RESOLVED_BUYER_FAVOUR" ? dispute.Amount : new(0, dispute.Currency)),
        },
        dispute_life_cycle_stage = "CHARGEBACK",
        links = new[] { Link($"/v1/customer/disputes/{dispute.Id}", "self", "GET") },
    };

    public object Webhook(Webhook webhook) => new
    {
        id = webhook.Id,
        url = webhook.Url,
        event_types = webhook.EventTypes.Split(' ').Select(name => new { name }).ToArray(),
        links = new[]
        {
            Link($"/v1/notifications/webhooks/{webhook.Id}", "self", "GET"),
            Link($"/v1/notifications/webhooks/{webhook.Id}", "delete", "DELETE"),
        },
    };

    /// <summary>RFC 3339 in UTC, whole seconds.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static object PaymentSource(PayPalOrder order) =>
        order.Payer is null ? new { paypal = new { } } : new { paypal = new { email_address = PayerEmail(order), account_id = PayerId(order) } };

    private static object Payer(PayPalOrder order) => new { email_address = PayerEmail(order), payer_id = PayerId(order) };

    /// <summary>One account for each persona.</summary>
    public static string PayerId(PayPalOrder order) =>
        "PAYER" + new string([.. order.Payer!.ToUpperInvariant().Where(char.IsAsciiLetterUpper)]).PadRight(8, 'X')[..8];

    private static string PayerEmail(PayPalOrder order) => $"{order.Payer}@sandbox.example";

    private object[] Links(PayPalOrder order)
    {
        List<object> links = [Link($"/v2/checkout/orders/{order.Id}", "self", "GET")];
        if (order.Status is "CREATED" or "PAYER_ACTION_REQUIRED")
        {
            links.Add(new { href = ApprovalLink(order), rel = order.Wallet ? "payer-action" : "approve", method = "GET" });
        }

        if (order.Status is "CREATED" or "APPROVED")
        {
            var action = order.Intent == "AUTHORIZE" ? "authorize" : "capture";
            links.Add(Link($"/v2/checkout/orders/{order.Id}/{action}", action, "POST"));
        }

        return [.. links];
    }

    private object Link(string path, string rel, string method) => new { href = Base + path, rel, method };
}
