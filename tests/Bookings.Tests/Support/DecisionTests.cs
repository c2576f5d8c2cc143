using System.Net;
using System.Text.Json;
using Aerona.Contracts.Bookings;

namespace Aerona.Bookings.Tests.Support;

public sealed class DecisionTests
{
    [Fact]
    public async Task A_parked_booking_shows_staff_what_they_can_decide_and_says_for_whom_it_waits()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        await desk.UntilParkedAsync(id);

        var decisions = await BookingDesk.JsonAsync(await desk.GetAsync($"/v1/support/bookings/{id}/decisions", Sue(desk)));
        var view = await desk.ViewAsync(id, token);

        Assert.Equal(("parkedForStaff", "commitUnknown"), (Text(decisions, "state"), Text(decisions, "parkedFrom")));
        Assert.Equal(["tryAgain", "giveUp"], decisions.GetProperty("possible").EnumerateArray().Select(each => each.GetString()));
        Assert.Empty(decisions.GetProperty("taken").EnumerateArray());
        Assert.Equal("parkedForStaff", Text(view, "state"));
        Assert.NotEmpty(Text(view, "waitingFor")!);
        Assert.NotEmpty(Text(view, "then")!);
        Assert.Equal((await desk.SagaAsync(id)).DeadlineAt, view.GetProperty("until").GetDateTimeOffset());
        Assert.Empty(view.GetProperty("availableActions").EnumerateArray());
    }

    [Fact]
    public async Task A_decision_is_taken_once_under_its_key_and_stands_on_the_timeline_with_who_and_why_for_staff_alone()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        await desk.UntilParkedAsync(id);
        var key = Guid.NewGuid();
        var body = new { decision = "giveUp", reason = "The airline says that it has no such order." };

        var answer = await desk.PostAsync($"/v1/support/bookings/{id}/decisions", body, Sue(desk), key.ToString());
        var repeat = await desk.PostAsync($"/v1/support/bookings/{id}/decisions", body, Sue(desk), key.ToString());
        var decided = Assert.Single(await desk.Service.Published<StaffDecided>());
        await desk.Service.ConsumeAsync(decided);
        await desk.Service.ConsumeAsync(decided);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (answer.StatusCode, repeat.StatusCode));
        Assert.Equal(new StaffDecided(id, key, StaffDecision.GiveUp, "sue", body.reason, desk.Now), decided);
        Assert.Equal("compensating", Text(await desk.ViewAsync(id, token), "state"));
        var decisions = await BookingDesk.JsonAsync(await desk.GetAsync($"/v1/support/bookings/{id}/decisions", Sue(desk)));
        Assert.Empty(decisions.GetProperty("possible").EnumerateArray());
        var taken = Assert.Single(decisions.GetProperty("taken").EnumerateArray());
        Assert.Equal((key.ToString(), "giveUp", "sue", body.reason, true), (Text(taken, "actionId"), Text(taken, "decision"), Text(taken, "by"), Text(taken, "reason"), taken.GetProperty("applied").GetBoolean()));
        var staff = await EntryAsync(desk, id, Sue(desk));
        Assert.Equal((key.ToString(), "sue", body.reason), (Text(staff, "reference"), Text(staff, "by"), Text(staff, "remark")));
        var traveller = await EntryAsync(desk, id, token);
        Assert.False(traveller.TryGetProperty("by", out _) || traveller.TryGetProperty("remark", out _));
    }

    [Fact]
    public async Task Of_two_decisions_the_second_changes_nothing_and_says_so()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        await desk.UntilParkedAsync(id);

        await desk.PostAsync($"/v1/support/bookings/{id}/decisions", new { decision = "tryAgain", reason = "They are back." }, Sue(desk), "1");
        await desk.PostAsync($"/v1/support/bookings/{id}/decisions", new { decision = "giveUp", reason = "They are not." }, desk.TokenFor("tom", "support"), "1");
        foreach (var decided in await desk.Service.Published<StaffDecided>())
        {
            await desk.Service.ConsumeAsync(decided);
        }

        Assert.Equal("commitUnknown", Text(await desk.ViewAsync(id, token), "state"));
        var taken = (await BookingDesk.JsonAsync(await desk.GetAsync($"/v1/support/bookings/{id}/decisions", Sue(desk)))).GetProperty("taken").EnumerateArray().ToList();
        Assert.Equal([("sue", true), ("tom", false)], taken.Select(each => (Text(each, "by"), each.GetProperty("applied").GetBoolean())));
        Assert.Contains("nothing was to be decided", Text(await EntryAsync(desk, id, Sue(desk), "staff.give_up"), "text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_machine_does_not_allow_is_refused()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();
        var early = await desk.PostAsync($"/v1/support/bookings/{id}/decisions", new { decision = "tryAgain", reason = "Now." }, Sue(desk));
        await desk.UntilParkedAsync(id);
        var unpaid = await desk.PostAsync($"/v1/support/bookings/{id}/decisions", new { decision = "goOnUnpaid", reason = "Now." }, Sue(desk));
        var unknown = await desk.PostAsync($"/v1/support/bookings/{Guid.NewGuid()}/decisions", new { decision = "tryAgain", reason = "Now." }, Sue(desk));

        Assert.Equal((HttpStatusCode.Conflict, "booking.not_parked"), (early.StatusCode, Text(await BookingDesk.JsonAsync(early), "code")));
        var problem = await BookingDesk.JsonAsync(unpaid);
        Assert.Equal((HttpStatusCode.Conflict, "booking.decision_not_possible"), (unpaid.StatusCode, Text(problem, "code")));
        Assert.Contains("tryAgain, giveUp", Text(problem, "detail"), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.NotFound, "booking.not_found"), (unknown.StatusCode, Text(await BookingDesk.JsonAsync(unknown), "code")));
        Assert.Empty(await desk.Service.Published<StaffDecided>());
    }

    [Fact]
    public async Task A_ticketed_booking_that_nobody_paid_is_let_go_on_unpaid_and_its_confirmation_carries_no_money()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        await desk.UntilRecoveryAsync(id);
        await desk.PastDeadlineAsync(id);

        await desk.PostAsync($"/v1/support/bookings/{id}/decisions", new { decision = "goOnUnpaid", reason = "Paid in cash at the counter." }, Sue(desk));
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<StaffDecided>()));
        await desk.Service.ConsumeAsync(new Contracts.Tickets.DocumentsStored(id, (await desk.SagaAsync(id)).Orders[^1].OrderId, [new("itinerary-receipt", "k", "receipt.pdf", "00")]));

        var view = await desk.ViewAsync(id, token);
        Assert.Equal(("confirmed", "0.00"), (Text(view, "state"), Text(view.GetProperty("money").GetProperty("captured"), "amount")));
        Assert.Equal(0, Assert.Single(await desk.Service.Published<BookingConfirmed>()).Captured.MinorUnits);
    }

    [Fact]
    public async Task A_decision_without_a_reason_or_of_an_unknown_kind_is_refused_by_field()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();
        await desk.UntilParkedAsync(id);

        foreach (var (body, pointer) in new (object, string)[]
        {
            (new { decision = "tryAgain", reason = " " }, "/reason"), (new { decision = "tryAgain" }, "/reason"), (new { reason = "Now." }, "/decision"),
            (new { decision = "refund", reason = "Now." }, "/decision"), (new { decision = "tryAgain", reason = new string('x', 2001) }, "/reason"),
        })
        {
            var answer = await desk.PostAsync($"/v1/support/bookings/{id}/decisions", body, Sue(desk));
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal(pointer, Text((await BookingDesk.JsonAsync(answer)).GetProperty("errors")[0], "pointer"));
        }

        Assert.Empty(await desk.Service.Published<StaffDecided>());
    }

    [Fact]
    public async Task Decisions_are_for_support_alone_and_need_a_key()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, guest) = await desk.BookAsync();
        await desk.UntilParkedAsync(id);
        var body = new { decision = "tryAgain", reason = "Now." };

        foreach (var (token, status) in new[] { (null, HttpStatusCode.Unauthorized), (guest, HttpStatusCode.Forbidden), (desk.TokenFor("an", "traveller"), HttpStatusCode.Forbidden) })
        {
            Assert.Equal(status, (await desk.GetAsync($"/v1/support/bookings/{id}/decisions", token)).StatusCode);
            Assert.Equal(status, (await desk.PostAsync($"/v1/support/bookings/{id}/decisions", body, token)).StatusCode);
        }

        Assert.Equal("idempotency.key_missing", Text(await BookingDesk.JsonAsync(await desk.PostAsync($"/v1/support/bookings/{id}/decisions", body, Sue(desk), key: "")), "code"));
        Assert.Empty(await desk.Service.Published<StaffDecided>());
    }

    private static string Sue(BookingDesk desk) => desk.TokenFor("sue", "support");

    private static async Task<JsonElement> EntryAsync(BookingDesk desk, Guid id, string token, string kind = "staff.give_up") =>
        (await BookingDesk.JsonAsync(await desk.GetAsync($"/v1/bookings/{id}/timeline", token))).GetProperty("entries").EnumerateArray().Single(entry => Text(entry, "kind") == kind);

    private static string? Text(JsonElement view, string name) => view.GetProperty(name).GetString();
}
