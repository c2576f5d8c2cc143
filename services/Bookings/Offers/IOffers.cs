using System.Net;
using System.Text.Json;
using Aerona.Contracts;
using Polly.Timeout;

namespace Aerona.Bookings.Offers;

/// <summary>Offers as Airlines made them.</summary>
internal interface IOffers
{
    /// <summary>The offer as the caller may see it.</summary>
    /// <param name="offerId">The offer.</param>
    /// <param name="authorization">The caller's own Authorization header, passed on; null when there is none.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<OfferAnswer> FindAsync(Guid offerId, string? authorization, CancellationToken cancellationToken);
}

/// <summary>What Airlines said about an offer.</summary>
internal abstract record OfferAnswer
{
    /// <summary>It exists.</summary>
    /// <param name="Offer">Its frozen content.</param>
    /// <param name="Expired">Whether Airlines calls it expired.</param>
    internal sealed record Found(OfferSnapshot Offer, bool Expired) : OfferAnswer;

    /// <summary>It does not exist for this caller.</summary>
    internal sealed record Unknown : OfferAnswer;

    /// <summary>Airlines did not answer.</summary>
    internal sealed record Unavailable : OfferAnswer;
}

/// <summary>Airlines over HTTP.</summary>
internal sealed class HttpOffers(HttpClient http) : IOffers
{
    public async Task<OfferAnswer> FindAsync(Guid offerId, string? authorization, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"v1/offers/{offerId}");
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                return new OfferAnswer.Unknown();
            }

            if (!response.IsSuccessStatusCode)
            {
                return new OfferAnswer.Unavailable();
            }

            var offer = await response.Content.ReadFromJsonAsync<OfferShape>(cancellationToken) ?? throw new JsonException("an offer is an object");
            return new OfferAnswer.Found(offer.Snapshot(), offer.Expired);
        }
        catch (Exception problem) when (problem is HttpRequestException or TimeoutRejectedException)
        {
            return new OfferAnswer.Unavailable();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)   // the client's own time limit
        {
            return new OfferAnswer.Unavailable();
        }
    }

    private sealed record OfferShape(
        Guid Id, string Supplier, string ValidatingCarrier, IReadOnlyList<Segment> Segments, IReadOnlyList<PassengerShape> Passengers, Money Total,
        FareConditions Conditions, DateTimeOffset ExpiresAt, bool Expired = false, DateTimeOffset? PayLaterUntil = null,
        IReadOnlyList<string>? Needs = null, IReadOnlyList<ChosenSeat>? Seats = null)
    {
        public OfferSnapshot Snapshot() => new(
            Id, Supplier, ValidatingCarrier, Segments, [.. Passengers.Select(passenger => new OfferPassenger(passenger.Id, passenger.Type))],
            [.. Passengers.SelectMany(passenger => passenger.Lines)], Total, Conditions, ExpiresAt, PayLaterUntil, Needs, Seats);
    }

    private sealed record PassengerShape(string Id, PassengerType Type, IReadOnlyList<PriceLine> Lines);
}
