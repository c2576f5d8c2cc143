using System.Text;
using Aerona.Notifications.Mail;
using CsCheck;
using Microsoft.Extensions.Options;
using MimeKit;
using Xunit;

namespace Aerona.Notifications.Tests;

/// <summary>Whatever a person types, a mail has the headers we gave it, one recipient, and the body where it belongs.</summary>
public sealed class MailInjectionTests
{
    private static readonly MailComposer Composer = new(Options.Create(new MailOptions()));

    private static readonly string[] Headers =
        ["Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "MIME-Version", "Message-Id", "Subject", "To"];

    private static readonly string[] Attacks =
    [
        "\r\nBcc: victim@example.net", "\nBcc: victim@example.net", "\rBcc: victim@example.net", "%0d%0aBcc: victim@example.net", "\r\n\r\n<script>alert(1)</script>", "\0", "\u2028Bcc: x@y.example",
        "\"victim@example.net\" <victim@example.net>", "<victim@example.net>", "a@b.example, victim@example.net", "a@b.example; victim@example.net", "Group: victim@example.net;",
        "=?utf-8?q?=0d=0aBcc:_victim=40example.net?=", "=?utf-8?b?DQpCY2M6IHZpY3RpbUBleGFtcGxlLm5ldA==?=", "(comment) victim@example.net", "\"", "\\", "<@route.example:victim@example.net>",
        "PayPal Support <service@paypal.com>", "\u202Emoc.lapyap@ecivres", "\u200B\uFEFF", ".\r\n.\r\nMAIL FROM:<x@y.example>", "<b>Bold</b>", "undisclosed-recipients:;", "\u0085Bcc: victim@example.net",
    ];

    private static readonly Gen<string> Typed = Gen.Frequency(
        (4, Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 0, 12], Gen.Int[0, Attacks.Length - 1].Select(index => Attacks[index]), Gen.String[Gen.Char.AlphaNumeric, 0, 12], (before, attack, after) => before + attack + after)),
        (1, Gen.String[Gen.Char, 0, 30].Where(text => !text.Any(char.IsSurrogate))));

    [Fact]
    public void Names_and_details_typed_with_ill_will_change_neither_headers_nor_recipients() =>
        Gen.Select(Typed, Typed).Sample(
            (name, subject) =>
            {
                var message = Written("alice@example.org", name, $"Booking {subject}");

                Assert.Equal(Headers, message.Headers.Concat(message.Body!.Headers).Select(header => header.Field).Order(StringComparer.Ordinal));
                Assert.Equal(["alice@example.org"], message.To.Mailboxes.Select(mailbox => mailbox.Address));
                Assert.Equal("text", message.TextBody?.TrimEnd());
                var shown = message.To.Mailboxes.Single().Name ?? "";
                Assert.DoesNotContain('@', shown);
                Assert.DoesNotContain('<', shown);
                Assert.True(shown.Length <= 60);
                Assert.DoesNotContain(shown, char.IsControl);
            },
            iter: 1000, threads: 1);

    [Fact]
    public void An_address_typed_with_ill_will_is_refused_or_is_one_recipient_and_nothing_more() =>
        Gen.Select(Typed, Gen.Bool).Sample(
            (typed, appended) =>
            {
                var email = appended ? $"alice@example.org{typed}" : $"{typed}alice@example.org";
                using var composed = Composer.TryCompose(Mail(email, null, "Booking"));
                if (composed is null)
                    return;

                var message = Reparse(composed);
                Assert.Equal(Headers, message.Headers.Concat(message.Body!.Headers).Select(header => header.Field).Order(StringComparer.Ordinal));
                var recipient = Assert.Single(message.To.Mailboxes);
                Assert.True(recipient.Address == email.Trim(' ') || !Ascii.IsValid(email), $"{recipient.Address} was made of {email}");   // domains beyond ASCII are folded
            },
            iter: 1000, threads: 1);

    [Theory]
    [InlineData("alice@example.org")]
    [InlineData("alice+trips@mail.example.org")]
    [InlineData("o'brien@example.org")]
    [InlineData("  alice@example.org ")]
    public void An_ordinary_address_is_accepted(string email) =>
        Assert.Equal([email.Trim()], Written(email, "Alice", "Booking").To.Mailboxes.Select(mailbox => mailbox.Address));

    [Theory]
    [InlineData("Alice Nguyễn", "Alice Nguyễn")]
    [InlineData("Фёдор Достоевский", "Фёдор Достоевский")]
    [InlineData("O'Brien-Smythe, Jr.", "O'Brien-Smythe Jr.")]
    [InlineData("service@paypal.com", "servicepaypal.com")]
    [InlineData("<>@", null)]
    public void A_display_name_keeps_what_names_are_written_with(string typed, string? shown) =>
        Assert.Equal(shown ?? "", Written("alice@example.org", typed, "Booking").To.Mailboxes.Single().Name ?? "");

    private static MimeMessage Written(string email, string? name, string subject)
    {
        using var composed = Composer.TryCompose(Mail(email, name, subject));
        return Reparse(composed!);
    }

    private static MimeMessage Reparse(MimeMessage message)
    {
        using var bytes = new MemoryStream();
        message.WriteTo(bytes);
        Assert.DoesNotContain('\0', Encoding.Latin1.GetString(bytes.ToArray()));
        bytes.Position = 0;
        return MimeMessage.Load(bytes);
    }

    private static Mail.Mail Mail(string email, string? name, string subject) =>
        new("booking-confirmed", Guid.Empty, email, name, DateTimeOffset.UnixEpoch, subject, "<p>html</p>", "text", []);
}
