using System.Text.Json.Serialization;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Notifications.FlightNews;
using Aerona.Notifications.Hooks;
using Aerona.Notifications.Preferences;
using Aerona.Notifications.Push;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Data;

internal sealed class NotificationsDbContext(DbContextOptions<NotificationsDbContext> options) : DbContext(options)
{
    public DbSet<Recipient> Recipients => Set<Recipient>();

    public DbSet<Delivery> Deliveries => Set<Delivery>();

    public DbSet<Preference> Preferences => Set<Preference>();

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
            delivery.HasIndex(row => row.Topic);
            delivery.HasIndex(row => row.At);
        });
        modelBuilder.Entity<Preference>(preference =>
        {
            preference.HasKey(row => row.Scope);
            preference.Property(row => row.Off).HasJson();
        });
        modelBuilder.Entity<FlightSubscription>(subscription =>
        {
            subscription.Property(row => row.Id).ValueGeneratedNever();
            subscription.Property(row => row.Told).HasJson();
            subscription.Property(row => row.Latest).HasJson();
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

    /// <summary>Subject of who booked; null for a guest.</summary>
    public string? Owner { get; init; }
}

/// <summary>What became of a notice.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<DeliveryState>))]
internal enum DeliveryState
{
    /// <summary>About to be sent.</summary>
    Due,

    /// <summary>It waits: for the end of quiet hours, or for a server that did not take it.</summary>
    Deferred,

    /// <summary>Taken by the mail server.</summary>
    Sent,

    /// <summary>Given up.</summary>
    Failed,

    /// <summary>Not to be sent: not wanted, overtaken by a newer one, too late.</summary>
    Suppressed,
}

/// <summary>A notice that was due to somebody on one channel, and what became of it.</summary>
internal sealed class Delivery
{
    /// <summary>The Message-ID without brackets: one for a booking, kind and occasion, so that a repeat is the same mail; sent again by staff it is another.</summary>
    public required string MessageId { get; init; }

    /// <summary>The booking; else what it is about: a subscription to a flight, an account's mail.</summary>
    public required Guid BookingId { get; init; }

    /// <summary>Stable code: <c>booking-confirmed</c>, <c>booking-failed</c>, <c>case-commit-unknown</c> ….</summary>
    public required string Kind { get; init; }

    public Channel Channel { get; init; } = Channel.Email;

    /// <summary>The address.</summary>
    public required string Recipient { get; init; }

    /// <summary>Empty until it is written.</summary>
    public required string Subject { get; set; }

    public DeliveryState State { get; set; } = DeliveryState.Due;

    /// <summary>Null when it was sent or is about to be; else the stable code of why not, or not yet: <c>mail.address_invalid</c>, <c>mail.quiet_hours</c> ….</summary>
    public required string? Refusal { get; set; }

    /// <summary>UTC; when it became what it is.</summary>
    public required DateTimeOffset At { get; set; }

    /// <summary>UTC; when it became due.</summary>
    public DateTimeOffset NotedAt { get; init; }

    /// <summary>Tries, the one that is due counted.</summary>
    public int Attempt { get; set; } = 1;

    /// <summary>Tries that a mail server did not take.</summary>
    public int Failures { get; set; }

    /// <summary>UTC; when it is tried again, while it is deferred.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>The Date header; UTC. Of what happened, or of the end of the quiet hours it waited for; a repeat has the same.</summary>
    public DateTimeOffset? Date { get; set; }

    /// <summary>Of several about the same that are due, only the newest is worth sending; null: this one stands alone.</summary>
    public string? Topic { get; init; }

    /// <summary>Grows with what is newer.</summary>
    public long TopicOrder { get; init; }

    /// <summary>What writes it; null for what was sent before there was more than one attempt.</summary>
    public string? Letter { get; init; }

    /// <summary>What it is written from, as JSON; null once it may not be written again.</summary>
    public string? Content { get; set; }

    /// <summary>The Message-ID of the first one, where staff had it sent again.</summary>
    public string? ResendOf { get; init; }

    /// <summary>Subject of who had it sent again.</summary>
    public string? ResentBy { get; init; }
}
