using System.Collections.Frozen;

namespace Aerona.Reference;

/// <summary>An airline.</summary>
/// <param name="Code">IATA designator, two characters.</param>
/// <param name="Name">Its trading name.</param>
/// <param name="Country">ISO 3166-1 alpha-2 of its home.</param>
/// <param name="AccountingCode">Three digits that its ticket numbers start with (IATA accounting code), leading zeros kept.</param>
public sealed record Carrier(string Code, string Name, string Country, string AccountingCode);

/// <summary>Airlines by designator.</summary>
public static class Carriers
{
    private static readonly Carrier[] Rows =
    [
        // North America
        new("AA", "American Airlines", "US", "001"),
        new("AC", "Air Canada", "CA", "014"),
        new("AM", "Aeromexico", "MX", "139"),
        new("AS", "Alaska Airlines", "US", "027"),
        new("B6", "JetBlue", "US", "279"),
        new("DL", "Delta Air Lines", "US", "006"),
        new("F9", "Frontier Airlines", "US", "422"),
        new("HA", "Hawaiian Airlines", "US", "173"),
        new("NK", "Spirit Airlines", "US", "487"),
        new("UA", "United Airlines", "US", "016"),
        new("WN", "Southwest Airlines", "US", "526"),
        new("WS", "WestJet", "CA", "838"),

        // Latin America
        new("AD", "Azul", "BR", "577"),
        new("AR", "Aerolineas Argentinas", "AR", "044"),
        new("AV", "Avianca", "CO", "134"),
        new("CM", "Copa Airlines", "PA", "230"),
        new("G3", "GOL", "BR", "127"),
        new("LA", "LATAM Airlines", "CL", "045"),

        // Europe
        new("A3", "Aegean Airlines", "GR", "390"),
        new("AF", "Air France", "FR", "057"),
        new("AY", "Finnair", "FI", "105"),
        new("AZ", "ITA Airways", "IT", "055"),
        new("BA", "British Airways", "GB", "125"),
        new("BT", "airBaltic", "LV", "657"),
        new("DY", "Norwegian", "NO", "328"),
        new("EI", "Aer Lingus", "IE", "053"),
        new("FB", "Bulgaria Air", "BG", "623"),
        new("FI", "Icelandair", "IS", "108"),
        new("IB", "Iberia", "ES", "075"),
        new("JU", "Air Serbia", "RS", "115"),
        new("KL", "KLM", "NL", "074"),
        new("LH", "Lufthansa", "DE", "220"),
        new("LO", "LOT Polish Airlines", "PL", "080"),
        new("LX", "Swiss", "CH", "724"),
        new("OS", "Austrian Airlines", "AT", "257"),
        new("OU", "Croatia Airlines", "HR", "831"),
        new("RO", "TAROM", "RO", "281"),
        new("SK", "SAS", "SE", "117"),
        new("SN", "Brussels Airlines", "BE", "082"),
        new("TK", "Turkish Airlines", "TR", "235"),
        new("TP", "TAP Air Portugal", "PT", "047"),
        new("UX", "Air Europa", "ES", "996"),
        new("VS", "Virgin Atlantic", "GB", "932"),
        new("VY", "Vueling", "ES", "030"),

        // Middle East and Africa
        new("AT", "Royal Air Maroc", "MA", "147"),
        new("EK", "Emirates", "AE", "176"),
        new("ET", "Ethiopian Airlines", "ET", "071"),
        new("EY", "Etihad Airways", "AE", "607"),
        new("GF", "Gulf Air", "BH", "072"),
        new("KQ", "Kenya Airways", "KE", "706"),
        new("KU", "Kuwait Airways", "KW", "229"),
        new("LY", "El Al", "IL", "114"),
        new("ME", "Middle East Airlines", "LB", "076"),
        new("MK", "Air Mauritius", "MU", "239"),
        new("MS", "Egyptair", "EG", "077"),
        new("QR", "Qatar Airways", "QA", "157"),
        new("RJ", "Royal Jordanian", "JO", "512"),
        new("SA", "South African Airways", "ZA", "083"),
        new("SV", "Saudia", "SA", "065"),
        new("WY", "Oman Air", "OM", "910"),

        // Asia
        new("6E", "IndiGo", "IN", "312"),
        new("AI", "Air India", "IN", "098"),
        new("BR", "EVA Air", "TW", "695"),
        new("CA", "Air China", "CN", "999"),
        new("CI", "China Airlines", "TW", "297"),
        new("CX", "Cathay Pacific", "HK", "160"),
        new("CZ", "China Southern Airlines", "CN", "784"),
        new("GA", "Garuda Indonesia", "ID", "126"),
        new("HY", "Uzbekistan Airways", "UZ", "250"),
        new("JL", "Japan Airlines", "JP", "131"),
        new("KE", "Korean Air", "KR", "180"),
        new("MH", "Malaysia Airlines", "MY", "232"),
        new("MU", "China Eastern Airlines", "CN", "781"),
        new("NH", "All Nippon Airways", "JP", "205"),
        new("OZ", "Asiana Airlines", "KR", "988"),
        new("PR", "Philippine Airlines", "PH", "079"),
        new("QH", "Bamboo Airways", "VN", "926"),
        new("SQ", "Singapore Airlines", "SG", "618"),
        new("TG", "Thai Airways", "TH", "217"),
        new("UL", "SriLankan Airlines", "LK", "603"),
        new("VJ", "VietJet Air", "VN", "978"),
        new("VN", "Vietnam Airlines", "VN", "738"),

        // Pacific
        new("FJ", "Fiji Airways", "FJ", "260"),
        new("JQ", "Jetstar", "AU", "041"),
        new("NZ", "Air New Zealand", "NZ", "086"),
        new("QF", "Qantas", "AU", "081"),
        new("TN", "Air Tahiti Nui", "PF", "244"),
        new("VA", "Virgin Australia", "AU", "795"),
    ];

    private static readonly FrozenDictionary<string, Carrier> ByCode = Rows.ToFrozenDictionary(carrier => carrier.Code);

    /// <summary>All known airlines, by designator.</summary>
    public static IReadOnlyDictionary<string, Carrier> All => ByCode;

    /// <summary>The airline of a designator, or null when it is not known.</summary>
    public static Carrier? Find(string code) => ByCode.GetValueOrDefault(code);
}
