using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Operations;
using Aerona.Contracts.Users;
using Aerona.Notifications.Data;
using Aerona.Notifications.FlightNews;
using Aerona.Notifications.Mail;
using Aerona.Notifications.Preferences;
using Aerona.TestKit;
using MimeKit;
using Xunit;

namespace Aerona.Notifications.Tests;

/// <summary>From due to sent: waiting, trying again, overtaking, giving up, sending again.</summary>
public sealed class SendingTests
{
    /// <summary>23:00 in New York, where the journey begins.</summary>
    private static readonly DateTimeOffset Night = new(2026, 12, 2, 4, 0, 0, TimeSpan.Zero);

    private static readonly Contact Alice = new("alice@example.org", null, "en");

    [Fact]
    public async Task What_can_wait_is_sent_when_the_quiet_hours_of_the_travellers_zone_end_and_what_cannot_at_once()
    {
        await using var service = await Post.OpenAsync(at: Night);
        var booking = Guid.NewGuid();
        await PreferAsync(service, Preference.Of(booking), quiet: (new(22, 0), new(7, 0)));

        await service.DeliverAsync(News(booking, BookingNewsKind.ConfirmingWithAirline));
        await service.DeliverAsync(News(Guid.NewGuid(), BookingNewsKind.ConfirmingWithAirline));   // nobody asked for quiet there
        Assert.Single(service.Mails());
        Assert.Equal((DeliveryState.Deferred, "mail.quiet_hours", Night.AddHours(8)), Of(await service.DeliveriesAsync(), booking, row => (row.State, row.Refusal, row.DueAt!.Value)));
        await service.DeliverAsync(Cancelled(booking));
        await service.PassAsync(TimeSpan.FromHours(7.9));
        Assert.Single(service.Mails());
        await service.PassAsync(TimeSpan.FromHours(0.2));

        var mails = service.Mails();
        Assert.Equal(3, mails.Count);
        Assert.Equal(2, mails.Count(mail => mail.Date == Night.AddHours(8)));   // among today's mails, not yesterday's
        Assert.All(await service.DeliveriesAsync(), row => Assert.Equal((DeliveryState.Sent, null), (row.State, row.Refusal)));

        await service.PassAsync(TimeSpan.FromHours(16));   // 23:06 again
        await service.DeliverAsync(News(booking, BookingNewsKind.PriceChanged) with { At = Night.AddHours(24), Until = Night.AddHours(40) });
        Assert.Equal(4, service.Mails().Count);
    }

    [Fact]
    public async Task Of_several_changes_of_a_flight_that_wait_only_the_newest_is_sent_with_all_that_is_new_and_none_when_all_is_as_before()
    {
        await using var service = await Post.OpenAsync(at: Night);
        var departs = Night.AddDays(3);
        var onTime = new FlightStatus(
            "AA101-20261205", new("AA", 101), "JFK", "America/New_York", "LAX", "America/Los_Angeles", FlightState.Scheduled, departs, null, null, departs.AddHours(6), null, null);
        var (busy, calm) = (await FollowAsync(service), await FollowAsync(service, "bob@example.org"));
        foreach (var id in new[] { busy, calm })
        {
            await service.DeliverAsync(new FlightStatusTold(id, onTime, 0, Night));
            await PreferAsync(service, Preference.Of(id), quiet: (new(22, 0), new(7, 0)));
        }

        var late = onTime with { EstimatedOffBlock = departs.AddHours(1) };
        var lateAtB14 = late with { DepartureGate = "B14" };
        await service.DeliverAsync(new FlightStatusChanged(onTime, late, 1, Night.AddMinutes(1)));
        await service.DeliverAsync(new FlightStatusChanged(late, lateAtB14, 2, Night.AddMinutes(2)));
        Assert.Equal(2, service.Mails().Count);
        await service.PassAsync(TimeSpan.FromHours(9));

        var last = service.Mails().Skip(2).ToList();
        Assert.Equal(2, last.Count);
        Assert.All(last, mail => Assert.Matches(@"(?s)now leaves at .*it was .*leaves from gate B14", mail.TextBody));
        Assert.Equal(2, (await service.DeliveriesAsync()).Count(row => row.Refusal == "mail.overtaken"));

        // Later than that, and back again before anybody was told: nothing to tell.
        service.Clock.SetUtcNow(Night.AddDays(1));
        await service.DeliverAsync(new FlightStatusChanged(lateAtB14, lateAtB14 with { EstimatedOffBlock = departs.AddHours(3) }, 3, Night.AddDays(1)));
        await service.DeliverAsync(new FlightStatusChanged(lateAtB14, lateAtB14, 4, Night.AddDays(1)));
        await service.PassAsync(TimeSpan.FromHours(9));
        Assert.Equal(4, service.Mails().Count);
        Assert.Equal(2, (await service.DeliveriesAsync()).Count(row => row.Refusal == "mail.nothing_new"));

        // A cancelled flight wakes everybody.
        service.Clock.SetUtcNow(Night.AddDays(2));
        await service.DeliverAsync(new FlightStatusChanged(lateAtB14, lateAtB14 with { State = FlightState.Cancelled }, 5, Night.AddDays(2)));
        Assert.Equal(6, service.Mails().Count);
    }

    [Fact]
    public async Task News_that_waited_for_a_mail_server_is_not_sent_once_the_booking_is_confirmed_or_its_time_is_over()
    {
        var server = new Scripted();
        await using var service = await Post.OpenAsync(server, Night);
        var (booking, other) = (Guid.NewGuid(), Guid.NewGuid());
        server.Next = () => throw Delayed();

        await service.DeliverAsync(News(booking, BookingNewsKind.ConfirmingWithAirline));
        await service.DeliverAsync(News(other, BookingNewsKind.PaymentDue) with { Until = Night.AddHours(2) });
        await service.DeliverAsync(new BookingFailed(booking, "K7QM2P", "Rejected", "order.refused", null, MoneyState.NotCharged, Alice, Night.AddMinutes(1)));
        server.Next = null;
        await service.PassAsync(TimeSpan.FromHours(3));

        Assert.Contains("was not completed", Assert.Single(server.Taken).Subject, StringComparison.Ordinal);
        Assert.Equal(["mail.overtaken", "mail.too_late"], (await service.DeliveriesAsync()).Select(row => row.Refusal).OfType<string>().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_server_that_is_away_is_tried_again_with_growing_pauses_and_given_up_after_days()
    {
        var server = new Scripted { Next = () => throw Delayed() };
        await using var service = await Post.OpenAsync(server, Night, new() { ["Mail:GiveUpAfter"] = "1.00:00:00" });
        var cancelled = Cancelled(Guid.NewGuid());

        await service.DeliverAsync(cancelled);
        List<double> pauses = [];
        while (await service.DeliveriesAsync() is [{ State: DeliveryState.Deferred } row])
        {
            Assert.Equal("mail.server_unreachable", row.Refusal);
            pauses.Add((row.DueAt!.Value - service.Clock.GetUtcNow()).TotalSeconds);
            service.Clock.SetUtcNow(row.DueAt.Value);
            await service.DeliverDueAsync();
        }

        Assert.Equal(pauses.Order(), pauses);
        Assert.InRange(pauses[0], 5, 6);
        Assert.InRange(pauses[^1], 7200, 8640);
        Assert.Equal(DeliveryState.Failed, Assert.Single(await service.DeliveriesAsync()).State);
        Assert.Equal(pauses.Count + 1, server.Asked);
        Assert.Equal("mail.refused", Assert.Single(await service.Published<BookingNoted>()).Kind);
        Assert.True(service.Clock.GetUtcNow() - Night < TimeSpan.FromDays(1));
    }

    [Fact]
    public async Task When_an_answer_is_lost_what_must_arrive_is_sent_once_more_byte_for_byte_and_other_mails_are_not()
    {
        await using var server = new RawSmtp { Taken = _ => "" };   // takes it, and hangs up instead of answering
        await using var mailer = server.Mailer();
        await using var service = await Post.OpenAsync(mailer, Night);

        await service.DeliverAsync(Cancelled(Guid.NewGuid()));
        await service.DeliverAsync(News(Guid.NewGuid(), BookingNewsKind.ConfirmingWithAirline));
        await service.PassAsync(TimeSpan.FromDays(1));
        await service.PassAsync(TimeSpan.FromDays(1));

        Assert.All(await service.DeliveriesAsync(), row => Assert.Equal((DeliveryState.Sent, "mail.answer_lost"), (row.State, row.Refusal)));
        var copies = server.Mails.GroupBy(mail => MimeMessage.Load(new MemoryStream(mail.Data)).MessageId).OrderBy(group => group.Count()).ToList();
        Assert.Equal([1, 2], copies.Select(group => group.Count()));
        Assert.Single(copies[1].Select(mail => Convert.ToHexString(mail.Data)).Distinct());
    }

    [Fact]
    public async Task Busy_comes_again_refused_does_not_and_a_connection_serves_many()
    {
        var busy = 1;
        await using var server = new RawSmtp
        {
            Answer = command => command.StartsWith("RCPT TO:<nobody@", StringComparison.Ordinal) ? "550 5.1.1 no such mailbox"
                : command.StartsWith("RCPT TO:<busy@", StringComparison.Ordinal) && busy-- > 0 ? "451 4.3.2 later" : null,
        };
        await using var mailer = server.Mailer();
        await using var service = await Post.OpenAsync(mailer, Night);

        foreach (var to in new[] { "nobody@example.org", "busy@example.org", "alice@example.org" })
        {
            await service.DeliverAsync(Cancelled(Guid.NewGuid()) with { Contact = Alice with { Email = to } });
        }

        await service.PassAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(["<alice@example.org>", "<busy@example.org>"], server.Mails.SelectMany(mail => mail.Recipients));
        Assert.Equal(
            [("alice@example.org", DeliveryState.Sent, null, 0), ("busy@example.org", DeliveryState.Sent, null, 1), ("nobody@example.org", DeliveryState.Failed, "mail.rejected", 0)],
            (await service.DeliveriesAsync()).OrderBy(row => row.Recipient, StringComparer.Ordinal).Select(row => (row.Recipient, row.State, row.Refusal, row.Failures)));
        Assert.InRange(server.Connections, 1, 3);
    }

    [Theory]
    [InlineData("EHLO")]
    [InlineData("RCPT")]
    public async Task A_server_that_stops_talking_holds_nothing_up_for_long(string after)
    {
        await using var server = new RawSmtp { Answer = command => command.StartsWith(after, StringComparison.Ordinal) ? RawSmtp.Silence : null };
        await using var mailer = server.Mailer(timeout: 1);
        await using var service = await Post.OpenAsync(mailer, Night);

        await service.DeliverAsync(Cancelled(Guid.NewGuid()));

        var row = Assert.Single(await service.DeliveriesAsync());
        Assert.Equal((DeliveryState.Deferred, "mail.server_unreachable", 1), (row.State, row.Refusal, row.Failures));
        Assert.Empty(server.Mails);
    }

    [Fact]
    public async Task Staff_send_a_mail_again_as_another_mail_to_the_address_on_file()
    {
        await using var service = await Post.OpenAsync(at: Night);
        var booking = Guid.NewGuid();
        await service.ConsumeAsync(new BookingSubmitted(booking, "K7QM2P", Guid.NewGuid(), [], Alice with { Email = "onfile@example.org" }, null, null, Night));
        await service.DeliverAsync(Cancelled(booking));
        var first = Assert.Single(await service.DeliveriesAsync());
        service.Clock.Advance(TimeSpan.FromDays(1));

        using var answer = await ResendAsync(service, first.MessageId);
        await service.DeliverDueAsync();
        using var unsigned = await ResendAsync(service, first.MessageId, role: "traveller");
        using var unknown = await ResendAsync(service, "none@aerona.example");

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Forbidden, HttpStatusCode.NotFound), (answer.StatusCode, unsigned.StatusCode, unknown.StatusCode));
        var mails = service.Mails();
        Assert.Equal(["alice@example.org", "onfile@example.org"], mails.Select(mail => mail.To.Mailboxes.Single().Address));
        Assert.Equal(2, mails.Select(mail => mail.MessageId).Distinct().Count());
        Assert.Equal(mails[0].TextBody, mails[1].TextBody);
        Assert.Equal(Night.AddDays(1), mails[1].Date);
        var log = await (await AskAsync(service, HttpMethod.Get, $"/v1/support/deliveries?bookingId={booking}", null, "support")).Content.ReadAsStringAsync();
        Assert.DoesNotContain("onfile", log, StringComparison.Ordinal);
        Assert.Contains("\"resendable\":true", log, StringComparison.Ordinal);
        var again = (await service.DeliveriesAsync()).Single(row => row.ResendOf is not null);
        Assert.Equal((first.MessageId, "clerk", DeliveryState.Sent), (again.ResendOf, again.ResentBy, again.State));
    }

    [Fact]
    public async Task A_link_that_lets_act_and_what_is_too_late_are_never_sent_again()
    {
        await using var service = await Post.OpenAsync(at: Night);
        await service.DeliverAsync(new SendAccountMail(Guid.NewGuid(), AccountMail.ResetPassword, "alice@example.org", "en", "/account/reset/s3cr3t", Night.AddHours(1), Night));
        await service.DeliverAsync(News(Guid.NewGuid(), BookingNewsKind.PriceChanged) with { Until = Night.AddHours(2) });
        service.Clock.Advance(TimeSpan.FromHours(3));

        var codes = new List<string?>();
        foreach (var delivery in (await service.DeliveriesAsync()).OrderBy(row => row.Kind, StringComparer.Ordinal))
        {
            using var answer = await ResendAsync(service, delivery.MessageId);
            codes.Add((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
        }

        Assert.Equal(["delivery.not_resendable", "delivery.too_late"], codes);
        Assert.Equal(2, service.Mails().Count);
    }

    private static CancellationNews Cancelled(Guid booking) => new(
        booking, Guid.NewGuid(), "K7QM2P", CancellationNewsKind.Cancelled, Money.Of(259, "EUR"), true, [], null, null, Alice, Orders.Family().Offer.Segments, Night);

    private static BookingNews News(Guid booking, BookingNewsKind kind) => new(
        booking, "K7QM2P", kind, Money.Of(560.50m, "USD"), Money.Of(518, "USD"), kind == BookingNewsKind.ConfirmingWithAirline ? null : Night.AddDays(1), Alice, Night, Orders.Family().Offer.Segments);

    private static MailDelayedException Delayed() => new("mail.server_unreachable", "away", new IOException());

    private static T Of<T>(IEnumerable<Delivery> rows, Guid booking, Func<Delivery, T> what) => what(rows.Single(row => row.BookingId == booking));

    private static Task<int> PreferAsync(TestService service, string scope, (TimeOnly From, TimeOnly Until)? quiet = null, params string[] off) => service.Query<NotificationsDbContext, int>(db =>
    {
        db.Preferences.Add(new() { Scope = scope, Off = off, QuietFrom = quiet?.From, QuietUntil = quiet?.Until, ChangedAt = Night });
        return db.SaveChangesAsync();
    });

    private static Task<Guid> FollowAsync(TestService service, string email = "alice@example.org") => service.Query<NotificationsDbContext, Guid>(async db =>
    {
        var row = new FlightSubscription { FlightId = "AA101-20261205", Email = email, Language = "en", CreatedAt = Night };
        db.FlightSubscriptions.Add(row);
        await db.SaveChangesAsync();
        return row.Id;
    });

    private static Task<HttpResponseMessage> ResendAsync(TestService service, string messageId, string role = "support") =>
        AskAsync(service, HttpMethod.Post, $"/v1/support/deliveries/{Uri.EscapeDataString(messageId)}/resends", null, role);

    private static Task<HttpResponseMessage> AskAsync(TestService service, HttpMethod method, string path, object? body, string role)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new("Bearer", service.Token("clerk", role));
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        return service.Http.SendAsync(request);
    }

    private sealed class Scripted : IMailer
    {
        public Action? Next { get; set; }

        public int Asked { get; private set; }

        public List<(string? MessageId, string? Subject)> Taken { get; } = [];

        public Task SendAsync(MimeMessage message, CancellationToken cancellationToken)
        {
            Asked++;
            Next?.Invoke();
            Taken.Add((message.MessageId, message.Subject));
            return Task.CompletedTask;
        }
    }
}
