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
    /// <summary>All known airlines, by designator.</summary>
    public static IReadOnlyDictionary<string, Carrier> All { get; } = new Dictionary<string, Carrier>();

    /// <summary>The airline of a designator, or null when it is not known.</summary>
    public static Carrier? Find(string code) => All.GetValueOrDefault(code);
}
