using System.Security.Claims;
using Aerona.Airlines.Data;
using Aerona.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Offers;

internal static class GetOffer
{
    public static void MapGetOffer(this RouteGroupBuilder offers) =>
        offers.MapGet("/{offerId}", HandleAsync).WithName("GetOffer").WithSummary("The offer, expired or not; somebody else's is not found");

    private static async Task<Results<Ok<OfferView>, ProblemHttpResult>> HandleAsync(
        string offerId, ClaimsPrincipal user, AirlinesDbContext db, TimeProvider clock, CancellationToken cancellationToken) =>
        await db.FindOfferAsync(offerId, user, cancellationToken) is { } offer ? TypedResults.Ok(OfferView.Of(offer, clock.GetUtcNow())) : NotFound();

    public static ProblemHttpResult NotFound() => Problems.NotFound("offer.not_found", "there is no such offer");

    /// <summary>The offer if the caller may see it.</summary>
    public static async Task<Offer?> FindOfferAsync(this AirlinesDbContext db, string offerId, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var offer = Guid.TryParse(offerId, out var id) ? await db.Offers.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) : null;
        return offer is not null && (offer.Owner is null || offer.Owner == user.Owner()) ? offer : null;
    }
}
