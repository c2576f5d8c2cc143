using Aerona.Hosting;
using Aerona.Sandbox.HouseAirline;
using Aerona.Suppliers;

[assembly: SupplierPlugin<HouseAirlinePlugin>]

namespace Aerona.Sandbox.HouseAirline;

/// <summary>
/// Failures of the house airline as an input: the surname of any passenger, as sent to the airline, picks one when the order is committed.
/// <c>SOLDOUT</c>: refused. <c>TIMEOUTBEFORE</c>: no answer and nothing bought. <c>TIMEOUTAFTER</c>: bought, but the answer is lost. Look-ups and
/// cancellations always tell the truth.
/// </summary>
internal sealed class ScenarioSupplier(ISupplier house) : ISupplier
{
    public string Name => house.Name;

    public async Task<SupplierAnswer> CommitAsync(SupplierOrder order, CancellationToken cancellationToken)
    {
        if (IsAskedFor("SOLDOUT", order))
        {
            return new(SupplierAnswerKind.Refused, "order.sold_out");
        }

        if (IsAskedFor("TIMEOUTBEFORE", order))
        {
            return new(SupplierAnswerKind.Unknown);
        }

        var answer = await house.CommitAsync(order, cancellationToken);
        return IsAskedFor("TIMEOUTAFTER", order) ? new(SupplierAnswerKind.Unknown) : answer;
    }

    public Task<SupplierAnswer> LookUpAsync(Guid orderId, CancellationToken cancellationToken) => house.LookUpAsync(orderId, cancellationToken);

    public Task<SupplierAnswer> CancelAsync(Guid orderId, CancellationToken cancellationToken) => house.CancelAsync(orderId, cancellationToken);

    private static bool IsAskedFor(string scenario, SupplierOrder order) => order.Passengers.Any(passenger => passenger.TicketSurname == scenario);
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
    /// Puts the scenarios before the house airline; called after <c>AddAirlines</c>, and only where the sandbox is wanted.
    /// </summary>
    /// <exception cref="SettingException">In Production.</exception>
    /// <exception cref="InvalidOperationException">When no supplier was added before.</exception>
    public static void AddHouseAirlineScenarios(this IHostApplicationBuilder builder)
    {
        if (builder.Environment.IsProduction())
        {
            throw new SettingException("ASPNETCORE_ENVIRONMENT", "failure scenarios of the house airline do not start in environment Production");
        }

        var house = builder.Services.LastOrDefault(service => service.ServiceType == typeof(ISupplier))
            ?? throw new InvalidOperationException("add the airlines before their scenarios");
        builder.Services.Remove(house);
        builder.Services.Add(new(
            typeof(ISupplier),
            services => new ScenarioSupplier((ISupplier)(house.ImplementationInstance
                ?? house.ImplementationFactory?.Invoke(services)
                ?? ActivatorUtilities.CreateInstance(services, house.ImplementationType!))),
            house.Lifetime));
    }
}
