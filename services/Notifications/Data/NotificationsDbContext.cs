using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Notifications.FlightNews;
using Aerona.Notifications.Hooks;
using Aerona.Notifications.Push;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Data;

internal sealed class NotificationsDbContext(DbContextOptions<NotificationsDbContext> options) : DbContext(options)
{
    public DbSet<Recipient> Recipients => Set<Recipient>();

    public DbSet<Delivery> Deliveries => Set<Delivery>();

    public DbSet<FlightSubscription> FlightSubscriptions => Set<FlightSubscription>();

    public DbSet<EventStream> EventStreams => Set<EventStream>();

    public DbSet<ClientEvent> ClientEvents => Set<ClientEvent>();

    public DbSet<FollowedBooking> FollowedBookings => Set<FollowedBooking>();

    public DbSet<BookedFlight> BookedFlights => Set<BookedFlight>();

    public DbSet<WebhookEndpoint> WebhookEndpoints => Set<WebhookEndpoint>();

    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();

    public DbSet<WebhookAttempt> WebhookAttempts => Set<WebhookAttempt>();

    public DbSet<PushSubscription> PushSubscriptions => Set<PushSubscription>();

    public DbSet<PushNotice> PushNotices => Set<PushNotice>();

    public DbSet<PushService> PushServices => Set<PushService>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseAeronaConventions();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Recipient>().HasKey(row => row.BookingId);
        modelBuilder.Entity<Delivery>(delivery =>
        {
            delivery.HasKey(row => row.MessageId);
            delivery.HasIndex(row => row.BookingId);
        });
        modelBuilder.Entity<FlightSubscription>(subscription =>
        {
            subscription.Property(row => row.Id).ValueGeneratedNever();
            subscription.Property(row => row.Told).HasJson();
            subscription.HasIndex(row => row.Code).IsUnique();
            subscription.HasIndex(row => new { row.FlightId, row.Email }).IsUnique();
            subscription.HasIndex(row => row.Email);
        });
        modelBuilder.AddHooks();
        modelBuilder.AddPush();
        modelBuilder.AddMessaging();
        modelBuilder.AddIdempotency();
    }
}

/// <summary>Whom a booking's messages go to, for events that do not say it.</summary>
internal sealed class Recipient
{
    public required Guid BookingId { get; init; }

    public required string Locator { get; init; }

    public required string Email { get; init; }

    /// <summary>BCP 47.</summary>
    public required string Locale { get; init; }
}

/// <summary>A mail that was due, and what became of it.</summary>
internal sealed class Delivery
{
    /// <summary>The Message-ID without brackets: one for a booking and kind, so that a repeat is the same mail.</summary>
    public required string MessageId { get; init; }

    public required Guid BookingId { get; init; }

    /// <summary>Stable code: <c>booking-confirmed</c>, <c>booking-failed</c>, <c>case-commit-unknown</c> ….</summary>
    public required string Kind { get; init; }

    public required string Recipient { get; init; }

    public required string Subject { get; init; }

    /// <summary>Null when it was sent; else the stable code of why not, such as <c>mail.address_invalid</c>.</summary>
    public required string? Refusal { get; init; }

    public required DateTimeOffset At { get; init; }
}
