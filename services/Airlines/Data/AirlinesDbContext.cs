using Aerona.Airlines.Cancelling;
using Aerona.Airlines.Fetching;
using Aerona.Airlines.Flights;
using Aerona.Airlines.House;
using Aerona.Airlines.Offers;
using Aerona.Airlines.Orders;
using Aerona.Airlines.Outside;
using Aerona.Airlines.Seats;
using Aerona.Airlines.Webhooks;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Data;

/// <summary>Flights on sale, offers, orders at suppliers; and the house airline's own books: seats, holds, orders, ticket stock.</summary>
internal sealed class AirlinesDbContext(DbContextOptions<AirlinesDbContext> options) : DbContext(options)
{
    public DbSet<FlightOnSale> Flights => Set<FlightOnSale>();

    public DbSet<Offer> Offers => Set<Offer>();

    public DbSet<AirlineOrder> AirlineOrders => Set<AirlineOrder>();

    public DbSet<SeatCount> SeatCounts => Set<SeatCount>();

    public DbSet<Hold> Holds => Set<Hold>();

    public DbSet<AssignedSeat> AssignedSeats => Set<AssignedSeat>();

    public DbSet<HouseOrder> HouseOrders => Set<HouseOrder>();

    public DbSet<HouseLocator> HouseLocators => Set<HouseLocator>();

    public DbSet<HouseTicket> HouseTickets => Set<HouseTicket>();

    public DbSet<TicketStock> TicketStocks => Set<TicketStock>();

    public DbSet<HouseCancellation> HouseCancellations => Set<HouseCancellation>();

    public DbSet<CancellationQuote> CancellationQuotes => Set<CancellationQuote>();

    public DbSet<OrderCancellation> OrderCancellations => Set<OrderCancellation>();

    public DbSet<OutsideHold> OutsideHolds => Set<OutsideHold>();

    public DbSet<SupplierLogEntry> SupplierLog => Set<SupplierLogEntry>();

    public DbSet<SupplierEvent> SupplierEvents => Set<SupplierEvent>();

    public DbSet<SupplierChange> SupplierChanges => Set<SupplierChange>();

    public DbSet<FetchedRoute> FetchedRoutes => Set<FetchedRoute>();

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions) => conventions.UseAeronaConventions();

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<FlightOnSale>(flight =>
        {
            flight.HasKey(row => row.FlightId);
            flight.Property(row => row.Flight).HasConversion(designator => designator.ToString(), text => FlightDesignator.Parse(text)!.Value);
            flight.Property(row => row.Cabins).HasJson();
            flight.Property(row => row.SeatMap).HasJson();
            flight.HasIndex(row => new { row.Origin, row.Destination, row.DepartsOn });
        });

        model.Entity<Offer>(offer =>
        {
            offer.Property(row => row.Snapshot).HasJson();
            offer.Property(row => row.Terms).HasJson();
            offer.Property(row => row.LinesBySegment).HasJson();
            offer.Ignore(row => row.IsOutside);
            offer.HasIndex(row => row.ExpiresAt);
        });

        model.Entity<AirlineOrder>(order =>
        {
            order.HasKey(row => row.OrderId);
            order.Ignore(row => row.Known);
            order.Property(row => row.Sold).HasJson();
            order.HasIndex(row => row.Reference);
            order.HasIndex(row => new { row.State, row.SyncedAt });
        });

        model.Entity<OutsideHold>(hold =>
        {
            hold.HasKey(row => row.HoldId);
            hold.Ignore(row => row.Known);
            hold.Ignore(row => row.IsLive);
            hold.HasIndex(row => row.BookingId);
            hold.HasIndex(row => row.Reference);
        });
        model.Entity<SupplierLogEntry>(entry =>
        {
            entry.ToTable("supplier_log");
            entry.HasIndex(row => new { row.Reference, row.At });
            entry.HasIndex(row => row.At);
        });
        model.Entity<SupplierEvent>(received =>
        {
            received.HasKey(row => row.Key);
            received.HasIndex(row => row.ReceivedAt);
        });
        model.Entity<SupplierChange>(change =>
        {
            change.HasKey(row => new { row.Supplier, row.Reference });
            change.Property(row => row.Removed).HasJson();
            change.Property(row => row.Added).HasJson();
            change.HasIndex(row => row.OrderId);
        });
        model.Entity<FetchedRoute>().HasKey(row => new { row.Supplier, row.Route, row.DepartsOn });

        model.Entity<SeatCount>(count =>
        {
            count.HasKey(row => row.Key);
            count.Property(row => row.Buckets).HasJson();
        });
        model.Entity<AssignedSeat>(seat =>
        {
            seat.HasKey(row => new { row.FlightId, row.Number });
            seat.HasIndex(row => row.HoldId);
        });

        model.Entity<Hold>(hold =>
        {
            hold.HasKey(row => row.HoldId);
            hold.Property(row => row.Seats).HasJson();
            hold.Property(row => row.Returned).HasJson();
            hold.Ignore(row => row.Occupies);
            hold.Property(row => row.Places).HasJson();
            hold.Property(row => row.Refusal).HasJson();
            hold.HasIndex(row => new { row.State, row.SpaceUntil });
            hold.HasIndex(row => row.BookingId);
        });

        model.Entity<HouseOrder>(order =>
        {
            order.HasKey(row => row.OrderId);
            order.Property(row => row.Locators).HasJson();
        });
        model.Entity<HouseLocator>().HasKey(locator => new { locator.System, locator.Code });
        model.Entity<HouseTicket>(ticket =>
        {
            ticket.HasKey(row => row.Number);
            ticket.HasIndex(row => new { row.OrderId, row.PassengerId }).IsUnique();
        });
        model.Entity<HouseCancellation>(cancellation =>
        {
            cancellation.HasKey(row => row.CancellationId);
            cancellation.Property(row => row.GivenUp).HasJson();
            cancellation.HasIndex(row => row.OrderId);
        });
        model.Entity<CancellationQuote>(quote =>
        {
            quote.HasKey(row => row.QuoteId);
            quote.Property(row => row.Quoted).HasJson();
            quote.HasIndex(row => row.OrderId);
        });
        model.Entity<OrderCancellation>(cancellation =>
        {
            cancellation.HasKey(row => row.CancellationId);
            cancellation.Property(row => row.Answer).HasJson();
            cancellation.HasIndex(row => row.OrderId);
        });
        model.Entity<TicketStock>().HasKey(stock => stock.AccountingCode);

        model.AddMessaging();
        model.AddIdempotency();
    }
}
