using System.Collections.Concurrent;
using Aerona.Sandbox.PayPal;
using Aerona.Suppliers;
using Microsoft.Extensions.Options;

namespace Aerona.Sandbox.HouseAirline;

/// <summary>An order that does not go the usual way.</summary>
internal sealed class PlayedOrder(string scenario)
{
    private int lookUps;

    public string Scenario { get; } = scenario;

    /// <summary>UTC, when it was first denied; null: never.</summary>
    public DateTimeOffset? DeniedAt { get; set; }

    /// <summary>Whether the airline has to be asked more often than that before it answers.</summary>
    public bool Outlasts(int questions) => Interlocked.Increment(ref lookUps) <= questions;
}

/// <summary>Orders whose names asked for a scenario that goes on after the purchase. A restart forgets them: from then on the airline tells the truth.</summary>
internal sealed class PlayedOrders : ConcurrentDictionary<Guid, PlayedOrder>;

/// <summary>The house airline as a seller on a bad day; see <see cref="Scenario"/>. Orders that should not exist can always be taken back.</summary>
internal sealed class ScenarioSupplier(ISupplier house, PlayedOrders played, TimeProvider clock, IOptions<HouseAirlineSandboxOptions> options) : ISupplier
{
    private static readonly SupplierAnswer Unknown = new(SupplierAnswerKind.Unknown);
    private static readonly SupplierAnswer SoldOut = new(SupplierAnswerKind.Refused, "order.sold_out");
    private static readonly string[] GoOn = [Scenario.Pending, Scenario.PendingRefused, Scenario.Silent, Scenario.NumbersLater, Scenario.ConfirmsLate];

    public string Name => house.Name;

    public async Task<SupplierAnswer> CommitAsync(SupplierOrder order, CancellationToken cancellationToken)
    {
        if (Array.Find(GoOn, order.Passengers.IsAskedFor) is { } scenario)
        {
            played.TryAdd(order.OrderId, new(scenario));
        }

        if (order.Passengers.IsAskedFor(Scenario.SoldOut))
        {
            return SoldOut;
        }

        if (order.Passengers.IsAskedFor(Scenario.TimeoutBefore) || order.Passengers.IsAskedFor(Scenario.PendingRefused))
        {
            return Unknown;
        }

        var answer = await house.CommitAsync(order, cancellationToken);
        return order.Passengers.IsAskedFor(Scenario.NumbersLater) ? WithoutNumbers(answer)
            : order.Passengers.IsAskedFor(Scenario.TimeoutAfter) || played.ContainsKey(order.OrderId) ? Unknown
            : answer;
    }

    public async Task<SupplierAnswer> LookUpAsync(Guid orderId, CancellationToken cancellationToken)
    {
        if (!played.TryGetValue(orderId, out var order))
        {
            return await house.LookUpAsync(orderId, cancellationToken);
        }

        switch (order.Scenario)
        {
            case Scenario.Pending or Scenario.PendingRefused when order.Outlasts(options.Value.PendingLookUps):
            case Scenario.Silent when order.Outlasts(options.Value.SilentLookUps):
                return Unknown;
            case Scenario.PendingRefused:
                return SoldOut;
            case Scenario.ConfirmsLate:
                order.DeniedAt ??= clock.GetUtcNow();
                return new(SupplierAnswerKind.Absent);
            case Scenario.NumbersLater when order.Outlasts(options.Value.PendingLookUps):
                return WithoutNumbers(await house.LookUpAsync(orderId, cancellationToken));
            default:
                return await house.LookUpAsync(orderId, cancellationToken);
        }
    }

    public Task<SupplierAnswer> CancelAsync(Guid orderId, CancellationToken cancellationToken)
    {
        played.TryRemove(orderId, out _);
        return house.CancelAsync(orderId, cancellationToken);
    }

    public async Task<CancelQuoteAnswer> QuoteCancellationAsync(CancelWish wish, CancellationToken cancellationToken)
    {
        if (wish.Sold.Passengers.IsAskedFor(Scenario.QuoteSlow))
        {
            await clock.WaitAsync(options.Value.SlowQuote, cancellationToken);
        }

        var quote = await house.QuoteCancellationAsync(wish, cancellationToken);
        return quote.Problem is null && wish.Sold.Passengers.IsAskedFor(Scenario.QuoteExpires) ? quote with { ExpiresAt = clock.GetUtcNow() } : quote;
    }

    public async Task<CancelAnswer> CancelQuotedAsync(QuotedCancel cancel, CancellationToken cancellationToken)
    {
        if (cancel.Sold.Passengers.IsAskedFor(Scenario.CancelRefused))
        {
            return CancelAnswer.Refused("cancellation.refused");
        }

        if (cancel.Sold.Passengers.IsAskedFor(Scenario.CancelTimeoutBefore))
        {
            return CancelAnswer.Unknown;
        }

        var answer = await house.CancelQuotedAsync(cancel, cancellationToken);
        return cancel.Sold.Passengers.IsAskedFor(Scenario.CancelTimeoutAfter) ? CancelAnswer.Unknown : answer;
    }

    public Task<CancelAnswer> LookUpCancellationAsync(QuotedCancel cancel, CancellationToken cancellationToken) => house.LookUpCancellationAsync(cancel, cancellationToken);

    private static SupplierAnswer WithoutNumbers(SupplierAnswer answer) => answer with { TicketNumbers = null };
}
