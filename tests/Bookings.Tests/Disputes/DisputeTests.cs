using Aerona.Bookings.Cases;
using Aerona.Bookings.Data;
using Aerona.Bookings.Disputes;
using Aerona.Contracts.Payments;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Tests.Disputes;

public sealed class DisputeTests
{
    [Fact]
    public async Task A_dispute_flags_its_booking_with_one_case_that_is_told_how_it_ends()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();
        var opened = new PaymentDisputed(id, Guid.NewGuid(), "PP-D-1", BookingDesk.Price, "UNAUTHORISED", DisputeStanding.Open, desk.Now);
        await desk.Service.ConsumeAsync(opened);
        await desk.Service.ConsumeAsync(opened);
        await desk.Service.ConsumeAsync(opened with { Standing = DisputeStanding.Lost, At = desk.Now.AddDays(3) });
        await desk.Service.ConsumeAsync(opened with { Standing = DisputeStanding.Lost, At = desk.Now.AddDays(3) });
        await desk.Service.ConsumeAsync(opened);   // an old word, late

        var cases = await desk.Service.Query<BookingsDbContext, List<SupportCase>>(db => db.Cases.Include(one => one.Notes).Where(one => one.BookingId == id).ToListAsync());

        var one = Assert.Single(cases);
        Assert.Equal((NoteDisputeConsumer.Kind, (DateTimeOffset?)null), (one.Kind, one.ClosedAt));
        Assert.Contains("UNAUTHORISED", one.Detail, StringComparison.Ordinal);
        Assert.Contains("is lost", Assert.Single(one.Notes).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_disputes_of_a_booking_are_two_cases_and_one_of_nothing_we_know_is_none()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();
        var first = new PaymentDisputed(id, Guid.NewGuid(), "PP-D-1", BookingDesk.Price, "UNAUTHORISED", DisputeStanding.Open, desk.Now);

        await desk.Service.ConsumeAsync(first);
        await desk.Service.ConsumeAsync(first with { DisputeId = "PP-D-2" });
        await desk.Service.ConsumeAsync(first with { BookingId = Guid.NewGuid() });

        Assert.Equal(2, await desk.Service.Query<BookingsDbContext, int>(db => db.Cases.CountAsync()));
    }
}
