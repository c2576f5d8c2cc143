using Aerona.Airlines.Data;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Offers;

/// <summary>Offers read while one message is handled, each once: who routes it and who holds its seats look at the same one. Scoped.</summary>
internal sealed class StoredOffers(AirlinesDbContext db)
{
    private readonly Dictionary<Guid, Offer?> read = [];

    /// <summary>Not tracked; null when there is none.</summary>
    public async Task<Offer?> FindAsync(Guid offerId, CancellationToken cancellationToken) =>
        read.TryGetValue(offerId, out var offer) ? offer
            : read[offerId] = await db.Offers.AsNoTracking().SingleOrDefaultAsync(row => row.Id == offerId, cancellationToken);
}
