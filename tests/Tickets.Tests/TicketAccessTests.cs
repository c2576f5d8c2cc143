using System.Net;
using Aerona.TestKit;
using Aerona.Tickets.VerifyTicket;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Aerona.Tickets.Tests;

public sealed class TicketAccessTests
{
    [Fact]
    public async Task A_ticket_is_found_by_its_printed_number_and_shows_its_coupons()
    {
        await using var service = await TicketsService.StartAsync();
        await service.ConsumeAsync(Orders.Family());

        var (status, body) = await service.GetAsync("/v1/tickets/001-2400000017", "traveller-1");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("0012400000017", body.GetProperty("number").GetString());
        Assert.Equal("NGUYEN/ALICE MARIE", body.GetProperty("passenger").GetProperty("name").GetString());
        var coupon = Assert.Single(body.GetProperty("coupons").EnumerateArray());
        Assert.Equal("open", coupon.GetProperty("status").GetString());
        Assert.Equal("2026-12-05T18:25:00", coupon.GetProperty("departsLocal").GetString());
    }

    [Fact]
    public async Task Somebody_elses_ticket_is_as_unknown_as_one_that_does_not_exist()
    {
        await using var service = await TicketsService.StartAsync();
        var order = Orders.Family();
        await service.ConsumeAsync(order);

        Assert.Equal(HttpStatusCode.OK, (await service.GetAsGuestAsync("/v1/tickets/0012400000017", order.BookingId)).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/v1/tickets/0012400000017", "clerk", "support")).Status);
        var foreign = await service.GetAsync("/v1/tickets/0012400000017", "somebody");
        var unknown = await service.GetAsync("/v1/tickets/0019999999999", "somebody");
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (foreign.Status, unknown.Status));
        Assert.Equal("ticket.not_found", foreign.Body.GetProperty("code").GetString());
        Assert.Equal(unknown.Body.GetProperty("detail").GetString(), foreign.Body.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_number_that_is_none_is_refused_with_its_field()
    {
        await using var service = await TicketsService.StartAsync();

        var (status, body) = await service.GetAsync("/v1/tickets/12345", "traveller-1");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("ticket.number_malformed", body.GetProperty("code").GetString());
        Assert.Equal("path:number", body.GetProperty("errors")[0].GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task The_tickets_of_a_booking_are_listed_for_support_staff_alone()
    {
        await using var service = await TicketsService.StartAsync();
        var order = Orders.Family();
        await service.ConsumeAsync(order);
        var address = $"/v1/support/tickets?bookingId={order.BookingId}";

        var (status, body) = await service.GetAsync(address, "clerk", "support");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(3, body.GetProperty("tickets").GetArrayLength());
        Assert.Equal(HttpStatusCode.Forbidden, (await service.GetAsync(address, "traveller-1")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.GetAsync(address, null)).Status);
        Assert.Equal("booking.id_missing", (await service.GetAsync("/v1/support/tickets", "clerk", "support")).Body.GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_receipts_code_opens_a_page_that_says_genuine_with_masked_names()
    {
        await using var service = await TicketsService.StartAsync();
        var order = Orders.Family();
        await service.ConsumeAsync(order);
        var address = service.Services.GetRequiredService<Verification>().Address(TicketedOrder.Of(order, service.Clock.GetUtcNow())!);

        using var answer = await service.Http.GetAsync(new Uri(address).AbsolutePath);

        var page = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("Genuine", page, StringComparison.Ordinal);
        Assert.Contains("001-2400000019", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NGUYEN", page, StringComparison.Ordinal);
        Assert.DoesNotContain("ALICE", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("K7QM2P-0012400000017-AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("K7QM2P-0012400000017-")]
    [InlineData("K7QM2P-0012400000017")]
    [InlineData("<script>alert(1)</script>")]
    public async Task A_code_that_was_made_up_is_said_to_be_none_of_ours(string code)
    {
        await using var service = await TicketsService.StartAsync();
        await service.ConsumeAsync(Orders.Family());

        using var answer = await service.Http.GetAsync($"/verify/{Uri.EscapeDataString(code)}");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.DoesNotContain("Genuine", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
