using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Payments;
using Refit;

namespace Aerona.Payments.PayPal;

/// <summary>Asks PayPal and says what it said as facts. Nothing that PayPal says or fails to say is thrown.</summary>
internal sealed class PayPalClient(IPayPal payPal, PayPalOptions options, PublicAddress publicAddress, PayPalMetrics metrics, TimeProvider time, ILogger<PayPalClient> log)
{
    private enum Verdict { Said, Refused, Gone, Unknown }

    private sealed record Answer<T>(Verdict Verdict, T? Content = null, string? Issue = null) where T : class;

    /// <summary>Makes an order that the payer can approve.</summary>
    public async Task<PaymentFacts> OpenAsync(OpenPaymentIntent payment, string requestId, CancellationToken cancellationToken)
    {
        if (PayPalMoney.From(payment.Price) is not { } amount)
        {
            return PaymentFacts.Declined(PayPalMoney.Takes(payment.Price.Currency) ? "payment.amount_not_payable" : "payment.currency_not_taken");
        }

        var order = new NewOrder(
            "AUTHORIZE",
            [new(payment.Locator, payment.PaymentId.ToString(), payment.Description, amount)],
            new(new(new(options.BrandName, "NO_SHIPPING", "PAY_NOW", publicAddress.Url + "/v1/payments/return", publicAddress.Url + "/v1/payments/cancelled"))));
        var answer = await AskAsync(() => payPal.CreateOrderAsync(order, requestId, cancellationToken), "create order");
        return answer switch
        {
            { Verdict: Verdict.Said, Content: { Id: { } id, Links: { } links } } when ApprovalLink(links) is { } link =>
                new(Standing.Opened, OrderId: id, ApprovalLink: link),
            { Verdict: Verdict.Refused, Issue: "INVALID_CURRENCY_CODE" or "CURRENCY_NOT_SUPPORTED" } =>
                PaymentFacts.Declined("payment.currency_not_taken", answer.Issue),
            { Verdict: Verdict.Refused or Verdict.Gone } => PaymentFacts.Declined("payment.refused", answer.Issue),
            _ => PaymentFacts.Unknown,
        };
    }

    /// <summary>Where the order stands now.</summary>
    public async Task<PaymentFacts> ShowAsync(Guid paymentId, string orderId, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(() => payPal.GetOrderAsync(orderId, cancellationToken), "show order");
        return answer.Verdict switch
        {
            Verdict.Said => Facts(paymentId, answer.Content!),
            Verdict.Gone => PaymentFacts.Absent,   // PayPal forgets orders that nobody approved
            _ => PaymentFacts.Unknown,
        };
    }

    /// <summary>Reserves the approved amount.</summary>
    public async Task<PaymentFacts> AuthorizeAsync(Guid paymentId, string orderId, string requestId, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(() => payPal.AuthorizeOrderAsync(orderId, new(), requestId, cancellationToken), "authorize");
        return answer switch
        {
            { Verdict: Verdict.Said } => Facts(paymentId, answer.Content!),
            { Verdict: Verdict.Refused, Issue: "ORDER_ALREADY_AUTHORIZED" or "ORDER_COMPLETED_OR_VOIDED" } => await ShowAsync(paymentId, orderId, cancellationToken),
            { Verdict: Verdict.Refused, Issue: "ORDER_NOT_APPROVED" or "PAYER_ACTION_REQUIRED" or "ORDER_EXPIRED" } =>
                PaymentFacts.Declined("payment.not_approved", answer.Issue),
            { Verdict: Verdict.Refused } => PaymentFacts.Declined("payment.declined", answer.Issue),
            { Verdict: Verdict.Gone } => PaymentFacts.Declined("payment.not_approved", answer.Issue),
            _ => PaymentFacts.Unknown,
        };
    }

    /// <summary>Reserves the amount anew once PayPal does not honour the first reservation any more. Declined: PayPal would not; the first one may still stand.</summary>
    public async Task<PaymentFacts> ReauthorizeAsync(
        Guid paymentId, string orderId, string authorizationId, Money amount, string requestId, CancellationToken cancellationToken)
    {
        var body = new NewReauthorization(PayPalMoney.From(amount)!);
        var answer = await AskAsync(() => payPal.ReauthorizeAuthorizationAsync(authorizationId, body, requestId, cancellationToken), "reauthorize");
        switch (answer)
        {
            case { Verdict: Verdict.Said }:
                var renewal = Facts(answer.Content!);
                return renewal.Standing switch
                {
                    Standing.Authorized => renewal with { OrderId = orderId, AuthorizationId = authorizationId, RenewedAuthorizationId = renewal.AuthorizationId },
                    Standing.Declined or Standing.Voided => PaymentFacts.Declined("payment.declined", answer.Content!.Status),
                    _ => PaymentFacts.Unknown,   // examined: the same call says more later
                };
            case { Verdict: Verdict.Refused, Issue: "AUTHORIZATION_ALREADY_CAPTURED" or "AUTHORIZATION_VOIDED" or "REAUTHORIZATION_TOO_SOON" }:
                return await ShowAsync(paymentId, orderId, cancellationToken);
            case { Verdict: Verdict.Refused or Verdict.Gone }:
                return PaymentFacts.Declined("payment.declined", answer.Issue);
            default:
                return PaymentFacts.Unknown;
        }
    }

    /// <summary>Takes what is reserved.</summary>
    public async Task<PaymentFacts> CaptureAsync(
        Guid paymentId, string orderId, string authorizationId, Money amount, string requestId, CancellationToken cancellationToken)
    {
        var body = new NewCapture(PayPalMoney.From(amount)!, FinalCapture: true);
        var answer = await AskAsync(
            () => payPal.CaptureAuthorizationAsync(authorizationId, body, requestId, cancellationToken), "capture");
        return answer switch
        {
            { Verdict: Verdict.Said } => Facts(answer.Content!),
            { Verdict: Verdict.Refused, Issue: "AUTHORIZATION_ALREADY_CAPTURED" } => await ShowAsync(paymentId, orderId, cancellationToken),
            { Verdict: Verdict.Refused or Verdict.Gone } => new(Standing.CaptureRefused, "payment.capture_refused", answer.Issue),
            _ => PaymentFacts.Unknown,
        };
    }

    /// <summary>Gives back what is reserved. Absent: there was nothing live to give back any more.</summary>
    public async Task<PaymentFacts> VoidAsync(
        Guid paymentId, string orderId, string authorizationId, string requestId, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(() => payPal.VoidAuthorizationAsync(authorizationId, requestId, cancellationToken), "void", bodiless: true);
        switch (answer)
        {
            case { Verdict: Verdict.Said } or { Verdict: Verdict.Refused, Issue: "PREVIOUSLY_VOIDED" }:
                var after = answer.Content?.Amount is null ? await ShowAuthorizationAsync(authorizationId, cancellationToken) : Facts(answer.Content);
                return after.Standing is Standing.Voided ? after : PaymentFacts.Unknown;   // an answer of before the void decides nothing
            case { Verdict: Verdict.Refused, Issue: "PREVIOUSLY_CAPTURED" }:
                return await ShowAsync(paymentId, orderId, cancellationToken);
            case { Verdict: Verdict.Refused or Verdict.Gone }:
                return await ShowAuthorizationAsync(authorizationId, cancellationToken);
            default:
                return PaymentFacts.Unknown;
        }
    }

    /// <summary>Gives back what was taken.</summary>
    public async Task<RefundFacts> RefundAsync(string captureId, Money amount, Guid refundId, string requestId, CancellationToken cancellationToken)
    {
        var body = new NewRefund(PayPalMoney.From(amount)!, refundId.ToString());
        var answer = await AskAsync(() => payPal.RefundCaptureAsync(captureId, body, requestId, cancellationToken), "refund");
        return answer switch
        {
            { Verdict: Verdict.Said, Content: { } refund } => Facts(refund),
            { Verdict: Verdict.Refused or Verdict.Gone } => new(RefundStanding.Refused, Reason: answer.Issue switch
            {
                "REFUND_TIME_LIMIT_EXCEEDED" => "refund.window_over",
                "REFUND_AMOUNT_EXCEEDED" or "CAPTURE_FULLY_REFUNDED" => "refund.too_much",
                "PENDING_CAPTURE" => "refund.not_captured",
                _ => "refund.refused",
            }, Issue: answer.Issue),
            _ => RefundFacts.Unknown,
        };
    }

    /// <summary>Where a refund stands now that PayPal had not made yet.</summary>
    public async Task<RefundFacts> ShowRefundAsync(string refundId, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(() => payPal.GetRefundAsync(refundId, cancellationToken), "show refund");
        return answer is { Verdict: Verdict.Said, Content: { } refund } ? Facts(refund) : RefundFacts.Unknown;
    }

    /// <summary>A refund that an event speaks of, as PayPal shows it now; null when it does not.</summary>
    public async Task<RefundSeen?> SeeRefundAsync(string refundId, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(() => payPal.GetRefundAsync(refundId, cancellationToken), "show refund");
        return answer is { Verdict: Verdict.Said, Content: { } refund } ? Seen(refund) : null;
    }

    /// <summary>A dispute that an event speaks of, as PayPal shows it now; null when it does not.</summary>
    public async Task<DisputeSeen?> SeeDisputeAsync(string disputeId, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(() => payPal.GetDisputeAsync(disputeId, cancellationToken), "show dispute");
        return answer is { Verdict: Verdict.Said, Content: { DisputeId: { } id, DisputedTransactions: [{ SellerTransactionId: { } captureId }, ..] } dispute }
            && PayPalMoney.Read(dispute.DisputeAmount) is { } amount && (dispute.UpdateTime ?? dispute.CreateTime) is { } at
            ? new(id, captureId, amount, dispute.Reason ?? "OTHER", dispute switch
            {
                { Status: not "RESOLVED" } => DisputeStanding.Open,
                { DisputeOutcome.AmountRefunded: { } refunded } when PayPalMoney.Read(refunded) is { MinorUnits: > 0 } => DisputeStanding.Lost,
                { DisputeOutcome.OutcomeCode: "RESOLVED_BUYER_FAVOUR" or "RESOLVED_WITH_PAYOUT" or "ACCEPTED" } => DisputeStanding.Lost,
                _ => DisputeStanding.Won,
            }, at)
            : null;
    }

    /// <summary>All that moved money at PayPal in a span of at most 31 days; null when PayPal could not be asked.</summary>
    public async Task<IReadOnlyList<TransactionInfo>?> TransactionsAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        List<TransactionInfo> all = [];
        for (var (page, pages) = (1, 1); page <= pages; page++)
        {
            var number = page;
            var answer = await AskAsync(() => payPal.ListTransactionsAsync(Text(from), Text(to), number, cancellationToken), "list transactions");
            if (answer.Verdict != Verdict.Said)
            {
                return null;
            }

            pages = answer.Content!.TotalPages;
            all.AddRange((answer.Content.TransactionDetails ?? []).Select(detail => detail.TransactionInfo).OfType<TransactionInfo>());
        }

        return all;

        static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Whether PayPal sent this event to this webhook; null when it could not be asked.</summary>
    public async Task<bool?> VerifyAsync(SignedEvent signed, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(() => payPal.VerifyWebhookAsync(signed, cancellationToken), "verify webhook");
        return answer.Verdict switch
        {
            Verdict.Said => answer.Content!.VerificationStatus == "SUCCESS",
            Verdict.Refused or Verdict.Gone => false,   // headers that PayPal cannot even read
            _ => null,
        };
    }

    /// <summary>The id of our webhook, registered if it is not yet; null when PayPal could not be asked.</summary>
    public async Task<string?> EnsureWebhookAsync(string url, IReadOnlyList<string> eventTypes, CancellationToken cancellationToken)
    {
        var listed = await AskAsync(() => payPal.ListWebhooksAsync(cancellationToken), "list webhooks");
        if (listed.Verdict != Verdict.Said)
        {
            return null;
        }

        List<EventType> wanted = [.. eventTypes.Select(name => new EventType(name))];
        if (listed.Content!.Webhooks?.FirstOrDefault(webhook => webhook.Url == url) is { } ours)
        {
            return wanted.TrueForAll(type => ours.EventTypes?.Contains(type) == true)
                || (await AskAsync(() => payPal.UpdateWebhookAsync(ours.Id, [new("replace", "/event_types", wanted)], cancellationToken), "update webhook")).Verdict == Verdict.Said
                ? ours.Id : null;
        }

        var made = await AskAsync(() => payPal.CreateWebhookAsync(new(url, wanted), cancellationToken), "create webhook");
        return made.Content?.Id;
    }

    private async Task<PaymentFacts> ShowAuthorizationAsync(string authorizationId, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(() => payPal.GetAuthorizationAsync(authorizationId, cancellationToken), "show authorization");
        return answer.Verdict switch
        {
            Verdict.Said => Facts(answer.Content!),
            Verdict.Gone => PaymentFacts.Absent,
            _ => PaymentFacts.Unknown,
        };
    }

    private PaymentFacts Facts(Guid paymentId, PayPalOrder order)
    {
        var unit = order.PurchaseUnits is [var only] ? only : null;
        if (unit is { CustomId: not null } && unit.CustomId != paymentId.ToString())
        {
            log.LogError("PayPal's order {OrderId} belongs to {CustomId}, not to payment {PaymentId}: ignored", order.Id, unit.CustomId, paymentId);
            return PaymentFacts.Unknown;
        }

        if (options.MerchantId is not null && unit?.Payee?.MerchantId is { } payee && payee != options.MerchantId)
        {
            log.LogError("PayPal's order {OrderId} pays {Payee}, not us: ignored", order.Id, payee);
            return PaymentFacts.Unknown;
        }

        var reserved = unit?.Payments?.Authorizations is { Count: > 0 } authorizations ? Facts(authorizations) : null;
        var taken = unit?.Payments?.Captures is { Count: > 0 } captures ? Facts(captures[^1]) : null;
        var givenBack = (unit?.Payments?.Refunds ?? []).Select(Seen).OfType<RefundSeen>().ToList();
        if (taken is { Standing: Standing.Captured or Standing.CapturePending or Standing.CaptureRefused } && reserved is not null
            && (taken.Standing != Standing.CaptureRefused || reserved.Standing != Standing.Voided))
        {
            return reserved with
            {
                Standing = taken.Standing,
                Reason = taken.Reason,
                Issue = taken.Issue,
                OrderId = order.Id,
                CaptureId = taken.CaptureId,
                Captured = taken.Captured,
                CapturedAt = taken.CapturedAt,
                Fee = taken.Fee,
                Refunds = givenBack,
            };
        }

        return (reserved ?? taken ?? order.Status switch
        {
            "CREATED" or "PAYER_ACTION_REQUIRED" or "SAVED" => new(Standing.Opened, ApprovalLink: ApprovalLink(order.Links ?? [])),
            "APPROVED" => new(Standing.Approved),
            "VOIDED" => PaymentFacts.Absent,
            _ => PaymentFacts.Unknown,
        }) with
        { OrderId = order.Id };
    }

    /// <summary>A renewal is listed beside what it renews; one that was denied changes nothing.</summary>
    private PaymentFacts Facts(IReadOnlyList<PayPalAuthorization> authorizations)
    {
        var inOrder = authorizations.OrderBy(authorization => authorization.CreateTime).ToList();
        var first = Facts(inOrder[0]);
        return first.Standing == Standing.Authorized && inOrder.Count > 1 && Facts(inOrder[^1]) is { Standing: Standing.Authorized } renewal
            ? renewal with { AuthorizationId = first.AuthorizationId, RenewedAuthorizationId = renewal.AuthorizationId }
            : first;
    }

    private PaymentFacts Facts(PayPalAuthorization authorization)
    {
        var standing = authorization.Status switch
        {
            "CREATED" or "PENDING" when authorization.ExpirationTime <= time.GetUtcNow() => Standing.Voided,   // lapsed, whether PayPal noted it yet or not
            "CREATED" => Standing.Authorized,
            "CAPTURED" or "PARTIALLY_CAPTURED" => Standing.Captured,
            "PENDING" => Standing.UnderReview,
            "DENIED" => Standing.Declined,
            "VOIDED" or "EXPIRED" => Standing.Voided,
            _ => Standing.Unknown,
        };
        if (standing == Standing.Unknown || authorization.Id is null || PayPalMoney.Read(authorization.Amount) is not { } amount)
        {
            log.LogError("PayPal's authorization {AuthorizationId} has status {Status} and an amount that is not understood", authorization.Id, authorization.Status);
            return PaymentFacts.Unknown;
        }

        // Captured says nothing without the capture: that the order shows.
        return new(
            standing == Standing.Captured ? Standing.Unknown : standing, standing == Standing.Declined ? "payment.declined" : null, authorization.Status,
            AuthorizationId: authorization.Id, Authorized: amount, HonouredUntil: authorization.CreateTime + options.HonourPeriod, ExpiresAt: authorization.ExpirationTime);
    }

    private PaymentFacts Facts(PayPalCapture capture)
    {
        if (capture.Id is null || PayPalMoney.Read(capture.Amount) is not { } amount)
        {
            log.LogError("PayPal's capture {CaptureId} has an amount that is not understood", capture.Id);
            return PaymentFacts.Unknown;
        }

        return capture.Status switch
        {
            "COMPLETED" or "PARTIALLY_REFUNDED" or "REFUNDED" => new(
                Standing.Captured, CaptureId: capture.Id, Captured: amount, CapturedAt: capture.CreateTime, Fee: PayPalMoney.Read(capture.SellerReceivableBreakdown?.PaypalFee)),
            "PENDING" => new(Standing.CapturePending, CaptureId: capture.Id, Captured: amount, CapturedAt: capture.CreateTime),
            "DECLINED" or "FAILED" => new(
                Standing.CaptureRefused, "payment.capture_refused", capture.Status, CaptureId: capture.Id, Captured: amount, CapturedAt: capture.CreateTime),
            _ => PaymentFacts.Unknown,
        };
    }

    private static RefundFacts Facts(PayPalRefund refund) => refund switch
    {
        { Id: { } id, Status: "COMPLETED" } => new(RefundStanding.Done, id, Fee: PayPalMoney.Read(refund.SellerPayableBreakdown?.PaypalFee)),
        { Id: { } id, Status: "PENDING" } => new(RefundStanding.Pending, id),
        { Id: { } id, Status: "FAILED" or "CANCELLED" } => new(RefundStanding.Refused, id, "refund.failed", refund.Status),
        _ => RefundFacts.Unknown,
    };

    private RefundSeen? Seen(PayPalRefund refund)
    {
        if (refund.Id is { } id && PayPalMoney.Read(refund.Amount) is { } amount)
        {
            return new(id, refund.CustomId, amount, Facts(refund));
        }

        log.LogError("PayPal's refund {RefundId} has an amount that is not understood", refund.Id);
        return null;
    }

    private static string? ApprovalLink(IEnumerable<PayPalLink> links) => links.FirstOrDefault(link => link.Rel is "approve" or "payer-action")?.Href;

    /// <summary>The one place where PayPal's silence, faults and refusals become values.</summary>
    private async Task<Answer<T>> AskAsync<T>(Func<Task<IApiResponse<T>>> call, string what, bool bodiless = false)
        where T : class
    {
        var started = metrics.Start();
        var answer = await JudgeAsync(call, what, bodiless);
        metrics.Answered(started, what, answer.Verdict switch
        {
            Verdict.Said => PayPalMetrics.Answer.Success,
            Verdict.Refused => PayPalMetrics.Answer.Refused,
            Verdict.Gone => PayPalMetrics.Answer.Absent,
            _ => PayPalMetrics.Answer.Unknown,
        });
        return answer;
    }

    private async Task<Answer<T>> JudgeAsync<T>(Func<Task<IApiResponse<T>>> call, string what, bool bodiless)
        where T : class
    {
        try
        {
            using var response = await call();
            if (response.IsSuccessStatusCode)
            {
                return response.Content is { } content || bodiless
                    ? new(Verdict.Said, response.Content)
                    : Doubtful<T>(what, (int)response.StatusCode, "without a body that is understood");
            }

            var error = Error(response.Error as ApiException);
            var issue = error?.Details?.FirstOrDefault()?.Issue ?? error?.Name;
            switch ((int?)response.StatusCode)
            {
                case 404:
                    return new(Verdict.Gone, Issue: issue);
                case 400 or 403 or 422 when issue is not null:
                    log.LogInformation("PayPal refused to {What}: {Issue} (debug id {DebugId})", what, issue, error?.DebugId);
                    return new((int)response.StatusCode! == 403 ? Verdict.Unknown : Verdict.Refused, Issue: issue);
                default:
                    return Doubtful<T>(what, (int?)response.StatusCode, issue);
            }
        }
        catch (Exception problem) when (IsSilence(problem))
        {
            log.LogWarning("PayPal did not answer to {What}: {Problem}", what, problem.Message);
            return new(Verdict.Unknown);
        }
    }

    private Answer<T> Doubtful<T>(string what, int? status, string? why) where T : class
    {
        log.LogWarning("PayPal answered {Status} to {What}: {Why}; what became of it is unknown", status, what, why);
        return new(Verdict.Unknown);
    }

    /// <summary>A cancelled call is silence too: nobody waited for what it did.</summary>
    private static bool IsSilence(Exception problem) => problem switch
    {
        OperationCanceledException or HttpRequestException or ApiException or ApiRequestException or Polly.ExecutionRejectedException or IOException or JsonException => true,
        _ => false,
    };

    private static PayPalError? Error(ApiException? problem)
    {
        try
        {
            return problem?.Content is { } body ? JsonSerializer.Deserialize<PayPalError>(body, PayPalJson.Options) : null;
        }
        catch (JsonException)
        {
            return null;   // a proxy's page, not PayPal's: the status must do
        }
    }
}

/// <summary>What an order is made from.</summary>
internal sealed record OpenPaymentIntent(Guid PaymentId, Money Price, string Locator, string Description);

/// <summary>Where browsers and PayPal reach us, without a slash at the end.</summary>
internal sealed record PublicAddress(string Url);
