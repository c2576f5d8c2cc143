using Aerona.Hosting;
using Microsoft.Extensions.Options;

namespace Aerona.Sandbox.PayPal;

/// <summary>Puts the sandbox's PayPal together.</summary>
internal static class PayPalSandbox
{
    public static void AddPayPalSandbox(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<PayPalSandboxOptions>().BindConfiguration("Sandbox:PayPal").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<PayPalSandboxOptions>>().Value);
        services.AddSingleton<NextFaults>();
        services.AddSingleton<WebhookAlarm>();
        services.AddSingleton<Lapses>();
        services.AddSingleton<WebhookSigning>();
        services.AddSingleton<WebhookSender>();
        services.AddHostedService(provider => provider.GetRequiredService<WebhookSender>());
        services.AddScoped<PayPalDesk>();
        services.AddScoped<Decisions.Desk>();
        services.AddScoped<WebhookOutbox>();
        services.AddHttpClient(WebhookSender.Client, client => client.Timeout = TimeSpan.FromSeconds(15));
    }

    public static void MapPayPalSandbox(this RouteGroupBuilder sandbox)
    {
        var paypal = sandbox.MapGroup("/paypal").WithForeignAuthorization();
        paypal.MapToken();
        paypal.MapOrders();
        paypal.MapPayments();
        paypal.MapNotifications();
        paypal.MapReporting();
        paypal.MapApproval();
        paypal.MapDecisions();
        paypal.MapBooks();
        paypal.MapSandboxPages();
    }
}
