using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aerona.Contracts;

/// <summary>
/// Enums as camelCase text: exactly one of their names, never a number, nor several names with commas, which the framework's own converter takes and adds up.
/// </summary>
public sealed class CamelCaseEnumConverter<TEnum> : JsonConverter<TEnum> where TEnum : struct, Enum
{
    private static readonly Dictionary<TEnum, string> Names =
        Enum.GetValues<TEnum>().ToDictionary(value => value, value => JsonNamingPolicy.CamelCase.ConvertName($"{value}"));

    private static readonly Dictionary<string, TEnum> Values = Names.ToDictionary(name => name.Value, name => name.Key, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? ValueOf(reader.GetString()!) : throw Bad("request.wrong_type");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options) => writer.WriteStringValue(NameOf(value));

    /// <inheritdoc/>
    public override TEnum ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => ValueOf(reader.GetString()!);

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options) => writer.WritePropertyName(NameOf(value));

    private static TEnum ValueOf(string name) => Values.TryGetValue(name, out var value) ? value : throw Bad("request.unknown_value");

    private static string NameOf(TEnum value) => Names.TryGetValue(value, out var name) ? name : throw new JsonException($"{value} is no {typeof(TEnum).Name}");

    private static BadValueException Bad(string code) => new(code, $"This must be one of {string.Join(", ", Values.Keys)}.");
}
