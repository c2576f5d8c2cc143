using Aerona.Airlines.Orders;
using Aerona.Airlines.Outside;
using Aerona.Suppliers;

namespace Aerona.Airlines.Fetching;

/// <summary>How one supplier answered a live question.</summary>
internal sealed record LiveAnswer(string Supplier, OffersAnswer Answer);

/// <summary>Asks several suppliers at once for as long as somebody waits. Whoever is silent is left out; nobody waits for them beyond the budget.</summary>
internal sealed class LiveOffers(OutsideSuppliers outside, SupplierCalls calls, TimeProvider clock)
{
    private static readonly SupplierProblem TimedOut = new(SupplierFailure.Unavailable, "time_out", "not within the budget");

    /// <summary>Suppliers that can be asked.</summary>
    public IReadOnlyList<string> Names { get; } = [.. outside.All.Where(supplier => supplier.Capabilities.IsLive).Select(supplier => supplier.Name).Order(StringComparer.Ordinal)];

    /// <summary>One answer a supplier, in the order of the names.</summary>
    public async Task<IReadOnlyList<LiveAnswer>> FetchAsync(OfferWish wish, IReadOnlyList<string> names, TimeSpan budget, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(budget, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        return await Task.WhenAll(names.Select(async name => new LiveAnswer(name, await FetchAsync(outside.Find(name)!, wish, either.Token))));
    }

    private Task<OffersAnswer> FetchAsync(IOutsideSupplier supplier, OfferWish wish, CancellationToken cancellationToken) => calls.AskAsync(
        supplier, "fetch", about: null, one => one.FetchAsync(wish, cancellationToken), answer => answer.Problem is { } problem ? problem.Kind.ToString().ToLowerInvariant() : "success",
        OffersAnswer.Failed(TimedOut));
}
