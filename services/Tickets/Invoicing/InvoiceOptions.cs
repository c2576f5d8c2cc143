using System.ComponentModel.DataAnnotations;

namespace Aerona.Tickets.Invoicing;

/// <summary>Who invoices, and how its sales are taxed; section <c>Invoices</c>. Have it confirmed by who knows the market.</summary>
internal sealed class InvoiceOptions : IValidatableObject
{
    /// <summary>Short name that numbers begin with; another one begins another series.</summary>
    [RegularExpression("[A-Z0-9]{1,12}", ErrorMessage = "Invoices:LegalEntity: 1 to 12 capital letters and digits")]
    public string LegalEntity { get; init; } = "AERONA";

    /// <summary>As registered.</summary>
    [Required(ErrorMessage = "Invoices:Name: the seller's registered name is needed"), MaxLength(120, ErrorMessage = "Invoices:Name: at most 120 characters")]
    public string Name { get; init; } = "Aerona";

    /// <summary>Lines of the seller's address.</summary>
    public IReadOnlyList<string> Address { get; init; } = [];

    /// <summary>The seller's tax number, or null.</summary>
    public string? TaxId { get; init; }

    /// <summary><c>Agent</c> sells in the airline's name, <c>Principal</c> in its own.</summary>
    public SellerRole Role { get; init; } = SellerRole.Agent;

    /// <summary>IANA zone of the seller's books: it says which day and year it is.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>
    /// Percent, by country (ISO 3166-1 alpha-2): what a principal owes on journeys within that country. Journeys that cross a border are taxed at nought; those within a
    /// country that is not named are out of scope.
    /// </summary>
    public IReadOnlyDictionary<string, decimal> DomesticRates { get; init; } = new Dictionary<string, decimal>();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _))
            yield return new($"Invoices:TimeZone: '{TimeZone}' is no time zone of the IANA data base", [nameof(TimeZone)]);

        if (!Enum.IsDefined(Role))
            yield return new($"Invoices:Role: '{Role}' is neither Agent nor Principal", [nameof(Role)]);

        if (Address.Count > 4 || Address.Any(line => line is null or { Length: 0 or > 80 }))
            yield return new("Invoices:Address: at most 4 lines of at most 80 characters", [nameof(Address)]);

        foreach (var (country, rate) in DomesticRates)
        {
            if (country is not [>= 'A' and <= 'Z', >= 'A' and <= 'Z'] || rate is < 0 or >= 100)
                yield return new($"Invoices:DomesticRates:{country}: a country's two capital letters and a percentage from 0 to below 100", [nameof(DomesticRates)]);
        }
    }
}
