using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Sagas.Booking;
using static Aerona.Sagas.Tests.Booking.Facts;

namespace Aerona.Sagas.Tests.Booking;

/// <summary>What becomes of a confirmed booking.</summary>
public sealed class EndTests
{
    private static readonly BookingCancelled WholeCancelled = new(BookingId, Start.AddDays(1));

    [Fact]
    public async Task A_confirmed_booking_is_complete_a_day_after_its_last_arrival()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(MainPath);

        await saga.WhenDeadlineAsync();

        Assert.Equal(Offer.Segments[^1].ArrivesAt.AddDays(1), saga.Clock.GetUtcNow());
        await saga.ThenStateIsAsync(machine => machine.Completed);
        saga.ThenPublishedNothing();
        Assert.Null(saga.Due<BookingDeadline>());
    }

    [Fact]
    public async Task A_confirmed_booking_that_was_cancelled_is_cancelled_and_stays_so()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(MainPath);

        await saga.WhenAsync(WholeCancelled);
        await saga.ThenStateIsAsync(machine => machine.Cancelled);
        Assert.Null(saga.Due<BookingDeadline>());

        await saga.WhenAsync(WholeCancelled);
        await saga.WhenAsync(CancelRequested);
        saga.ThenPublishedNothing();
    }

    [Fact]
    public async Task A_cancellation_after_the_journey_or_before_the_confirmation_calls_people()
    {
        await using var after = await BookingScenario.StartAsync();
        await after.GivenAsync(MainPath);
        await after.WhenDeadlineAsync();
        await after.WhenAsync(WholeCancelled);
        await after.ThenStateIsAsync(machine => machine.Completed);
        Assert.Equal("cancelled-elsewhere", after.ThenPublished<BookingCaseOpened>().Kind);

        await using var before = await BookingScenario.StartAsync();
        await before.GivenAsync(Until(Captured));
        await before.WhenAsync(WholeCancelled);
        await before.ThenStateIsAsync(machine => machine.Documenting);
        Assert.Equal("cancelled-elsewhere", before.ThenPublished<BookingCaseOpened>().Kind);
    }

    [Fact]
    public async Task Facts_of_older_attempts_go_back_from_completed_and_cancelled_bookings_too()
    {
        foreach (var cancelled in new[] { true, false })
        {
            await using var saga = await BookingScenario.StartAsync();
            await saga.GivenAsync(MainPath);
            await (cancelled ? saga.WhenAsync(WholeCancelled) : saga.WhenDeadlineAsync());

            await saga.WhenAsync(HeldAs(Hold(9)));
            saga.ThenPublished<ReleaseSeats>();
            await saga.WhenAsync(AuthorizedAs(Payment(9)));
            saga.ThenPublished<VoidPayment>();
            await saga.WhenAsync(new PaymentCaptured(BookingId, Payment(9), Price, "CAP-9"));
            saga.ThenPublished<RefundPayment>();
            await saga.WhenAsync(Bought with { OrderId = Payment(9) });
            saga.ThenPublished<CancelAirlineOrder>();
        }
    }
}
