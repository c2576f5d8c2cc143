using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Sandbox.PayPal;

/// <summary>Voids what nobody captured for 29 days, as PayPal does, with its webhook: before every answer, so that none shows it live, and every second.</summary>
internal sealed class Lapses(IServiceScopeFactory scopes, PayPalSandboxOptions options, TimeProvider time)
{
    /// <summary>Voids all that lapsed by now.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SandboxDbContext>();
        var now = time.GetUtcNow();
        var lapsed = await db.Authorizations.AsNoTracking()
            .Where(one => one.ParentId == null && one.ExpiresAt <= now && (one.Status == "CREATED" || one.Status == "PENDING" || one.Status == "PARTIALLY_CAPTURED"))
            .Select(one => new { one.Id, one.OrderId }).ToListAsync(cancellationToken);
        if (lapsed.Count == 0)
        {
            return;
        }

        var webhooks = scope.ServiceProvider.GetRequiredService<WebhookOutbox>();
        var views = new PayPalViews((options.PublicBaseUrl ?? "http://localhost").TrimEnd('/') + "/sandbox/paypal");
        foreach (var one in lapsed)
        {
            await using var transaction = await db.BeginAsync(cancellationToken);
            var order = (await db.TryLockAsync<PayPalOrder>(one.OrderId, cancellationToken))!;
            var authorization = (await db.Authorizations.FindAsync([one.Id], cancellationToken))!;
            if (authorization.IsLive)
            {
                await db.GiveBackAsync(authorization, now, cancellationToken);
                await webhooks.AddAsync(
                    db, views, order, "PAYMENT.AUTHORIZATION.VOIDED", views.Authorization(authorization, order, related: true), now, cancellationToken);
            }

            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        webhooks.Wake();
    }
}
