using System.Text.Json;

namespace Aerona.Airlines.Duffel;

// Duffel's JSON as far as it is read. Everything may be missing or null: what must be there is checked where it is used. What is not named here is ignored.

internal sealed record DuffelData<T>(T? Data) where T : class;

internal sealed record DuffelPage(JsonElement Data, DuffelMeta? Meta);

internal sealed record DuffelMeta(string? After);

internal sealed record DuffelOfferRequest(string? Id, JsonElement Offers);

internal sealed record DuffelOffer(
    string? Id, string? BaseAmount, string? BaseCurrency, string? TaxAmount, string? TaxCurrency, string? TotalAmount, string? TotalCurrency, DateTimeOffset? ExpiresAt,
    DuffelAirline? Owner, DuffelConditions? Conditions, DuffelPaymentRequirements? PaymentRequirements, IReadOnlyList<DuffelPassenger>? Passengers,
    IReadOnlyList<DuffelSlice>? Slices, bool? Partial);

internal sealed record DuffelAirline(string? Name, string? IataCode);

internal sealed record DuffelPlace(string? IataCode, string? TimeZone, string? Name);

internal sealed record DuffelConditions(DuffelCondition? RefundBeforeDeparture, DuffelCondition? ChangeBeforeDeparture);

internal sealed record DuffelCondition(bool? Allowed, string? PenaltyAmount, string? PenaltyCurrency);

internal sealed record DuffelPaymentRequirements(bool? RequiresInstantPayment, DateTimeOffset? PaymentRequiredBy, DateTimeOffset? PriceGuaranteeExpiresAt);

internal sealed record DuffelPassenger(string? Id, string? Type, int? Age);

internal sealed record DuffelSlice(string? Id, DuffelPlace? Origin, DuffelPlace? Destination, string? Duration, IReadOnlyList<DuffelSegment>? Segments);

internal sealed record DuffelSegment(
    string? Id, DuffelPlace? Origin, DuffelPlace? Destination, DateTime? DepartingAt, DateTime? ArrivingAt, string? Duration, DuffelAirline? MarketingCarrier,
    string? MarketingCarrierFlightNumber, DuffelAirline? OperatingCarrier, DuffelAircraft? Aircraft, IReadOnlyList<DuffelSegmentPassenger>? Passengers);

internal sealed record DuffelAircraft(string? IataCode);

internal sealed record DuffelSegmentPassenger(string? PassengerId, string? CabinClass, string? FareBasisCode, IReadOnlyList<DuffelBaggage>? Baggages);

internal sealed record DuffelBaggage(string? Type, int? Quantity);

internal sealed record DuffelOrder(
    string? Id, string? BookingReference, string? TotalAmount, string? TotalCurrency, DateTimeOffset? CreatedAt, DateTimeOffset? CancelledAt, DuffelAirline? Owner,
    DuffelPaymentStatus? PaymentStatus, IReadOnlyList<DuffelPassenger>? Passengers, IReadOnlyList<DuffelSlice>? Slices, IReadOnlyList<DuffelDocument>? Documents,
    IReadOnlyDictionary<string, string>? Metadata, IReadOnlyList<DuffelChange>? AirlineInitiatedChanges);

internal sealed record DuffelPaymentStatus(bool? AwaitingPayment, DateTimeOffset? PaymentRequiredBy, DateTimeOffset? PriceGuaranteeExpiresAt, DateTimeOffset? PaidAt);

internal sealed record DuffelDocument(string? Type, string? UniqueIdentifier, IReadOnlyList<string>? PassengerIds);

internal sealed record DuffelChange(
    string? Id, string? OrderId, DateTimeOffset? CreatedAt, IReadOnlyList<DuffelSlice>? Removed, IReadOnlyList<DuffelSlice>? Added, IReadOnlyList<string>? AvailableActions);

internal sealed record DuffelPayment(string? Id);

internal sealed record DuffelCancellation(string? Id, string? OrderId, string? RefundAmount, string? RefundCurrency, string? RefundTo, DateTimeOffset? ExpiresAt,
    DateTimeOffset? ConfirmedAt);

internal sealed record DuffelSeatMap(string? SegmentId, IReadOnlyList<DuffelCabin>? Cabins);

internal sealed record DuffelCabin(string? CabinClass, IReadOnlyList<DuffelRow>? Rows);

internal sealed record DuffelRow(IReadOnlyList<DuffelSection>? Sections);

internal sealed record DuffelSection(IReadOnlyList<DuffelElement>? Elements);

internal sealed record DuffelElement(string? Type, string? Designator, IReadOnlyList<DuffelSeatService>? AvailableServices);

internal sealed record DuffelSeatService(string? TotalAmount, string? TotalCurrency);

internal sealed record DuffelErrors(IReadOnlyList<DuffelError>? Errors);

internal sealed record DuffelError(string? Type, string? Code, string? Title, string? Message);

internal sealed record DuffelEvent(string? Id, string? Type, string? IdempotencyKey, DuffelEventData? Data);

internal sealed record DuffelEventData(JsonElement Object);

internal static class DuffelJson
{
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowReadingFromString,
    };
}
