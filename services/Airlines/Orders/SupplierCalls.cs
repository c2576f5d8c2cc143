using Aerona.Suppliers;

namespace Aerona.Airlines.Orders;

internal static class SupplierCalls
{
    /// <summary>The supplier of that name; there is exactly one.</summary>
    public static ISupplier Named(this IEnumerable<ISupplier> suppliers, string? name) => suppliers.Single(supplier => supplier.Name == name);

    /// <summary>A call cut off by its limit is an answer too: nobody knows.</summary>
    public static async Task<SupplierAnswer> OrUnknownAsync(this Task<SupplierAnswer> call)
    {
        try
        {
            return await call;
        }
        catch (OperationCanceledException)
        {
            return new(SupplierAnswerKind.Unknown);
        }
    }
}
