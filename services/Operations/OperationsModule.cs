using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Operations.Data;
using Aerona.Operations.DeparturesBoard;
using Aerona.Operations.Equipment;
using Aerona.Operations.Fleet;
using Aerona.Operations.GetFlight;
using Aerona.Operations.Imports;
using Aerona.Operations.Schedules;
using Aerona.Operations.Tracking;
using Aerona.Operations.World;
using Aerona.Persistence;

namespace Aerona.Operations;

/// <summary>The house airline's desk: fleet, schedules and dated flights, which it publishes for all others, and how they stand on their day.</summary>
public static class OperationsModule
{
    /// <summary>Database, seed world and imports.</summary>
    public static void AddOperations(this WebApplicationBuilder builder)
    {
        builder.AddDatabase<OperationsDbContext>("operations");
        builder.TakeTokensFor("operations", typeof(OperationsModule).Assembly);
        builder.Services.AddOptions<WorldOptions>().BindConfiguration("World").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<FlightImporter>();
        builder.Services.AddSingleton<SeedWorldBuilder>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SeedWorldBuilder>());
    }

    /// <summary>Answers who begins to follow a flight, and hears from Airlines whether other equipment has seats enough.</summary>
    public static void AddOperationsConsumers(this BusRegistration bus)
    {
        bus.AddConsumer<TellFlightStatusConsumer, OperationsDbContext>();
        bus.AddConsumer<ApplyEquipmentConsumer, OperationsDbContext>();
    }

    /// <summary><c>/v1/operations</c>, <c>/v1/flight-status</c>, <c>/departures</c>.</summary>
    public static void MapOperations(this WebApplication app)
    {
        var operations = app.MapGroup("/v1/operations").WithTags("Operations");
        operations.MapGetWorld();
        operations.MapGetFlight();
        operations.MapImportFlights();
        operations.MapAirplaneModels();
        operations.MapAirplanes();
        operations.MapAssignFlights();
        operations.MapMaintenanceWindows();
        operations.MapSchedules();
        operations.MapGenerateFlights();
        operations.MapReportFacts();
        operations.MapChangeEquipment();
        app.MapGetFlightStatus();
        app.MapDeparturesBoard();
    }
}
