using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Operations.Imports;
using Aerona.Operations.World;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

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
            flight.Property(x => x.Cabins).HasJson();
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
