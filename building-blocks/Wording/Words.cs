using System.Globalization;
using Aerona.Contracts;
using Aerona.Reference;

namespace Aerona.Wording;

/// <summary>Names, times and rules as documents and messages print them, so that they agree; English.</summary>
public static class Words
{
    private static readonly CultureInfo English = CultureInfo.InvariantCulture;

    // What the commonest codes of the ticket tax box stand for; a code means something only together with its country.
    private static readonly Dictionary<(string?, string), string> TaxNames = new()
    {
        [("US", "US")] = "US transportation tax",
        [("US", "ZP")] = "US flight segment tax",
        [("US", "AY")] = "US security fee",
        [("US", "XF")] = "US passenger facility charge",
        [("US", "YC")] = "US customs fee",
        [("US", "XY")] = "US immigration fee",
        [("US", "XA")] = "US agriculture fee",
        [("GB", "GB")] = "UK air passenger duty",
        [("GB", "UB")] = "UK passenger service charge",
        [("FR", "IZ")] = "French solidarity tax",
        [("FR", "FR")] = "French civil aviation tax",
        [("FR", "QX")] = "French passenger charge",
        [("DE", "OY")] = "German air transport tax",
        [("DE", "RA")] = "German passenger charge",
        [("DE", "DE")] = "German security charge",
        [("VN", "AX")] = "Vietnamese passenger charge",
        [("VN", "JC")] = "Vietnamese passenger charge",
        [("VN", "C4")] = "Vietnamese security charge",
        [("VN", "UE")] = "Vietnamese value added tax",
        [("CA", "CA")] = "Canadian security charge",
        [("CA", "SQ")] = "Canadian airport improvement fee",
        [("CA", "XG")] = "Canadian goods and services tax",
    };

    /// <summary>The city an airport serves; its code when it is not known.</summary>
    public static string City(string airport) => Airports.Find(airport)?.City ?? airport;

    /// <summary>An airport's name; <c>Airport XYZ</c> when it is not known.</summary>
    public static string AirportName(string airport) => Airports.Find(airport)?.Name ?? $"Airport {airport}";

    /// <summary>An airline's name; its designator when it is not known.</summary>
    public static string Airline(string carrier) => Carriers.Find(carrier)?.Name ?? carrier;

    /// <summary>Maker and model; the type code when it is not known.</summary>
    public static string Aircraft(string type) => AircraftTypes.Find(type)?.Name ?? type;

    /// <summary>A cabin: <c>Premium economy</c>.</summary>
    public static string Of(Cabin cabin) => cabin == Cabin.PremiumEconomy ? "Premium economy" : cabin.ToString();

    /// <summary>What a passenger travels as.</summary>
    public static string Of(PassengerType type) => type == PassengerType.Infant ? "Infant on lap" : type.ToString();

    /// <summary>Wall clock, 24 hours: <c>18:25</c>.</summary>
    public static string Time(DateTime local) => local.ToString("HH:mm", English);

    /// <summary><c>Sat 5 Dec 2026</c>.</summary>
    public static string Day(DateTime local) => local.ToString("ddd d MMM yyyy", English);

    /// <summary><c>Saturday, 5 December 2026</c>.</summary>
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

    /// <summary>From take-off to landing by the clock that does not change zones: <c>5 h 46 min</c>.</summary>
    public static string Duration(Segment segment)
    {
        var flown = segment.ArrivesAt - segment.DepartsAt;
        return string.Create(English, $"{(int)flown.TotalHours} h {flown.Minutes:00} min");
    }

    /// <summary>A free allowance with its printed code: <c>1 piece (1PC)</c>.</summary>
    public static string Baggage(string allowance) => allowance switch
    {
        "NIL" => "None (NIL)",
        [.. var pieces, 'P', 'C'] => $"{pieces} {(pieces == "1" ? "piece" : "pieces")} ({allowance})",
        [.. var kilograms, 'K'] => $"{kilograms} kg ({allowance})",
        _ => allowance,
    };

    /// <summary>What a price line is for.</summary>
    public static string Of(PriceLine line) => line.Kind switch
    {
        PriceLineKind.BaseFare => "Air fare",
        PriceLineKind.CarrierCharge => "Carrier-imposed charge",
        PriceLineKind.Seat => "Chosen seat",
        _ when TaxNames.TryGetValue((line.Country, line.Code), out var name) => name,
        _ => line.Country is null ? "Tax or airport charge" : $"Tax or airport charge, {line.Country}",
    };

    /// <summary>A chosen seat with what matters to who sits there: <c>12A (window, exit row)</c>.</summary>
    public static string Of(ChosenSeat seat)
    {
        var known = seat.Characteristics.Select(WordOf).OfType<string>().ToList();
        return known.Count == 0 ? seat.Seat : $"{seat.Seat} ({string.Join(", ", known)})";
    }

    /// <summary>As tickets have it: <c>SMITH/JOHN</c>; a mononym stands alone.</summary>
    public static string PrintedName(this Passenger passenger) =>
        passenger.TicketGivenName.Length == 0 ? passenger.TicketSurname : $"{passenger.TicketSurname}/{passenger.TicketGivenName}";

    /// <summary>A ticket number as printed: <c>220-2400000017</c>.</summary>
    public static string TicketNumber(string number) => $"{number[..3]}-{number[3..]}";

    /// <summary>The cities in the order flown: <c>New York – Los Angeles</c>.</summary>
    public static string Route(IReadOnlyList<Segment> segments) => string.Join(" – ", segments.Select(segment => segment.Origin).Append(segments[^1].Destination).Select(City));

    /// <summary>
    /// Who sells a flight and who flies it; the latter has to be said wherever it is another (in the EU by Regulation (EC) 2111/2005, in the US by 14 CFR 257).
    /// </summary>
    public static string Carriage(Segment segment) => segment.OperatingCarrier == segment.Flight.Carrier
        ? $"Sold and operated by {Airline(segment.OperatingCarrier)}"
        : $"Sold by {Airline(segment.Flight.Carrier)}, operated by {Airline(segment.OperatingCarrier)} ({segment.OperatingCarrier})";

    /// <summary>
    /// The reservation codes that the airlines know, as printed: <c>Bamboo Airways reference V6GZCS</c>. Where no airline gave one, the supplier's; empty when
    /// there is none but ours.
    /// </summary>
    public static IReadOnlyList<string> AirlineReferences(IReadOnlyList<Locator> locators)
    {
        var airlines = locators.Where(locator => locator.System.Length == 2).Select(locator => $"{Airline(locator.System)} reference {locator.Code}").Distinct().ToList();
        return airlines.Count > 0 ? airlines : [.. locators.Where(locator => locator.System != "aerona").Select(locator => $"Airline reference {locator.Code}").Distinct()];
    }

    /// <summary>What the fare allows, in sentences; what the airline did not say is said to be unknown.</summary>
    public static IEnumerable<string> Of(FareConditions conditions)
    {
        yield return conditions.Refundable switch
        {
            true when conditions.RefundPenalty is { MinorUnits: > 0 } penalty => $"Refund before departure: allowed; the airline keeps {penalty} per passenger.",
            true when conditions.RefundPenalty is { MinorUnits: 0 } => "Refund before departure: allowed without a penalty.",
            true => "Refund before departure: allowed; the airline did not state the penalty.",
            false => "Refund before departure: the fare is not refundable. Lines marked R in the receipt's fare breakdown come back if you do not fly.",
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

    private static string? WordOf(SeatCharacteristic characteristic) => characteristic switch
    {
        SeatCharacteristic.Window => "window",
        SeatCharacteristic.Middle => "middle",
        SeatCharacteristic.Aisle => "aisle",
        SeatCharacteristic.ExitRow => "exit row",
        SeatCharacteristic.ExtraLegroom => "extra legroom",
        SeatCharacteristic.LimitedRecline => "limited recline",
        SeatCharacteristic.NoWindow => "no window",
        _ => null,
    };
}
