using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Search.Indexing;
using Aerona.Search.PriceHistory;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Search.Data;

internal sealed class SearchDbContext(DbContextOptions<SearchDbContext> options) : DbContext(options)
{
    public DbSet<KnownFlight> Flights => Set<KnownFlight>();

    public DbSet<CabinSeats> Seats => Set<CabinSeats>();

    public DbSet<IndexPosition> Positions => Set<IndexPosition>();

    public DbSet<PriceObservation> PriceObservations => Set<PriceObservation>();

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
        modelBuilder.Entity<IndexPosition>(position =>
        {
            position.Property(x => x.Id).ValueGeneratedNever();
            position.HasData(new IndexPosition());
        });
    }
}
