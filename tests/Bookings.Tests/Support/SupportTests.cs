using System.Net;
using Aerona.Bookings.Data;
using Aerona.Bookings.Deadlines;
using Aerona.Sagas.Booking;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Bookings.Tests.Support;

public sealed class SupportTests
{
    [Fact]
    public async Task Staff_list_bookings_by_state_page_by_page()
    {
        await using var desk = await BookingDesk.StartAsync();
        var staff = desk.TokenFor("sue", "support");
        List<Guid> pricing = [];
        for (var i = 0; i < 5; i++)
        {
            pricing.Add((await desk.BookAsync()).Id);
            desk.Service.Clock.Advance(TimeSpan.FromSeconds(i % 2));     // some at the same moment
        }

        var (paying, _) = await desk.BookAsync();
        await desk.UntilPaymentAsync(paying);
        desk.Service.Clock.Advance(TimeSpan.FromSeconds(7));

        List<Guid> found = [];
        string? cursor = null;
        do
        {
            var page = await BookingDesk.JsonAsync(await desk.GetAsync($"/v1/support/bookings?state=pricing&limit=2{(cursor is null ? "" : $"&cursor={cursor}")}", staff));
            found.AddRange(page.GetProperty("bookings").EnumerateArray().Select(x => x.GetProperty("id").GetGuid()));
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);

        Assert.Equal(pricing.Order(), found.Order());
        var all = await BookingDesk.JsonAsync(await desk.GetAsync("/v1/support/bookings?state=awaitingPayment", staff));
        var entry = Assert.Single(all.GetProperty("bookings").EnumerateArray());
        Assert.Equal((paying, 7), (entry.GetProperty("id").GetGuid(), entry.GetProperty("ageSeconds").GetInt32()));
        Assert.Equal("518.00", entry.GetProperty("money").GetProperty("total").GetProperty("amount").GetString());
        Assert.Equal(desk.Now.AddSeconds(-7).AddMinutes(15), entry.GetProperty("deadline").GetDateTimeOffset());
    }

    [Theory]
    [InlineData("limit=0", "limit.out_of_range")]
    [InlineData("limit=201", "limit.out_of_range")]
    [InlineData("state=flying", "state.unknown")]
    [InlineData("state=3", "state.unknown")]
    [InlineData("cursor=abc", "cursor.invalid")]
    public async Task Wrong_questions_are_refused_by_name(string query, string code)
    {
        await using var desk = await BookingDesk.StartAsync();

        var response = await desk.GetAsync($"/v1/support/bookings?{query}", desk.TokenFor("sue", "support"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(code, (await BookingDesk.JsonAsync(response)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Travellers_may_not_list_bookings()
    {
        await using var desk = await BookingDesk.StartAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, (await desk.GetAsync("/v1/support/bookings")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await desk.GetAsync("/v1/support/bookings", desk.TokenFor("an", "traveller"))).StatusCode);
    }

    [Fact]
    public async Task A_timer_that_was_lost_is_raised_again_with_the_sagas_token_once_it_is_a_minute_late()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        var sweep = desk.Service.Services.GetRequiredService<RaiseOverdueTimers>();
        var before = (await desk.Service.Published<BookingDeadline>()).Count;

        desk.Service.Clock.SetUtcNow((await desk.SagaAsync(id)).DeadlineAt!.Value.AddSeconds(60));
        await sweep.RaiseAsync(CancellationToken.None);
        Assert.Equal(before, (await desk.Service.Published<BookingDeadline>()).Count);

        desk.Service.Clock.Advance(TimeSpan.FromSeconds(1));
        await sweep.RaiseAsync(CancellationToken.None);

        Assert.Equal(before + 1, (await desk.Service.Published<BookingDeadline>()).Count);
        var headers = await desk.Service.Query<BookingsDbContext, string?>(db =>
            db.Database.SqlQuery<string?>($"SELECT headers AS Value FROM outbox WHERE types LIKE '%BookingDeadline%' ORDER BY id DESC LIMIT 1").SingleAsync());
        Assert.Contains((await desk.SagaAsync(id)).DeadlineToken!.Value.ToString("D"), headers, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_booking_nobody_paid_ends_when_its_deadline_is_raised()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        desk.Service.Clock.SetUtcNow((await desk.SagaAsync(id)).DeadlineAt!.Value.AddMinutes(2));

        await desk.Service.ConsumeAsync(new BookingDeadline(id));

        Assert.Equal("compensating", (await desk.ViewAsync(id, token)).GetProperty("state").GetString());
        Assert.Equal("payment.expired", (await desk.ViewAsync(id, token)).GetProperty("failure").GetProperty("reason").GetString());
    }
}
