namespace Aerona.Payments.PayPal;

/// <summary>The id under which PayPal knows our webhook; signatures are made for it.</summary>
internal sealed class OurWebhook(PayPalOptions options, IServiceScopeFactory scopes)
{
    /// <summary>What we want to hear of.</summary>
    private static readonly string[] EventTypes =
    [
        "CHECKOUT.ORDER.APPROVED", "PAYMENT.AUTHORIZATION.CREATED", "PAYMENT.AUTHORIZATION.DENIED", "PAYMENT.AUTHORIZATION.VOIDED", "PAYMENT.CAPTURE.COMPLETED",
        "PAYMENT.CAPTURE.PENDING", "PAYMENT.CAPTURE.DENIED", "PAYMENT.CAPTURE.DECLINED", "PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED",
        "PAYMENT.REFUND.PENDING", "PAYMENT.REFUND.FAILED", "CUSTOMER.DISPUTE.CREATED", "CUSTOMER.DISPUTE.UPDATED", "CUSTOMER.DISPUTE.RESOLVED",
    ];

    private readonly SemaphoreSlim asking = new(1, 1);
    private volatile string? id = options.WebhookId;

    /// <summary>The id, if it is at hand.</summary>
    public string? KnownId => id;

    /// <summary>The id, asked for at PayPal when it is not known yet; null when there is none or PayPal does not answer.</summary>
    public async Task<string?> IdAsync(CancellationToken cancellationToken)
    {
        if (id is not null || options.WebhookUrl is not { } url)
        {
            return id;
        }

        await asking.WaitAsync(cancellationToken);
        try
        {
            if (id is null)
            {
                await using var scope = scopes.CreateAsyncScope();
                id = await scope.ServiceProvider.GetRequiredService<PayPalClient>().EnsureWebhookAsync(url, EventTypes, cancellationToken);
            }

            return id;
        }
        finally
        {
            asking.Release();
        }
    }
}

/// <summary>Registers our webhook once the host is up (PayPal may be this very process, played by the sandbox), until it succeeds.</summary>
internal sealed class RegisterWebhook(OurWebhook webhook, PayPalOptions options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<RegisterWebhook> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.WebhookId is not null || options.WebhookUrl is null)
        {
            return;
        }

        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var _ = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await started.Task.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(15), time);
        do
        {
            if (await webhook.IdAsync(stoppingToken) is { } id)
            {
                log.LogInformation("PayPal's webhook {WebhookId} reports to {Url}", id, options.WebhookUrl);
                return;
            }

            log.LogWarning("PayPal's webhook to {Url} could not be registered; tried again in 15 s", options.WebhookUrl);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
