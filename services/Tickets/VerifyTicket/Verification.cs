using System.ComponentModel.DataAnnotations;
using Aerona.Files;
using Microsoft.Extensions.Options;

namespace Aerona.Tickets.VerifyTicket;

/// <summary>Where this installation is reached from outside.</summary>
internal sealed class PublicAddressOptions
{
    /// <summary>Without a slash at the end.</summary>
    [Required, Url] public string PublicBaseUrl { get; set; } = "http://localhost:5080";
}

/// <summary>
/// The address in a receipt's QR code: record locator, first ticket number and a signature, so that only who holds the receipt can open it and nobody can
/// make one up.
/// </summary>
internal sealed class Verification(LinkSigner signer, IOptions<PublicAddressOptions> options)
{
    private const string Purpose = "ticket-verification";
    private const int SignatureLength = 22;   // 132 of the 256 bits: enough, and a coarser code scans better

    /// <summary>Of the whole order, or of one passenger's tickets.</summary>
    public string Address(TicketedOrder order, string? passengerId = null) =>
        $"{options.Value.PublicBaseUrl}/verify/{Code(order.Locator, passengerId is null ? order.TicketNumbers[0].Number : order.NumbersOf(passengerId).First())}";

    /// <summary>The ticket number of a code made here, or null.</summary>
    public string? Read(string code) =>
        code.Split('-', 3) is [var locator, var number, _] && Ticket.IsNumber(number) && IsSame(code, Code(locator, number)) ? number : null;

    private string Code(string locator, string number) => $"{locator}-{number}-{signer.Sign(Purpose, $"{locator}-{number}")[..SignatureLength]}";

    private static bool IsSame(string left, string right) => System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(
        System.Text.Encoding.UTF8.GetBytes(left), System.Text.Encoding.UTF8.GetBytes(right));
}
