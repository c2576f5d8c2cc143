using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aerona.Contracts;

/// <summary>Airline and flight number as printed: <c>VN55</c>, <c>U2123A</c>. As JSON that text.</summary>
/// <param name="Carrier">IATA designator of the marketing airline, two characters.</param>
/// <param name="Number">1 to 9999.</param>
/// <param name="Suffix">Operational suffix A-Z, or null.</param>
[JsonConverter(typeof(FlightDesignatorJsonConverter))]
public readonly record struct FlightDesignator(string Carrier, int Number, char? Suffix = null)
{
    /// <summary>
    /// The identity of a dated flight: designator and local date of departure at the first airport (IATA SSIM's flight date),
    /// fit for an address: <c>VN55-20261201</c>.
    /// </summary>
    public string OnDate(DateOnly localDepartureDate) => string.Create(CultureInfo.InvariantCulture, $"{this}-{localDepartureDate:yyyyMMdd}");

    /// <summary>The designator of a printed form, blanks and leading zeros allowed (<c>VN 0055</c>); null when it is none.</summary>
    public static FlightDesignator? Parse(string? text)
    {
        var packed = text?.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant() ?? "";
        if (packed.Length < 3 || !packed[..2].All(char.IsAsciiLetterOrDigit) || packed[..2].All(char.IsAsciiDigit))
        {
            return null;
        }

        char? suffix = char.IsAsciiLetterUpper(packed[^1]) ? packed[^1] : null;
        var digits = packed[2..(suffix is null ? packed.Length : packed.Length - 1)];
        return digits.Length is >= 1 and <= 4 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? new(packed[..2], number, suffix)
            : null;
    }

    /// <summary>Without leading zeros: <c>VN55</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Carrier}{Number}{Suffix}");
}

internal sealed class FlightDesignatorJsonConverter : JsonConverter<FlightDesignator>
{
    public override FlightDesignator Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        FlightDesignator.Parse(reader.TokenType == JsonTokenType.String ? reader.GetString() : null)
        ?? throw new BadValueException("flight.designator_invalid", "The flight must be an airline's two characters and a number, such as VN55.");

    public override void Write(Utf8JsonWriter writer, FlightDesignator value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
