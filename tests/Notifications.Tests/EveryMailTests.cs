using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Notifications;
using Aerona.Contracts.Operations;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using Aerona.Contracts.Users;
using Aerona.Files;
using Aerona.Notifications.Preferences;
using Aerona.Notifications.Texts;
using Aerona.TestKit;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using Xunit;

namespace Aerona.Notifications.Tests;

/// <summary>Every mail there is, in every language. Where <c>AERONA_MAILS</c> names a folder, they are put there for looking at.</summary>
public sealed partial class EveryMailTests
{
    private static readonly DateTimeOffset At = new(2026, 12, 1, 9, 30, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("en")]
    [InlineData("vi")]
    public async Task Every_mail_says_the_same_as_html_and_text_fetches_nothing_and_is_in_its_language_alone(string locale)
    {
        await using var service = await Post.OpenAsync(at: At);

        var messages = await MessagesAsync(service, locale);
        foreach (var message in messages)
        {
            await service.DeliverAsync(message);
        }

        var mails = service.Mails();
        var deliveries = await service.DeliveriesAsync();
        Assert.All(deliveries, delivery => Assert.True(delivery.State == Data.DeliveryState.Sent, $"{delivery.Kind} {delivery.State} {delivery.Refusal}"));
        Assert.Equal(deliveries.Count, mails.Count);
        Assert.True(deliveries.Select(delivery => delivery.Kind).Distinct().Count() == 34, $"{deliveries.Select(delivery => delivery.Kind).Distinct().Count()} kinds of mails");
        var kinds = deliveries.ToDictionary(delivery => delivery.MessageId, delivery => delivery.Kind);
        foreach (var mail in mails)
        {
            var kind = kinds[mail.MessageId!];
            var (html, seen) = (mail.HtmlBody!, Blanks().Replace(Post.Seen(mail.HtmlBody), " "));
            Assert.Equal(locale, mail.Body!.Headers[HeaderId.ContentLanguage]);
            Assert.Contains($"<html lang=\"{locale}\"", html, StringComparison.Ordinal);
            Assert.Contains("color-scheme", html, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"(?i)<(img|link|script|iframe|video|object|form)\b|url\(|@import|X-Amz-Signature", html);
            Assert.All(Addresses().Matches(html + mail.TextBody), address => Assert.StartsWith("https://aerona.example/", address.Value, StringComparison.Ordinal));
            Assert.InRange(html.Length, 2_000, 100_000);   // past 102 KB Gmail cuts a mail off
            Assert.All(Sentences(mail.TextBody!), sentence => Assert.True(seen.Contains(sentence, StringComparison.OrdinalIgnoreCase), $"{kind}: the HTML lacks {sentence}"));
            var other = locale == "vi" ? EnglishWords() : VietnameseWords();
            var all = Addresses().Replace($"{mail.Subject} {mail.TextBody} {seen}", "");
            Assert.False(other.IsMatch(all), $"{kind}: {other.Match(all).Value}");
            await KeepAsync($"{locale}-{kind}", mail);
        }
    }

    [Theory]
    [InlineData("en", 1)]
    [InlineData("en", 9)]
    [InlineData("vi", 1)]
    [InlineData("vi", 9)]
    public async Task A_confirmation_names_every_passenger_ticket_flight_and_document(string locale, int passengers)
    {
        await using var service = await Post.OpenAsync(at: At);
        var booking = await ConfirmedAsync(service, locale, Order(passengers));

        await service.DeliverAsync(booking);

        using var mail = Assert.Single(service.Mails());
        foreach (var body in new[] { Post.Seen(mail.HtmlBody), mail.TextBody! })
        {
            Assert.All(booking.TicketNumbers, number => Assert.Contains(number.Number[3..], body, StringComparison.Ordinal));
            Assert.All(booking.Passengers, passenger => Assert.Contains(passenger.TicketSurname, body, StringComparison.Ordinal));
            Assert.All(booking.Offer.Segments, segment => Assert.Contains(segment.Flight.ToString(), body, StringComparison.Ordinal));
        }

        Assert.Equal(["application/pdf", "application/pdf", "text/calendar"], mail.Attachments.OfType<MimePart>().Select(part => part.ContentType.MimeType));
        Assert.Equal("PUBLISH", mail.Attachments.OfType<MimePart>().Last().ContentType.Parameters["method"]);
        await KeepAsync($"{locale}-confirmation-{passengers}", mail);
    }

    [Fact]
    public void Every_language_has_words_of_its_own_for_everything_that_is_told()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var texts in MailTexts.All)
        {
            List<string> all =
            [
                .. typeof(MailTexts).GetProperties().Where(property => property.PropertyType == typeof(string)).Select(property => (string)property.GetValue(texts)!),
                .. Enum.GetValues<NoticeKind>().SelectMany(kind => new[] { texts.Of(kind).Name, texts.Of(kind).What }),
                .. Enum.GetValues<Cabin>().Select(texts.Of),
                .. Enum.GetValues<PassengerType>().Select(texts.Of),
                .. Enum.GetValues<BookingNewsKind>().Select(kind => texts.News(kind, new("A – B", "1 EUR", "2 EUR", "1 EUR", false, "then")).Title),
                .. Enum.GetValues<CancellationNewsKind>().Select(kind => texts.Cancellation(kind, new(null, "", "then", "1 EUR", false, true, null)).Title),
                .. Enum.GetValues<DisputeStanding>().Select(standing => texts.Dispute(standing, "1 EUR").Title),
                .. Enum.GetValues<AccountMail>().Select(kind => texts.Account(kind).Text),
                .. Enum.GetValues<MoneyState>().Select(state => texts.Money(state).Detail),
                .. Reasons.Append("of.tomorrow").Select(reason => texts.Failure(reason).Why),
            ];

            Assert.All(all, text => Assert.False(string.IsNullOrWhiteSpace(text)));
            Assert.All(all.Where(text => text is not ("E-mail" or "vi" or "en")).Distinct(), text => Assert.True(seen.Add($"{text}"), $"{texts.Language} says as another language: {text}"));
            Assert.Equal(Reasons.Length + 1, Reasons.Append("of.tomorrow").Select(reason => texts.Failure(reason).Why).Distinct().Count());
            Assert.Equal(MailTexts.All[0].Case("late-capture") is null, texts.Case("late-capture") is null);
        }

        Assert.IsType<Vietnamese>(MailTexts.Of("vi-VN"));
        Assert.IsType<English>(MailTexts.Of("xx"));
        Assert.IsType<English>(MailTexts.Of(null));
    }

    private static readonly string[] Reasons =
    [
        "booking.cancelled", "payment.expired", "payment.declined", "payment.not_possible", "payment.unavailable", "seats.lost", "price.changed", "offer.gone", "order.refused",
        "airline.unavailable",
    ];

    /// <summary>One for each kind of mail, each of a booking of its own so that none overtakes another.</summary>
    private static async Task<IReadOnlyList<object>> MessagesAsync(TestService service, string locale)
    {
        var contact = new Contact("alice@example.org", null, locale);
        var segments = Order(1).Offer.Segments;
        List<object> messages = [await ConfirmedAsync(service, locale, Order(1))];
        messages.AddRange(Reasons.Select(reason => new BookingFailed(
            Guid.NewGuid(), "K7QM2P", "Rejected", reason, reason == "seats.lost" && locale == "en" ? "AA105 on the same day has seats." : null,
            reason == "seats.lost" ? MoneyState.AuthorisationVoided : MoneyState.NotCharged, contact, At)));
        messages.AddRange(Enum.GetValues<BookingNewsKind>().Select(kind => new BookingNews(
            Guid.NewGuid(), "K7QM2P", kind, Money.Of(560.50m, "USD"), kind == BookingNewsKind.PriceChanged ? Money.Of(518, "USD") : null,
            kind is BookingNewsKind.PaymentUnderReview or BookingNewsKind.ConfirmingWithAirline ? null : At.AddDays(1), contact, At, segments)));
        messages.AddRange(Enum.GetValues<CancellationNewsKind>().Select(kind => new CancellationNews(
            Guid.NewGuid(), Guid.NewGuid(), "K7QM2P", kind, Money.Of(259, "EUR"), true, [], "cancellation.refused", At.AddDays(10), contact, segments, At)));
        messages.AddRange(Enum.GetValues<AccountMail>().Select(kind => kind is AccountMail.ConfirmAddress or AccountMail.ResetPassword
            ? new SendAccountMail(Guid.NewGuid(), kind, contact.Email, locale, "/account/confirm/s3cr3t", At.AddHours(24), At)
            : new SendAccountMail(Guid.NewGuid(), kind, contact.Email, locale, null, null, At)));
        messages.Add(new SendBookingLink(Guid.NewGuid(), Guid.NewGuid(), "K7QM2P", contact.Email, locale, "/manage/open/s3cr3t", At.AddMinutes(10), At));

        var booking = Guid.NewGuid();
        messages.Add(new BookingSubmitted(booking, "K7QM2P", Guid.NewGuid(), [], contact, null, null, At));
        messages.AddRange(new[] { "ticketing-urgent", "undo-overdue", "late-capture" }.Select(kind => new BookingCaseOpened(booking, kind, "", At)));
        messages.AddRange(Enum.GetValues<DisputeStanding>().Select(standing => new PaymentDisputed(booking, Guid.NewGuid(), $"PP-D-{standing}", Money.Of(560.50m, "USD"), "X", standing, At)));
        messages.Add(new CancellationDocumentsStored(booking, Guid.NewGuid(), Guid.NewGuid(), [await StoreAsync(service, DocumentKinds.CreditNote, "notes/1.pdf", "Aerona-credit-note.pdf", "application/pdf", "C-2026-000017")]));
        messages.Add(new CancellationDocumentsStored(
            booking, Guid.NewGuid(), Guid.NewGuid(), [await StoreAsync(service, DocumentKinds.Calendar, "calendars/2.ics", "Aerona-K7QM2P.ics", "text/calendar; charset=utf-8; method=CANCEL", null)]));

        var follower = await FollowAsync(service, locale);
        var onTime = new FlightStatus(
            "VN55-20261207", new("VN", 55), "SGN", "Asia/Ho_Chi_Minh", "HAN", "Asia/Ho_Chi_Minh", FlightState.Scheduled, At.AddDays(6), null, null, At.AddDays(6).AddMinutes(130), null, null);
        var late = onTime with { EstimatedOffBlock = At.AddDays(6).AddMinutes(55), DepartureTerminal = "2", DepartureGate = "B14" };
        messages.Add(new FlightStatusTold(follower, onTime, 0, At));
        messages.Add(new FlightStatusChanged(onTime, late, 1, At.AddMinutes(1)));
        return messages;
    }

    private static Task<Guid> FollowAsync(TestService service, string locale) => service.Query<Data.NotificationsDbContext, Guid>(async db =>
    {
        var row = new FlightNews.FlightSubscription { FlightId = "VN55-20261207", Email = "alice@example.org", Language = locale, CreatedAt = At };
        db.FlightSubscriptions.Add(row);
        await db.SaveChangesAsync();
        return row.Id;
    });

    private static IssueTickets Order(int passengers) => passengers == 1
        ? Orders.Of(Orders.Route("SGN", "NRT", "LAX"), [Orders.Someone("p1", PassengerType.Adult, "Thị Ánh", "Nguyễn", "Thi Anh", "Nguyen")]).WithSeats(("p1", 1, "15A", 45m, []))
        : Orders.Of(Orders.Route("LHR", "JFK"), [.. Enumerable.Range(1, passengers).Select(number => Orders.Someone(
            $"p{number}", number > 7 ? PassengerType.Child : PassengerType.Adult, number == 2 ? "Wolfeschlegelsteinhausenbergerdorff" : $"Passenger {(char)('A' + number)}",
            number == 2 ? "Featherstonehaugh Cholmondeley Marjoribanks" : "Example"))]);

    private static async Task<BookingConfirmed> ConfirmedAsync(TestService service, string locale, IssueTickets order) => new(
        order.BookingId, order.Locator, order.Locators, order.Offer, order.Passengers, new("alice@example.org", null, locale), order.TicketNumbers,
        [
            await StoreAsync(service, DocumentKinds.ItineraryReceipt, "receipts/1.pdf", "Aerona-itinerary-receipt-K7QM2P.pdf", "application/pdf", null),
            await StoreAsync(service, DocumentKinds.Invoice, "invoices/1.pdf", "Aerona-invoice.pdf", "application/pdf", "A-2026-000042"),
            await StoreAsync(service, DocumentKinds.Calendar, "calendars/1.ics", "Aerona-K7QM2P.ics", "text/calendar; charset=utf-8; method=PUBLISH", null),
        ],
        order.Offer.Total, At);

    private static async Task<StoredDocument> StoreAsync(TestService service, string kind, string key, string name, string type, string? number)
    {
        byte[] content = [.. "something"u8];
        await service.Services.GetRequiredService<IFileStore>().PutAsync(key, content, key.EndsWith(".pdf", StringComparison.Ordinal) ? "application/pdf" : "text/calendar", default);
        return new(kind, key, name, Convert.ToHexStringLower(SHA256.HashData(content)), type, number);
    }

    private static async Task KeepAsync(string name, MimeMessage mail)
    {
        if (Environment.GetEnvironmentVariable("AERONA_MAILS") is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.html"), mail.HtmlBody);
            await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.txt"), mail.TextBody);
        }
    }

    /// <summary>Lines of the text as they stand in the HTML: without marks of lists, labels and addresses.</summary>
    private static IEnumerable<string> Sentences(string text) => text.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim(' ', '-', ':'))
        .Where(line => line.Length > 20 && !line.Contains("   ", StringComparison.Ordinal) && !line.Contains("https://", StringComparison.Ordinal) && !Listed().IsMatch(line)).Select(line => Blanks().Replace(line, " "));

    [GeneratedRegex(@"https?://[^\s""<]+")]
    private static partial Regex Addresses();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    // Lines that the HTML sets as two cells, a list or a badge.
    [GeneratedRegex(@": |\A[A-Z]{3} ")]
    private static partial Regex Listed();

    [GeneratedRegex(@"\b([Tt]he|and|your|you|with|was|will|from|booking|flight|passenger|class|Checked|Adult|day|days|operated|reference|Refund|Wed|Sat|Sun|Dec)\b")]
    private static partial Regex EnglishWords();

    [GeneratedRegex("[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđ]")]
    private static partial Regex VietnameseWords();
}
