using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using MimeKit;
using MimeKit.Text;

namespace Aerona.Notifications.Mail;

/// <summary>A mail to be sent: the text and the HTML say the same.</summary>
/// <param name="MessageId">Without brackets; tells this mail from every other.</param>
/// <param name="Email">One address.</param>
/// <param name="Name">The recipient's name as typed, or null.</param>
/// <param name="Date">UTC; of the event, not of the sending, so that a repeat is the same mail.</param>
/// <param name="Subject">One line.</param>
/// <param name="Html">A whole document.</param>
/// <param name="Text">Plain text, lines ending in \n.</param>
/// <param name="Attachments">May be empty.</param>
internal sealed record OutgoingMail(
    string MessageId, string Email, string? Name, DateTimeOffset Date, string Subject, string Html, string Text, IReadOnlyList<Attachment> Attachments)
{
    /// <summary>What it is written in; BCP 47.</summary>
    public string Language { get; init; } = "en";

    /// <summary>Where a POST ends mails like this one (RFC 8058); null where there is nothing to end.</summary>
    public string? Unsubscribe { get; init; }
}

internal sealed record Attachment(string FileName, string ContentType, byte[] Content);

/// <summary>
/// Makes MIME messages. The same mail gives the same bytes. Nothing a person typed reaches a header but through the library's types, stripped of control
/// characters first.
/// </summary>
internal sealed partial class MailComposer(IOptions<MailOptions> options)
{
    private const int LongestName = 60;

    /// <summary>The Message-ID of a booking's mail of a kind, or of one occasion of that kind, without brackets.</summary>
    public string MessageId(string kind, Guid bookingId, string? occasion = null) =>
        $"{kind}.{(occasion is null ? "" : $"{occasion}.")}{bookingId:n}@{options.Value.From.Split('@')[1]}";

    /// <summary>The Message-ID of the same mail sent again by staff: mailboxes hide a second one of the same.</summary>
    public static string Again(string messageId, Guid resend) => $"{messageId.Split('@')[0]}.again-{resend:n}@{messageId.Split('@')[1]}";

    /// <summary>The message, or null when the address is not exactly one mailbox.</summary>
    public MimeMessage? TryCompose(OutgoingMail mail)
    {
        if (Address(mail.Email) is not { } address)
            return null;

        address.Name = DisplayName(mail.Name);
        var message = new MimeMessage { MessageId = mail.MessageId, Date = mail.Date.ToUniversalTime(), Subject = OneLine(mail.Subject) };
        message.From.Add(new MailboxAddress("Aerona", options.Value.From));
        message.To.Add(address);
        message.Headers.Add("Auto-Submitted", "auto-generated");   // RFC 3834: no vacation notes in return
        message.Headers.Add(HeaderId.ContentLanguage, mail.Language);
        if (mail.Unsubscribe is { } unsubscribe)
        {
            message.Headers.Add(HeaderId.ListUnsubscribe, $"<{unsubscribe}>");
            message.Headers.Add(HeaderId.ListUnsubscribePost, "List-Unsubscribe=One-Click");
        }

        message.Body = Body(mail);
        return message;
    }

    /// <summary>One mailbox with a domain and nothing else: no name, list, group, route, comment or control character; else null.</summary>
    public static MailboxAddress? Address(string text)
    {
        text = text.Trim(' ');
        if (text.Length is 0 or > 254 || text.Any(IsUnseen))
            return null;

        var strict = ParserOptions.Default.Clone();
        strict.AddressParserComplianceMode = RfcComplianceMode.Strict;
        strict.AllowAddressesWithoutDomain = false;
        return MailboxAddress.TryParse(strict, text, out var mailbox) && mailbox.Route.Count == 0 && mailbox.Address == text && text.Count('@'.Equals) == 1
            ? new(null, text)
            : null;
    }

    // Blanks, controls, and what no eye can see: an address with them is not what it looks like.
    private static bool IsUnseen(char character) => char.IsWhiteSpace(character) || char.GetUnicodeCategory(character) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate;

    /// <summary>
    /// Letters, marks, blanks and what names are written with; a full stop ends a word (<c>Jr.</c>) and joins none. No address, domain or mark-up can look like a name.
    /// </summary>
    public static string? DisplayName(string? name)
    {
        if (name is null)
            return null;

        var kept = string.Concat(name.EnumerateRunes().Where(rune => rune != Rune.ReplacementChar && (
            Rune.IsLetter(rune) || rune.Value is ' ' or '-' or '\'' or '’' or '.' || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark)));
        kept = string.Join(' ', InnerStop().Replace(kept, " ").Split(' ', StringSplitOptions.RemoveEmptyEntries));
        while (kept.Length > LongestName)
            kept = kept[..^(char.IsLowSurrogate(kept[^1]) ? 2 : 1)];

        return kept.Any(char.IsLetter) ? kept : null;
    }

    [GeneratedRegex(@"\.(?=[^ ])")]
    private static partial Regex InnerStop();

    // Half a surrogate pair is no character; it would be written as another one, and not the same twice.
    private static string Whole(string text) => string.Concat(text.EnumerateRunes());

    private static string OneLine(string text) => string.Concat(Whole(text).Select(character =>
        char.IsControl(character) || character is '\u2028' or '\u2029' || char.GetUnicodeCategory(character) == UnicodeCategory.Format ? ' ' : character));

    private static MimeEntity Body(OutgoingMail mail)
    {
        var alternative = new MultipartAlternative
        {
            new TextPart(TextFormat.Plain) { Text = Whole(mail.Text), ContentTransferEncoding = ContentEncoding.QuotedPrintable },
            new TextPart(TextFormat.Html) { Text = Whole(mail.Html), ContentTransferEncoding = ContentEncoding.QuotedPrintable },
        };
        alternative.Boundary = Boundary(mail, "text");
        if (mail.Attachments.Count == 0)
            return alternative;

        var mixed = new Multipart("mixed") { alternative };
        mixed.Boundary = Boundary(mail, "parts");
        foreach (var attachment in mail.Attachments)
        {
            mixed.Add(new MimePart(ContentType.Parse(attachment.ContentType))
            {
                Content = new MimeContent(new MemoryStream(attachment.Content, writable: false)),
                ContentDisposition = new(ContentDisposition.Attachment),
                ContentTransferEncoding = ContentEncoding.Base64,
                FileName = attachment.FileName,
            });
        }

        return mixed;
    }

    // "=_" cannot stand in quoted-printable or base64 text (RFC 2045, 6.7), so no content can end a part.
    private static string Boundary(OutgoingMail mail, string part) =>
        $"=_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(mail.MessageId)).AsSpan(0, 16))}-{part}";
}
