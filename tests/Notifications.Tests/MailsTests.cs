using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Notifications;
using Aerona.Files;
using Aerona.Hosting;
using Aerona.Notifications.Data;
using Aerona.Notifications.Mail;
using Aerona.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using Xunit;

namespace Aerona.Notifications.Tests;

public sealed partial class MailsTests
{
    private static readonly byte[] Receipt = [.. "%PDF-1.7 the receipt"u8, 0, 255, 10];
    private static readonly Contact Alice = new("alice@example.org", null, "en");
    private static readonly DateTimeOffset At = new(2026, 12, 1, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_confirmation_carries_the_stored_receipt_byte_for_byte()
    {
        await using var service = await Post.OpenAsync();

        await service.DeliverAsync(await ConfirmedAsync(service));

        using var mail = Assert.Single(service.Mails());
        var attachment = Assert.IsType<MimePart>(Assert.Single(mail.Attachments));
        using var bytes = new MemoryStream();
        attachment.Content!.DecodeTo(bytes);
        Assert.Equal(Receipt, bytes.ToArray());
        Assert.Equal("Aerona-itinerary-receipt-K7QM2P.pdf", attachment.FileName);
        Assert.Equal("application/pdf", attachment.ContentType.MimeType);
    }

    [Fact]
    public async Task Html_and_text_say_the_same_reference_numbers_sums_and_local_times_with_zones()
    {
        await using var service = await Post.OpenAsync();
        var booking = await ConfirmedAsync(service, Orders.Of(Orders.Route("LAX", "NRT", "SGN"), Orders.Family().Passengers).WithSeats(("p1", 1, "15A", 45m, []), ("p2", 1, "15B", 0m, [])));

        await service.DeliverAsync(booking);

        using var mail = Assert.Single(service.Mails());
        var html = Post.Seen(mail.HtmlBody);
        string[] said =
        [
            "K7QM2P", "American Airlines reference V6GZCS or booking reference K7QM2P", "Los Angeles – Tokyo – Ho Chi Minh City", "AA101", "AA102", "operated by British Airways (BA)", "America/Los Angeles, UTC−8", "Asia/Tokyo, UTC+9",
            "Asia/Ho Chi Minh, UTC+7", "18:25", "Sat 5 Dec 2026", "Sun 6 Dec 2026", "+1 day", "NGUYEN/ALICE MARIE", "001-2400000017", "001-2400000019", booking.Offer.Total.ToString(),
            "Seats: 15A, 15B", "Chosen seats", "45.00 USD",
        ];
        Assert.All(said, part => Assert.Contains(part, html, StringComparison.Ordinal));
        Assert.All(said, part => Assert.Contains(part, mail.TextBody, StringComparison.Ordinal));
        Assert.Equal(Facts(mail.TextBody), Facts(html));
        Assert.Equal("Booking K7QM2P confirmed: Los Angeles – Tokyo – Ho Chi Minh City, Sat 5 Dec 2026", mail.Subject);
    }

    [Fact]
    public async Task A_repeated_event_is_one_mail_one_delivery_and_one_line_in_the_timeline()
    {
        await using var service = await Post.OpenAsync();
        var booking = await ConfirmedAsync(service);
        await service.DeliverAsync(booking);
        var first = await File.ReadAllBytesAsync(Assert.Single(service.MailFiles()));

        service.Clock.Advance(TimeSpan.FromHours(1));
        await service.DeliverAsync(booking);

        Assert.Equal(first, await File.ReadAllBytesAsync(Assert.Single(service.MailFiles())));
        Assert.Equal(1, await service.Query<NotificationsDbContext, int>(db => db.Deliveries.CountAsync()));
        var noted = Assert.Single(await service.Published<BookingNoted>());
        Assert.Equal(("mail.sent", $"booking-confirmed.{booking.BookingId:n}@aerona.example"), (noted.Kind, noted.Reference));
    }

    [Fact]
    public async Task A_mail_sent_and_not_recorded_because_the_process_died_is_sent_again_as_the_same_file()
    {
        await using var service = await Post.OpenAsync();
        var booking = await ConfirmedAsync(service);
        await service.DeliverAsync(booking);
        var first = await File.ReadAllBytesAsync(Assert.Single(service.MailFiles()));
        await service.Query<NotificationsDbContext, int>(async db =>
            await db.Deliveries.ExecuteUpdateAsync(rows => rows.SetProperty(row => row.State, DeliveryState.Due))
            + await db.Set<Messaging.EffectIntent>().ExecuteUpdateAsync(rows => rows.SetProperty(row => row.Answer, (string?)null)));

        service.Clock.Advance(TimeSpan.FromMinutes(1));
        await service.ConsumeAsync(Assert.Single(await service.Published<SendDueMail>()));

        Assert.Equal(first, await File.ReadAllBytesAsync(Assert.Single(service.MailFiles())));
        Assert.Equal(DeliveryState.Sent, Assert.Single(await service.DeliveriesAsync()).State);
    }

    [Fact]
    public async Task A_receipt_that_is_not_what_was_stored_is_never_sent()
    {
        await using var service = await Post.OpenAsync();
        var booking = await ConfirmedAsync(service);
        await service.Services.GetRequiredService<IFileStore>().PutAsync(booking.Documents[0].Key, "another"u8.ToArray(), "application/pdf", default);

        await Record.ExceptionAsync(() => service.DeliverAsync(booking));

        Assert.Empty(service.MailFiles());
        Assert.Empty(await service.Published<BookingNoted>());
        Assert.Equal(1, await ComingAgainAsync(service));   // and in the end it is a dead letter
    }

    [Theory]
    [InlineData(MoneyState.NotCharged, "You were not charged", "No money was reserved and none was taken.")]
    [InlineData(MoneyState.AuthorisationVoided, "No money was taken; its reservation was released", "never becomes a charge")]
    public async Task A_failed_booking_says_why_and_where_the_money_stands(MoneyState money, string headline, string detail)
    {
        await using var service = await Post.OpenAsync();

        await service.DeliverAsync(new BookingFailed(Guid.NewGuid(), "K7QM2P", "Rejected", "seats.lost", "AA105 on the same day has seats.", money, Alice, At));

        using var mail = Assert.Single(service.Mails());
        foreach (var body in new[] { Post.Seen(mail.HtmlBody), mail.TextBody })
        {
            Assert.Contains("The last seats were sold to somebody else", body, StringComparison.Ordinal);
            Assert.Contains("AA105 on the same day has seats.", body, StringComparison.Ordinal);
            Assert.Contains(headline, body, StringComparison.Ordinal);
            Assert.Contains(detail, body, StringComparison.Ordinal);
        }

        Assert.Equal($"Booking K7QM2P: your booking was not completed. {headline}", mail.Subject);
        Assert.Empty(mail.Attachments);
    }

    [Fact]
    public async Task A_suppliers_code_is_not_read_out_to_the_traveller()
    {
        await using var service = await Post.OpenAsync();

        await service.DeliverAsync(new BookingFailed(Guid.NewGuid(), "K7QM2P", "Rejected", "seats.lost", "order.sold_out", MoneyState.AuthorisationVoided, Alice, At));

        using var mail = Assert.Single(service.Mails());
        Assert.DoesNotContain("order.sold_out", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("The last seats were sold to somebody else", mail.TextBody, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("undo-overdue", true)]
    [InlineData("late-capture", true)]
    [InlineData("commit-unknown", false)]     // told by a piece of news
    [InlineData("documents-overdue", false)]
    [InlineData("capture-refused", false)]
    public async Task A_case_is_told_to_the_traveller_only_where_it_matters_to_them(string kind, bool told)
    {
        await using var service = await Post.OpenAsync();
        var booking = Guid.NewGuid();
        await service.DeliverAsync(new BookingSubmitted(booking, "K7QM2P", Guid.NewGuid(), [], Alice, null, null, At));

        await service.DeliverAsync(new BookingCaseOpened(booking, kind, "PayPal says 422 INTERNAL_DETAIL", At));

        var mails = service.Mails();
        Assert.Equal(told ? 1 : 0, mails.Count);
        Assert.All(mails, mail =>
        {
            Assert.Equal("alice@example.org", mail.To.Mailboxes.Single().Address);
            Assert.Contains("Our staff are on it", mail.TextBody, StringComparison.Ordinal);
            Assert.DoesNotContain("INTERNAL_DETAIL", mail.TextBody, StringComparison.Ordinal);
        });
        Assert.Equal(told ? 1 : 0, (await service.Published<BookingNoted>()).Count);
    }

    [Fact]
    public async Task A_case_that_overtakes_the_booking_comes_again()
    {
        await using var service = await Post.OpenAsync();

        await Record.ExceptionAsync(() => service.DeliverAsync(new BookingCaseOpened(Guid.NewGuid(), "late-capture", "", At)));

        Assert.Empty(service.MailFiles());
        Assert.Equal(1, await ComingAgainAsync(service));
    }

    [Fact]
    public async Task An_address_that_is_none_is_recorded_as_refused_and_noted_and_nothing_leaves()
    {
        await using var service = await Post.OpenAsync();
        var failed = new BookingFailed(Guid.NewGuid(), "K7QM2P", "Rejected", "seats.lost", null, MoneyState.NotCharged, Alice with { Email = "a@b.example, c@d.example" }, At);

        await service.DeliverAsync(failed);

        Assert.Empty(service.MailFiles());
        Assert.Equal("mail.refused", Assert.Single(await service.Published<BookingNoted>()).Kind);
        Assert.Equal("mail.address_invalid", await service.Query<NotificationsDbContext, string?>(db => db.Deliveries.Select(row => row.Refusal).SingleAsync()));
    }

    [Fact]
    public async Task A_mail_that_the_server_will_never_take_is_recorded_as_refused_and_not_sent_again()
    {
        var server = new Refusing();
        await using var service = await Post.OpenAsync(server);
        var booking = await ConfirmedAsync(service);

        await service.DeliverAsync(booking);
        await service.DeliverAsync(booking);

        Assert.Equal(1, server.Asked);
        Assert.Equal("mail.refused", Assert.Single(await service.Published<BookingNoted>()).Kind);
        Assert.Equal("mail.rejected", await service.Query<NotificationsDbContext, string?>(db => db.Deliveries.Select(row => row.Refusal).SingleAsync()));
        Assert.Equal(0, await ComingAgainAsync(service));
    }

    [Fact]
    public async Task A_confirmation_of_an_unpaid_booking_does_not_say_that_money_was_taken()
    {
        await using var service = await Post.OpenAsync();
        var booking = await ConfirmedAsync(service);

        await service.DeliverAsync(booking with { Captured = Money.Zero(booking.Captured.Currency) });

        using var mail = Assert.Single(service.Mails());
        foreach (var body in new[] { Post.Seen(mail.HtmlBody), mail.TextBody })
        {
            Assert.DoesNotContain("paid and ticketed", body, StringComparison.Ordinal);
            Assert.DoesNotContain("Paid with PayPal", body, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"(?<![\d.,])0\.00", body);
            Assert.Contains("it is not paid yet", body, StringComparison.Ordinal);
            Assert.Contains("No money was taken from you", body, StringComparison.Ordinal);
            Assert.Matches($@"Not paid yet:?\s*{Regex.Escape(booking.Offer.Total.ToString())}", body);
        }
    }

    [Fact]
    public async Task Links_in_a_confirmation_lead_to_our_own_pages_and_none_to_a_stored_file_and_nothing_is_fetched_from_elsewhere()
    {
        await using var service = await Post.OpenAsync();
        var booking = await ConfirmedAsync(service);

        await service.DeliverAsync(booking);

        using var mail = Assert.Single(service.Mails());
        Assert.All(Links().Matches(mail.HtmlBody + mail.TextBody), link => Assert.Matches(@"\Ahttps://aerona\.example/(manage|mail-preferences)/[A-Za-z0-9_-]{48}\z", link.Value));
        Assert.Equal(4, Links().Matches(mail.HtmlBody + mail.TextBody).Count);
        Assert.DoesNotMatch(@"(?i)<(img|link|script|iframe|video)|url\(|@import", mail.HtmlBody);
        Assert.DoesNotContain(booking.Documents[0].Key, mail.HtmlBody + mail.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Support_sees_the_deliveries_of_a_booking_with_a_masked_address()
    {
        await using var service = await Post.OpenAsync();
        var booking = await ConfirmedAsync(service);
        await service.DeliverAsync(booking);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/support/deliveries?bookingId={booking.BookingId}");
        request.Headers.Authorization = new("Bearer", service.Services.TokenFor("clerk", ["support"], TimeSpan.FromHours(1)));

        using var answer = await service.Http.SendAsync(request);

        var body = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("booking-confirmed", body, StringComparison.Ordinal);
        Assert.DoesNotContain("alice", body, StringComparison.OrdinalIgnoreCase);
        using var unsigned = await service.Http.GetAsync(request.RequestUri);
        Assert.Equal(HttpStatusCode.Unauthorized, unsigned.StatusCode);
    }

    private sealed class Refusing : IMailer
    {
        public int Asked { get; private set; }

        public Task SendAsync(MimeMessage message, CancellationToken cancellationToken)
        {
            Asked++;
            throw new MailRefusedException("mail.rejected", new InvalidOperationException("550 5.1.1 no such mailbox"));
        }
    }

    private static async Task<BookingConfirmed> ConfirmedAsync(TestService service, Contracts.Tickets.IssueTickets? order = null)
    {
        order ??= Orders.Family();
        var document = new StoredDocument("itinerary-receipt", "receipts/0f3a.pdf", "Aerona-itinerary-receipt-K7QM2P.pdf", Convert.ToHexStringLower(SHA256.HashData(Receipt)));
        await service.Services.GetRequiredService<IFileStore>().PutAsync(document.Key, Receipt, "application/pdf", default);
        return new(order.BookingId, order.Locator, order.Locators, order.Offer, order.Passengers, Alice, order.TicketNumbers, [document], order.Offer.Total, At);
    }

    /// <summary>Messages that failed and wait to be delivered again.</summary>
    private static Task<int> ComingAgainAsync(TestService service) => service.Query<NotificationsDbContext, int>(
        db => db.Database.SqlQueryRaw<int>("select count(*) as \"Value\" from outbox where headers like '%Redelivery-Count%'").SingleAsync());

    /// <summary>Everything that looks like a time, a sum, a ticket number, a day or a zone, each once.</summary>
    private static SortedSet<string> Facts(string? text) => [.. FactsPattern().Matches(text ?? "").Select(match => match.Value)];

    [GeneratedRegex(@"https?://[^\s""<]+")]
    private static partial Regex Links();

    [GeneratedRegex(@"\b\d\d:\d\d\b|\b\d+\.\d\d USD|\b\d{3}-\d{10}\b|\b[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2} \d{4}\b|UTC[+−]\d+")]
    private static partial Regex FactsPattern();
}
