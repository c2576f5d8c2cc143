using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using Aerona.Sagas.Booking;
using static Aerona.Sagas.Tests.Booking.Facts;

namespace Aerona.Sagas.Tests.Booking;

/// <summary>What only people can decide, and what is heard meanwhile.</summary>
public sealed class ParkedTests
{
    [Fact]
    public async Task An_order_confirmed_while_parked_goes_on_as_if_it_were_not()
    {
        await using var saga = await ParkedWithAnUnknownOrderAsync();

        await saga.WhenAsync(Bought);

        await saga.ThenStateIsAsync(machine => machine.Ticketing);
        saga.ThenPublished<IssueTickets>();
    }

    [Fact]
    public async Task An_order_denied_while_parked_undoes_everything()
    {
        await using var saga = await ParkedWithAnUnknownOrderAsync();
        var asked = (await saga.SagaAsync()).LookUp;

        await saga.WhenAsync(new AirlineOrderAbsent(BookingId, OrderId, asked - 1));
        await saga.ThenStateIsAsync(machine => machine.ParkedForStaff);
        await saga.WhenAsync(new AirlineOrderAbsent(BookingId, OrderId, asked));

        await saga.ThenStateIsAsync(machine => machine.Compensating);
        saga.ThenPublished<VoidPayment>();
    }

    [Fact]
    public async Task A_parked_order_is_asked_about_every_hour_and_staff_are_called_again_every_four()
    {
        await using var saga = await ParkedWithAnUnknownOrderAsync();
        var parked = saga.Clock.GetUtcNow();

        await saga.WhenTickAsync();
        Assert.Equal(parked.AddHours(1), saga.Clock.GetUtcNow());
        saga.ThenPublished<LookUpAirlineOrder>();

        await saga.WhenDeadlineAsync();
        Assert.Equal(parked.AddHours(4), saga.Clock.GetUtcNow());
        Assert.Equal("parked-overdue", saga.ThenPublished<BookingCaseOpened>().Kind);
        await saga.ThenStateIsAsync(machine => machine.ParkedForStaff);
    }

    [Fact]
    public async Task Trying_again_goes_back_with_new_clocks_and_is_remembered_with_who_and_when()
    {
        await using var saga = await ParkedWithAnUnknownOrderAsync();

        await saga.WhenAsync(Decided(StaffDecision.TryAgain));

        await saga.ThenStateIsAsync(machine => machine.CommitUnknown);
        saga.ThenPublished<LookUpAirlineOrder>();
        saga.ThenNotPublished<CommitAirlineOrder>();
        Assert.Equal(saga.Clock.GetUtcNow().AddHours(24), saga.Due<BookingDeadline>());
        var action = Assert.Single((await saga.SagaAsync()).StaffActions);
        Assert.Equal((StaffDecision.TryAgain, "staff|minh", Start, true), (action.Decision, action.By, action.DecidedAt, action.Applied));
    }

    [Fact]
    public async Task A_decision_is_done_once_whenever_it_comes_again()
    {
        await using var saga = await ParkedWithAnUnknownOrderAsync();
        await saga.GivenAsync(Decided(StaffDecision.TryAgain));
        await saga.WhenDeadlineAsync();
        await saga.ThenStateIsAsync(machine => machine.ParkedForStaff);
        Assert.Equal("commit-unknown-urgent", saga.ThenPublished<BookingCaseOpened>().Kind);      // people are called again
        Assert.Equal(["commit-unknown", "commit-unknown-urgent", "commit-unknown-urgent"], (await saga.SagaAsync()).Cases.Select(opened => opened.Kind));

        await saga.WhenAsync(Decided(StaffDecision.TryAgain));

        await saga.ThenStateIsAsync(machine => machine.ParkedForStaff);
        saga.ThenPublishedNothing();
    }

    [Fact]
    public async Task A_decision_that_comes_when_the_booking_is_not_parked_any_more_is_not_made_up_for()
    {
        await using var saga = await ParkedWithAnUnknownOrderAsync();
        await saga.GivenAsync(Decided(StaffDecision.TryAgain), Decided(StaffDecision.GiveUp, 2));
        await saga.ThenStateIsAsync(machine => machine.CommitUnknown);
        await saga.WhenDeadlineAsync();

        await saga.WhenAsync(Decided(StaffDecision.GiveUp, 2));

        await saga.ThenStateIsAsync(machine => machine.ParkedForStaff);
        Assert.Equal([true, false], (await saga.SagaAsync()).StaffActions.Select(action => action.Applied));
    }

    [Fact]
    public async Task Giving_up_an_unknown_order_undoes_everything_the_order_first()
    {
        await using var saga = await ParkedWithAnUnknownOrderAsync();

        await saga.WhenAsync(Decided(StaffDecision.GiveUp));

        await saga.ThenStateIsAsync(machine => machine.Compensating);
        Assert.Equal(OrderId, saga.ThenPublished<CancelAirlineOrder>().OrderId);
        saga.ThenPublished<VoidPayment>();
        saga.ThenPublished<ReleaseSeats>();
        await saga.GivenAsync(Voided, Released);
        await saga.WhenAsync(new AirlineOrderCancelled(BookingId, OrderId));
        await saga.ThenStateIsAsync(machine => machine.Rejected);
    }

    [Fact]
    public async Task Going_on_unpaid_closes_the_payment_that_could_still_be_approved_and_confirms_with_nothing_taken()
    {
        await using var saga = await ParkedUnpaidAsync(Retried, OpenedAs(Payment(2)));

        await saga.WhenAsync(Decided(StaffDecision.GoOnUnpaid));
        await saga.ThenStateIsAsync(machine => machine.Documenting);
        Assert.Equal(Payment(2), saga.ThenPublished<VoidPayment>().PaymentId);
        Assert.Equal(Money.Zero("EUR"), saga.ThenPublished<StoreDocuments>().Paid);

        await saga.WhenAsync(Stored);
        await saga.ThenStateIsAsync(machine => machine.Confirmed);
        Assert.Equal(Money.Zero("EUR"), saga.ThenPublished<BookingConfirmed>().Captured);

        await saga.WhenAsync(new PaymentCaptured(BookingId, Payment(2), Price, "CAP-2"));
        Assert.Equal(Payment(2), saga.ThenPublished<RefundPayment>().PaymentId);
    }

    [Fact]
    public async Task A_traveller_can_pay_again_while_the_booking_is_parked()
    {
        await using var saga = await ParkedUnpaidAsync();
        Assert.True(saga.Machine.MayRetryPayment(await saga.SagaAsync()));

        await saga.WhenAsync(Retried);
        saga.ThenPublished<OpenPayment>();
        await saga.GivenAsync(OpenedAs(Payment(2)), new PaymentApproved(BookingId, Payment(2)), AuthorizedAs(Payment(2)));
        await saga.ThenStateIsAsync(machine => machine.ParkedForStaff);
        await saga.WhenAsync(new PaymentCaptured(BookingId, Payment(2), Price, "CAP-2"));

        await saga.ThenStateIsAsync(machine => machine.Documenting);
    }

    [Fact]
    public async Task Trying_again_to_be_paid_asks_the_traveller_once_more_even_after_a_wish_to_cancel()
    {
        await using var saga = await ParkedUnpaidAsync(CancelRequested);

        await saga.WhenAsync(Decided(StaffDecision.TryAgain));

        await saga.ThenStateIsAsync(machine => machine.CaptureRecovery);
        Assert.Equal(BookingNewsKind.PayAgain, saga.ThenPublished<BookingNews>().Kind);
        Assert.True(saga.Due<BookingDeadline>() > saga.Clock.GetUtcNow());
    }

    [Fact]
    public async Task A_wish_to_cancel_that_comes_twice_calls_people_once()
    {
        await using var saga = await ParkedUnpaidAsync(CancelRequested);

        await saga.WhenAsync(CancelRequested);

        saga.ThenPublishedNothing();
    }

    [Fact]
    public async Task Trying_again_goes_on_with_a_payment_that_is_under_way()
    {
        await using var saga = await ParkedUnpaidAsync(Retried, OpenedAs(Payment(2)), new PaymentApproved(BookingId, Payment(2)));

        await saga.WhenAsync(Decided(StaffDecision.TryAgain));

        await saga.ThenStateIsAsync(machine => machine.CaptureRecovery);
        saga.ThenNotPublished<VoidPayment>();
        Assert.Equal(Payment(2), saga.ThenPublished<LookUpPayment>().PaymentId);
    }

    [Fact]
    public async Task Staff_can_only_decide_what_makes_sense_where_the_booking_was_parked_from()
    {
        await using var unknown = await ParkedWithAnUnknownOrderAsync();
        Assert.Equal([StaffDecision.TryAgain, StaffDecision.GiveUp], await AllowedAsync(unknown));
        await unknown.WhenAsync(Decided(StaffDecision.GoOnUnpaid));
        await unknown.ThenStateIsAsync(machine => machine.ParkedForStaff);
        unknown.ThenPublishedNothing();

        await using var unpaid = await ParkedUnpaidAsync();
        Assert.Equal([StaffDecision.TryAgain, StaffDecision.GoOnUnpaid], await AllowedAsync(unpaid));
        await unpaid.WhenAsync(Decided(StaffDecision.GiveUp));
        await unpaid.ThenStateIsAsync(machine => machine.ParkedForStaff);
        unpaid.ThenPublishedNothing();

        await using var beingPaid = await ParkedUnpaidAsync(Retried, OpenedAs(Payment(2)), new PaymentApproved(BookingId, Payment(2)));
        Assert.Equal([StaffDecision.TryAgain], await AllowedAsync(beingPaid));

        await using var notParked = await BookingScenario.StartAsync();
        await notParked.GivenAsync(Until(Ticketed));
        Assert.Empty(await AllowedAsync(notParked));
    }

    [Fact]
    public async Task A_cancel_request_while_the_order_is_unknown_and_parked_is_remembered_and_honoured_when_staff_give_up()
    {
        await using var saga = await ParkedWithAnUnknownOrderAsync();

        await saga.WhenAsync(CancelRequested);
        await saga.ThenStateIsAsync(machine => machine.ParkedForStaff);
        await saga.GivenAsync(Decided(StaffDecision.GiveUp), Voided, Released);
        await saga.WhenAsync(new AirlineOrderCancelled(BookingId, OrderId));

        await saga.ThenStateIsAsync(machine => machine.CancelledBeforePurchase);
    }

    [Fact]
    public async Task Facts_that_hold_something_go_back_once_from_a_parked_booking()
    {
        await using var saga = await ParkedWithAnUnknownOrderAsync();

        await saga.WhenAsync(HeldAs(Hold(2)));
        Assert.Equal(Hold(2), saga.ThenPublished<ReleaseSeats>().HoldId);
        await saga.WhenAsync(AuthorizedAs(Payment(2)));
        Assert.Equal(Payment(2), saga.ThenPublished<VoidPayment>().PaymentId);
        await saga.WhenAsync(new PaymentCaptured(BookingId, Payment(2), Price, "CAP-2"));
        Assert.Equal(Payment(2), saga.ThenPublished<RefundPayment>().PaymentId);
    }

    private static async Task<BookingScenario> ParkedWithAnUnknownOrderAsync()
    {
        var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Authorized), new AirlineOrderPending(BookingId, OrderId, 0)]);
        await saga.WhenDeadlineAsync();
        await saga.ThenStateIsAsync(machine => machine.ParkedForStaff);
        return saga;
    }

    private static async Task<BookingScenario> ParkedUnpaidAsync(params object[] then)
    {
        var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Authorized), Bought with { VoidableUntil = null }, Ticketed, CaptureDenied]);
        await saga.WhenDeadlineAsync();
        await saga.GivenAsync(then);
        await saga.ThenStateIsAsync(machine => machine.ParkedForStaff);
        return saga;
    }

    private static async Task<IEnumerable<StaffDecision>> AllowedAsync(BookingScenario saga)
    {
        var now = await saga.SagaAsync();
        return Enum.GetValues<StaffDecision>().Where(decision => saga.Machine.MayDecide(now, decision));
    }
}
