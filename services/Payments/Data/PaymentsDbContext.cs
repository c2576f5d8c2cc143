using Aerona.Contracts.Bookings;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Payments.Ledger;
using Aerona.Payments.Reconciliation;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Payments.Data;

/// <summary>Payments, refunds, the ledger and PayPal's events as they came.</summary>
internal sealed class PaymentsDbContext(DbContextOptions<PaymentsDbContext> options) : DbContext(options), ISqliteRules
{
    public DbSet<Payment> Payments => Set<Payment>();

    public DbSet<PaymentAuthorization> Authorizations => Set<PaymentAuthorization>();

    public DbSet<PaymentCapture> Captures => Set<PaymentCapture>();

    public DbSet<Refund> Refunds => Set<Refund>();

    public DbSet<Dispute> Disputes => Set<Dispute>();

    public DbSet<LedgerEntry> Ledger => Set<LedgerEntry>();

    public DbSet<Difference> Differences => Set<Difference>();

    public DbSet<ReconciliationRun> Reconciliations => Set<ReconciliationRun>();

    public DbSet<PaymentChange> Changes => Set<PaymentChange>();

    public DbSet<WebhookEvent> WebhookEvents => Set<WebhookEvent>();

    /// <inheritdoc />
    public string SqliteRules => LedgerRules.Sqlite;

    /// <summary>The payment with all that belongs to it, locked; null when there is none.</summary>
    public async Task<Payment?> TryLockPaymentAsync(Guid id, CancellationToken cancellationToken)
    {
        var payment = await this.TryLockAsync<Payment>(id, cancellationToken);
        if (payment is { HasMoney: true })
        {
            payment.Authorizations.AddRange(await Authorizations.Where(one => one.PaymentId == id).ToListAsync(cancellationToken));
            payment.Captures.AddRange(await Captures.Where(one => one.PaymentId == id).OrderBy(one => one.LearntAt).ToListAsync(cancellationToken));
            payment.Refunds.AddRange(await Refunds.Where(one => one.PaymentId == id).ToListAsync(cancellationToken));
        }

        return payment;
    }

    /// <summary>The same of one that must be there.</summary>
    public async Task<Payment> LockPaymentAsync(Guid id, CancellationToken cancellationToken) =>
        await TryLockPaymentAsync(id, cancellationToken) ?? throw new InvalidOperationException($"Payment {id} is not there");

    /// <summary>Appends to the ledger; entries are never changed. Nothing moves no money and is not written.</summary>
    public void Book(Payment payment, LedgerKind kind, long amountMinor, string reference, DateTimeOffset now)
    {
        if (amountMinor == 0)
        {
            return;
        }

        var (debit, credit) = LedgerEntry.AccountsOf(kind);
        Ledger.Add(new()
        {
            PaymentId = payment.Id,
            BookingId = payment.BookingId,
            Kind = kind,
            Debit = debit,
            Credit = credit,
            Currency = payment.Currency,
            AmountMinor = amountMinor,
            Reference = reference,
            At = now,
        });
    }

    /// <summary>What the ledger says of a payment.</summary>
    public async Task<Balances> BalancesAsync(Guid paymentId, CancellationToken cancellationToken) => new(
        (await Ledger.Where(entry => entry.PaymentId == paymentId).GroupBy(entry => entry.Kind)
            .Select(kind => new { kind.Key, Sum = kind.Sum(entry => entry.AmountMinor) }).ToListAsync(cancellationToken)).Select(kind => (kind.Key, kind.Sum)));

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
            payment.Ignore(one => one.Price).Ignore(one => one.Authorized).Ignore(one => one.Captured).Ignore(one => one.Voided).Ignore(one => one.Capturing).Ignore(one => one.TheCapture);
            payment.Ignore(one => one.Authorizations).Ignore(one => one.Captures).Ignore(one => one.Refunds);   // read with the lock, not by EF Core's joins
            payment.HasIndex(one => one.BookingId);
            payment.HasIndex(one => one.OrderId).IsUnique();
        });
        modelBuilder.Entity<PaymentAuthorization>().HasOne<Payment>().WithMany().HasForeignKey(one => one.PaymentId);
        modelBuilder.Entity<PaymentCapture>().HasOne<Payment>().WithMany().HasForeignKey(one => one.PaymentId);
        modelBuilder.Entity<Refund>(refund =>
        {
            refund.ToTable("refund");
            refund.Ignore(one => one.Amount).Ignore(one => one.Facts);
            refund.HasIndex(one => one.PaymentId);
            refund.HasIndex(one => one.PayPalId).IsUnique();
        });
        modelBuilder.Entity<LedgerEntry>(entry =>
        {
            entry.ToTable("ledger_entry", table =>
            {
                table.HasCheckConstraint("ck_ledger_entry_amount", "amount_minor > 0");
                table.HasCheckConstraint("ck_ledger_entry_accounts", "debit <> credit");
                table.HasCheckConstraint("ck_ledger_entry_currency", "length(currency) = 3");
            });
            entry.HasIndex(one => new { one.Kind, one.Reference }).IsUnique();   // the same fact is booked once
            entry.HasIndex(one => one.BookingId);
            entry.HasIndex(one => one.PaymentId);
        });
        modelBuilder.Entity<Difference>(difference =>
        {
            difference.Ignore(one => one.Amount);
            difference.HasIndex(one => new { one.Reason, one.Subject }).IsUnique();   // found again it is the same
            difference.HasIndex(one => one.ClosedAt);
        });
        modelBuilder.Entity<Dispute>().HasOne<Payment>().WithMany().HasForeignKey(one => one.PaymentId);
        modelBuilder.Entity<PaymentChange>().ToTable("payment_change").HasIndex(change => change.PaymentId);
        modelBuilder.Entity<WebhookEvent>().ToTable("webhook_event").HasKey(received => received.EventId);
        modelBuilder.Entity<WebhookEvent>().HasIndex(received => received.ReceivedAt);
    }
}
