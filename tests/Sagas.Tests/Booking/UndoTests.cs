using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Sagas.Booking;
using static Aerona.Sagas.Tests.Booking.Facts;

namespace Aerona.Sagas.Tests.Booking;

/// <summary>Every way to fail before the purchase, and that nothing stays held or reserved.</summary>
public sealed class UndoTests
{
    [Fact]
    public async Task Seats_lost_at_commit_void_the_authorisation_and_release_the_hold()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Authorized));

        await saga.WhenAsync(new AirlineOrderRefused(BookingId, OrderId, "order.sold_out"));

        await saga.ThenStateIsAsync(machine => machine.Compensating);
        Assert.Equal(new VoidPayment(BookingId, PaymentId), saga.ThenPublished<VoidPayment>());
        Assert.Equal(new ReleaseSeats(BookingId, HoldId, 7), saga.ThenPublished<ReleaseSeats>());

        await saga.WhenAsync(Released);
        await saga.ThenStateIsAsync(machine => machine.Compensating);
        await saga.WhenAsync(Voided);
        await saga.ThenStateIsAsync(machine => machine.Rejected);
        var failed = saga.ThenPublished<BookingFailed>();
        Assert.Equal(("Rejected", Because.SeatsLost, MoneyState.AuthorisationVoided), (failed.State, failed.Reason, failed.Money));
    }

    [Fact]
    public async Task Seats_refused_with_nothing_to_undo_reject_the_booking_at_once_and_name_alternatives()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted, Priced);

        await saga.WhenAsync(new SeatsRefused(BookingId, HoldId, "seats.sold_out", ["VN57-20300201"]));

        await saga.ThenStateIsAsync(machine => machine.Rejected);
        var failed = saga.ThenPublished<BookingFailed>();
        Assert.Equal((Because.SeatsLost, MoneyState.NotCharged), (failed.Reason, failed.Money));
        Assert.Contains("VN57-20300201", failed.Detail);
        Assert.Null(saga.Due<BookingDeadline>());
    }

    [Fact]
    public async Task A_declined_payment_keeps_the_pinned_seats_while_the_payer_has_time()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Pinned));

        await saga.WhenAsync(Declined);

        await saga.ThenStateIsAsync(machine => machine.AwaitingPayment);
        saga.ThenPublishedNothing();
        Assert.Equal(HoldStanding.Pinned, (await saga.SagaAsync()).Holds[0].Standing);
        Assert.Equal(Start.AddMinutes(15), saga.Due<BookingDeadline>());
    }

    [Fact]
    public async Task A_second_try_after_a_decline_is_a_new_payment_and_buys()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Pinned), Declined]);

        await saga.WhenAsync(Retried);
        await saga.ThenStateIsAsync(machine => machine.OpeningPayment);
        Assert.Equal(Payment(2), saga.ThenPublished<OpenPayment>().PaymentId);

        await saga.GivenAsync(OpenedAs(Payment(2)), new PaymentApproved(BookingId, Payment(2)), Pinned);
        await saga.WhenAsync(AuthorizedAs(Payment(2)));
        await saga.ThenStateIsAsync(machine => machine.Committing);
    }

    [Fact]
    public async Task A_decline_after_the_payers_time_fails_the_booking_and_releases_the_seats()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Pinned));
        saga.Clock.SetUtcNow(Start.AddMinutes(15));

        await saga.WhenAsync(Declined);

        await saga.ThenStateIsAsync(machine => machine.Compensating);
        saga.ThenPublished<ReleaseSeats>();
        saga.ThenNotPublished<VoidPayment>();      // a declined id is closed already
        await saga.WhenAsync(Released);
        await saga.ThenStateIsAsync(machine => machine.PaymentFailed);
        Assert.Equal(MoneyState.NotCharged, saga.ThenPublished<BookingFailed>().Money);
    }

    [Fact]
    public async Task The_fifth_declined_payment_is_the_last()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Held));
        for (var attempt = 1; attempt <= 4; attempt++)
        {
            await saga.GivenAsync(
                OpenedAs(Payment(attempt)), new PaymentApproved(BookingId, Payment(attempt)), Pinned, new PaymentDeclined(BookingId, Payment(attempt), "payment.declined"), Retried);
        }

        await saga.GivenAsync(OpenedAs(Payment(5)), new PaymentApproved(BookingId, Payment(5)), Pinned);
        await saga.WhenAsync(new PaymentDeclined(BookingId, Payment(5), "payment.declined"));

        await saga.ThenStateIsAsync(machine => machine.Compensating);
        Assert.Equal(Because.PaymentDeclined, (await saga.SagaAsync()).FailedBecause);
    }

    [Fact]
    public async Task A_payment_opened_after_a_decline_and_the_one_before_are_both_undone()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Pinned), Declined, Retried, OpenedAs(Payment(2))]);

        await saga.WhenAsync(AuthorizedAs(PaymentId));      // the declined one was authorised after all

        Assert.Equal(PaymentId, saga.ThenPublished<VoidPayment>().PaymentId);
        await saga.ThenStateIsAsync(machine => machine.AwaitingPayment);
        await saga.WhenDeadlineAsync();
        await saga.ThenStateIsAsync(machine => machine.Compensating);
        await saga.GivenAsync(Released, new PaymentVoided(BookingId, Payment(2), null));
        await saga.ThenStateIsAsync(machine => machine.Compensating);
        await saga.WhenAsync(Voided);
        await saga.ThenStateIsAsync(machine => machine.Expired);
    }

    [Fact]
    public async Task Nobody_paying_in_time_expires_the_booking()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Opened));

        await saga.WhenDeadlineAsync();

        Assert.Equal(Start.AddMinutes(15), saga.Clock.GetUtcNow());
        await saga.ThenStateIsAsync(machine => machine.Compensating);
        saga.ThenPublished<VoidPayment>();
        saga.ThenPublished<ReleaseSeats>();
        await saga.GivenAsync(new PaymentVoided(BookingId, PaymentId, null));
        await saga.WhenAsync(Released);
        await saga.ThenStateIsAsync(machine => machine.Expired);
        Assert.Equal(MoneyState.NotCharged, saga.ThenPublished<BookingFailed>().Money);
    }

    [Fact]
    public async Task The_payers_time_is_fixed_when_the_seats_are_held_and_a_retry_does_not_move_it()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Opened));
        saga.Clock.SetUtcNow(Start.AddMinutes(10));

        await saga.GivenAsync(Retried, Opened);

        Assert.Equal(Start.AddMinutes(15), saga.Due<BookingDeadline>());
    }

    [Fact]
    public async Task A_retry_while_the_payer_can_still_approve_opens_the_same_payment_again()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Opened));

        await saga.WhenAsync(Retried);

        Assert.Equal(PaymentId, saga.ThenPublished<OpenPayment>().PaymentId);
    }

    [Fact]
    public async Task An_offer_that_is_gone_rejects_the_booking()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted);

        await saga.WhenAsync(new OfferGone(BookingId, OfferId, "offer.expired"));

        await saga.ThenStateIsAsync(machine => machine.Rejected);
        Assert.Equal((Because.OfferGone, "offer.expired"), (saga.ThenPublished<BookingFailed>().Reason, saga.ThenPublished<BookingFailed>().Detail));
    }

    [Fact]
    public async Task A_payment_that_is_not_possible_fails_the_booking_and_releases_the_seats()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Held));

        await saga.WhenAsync(new PaymentNotPossible(BookingId, PaymentId, "currency.not_taken"));

        saga.ThenPublished<ReleaseSeats>();
        await saga.WhenAsync(Released);
        await saga.ThenStateIsAsync(machine => machine.PaymentFailed);
    }

    [Fact]
    public async Task An_undo_without_an_answer_is_asked_again_and_after_an_hour_people_are_called()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Authorized), new AirlineOrderRefused(BookingId, OrderId, "order.sold_out"), Released]);

        await saga.WhenTickAsync();
        Assert.Equal(PaymentId, saga.ThenPublished<VoidPayment>().PaymentId);
        saga.ThenNotPublished<ReleaseSeats>();

        await saga.WhenDeadlineAsync();
        Assert.Equal("undo-overdue", saga.ThenPublished<BookingCaseOpened>().Kind);
        await saga.ThenStateIsAsync(machine => machine.Compensating);
        Assert.Equal(saga.Clock.GetUtcNow().AddHours(1), saga.Due<BookingDeadline>());
        Assert.NotNull(saga.Due<BookingTick>());
    }

    [Fact]
    public async Task Seats_that_lapsed_before_they_were_pinned_are_held_once_more_and_no_oftener()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Approved));

        await saga.WhenAsync(new HoldLapsed(BookingId, HoldId));
        await saga.ThenStateIsAsync(machine => machine.HoldingSeats);
        Assert.Equal(Hold(2), saga.ThenPublished<HoldSeats>().HoldId);

        await saga.WhenAsync(HeldAs(Hold(2)));
        await saga.ThenStateIsAsync(machine => machine.Pinning);       // the payer approved already
        saga.ThenNotPublished<OpenPayment>();

        await saga.WhenAsync(new HoldLapsed(BookingId, Hold(2)));
        await saga.ThenStateIsAsync(machine => machine.Compensating);
        Assert.Equal(Because.SeatsLost, (await saga.SagaAsync()).FailedBecause);
    }
}
