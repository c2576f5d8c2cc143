using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Sandbox.PayPal;
using Aerona.Sandbox.Zz;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Sandbox;

/// <summary>The sandbox's own books.</summary>
internal sealed class SandboxDbContext(DbContextOptions<SandboxDbContext> options) : DbContext(options)
{
    public DbSet<PayPalOrder> Orders => Set<PayPalOrder>();

    public DbSet<PayPalAuthorization> Authorizations => Set<PayPalAuthorization>();

    public DbSet<PayPalCapture> Captures => Set<PayPalCapture>();

    public DbSet<PayPalRefund> Refunds => Set<PayPalRefund>();

    public DbSet<PayPalDispute> Disputes => Set<PayPalDispute>();

    public DbSet<FirstAnswer> FirstAnswers => Set<FirstAnswer>();

    public DbSet<AccessToken> AccessTokens => Set<AccessToken>();

    public DbSet<Webhook> Webhooks => Set<Webhook>();

    public DbSet<WebhookDelivery> Deliveries => Set<WebhookDelivery>();

    public DbSet<SigningKey> SigningKeys => Set<SigningKey>();

    public DbSet<ZzOffer> ZzOffers => Set<ZzOffer>();

    public DbSet<ZzOrder> ZzOrders => Set<ZzOrder>();

    public DbSet<ZzCancellation> ZzCancellations => Set<ZzCancellation>();

    public DbSet<ZzSeats> ZzSeats => Set<ZzSeats>();

    public DbSet<ZzWebhook> ZzWebhooks => Set<ZzWebhook>();

    public DbSet<ZzDelivery> ZzDeliveries => Set<ZzDelivery>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseAeronaConventions();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessaging();
        modelBuilder.AddIdempotency();
        modelBuilder.Entity<PayPalOrder>().ToTable("paypal_order");
        modelBuilder.Entity<PayPalOrder>().Ignore(order => order.Amount).HasIndex(order => order.CreatedAt);
        modelBuilder.Entity<PayPalAuthorization>().ToTable("paypal_authorization").Ignore(authorization => authorization.Amount).HasIndex(authorization => authorization.OrderId);
        modelBuilder.Entity<PayPalAuthorization>().HasIndex(authorization => authorization.ParentId).IsUnique();   // renewed once
        modelBuilder.Entity<PayPalCapture>().ToTable("paypal_capture").Ignore(capture => capture.Amount).Ignore(capture => capture.Fee).HasIndex(capture => capture.OrderId);
        modelBuilder.Entity<PayPalRefund>().ToTable("paypal_refund").Ignore(refund => refund.Amount).HasIndex(refund => refund.CaptureId);
        modelBuilder.Entity<PayPalDispute>().ToTable("paypal_dispute").Ignore(dispute => dispute.Amount).HasIndex(dispute => dispute.OrderId);
        modelBuilder.Entity<FirstAnswer>().ToTable("paypal_first_answer").HasKey(answer => new { answer.Operation, answer.Resource, answer.RequestId });
        modelBuilder.Entity<AccessToken>().ToTable("paypal_access_token").HasKey(token => token.Sha256);
        modelBuilder.Entity<Webhook>().ToTable("paypal_webhook").HasIndex(webhook => webhook.Url).IsUnique();
        modelBuilder.Entity<WebhookDelivery>().ToTable("paypal_webhook_delivery").HasIndex(delivery => new { delivery.DoneAt, delivery.DueAt });
        modelBuilder.Entity<SigningKey>().ToTable("paypal_signing_key");
        modelBuilder.Entity<ZzOffer>().HasIndex(offer => offer.OfferRequestId);
        modelBuilder.Entity<ZzOrder>().HasIndex(order => order.CreatedAt);
        modelBuilder.Entity<ZzOrder>().HasIndex(order => order.ActsAt);
        modelBuilder.Entity<ZzSeats>().HasKey(seats => seats.Key);
        modelBuilder.Entity<ZzDelivery>().HasIndex(delivery => new { delivery.DoneAt, delivery.DueAt });
    }
}
