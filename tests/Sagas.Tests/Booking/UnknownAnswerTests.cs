using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using Aerona.Sagas.Booking;
using static Aerona.Sagas.Tests.Booking.Facts;

namespace Aerona.Sagas.Tests.Booking;

/// <summary>An answer that does not come is neither yes nor no.</summary>
public sealed class UnknownAnswerTests
{
    [Fact]
    public async Task A_commit_without_an_answer_is_looked_up_and_never_sent_again()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Authorized));

        await saga.WhenDeadlineAsync();
        await saga.ThenStateIsAsync(machine => machine.CommitUnknown);
        Assert.Equal(1, saga.ThenPublished<LookUpAirlineOrder>().LookUp);
        saga.ThenNotPublished<CommitAirlineOrder>();

        await saga.GivenAsync(new AirlineOrderPending(BookingId, OrderId, 1));
        await saga.WhenTickAsync();
        Assert.Equal(2, saga.ThenPublished<LookUpAirlineOrder>().LookUp);
        saga.ThenNotPublished<CommitAirlineOrder>();

        await saga.WhenAsync(Bought);
        await saga.ThenStateIsAsync(machine => machine.Ticketing);
    }

    [Fact]
    public async Task A_question_that_was_not_answered_is_repeated_under_its_own_number()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Authorized), new AirlineOrderPending(BookingId, OrderId, 0)]);

        await saga.WhenTickAsync();

        Assert.Equal(1, saga.ThenPublished<LookUpAirlineOrder>().LookUp);
    }

    [Fact]
    public async Task An_answer_to_an_older_question_says_nothing_any_more()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Authorized), new AirlineOrderPending(BookingId, OrderId, 0), new AirlineOrderPending(BookingId, OrderId, 1)]);
        await saga.WhenTickAsync();

        await saga.WhenAsync(new AirlineOrderAbsent(BookingId, OrderId, 1));
        await saga.ThenStateIsAsync(machine => machine.CommitUnknown);
        saga.ThenPublishedNothing();

        await saga.WhenAsync(new AirlineOrderAbsent(BookingId, OrderId, 2));
        await saga.ThenStateIsAsync(machine => machine.Compensating);
        saga.ThenPublished<VoidPayment>();
    }

    [Fact]
    public async Task Silence_about_a_commit_calls_people_and_tells_the_traveller_after_half_an_hour_and_parks_after_a_day_but_undoes_nothing()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Authorized), new AirlineOrderPending(BookingId, OrderId, 0)]);

        while (saga.Clock.GetUtcNow() < Start.AddMinutes(30))
        {
            await saga.WhenTickAsync();
        }

        Assert.Equal("commit-unknown", saga.ThenPublished<BookingCaseOpened>().Kind);
        Assert.Equal(BookingNewsKind.ConfirmingWithAirline, saga.ThenPublished<BookingNews>().Kind);
        Assert.Equal(Start.AddMinutes(30), saga.Clock.GetUtcNow());
        await saga.WhenDeadlineAsync();
        Assert.Equal("commit-unknown-urgent", saga.ThenPublished<BookingCaseOpened>().Kind);
        Assert.Equal(Start.AddHours(24), saga.Clock.GetUtcNow());
        saga.ThenNotPublished<VoidPayment>();
        saga.ThenNotPublished<BookingNews>();
        await saga.ThenStateIsAsync(machine => machine.ParkedForStaff);
        Assert.Equal("CommitUnknown", (await saga.SagaAsync()).ParkedFrom);
    }

    [Theory]
    [InlineData(10.0, 7.0)]        // three hours before departure
    [InlineData(3.2, 0.5)]         // never before the case
    [InlineData(1.0, 0.5)]
    public async Task An_unknown_order_is_parked_in_time_before_departure_but_not_before_people_were_called(double departsInHours, double parkedInHours)
    {
        await using var saga = await BookingScenario.StartAsync();
        var soon = Offer with { Segments = [Offer.Segments[0] with { DepartsAt = Start.AddHours(departsInHours) }] };
        await saga.GivenAsync(Submitted, Priced with { Offer = soon }, Held, Opened, Approved, Pinned, Authorized, new AirlineOrderPending(BookingId, OrderId, 0));

        Assert.Equal(Start.AddHours(parkedInHours), saga.Due<BookingDeadline>());
        await saga.WhenDeadlineAsync();

        await saga.ThenStateIsAsync(machine => machine.ParkedForStaff);
        Assert.Equal(["commit-unknown", "commit-unknown-urgent"], (await saga.SagaAsync()).Cases.Select(opened => opened.Kind));
        Assert.Equal(BookingNewsKind.ConfirmingWithAirline, saga.ThenPublished<BookingNews>().Kind);
    }

    [Fact]
    public async Task A_hold_without_an_answer_is_looked_up_and_goes_on_when_it_exists()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted, Priced);

        await saga.WhenDeadlineAsync();
        await saga.ThenStateIsAsync(machine => machine.HoldUnknown);
        Assert.Equal(new LookUpHold(BookingId, HoldId, 1), saga.ThenPublished<LookUpHold>());

        await saga.WhenAsync(Held);
        await saga.ThenStateIsAsync(machine => machine.OpeningPayment);
    }

    [Fact]
    public async Task A_hold_that_never_was_rejects_the_booking()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted, Priced);
        await saga.WhenDeadlineAsync();

        await saga.WhenAsync(new HoldAbsent(BookingId, HoldId, 1));

        await saga.ThenStateIsAsync(machine => machine.Rejected);
    }

    [Fact]
    public async Task A_hold_that_stays_unknown_is_released_without_a_token()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted, Priced);
        await saga.WhenDeadlineAsync();

        await saga.WhenDeadlineAsync();

        await saga.ThenStateIsAsync(machine => machine.Compensating);
        Assert.Equal(new ReleaseSeats(BookingId, HoldId, null), saga.ThenPublished<ReleaseSeats>());
    }

    [Fact]
    public async Task An_authorisation_without_an_answer_is_looked_up_and_goes_on_when_it_exists()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Pinned));

        await saga.WhenDeadlineAsync();
        await saga.ThenStateIsAsync(machine => machine.PaymentUnknown);
        Assert.Equal(new LookUpPayment(BookingId, PaymentId, 1, true), saga.ThenPublished<LookUpPayment>());

        await saga.WhenAsync(Authorized);
        await saga.ThenStateIsAsync(machine => machine.Committing);
    }

    [Fact]
    public async Task An_authorisation_that_never_was_lets_the_payer_try_again_with_a_new_payment()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Pinned));
        await saga.WhenDeadlineAsync();

        await saga.WhenAsync(new PaymentAbsent(BookingId, PaymentId, 1));

        await saga.ThenStateIsAsync(machine => machine.AwaitingPayment);
        await saga.WhenAsync(Retried);
        Assert.Equal(Payment(2), saga.ThenPublished<OpenPayment>().PaymentId);
    }

    [Fact]
    public async Task An_authorisation_that_stays_unknown_is_voided_and_the_seats_go_back()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Pinned));
        await saga.WhenDeadlineAsync();
        Assert.Equal(SpaceUntil, saga.Due<BookingDeadline>());

        await saga.WhenDeadlineAsync();

        await saga.ThenStateIsAsync(machine => machine.Compensating);
        saga.ThenPublished<VoidPayment>();
        saga.ThenPublished<ReleaseSeats>();
    }

    [Fact]
    public async Task The_price_is_asked_for_twice_before_the_booking_is_rejected()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted);

        await saga.WhenTickAsync();
        saga.ThenPublished<PriceOffer>();
        Assert.Null(saga.Due<BookingTick>());
        await saga.WhenDeadlineAsync();

        await saga.ThenStateIsAsync(machine => machine.Rejected);
        Assert.Equal(Because.AirlineUnavailable, saga.ThenPublished<BookingFailed>().Reason);
    }

    [Fact]
    public async Task A_payment_that_does_not_open_is_asked_for_again_under_the_same_id_and_then_given_up()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Held));

        await saga.WhenTickAsync();
        Assert.Equal(PaymentId, saga.ThenPublished<OpenPayment>().PaymentId);
        await saga.WhenDeadlineAsync();

        await saga.ThenStateIsAsync(machine => machine.Compensating);
        Assert.Equal(PaymentId, saga.ThenPublished<VoidPayment>().PaymentId);
    }

    [Fact]
    public async Task Seats_that_are_not_pinned_in_time_are_asked_for_again_and_then_released()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Approved));

        await saga.WhenTickAsync();
        saga.ThenPublished<PinSeats>();
        await saga.WhenDeadlineAsync();

        await saga.ThenStateIsAsync(machine => machine.Compensating);
        saga.ThenPublished<ReleaseSeats>();
    }

    [Fact]
    public async Task Lost_webhooks_are_made_up_for_by_looking_at_the_approval_with_the_reminder_and_just_before_the_end()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Opened));
        List<DateTimeOffset> looked = [];

        while (saga.Due<BookingTick>() is { } due)
        {
            await saga.WhenTickAsync();
            Assert.False(saga.ThenPublished<LookUpPayment>().CloseIfAbsent);
            looked.Add(due);
        }

        Assert.Equal([Start.AddMinutes(1), Start.AddMinutes(2), Start.AddMinutes(5), Start.AddMinutes(10), Start.AddMinutes(15).AddSeconds(-15)], looked);
    }

    [Fact]
    public async Task Ticket_numbers_that_come_later_are_asked_for_and_then_issued()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Authorized));

        await saga.WhenAsync(BoughtWithoutNumbers);
        await saga.ThenStateIsAsync(machine => machine.Ticketing);
        saga.ThenPublished<LookUpAirlineOrder>();
        saga.ThenNotPublished<IssueTickets>();

        await saga.WhenAsync(Bought);
        await saga.ThenStateIsAsync(machine => machine.Ticketing);
        Assert.Equal(Numbers, saga.ThenPublished<IssueTickets>().TicketNumbers);
    }

    [Fact]
    public async Task Tickets_that_are_late_call_people_and_stay_asked_for()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Bought));

        while (saga.Clock.GetUtcNow() < Start.AddMinutes(30))
        {
            await saga.WhenTickAsync();
            saga.ThenPublished<IssueTickets>();
        }

        Assert.Equal("ticketing-overdue", saga.ThenPublished<BookingCaseOpened>().Kind);
        await saga.WhenDeadlineAsync();
        Assert.Equal(Start.AddDays(2).AddHours(-2), saga.Clock.GetUtcNow());
        Assert.Equal("ticketing-urgent", saga.ThenPublished<BookingCaseOpened>().Kind);
        await saga.ThenStateIsAsync(machine => machine.Ticketing);
    }

    [Fact]
    public async Task Documents_that_are_late_are_asked_for_again_and_call_people()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Captured));

        await saga.WhenTickAsync();
        saga.ThenPublished<StoreDocuments>();
        await saga.WhenDeadlineAsync();

        Assert.Equal("documents-overdue", saga.ThenPublished<BookingCaseOpened>().Kind);
        await saga.ThenStateIsAsync(machine => machine.Documenting);
    }

    [Fact]
    public async Task A_timer_that_comes_early_is_set_again_for_its_own_time()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Opened));
        var (deadline, tick) = (saga.Due<BookingDeadline>(), saga.Due<BookingTick>());

        await saga.WhenTimerComesEarlyAsync<BookingDeadline>();
        await saga.WhenTimerComesEarlyAsync<BookingTick>();

        await saga.ThenStateIsAsync(machine => machine.AwaitingPayment);
        saga.ThenPublishedNothing();
        Assert.Equal((deadline, tick), (saga.Due<BookingDeadline>(), saga.Due<BookingTick>()));
    }
}
