using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Notifications.Data;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Push;

/// <summary>Messages to browsers (RFC 8030, 8291, 8292).</summary>
internal static class PushModule
{
    /// <summary>Options: <c>Push</c>; <c>Egress</c> comes with webhooks.</summary>
    public static void AddPush(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<PushOptions>().BindConfiguration("Push").ValidateDataAnnotations().ValidateOnStart();
        builder.RequireInProduction("Push:PrivateKey", "browsers would have subscribed with a key of this machine");
        builder.Services.AddSingleton<Vapid>();
        builder.Services.AddHostedService<KeepPush>();
    }

    public static void AddPushConsumers(this BusRegistration bus)
    {
        bus.AddConsumer<NotifyTravellersConsumer, NotificationsDbContext>();
        bus.AddEffectConsumer<SendPushConsumer, NotificationsDbContext>();
    }

    /// <summary>Maps <c>/v1/push-subscriptions</c> and <c>/v1/push-notices</c>.</summary>
    public static void MapPush(this RouteGroupBuilder v1) => v1.MapManagePushSubscriptions();

    public static void AddPush(this ModelBuilder model)
    {
        model.Entity<PushSubscription>(row =>
        {
            row.Property(each => each.Id).ValueGeneratedNever();
            row.HasIndex(each => new { each.Scope, each.EndpointHash }).IsUnique();
            row.HasIndex(each => each.EndpointHash);
        });
        model.Entity<PushNotice>(row =>
        {
            row.Property(each => each.Id).ValueGeneratedNever();
            row.HasIndex(each => each.Code).IsUnique();
            row.HasIndex(each => new { each.SubscriptionId, each.Topic });
            row.HasIndex(each => each.ExpiresAt);
        });
        model.Entity<PushService>().HasKey(row => row.Origin);
    }
}
