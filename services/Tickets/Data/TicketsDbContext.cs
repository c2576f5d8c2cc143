using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Tickets.Invoicing;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Tickets.Data;

internal sealed class TicketsDbContext(DbContextOptions<TicketsDbContext> options) : DbContext(options), ISqliteRules
{
    public DbSet<TicketedOrder> Orders => Set<TicketedOrder>();

    public DbSet<Ticket> Tickets => Set<Ticket>();

    public DbSet<Document> Documents => Set<Document>();

    public DbSet<Invoice> Invoices => Set<Invoice>();

    public DbSet<InvoiceSeries> InvoiceSeries => Set<InvoiceSeries>();

    /// <inheritdoc />
    public string SqliteRules => InvoiceRules.Sqlite;

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
            document.HasKey(row => new { row.OrderId, row.Kind, row.Part });
            document.HasIndex(row => row.BookingId);
            document.HasIndex(row => row.Key).IsUnique();
            document.Property(row => row.Part).HasDefaultValue("");
            document.Property(row => row.ContentType).HasDefaultValue("application/pdf");
            document.Ignore(row => row.Id);
        });
        modelBuilder.Entity<InvoiceSeries>().HasKey(row => row.Id);
        modelBuilder.Entity<Invoice>(invoice =>
        {
            invoice.HasKey(row => row.Number);
            invoice.HasIndex(row => new { row.Series, row.Sequence }).IsUnique();
            invoice.HasIndex(row => new { row.Kind, row.Occasion }).IsUnique();
            invoice.HasIndex(row => row.BookingId);
            invoice.HasOne<InvoiceSeries>().WithMany().HasForeignKey(row => row.Series).OnDelete(DeleteBehavior.Restrict);
            invoice.HasOne<Invoice>().WithMany().HasForeignKey(row => row.OriginalNumber).OnDelete(DeleteBehavior.Restrict);
            invoice.Property(row => row.Seller).HasJson();
            invoice.Property(row => row.Lines).HasJson();
        });
        modelBuilder.AddMessaging();
        modelBuilder.AddIdempotency();
    }
}

/// <summary>A document in the file store: for an order one of each kind, or of each part where a kind has parts.</summary>
internal sealed class Document
{
    public required Guid OrderId { get; init; }

    /// <summary>One of <see cref="DocumentKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Of a passenger's receipt the passenger, of what a cancellation brought the cancellation; else empty.</summary>
    public required string Part { get; init; }

    public required Guid BookingId { get; init; }

    /// <summary>Unguessable: knowing an order says nothing about where its documents lie.</summary>
    public required string Key { get; init; }

    public required string FileName { get; init; }

    /// <summary>Media type with its parameters.</summary>
    public required string ContentType { get; init; }

    /// <summary>Of an invoice or credit note, else null.</summary>
    public required string? Number { get; init; }

    /// <summary>Lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    public required DateTimeOffset StoredAt { get; init; }

    /// <summary>Within its booking: the kind, with a dot and the part where it has one.</summary>
    public string Id => Part.Length == 0 ? Kind : $"{Kind}.{Part}";

    public StoredDocument Stored() => new(Kind, Key, FileName, Sha256, ContentType, Number);
}
