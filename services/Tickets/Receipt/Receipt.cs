using Aerona.Contracts;
using Aerona.Reference;

namespace Aerona.Tickets.Receipt;

/// <summary>What an itinerary receipt says.</summary>
/// <param name="Order">The journey, who travels and what it cost.</param>
/// <param name="Paid">What was captured.</param>
/// <param name="VerificationUrl">Behind the QR code.</param>
internal sealed record Receipt(TicketedOrder Order, Money Paid, string VerificationUrl)
{
    public OfferSnapshot Offer => Order.Offer;

    public string Currency => Offer.Total.Currency;

    /// <summary>A passenger's price lines, those of one code added up over the segments; fare first, then charges, then taxes.</summary>
    public IReadOnlyList<PriceLine> LinesOf(string passengerId) =>
    [
        .. from line in Offer.Lines
           where line.PassengerId == passengerId
           group line by (line.Kind, line.Code, line.Country, line.Refundable) into same
           orderby same.Key.Kind
           select same.First() with { Amount = same.Select(line => line.Amount).Sum(Currency) },
    ];

    public Money TotalOf(string passengerId) =>
        Offer.Lines.Where(line => line.PassengerId == passengerId).Select(line => line.Amount).Sum(Currency);

    public Money TotalOf(PriceLineKind kind) => Offer.Lines.Where(line => line.Kind == kind).Select(line => line.Amount).Sum(Currency);
}

/// <summary>Names and times as a document prints them; English.</summary>
internal static class Wording
{
    private static readonly System.Globalization.CultureInfo English = System.Globalization.CultureInfo.InvariantCulture;

    // What the commonest codes of the ticket tax box stand for; a code means something only together with its country.
    private static readonly Dictionary<(string?, string), string> TaxNames = new()
    {
        [("US", "US")] = "US transportation tax", [("US", "ZP")] = "US flight segment tax", [("US", "AY")] = "US security fee",
        [("US", "XF")] = "US passenger facility charge", [("US", "YC")] = "US customs fee", [("US", "XY")] = "US immigration fee",
        [("US", "XA")] = "US agriculture fee", [("GB", "GB")] = "UK air passenger duty", [("GB", "UB")] = "UK passenger service charge",
        [("FR", "IZ")] = "French solidarity tax", [("FR", "FR")] = "French civil aviation tax", [("FR", "QX")] = "French passenger charge",
        [("DE", "OY")] = "German air transport tax", [("DE", "RA")] = "German passenger charge", [("DE", "DE")] = "German security charge",
        [("CA", "CA")] = "Canadian security charge", [("CA", "SQ")] = "Canadian airport improvement fee", [("CA", "XG")] = "Canadian goods and services tax",
    };

    public static string City(string airport) => Airports.Find(airport)?.City ?? airport;

    public static string AirportName(string airport) => Airports.Find(airport)?.Name ?? $"Airport {airport}";

    public static string Airline(string carrier) => Carriers.Find(carrier)?.Name ?? carrier;

    public static string Aircraft(string type) => AircraftTypes.Find(type)?.Name ?? type;

    public static string Of(Cabin cabin) => cabin == Cabin.PremiumEconomy ? "Premium economy" : cabin.ToString();

    public static string Of(PassengerType type) => type == PassengerType.Infant ? "Infant on lap" : type.ToString();

    public static string Time(DateTime local) => local.ToString("HH:mm", English);

    public static string Day(DateTime local) => local.ToString("ddd d MMM yyyy", English);

    public static string LongDay(DateTime local) => local.ToString("dddd, d MMMM yyyy", English);

    /// <summary>Zone and what it is ahead of UTC on that day: <c>Europe/Berlin, UTC+1</c>.</summary>
    public static string Zone(string zone, DateTime local, DateTimeOffset instant)
    {
        var ahead = local - instant.UtcDateTime;
        if (ahead == TimeSpan.Zero)
            return $"{zone.Replace('_', ' ')}, UTC";

        var minutes = ahead.Minutes == 0 ? "" : ahead.ToString(@"\:mm", English);
        return $"{zone.Replace('_', ' ')}, UTC{(ahead < TimeSpan.Zero ? '−' : '+')}{Math.Abs(ahead.Hours).ToString(English)}{minutes}";
    }

    /// <summary>Calendar days that the arrival's date is after the departure's: <c>+1 day</c>, <c>−1 day</c>; empty on the same date.</summary>
    public static string DayOffset(Segment segment) => (segment.ArrivesLocal.Date - segment.DepartsLocal.Date).Days switch
    {
        0 => "",
        1 => "+1 day",
        -1 => "−1 day",
        var days => $"{(days < 0 ? "−" : "+")}{Math.Abs(days).ToString(English)} days",
    };

    public static string Duration(Segment segment)
    {
        var flown = segment.ArrivesAt - segment.DepartsAt;
        return string.Create(English, $"{(int)flown.TotalHours} h {flown.Minutes:00} min");
    }

    public static string Baggage(string allowance) => allowance switch
    {
        "NIL" => "None (NIL)",
        [.. var pieces, 'P', 'C'] => $"{pieces} {(pieces == "1" ? "piece" : "pieces")} ({allowance})",
        [.. var kilograms, 'K'] => $"{kilograms} kg ({allowance})",
        _ => allowance,
    };

    public static string Of(PriceLine line) => line.Kind switch
    {
        PriceLineKind.BaseFare => "Air fare",
        PriceLineKind.CarrierCharge => "Carrier-imposed charge",
        _ when TaxNames.TryGetValue((line.Country, line.Code), out var name) => name,
        _ => line.Country is null ? "Tax or airport charge" : $"Tax or airport charge, {line.Country}",
    };

    /// <summary>What the fare allows, in sentences; what the airline did not say is said to be unknown.</summary>
    public static IEnumerable<string> Of(FareConditions conditions)
    {
        yield return conditions.Refundable switch
        {
            true when conditions.RefundPenalty is { MinorUnits: > 0 } penalty => $"Refund before departure: allowed; the airline keeps {penalty} per passenger.",
            true when conditions.RefundPenalty is { MinorUnits: 0 } => "Refund before departure: allowed without a penalty.",
            true => "Refund before departure: allowed; the airline did not state the penalty.",
            false => "Refund before departure: the fare is not refundable. What is marked R comes back if you do not fly.",
            null => "Refund before departure: the airline did not state whether it is allowed.",
        };
        yield return conditions.Changeable switch
        {
            true when conditions.ChangePenalty is { MinorUnits: > 0 } penalty => $"Changes before departure: allowed for {penalty} per passenger and change, plus any difference in fare.",
            true when conditions.ChangePenalty is { MinorUnits: 0 } => "Changes before departure: allowed without a fee, plus any difference in fare.",
            true => "Changes before departure: allowed; the airline did not state the fee.",
            false => "Changes before departure: not allowed.",
            null => "Changes before departure: the airline did not state whether they are allowed.",
        };
    }
}
