using System.Text.Json;

namespace Aerona.Airlines.Amadeus;

// Amadeus' JSON as far as it is read. Everything may be missing or null: what must be there is checked where it is used. What is not named here is ignored.

internal sealed record AmadeusData(JsonElement Data);

internal sealed record AmadeusToken(string? AccessToken, int? ExpiresIn);

internal sealed record AmadeusOffer(
    string? Id, int? NumberOfBookableSeats, IReadOnlyList<AmadeusItinerary>? Itineraries, AmadeusPrice? Price, AmadeusPricingOptions? PricingOptions,
    IReadOnlyList<string>? ValidatingAirlineCodes, IReadOnlyList<AmadeusTravelerPricing>? TravelerPricings);

internal sealed record AmadeusItinerary(string? Duration, IReadOnlyList<AmadeusSegment>? Segments);

internal sealed record AmadeusSegment(
    string? Id, AmadeusEndPoint? Departure, AmadeusEndPoint? Arrival, string? CarrierCode, string? Number, AmadeusCode? Aircraft, AmadeusCarrier? Operating, string? Duration);

internal sealed record AmadeusEndPoint(string? IataCode, DateTime? At);

internal sealed record AmadeusCode(string? Code);

internal sealed record AmadeusCarrier(string? CarrierCode);

internal sealed record AmadeusPrice(string? Currency, string? Total, string? Base, string? GrandTotal, IReadOnlyList<AmadeusTax>? Taxes);

internal sealed record AmadeusTax(string? Code, string? Amount);

internal sealed record AmadeusPricingOptions(bool? RefundableFare, bool? NoPenaltyFare);

internal sealed record AmadeusTravelerPricing(string? TravelerId, string? TravelerType, AmadeusPrice? Price, IReadOnlyList<AmadeusFareDetails>? FareDetailsBySegment);

internal sealed record AmadeusFareDetails(string? SegmentId, string? Cabin, string? FareBasis, string? Class, AmadeusBaggage? IncludedCheckedBags);

internal sealed record AmadeusBaggage(int? Quantity, int? Weight);

internal sealed record AmadeusOrder(
    string? Id, IReadOnlyList<AmadeusRecord>? AssociatedRecords, IReadOnlyList<AmadeusOffer>? FlightOffers, IReadOnlyList<AmadeusTraveler>? Travelers,
    IReadOnlyList<AmadeusTicket>? Tickets);

internal sealed record AmadeusRecord(string? Reference, string? OriginSystemCode);

internal sealed record AmadeusTraveler(string? Id);

internal sealed record AmadeusTicket(string? DocumentType, string? DocumentNumber, string? TravelerId);

internal sealed record AmadeusFlight(IReadOnlyList<AmadeusFlightPoint>? FlightPoints);

internal sealed record AmadeusFlightPoint(string? IataCode, AmadeusTimings? Departure, AmadeusTimings? Arrival);

internal sealed record AmadeusTimings(IReadOnlyList<AmadeusTiming>? Timings);

internal sealed record AmadeusTiming(string? Qualifier, string? Value);

internal sealed record AmadeusSeatMap(string? SegmentId, string? Class, IReadOnlyList<AmadeusDeck>? Decks);

internal sealed record AmadeusDeck(IReadOnlyList<AmadeusSeat>? Seats);

internal sealed record AmadeusSeat(string? Cabin, string? Number, IReadOnlyList<AmadeusSeatPricing>? TravelerPricing);

internal sealed record AmadeusSeatPricing(string? SeatAvailabilityStatus, AmadeusPrice? Price);

internal sealed record AmadeusError(int? Status, JsonElement Code, string? Title, string? Detail);

internal static class AmadeusJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    /// <summary>The token endpoint's, which writes snake_case.</summary>
    public static readonly JsonSerializerOptions Token = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
}
