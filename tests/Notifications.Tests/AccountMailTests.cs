using Aerona.Contracts.Bookings;
using Aerona.Contracts.Users;
using Aerona.Notifications.Data;
using Aerona.TestKit;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Aerona.Notifications.Tests;

public sealed class AccountMailTests
{
    private static readonly DateTimeOffset At = new(2026, 12, 1, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_link_is_mailed_once_leads_to_our_own_address_and_is_noted_nowhere()
    {
        await using var service = await Post.OpenAsync();
        var command = new SendAccountMail(Guid.NewGuid(), AccountMail.ConfirmAddress, "alice@example.org", "en", "/account/confirm/s3cr3t", At.AddHours(24), At);

        await service.DeliverAsync(command);
        await service.DeliverAsync(command);

        var mail = Assert.Single(service.Mails());
        Assert.Equal("Aerona: confirm your address", mail.Subject);
        Assert.Contains("https://aerona.example/account/confirm/s3cr3t", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("Good until 2026-12-02 08:00 UTC, once", mail.TextBody, StringComparison.Ordinal);
        var delivery = await service.Query<NotificationsDbContext, Delivery>(db => db.Deliveries.SingleAsync());
        Assert.Equal(("account-confirm-address", "alice@example.org", null, null), (delivery.Kind, delivery.Recipient, delivery.Refusal, delivery.Content));
        Assert.Empty(await service.Published<BookingNoted>());
    }

    [Fact]
    public async Task Every_kind_has_words_in_both_languages()
    {
        await using var service = await Post.OpenAsync();
        foreach (var kind in Enum.GetValues<AccountMail>())
        {
            foreach (var locale in new[] { "en", "vi-VN" })
            {
                await service.DeliverAsync(new SendAccountMail(Guid.NewGuid(), kind, "alice@example.org", locale, null, null, At));
            }
        }

        var mails = service.Mails();
        Assert.Equal(2 * Enum.GetValues<AccountMail>().Length, mails.Select(mail => mail.Subject).Distinct().Count());
        Assert.Contains(mails, mail => mail.Subject!.Contains("mật khẩu", StringComparison.OrdinalIgnoreCase));
    }
}
