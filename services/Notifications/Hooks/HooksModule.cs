using System.Net;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Notifications.Data;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Hooks;

/// <summary>Webhooks and the feed of events, for API clients.</summary>
internal static class HooksModule
{
    /// <summary>Options: <c>Webhooks</c>, <c>Egress</c>.</summary>
    public static void AddHooks(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<EgressOptions>().BindConfiguration("Egress")
            .Validate(options => !options.AllowPrivateAddresses || !builder.Environment.IsProduction(),
                "Egress:AllowPrivateAddresses: must not be true in Production; whoever names an address could reach the network from inside")
            .Validate(options => options.AlsoRefuse.All(network => IPNetwork.TryParse(network, out _)), "Egress:AlsoRefuse: each must be a CIDR network such as 192.0.2.0/24")
            .ValidateOnStart();
        builder.Services.AddOptions<WebhooksOptions>().BindConfiguration("Webhooks").ValidateDataAnnotations().ValidateOnStart();
        builder.RequireInProduction("Webhooks:SealingSecret", "secrets of webhooks would be sealed with a key of this machine");
        builder.Services.AddSingleton<INames, SystemNames>();
        builder.Services.AddSingleton<EgressGuard>();
        builder.Services.AddSingleton<WebhookSecrets>();
        builder.Services.AddHostedService<KeepHooks>();
    }

    public static void AddHooksConsumers(this BusRegistration bus)
    {
        bus.AddConsumer<RecordClientEventsConsumer, NotificationsDbContext>();
        bus.AddEffectConsumer<DeliverWebhooksConsumer, NotificationsDbContext>();
        bus.AddEffectConsumer<RetryWebhooksConsumer, NotificationsDbContext>();
    }

    /// <summary>Maps <c>/v1/webhook-endpoints</c> and <c>/v1/events</c>.</summary>
    public static void MapHooks(this RouteGroupBuilder v1)
    {
        v1.MapManageWebhooks();
        v1.MapReadEvents();
    }

    public static void AddHooks(this ModelBuilder model)
    {
        model.Entity<EventStream>().HasKey(row => row.Owner);
        model.Entity<ClientEvent>(row =>
        {
            row.HasKey(each => new { each.Owner, each.Sequence });
            row.HasIndex(each => each.Id).IsUnique();
            row.HasIndex(each => each.At);
        });
        model.Entity<FollowedBooking>(row =>
        {
            row.HasKey(each => each.BookingId);
            row.Property(each => each.Waiting).HasJson();
        });
        model.Entity<BookedFlight>(row =>
        {
            row.HasKey(each => new { each.BookingId, each.FlightId });
            row.Property(each => each.Told).HasJson();
            row.HasIndex(each => each.FlightId);
        });
        model.Entity<WebhookEndpoint>(row =>
        {
            row.Property(each => each.Id).ValueGeneratedNever();
            row.Property(each => each.Types).HasJson();
            row.Property(each => each.Secrets).HasJson();
            row.Property(each => each.Revision).IsConcurrencyToken();
            row.HasIndex(each => each.Owner);
        });
        model.Entity<WebhookDelivery>(row =>
        {
            row.Property(each => each.Id).ValueGeneratedNever();
            row.Property(each => each.Resends).IsConcurrencyToken();
            row.HasIndex(each => new { each.EndpointId, each.Id });
            row.HasIndex(each => new { each.EndpointId, each.NextAttemptAt });
            row.HasIndex(each => each.NextAttemptAt);
        });
        model.Entity<WebhookAttempt>(row =>
        {
            row.HasKey(each => new { each.DeliveryId, each.Number });
            row.HasIndex(each => each.At);
        });
    }
}
