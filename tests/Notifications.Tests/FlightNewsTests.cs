using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Operations;
using Aerona.Notifications.Data;
using Aerona.Notifications.FlightNews;
using Aerona.TestKit;
using Microsoft.EntityFrameworkCore;
using MimeKit;
using Xunit;

namespace Aerona.Notifications.Tests;

public sealed class FlightNewsTests
{
    private static readonly DateTimeOffset Scheduled = new(2026, 12, 7, 1, 0, 0, TimeSpan.Zero);   // 08:00 at SGN

    private static readonly FlightStatus OnTime = new(
        "VN55-20261207", new FlightDesignator("VN", 55), "SGN", "Asia/Ho_Chi_Minh", "HAN", "Asia/Ho_Chi_Minh", FlightState.Scheduled, Scheduled, null, null,
        Scheduled.AddMinutes(130), null, null);

    [Fact]
    public async Task A_follower_is_mailed_how_it_stands_then_a_delay_a_gate_change_and_a_cancellation()
    {
        await using var service = await Post.OpenAsync();
        var id = await FollowAsync(service, "en");

        await service.DeliverAsync(new FlightStatusTold(id, OnTime, 0, At(0)));
        await service.DeliverAsync(Changed(1, OnTime with { EstimatedOffBlock = Scheduled.AddMinutes(45), Reason = "Late inbound airplane" }));
        await service.DeliverAsync(Changed(2, OnTime with { EstimatedOffBlock = Scheduled.AddMinutes(48) }));                              // three minutes are no news
        await service.DeliverAsync(Changed(3, OnTime with { EstimatedOffBlock = Scheduled.AddMinutes(48), DepartureGate = "B14" }));
        await service.DeliverAsync(Changed(4, OnTime with { State = FlightState.Cancelled, Reason = "Typhoon" }));

        var mails = service.Mails();
        Assert.Equal(
            ["VN55 Ho Chi Minh City – Hanoi: you follow this flight", "VN55 Ho Chi Minh City – Hanoi: the flight is delayed", "VN55 Ho Chi Minh City – Hanoi: the gate is known",
             "VN55 Ho Chi Minh City – Hanoi: the flight is cancelled"], mails.Select(mail => mail.Subject));
        Assert.All(mails, mail => Assert.Equal("alice@example.org", mail.To.Mailboxes.Single().Address));
        Assert.Contains("VN55 now leaves at 08:45, Mon 7 Dec 2026; it was 08:00.", mails[1].TextBody, StringComparison.Ordinal);
        Assert.Contains("Late inbound airplane", mails[1].TextBody, StringComparison.Ordinal);
        Assert.Contains("B14", mails[2].HtmlBody, StringComparison.Ordinal);
        Assert.Contains("Typhoon", mails[3].TextBody, StringComparison.Ordinal);
        Assert.All(mails, mail => Assert.Contains("/flight-news/", mail.Headers[HeaderId.ListUnsubscribe], StringComparison.Ordinal));
        Assert.Empty(await service.Published<BookingNoted>());   // no booking's timeline has to do with it
    }

    [Fact]
    public async Task Whoever_asked_for_it_is_told_in_Vietnamese()
    {
        await using var service = await Post.OpenAsync();
        var id = await FollowAsync(service, "vi-VN");

        await service.DeliverAsync(new FlightStatusTold(id, OnTime, 0, At(0)));
        await service.DeliverAsync(Changed(1, OnTime with { EstimatedOffBlock = Scheduled.AddMinutes(45), DepartureGate = "B14" }));

        var mail = service.Mails()[1];
        Assert.Contains("Chuyến bay bị chậm", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("08:45 Thứ hai 07/12/2026", mail.TextBody, StringComparison.Ordinal);
        Assert.Equal("vi", mail.Body!.Headers[HeaderId.ContentLanguage]);
    }

    [Fact]
    public async Task Changes_that_come_twice_or_late_are_told_once_and_never_backwards()
    {
        await using var service = await Post.OpenAsync();
        var id = await FollowAsync(service, "en");
        await service.DeliverAsync(new FlightStatusTold(id, OnTime, 0, At(0)));

        var late = Changed(2, OnTime with { EstimatedOffBlock = Scheduled.AddMinutes(60), DepartureGate = "B14" });
        await service.DeliverAsync(late);
        await service.DeliverAsync(late);
        await service.DeliverAsync(Changed(1, OnTime with { EstimatedOffBlock = Scheduled.AddMinutes(20) }));

        Assert.Equal(2, service.Mails().Count);
    }

    [Fact]
    public async Task A_change_that_overtakes_the_first_answer_is_what_the_first_mail_says()
    {
        await using var service = await Post.OpenAsync();
        var id = await FollowAsync(service, "en");

        await service.DeliverAsync(Changed(1, OnTime with { DepartureGate = "B14" }));
        Assert.Empty(service.Mails());
        await service.DeliverAsync(new FlightStatusTold(id, OnTime, 0, At(0)));

        Assert.Contains("Gate B14.", Assert.Single(service.Mails()).TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_link_of_a_mail_ends_them_and_opening_it_alone_does_not()
    {
        await using var service = await Post.OpenAsync();
        var id = await FollowAsync(service, "en");
        await service.DeliverAsync(new FlightStatusTold(id, OnTime, 0, At(0)));
        var path = new Uri(service.Mails()[0].Headers[HeaderId.ListUnsubscribe]!.Trim('<', '>')).AbsolutePath;

        var page = await service.Http.GetStringAsync(path);
        Assert.Equal(SubscriptionState.Following, await StateAsync(service, id));
        using var ended = await service.Http.PostAsync(path, new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]));
        await service.DeliverAsync(Changed(1, OnTime with { State = FlightState.Cancelled }));

        Assert.Contains("End these mails", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, ended.StatusCode);
        Assert.Equal(SubscriptionState.Ended, await StateAsync(service, id));
        Assert.Single(service.Mails());
        Assert.Equal(HttpStatusCode.NotFound, (await service.Http.GetAsync("/flight-news/none")).StatusCode);
    }

    [Fact]
    public async Task Nothing_is_mailed_about_a_flight_that_does_not_exist()
    {
        await using var service = await Post.OpenAsync();
        var id = await FollowAsync(service, "en");

        await service.DeliverAsync(new FlightStatusTold(id, null, 0, At(0)));

        Assert.Empty(service.Mails());
        Assert.Equal(SubscriptionState.FlightUnknown, await StateAsync(service, id));
    }

    [Fact]
    public async Task A_wish_that_cannot_be_met_is_refused_with_the_field_and_a_repeated_one_is_the_same()
    {
        await using var service = await Post.OpenAsync();
        var id = await FollowAsync(service, "en");

        Assert.Equal(id, await FollowAsync(service, "en"));
        Assert.Single(await service.Published<TellFlightStatus>());
        foreach (var (email, date, code) in new[] { ("a@b@c", "2026-12-07", "mail.address_invalid"), ("alice@example.org", "2026-01-01", "date.out_of_range") })
        {
            using var refused = await PostAsync(service, new { flight = "VN55", date, email });
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Equal(code, (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
        }
    }

    private static FlightStatusChanged Changed(long version, FlightStatus now) => new(OnTime, now, version, At(version));

    private static DateTimeOffset At(long minute) => new DateTimeOffset(2026, 12, 6, 20, 0, 0, TimeSpan.Zero).AddMinutes(minute);

    private static Task<HttpResponseMessage> PostAsync(TestService service, object body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/flight-subscriptions") { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        return service.Http.SendAsync(request);
    }

    private static async Task<Guid> FollowAsync(TestService service, string locale)
    {
        using var answer = await PostAsync(service, new { flight = "VN55", date = "2026-12-07", email = "Alice@example.org", locale });
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    private static Task<SubscriptionState> StateAsync(TestService service, Guid id) =>
        service.Query<NotificationsDbContext, SubscriptionState>(db => db.FlightSubscriptions.Where(row => row.Id == id).Select(row => row.State).SingleAsync());
}
