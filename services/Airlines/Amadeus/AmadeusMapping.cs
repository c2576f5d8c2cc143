using System.Globalization;
using System.Text.Json;
using Aerona.Airlines.Outside;
using Aerona.Contracts;
using Aerona.Suppliers;

namespace Aerona.Airlines.Amadeus;

/// <summary>Amadeus' offers in our terms.</summary>
internal static class AmadeusMapping
{
    /// <summary>Amadeus names no end of an offer; its fares are known to be good for some minutes, and each is priced again before it is bought.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(20);

    private static readonly IReadOnlyList<string> Needs = [OfferNeeds.Gender, OfferNeeds.Phone];

    /// <summary>The offer, or why it cannot be sold here.</summary>
    /// <param name="json">As it came; the whole of it is wanted back later.</param>
    /// <param name="supplier">Whose it is.</param>
    /// <param name="party">Types in our order; the traveller <c>1</c> is our p1.</param>
    /// <param name="now">UTC.</param>
    public static (SupplierOffer? Offer, SkippedOffer? Skipped) Offer(JsonElement json, string supplier, IReadOnlyList<PassengerType> party, DateTimeOffset now)
    {
        string? id = null;
        try
        {
            var offer = json.Deserialize<AmadeusOffer>(AmadeusJson.Options) ?? throw new OfferProblem("offer.malformed");
            id = Require(offer.Id, "offer.malformed");
            var total = OfferMapping.Amount(offer.Price?.GrandTotal ?? offer.Price?.Total, offer.Price?.Currency);
            var validating = Require(offer.ValidatingAirlineCodes?.FirstOrDefault(), "airline.without_code");
            var pricings = Require(offer.TravelerPricings, "offer.malformed");
            if (pricings.Count != party.Count || party.Index().Any(one => TypeOf(Pricing(pricings, one.Index)) != one.Item))
            {
                throw new OfferProblem("offer.other_passengers");
            }

            var passengers = party.Select((type, index) => new OfferPassenger($"p{index + 1}", type)).ToList();
            var details = (Pricing(pricings, 0).FareDetailsBySegment ?? []).Where(one => one.SegmentId is not null).ToDictionary(one => one.SegmentId!);
            var segments = Require(offer.Itineraries, "offer.malformed").SelectMany(itinerary => Require(itinerary.Segments, "offer.malformed"))
                .Select((segment, index) => Segment(segment, index, details.GetValueOrDefault(segment.Id ?? ""))).ToList();
            OfferMapping.CheckOrder(segments);
            var refundable = offer.PricingOptions?.RefundableFare;
            var expiresAt = now + Lifetime < segments[0].DepartsAt ? now + Lifetime : segments[0].DepartsAt;
            return (
                new(
                    new(id, CanHold: false, json.GetRawText(), offer.NumberOfBookableSeats),
                    new(
                        Guid.Empty, supplier, validating, segments, passengers, Lines(pricings, total, passengers, refundable == true), total,
                        new(refundable, null, null, null), expiresAt, PayLaterUntil: null, Needs)),
                null);
        }
        catch (OfferProblem problem)
        {
            return (null, new(id ?? "", problem.Reason));
        }
        catch (Exception problem) when (problem is JsonException or ArgumentException)   // two fares for one segment, among others
        {
            return (null, new(id ?? "", "offer.malformed"));
        }
    }

    public static string NameOf(PassengerType type) => type switch { PassengerType.Child => "CHILD", PassengerType.Infant => "HELD_INFANT", _ => "ADULT" };

    public static string NameOf(Cabin cabin) => cabin switch { Cabin.PremiumEconomy => "PREMIUM_ECONOMY", _ => cabin.ToString().ToUpperInvariant() };

    private static AmadeusTravelerPricing Pricing(IReadOnlyList<AmadeusTravelerPricing> pricings, int index) =>
        pricings.FirstOrDefault(one => one.TravelerId == (index + 1).ToString(CultureInfo.InvariantCulture)) ?? throw new OfferProblem("offer.other_passengers");

    private static PassengerType TypeOf(AmadeusTravelerPricing pricing) => pricing.TravelerType switch
    {
        "HELD_INFANT" => PassengerType.Infant,
        "CHILD" or "SEATED_INFANT" => PassengerType.Child,
        _ => PassengerType.Adult,
    };

    private static Segment Segment(AmadeusSegment segment, int index, AmadeusFareDetails? fare)
    {
        var carrier = Require(segment.CarrierCode, "airline.without_code");
        var flight = FlightDesignator.Parse(carrier + segment.Number) ?? throw new OfferProblem("flight.without_number");
        var (origin, destination) = (Require(segment.Departure?.IataCode, "airport.without_code"), Require(segment.Arrival?.IataCode, "airport.without_code"));
        var (originZone, destinationZone) = (OfferMapping.Zone(origin, null), OfferMapping.Zone(destination, null));
        if (segment.Departure!.At is not { } departs || segment.Arrival!.At is not { } arrives)
        {
            throw new OfferProblem("offer.malformed");
        }

        var (departsAt, arrivesAt) = OfferMapping.Instants(departs, originZone, arrives, destinationZone, OfferMapping.Span(segment.Duration));
        return new(
            index + 1, flight.OnDate(DateOnly.FromDateTime(departs)), flight, segment.Operating?.CarrierCode ?? carrier, origin, destination,
            DateTime.SpecifyKind(departs, DateTimeKind.Unspecified), originZone.Id, departsAt, DateTime.SpecifyKind(arrives, DateTimeKind.Unspecified), destinationZone.Id, arrivesAt,
            segment.Aircraft?.Code ?? "", CabinOf(fare?.Cabin), fare?.Class is { Length: 1 } letter ? letter : "Y", fare?.FareBasis ?? "", Baggage(fare?.IncludedCheckedBags));
    }

    private static Cabin CabinOf(string? name) => name switch
    {
        "ECONOMY" or null => Cabin.Economy,
        "PREMIUM_ECONOMY" => Cabin.PremiumEconomy,
        "BUSINESS" => Cabin.Business,
        "FIRST" => Cabin.First,
        _ => throw new OfferProblem("cabin.unknown"),
    };

    private static string Baggage(AmadeusBaggage? bags) => bags switch
    {
        { Weight: > 0 and var weight } => string.Create(CultureInfo.InvariantCulture, $"{weight}K"),
        { Quantity: > 0 and var pieces } => string.Create(CultureInfo.InvariantCulture, $"{pieces}PC"),
        _ => "NIL",
    };

    /// <summary>Each traveller's fare and taxes; what the offer costs beyond them (fees, seats, bags) is shared out as the carrier's charge.</summary>
    private static IReadOnlyList<PriceLine> Lines(IReadOnlyList<AmadeusTravelerPricing> pricings, Money total, IReadOnlyList<OfferPassenger> passengers, bool refundable)
    {
        var lines = new List<PriceLine>();
        for (var index = 0; index < passengers.Count; index++)
        {
            var price = Pricing(pricings, index).Price;
            var whole = OfferMapping.Amount(price?.Total, price?.Currency);
            var taxes = (price?.Taxes ?? []).Where(tax => tax.Code is not null)
                .Select(tax => (Code: tax.Code!, Amount: OfferMapping.Amount(tax.Amount, price!.Currency))).Where(tax => tax.Amount.MinorUnits > 0).ToList();
            var taxed = taxes.Select(tax => tax.Amount).Sum(whole.Currency);
            // Without a list the difference between the whole and the fare is all that is known of taxes.
            var fare = taxes.Count == 0 && price?.Base is not null ? OfferMapping.Amount(price.Base, price.Currency) : whole - taxed;
            if (whole.Currency != total.Currency || fare.MinorUnits < 0 || fare > whole)
            {
                throw new OfferProblem("price.does_not_add_up");
            }

            lines.Add(new(passengers[index].Id, PriceLineKind.BaseFare, "FARE", null, refundable, fare));
            lines.AddRange(taxes.Select(tax => new PriceLine(
                passengers[index].Id, tax.Code is "YQ" or "YR" ? PriceLineKind.CarrierCharge : PriceLineKind.Tax, tax.Code, null, false, tax.Amount)).OrderBy(line => line.Kind));
            if (taxes.Count == 0 && whole > fare)
            {
                lines.Add(new(passengers[index].Id, PriceLineKind.Tax, "XT", null, false, whole - fare));
            }
        }

        var rest = total - lines.Select(line => line.Amount).Sum(total.Currency);
        return rest.MinorUnits < 0 ? throw new OfferProblem("price.does_not_add_up")
            : [.. lines, .. OfferMapping.Share(rest, passengers, PriceLineKind.CarrierCharge, "OB", refundable: false)];
    }

    private static T Require<T>(T? value, string reason) where T : class => value is null or "" ? throw new OfferProblem(reason) : value;
}
