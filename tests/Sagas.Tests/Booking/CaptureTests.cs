using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using Aerona.Sagas.Booking;
using static Aerona.Sagas.Tests.Booking.Facts;

namespace Aerona.Sagas.Tests.Booking;

/// <summary>The tickets are issued: the money is taken, asked about, renewed, or asked for again.</summary>
public sealed class CaptureTests
{
    private static readonly object[] Refused = [.. Until(Ticketed), CaptureDenied];

    [Fact]
    public async Task A_capture_without_an_answer_is_sent_again_under_the_same_id_for_a_day_then_looked_up_and_people_are_called_after_two()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Ticketed));

        while (saga.Due<BookingTick>() < Start.AddHours(24))
        {
            await saga.WhenTickAsync();
            Assert.Equal(PaymentId, saga.ThenPublished<CapturePayment>().PaymentId);
        }

        await saga.WhenTickAsync();
        saga.ThenNotPublished<CapturePayment>();
        Assert.Equal(PaymentId, saga.ThenPublished<LookUpPayment>().PaymentId);

        await saga.WhenDeadlineAsync();
        Assert.Equal(Start.AddHours(48), saga.Clock.GetUtcNow());
        Assert.Equal("capture-overdue", saga.ThenPublished<BookingCaseOpened>().Kind);
        await saga.ThenStateIsAsync(machine => machine.Capturing);
        Assert.NotNull(saga.Due<BookingTick>());
    }

    [Fact]
    public async Task A_reservation_that_PayPal_no_longer_honours_is_renewed_and_then_captured()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Ticketed));

        while (saga.Due<BookingTick>() is { } due && due < Start.AddDays(3) && due < saga.Due<BookingDeadline>())
        {
            await saga.WhenTickAsync();
        }

        await saga.WhenDeadlineAsync();
        while (saga.Due<BookingTick>() < Start.AddDays(3))
        {
            await saga.WhenTickAsync();
            saga.ThenNotPublished<ReauthorizePayment>();
        }

        await saga.WhenTickAsync();
        Assert.Equal(Start.AddDays(3), saga.Clock.GetUtcNow());
        Assert.Equal(PaymentId, saga.ThenPublished<ReauthorizePayment>().PaymentId);
        saga.ThenNotPublished<CapturePayment>();

        await saga.WhenAsync(Authorized with { HonouredUntil = Start.AddDays(6) });
        Assert.Equal(PaymentId, saga.ThenPublished<CapturePayment>().PaymentId);
        await saga.WhenAsync(Captured);
        await saga.ThenStateIsAsync(machine => machine.Documenting);
    }

    [Fact]
    public async Task A_reservation_that_is_no_longer_honoured_when_the_tickets_come_is_renewed_before_the_first_capture()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Bought));
        saga.Clock.SetUtcNow(Start.AddDays(4));

        await saga.WhenAsync(Ticketed);

        saga.ThenPublished<ReauthorizePayment>();
        saga.ThenNotPublished<CapturePayment>();
    }

    [Fact]
    public async Task A_reservation_that_cannot_be_renewed_is_a_payment_to_be_made_again()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Bought));
        saga.Clock.SetUtcNow(Start.AddDays(4));
        await saga.GivenAsync(Ticketed);

        await saga.WhenAsync(Declined);

        await saga.ThenStateIsAsync(machine => machine.CaptureRecovery);
        saga.ThenNotPublished<VoidPayment>();       // closed already
        Assert.Equal(BookingNewsKind.PayAgain, saga.ThenPublished<BookingNews>().Kind);
    }

    [Fact]
    public async Task A_pending_capture_is_looked_up_until_it_is_decided()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Ticketed), new CapturePending(BookingId, PaymentId)]);

        await saga.WhenTickAsync();
        saga.ThenPublished<LookUpPayment>();
        saga.ThenNotPublished<CapturePayment>();

        await saga.WhenAsync(Captured);
        await saga.ThenStateIsAsync(machine => machine.Documenting);
    }

    [Fact]
    public async Task A_capture_that_turns_out_never_made_is_made_again()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Ticketed), new CapturePending(BookingId, PaymentId)]);

        await saga.WhenAsync(Authorized);

        Assert.Equal(PaymentId, saga.ThenPublished<CapturePayment>().PaymentId);
    }

    [Fact]
    public async Task A_refused_capture_gives_the_reservation_back_calls_people_and_asks_the_traveller_to_pay_again()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Until(Ticketed));

        await saga.WhenAsync(CaptureDenied);

        await saga.ThenStateIsAsync(machine => machine.CaptureRecovery);
        Assert.Equal(PaymentId, saga.ThenPublished<VoidPayment>().PaymentId);
        Assert.Equal("capture-refused", saga.ThenPublished<BookingCaseOpened>().Kind);
        var news = saga.ThenPublished<BookingNews>();
        Assert.Equal((BookingNewsKind.PayAgain, Price, Start.AddHours(9)), (news.Kind, news.Total, news.Until));      // free cancellation ends at ten
        Assert.Equal(Start.AddHours(9), saga.Due<BookingDeadline>());
    }

    [Fact]
    public async Task A_payment_made_again_is_opened_approved_reserved_and_taken_one_after_the_other()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Refused, Voided]);

        await saga.WhenAsync(Retried);
        Assert.Equal((Payment(2), Price), (saga.ThenPublished<OpenPayment>().PaymentId, saga.ThenPublished<OpenPayment>().Price));
        await saga.WhenAsync(OpenedAs(Payment(2)));
        Assert.NotNull((await saga.SagaAsync()).Payments[1].ApprovalLink);
        await saga.WhenAsync(new PaymentApproved(BookingId, Payment(2)));
        Assert.Equal(Payment(2), saga.ThenPublished<AuthorizePayment>().PaymentId);
        await saga.WhenAsync(AuthorizedAs(Payment(2)));
        Assert.Equal(Payment(2), saga.ThenPublished<CapturePayment>().PaymentId);
        await saga.ThenStateIsAsync(machine => machine.CaptureRecovery);
        await saga.WhenAsync(new PaymentCaptured(BookingId, Payment(2), Price, "CAP-2"));

        await saga.ThenStateIsAsync(machine => machine.Documenting);
        Assert.Equal(Price, saga.ThenPublished<StoreDocuments>().Paid);
    }

    [Fact]
    public async Task A_payment_made_again_that_is_not_answered_is_asked_about_at_every_step()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Refused, Retried]);

        await saga.WhenTickAsync();
        Assert.Equal(Payment(2), saga.ThenPublished<OpenPayment>().PaymentId);
        await saga.GivenAsync(OpenedAs(Payment(2)));
        await saga.WhenTickAsync();
        Assert.False(saga.ThenPublished<LookUpPayment>().CloseIfAbsent);
        await saga.GivenAsync(new PaymentApproved(BookingId, Payment(2)));
        await saga.WhenTickAsync();
        Assert.True(saga.ThenPublished<LookUpPayment>().CloseIfAbsent);
        await saga.GivenAsync(AuthorizedAs(Payment(2)));
        await saga.WhenTickAsync();
        Assert.Equal(Payment(2), saga.ThenPublished<CapturePayment>().PaymentId);
        await saga.GivenAsync(new CapturePending(BookingId, Payment(2)));
        await saga.WhenTickAsync();
        Assert.Equal(Payment(2), saga.ThenPublished<LookUpPayment>().PaymentId);
    }

    [Fact]
    public async Task A_payment_made_again_that_waits_for_its_payer_is_asked_about_ever_more_seldom()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Refused, Retried, OpenedAs(Payment(2))]);

        TimeSpan pause = default;
        for (var look = 1; look <= 4; look++)
        {
            var last = saga.Clock.GetUtcNow();
            await saga.WhenTickAsync();
            saga.ThenPublished<LookUpPayment>();
            Assert.True(saga.Clock.GetUtcNow() - last > pause, $"look {look} comes {saga.Clock.GetUtcNow() - last} after the one before it, which came after {pause}");
            pause = saga.Clock.GetUtcNow() - last;

            await saga.WhenAsync(OpenedAs(Payment(2)));      // PayPal: still not approved
        }
    }

    [Fact]
    public async Task A_payment_made_again_that_fails_asks_once_more_and_the_fifth_is_the_last()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Refused);
        for (var attempt = 2; attempt <= 6; attempt++)
        {
            Assert.True(saga.Machine.MayRetryPayment(await saga.SagaAsync()));
            await saga.GivenAsync(Retried, OpenedAs(Payment(attempt)), new PaymentApproved(BookingId, Payment(attempt)), AuthorizedAs(Payment(attempt)));
            await saga.WhenAsync(new CaptureRefused(BookingId, Payment(attempt), "x"));
            Assert.Equal(Payment(attempt), saga.ThenPublished<VoidPayment>().PaymentId);
            Assert.Equal(attempt < 6, saga.WasPublished<BookingNews>());
        }

        Assert.False(saga.Machine.MayRetryPayment(await saga.SagaAsync()));
        await saga.ThenStateIsAsync(machine => machine.ParkedForStaff);
    }

    [Fact]
    public async Task Money_of_an_older_payment_that_comes_after_all_goes_back()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Refused, Retried, OpenedAs(Payment(2))]);

        await saga.WhenAsync(Captured);
        Assert.Equal(PaymentId, saga.ThenPublished<RefundPayment>().PaymentId);
        await saga.WhenAsync(AuthorizedAs(PaymentId));
        Assert.Equal(PaymentId, saga.ThenPublished<VoidPayment>().PaymentId);
        await saga.ThenStateIsAsync(machine => machine.CaptureRecovery);
    }

    [Fact]
    public async Task Tickets_that_are_not_paid_for_in_time_are_given_back_while_that_is_free()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Refused, Retried, OpenedAs(Payment(2))]);

        await saga.WhenDeadlineAsync();

        await saga.ThenStateIsAsync(machine => machine.CancellingUnpaid);
        saga.ThenNotPublished<BookingCaseOpened>();
        Assert.Equal(Payment(2), saga.ThenPublished<VoidPayment>().PaymentId);
        var asked = saga.ThenPublished<CancellationRequested>();
        Assert.True(asked.Unpaid);
        await saga.WhenAsync(new ServicingRequested(BookingId, asked.CancellationId, asked.Seen));
        Assert.Equal((null, null), (saga.ThenPublished<ServicingGranted>().PaymentId, saga.ThenPublished<ServicingGranted>().Remaining));
        await saga.WhenAsync(new PaymentCaptured(BookingId, Payment(2), Price, "CAP-2"));       // too late
        Assert.Equal(Payment(2), saga.ThenPublished<RefundPayment>().PaymentId);
        await saga.WhenDeadlineAsync();
        Assert.Equal(asked.CancellationId, saga.ThenPublished<CancellationRequested>().CancellationId);

        await saga.WhenAsync(new BookingCancelled(BookingId, Start));
        await saga.ThenStateIsAsync(machine => machine.Cancelled);
    }

    [Fact]
    public async Task Tickets_that_cannot_be_given_back_for_nothing_are_for_staff()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Refused);
        await saga.WhenDeadlineAsync();
        var first = saga.ThenPublished<CancellationRequested>();

        await saga.WhenAsync(new ServicingReleased(BookingId, first.CancellationId, "cancellation.not_free"));

        await saga.ThenStateIsAsync(machine => machine.ParkedForStaff);
        Assert.Equal("unpaid", saga.ThenPublished<BookingCaseOpened>().Kind);
        await saga.WhenAsync(Decided(StaffDecision.TryAgain));
        await saga.WhenAsync(CancelRequested);
        Assert.NotEqual(first.CancellationId, saga.ThenPublished<CancellationRequested>().CancellationId);
    }

    [Fact]
    public async Task Money_that_is_on_its_way_is_waited_for_by_people_and_no_tickets_are_given_back()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Refused, Retried, OpenedAs(Payment(2)), new PaymentApproved(BookingId, Payment(2))]);

        await saga.WhenDeadlineAsync();

        await saga.ThenStateIsAsync(machine => machine.ParkedForStaff);
        saga.ThenNotPublished<CancellationRequested>();
        saga.ThenNotPublished<VoidPayment>();
    }

    [Fact]
    public async Task A_traveller_who_does_not_pay_again_in_time_is_a_case_for_staff_once_cancelling_costs()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Authorized), Bought with { VoidableUntil = null }, Ticketed, CaptureDenied]);

        await saga.WhenDeadlineAsync();

        await saga.ThenStateIsAsync(machine => machine.ParkedForStaff);
        Assert.Equal("unpaid", saga.ThenPublished<BookingCaseOpened>().Kind);
    }

    [Fact]
    public async Task Without_free_cancellation_there_are_twelve_hours_to_pay_again()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync([.. Until(Authorized), Bought with { VoidableUntil = null }, Ticketed, CaptureDenied]);

        Assert.Equal(Start.AddHours(12), saga.Due<BookingDeadline>());
    }

    [Fact]
    public async Task A_traveller_who_wants_to_cancel_instead_of_paying_again_gets_it_at_once_or_staff_do_once_it_costs()
    {
        await using var instead = await BookingScenario.StartAsync();
        await instead.GivenAsync([.. Until(Authorized), Bought with { VoidableUntil = null }, Ticketed, CaptureDenied]);
        await instead.WhenAsync(CancelRequested);
        await instead.ThenStateIsAsync(machine => machine.ParkedForStaff);
        Assert.Equal("cancel-unpaid", instead.ThenPublished<BookingCaseOpened>().Kind);
        Assert.Equal("CaptureRecovery", (await instead.SagaAsync()).ParkedFrom);

        await using var before = await BookingScenario.StartAsync();
        await before.GivenAsync([.. Until(Ticketed), CancelRequested]);
        await before.WhenAsync(CaptureDenied);
        await before.ThenStateIsAsync(machine => machine.CancellingUnpaid);
        before.ThenNotPublished<BookingNews>();
        before.ThenPublished<VoidPayment>();
        Assert.True(before.ThenPublished<CancellationRequested>().Unpaid);
    }
}
