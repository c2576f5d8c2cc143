using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Sagas.Booking;
using static Aerona.Sagas.Tests.Booking.Facts;

namespace Aerona.Sagas.Tests.Booking;

/// <summary>Events that come late, twice, or against what was said before.</summary>
public sealed class LateEventTests
{
    private static readonly object[] Failed = [.. Until(Opened), CancelRequested, Released, Voided];

    [Fact]
    public async Task An_approval_after_the_end_changes_nothing()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Failed);

        await saga.WhenAsync(Approved);

        await saga.ThenStateIsAsync(machine => machine.CancelledBeforePurchase);
        saga.ThenPublishedNothing();
    }

    [Fact]
    public async Task Money_reserved_after_the_end_goes_back_and_nothing_is_resurrected()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Failed);

        await saga.WhenAsync(Authorized);

        await saga.ThenStateIsAsync(machine => machine.CancelledBeforePurchase);
        Assert.Equal(PaymentId, saga.ThenPublished<VoidPayment>().PaymentId);
    }

    [Fact]
    public async Task Money_reserved_while_everything_is_undone_has_to_be_given_back_before_the_end()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Pinned));
        saga.Clock.SetUtcNow(Start.AddMinutes(15));
        await saga.GivenAsync(Declined);       // closed, so only the seats are still to be undone
        await saga.ThenStateIsAsync(machine => machine.Compensating);

        await saga.WhenAsync(Authorized);
        saga.ThenPublished<VoidPayment>();
        await saga.WhenAsync(Released);
        await saga.ThenStateIsAsync(machine => machine.Compensating);
        await saga.WhenAsync(Voided);

        await saga.ThenStateIsAsync(machine => machine.PaymentFailed);
        Assert.Equal(MoneyState.AuthorisationVoided, saga.ThenPublished<BookingFailed>().Money);
    }

    [Fact]
    public async Task Seats_held_after_the_end_are_released()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Failed);

        await saga.WhenAsync(Held);
        Assert.Equal(new ReleaseSeats(BookingId, HoldId, 7), saga.ThenPublished<ReleaseSeats>());

        await saga.WhenAsync(Pinned);
        Assert.Equal(new ReleaseSeats(BookingId, HoldId, 7), saga.ThenPublished<ReleaseSeats>());
    }

    [Fact]
    public async Task Seats_held_under_an_older_id_are_released_and_the_current_ones_kept()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Approved), new HoldLapsed(BookingId, HoldId), HeldAs(Hold(2))]);

        await saga.WhenAsync(Held);

        Assert.Equal(HoldId, saga.ThenPublished<ReleaseSeats>().HoldId);
        await saga.ThenStateIsAsync(machine => machine.Pinning);
        Assert.Equal(HoldStanding.Held, (await saga.SagaAsync()).Holds[1].Standing);
    }

    [Fact]
    public async Task Money_taken_after_the_end_is_refunded_in_full_and_calls_people()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Failed);

        await saga.WhenAsync(Captured);

        var refund = saga.ThenPublished<RefundPayment>();
        Assert.Equal((PaymentId, Price), (refund.PaymentId, refund.Amount));
        Assert.Equal("late-capture", saga.ThenPublished<BookingCaseOpened>().Kind);

        await saga.WhenAsync(Captured);
        Assert.Equal(refund.RefundId, saga.ThenPublished<RefundPayment>().RefundId);
    }

    [Fact]
    public async Task An_order_confirmed_after_the_end_is_cancelled_and_calls_people()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Authorized), new AirlineOrderRefused(BookingId, OrderId, "order.sold_out"), Released, Voided]);

        await saga.WhenAsync(Bought);

        Assert.Equal(OrderId, saga.ThenPublished<CancelAirlineOrder>().OrderId);
        Assert.Equal("late-order", saga.ThenPublished<BookingCaseOpened>().Kind);
        await saga.ThenStateIsAsync(machine => machine.Rejected);
    }

    [Fact]
    public async Task An_order_confirmed_while_everything_is_undone_has_to_be_cancelled_before_the_end()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Authorized), new AirlineOrderRefused(BookingId, OrderId, "order.sold_out"), Bought, Released, Voided]);
        await saga.ThenStateIsAsync(machine => machine.Compensating);

        await saga.WhenAsync(new AirlineOrderCancelled(BookingId, OrderId));

        await saga.ThenStateIsAsync(machine => machine.Rejected);
    }

    [Fact]
    public async Task A_lapse_of_pinned_seats_calls_people_and_is_otherwise_ignored()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Authorized));

        await saga.WhenAsync(new HoldLapsed(BookingId, HoldId));

        await saga.ThenStateIsAsync(machine => machine.Committing);
        Assert.Equal("pinned-seats-lapsed", saga.ThenPublished<BookingCaseOpened>().Kind);
    }

    [Theory]
    [InlineData(0, 0)]      // Pricing
    [InlineData(1, 1)]      // HoldingSeats
    [InlineData(2, 2)]      // OpeningPayment
    [InlineData(3, 2)]      // AwaitingPayment
    public async Task A_cancel_request_before_the_payment_undoes_at_once(int afterEvent, int undos)
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(MainPath[..(afterEvent + 1)]);

        await saga.WhenAsync(CancelRequested);

        Assert.Equal(Because.Cancelled, (await saga.SagaAsync()).FailedBecause);
        await saga.ThenStateIsAsync(machine => undos == 0 ? machine.CancelledBeforePurchase : machine.Compensating);
        Assert.Equal(undos > 0, saga.WasPublished<ReleaseSeats>());
        Assert.Equal(undos > 1, saga.WasPublished<VoidPayment>());
    }

    [Fact]
    public async Task A_cancel_request_while_seats_are_pinned_waits_for_that_answer()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Approved));

        await saga.WhenAsync(CancelRequested);
        await saga.ThenStateIsAsync(machine => machine.Pinning);
        saga.ThenPublishedNothing();

        await saga.WhenAsync(Pinned);
        await saga.ThenStateIsAsync(machine => machine.Compensating);
        saga.ThenNotPublished<AuthorizePayment>();
        Assert.Equal(Because.Cancelled, (await saga.SagaAsync()).FailedBecause);
    }

    [Fact]
    public async Task A_cancel_request_while_money_is_reserved_is_honoured_before_anything_is_bought()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Pinned), CancelRequested]);

        await saga.WhenAsync(Authorized);

        await saga.ThenStateIsAsync(machine => machine.Compensating);
        saga.ThenNotPublished<CommitAirlineOrder>();
        Assert.Equal(PaymentId, saga.ThenPublished<VoidPayment>().PaymentId);
        await saga.GivenAsync(Voided);
        await saga.WhenAsync(Released);
        await saga.ThenStateIsAsync(machine => machine.CancelledBeforePurchase);
    }

    [Fact]
    public async Task A_cancel_request_while_the_order_is_made_becomes_a_quote_by_mail_once_confirmed()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Authorized), CancelRequested, Bought, Ticketed, Captured]);

        await saga.WhenAsync(Stored);

        await saga.ThenStateIsAsync(machine => machine.Confirmed);
        saga.ThenPublished<BookingConfirmed>();
        Assert.True(saga.ThenPublished<CancellationRequested>() is { TellByMail: true, Unpaid: false, Coupons: null });

        await saga.WhenAsync(CancelRequested);
        saga.ThenPublishedNothing();
    }

    [Fact]
    public async Task A_cancel_request_and_a_refused_order_end_as_cancelled()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Authorized), CancelRequested, new AirlineOrderRefused(BookingId, OrderId, "order.sold_out"), Voided]);

        await saga.WhenAsync(Released);

        await saga.ThenStateIsAsync(machine => machine.CancelledBeforePurchase);
    }

    [Fact]
    public async Task An_approval_learnt_twice_pins_once()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Approved));

        await saga.WhenAsync(Approved);

        await saga.ThenStateIsAsync(machine => machine.Pinning);
        saga.ThenPublishedNothing();
    }

    [Fact]
    public async Task An_approval_that_comes_before_the_link_is_enough()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Held));

        await saga.WhenAsync(Approved);

        await saga.ThenStateIsAsync(machine => machine.Pinning);
    }
}
