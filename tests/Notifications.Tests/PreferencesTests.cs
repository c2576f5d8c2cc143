using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Hosting;
using Aerona.Notifications.Data;
using Aerona.Notifications.Preferences;
using Aerona.TestKit;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Aerona.Notifications.Tests;

public sealed class PreferencesTests
{
    private static readonly DateTimeOffset At = new(2026, 12, 1, 9, 30, 0, TimeSpan.Zero);

    private static readonly string[] Zones = ["Europe/Berlin", "America/New_York", "Asia/Ho_Chi_Minh", "Australia/Lord_Howe", "Europe/Dublin"];

    [Fact]
    public async Task What_a_signed_in_person_does_not_want_is_not_mailed_about_any_booking_of_hers_and_what_must_reach_her_is()
    {
        await using var service = await Post.OpenAsync(at: At);
        var (mine, anothers) = (await SubmittedAsync(service, "alice"), await SubmittedAsync(service, "bob"));

        var (status, view) = await SetAsync(service, "alice", new { notices = new[] { new { kind = "progress", channel = "email", wanted = false } }, quietHours = new { from = "22:00", until = "07:00", zone = "Europe/Berlin" } });
        await service.DeliverAsync(News(mine, BookingNewsKind.ConfirmingWithAirline));
        await service.DeliverAsync(News(anothers, BookingNewsKind.ConfirmingWithAirline));
        await service.DeliverAsync(News(mine, BookingNewsKind.PayAgain));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("Europe/Berlin", view.GetProperty("quietHours").GetProperty("zone").GetString());
        Assert.Equal(view.GetRawText(), (await AskAsync(service, HttpMethod.Get, "alice", null)).Body.GetRawText());
        Assert.Equal(
            [("news-confirming-with-airline", anothers, null), ("news-confirming-with-airline", mine, "mail.not_wanted"), ("news-pay-again", mine, null)],
            (await service.DeliveriesAsync()).OrderBy(row => row.Kind, StringComparer.Ordinal).ThenBy(row => row.Refusal is not null).Select(row => (row.Kind, row.BookingId, row.Refusal)));
    }

    [Theory]
    [InlineData("""{"notices":[{"kind":"payment","channel":"email","wanted":false}]}""", "preferences.required", "/notices/0/wanted")]
    [InlineData("""{"notices":[{"kind":"progress","channel":"push","wanted":false},{"kind":"progress","channel":"push","wanted":true}]}""", "preferences.said_twice", "/notices/1")]
    [InlineData("""{"notices":[],"quietHours":{"from":"25:00","until":"07:00"}}""", "preferences.no_clock", "/quietHours/from")]
    [InlineData("""{"notices":[],"quietHours":{"from":"22:00","until":"7"}}""", "preferences.no_clock", "/quietHours/until")]
    [InlineData("""{"notices":[],"quietHours":{"from":"22:00","until":"22:00"}}""", "preferences.quiet_all_day", "/quietHours/until")]
    [InlineData("""{"notices":[],"quietHours":{"from":"22:00","until":"07:00","zone":"Mars/Phobos"}}""", "preferences.no_zone", "/quietHours/zone")]
    public async Task What_cannot_be_is_refused_with_the_field_and_the_rule(string body, string code, string pointer)
    {
        await using var service = await Post.OpenAsync(at: At);

        var (status, problem) = await SetAsync(service, "alice", JsonDocument.Parse(body).RootElement);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        var field = problem.GetProperty("errors")[0];
        Assert.Equal((code, pointer), (field.GetProperty("code").GetString(), field.GetProperty("pointer").GetString()));
        Assert.Equal(0, await service.Query<NotificationsDbContext, int>(db => db.Preferences.CountAsync()));
    }

    [Fact]
    public async Task Nobody_sets_them_without_signing_in_and_a_guests_token_is_not_enough()
    {
        await using var service = await Post.OpenAsync(at: At);
        using var anonymous = await service.Http.GetAsync("/v1/me/notification-preferences");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/me/notification-preferences");
        request.Headers.Authorization = new("Bearer", service.Services.GetRequiredService<ITokens>().ForGuest(Guid.NewGuid()));
        using var guest = await service.Http.SendAsync(request);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden), (anonymous.StatusCode, guest.StatusCode));
    }

    [Fact]
    public async Task The_link_in_a_mail_sets_them_for_that_booking_alone_in_its_language_and_looking_changes_nothing()
    {
        await using var service = await Post.OpenAsync(at: At);
        var (booking, other) = (await SubmittedAsync(service, null, "vi"), await SubmittedAsync(service, null, "vi"));
        await service.DeliverAsync(News(booking, BookingNewsKind.PayLater) with { Contact = new("alice@example.org", null, "vi") });
        var path = new Uri(service.Mails()[0].TextBody!.Split('\n').Last(line => line.Contains("/mail-preferences/", StringComparison.Ordinal)).Split(": ")[^1].Trim()).AbsolutePath;

        var page = await service.Http.GetAsync(path);
        var html = await page.Content.ReadAsStringAsync();
        Assert.Equal(0, await service.Query<NotificationsDbContext, int>(db => db.Preferences.CountAsync()));
        using var saved = await service.Http.PostAsync(path, new FormUrlEncodedContent([new("flightChanges/email", "on"), new("from", "22:30"), new("until", "06:15")]));
        var row = await service.Query<NotificationsDbContext, Preference>(db => db.Preferences.AsNoTracking().SingleAsync());

        Assert.Contains("<html lang=\"vi\">", html, StringComparison.Ordinal);
        Assert.DoesNotContain("alice", html, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("no-store", page.Headers.CacheControl!.ToString());
        Assert.Equal(HttpStatusCode.OK, saved.StatusCode);
        Assert.Equal((Preference.Of(booking), new TimeOnly(22, 30), new TimeOnly(6, 15)), (row.Scope, row.QuietFrom!.Value, row.QuietUntil!.Value));
        Assert.True(row.Wants(NoticeKind.FlightChanges, Channel.Email));
        Assert.True(row.Wants(NoticeKind.Payment, Channel.Email));
        Assert.False(row.Wants(NoticeKind.Progress, Channel.Email));
        Assert.False(row.Wants(NoticeKind.Payment, Channel.Push));
        await service.DeliverAsync(News(booking, BookingNewsKind.PaymentUnderReview));
        await service.DeliverAsync(News(other, BookingNewsKind.PaymentUnderReview));
        Assert.Equal([other], (await service.DeliveriesAsync()).Where(delivery => delivery is { Kind: "news-payment-under-review", State: DeliveryState.Sent }).Select(delivery => delivery.BookingId));
    }

    [Fact]
    public async Task A_mail_program_ends_one_kind_by_its_header_and_no_code_no_other_kind_and_no_expired_link_does()
    {
        await using var service = await Post.OpenAsync(at: At);
        var booking = await SubmittedAsync(service, null);
        await service.DeliverAsync(News(booking, BookingNewsKind.ConfirmingWithAirline));
        var address = new Uri(service.Mails()[0].Headers[MimeKit.HeaderId.ListUnsubscribe]!.Trim('<', '>')).AbsolutePath;
        FormUrlEncodedContent OneClick() => new([new("List-Unsubscribe", "One-Click")]);

        using var payment = await service.Http.PostAsync(address.Replace("/progress", "/payment", StringComparison.Ordinal), OneClick());
        using var forged = await service.Http.PostAsync($"/mail-preferences/{new string('A', 48)}/progress", OneClick());
        using var ended = await service.Http.PostAsync(address, OneClick());
        service.Clock.Advance(TimeSpan.FromDays(8));
        using var expired = await service.Http.PostAsync(address, OneClick());

        Assert.Equal(
            [HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.NotFound], new[] { payment, forged, ended, expired }.Select(answer => answer.StatusCode));
        Assert.Equal(["progress/email"], (await service.Query<NotificationsDbContext, Preference>(db => db.Preferences.AsNoTracking().SingleAsync())).Off);
    }

    [Fact]
    public void Quiet_hours_end_at_the_clock_that_was_set_in_every_zone_and_season_and_nothing_outside_them_waits() =>
        Gen.Select(Gen.DateTime[new(2026, 1, 1), new(2027, 12, 31)], Gen.Int[0, 1439], Gen.Int[0, 1439], Gen.Int[0, Zones.Length - 1].Select(index => Zones[index]))
            // A pause of less than an hour between quiet hours may lie in the hour that a night in spring skips.
            .Where(sample => (sample.Item2 - sample.Item3 + 1440) % 1440 >= 60)
            .Sample(
                (moment, from, until, zone) =>
                {
                    var (begins, ends) = (TimeOnly.MinValue.AddMinutes(from), TimeOnly.MinValue.AddMinutes(until));
                    var preference = new Preference { Scope = "", Off = [], ChangedAt = At, QuietFrom = begins, QuietUntil = ends };
                    var now = new DateTimeOffset(DateTime.SpecifyKind(moment, DateTimeKind.Utc));
                    var known = TimeZoneInfo.FindSystemTimeZoneById(zone);
                    var clock = TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, known).DateTime);

                    var end = preference.QuietEnd(now, zone);

                    Assert.Equal(clock.IsBetween(begins, ends), end is not null);
                    if (end is { } at)
                    {
                        Assert.True(at > now && at - now <= TimeSpan.FromHours(25), $"{now:O} {begins}-{ends} {zone}: {at:O}");
                        Assert.Null(preference.QuietEnd(at, zone));
                        var shown = TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, known).DateTime);
                        Assert.True(shown == ends || shown - ends <= TimeSpan.FromHours(1), $"{shown} for {ends}");
                    }
                },
                iter: 5000);

    private static BookingNews News(Guid booking, BookingNewsKind kind) => new(
        booking, "K7QM2P", kind, Money.Of(560.50m, "USD"), null, kind == BookingNewsKind.PayAgain ? At.AddDays(1) : null, new("alice@example.org", null, "en"), At, Orders.Family().Offer.Segments);

    private static async Task<Guid> SubmittedAsync(TestService service, string? owner, string locale = "en")
    {
        var booking = Guid.NewGuid();
        await service.ConsumeAsync(new BookingSubmitted(booking, "K7QM2P", Guid.NewGuid(), [], new("alice@example.org", null, locale), owner, null, At));
        return booking;
    }

    private static Task<(HttpStatusCode Status, JsonElement Body)> SetAsync(TestService service, string subject, object body) => AskAsync(service, HttpMethod.Put, subject, body);

    private static async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(TestService service, HttpMethod method, string subject, object? body)
    {
        using var request = new HttpRequestMessage(method, "/v1/me/notification-preferences") { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new("Bearer", service.Token(subject, "traveller"));
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await service.Http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }
}
