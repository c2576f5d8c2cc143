using Aerona.Contracts.Operations;
using Aerona.Hosting;
using Aerona.Operations.Data;
using Aerona.Operations.Imports;
using Aerona.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Operations.Tests;

/// <summary>Operations as its staff meet it, signed in, with as many days of seed world as a test needs.</summary>
internal static class OperationsService
{
    public static async Task<TestService> StartAsync(int days = 0, string? folder = null, Action<WebApplicationBuilder>? add = null, bool signedIn = true)
    {
        var settings = new Dictionary<string, string?> { ["World:Days"] = $"{days}" };
        if (folder is not null)
        {
            settings["Data:Folder"] = folder;
        }

        var service = await TestService.StartAsync(
            builder =>
            {
                builder.AddOperations();
                add?.Invoke(builder);
            },
            bus => bus.AddOperationsConsumers(), app => app.MapOperations(), settings);
        if (signedIn)
        {
            service.SignIn("operations");
        }

        return service;
    }

    public static void SignIn(this TestService service, string role) => service.Http.DefaultRequestHeaders.Authorization =
        new("Bearer", service.Services.TokenFor("desk", [role], TimeSpan.FromHours(1)));

    public static Task<List<DatedFlight>> FlightsAsync(this TestService service) =>
        service.Query<OperationsDbContext, List<DatedFlight>>(db => db.Flights.AsNoTracking().OrderBy(flight => flight.Id).ToListAsync());

    public static async Task<List<PublishedFlight>> PublishedFlightsAsync(this TestService service) =>
        [
            .. (await service.Published<FlightsPublished>()).SelectMany(message => message.Flights),
            .. (await service.Published<FlightsLoaded>()).SelectMany(message => message.Flights()),
        ];
}

/// <summary>The process ends when flights are saved for the n-th time, before anything of that save is written.</summary>
internal sealed class DiesAtSave(int nth) : SaveChangesInterceptor
{
    private int saves;

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
        (eventData.Context!.ChangeTracker.Entries<DatedFlight>().Any() || eventData.Context.ChangeTracker.Entries<FlightImport>().Any(import => import.State == EntityState.Modified))
        && Interlocked.Increment(ref saves) == nth
            ? throw new InvalidOperationException("killed")
            : ValueTask.FromResult(result);
}
