using Aerona.Contracts.Operations;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Operations.Equipment;
using Aerona.Operations.Fleet;
using Aerona.Operations.Imports;
using Aerona.Operations.Schedules;
using Aerona.Operations.Tracking;
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

    public DbSet<ImportRejection> Rejections => Set<ImportRejection>();

    public DbSet<AirplaneModel> Models => Set<AirplaneModel>();

    public DbSet<Airplane> Airplanes => Set<Airplane>();

    public DbSet<AirplaneUse> Uses => Set<AirplaneUse>();

    public DbSet<MaintenanceWindow> Windows => Set<MaintenanceWindow>();

    public DbSet<Schedule> Schedules => Set<Schedule>();

    public DbSet<FlightTrack> Tracks => Set<FlightTrack>();

    public DbSet<FlightFact> Facts => Set<FlightFact>();

    public DbSet<EquipmentChange> EquipmentChanges => Set<EquipmentChange>();

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
            flight.HasIndex(x => new { x.Origin, x.DepartsOn });
            flight.HasIndex(x => x.ScheduleId).HasFilter("schedule_id IS NOT NULL");
            flight.Property(x => x.Version).IsConcurrencyToken();
        });
        MapFleet(modelBuilder);
        modelBuilder.Entity<FlightTrack>(track =>
        {
            track.HasKey(x => x.FlightId);
            track.Property(x => x.Known).HasJson();
            track.Property(x => x.Version).IsConcurrencyToken();
        });
        modelBuilder.Entity<EquipmentChange>(change =>
        {
            change.Property(x => x.Id).ValueGeneratedNever();
            change.Property(x => x.Occupied).HasJson();
            change.Property(x => x.Affected).HasJson();
            change.Property(x => x.Moved).HasJson();
            change.Property(x => x.Version).IsConcurrencyToken();
            change.HasIndex(x => x.FlightId);
        });
        modelBuilder.Entity<FlightFact>(fact =>
        {
            fact.Property(x => x.Id).ValueGeneratedNever();
            fact.HasIndex(x => x.FlightId);
        });
        modelBuilder.Entity<Schedule>(schedule =>
        {
            schedule.Property(x => x.Times).HasJson();
            schedule.Property(x => x.Exceptions).HasJson();
            schedule.Property(x => x.Cabins).HasJson();
            schedule.Property(x => x.Version).IsConcurrencyToken();
            schedule.HasIndex(x => new { x.Carrier, x.Number });
        });
        modelBuilder.Entity<SeedWorld>().Property(x => x.Id).ValueGeneratedNever();
        modelBuilder.Entity<FlightImport>(import =>
        {
            import.Property(x => x.Rejected).HasJson();
            import.Property(x => x.UnknownAirports).HasJson();
            import.Property(x => x.Examples).HasJson();
            import.HasIndex(x => new { x.FileSha256, x.FirstDay }).IsUnique();
        });
        modelBuilder.Entity<ImportRejection>().HasKey(x => new { x.ImportId, x.Row });
    }

    private static void MapFleet(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<AirplaneModel>(model =>
        {
            model.HasKey(x => x.Code);
            model.Property(x => x.Configurations).HasJson();
            model.Property(x => x.Version).IsConcurrencyToken();
        });
        modelBuilder.Entity<Airplane>(airplane =>
        {
            airplane.HasKey(x => x.Registration);
            airplane.Property(x => x.PlanVersion).IsConcurrencyToken();
        });
        modelBuilder.Entity<AirplaneUse>(use =>
        {
            use.HasIndex(x => new { x.Registration, x.StartsAt });
            use.HasIndex(x => x.FlightId).IsUnique();
            use.HasOne<Airplane>().WithMany().HasForeignKey(x => x.Registration).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<MaintenanceWindow>(window =>
        {
            window.Property(x => x.Id).ValueGeneratedNever();
            window.Property(x => x.Version).IsConcurrencyToken();
        });
        modelBuilder.Entity<AirplaneUse>().Property(x => x.Id).ValueGeneratedNever();
        modelBuilder.Entity<Schedule>().Property(x => x.Id).ValueGeneratedNever();
    }
}
