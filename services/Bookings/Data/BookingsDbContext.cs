using Aerona.Bookings.Timeline;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Sagas.Booking;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Data;

/// <summary>Bookings, how they go, and what happened to them.</summary>
internal sealed class BookingsDbContext(DbContextOptions<BookingsDbContext> options) : DbContext(options)
{
    public DbSet<Booking> Bookings => Set<Booking>();

    public DbSet<BookingState> Sagas => Set<BookingState>();

    public DbSet<TimelineEntry> Timeline => Set<TimelineEntry>();

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
        });
        modelBuilder.Entity<TimelineEntry>(entry => entry.HasIndex(x => new { x.BookingId, x.At }));
    }
}
