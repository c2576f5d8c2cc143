using System.Security.Cryptography;
using System.Text;
using Aerona.Contracts;
using Microsoft.Extensions.Caching.Hybrid;

namespace Aerona.Bookings.Offers;

/// <summary>
/// Remembers an offer until it expires: its content is frozen, so what was read once is right as long as it can be bought at all. Whoever corrects a passenger's
/// name and submits again, at this replica or another, does not wait for Airlines again. Kept by offer and caller, for what one may see another may not.
/// What is unknown or expired is not remembered.
/// </summary>
internal sealed class CachedOffers(HttpOffers airlines, HybridCache cache, TimeProvider clock) : IOffers
{
    private static readonly HybridCacheEntryOptions OnlyLook = new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData, LocalCacheExpiration = TimeSpan.FromMinutes(1) };

    public async Task<OfferAnswer> FindAsync(Guid offerId, string? authorization, CancellationToken cancellationToken)
    {
        var key = $"offer:{offerId:n}:{Caller(authorization)}";
        var known = await cache.GetOrCreateAsync<OfferSnapshot?>(key, static _ => default, OnlyLook, cancellationToken: cancellationToken);
        if (known is not null && known.ExpiresAt > clock.GetUtcNow())
        {
            return new OfferAnswer.Found(known, Expired: false);
        }

        var answer = await airlines.FindAsync(offerId, authorization, cancellationToken);
        if (answer is OfferAnswer.Found { Expired: false, Offer: var offer } && offer.ExpiresAt - clock.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            await cache.SetAsync(key, offer, new() { Expiration = left, LocalCacheExpiration = left }, cancellationToken: cancellationToken);
        }

        return answer;
    }

    /// <summary>A digest: no token lies in a cache.</summary>
    private static string Caller(string? authorization) =>
        authorization is null ? "anybody" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(authorization)));
}
