using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Notifications;
using Aerona.Notifications.Data;
using Aerona.TestKit;
using Microsoft.EntityFrameworkCore;
using MimeKit;
using Xunit;

namespace Aerona.Notifications.Tests.Alerts;

public sealed class PriceAlertMailTests
{
    private static readonly DateTimeOffset At = new(2026, 12, 1, 8, 0, 0, TimeSpan.Zero);

    private static readonly SendPriceAlert Fallen = new(
        Guid.Parse("0198c5f2-6d0e-7f5e-9a55-3c1d2b4f6a70"), new(2026, 12, 1), "ann@example.org", "en", [new("HAN", "LON", new(2026, 12, 20)), new("LHR", "HAN", new(2027, 1, 4))], 2,
        Money.Of(812.40m, "EUR"), Money.Of(1_034m, "EUR"), "/price-alerts/s3cr3t", At);

    [Fact]
    public async Task One_mail_a_day_says_price_days_and_how_to_end_it_with_one_click()
    {
        await using var service = await Post.OpenAsync();

        await service.DeliverAsync(Fallen);
        await service.DeliverAsync(Fallen);                                        // the same message again
        await service.DeliverAsync(Fallen with { Price = Money.Of(700m, "EUR") });   // and another one on the same day
        await service.DeliverAsync(Fallen with { On = new(2026, 12, 2), At = At.AddDays(1), Locale = "vi-VN" });

        var mails = service.Mails();
        Assert.Equal(["Hanoi – London, London – Hanoi: now from 812.40 EUR", "Hanoi – London, London – Hanoi: hiện từ 812.40 EUR"], mails.Select(mail => mail.Subject));
        Assert.Equal(["en", "vi"], mails.Select(mail => mail.Body!.Headers[HeaderId.ContentLanguage]));
        Assert.All(mails, mail =>
        {
            Assert.Equal("<https://aerona.example/price-alerts/s3cr3t>", mail.Headers[HeaderId.ListUnsubscribe]);
            Assert.Equal("List-Unsubscribe=One-Click", mail.Headers[HeaderId.ListUnsubscribePost]);
            Assert.Contains("https://aerona.example/price-alerts/s3cr3t", mail.TextBody, StringComparison.Ordinal);
            Assert.Contains("1034.00 EUR", mail.HtmlBody, StringComparison.Ordinal);
        });
        Assert.Contains("Hanoi – London: Sun 20 Dec 2026", mails[0].TextBody, StringComparison.Ordinal);
        Assert.Contains("Giá vé đã giảm", mails[1].TextBody, StringComparison.Ordinal);
        Assert.Equal(2, await service.Query<NotificationsDbContext, int>(db => db.Deliveries.CountAsync(delivery => delivery.Kind == "price-alert")));
        Assert.Empty(await service.Published<BookingNoted>());
    }
}
