using System.Net;
using System.Text.Json;
using Aerona.Bookings.Cases;
using Aerona.Bookings.Data;
using Aerona.Contracts.Bookings;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Tests.Support;

public sealed class CaseTests
{
    [Fact]
    public async Task A_case_that_the_saga_opens_is_saved_with_the_saga_and_its_event_finds_it_there()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await WithCaseAsync(desk);

        var before = await CasesAsync(desk);
        var opened = Assert.Single(await desk.Service.Published<BookingCaseOpened>());
        await desk.Service.ConsumeAsync(opened);

        var found = Assert.Single(before);
        Assert.Equal((id, opened.Kind, opened.Detail, opened.OpenedAt), (found.BookingId, found.Kind, found.Detail, found.OpenedAt));
        Assert.Null(found.OpenedBy);
        Assert.Equal(found.Id, Assert.Single(await CasesAsync(desk)).Id);
    }

    [Fact]
    public async Task A_case_that_another_service_opens_stands_in_the_list_as_well()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();
        var opened = new BookingCaseOpened(id, "ledger-differs", "The books differ by 1.00 EUR.", desk.Now);

        await desk.Service.ConsumeAsync(opened);
        await desk.Service.ConsumeAsync(opened);

        var found = Assert.Single((await ListAsync(desk, "")).Cases);
        Assert.Equal((id, "ledger-differs", "pricing"), (found.GetProperty("bookingId").GetGuid(), found.GetProperty("kind").GetString(), found.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task Cases_are_listed_oldest_first_page_by_page_by_status_kind_and_booking()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (first, _) = await desk.BookAsync();
        var (second, _) = await desk.BookAsync();
        List<string> opened = [];
        for (var i = 0; i < 5; i++)
        {
            opened.Add(await OpenAsync(desk, i % 2 == 0 ? first : second, i < 3 ? "call-back" : "name-correction"));
            desk.Service.Clock.Advance(TimeSpan.FromSeconds(i % 2));     // some at the same moment
        }

        await desk.PostAsync($"/v1/support/cases/{opened[0]}/closures", new { resolution = "Done." }, Sue(desk));

        List<string> paged = [];
        string? cursor = null;
        do
        {
            var (cases, next) = await ListAsync(desk, $"limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            paged.AddRange(cases.Select(IdOf));
            cursor = next;
        }
        while (cursor is not null);

        Assert.Equal(opened.Skip(1).Order(), paged.Order());
        var ages = (await ListAsync(desk, "status=all")).Cases.Select(each => each.GetProperty("openedAt").GetDateTimeOffset()).ToList();
        Assert.Equal(5, ages.Count);
        Assert.Equal(ages.Order(), ages);
        Assert.Equal(opened[0], IdOf(Assert.Single((await ListAsync(desk, "status=closed")).Cases)));
        Assert.Equal(opened.Skip(3).Order(), (await ListAsync(desk, "kind=name-correction")).Cases.Select(IdOf).Order());
        Assert.Equal(new[] { opened[1], opened[3] }.Order(), (await ListAsync(desk, $"bookingId={second}")).Cases.Select(IdOf).Order());
    }

    [Fact]
    public async Task A_case_is_opened_noted_and_closed_with_who_and_when_and_shows_where_its_booking_stands()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        await desk.UntilCommitAsync(id);
        var openedAt = desk.Now;

        var created = await desk.PostAsync("/v1/support/cases", new { bookingId = id, detail = " The airline rang. " }, Sue(desk));
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var path = created.Headers.Location!.ToString();
        desk.Service.Clock.Advance(TimeSpan.FromMinutes(5));
        await desk.PostAsync($"{path}/notes", new { text = "They want the\r\nseat map." }, desk.TokenFor("tom", "support"));
        await desk.PostAsync($"{path}/notes", new { text = "Sent." }, Sue(desk));
        desk.Service.Clock.Advance(TimeSpan.FromMinutes(1));
        var closing = await BookingDesk.JsonAsync(await desk.PostAsync($"{path}/closures", new { resolution = "Settled by telephone." }, desk.TokenFor("tom", "support")));
        desk.Service.Clock.Advance(TimeSpan.FromHours(1));

        var seen = await BookingDesk.JsonAsync(await desk.GetAsync(path, Sue(desk)));
        Assert.Equal(("by-hand", "The airline rang.", "sue", openedAt), (Text(seen, "kind"), Text(seen, "detail"), Text(seen, "openedBy"), seen.GetProperty("openedAt").GetDateTimeOffset()));
        Assert.Equal(("tom", "Settled by telephone.", openedAt.AddMinutes(6)), (Text(seen, "closedBy"), Text(seen, "resolution"), seen.GetProperty("closedAt").GetDateTimeOffset()));
        Assert.Equal(360, seen.GetProperty("ageSeconds").GetInt64());
        Assert.Equal(
            [("tom", "They want the\nseat map.", openedAt.AddMinutes(5)), ("sue", "Sent.", openedAt.AddMinutes(5))],
            seen.GetProperty("notes").EnumerateArray().Select(note => (Text(note, "by"), Text(note, "text"), note.GetProperty("at").GetDateTimeOffset())));
        Assert.Equal(("committing", 3, "518.00"), (Text(seen, "state"), seen.GetProperty("passengers").GetInt32(), Text(seen.GetProperty("money").GetProperty("held"), "amount")));
        Assert.Equal(desk.Offers.Default.Segments[0].DepartsAt, seen.GetProperty("departsAt").GetDateTimeOffset());
        Assert.Equal(closing.ToString(), seen.ToString());
        Assert.Empty(await desk.Service.Published<BookingCaseOpened>());   // staff know; the traveller gets no mail
    }

    [Fact]
    public async Task A_closed_case_takes_no_note_and_no_second_closing()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();
        var opened = await OpenAsync(desk, id);
        var closing = new { resolution = "Nothing to do." };
        await desk.PostAsync($"/v1/support/cases/{opened}/closures", closing, Sue(desk), key: "close-1");

        var again = await desk.PostAsync($"/v1/support/cases/{opened}/closures", closing, desk.TokenFor("tom", "support"));
        var note = await desk.PostAsync($"/v1/support/cases/{opened}/notes", new { text = "One more thing." }, Sue(desk));
        var repeat = await desk.PostAsync($"/v1/support/cases/{opened}/closures", closing, Sue(desk), key: "close-1");

        foreach (var refused in new[] { again, note })
        {
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
            var problem = await BookingDesk.JsonAsync(refused);
            Assert.Equal("case.closed", Text(problem, "code"));
            Assert.Contains("sue", Text(problem, "detail"), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, repeat.StatusCode);
        Assert.Equal("true", repeat.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Empty((await BookingDesk.JsonAsync(await desk.GetAsync($"/v1/support/cases/{opened}", Sue(desk)))).GetProperty("notes").EnumerateArray());
    }

    [Fact]
    public async Task Of_two_who_close_a_case_at_once_one_is_told()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();
        var opened = await OpenAsync(desk, id);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            desk.PostAsync($"/v1/support/cases/{opened}/closures", new { resolution = $"Closed by {i}." }, desk.TokenFor($"clerk-{i}", "support"))));

        var said = await Task.WhenAll(answers.Select(async answer => answer.StatusCode == HttpStatusCode.OK ? "closed" : Text(await BookingDesk.JsonAsync(answer), "code")));
        Assert.Single(said, "closed");
        Assert.All(said, one => Assert.True(one is "closed" or "case.closed" or "conflict", one));
        Assert.Equal(1, await desk.Service.Query<BookingsDbContext, int>(db => db.Timeline.CountAsync(entry => entry.Kind == "case.closed")));
    }

    [Fact]
    public async Task The_traveller_sees_the_process_own_cases_open_and_closed_and_nothing_that_staff_wrote()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await WithCaseAsync(desk);
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<BookingCaseOpened>()));
        await OpenAsync(desk, id, "secret-kind");
        var open = await desk.ViewAsync(id, token);
        var own = (await ListAsync(desk, "")).Cases.Single(each => Text(each, "kind") != "secret-kind");
        await desk.PostAsync($"/v1/support/cases/{IdOf(own)}/notes", new { text = "secret-note" }, Sue(desk));
        await desk.PostAsync($"/v1/support/cases/{IdOf(own)}/closures", new { resolution = "secret-resolution" }, Sue(desk));

        var closed = await desk.ViewAsync(id, token);
        var traveller = await (await desk.GetAsync($"/v1/bookings/{id}/timeline", token)).Content.ReadAsStringAsync();
        var staff = await BookingDesk.JsonAsync(await desk.GetAsync($"/v1/bookings/{id}/timeline", Sue(desk)));

        Assert.Equal(JsonValueKind.Null, Assert.Single(open.GetProperty("cases").EnumerateArray()).GetProperty("closedAt").ValueKind);
        Assert.Equal(desk.Now, Assert.Single(closed.GetProperty("cases").EnumerateArray()).GetProperty("closedAt").GetDateTimeOffset());
        Assert.DoesNotContain("secret", traveller + closed, StringComparison.Ordinal);
        Assert.DoesNotContain("\"sue\"", traveller + closed, StringComparison.Ordinal);
        Assert.Contains("case.closed", traveller, StringComparison.Ordinal);
        var entry = staff.GetProperty("entries").EnumerateArray().Single(each => Text(each, "kind") == "case.closed");
        Assert.Equal(("sue", "secret-resolution"), (Text(entry, "by"), Text(entry, "remark")));
    }

    [Theory]
    [InlineData("limit=0", "limit.out_of_range")]
    [InlineData("limit=201", "limit.out_of_range")]
    [InlineData("status=shut", "status.unknown")]
    [InlineData("cursor=abc", "cursor.invalid")]
    [InlineData("cursor=MTIuMTI", "cursor.invalid")]
    public async Task Wrong_questions_are_refused_by_name(string query, string code)
    {
        await using var desk = await BookingDesk.StartAsync();

        var response = await desk.GetAsync($"/v1/support/cases?{query}", Sue(desk));

        Assert.Equal((HttpStatusCode.BadRequest, code), (response.StatusCode, Text(await BookingDesk.JsonAsync(response), "code")));
    }

    [Fact]
    public async Task Wrong_words_are_refused_by_field_and_change_nothing()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();
        var opened = await OpenAsync(desk, id);
        (string Path, object Body, string Code, string Pointer)[] wrong =
        [
            ("", new { bookingId = id, detail = "  " }, "text.missing", "/detail"),
            ("", new { bookingId = id, detail = new string('x', 2001) }, "text.too_long", "/detail"),
            ("", new { bookingId = id, detail = "a\u0007b" }, "text.invalid", "/detail"),
            ("", new { bookingId = id, detail = "Look.", kind = "Shouting" }, "case.kind_invalid", "/kind"),
            ("", new { bookingId = id, detail = "Look.", kind = "" }, "case.kind_invalid", "/kind"),
            ("", new { bookingId = id, detail = "Look.", kind = new string('k', 41) }, "case.kind_invalid", "/kind"),
            ($"/{opened}/notes", new { text = "\n" }, "text.missing", "/text"),
            ($"/{opened}/closures", new { resolution = "" }, "text.missing", "/resolution"),
        ];

        foreach (var (path, body, code, pointer) in wrong)
        {
            var response = await desk.PostAsync($"/v1/support/cases{path}", body, Sue(desk));
            var problem = await BookingDesk.JsonAsync(response);
            Assert.Equal((HttpStatusCode.BadRequest, code, pointer), (response.StatusCode, Text(problem, "code"), Text(problem.GetProperty("errors")[0], "pointer")));
        }

        var found = Assert.Single(await CasesAsync(desk));
        Assert.Equal(((DateTimeOffset?)null, 0), (found.ClosedAt, found.Changes));
    }

    [Fact]
    public async Task What_does_not_exist_is_not_found()
    {
        await using var desk = await BookingDesk.StartAsync();
        var nobody = Guid.NewGuid();

        var unknownBooking = await desk.PostAsync("/v1/support/cases", new { bookingId = nobody, detail = "Look." }, Sue(desk));

        Assert.Equal((HttpStatusCode.NotFound, "booking.not_found"), (unknownBooking.StatusCode, Text(await BookingDesk.JsonAsync(unknownBooking), "code")));
        foreach (var answer in new[]
        {
            await desk.GetAsync($"/v1/support/cases/{nobody}", Sue(desk)),
            await desk.PostAsync($"/v1/support/cases/{nobody}/notes", new { text = "Look." }, Sue(desk)),
            await desk.PostAsync($"/v1/support/cases/{nobody}/closures", new { resolution = "Done." }, Sue(desk)),
        })
        {
            Assert.Equal((HttpStatusCode.NotFound, "case.not_found"), (answer.StatusCode, Text(await BookingDesk.JsonAsync(answer), "code")));
        }
    }

    [Fact]
    public async Task Cases_are_for_support_alone()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, guest) = await desk.BookAsync();
        var opened = await OpenAsync(desk, id);

        foreach (var (token, status) in new[]
        {
            (null, HttpStatusCode.Unauthorized), (guest, HttpStatusCode.Forbidden), (desk.TokenFor("an", "traveller"), HttpStatusCode.Forbidden),
            (desk.TokenFor("olga", "operations"), HttpStatusCode.Forbidden),
        })
        {
            Assert.Equal(status, (await desk.GetAsync("/v1/support/cases", token)).StatusCode);
            Assert.Equal(status, (await desk.GetAsync($"/v1/support/cases/{opened}", token)).StatusCode);
            Assert.Equal(status, (await desk.PostAsync("/v1/support/cases", new { bookingId = id, detail = "Look." }, token)).StatusCode);
            Assert.Equal(status, (await desk.PostAsync($"/v1/support/cases/{opened}/notes", new { text = "Look." }, token)).StatusCode);
            Assert.Equal(status, (await desk.PostAsync($"/v1/support/cases/{opened}/closures", new { resolution = "Done." }, token)).StatusCode);
        }

        Assert.Equal(0, Assert.Single(await CasesAsync(desk)).Changes);
    }

    private static string Sue(BookingDesk desk) => desk.TokenFor("sue", "support");

    /// <summary>A booking with a case that its own process opened: the traveller asked to cancel what is bought.</summary>
    private static async Task<(Guid Id, string Token)> WithCaseAsync(BookingDesk desk)
    {
        var (id, token) = await desk.BookAsync();
        await desk.UntilRecoveryAsync(id);
        return (id, token);
    }

    private static async Task<string> OpenAsync(BookingDesk desk, Guid bookingId, string kind = "call-back") =>
        IdOf(await BookingDesk.JsonAsync(await desk.PostAsync("/v1/support/cases", new { bookingId, detail = "Look here.", kind }, Sue(desk))));

    private static async Task<(IReadOnlyList<JsonElement> Cases, string? Next)> ListAsync(BookingDesk desk, string query)
    {
        var page = await BookingDesk.JsonAsync(await desk.GetAsync($"/v1/support/cases?{query}", Sue(desk)));
        return ([.. page.GetProperty("cases").EnumerateArray()], page.GetProperty("nextCursor").GetString());
    }

    private static Task<List<SupportCase>> CasesAsync(BookingDesk desk) =>
        desk.Service.Query<BookingsDbContext, List<SupportCase>>(db => db.Cases.AsNoTracking().ToListAsync());

    private static string IdOf(JsonElement view) => view.GetProperty("id").GetString()!;

    private static string? Text(JsonElement view, string name) => view.GetProperty(name).GetString();
}
