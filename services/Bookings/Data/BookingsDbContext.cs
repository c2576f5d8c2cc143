using Aerona.Bookings.Cancellation;
using Aerona.Bookings.Cases;
using Aerona.Bookings.LookUp;
using Aerona.Bookings.Seats;
using Aerona.Bookings.Support;
using Aerona.Bookings.Timeline;
using Aerona.Contracts.Bookings;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Sagas.Booking;
using Aerona.Sagas.Cancellation;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Data;

/// <summary>Bookings, how they go, what happened to them, and what people have to look at.</summary>
internal sealed class BookingsDbContext(DbContextOptions<BookingsDbContext> options) : DbContext(options)
{
    public DbSet<Booking> Bookings => Set<Booking>();

    public DbSet<BookingState> Sagas => Set<BookingState>();

    public DbSet<CancellationState> Cancellations => Set<CancellationState>();

    public DbSet<AskedCancellation> AskedCancellations => Set<AskedCancellation>();

    public DbSet<TimelineEntry> Timeline => Set<TimelineEntry>();

    public DbSet<SupportCase> Cases => Set<SupportCase>();

    public DbSet<SearchKey> SearchKeys => Set<SearchKey>();

    public DbSet<SeatMove> SeatMoves => Set<SeatMove>();

    public DbSet<BookingAccess> Accesses => Set<BookingAccess>();

    public DbSet<SeatRefund> SeatRefunds => Set<SeatRefund>();

    /// <summary>A saga that opened cases is saved together with their rows: neither is ever seen without the other.</summary>
    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        AddCasesThatSagasOpened();
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseAeronaConventions();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessaging();
        modelBuilder.AddIdempotency();
        modelBuilder.Entity<Booking>(booking =>
        {
            booking.Property(x => x.Id).ValueGeneratedNever();
            booking.HasIndex(x => x.Locator).IsUnique();
            booking.HasIndex(x => x.ClientReference);
            booking.Property(x => x.Offer).HasJson();
            booking.Property(x => x.Passengers).HasJson();
            booking.Property(x => x.Contact).HasJson();
        });
        modelBuilder.Entity<BookingState>(saga =>
        {
            saga.HasKey(x => x.CorrelationId);
            saga.Property(x => x.CorrelationId).ValueGeneratedNever();
            saga.HasIndex(x => x.CurrentState);
            saga.HasIndex(x => x.DeadlineAt);
            saga.HasIndex(x => x.TickAt);
            saga.HasIndex(x => new { x.SubmittedAt, x.Locator });
            saga.Property(x => x.Offer).HasJson();
            saga.Property(x => x.Passengers).HasJson();
            saga.Property(x => x.Contact).HasJson();
            saga.Property(x => x.Holds).HasJson();
            saga.Property(x => x.Payments).HasJson();
            saga.Property(x => x.Orders).HasJson();
            saga.Property(x => x.Locators).HasJson();
            saga.Property(x => x.TicketNumbers).HasJson();
            saga.Property(x => x.Documents).HasJson();
            saga.Property(x => x.Cases).HasJson();
            saga.Property(x => x.NewPrice).HasJson();

            // A version before these columns writes rows during an update; this one always says what they are.
            saga.Property(x => x.StaffActions).HasJson().HasDefaultValueSql("'[]'").ValueGeneratedNever();
            saga.Property(x => x.PayLater).HasDefaultValue(false).ValueGeneratedNever();
            saga.Property(x => x.PaymentsBefore).HasDefaultValue(0).ValueGeneratedNever();
            saga.Property(x => x.Servicings).HasJson().HasDefaultValueSql("'[]'").ValueGeneratedNever();
            saga.Property(x => x.OwnCancellations).HasDefaultValue(0).ValueGeneratedNever();
        });
        modelBuilder.Entity<AskedCancellation>(asked =>
        {
            asked.Property(x => x.Id).ValueGeneratedNever();
            asked.HasIndex(x => x.BookingId);
            asked.Property(x => x.Coupons).HasJson();
        });
        modelBuilder.Entity<CancellationState>(saga =>
        {
            saga.HasKey(x => x.CorrelationId);
            saga.Property(x => x.CorrelationId).ValueGeneratedNever();
            saga.HasIndex(x => x.BookingId);
            saga.HasIndex(x => x.CurrentState);
            saga.HasIndex(x => x.DeadlineAt);
            saga.HasIndex(x => x.TickAt);
            saga.Property(x => x.Coupons).HasJson();
            saga.Property(x => x.Contact).HasJson();
            saga.Property(x => x.Segments).HasJson();
            saga.Property(x => x.Quotes).HasJson();
            saga.Property(x => x.Money).HasJson();
            saga.Property(x => x.AtTheAirline).HasJson();
            saga.Property(x => x.Proposed).HasJson();
            saga.Property(x => x.Refunds).HasJson();
            saga.Property(x => x.Cases).HasJson();
            saga.Property(x => x.StaffActions).HasJson();
        });
        modelBuilder.Entity<SeatMove>(move =>
        {
            move.HasKey(x => new { x.BookingId, x.Place });
            move.Property(x => x.Moved).HasJson();
        });
        modelBuilder.Entity<BookingAccess>(access =>
        {
            access.Property(x => x.Id).ValueGeneratedNever();
            access.HasIndex(x => x.CodeHash).IsUnique();
            access.HasIndex(x => x.BookingId);
            access.Property(x => x.UsedAt).IsConcurrencyToken();
        });
        modelBuilder.Entity<SeatRefund>(refund =>
        {
            refund.Property(x => x.Id).ValueGeneratedNever();
            refund.HasIndex(x => x.BookingId);
            refund.Property(x => x.Seats).HasJson();
            refund.Ignore(x => x.Amount);
        });
        modelBuilder.Entity<TimelineEntry>(entry =>
        {
            entry.HasIndex(x => new { x.BookingId, x.At });
            entry.HasIndex(x => x.Reference);
        });
        modelBuilder.Entity<SearchKey>(key =>
        {
            key.HasIndex(x => new { x.Key, x.Kind });
            key.HasIndex(x => x.BookingId);
        });
        modelBuilder.Entity<SupportCase>(found =>
        {
            found.Property(x => x.Id).ValueGeneratedNever();
            found.HasIndex(x => x.BookingId);
            found.HasIndex(x => new { x.ClosedAt, x.OpenedAt });
            found.Property(x => x.Changes).IsConcurrencyToken();
            found.HasMany(x => x.Notes).WithOne().HasForeignKey(x => x.CaseId);
        });
    }

    // What is known already is told by the number alone: cases are only ever added. Without looking for changes, which the save does.
    private void AddCasesThatSagasOpened()
    {
        var looking = ChangeTracker.AutoDetectChangesEnabled;
        ChangeTracker.AutoDetectChangesEnabled = false;
        try
        {
            foreach (var entry in ChangeTracker.Entries<BookingState>().Where(entry => entry.State is not EntityState.Deleted and not EntityState.Detached).ToList())
            {
                var saga = entry.Entity;
                var known = entry.State == EntityState.Added ? 0 : entry.OriginalValues.GetValue<IReadOnlyList<OpenedCase>>(nameof(BookingState.Cases)).Count;
                foreach (var opened in saga.Cases.Skip(known).Select(x => new BookingCaseOpened(saga.CorrelationId, x.Kind, x.Detail, x.OpenedAt)))
                {
                    if (Cases.Local.FindEntry(SupportCase.IdOf(opened)) is null)
                    {
                        Cases.Add(SupportCase.Of(opened, saga.Locator));
                    }
                }
            }
        }
        finally
        {
            ChangeTracker.AutoDetectChangesEnabled = looking;
        }
    }
}
