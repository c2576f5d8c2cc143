using System.Net;
using System.Text.RegularExpressions;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Hosting;
using Aerona.Notifications.Data;
using Aerona.Notifications.News;
using Aerona.Notifications.Templates;
using Aerona.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using Xunit;

namespace Aerona.Notifications.Tests;

public sealed partial class NewsTests
{
    private static readonly DateTimeOffset At = new(2026, 12, 1, 9, 30, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Until = new(2026, 12, 2, 11, 25, 59, TimeSpan.Zero);
    private static readonly Contact Alice = new("alice@example.org", null, "en");

    public static TheoryData<BookingNewsKind, string> Kinds => new()
    {
        { BookingNewsKind.PriceChanged, "news-price-changed" },
        { BookingNewsKind.PayLater, "news-pay-later" },
        { BookingNewsKind.PaymentDue, "news-payment-due" },
        { BookingNewsKind.PaymentUnderReview, "news-payment-under-review" },
        { BookingNewsKind.ConfirmingWithAirline, "news-confirming-with-airline" },
        { BookingNewsKind.PayAgain, "news-pay-again" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Each_kind_of_news_is_one_mail_that_says_the_same_as_html_and_text(BookingNewsKind kind, string code)
    {
        await using var service = await Post.OpenAsync(at: At);
        var news = News(kind);

        await service.DeliverAsync(news);
        var first = await File.ReadAllBytesAsync(Assert.Single(service.MailFiles()));
        service.Clock.Advance(TimeSpan.FromMinutes(1));
        await service.DeliverAsync(news);

        Assert.Equal(first, await File.ReadAllBytesAsync(Assert.Single(service.MailFiles())));
        using var mail = Assert.Single(service.Mails());
        Assert.Equal("alice@example.org", mail.To.Mailboxes.Single().Address);
        Assert.StartsWith("Booking K7QM2P: ", mail.Subject, StringComparison.Ordinal);
        var (html, text) = (Squeezed(Post.Seen(mail.HtmlBody)), Squeezed(mail.TextBody));
        var content = Content(service, news);
        Assert.All([content.Title, .. content.Paragraphs, .. content.Next, content.Panel!.Fact, content.Panel.Detail, content.Button!.Text, "K7QM2P"], sentence =>
        {
            Assert.Contains(Squeezed(sentence), html, StringComparison.Ordinal);
            Assert.Contains(Squeezed(sentence), text, StringComparison.Ordinal);
        });
        var noted = Assert.Single(await service.Published<BookingNoted>());
        Assert.Equal(("mail.sent", mail.MessageId), (noted.Kind, noted.Reference));
        Assert.Equal(code, await service.Query<NotificationsDbContext, string>(db => db.Deliveries.Select(row => row.Kind).SingleAsync()));
    }

    [Fact]
    public async Task The_same_kind_at_another_time_is_another_mail()
    {
        await using var service = await Post.OpenAsync(at: At);
        var first = News(BookingNewsKind.PayAgain);

        await service.DeliverAsync(first);
        await service.DeliverAsync(first with { At = At.AddTicks(1) });
        await service.DeliverAsync(first);

        Assert.Equal(2, service.Mails().Select(mail => mail.MessageId).Distinct().Count());
        Assert.Equal(2, await service.Query<NotificationsDbContext, int>(db => db.Deliveries.CountAsync()));
    }

    [Fact]
    public async Task A_new_price_is_told_with_the_old_one_the_difference_and_the_time_to_decide_by_the_clock_of_the_departure()
    {
        await using var service = await Post.OpenAsync(at: At);

        await service.DeliverAsync(News(BookingNewsKind.PriceChanged));

        using var mail = Assert.Single(service.Mails());
        Assert.Contains("now asks 560.50 USD for New York – Los Angeles; it was 518.00 USD. That is 42.50 USD more.", Squeezed(mail.TextBody), StringComparison.Ordinal);
        Assert.Contains("before Wed 2 Dec 2026, 06:25 (America/New York, UTC−5)", Squeezed(mail.TextBody), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lower_price_is_called_lower()
    {
        await using var service = await Post.OpenAsync(at: At);

        Assert.Contains("That is 18.00 USD less.", Content(service, News(BookingNewsKind.PriceChanged) with { Total = Money.Of(500, "USD") }).ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_journey_begins_is_not_known_times_are_utc_and_the_route_is_left_out()
    {
        await using var service = await Post.OpenAsync(at: At);

        var text = Content(service, News(BookingNewsKind.PayLater) with { Segments = null }).ToText();

        Assert.Contains("Your seats are held for you. Please pay 560.50 USD before Wed 2 Dec 2026, 11:25 (UTC).", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Who_asked_for_vietnamese_gets_every_word_in_it(BookingNewsKind kind, string code)
    {
        await using var service = await Post.OpenAsync(at: At);

        await service.DeliverAsync(News(kind) with { Contact = Alice with { Locale = "vi-VN" } });

        using var mail = Assert.Single(service.Mails());
        Assert.Equal("vi", mail.Body!.Headers[HeaderId.ContentLanguage]);
        Assert.Contains("<html lang=\"vi\"", mail.HtmlBody, StringComparison.Ordinal);
        Assert.StartsWith("Đặt chỗ K7QM2P: ", mail.Subject, StringComparison.Ordinal);
        var english = Content(service, News(kind));
        foreach (var body in new[] { Squeezed(Post.Seen(mail.HtmlBody)), Squeezed(mail.TextBody) })
        {
            Assert.All([english.Title, .. english.Paragraphs, .. english.Next, english.Panel!.Fact, english.Panel.Detail, english.Button!.Text, english.NextHeading, english.FlightsHeading, "Booking reference", "our money", "operated by", "baggage", .. english.Footer, .. english.FooterLinks.Select(link => link.Text)], sentence =>
                Assert.DoesNotContain(sentence, body, StringComparison.OrdinalIgnoreCase));
        }

        Assert.NotEmpty(code);
    }

    [Fact]
    public async Task In_vietnamese_the_deadline_has_its_day_and_zone()
    {
        await using var service = await Post.OpenAsync(at: At);

        Assert.Contains(
            "trước 06:25 Thứ tư 02/12/2026 (America/New York, UTC−5)", Content(service, News(BookingNewsKind.PaymentDue) with { Contact = Alice with { Locale = "vi" } }).ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_link_leads_to_our_own_address_and_opens_that_booking_until_after_the_deadline()
    {
        await using var service = await Post.OpenAsync(at: At);
        var news = News(BookingNewsKind.PayLater) with { Until = At.AddDays(8) };
        await service.DeliverAsync(news);

        using var mail = Assert.Single(service.Mails());
        var links = Links().Matches(mail.HtmlBody!).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).ToList();
        var link = links[0];
        Assert.StartsWith("https://aerona.example/manage/", link, StringComparison.Ordinal);
        Assert.StartsWith("https://aerona.example/mail-preferences/", Assert.Single(links.Skip(1)), StringComparison.Ordinal);
        Assert.Contains(link, mail.TextBody!.ReplaceLineEndings("\n").Split('\n'));
        var codes = service.Services.GetRequiredService<IBookingLinks>();
        service.Clock.SetUtcNow(At.AddDays(8).AddMinutes(-2));
        Assert.Equal(news.BookingId, codes.BookingOf(link.Split('/')[^1]));
        service.Clock.SetUtcNow(At.AddDays(8).AddMinutes(1));
        Assert.Null(codes.BookingOf(link.Split('/')[^1]));
    }

    [Fact]
    public async Task Nobody_is_asked_to_do_what_is_too_late()
    {
        await using var service = await Post.OpenAsync(at: At);
        service.Clock.SetUtcNow(Until);

        await service.DeliverAsync(News(BookingNewsKind.PaymentDue));
        await service.DeliverAsync(News(BookingNewsKind.ConfirmingWithAirline));

        Assert.Equal(
            [("news-confirming-with-airline", DeliveryState.Sent, null), ("news-payment-due", DeliveryState.Suppressed, "mail.too_late")],
            (await service.DeliveriesAsync()).Select(row => (row.Kind, row.State, row.Refusal)));
    }

    private static BookingNews News(BookingNewsKind kind) => new(
        Guid.Parse("0b000000-0000-4000-8000-000000000001"), "K7QM2P", kind, Money.Of(560.50m, "USD"), kind == BookingNewsKind.PriceChanged ? Money.Of(518, "USD") : null,
        kind is BookingNewsKind.PaymentUnderReview or BookingNewsKind.ConfirmingWithAirline ? null : Until, Alice, At, Orders.Family().Offer.Segments);

    private static MailContent Content(TestService service, BookingNews news) => service.Services.GetRequiredService<NewsLetter>().ContentOf(news);

    private static string Squeezed(string? text) => Blanks().Replace(text ?? "", " ");

    [GeneratedRegex(@"<a [^>]*?href=""([^""]+)""")]
    private static partial Regex Links();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
