using Aerona.Contracts.Operations;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Operations.Imports;
using Aerona.Operations.World;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Aerona.Operations.Data;

internal sealed class OperationsDbContext(DbContextOptions<OperationsDbContext> options) : DbContext(options)
{
    public DbSet<DatedFlight> Flights => Set<DatedFlight>();

    public DbSet<SeedWorld> Worlds => Set<SeedWorld>();

    public DbSet<FlightImport> Imports => Set<FlightImport>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseAeronaConventions();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessaging();
        modelBuilder.AddIdempotency();
        modelBuilder.Entity<DatedFlight>(flight =>
        {
            // Cabins are set once and never changed in place, so they are the same as long as the list is: no comparing of texts for thousands of new flights.
            flight.Property(x => x.Cabins).HasJson().Metadata.SetValueComparer(new ValueComparer<IReadOnlyList<PublishedCabin>>(
                (left, right) => ReferenceEquals(left, right), cabins => cabins.Count, cabins => cabins));
            flight.HasIndex(x => new { x.DepartsOn, x.Carrier, x.Number }).IsUnique();   // the designator once a local date
            flight.HasIndex(x => x.ImportId);
        });
        modelBuilder.Entity<SeedWorld>().Property(x => x.Id).ValueGeneratedNever();
        modelBuilder.Entity<FlightImport>(import =>
        {
            import.Property(x => x.Rejected).HasJson();
            import.Property(x => x.UnknownAirports).HasJson();
            import.Property(x => x.Examples).HasJson();
            import.HasIndex(x => new { x.FileSha256, x.FirstDay }).IsUnique();
        });
    }
}
