using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Search.Indexing;
using Aerona.Search.PriceAlerts;
using Aerona.Search.PriceHistory;
using Aerona.Search.SavedSearches;
using Aerona.Search.SearchHistory;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Search.Data;

internal sealed class SearchDbContext(DbContextOptions<SearchDbContext> options) : DbContext(options)
{
    public DbSet<KnownFlight> Flights => Set<KnownFlight>();

    public DbSet<CabinSeats> Seats => Set<CabinSeats>();

    public DbSet<IndexPosition> Positions => Set<IndexPosition>();

    public DbSet<PriceObservation> PriceObservations => Set<PriceObservation>();

    public DbSet<PastSearch> PastSearches => Set<PastSearch>();

    public DbSet<SavedSearch> SavedSearches => Set<SavedSearch>();

    public DbSet<PriceAlert> PriceAlerts => Set<PriceAlert>();

    public DbSet<SearchKey> SearchKeys => Set<SearchKey>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseAeronaConventions();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessaging();
        modelBuilder.AddIdempotency();
        modelBuilder.Entity<KnownFlight>(flight =>
        {
            flight.HasIndex(x => x.Row).IsUnique();
            flight.HasIndex(x => x.DepartsOn);
        });
        modelBuilder.Entity<CabinSeats>().HasKey(x => new { x.FlightId, x.Cabin });
        modelBuilder.Entity<PriceObservation>(observation =>
        {
            observation.HasKey(x => new { x.Origin, x.Destination, x.DepartsOn, x.ObservedOn });
            observation.HasIndex(x => x.Version);
        });
        modelBuilder.Entity<PastSearch>(search =>
        {
            search.Property(x => x.Id).ValueGeneratedNever();
            search.Property(x => x.Search).HasJson();
            search.HasIndex(x => new { x.Owner, x.Fingerprint }).IsUnique();
        });
        modelBuilder.Entity<SavedSearch>(search =>
        {
            search.Property(x => x.Id).ValueGeneratedNever();
            search.Property(x => x.Search).HasJson();
            search.HasIndex(x => x.Owner);
        });
        modelBuilder.Entity<PriceAlert>(alert =>
        {
            alert.Property(x => x.Id).ValueGeneratedNever();
            alert.HasIndex(x => x.Owner);
            alert.HasIndex(x => x.Email);
            alert.HasIndex(x => x.SavedSearchId);
            alert.HasIndex(x => x.Code).IsUnique();
            alert.HasIndex(x => new { x.State, x.CheckAt });
        });
        modelBuilder.Entity<SearchKey>().HasKey(x => x.Hash);
        modelBuilder.Entity<IndexPosition>(position =>
        {
            position.Property(x => x.Id).ValueGeneratedNever();
            position.HasData(new IndexPosition());
        });
    }
}
