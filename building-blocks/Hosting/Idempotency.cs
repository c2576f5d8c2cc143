using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Hosting;

/// <summary>
/// Safe repeats of changing calls. The handler adds its changes and messages to the context and does not save: the filter saves them together with the
/// answer, in one transaction, so that a replay gets the same answer and nothing is done twice. Answers of 400 and above save nothing and are not kept.
/// </summary>
public static class Idempotency
{
    /// <summary>Maps the table idempotency_key.</summary>
    public static void AddIdempotency(this ModelBuilder model) => throw new NotImplementedException();

    /// <summary>
    /// Requires the header <c>Idempotency-Key</c> (1-255 printable characters; per caller and endpoint, kept 7 days). Missing → 400
    /// <c>idempotency.key_missing</c>; another body → 422 <c>idempotency.key_reused</c>; still running → 409 <c>idempotency.in_progress</c>; done → the same
    /// answer with <c>Idempotency-Replayed: true</c>. A row changed meanwhile → 409 <c>conflict</c>.
    /// </summary>
    public static RouteHandlerBuilder Idempotent<TDbContext>(this RouteHandlerBuilder endpoint) where TDbContext : DbContext => throw new NotImplementedException();
}
