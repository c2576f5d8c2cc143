using System.Globalization;

namespace Aerona.Airlines.House;

/// <summary>
/// Ticket numbers of one airline, by its accounting code, for two designators may share one. A number is the code, the form (three digits, 220 for the
/// first) and the serial (seven); there is no check digit in it.
/// </summary>
internal sealed class TicketStock
{
    private const long FirstNumber = 220_0000001;
    private const long LastNumber = 999_9999999;

    /// <summary>Three digits, leading zeros kept.</summary>
    public required string AccountingCode { get; init; }

    /// <summary>Form and serial of the next ticket.</summary>
    public long Next { get; private set; } = FirstNumber;

    /// <summary>A number that nobody has had; under the row's lock.</summary>
    public string Take() => Next <= LastNumber
        ? string.Create(CultureInfo.InvariantCulture, $"{AccountingCode}{Next++:D10}")
        : throw new InvalidOperationException($"the ticket stock {AccountingCode} is used up");
}
