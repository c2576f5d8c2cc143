using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Payments.Authorize;
using Aerona.Payments.Capture;
using Aerona.Payments.Data;
using Aerona.Payments.LookUp;
using Aerona.Payments.Open;
using Aerona.Payments.PayPal;
using Aerona.Payments.Reauthorize;
using Aerona.Payments.Reconciliation;
using Aerona.Payments.Refunding;
using Aerona.Payments.Return;
using Aerona.Payments.Support;
using Aerona.Payments.Void;
using Aerona.Payments.Webhooks;
using Aerona.Persistence;
using Microsoft.Extensions.Options;

namespace Aerona.Payments;

/// <summary>Payments: takes, holds and gives back money through PayPal, and keeps the ledger.</summary>
public static class PaymentsModule
{
    /// <summary>Adds the database and the PayPal client; needs the section <c>PayPal</c>; <c>Services:Tickets</c> and <c>Services:Airlines</c> are asked when the books are compared.</summary>
    public static void AddPayments(this WebApplicationBuilder builder)
    {
        builder.AddDatabase<PaymentsDbContext>("payments");
        builder.TakeTokensFor("payments", typeof(PaymentsModule).Assembly);
        builder.RequireInProduction("Tokens:ClientId", "the books of other services could not be compared");
        builder.RequireInProduction("Tokens:ClientSecret", "the books of other services could not be compared");
        builder.AddPayPal();
        var services = builder.Services;
        services.AddOptions<ReconciliationOptions>().BindConfiguration("Reconciliation").Configure<IConfiguration>((options, configuration) =>
        {
            options.Tickets = configuration["Services:Tickets"] ?? configuration["PublicBaseUrl"] ?? options.Tickets;
            options.Airlines = configuration["Services:Airlines"] ?? configuration["PublicBaseUrl"] ?? options.Airlines;
        }).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<ReconciliationOptions>>().Value);
        services.AddHttpClient(OtherBooks.Client, (provider, client) => client.Timeout = provider.GetRequiredService<ReconciliationOptions>().Timeout);
        services.AddSingleton<OtherBooks>();
        services.AddScoped<Reconciler>();
        services.AddHostedService<ReconcileRegularly>();
    }

    /// <summary>Adds the consumers.</summary>
    public static void AddPaymentsConsumers(this BusRegistration bus)
    {
        bus.AddEffectConsumer<OpenPaymentConsumer, PaymentsDbContext>();
        bus.AddEffectConsumer<AuthorizePaymentConsumer, PaymentsDbContext>();
        bus.AddEffectConsumer<ReauthorizePaymentConsumer, PaymentsDbContext>();
        bus.AddEffectConsumer<LookUpPaymentConsumer, PaymentsDbContext>();
        bus.AddEffectConsumer<CapturePaymentConsumer, PaymentsDbContext>();
        bus.AddEffectConsumer<VoidPaymentConsumer, PaymentsDbContext>();
        bus.AddEffectConsumer<RefundPaymentConsumer, PaymentsDbContext>();
        bus.AddEffectConsumer<ProcessPayPalEventConsumer, PaymentsDbContext>();
    }

    /// <summary>Maps PayPal's return pages and webhook, and what support staff see.</summary>
    public static void MapPayments(this WebApplication app)
    {
        app.MapReturnPages();
        app.MapReceiveWebhook();
        app.MapGetPayments();
        app.MapGetPaymentTotals();
        app.MapReconciliation();
    }
}
