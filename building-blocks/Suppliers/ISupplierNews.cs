namespace Aerona.Suppliers;

/// <summary>Takes what a supplier says of an order without being asked: late, by a webhook or a message of its own.</summary>
public interface ISupplierNews
{
    /// <summary>Takes in an answer about one of our orders and tells who bought it; about a reference that is none of ours nothing is done.</summary>
    /// <returns>Whether the order is ours.</returns>
    Task<bool> TakeAsync(Guid orderId, SupplierAnswer answer, CancellationToken cancellationToken);
}
