using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Users;
using Aerona.Notifications.Data;
using Aerona.Notifications.Preferences;
using Aerona.TestKit;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Aerona.Notifications.Tests;

public sealed class ErasureTests
{
    private static readonly DateTimeOffset At = new(2026, 12, 1, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_erased_person_is_exported_before_and_found_nowhere_after_and_nothing_that_waited_is_sent()
    {
        await using var service = await Post.OpenAsync(at: At);
        var (account, booking, other) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await service.ConsumeAsync(new BookingSubmitted(booking, "K7QM2P", Guid.NewGuid(), [], new("Marked@example.org", null, "en"), account.ToString(), null, At));
        await service.ConsumeAsync(new BookingSubmitted(other, "K7QM2Q", Guid.NewGuid(), [], new("bob@example.org", null, "en"), "bob", null, At));
        await service.DeliverAsync(Cancelled(booking, "Marked@example.org"));
        await service.DeliverAsync(Cancelled(other, "bob@example.org"));
        await service.Query<NotificationsDbContext, int>(db =>
        {
            db.Preferences.Add(new() { Scope = Preference.OfPerson(account.ToString()), Off = [], QuietFrom = new(0, 0), QuietUntil = new(23, 0), ChangedAt = At });
            return db.SaveChangesAsync();
        });
        await service.DeliverAsync(Cancelled(booking, "Marked@example.org") with { At = At.AddMinutes(1) });   // waits
        await service.ConsumeAsync(new AccountExportBegun(Guid.NewGuid(), account, "marked@example.org", [booking]));

        var erasure = new AccountErasureBegun(Guid.NewGuid(), account, "marked@example.org", [booking], At);
        await service.ConsumeAsync(erasure);
        await service.PassAsync(TimeSpan.FromDays(1));
        await service.ConsumeAsync(erasure);

        var export = Assert.Single(await service.Published<AccountDataExported>()).Json!;
        Assert.Contains("Marked@example.org", export, StringComparison.Ordinal);
        Assert.Contains("cancellation-cancelled", export, StringComparison.Ordinal);
        Assert.DoesNotContain("bob", export, StringComparison.Ordinal);
        var answers = await service.Published<AccountDataErased>();
        Assert.Equal([("recipient.email", 1), ("delivery.recipient", 2), ("delivery.content", 2), ("preference", 1)], answers[0].Fields.Select(field => (field.Name, field.Rows)));
        Assert.Empty(answers[1].Fields);
        Assert.Equal(2, service.Mails().Count);
        var left = await service.DeliveriesAsync();
        Assert.Equal(["bob@example.org", "", ""], left.Select(row => row.Recipient).OrderDescending(StringComparer.Ordinal));
        Assert.All(left.Where(row => row.Recipient.Length == 0), row => Assert.Null(row.Content));
        Assert.DoesNotContain(await service.Query<NotificationsDbContext, List<string>>(db => db.Recipients.Select(row => row.Email).ToListAsync()), email => email.Contains("arked", StringComparison.Ordinal));
    }

    private static CancellationNews Cancelled(Guid booking, string email) => new(
        booking, Guid.NewGuid(), "K7QM2P", CancellationNewsKind.Cancelled, Money.Of(259, "EUR"), true, [], null, null, new(email, null, "en"), Orders.Family().Offer.Segments, At);
}
