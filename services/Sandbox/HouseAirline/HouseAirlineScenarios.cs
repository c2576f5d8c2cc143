using System.ComponentModel.DataAnnotations;
using Aerona.Hosting;
using Aerona.Sandbox.HouseAirline;
using Aerona.Suppliers;
using Microsoft.Extensions.DependencyInjection.Extensions;

[assembly: SupplierPlugin<HouseAirlinePlugin>]

namespace Aerona.Sandbox.HouseAirline;

/// <summary>How long the scenarios of the house airline keep people waiting; section <c>Sandbox:HouseAirline</c>.</summary>
internal sealed class HouseAirlineSandboxOptions
{
    /// <summary>Look-ups that a pending order, or one without ticket numbers, outlasts.</summary>
    [Range(0, 1000)] public int PendingLookUps { get; init; } = 2;

    /// <summary>Look-ups that a silent airline leaves without an answer; by default enough for a person to be asked first.</summary>
    [Range(0, 100_000)] public int SilentLookUps { get; init; } = 1000;

    /// <summary>How long a slow quote for a cancellation takes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:02:00")] public TimeSpan SlowQuote { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the first denial of an order to its late confirmation.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")] public TimeSpan LateConfirmationAfter { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Brings the scenarios into the Airlines process: <c>Plugins:0</c>.</summary>
public sealed class HouseAirlinePlugin : ISupplierPlugin
{
    /// <inheritdoc/>
    public void Add(IHostApplicationBuilder builder) => builder.AddHouseAirlineScenarios();
}

/// <summary>Wires the scenarios.</summary>
public static class HouseAirlineScenarios
{
    /// <summary>
    /// Puts the scenarios before the house airline and its desk; called after <c>AddAirlines</c>, and only where the sandbox is wanted. Settings
    /// <c>Sandbox:HouseAirline</c>.
    /// </summary>
    /// <exception cref="SettingException">In Production.</exception>
    /// <exception cref="InvalidOperationException">When no airline was added before.</exception>
    public static void AddHouseAirlineScenarios(this IHostApplicationBuilder builder)
    {
        if (builder.Environment.IsProduction())
        {
            throw new SettingException("ASPNETCORE_ENVIRONMENT", "failure scenarios of the house airline do not start in environment Production");
        }

        var services = builder.Services;
        services.AddOptions<HouseAirlineSandboxOptions>().BindConfiguration("Sandbox:HouseAirline").ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<PlayedOrders>();
        services.AddSingleton<PlayedBookings>();
        services.PutBefore<ISupplier, ScenarioSupplier>();
        services.PutBefore<IHouseDesk, ScenarioDesk>();
        services.AddSingleton<LateConfirmations>();
        services.AddHostedService(provider => provider.GetRequiredService<LateConfirmations>());
    }

    /// <summary>Replaces the last registration of the port by a class that gets what was registered as its first argument.</summary>
    private static void PutBefore<TPort, TScenarios>(this IServiceCollection services) where TPort : class where TScenarios : TPort
    {
        var real = services.LastOrDefault(service => service.ServiceType == typeof(TPort))
            ?? throw new InvalidOperationException("add the airlines before their scenarios");
        services.Remove(real);
        services.Add(new(
            typeof(TPort),
            provider => ActivatorUtilities.CreateInstance<TScenarios>(provider, (TPort)(real.ImplementationInstance
                ?? real.ImplementationFactory?.Invoke(provider)
                ?? ActivatorUtilities.CreateInstance(provider, real.ImplementationType!))),
            real.Lifetime));
    }
}
