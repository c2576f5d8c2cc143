using System.Globalization;
using System.Text.Json;
using Aerona.Airlines.Outside;
using Aerona.Contracts;
using Aerona.Suppliers;

namespace Aerona.Airlines.Duffel;

/// <summary>Duffel's offers in our terms.</summary>
internal static class DuffelMapping
{
    private static readonly IReadOnlyList<string> Needs = [OfferNeeds.Gender, OfferNeeds.Phone];

    /// <summary>
    /// The offer, or why it cannot be sold here. Duffel names one sum of fares and one of taxes for the whole party: they are shared out evenly, what is left over to the
    /// first.
    /// </summary>
    /// <param name="json">As it came.</param>
    /// <param name="supplier">Whose it is.</param>
    /// <param name="party">Types in our order: p1, p2 …</param>
    public static (SupplierOffer? Offer, SkippedOffer? Skipped) Offer(JsonElement json, string supplier, IReadOnlyList<PassengerType> party)
    {
        string? id = null;
        try
        {
            var offer = json.Deserialize<DuffelOffer>(DuffelJson.Options) ?? throw new OfferProblem("offer.malformed");
            id = Require(offer.Id, "offer.malformed");
            var total = OfferMapping.Amount(offer.TotalAmount, offer.TotalCurrency);
            var validating = Require(offer.Owner?.IataCode, "airline.without_code");
            PassengerIds(offer, party);
            var passengers = party.Select((type, index) => new OfferPassenger($"p{index + 1}", type)).ToList();
            var slices = Require(offer.Slices, "offer.malformed");
            var segments = slices.SelectMany(slice => Require(slice.Segments, "offer.malformed")).Select(Segment).ToList();
            OfferMapping.CheckOrder(segments);
            var refundable = offer.Conditions?.RefundBeforeDeparture?.Allowed;
            var payment = offer.PaymentRequirements;
            var canHold = payment is { RequiresInstantPayment: false, PaymentRequiredBy: not null };
            var snapshot = new OfferSnapshot(
                Guid.Empty, supplier, validating, segments, passengers, Lines(offer, total, passengers, refundable == true), total, Conditions(offer.Conditions),
                offer.ExpiresAt?.ToUniversalTime() ?? throw new OfferProblem("offer.malformed"), canHold ? payment!.PaymentRequiredBy!.Value.ToUniversalTime() : null, Needs);
            return (new(new(id, canHold, json.GetRawText()), snapshot), null);
        }
        catch (OfferProblem problem)
        {
            return (null, new(id ?? "", problem.Reason));
        }
        catch (JsonException)
        {
            return (null, new(id ?? "", "offer.malformed"));
        }
    }

    /// <summary>Duffel's passenger for each of ours: the first adult is ours too, and so on.</summary>
    public static IReadOnlyList<string> PassengerIds(DuffelOffer offer, IReadOnlyList<PassengerType> party)
    {
        var left = Require(offer.Passengers, "offer.malformed").ToList();
        var ids = new List<string>();
        foreach (var type in party)
        {
            var theirs = left.Find(passenger => TypeOf(passenger) == type) ?? throw new OfferProblem("offer.other_passengers");
            left.Remove(theirs);
            ids.Add(Require(theirs.Id, "offer.malformed"));
        }

        return left.Count == 0 ? ids : throw new OfferProblem("offer.other_passengers");
    }

    public static PassengerType TypeOf(DuffelPassenger passenger) => (passenger.Type, passenger.Age) switch
    {
        ("infant_without_seat", _) or (null, < 2) => PassengerType.Infant,
        ("child", _) or (null, < 12) => PassengerType.Child,
        _ => PassengerType.Adult,
    };

    public static string Describe(DuffelSegment segment) => string.Create(
        CultureInfo.InvariantCulture,
        $"{segment.MarketingCarrier?.IataCode}{segment.MarketingCarrierFlightNumber?.TrimStart('0')} {segment.Origin?.IataCode}-{segment.Destination?.IataCode} {segment.DepartingAt:yyyy-MM-dd HH:mm}-{segment.ArrivingAt:HH:mm}");

    public static T Require<T>(T? value, string reason) where T : class => value is null or "" ? throw new OfferProblem(reason) : value;

    /// <summary>First departure in UTC, or null when that cannot be told.</summary>
    public static DateTimeOffset? DepartsAt(DuffelOrder order)
    {
        try
        {
            return order.Slices?.FirstOrDefault()?.Segments?.FirstOrDefault() is { } first ? Segment(first, 0).DepartsAt : null;
        }
        catch (OfferProblem)
        {
            return null;
        }
    }

    private static Segment Segment(DuffelSegment segment, int index)
    {
        var marketing = Require(segment.MarketingCarrier?.IataCode, "airline.without_code");
        var flight = FlightDesignator.Parse(marketing + segment.MarketingCarrierFlightNumber) ?? throw new OfferProblem("flight.without_number");
        var (origin, destination) = (Require(segment.Origin?.IataCode, "airport.without_code"), Require(segment.Destination?.IataCode, "airport.without_code"));
        var (originZone, destinationZone) = (OfferMapping.Zone(origin, segment.Origin!.TimeZone), OfferMapping.Zone(destination, segment.Destination!.TimeZone));
        if (segment.DepartingAt is not { } departs || segment.ArrivingAt is not { } arrives)
        {
            throw new OfferProblem("offer.malformed");
        }

        var (departsAt, arrivesAt) = OfferMapping.Instants(departs, originZone, arrives, destinationZone, OfferMapping.Span(segment.Duration));
        var passenger = segment.Passengers?.FirstOrDefault();
        var basis = passenger?.FareBasisCode ?? "";
        return new(
            index + 1, flight.OnDate(DateOnly.FromDateTime(departs)), flight, segment.OperatingCarrier?.IataCode ?? marketing, origin, destination,
            DateTime.SpecifyKind(departs, DateTimeKind.Unspecified), originZone.Id, departsAt, DateTime.SpecifyKind(arrives, DateTimeKind.Unspecified), destinationZone.Id, arrivesAt,
            segment.Aircraft?.IataCode ?? "", CabinOf(passenger?.CabinClass), basis is [var letter, ..] && char.IsAsciiLetterUpper(letter) ? letter.ToString() : "Y", basis,
            Baggage(passenger));
    }

    public static Cabin CabinOf(string? name) => name switch
    {
        "economy" or null => Cabin.Economy,
        "premium_economy" => Cabin.PremiumEconomy,
        "business" => Cabin.Business,
        "first" => Cabin.First,
        _ => throw new OfferProblem("cabin.unknown"),
    };

    public static string NameOf(Cabin cabin) => cabin switch
    {
        Cabin.PremiumEconomy => "premium_economy",
        _ => cabin.ToString().ToLowerInvariant(),
    };

    private static string Baggage(DuffelSegmentPassenger? passenger)
    {
        var pieces = passenger?.Baggages?.Where(baggage => baggage.Type == "checked").Sum(baggage => baggage.Quantity ?? 0) ?? 0;
        return pieces == 0 ? "NIL" : string.Create(CultureInfo.InvariantCulture, $"{pieces}PC");
    }

    private static IReadOnlyList<PriceLine> Lines(DuffelOffer offer, Money total, IReadOnlyList<OfferPassenger> passengers, bool refundable)
    {
        if (offer.BaseCurrency != total.Currency || (offer.TaxAmount is not null && offer.TaxCurrency != total.Currency))
        {
            return OfferMapping.Shared(total, passengers, PriceLineKind.BaseFare, "FARE", refundable);   // parts in other money do not add up
        }

        var fare = OfferMapping.Amount(offer.BaseAmount, offer.BaseCurrency);
        var tax = offer.TaxAmount is null ? Money.Zero(total.Currency) : OfferMapping.Amount(offer.TaxAmount, offer.TaxCurrency);
        var rest = total - fare - tax;
        return rest.MinorUnits < 0
            ? throw new OfferProblem("price.does_not_add_up")
            :
            [
                .. OfferMapping.Shared(fare, passengers, PriceLineKind.BaseFare, "FARE", refundable),
                .. OfferMapping.Shared(rest, passengers, PriceLineKind.CarrierCharge, "YQ", refundable),
                .. OfferMapping.Shared(tax, passengers, PriceLineKind.Tax, "XT", refundable: false),
            ];
    }

    private static FareConditions Conditions(DuffelConditions? conditions) => new(
        conditions?.RefundBeforeDeparture?.Allowed, Penalty(conditions?.RefundBeforeDeparture), conditions?.ChangeBeforeDeparture?.Allowed,
        Penalty(conditions?.ChangeBeforeDeparture));

    private static Money? Penalty(DuffelCondition? condition) =>
        condition is { Allowed: true, PenaltyAmount: { } amount, PenaltyCurrency: { } currency } ? OfferMapping.Amount(amount, currency) : null;
}
