using Aerona.Contracts.Bookings;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Payments.Data;

/// <summary>Payments, refunds, the ledger and PayPal's events as they came.</summary>
internal sealed class PaymentsDbContext(DbContextOptions<PaymentsDbContext> options) : DbContext(options)
{
    public DbSet<Payment> Payments => Set<Payment>();

    public DbSet<Refund> Refunds => Set<Refund>();

    public DbSet<LedgerEntry> Ledger => Set<LedgerEntry>();

    public DbSet<PaymentChange> Changes => Set<PaymentChange>();

    public DbSet<WebhookEvent> WebhookEvents => Set<WebhookEvent>();

    /// <summary>Appends to the ledger; entries are never changed.</summary>
    public void Book(Payment payment, LedgerKind kind, long amountMinor, string reference, DateTimeOffset now) => Ledger.Add(new()
    {
        PaymentId = payment.Id,
        BookingId = payment.BookingId,
        Kind = kind,
        Currency = payment.Currency,
        AmountMinor = amountMinor,
        Reference = reference,
        At = now,
    });

    /// <summary>Appends to the payment's history and to the booking's timeline.</summary>
    public void Note(Payment payment, string kind, string? reference, DateTimeOffset now)
    {
        Changes.Add(new() { PaymentId = payment.Id, Kind = kind, Reference = reference, At = now });
        this.Publish(new BookingNoted(payment.BookingId, kind, now, reference));
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseAeronaConventions();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessaging();
        modelBuilder.AddIdempotency();
        modelBuilder.Entity<Payment>(payment =>
        {
            payment.ToTable("payment");
            payment.Ignore(one => one.Price).Ignore(one => one.Authorized).Ignore(one => one.Captured).Ignore(one => one.Voided);
            payment.HasIndex(one => one.BookingId);
            payment.HasIndex(one => one.OrderId).IsUnique();
            payment.HasIndex(one => one.CaptureId);
        });
        modelBuilder.Entity<Refund>(refund =>
        {
            refund.ToTable("refund");
            refund.Ignore(one => one.Amount);
            refund.HasIndex(one => one.PaymentId);
        });
        modelBuilder.Entity<LedgerEntry>(entry =>
        {
            entry.ToTable("ledger_entry");
            entry.HasIndex(one => new { one.Kind, one.Reference }).IsUnique();   // the same fact is booked once
            entry.HasIndex(one => one.BookingId);
        });
        modelBuilder.Entity<PaymentChange>().ToTable("payment_change").HasIndex(change => change.PaymentId);
        modelBuilder.Entity<WebhookEvent>().ToTable("webhook_event").HasKey(received => received.EventId);
    }
}
