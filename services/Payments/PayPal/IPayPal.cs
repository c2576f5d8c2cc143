using System.Text.Json;
using System.Text.Json.Serialization;
using Refit;

namespace Aerona.Payments.PayPal;

/// <summary>
/// PayPal's REST API as far as it is used: Orders v2, Payments v2, Webhooks v1. Every effect carries its PayPal-Request-Id: the same one again gets the first
/// answer.
/// </summary>
[Headers("Prefer: return=representation")]
internal interface IPayPal
{
    [Post("/v2/checkout/orders")]
    Task<IApiResponse<PayPalOrder>> CreateOrderAsync(
        [Body] NewOrder order, [Header("PayPal-Request-Id")] string requestId, CancellationToken cancellationToken);

    [Get("/v2/checkout/orders/{orderId}")]
    Task<IApiResponse<PayPalOrder>> GetOrderAsync(string orderId, CancellationToken cancellationToken);

    /// <summary>The body stays empty but must be JSON.</summary>
    [Post("/v2/checkout/orders/{orderId}/authorize")]
    Task<IApiResponse<PayPalOrder>> AuthorizeOrderAsync(
        string orderId, [Body] Nothing nothing, [Header("PayPal-Request-Id")] string requestId, CancellationToken cancellationToken);

    [Get("/v2/payments/authorizations/{authorizationId}")]
    Task<IApiResponse<PayPalAuthorization>> GetAuthorizationAsync(string authorizationId, CancellationToken cancellationToken);

    [Post("/v2/payments/authorizations/{authorizationId}/capture")]
    Task<IApiResponse<PayPalCapture>> CaptureAuthorizationAsync(
        string authorizationId, [Body] NewCapture capture, [Header("PayPal-Request-Id")] string requestId, CancellationToken cancellationToken);

    /// <summary>Renews a reservation that is not honoured any more; the renewal has an id of its own.</summary>
    [Post("/v2/payments/authorizations/{authorizationId}/reauthorize")]
    Task<IApiResponse<PayPalAuthorization>> ReauthorizeAuthorizationAsync(
        string authorizationId, [Body] NewReauthorization renewal, [Header("PayPal-Request-Id")] string requestId, CancellationToken cancellationToken);

    /// <summary>Takes no body; takes the first authorisation, never its renewal.</summary>
    [Post("/v2/payments/authorizations/{authorizationId}/void")]
    Task<IApiResponse<PayPalAuthorization>> VoidAuthorizationAsync(
        string authorizationId, [Header("PayPal-Request-Id")] string requestId, CancellationToken cancellationToken);

    [Get("/v2/payments/captures/{captureId}")]
    Task<IApiResponse<PayPalCapture>> GetCaptureAsync(string captureId, CancellationToken cancellationToken);

    [Post("/v2/payments/captures/{captureId}/refund")]
    Task<IApiResponse<PayPalRefund>> RefundCaptureAsync(
        string captureId, [Body] NewRefund refund, [Header("PayPal-Request-Id")] string requestId, CancellationToken cancellationToken);

    [Get("/v2/payments/refunds/{refundId}")]
    Task<IApiResponse<PayPalRefund>> GetRefundAsync(string refundId, CancellationToken cancellationToken);

    [Get("/v1/customer/disputes/{disputeId}")]
    Task<IApiResponse<PayPalDispute>> GetDisputeAsync(string disputeId, CancellationToken cancellationToken);

    /// <summary>Transaction Search: what moved money, in a span of at most 31 days; up to three hours behind.</summary>
    [Get("/v1/reporting/transactions?fields=transaction_info&page_size=500")]
    Task<IApiResponse<TransactionPage>> ListTransactionsAsync(
        [AliasAs("start_date")] string startDate, [AliasAs("end_date")] string endDate, int page, CancellationToken cancellationToken);

    /// <summary>JSON Patch: replaces the types of events that are sent.</summary>
    [Patch("/v1/notifications/webhooks/{webhookId}")]
    Task<IApiResponse<WebhookView>> UpdateWebhookAsync(string webhookId, [Body] IReadOnlyList<WebhookChange> changes, CancellationToken cancellationToken);

    [Get("/v1/notifications/webhooks")]
    Task<IApiResponse<WebhookList>> ListWebhooksAsync(CancellationToken cancellationToken);

    [Post("/v1/notifications/webhooks")]
    Task<IApiResponse<WebhookView>> CreateWebhookAsync([Body] NewWebhook webhook, CancellationToken cancellationToken);

    [Post("/v1/notifications/verify-webhook-signature")]
    Task<IApiResponse<Verification>> VerifyWebhookAsync([Body] SignedEvent signed, CancellationToken cancellationToken);
}

/// <summary>An empty JSON object.</summary>
internal sealed record Nothing;

internal sealed record PayPalAmount(string CurrencyCode, string Value);

internal sealed record PayPalLink(string Href, string Rel, string? Method);

internal sealed record NewOrder(string Intent, IReadOnlyList<NewPurchaseUnit> PurchaseUnits, NewPaymentSource PaymentSource);

internal sealed record NewPurchaseUnit(string ReferenceId, string CustomId, string Description, PayPalAmount Amount);

internal sealed record NewPaymentSource(NewWallet Paypal);

internal sealed record NewWallet(ExperienceContext ExperienceContext);

internal sealed record ExperienceContext(string BrandName, string ShippingPreference, string UserAction, string ReturnUrl, string CancelUrl);

internal sealed record PayPalOrder(string Id, string? Intent, string? Status, IReadOnlyList<PurchaseUnit>? PurchaseUnits, IReadOnlyList<PayPalLink>? Links);

internal sealed record PurchaseUnit(string? CustomId, PayPalAmount? Amount, Payee? Payee, OrderPayments? Payments);

internal sealed record Payee(string? MerchantId);

internal sealed record OrderPayments(IReadOnlyList<PayPalAuthorization>? Authorizations, IReadOnlyList<PayPalCapture>? Captures, IReadOnlyList<PayPalRefund>? Refunds);

internal sealed record PayPalAuthorization(string? Id, string? Status, PayPalAmount? Amount, DateTimeOffset? CreateTime, DateTimeOffset? ExpirationTime);

internal sealed record NewReauthorization(PayPalAmount Amount);

internal sealed record NewCapture(PayPalAmount Amount, bool FinalCapture);

internal sealed record PayPalCapture(
    string? Id, string? Status, PayPalAmount? Amount, DateTimeOffset? CreateTime, ReceivableBreakdown? SellerReceivableBreakdown);

/// <summary>What becomes of a capture; PayPal does not say while it is pending.</summary>
internal sealed record ReceivableBreakdown(PayPalAmount? GrossAmount, PayPalAmount? PaypalFee, PayPalAmount? NetAmount);

internal sealed record NewRefund(PayPalAmount Amount, string CustomId);

internal sealed record PayPalRefund(string? Id, string? Status, PayPalAmount? Amount, string? CustomId, PayableBreakdown? SellerPayableBreakdown);

/// <summary>What a refund costs us; the fee is what PayPal gives back of its own.</summary>
internal sealed record PayableBreakdown(PayPalAmount? PaypalFee);

internal sealed record PayPalDispute(
    string? DisputeId, DateTimeOffset? CreateTime, DateTimeOffset? UpdateTime, IReadOnlyList<DisputedTransaction>? DisputedTransactions, string? Reason, string? Status,
    PayPalAmount? DisputeAmount, DisputeOutcome? DisputeOutcome);

internal sealed record DisputedTransaction(string? SellerTransactionId);

internal sealed record DisputeOutcome(string? OutcomeCode, PayPalAmount? AmountRefunded);

internal sealed record TransactionPage(IReadOnlyList<TransactionDetail>? TransactionDetails, int TotalPages);

internal sealed record TransactionDetail(TransactionInfo? TransactionInfo);

/// <param name="TransactionEventCode">T00.. is a payment, T1107 a refund, T1106 and T12.. a reversal or chargeback.</param>
/// <param name="TransactionAmount">Below zero for what left us.</param>
/// <param name="TransactionStatus">S: made; P: pending; D: denied; V: reversed.</param>
/// <param name="CustomField">Our payment's id of a payment, our refund's of a refund.</param>
internal sealed record TransactionInfo(
    string? TransactionId, string? PaypalReferenceId, string? TransactionEventCode, DateTimeOffset? TransactionInitiationDate, PayPalAmount? TransactionAmount,
    PayPalAmount? FeeAmount, string? TransactionStatus, string? CustomField);

internal sealed record WebhookChange(string Op, string Path, IReadOnlyList<EventType> Value);

internal sealed record EventType(string Name);

internal sealed record NewWebhook(string Url, IReadOnlyList<EventType> EventTypes);

internal sealed record WebhookView(string Id, string Url, IReadOnlyList<EventType>? EventTypes);

internal sealed record WebhookList(IReadOnlyList<WebhookView>? Webhooks);

/// <param name="WebhookEvent">The body as received: re-serialised it would not verify.</param>
internal sealed record SignedEvent(
    string AuthAlgo, string CertUrl, string TransmissionId, string TransmissionSig, string TransmissionTime, string WebhookId,
    [property: JsonConverter(typeof(RawJsonConverter))] string WebhookEvent);

internal sealed record Verification(string? VerificationStatus);

internal sealed record PayPalError(string? Name, string? Message, string? DebugId, IReadOnlyList<PayPalErrorDetail>? Details);

internal sealed record PayPalErrorDetail(string? Issue, string? Field, string? Description);

/// <summary>Text that is JSON already, written as it is.</summary>
internal sealed class RawJsonConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonElement.ParseValue(ref reader).GetRawText();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteRawValue(value);
}

internal static class PayPalJson
{
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
