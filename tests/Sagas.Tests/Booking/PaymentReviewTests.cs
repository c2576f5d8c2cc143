using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Sagas.Booking;
using static Aerona.Sagas.Tests.Booking.Facts;

namespace Aerona.Sagas.Tests.Booking;

/// <summary>PayPal examines a payment for hours; the seats stay pinned.</summary>
public sealed class PaymentReviewTests
{
    private static readonly object[] Examined = [.. Until(Pinned), UnderReview];

    [Fact]
    public async Task A_payment_under_review_is_told_and_looked_up_hourly()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Pinned));

        await saga.WhenAsync(UnderReview);
        await saga.ThenStateIsAsync(machine => machine.PaymentReview);
        Assert.Equal(BookingNewsKind.PaymentUnderReview, saga.ThenPublished<BookingNews>().Kind);
        Assert.Equal(Start.AddHours(24), saga.Due<BookingDeadline>());

        for (var hour = 1; hour <= 3; hour++)
        {
            Assert.Equal(Start.AddHours(hour), saga.Due<BookingTick>());
            await saga.WhenTickAsync();
            Assert.Equal(hour, saga.ThenPublished<LookUpPayment>().LookUp);
            await saga.WhenAsync(UnderReview);
            saga.ThenPublishedNothing();
        }
    }

    [Fact]
    public async Task A_review_learnt_by_a_look_up_is_one_as_well()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Pinned));
        await saga.WhenDeadlineAsync();

        await saga.WhenAsync(UnderReview);

        await saga.ThenStateIsAsync(machine => machine.PaymentReview);
    }

    [Fact]
    public async Task A_review_that_ends_well_buys()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Examined);

        await saga.WhenAsync(Authorized);

        await saga.ThenStateIsAsync(machine => machine.Committing);
    }

    [Fact]
    public async Task A_review_that_ends_badly_in_time_lets_the_payer_try_again_and_later_fails_the_booking()
    {
        await using var inTime = await BookingScenario.StartAsync();
        await inTime.GivenAsync(Examined);
        await inTime.WhenAsync(Declined);
        await inTime.ThenStateIsAsync(machine => machine.AwaitingPayment);

        await using var later = await BookingScenario.StartAsync();
        await later.GivenAsync(Examined);
        later.Clock.SetUtcNow(Start.AddHours(2));
        await later.WhenAsync(Declined);
        await later.ThenStateIsAsync(machine => machine.Compensating);
        later.ThenPublished<ReleaseSeats>();
    }

    [Fact]
    public async Task A_review_without_an_end_is_given_up_after_a_day_or_three_hours_before_departure()
    {
        await using var saga = await BookingScenario.StartAsync();
        var tomorrow = Offer with { Segments = [Offer.Segments[0] with { DepartsAt = Start.AddHours(20) }] };
        await saga.GivenAsync(Submitted, Priced with { Offer = tomorrow }, Held, Opened, Approved, Pinned, UnderReview);

        await saga.WhenDeadlineAsync();

        Assert.Equal(Start.AddHours(17), saga.Clock.GetUtcNow());
        await saga.ThenStateIsAsync(machine => machine.Compensating);
        saga.ThenPublished<VoidPayment>();
        saga.ThenPublished<ReleaseSeats>();
    }

    [Fact]
    public async Task A_cancel_request_during_the_review_undoes_at_once_and_one_before_it_as_soon_as_it_is_known()
    {
        await using var during = await BookingScenario.StartAsync();
        await during.GivenAsync(Examined);
        await during.WhenAsync(CancelRequested);
        await during.ThenStateIsAsync(machine => machine.Compensating);
        during.ThenPublished<VoidPayment>();

        await using var before = await BookingScenario.StartAsync();
        await before.GivenAsync([.. Until(Pinned), CancelRequested]);
        await before.WhenAsync(UnderReview);
        await before.ThenStateIsAsync(machine => machine.Compensating);
        Assert.Equal(Because.Cancelled, (await before.SagaAsync()).FailedBecause);
    }
}
