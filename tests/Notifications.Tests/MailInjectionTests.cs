using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Aerona.Notifications.Mail;
using CsCheck;
using Microsoft.Extensions.Options;
using MimeKit;
using Xunit;

namespace Aerona.Notifications.Tests;

/// <summary>Whatever a person types, a mail has the headers we gave it, one recipient, and the body where it belongs.</summary>
public sealed partial class MailInjectionTests
{
    private const int Cases = 1000;

    private static readonly MailComposer Composer = new(Options.Create(new MailOptions()));

    private static readonly string[] Headers =
        ["Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "MIME-Version", "Message-Id", "Subject", "To"];

    private static readonly string[] Tricks =
    [
        // line ends, real and in disguise
        "\r\nBcc: victim@example.net", "\nBcc: victim@example.net", "\rBcc: victim@example.net", "\r\n Bcc: victim@example.net", "\r\n\tfolded@example.net", "%0d%0aBcc: victim@example.net",
        "%E5%98%8A%E5%98%8DBcc: victim@example.net", "\u560A\u560DBcc: victim@example.net", "\\r\\nBcc: victim@example.net", "\r\n\r\n<script>alert(1)</script>", "\r\n.\r\nMAIL FROM:<x@y.example>",
        ".\r\n.\r\nRCPT TO:<victim@example.net>", "\n.\n", "\r.\r", "\0", "\0victim@example.net", "\u0085Bcc: victim@example.net", "\u2028Bcc: x@y.example", "\u2029Bcc: x@y.example", "\u000b\u000c\u001c\u001d\u001e",
        // encoded words
        "=?utf-8?q?=0d=0aBcc:_victim=40example.net?=", "=?utf-8?b?DQpCY2M6IHZpY3RpbUBleGFtcGxlLm5ldA==?=", "=?utf-7?q?+AA0ACg-Bcc?=", "=?iso-8859-1?q?victim=40example.net=3E?=", "=?x?=?=",
        "=?utf-8?q?admin=40example.net?=@example.org", "=?utf-8?q?alice=40example.net=3e=00?=alice@example.org",
        // addresses within and beside addresses
        "\"victim@example.net\" <victim@example.net>", "<victim@example.net>", "a@b.example, victim@example.net", "a@b.example; victim@example.net", "Group: victim@example.net;", "undisclosed-recipients:;",
        "(comment) victim@example.net", "victim@example.net (comment)", "alice(x)@example.org", "<@route.example:victim@example.net>", "\"a@b\"@example.org", "\"a\\\"b\"@example.org", "\"a b\"@example.org",
        "\"<victim@example.net>\"@example.org", "a@b@example.net", "alice@example.org@example.net", "victim%example.net@example.org", "example.net!victim@example.org", "alice@[127.0.0.1]", "alice@[IPv6:::1]",
        "alice@localhost", "alice@", "@example.org", "alice@.example", "alice@example..org", ".alice@example.org", "alice@-example.org", "alice@example.org.", "alice @example.org", "alice@example.org NOTIFY=SUCCESS",
        "alice@example.org> SIZE=1", "alice@example.org>\r\nRCPT TO:<victim@example.net", "mailto:alice@example.org", "alice@example.org?bcc=victim@example.net",
        // other letters
        "ann@münchen.example", "анна@пример.example", "用户@例え.example", "alice@exаmple.org", "alice@ex\u00adample.org", "ali\u200bce@example.org", "alice@example\u3002org", "alice\uff20example.org", "аlice@example.org",
        // who it seems to be from
        "PayPal Support <service@paypal.com>", "paypal.com", "service@paypal.com", "PayPal\u00a0<service\u2060@paypal.com>", "via paypal.com", "\u202Emoc.lapyap@ecivres", "\u2066paypal.com\u2069", "\u200B\uFEFF", "\u061c",
        // mark-up and quoting
        "<b>Bold</b>", "<img src=x onerror=alert(1)>", "</title><script>alert(1)</script>", "&lt;b&gt;", "{{7*7}}", "@Model.Subject", "\"", "\\", "\\\"", "'", "\",", "(", ")", "<", ">", "[", "]", ":", ";", ",",
        // long ones and letters from right to left
        new('a', 300), new string('é', 200) + "@example.org", $"{new string('a', 64)}@{new string('b', 63)}.example", $"{new string('a', 65)}@example.org", "محمد عبد الله", "משה כהן", "نغوين\u200fNguyễn", "e\u0301\u0323\u0302",
        "\ud83d\ude00", "\ud83d", "\udc00",
    ];

    [Fact]
    public async Task A_thousand_hostile_mails_reach_exactly_one_recipient_with_no_extra_header_as_the_wire_and_a_parser_see_it()
    {
        await using var server = new RawSmtp();
        await using var mailer = server.Mailer();
        var sent = 0;
        foreach (var (name, detail, email) in Corpus())
        {
            var before = (Mails: server.Mails.Count, Commands: server.Commands.Count);
            using var message = Composer.TryCompose(Mail(email, name, $"Booking {detail}", $"<p>{detail}</p>", $"text {detail}\n"));
            if (message is null)
            {
                continue;
            }

            try
            {
                await mailer.SendAsync(message, TestContext.Current.CancellationToken);
            }
            catch (MailRefusedException)
            {
                Assert.Equal(before.Mails, server.Mails.Count);
                continue;
            }

            sent++;
            Assert.Equal(before.Mails + 1, server.Mails.Count);
            Check(server.Mails.Last(), [.. server.Commands.Skip(before.Commands)], email, $"name {Shown(name)}, detail {Shown(detail)}, address {Shown(email)}");
        }

        Assert.True(sent > Cases / 2, $"only {sent} of {Cases} were sent");
        Assert.True(sent < Cases, "no address was refused");
    }

    [Fact]
    public void Names_and_details_typed_with_ill_will_change_neither_headers_nor_recipients() =>
        Gen.Select(Typed, Typed).Sample(
            (name, subject) =>
            {
                var message = Written("alice@example.org", name, $"Booking {subject}");

                Assert.Equal(Headers, message.Headers.Concat(message.Body!.Headers).Select(header => header.Field).Order(StringComparer.Ordinal));
                Assert.Equal(["alice@example.org"], message.To.Mailboxes.Select(mailbox => mailbox.Address));
                Assert.Equal("text", message.TextBody?.TrimEnd());
                AssertHarmless(message.To.Mailboxes.Single().Name ?? "");
            },
            iter: 300, threads: 1);

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
    [InlineData("محمد عبد الله", "محمد عبد الله")]
    [InlineData("O'Brien-Smythe, Jr.", "O'Brien-Smythe Jr.")]
    [InlineData("J. R. R. Tolkien", "J. R. R. Tolkien")]
    [InlineData("service@paypal.com", "servicepaypal com")]
    [InlineData("paypal.com <x@y.example>", "paypal com xy example")]
    [InlineData("\u202Emoc.lapyap", "moc lapyap")]
    [InlineData("<>@", null)]
    public void A_display_name_keeps_what_names_are_written_with_and_looks_like_no_address(string typed, string? shown) =>
        Assert.Equal(shown ?? "", Written("alice@example.org", typed, "Booking").To.Mailboxes.Single().Name ?? "");

    /// <summary>Known tricks as name, detail and address, each before, after and amid what is harmless, and what a seeded generator makes of them.</summary>
    private static IEnumerable<(string? Name, string Detail, string Email)> Corpus()
    {
        foreach (var trick in Tricks)
        {
            yield return (trick, trick, "alice@example.org");
            yield return ("Alice", "K7QM2P", trick);
            yield return ($"Alice {trick}", $"{trick} K7QM2P", $"alice@example.org{trick}");
        }

        var random = new Random(20261123);
        for (var left = Cases - 3 * Tricks.Length; left > 0; left--)
        {
            yield return (Made(random), Made(random), random.Next(3) == 0 ? $"{Made(random)}@example.org" : "alice@example.org");
        }
    }

    private static string Made(Random random)
    {
        var made = new StringBuilder();
        for (var parts = random.Next(1, 5); parts > 0; parts--)
        {
            made.Append(random.Next(3) switch
            {
                0 => Tricks[random.Next(Tricks.Length)],
                1 => ((char)random.Next(0x10000)).ToString(),
                _ => "Alice",
            });
        }

        return made.ToString();
    }

    private static void Check(Arrived mail, IReadOnlyList<string> commands, string typed, string what)
    {
        // The conversation: one sender, one recipient, one message, and no command that we had not meant to give.
        Assert.True(mail.Recipients.Count == 1, what);
        Assert.True(commands.All(command => CommandsMeant().IsMatch(command)) && commands.Count(command => command.StartsWith("RCPT", StringComparison.Ordinal)) == 1, $"{what}: {string.Join(" | ", commands)}");
        Assert.StartsWith("MAIL FROM:<bookings@aerona.example>", mail.Sender, StringComparison.Ordinal);
        var address = Recipient().Match(mail.Recipients[0]);
        Assert.True(address.Success && Same(address.Groups[1].Value, typed.Trim(' ')), $"{what}: {mail.Recipients[0]}");

        // The bytes, by rules of RFC 5322 alone.
        var text = Encoding.Latin1.GetString(mail.Data);
        Assert.False(BareLineEnd().IsMatch(text) || text.Contains('\0', StringComparison.Ordinal), what);
        var head = text[..text.IndexOf("\r\n\r\n", StringComparison.Ordinal)];
        var fields = Folds().Replace(head, " ").Split("\r\n").Select(line => line[..line.IndexOf(':', StringComparison.Ordinal)]).Order(StringComparer.Ordinal);
        Assert.True(Headers.SequenceEqual(fields), $"{what}: {string.Join(", ", fields)}");
        Assert.True(head.Split("\r\n").All(line => line.Length <= 998), what);

        // As a mail program reads it.
        using var message = MimeMessage.Load(new MemoryStream(mail.Data));
        Assert.True(message.To.Count == 1 && message.Cc.Count + message.Bcc.Count + message.ReplyTo.Count == 0, what);
        Assert.Equal("\"Aerona\" <bookings@aerona.example>", message.From.ToString());
        AssertHarmless(message.To.Mailboxes.Single().Name ?? "");
        Assert.True(message.Body is MultipartAlternative { Count: 2 } && message.Subject!.StartsWith("Booking", StringComparison.Ordinal), what);
        Assert.StartsWith("text", message.TextBody, StringComparison.Ordinal);
        Assert.StartsWith("<p>", message.HtmlBody, StringComparison.Ordinal);
    }

    /// <summary>A domain in other letters is the same in its form for DNS.</summary>
    private static bool Same(string sent, string typed) => sent == typed || Dns(sent) == Dns(typed);

    private static string Dns(string address)
    {
        var at = address.LastIndexOf('@');
        return $"{address[..at].Normalize()}@{new IdnMapping().GetAscii(address[(at + 1)..].Normalize())}".ToLowerInvariant();
    }

    private static void AssertHarmless(string shown)
    {
        Assert.DoesNotMatch(@"[@<>"":;,()\[\]\\=?]|\w\.\w", shown);
        Assert.True(shown.Length <= 60);
        Assert.DoesNotContain(shown, letter => char.IsControl(letter) || CharUnicodeInfo.GetUnicodeCategory(letter) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
    }

    private static string Shown(string? text) => text is null ? "none" : string.Concat(text.Take(80).Select(letter => letter is >= ' ' and <= '~' ? letter.ToString() : $"\\u{(int)letter:x4}"));

    private static readonly Gen<string> Typed = Gen.Frequency(
        (4, Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 0, 12], Gen.Int[0, Tricks.Length - 1].Select(index => Tricks[index]), Gen.String[Gen.Char.AlphaNumeric, 0, 12], (before, attack, after) => before + attack + after)),
        (1, Gen.String[Gen.Char, 0, 30].Where(text => !text.Any(char.IsSurrogate))));

    private static MimeMessage Written(string email, string? name, string subject)
    {
        using var composed = Composer.TryCompose(Mail(email, name, subject, "<p>html</p>", "text"));
        using var bytes = new MemoryStream();
        composed!.WriteTo(bytes);
        bytes.Position = 0;
        return MimeMessage.Load(bytes);
    }

    private static OutgoingMail Mail(string email, string? name, string subject, string html, string text) =>
        new($"booking-confirmed.{Guid.Empty:n}@aerona.example", email, name, DateTimeOffset.UnixEpoch, subject, html, text, []);

    [GeneratedRegex(@"\A(EHLO|MAIL FROM:|RCPT TO:|DATA\z|NOOP\z|RSET\z)")]
    private static partial Regex CommandsMeant();

    [GeneratedRegex(@"\A<([^<>\s]+)>\z")]
    private static partial Regex Recipient();

    [GeneratedRegex(@"\r(?!\n)|(?<!\r)\n")]
    private static partial Regex BareLineEnd();

    [GeneratedRegex(@"\r\n[ \t]")]
    private static partial Regex Folds();
}
