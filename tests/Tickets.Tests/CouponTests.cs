using Aerona.Contracts.Cancellations;
using Aerona.TestKit;
using CsCheck;
using Xunit;

namespace Aerona.Tickets.Tests;

public sealed class CouponTests
{
    private static readonly Gen<CouponStatus> Statuses = Gen.Enum<CouponStatus>();

    [Fact]
    public void Every_status_has_a_row_in_the_table_and_a_final_one_leads_nowhere()
    {
        var rows = Enum.GetValues<CouponStatus>().ToDictionary(status => status, status => CouponLife.Next[status].Order().ToArray());

        Assert.Equal([CouponStatus.CheckedIn, CouponStatus.Flown, CouponStatus.Exchanged, CouponStatus.Refunded, CouponStatus.Void], rows[CouponStatus.Open]);
        Assert.Equal([CouponStatus.Open, CouponStatus.Flown], rows[CouponStatus.CheckedIn]);
        Assert.All([CouponStatus.Flown, CouponStatus.Exchanged, CouponStatus.Refunded, CouponStatus.Void], final => Assert.Empty(rows[final]));
    }

    [Fact]
    public void Of_all_pairs_of_statuses_those_of_the_table_are_moves_and_every_other_is_refused_by_name_and_changes_nothing()
    {
        HashSet<string> named = [];
        foreach (var (from, to) in from a in Enum.GetValues<CouponStatus>() from b in Enum.GetValues<CouponStatus>() select (a, b))
        {
            var coupon = ATicket().Coupons[0];
            Assert.True(from == CouponStatus.Open || coupon.Become(from));
            var allowed = CouponLife.Next[from].Contains(to);

            Assert.Equal(allowed, coupon.Become(to));
            Assert.Equal(allowed ? to : from, coupon.Status);
            Assert.Equal(allowed, from.Refusal(to) is null);
            if (from.Refusal(to) is { } refusal)
                Assert.True(named.Add($"{from} {refusal}"));
        }

        Assert.Equal(36 - 7, named.Count);
        Assert.Equal("coupon.flown_is_final: a coupon that is flown cannot become open", CouponStatus.Flown.Refusal(CouponStatus.Open));
        Assert.Equal("coupon.checked_in_not_refunded: a coupon that is checked in cannot become refunded before it is open again", CouponStatus.CheckedIn.Refusal(CouponStatus.Refunded));
        Assert.Equal("coupon.is_void: it is void already", CouponStatus.Void.Refusal(CouponStatus.Void));
    }

    [Fact]
    public void Whatever_is_tried_a_coupon_only_moves_as_the_table_allows_and_never_leaves_a_final_status() =>
        Statuses.Array[1, 30].Sample(tried =>
        {
            var coupon = ATicket().Coupons[0];
            foreach (var next in tried)
            {
                var before = coupon.Status;
                var moved = coupon.Become(next);

                Assert.Equal(CouponLife.Next[before].Contains(next), moved);
                Assert.Equal(moved ? next : before, coupon.Status);
                Assert.False(before.IsFinal() && moved);
            }
        });

    [Fact]
    public void A_ticket_is_voided_whole_if_all_its_coupons_are_open_and_otherwise_those_that_are_open_are_refunded() =>
        Gen.Select(Gen.Int[0, 3], Statuses, Gen.Enum<CouponEnd>()).Sample((which, status, end) =>
        {
            var ticket = ATicket();
            ticket.Coupons[which].Become(status);
            var cancellation = Guid.NewGuid();

            ticket.End(ticket.Coupons, end, cancellation, DateTimeOffset.UnixEpoch);

            var ended = end == CouponEnd.Void && status == CouponStatus.Open ? CouponStatus.Void : CouponStatus.Refunded;
            Assert.All(ticket.Coupons.Where((_, at) => at != which || status == CouponStatus.Open), coupon => Assert.Equal((ended, cancellation), (coupon.Status, coupon.EndedBy)));
            Assert.True(status == CouponStatus.Open || ticket.Coupons[which] is { EndedBy: null } other && other.Status == status);
            Assert.Equal(status == CouponStatus.CheckedIn, ticket.IsGood);
        });

    [Fact]
    public void A_part_of_a_ticket_is_refunded_and_never_void() =>
        Gen.Select(Gen.Int[1, 3], Gen.Enum<CouponEnd>()).Sample((first, end) =>
        {
            var ticket = ATicket();

            ticket.End(ticket.Coupons[first..], end, Guid.NewGuid(), DateTimeOffset.UnixEpoch);

            Assert.All(ticket.Coupons[..first], coupon => Assert.Equal(CouponStatus.Open, coupon.Status));
            Assert.All(ticket.Coupons[first..], coupon => Assert.Equal(CouponStatus.Refunded, coupon.Status));
        });

    [Theory]
    [InlineData("0012400000017", "0012400000017")]
    [InlineData("001-2400000017", "0012400000017")]
    [InlineData("001 2400 000 017", "0012400000017")]
    [InlineData("1240000001", null)]
    [InlineData("00124000000170", null)]
    [InlineData("00124000O0017", null)]
    [InlineData("٠٠١٢٤٠٠٠٠٠٠١٧", null)]
    public void A_ticket_number_is_thirteen_digits_with_leading_zeros_and_without_a_check_digit(string text, string? number) =>
        Assert.Equal(number, Ticket.ParseNumber(text));

    private static Ticket ATicket() => TicketedOrder.Of(
        Orders.Of(Orders.Route("SGN", "HAN", "NRT", "LAX", "JFK"), [Orders.Someone("p1", Contracts.PassengerType.Adult, "Mia", "Nguyen")]), DateTimeOffset.UnixEpoch)!
        .Tickets().Single();
}
