using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Notifications.Cancellations;
using Aerona.Notifications.Data;
using Aerona.Notifications.Templates;
using Aerona.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Aerona.Notifications.Tests;

public sealed class CancellationNewsTests
{
    private static readonly DateTimeOffset At = new(2026, 12, 1, 9, 30, 0, TimeSpan.Zero);
    private static readonly Money Back = Money.Of(259, "EUR");

    public static TheoryData<CancellationNewsKind> Kinds => [.. Enum.GetValues<CancellationNewsKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Each_kind_is_one_mail_in_the_travellers_language_that_leads_to_the_booking(CancellationNewsKind kind)
    {
        await using var service = await Post.OpenAsync();
        service.Clock.SetUtcNow(At);
        var english = News(kind, "en");
        var vietnamese = News(kind, "vi") with { At = At.AddTicks(1) };

        await service.DeliverAsync(english);
        await service.DeliverAsync(english);
        await service.DeliverAsync(vietnamese with { CancellationId = Guid.NewGuid() });

        var mails = service.Mails().OrderBy(mail => mail.Subject!.StartsWith("Đặt", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, mails.Count);
        Assert.All(mails, mail => Assert.Contains("/manage/", mail.TextBody, StringComparison.Ordinal));
        foreach (var (mail, news) in mails.Zip([english, vietnamese]))
        {
            var content = Content(service, news);
            Assert.Equal(content.Subject, mail.Subject);
            Assert.All([content.Title, content.Panel!.Fact, content.Panel.Detail, .. content.Paragraphs, .. content.Next], sentence =>
            {
                Assert.Contains(Squeezed(sentence), Squeezed(mail.TextBody!), StringComparison.Ordinal);
                Assert.Contains(Squeezed(sentence), Squeezed(Post.Seen(mail.HtmlBody)), StringComparison.Ordinal);
            });
        }

        Assert.Equal(2, await service.Query<NotificationsDbContext, int>(db => db.Deliveries.CountAsync()));
    }

    [Fact]
    public async Task The_amount_the_day_and_what_is_cancelled_are_named_and_unknown_stays_unknown()
    {
        await using var service = await Post.OpenAsync();
        string Text(CancellationNews news) => Content(service, news).ToText();
        var whole = Text(News(CancellationNewsKind.Cancelled, "en"));
        var part = Text(News(CancellationNewsKind.Cancelled, "en") with { IsWhole = false, Coupons = [new("p1", 1), new("p2", 1)] });
        var unknown = Text(News(CancellationNewsKind.Cancelled, "en") with { Refund = null });
        var quote = Text(News(CancellationNewsKind.QuoteReady, "en") with { Refund = null });
        var nothing = Text(News(CancellationNewsKind.Cancelled, "en") with { Refund = Money.Zero("EUR") });

        Assert.Contains("259.00 EUR goes back", whole, StringComparison.Ordinal);
        Assert.Contains("You should see it by", whole, StringComparison.Ordinal);
        Assert.Contains("A part of your booking", part, StringComparison.Ordinal);
        Assert.Contains($"flight {Orders.Family().Offer.Segments[0].Flight} for 2 passengers", part, StringComparison.Ordinal);
        Assert.Contains("not settled yet", unknown, StringComparison.Ordinal);
        Assert.Contains("only when it is done", quote, StringComparison.Ordinal);
        Assert.Contains("Nothing is cancelled yet", quote, StringComparison.Ordinal);
        Assert.Contains("Nothing comes back", nothing, StringComparison.Ordinal);
        Assert.DoesNotContain("259.00", unknown + quote + nothing, StringComparison.Ordinal);
        Assert.Contains("The flight has left.", Text(News(CancellationNewsKind.NotCancelled, "en") with { Reason = "cancellation.flown" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_quote_that_has_expired_is_not_mailed_any_more()
    {
        await using var service = await Post.OpenAsync();
        service.Clock.SetUtcNow(At.AddDays(1));

        await service.DeliverAsync(News(CancellationNewsKind.QuoteReady, "en") with { Until = At.AddMinutes(15) });

        Assert.Empty(service.Mails());
    }

    private static MailContent Content(TestService service, CancellationNews news) => service.Services.GetRequiredService<CancellationLetter>().ContentOf(news);

    private static CancellationNews News(CancellationNewsKind kind, string locale) => new(
        Guid.Parse("0b000000-0000-4000-8000-000000000001"), Guid.Parse("0c000000-0000-4000-8000-000000000000"), "K7QM2P", kind, Back, IsWhole: true, [], null, At.AddDays(10),
        new("alice@example.org", null, locale), Orders.Family().Offer.Segments, At);

    private static string Squeezed(string text) => string.Concat(text.Where(letter => !char.IsWhiteSpace(letter)));
}
