using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Tickets.Data;

internal sealed class TicketsDbContext(DbContextOptions<TicketsDbContext> options) : DbContext(options)
{
    public DbSet<TicketedOrder> Orders => Set<TicketedOrder>();

    public DbSet<Ticket> Tickets => Set<Ticket>();

    public DbSet<Document> Documents => Set<Document>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseAeronaConventions();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<TicketedOrder>(order =>
        {
            order.HasKey(row => row.OrderId);
            order.HasIndex(row => row.BookingId);
            order.Property(row => row.Locators).HasJson();
            order.Property(row => row.Offer).HasJson();
            order.Property(row => row.Passengers).HasJson();
            order.Property(row => row.TicketNumbers).HasJson();
        });
        modelBuilder.Entity<Ticket>(ticket =>
        {
            ticket.HasKey(row => row.Number);
            ticket.Ignore(row => row.IsGood);
            ticket.Property(row => row.Number).HasMaxLength(13).IsFixedLength();
            ticket.HasIndex(row => row.BookingId);
            ticket.HasIndex(row => row.OrderId);
            ticket.HasMany(row => row.Coupons).WithOne().HasForeignKey(coupon => coupon.TicketNumber);
        });
        modelBuilder.Entity<Coupon>().HasKey(row => new { row.TicketNumber, row.Number });
        modelBuilder.Entity<Document>(document =>
        {
            document.HasKey(row => new { row.OrderId, row.Kind });
            document.HasIndex(row => row.BookingId);
        });
        modelBuilder.AddMessaging();
        modelBuilder.AddIdempotency();
    }
}

/// <summary>A document in the file store: one of each kind for an order.</summary>
internal sealed class Document
{
    public required Guid OrderId { get; init; }

    /// <summary><see cref="StoredDocument.Kind"/>.</summary>
    public required string Kind { get; init; }

    public required Guid BookingId { get; init; }

    /// <summary>Unguessable: knowing an order says nothing about where its documents lie.</summary>
    public required string Key { get; init; }

    public required string FileName { get; init; }

    /// <summary>Lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    public required DateTimeOffset StoredAt { get; init; }

    public StoredDocument Stored() => new(Kind, Key, FileName, Sha256);
}
