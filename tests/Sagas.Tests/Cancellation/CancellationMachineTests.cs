using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Sagas.Cancellation;
using static Aerona.Sagas.Tests.Booking.Facts;
using static Aerona.Sagas.Tests.Cancellation.CancellationFacts;

namespace Aerona.Sagas.Tests.Cancellation;

/// <summary>What a cancellation does, and above all what it does not: no money before the airline has cancelled, none twice, none without an end.</summary>
public sealed class CancellationMachineTests
{
    [Fact]
    public void No_money_moves_before_the_airline_has_cancelled_and_the_coupons_are_ended()
    {
        var saga = new CancellationScenario();
        foreach (var @event in new object[] { Asked, Quoted, Confirmed, Granted, Done })
        {
            saga.When(@event);
            saga.ThenNotPublished<RefundPayment>();
        }

        saga.When(Ended);
        Assert.Equal((RefundId, Back, PaymentId), (saga.ThenPublished<RefundPayment>().RefundId, saga.ThenPublished<RefundPayment>().Amount, saga.ThenPublished<RefundPayment>().PaymentId));
        Assert.Equal(Back, saga.ThenPublished<ServicingEnded>().RefundDue);
        Assert.Equal(Back, saga.ThenPublished<CreditNoteRequested>().Amount);
        saga.ThenPublished<BookingCancelled>();
        saga.ThenTold(CancellationNewsKind.Cancelled);

        saga.When(Refunded);
        saga.ThenStateIs("Cancelled");
        saga.ThenNotPublished<RefundPayment>();
    }

    [Fact]
    public void A_void_is_a_void_and_anything_else_a_refunded_coupon()
    {
        var voided = new CancellationScenario().Given(Asked, QuotedAs(QuoteId, Price, RefundRule.VoidWindow, isVoid: true), Confirmed, Granted);
        voided.When(Done with { Refund = Price });
        Assert.Equal(CouponEnd.Void, voided.ThenPublished<EndCoupons>().End);

        var refunded = new CancellationScenario().Given(UntilThePivot);
        refunded.When(Done);
        Assert.Equal(CouponEnd.Refunded, refunded.ThenPublished<EndCoupons>().End);
    }

    [Fact]
    public void The_airline_is_told_once_then_asked_with_growing_pauses_until_people_are_called_and_it_is_parked()
    {
        var saga = new CancellationScenario().Given(UntilThePivot).WhenDeadline();
        saga.ThenStateIs("CancelUnknown");
        Assert.Equal(Start.AddSeconds(90), saga.Now);
        saga.ThenNotPublished<CancelQuotedOrder>();
        Assert.Equal(1, saga.ThenPublished<LookUpCancellation>().LookUp);
        List<TimeSpan> pauses = [];
        while (saga.Saga.TickAt is { } next && next < saga.Saga.EnteredAt.AddMinutes(30))
        {
            pauses.Add(next - saga.Now);
            saga.WhenTick();
            saga.ThenNotPublished<CancelQuotedOrder>();
            Assert.Equal(1, saga.ThenPublished<LookUpCancellation>().LookUp);       // nobody answered: the same question
            saga.ThenNotPublished<BookingCaseOpened>();
        }

        Assert.Equal([15, 30, 60, 120, 300], pauses.Take(5).Select(pause => (int)pause.TotalSeconds));
        saga.WhenTick();
        Assert.Equal(saga.Saga.EnteredAt.AddMinutes(30), saga.Now);
        saga.ThenCase("cancel-unknown");
        saga.ThenTold(CancellationNewsKind.ConfirmingWithAirline);

        saga.WhenDeadline();
        Assert.Equal(saga.Now, Start.AddSeconds(90).AddHours(24));
        saga.ThenCase("cancel-unknown-urgent");
        saga.ThenStateIs("ParkedForStaff");
        saga.WhenTick();
        saga.ThenPublished<LookUpCancellation>();
        saga.When(Decided(CancellationDecision.TryAgain));
        saga.ThenStateIs("CancelUnknown");
    }

    [Fact]
    public void A_look_up_that_denies_ends_it_frees_the_booking_and_moves_no_money()
    {
        var saga = new CancellationScenario().Given(UntilThePivot).Given(Pending);
        saga.When(new CancellationAbsent(BookingId, Id, 0));     // an older question's
        saga.ThenStateIs("CancelUnknown");

        saga.When(new CancellationAbsent(BookingId, Id, 1));

        saga.ThenStateIs("Refused");
        Assert.Equal(NotCancelledBecause.NeverArrived, saga.ThenPublished<ServicingReleased>().Reason);
        saga.ThenNotPublished<RefundPayment>();
        saga.ThenTold(CancellationNewsKind.NotCancelled);
    }

    [Fact]
    public void What_was_heard_while_parked_counts_as_before()
    {
        var saga = new CancellationScenario().Given(UntilThePivot).Given(Pending).WhenDeadline();
        saga.ThenStateIs("ParkedForStaff");

        saga.When(Done);

        saga.ThenStateIs("EndingCoupons");
    }

    [Fact]
    public void The_traveller_gets_what_was_quoted_and_people_hear_of_the_difference()
    {
        var less = new CancellationScenario().Given([.. UntilThePivot, Done with { Refund = new Money(4000, "EUR") }]);
        less.When(Ended);
        Assert.Equal(Back, less.ThenPublished<RefundPayment>().Amount);
        less.ThenCase("refund-differs");

        var ours = new CancellationScenario().Given([Asked, QuotedAs(QuoteId, Price, RefundRule.OurPromise), Confirmed, Granted, Done with { Refund = Money.Zero("EUR") }]);
        ours.When(Ended);
        Assert.Equal(Price, ours.ThenPublished<RefundPayment>().Amount);
        ours.ThenNotPublished<BookingCaseOpened>();      // we knew when we promised
    }

    [Fact]
    public void Never_more_goes_back_than_is_left_of_what_was_paid()
    {
        var saga = new CancellationScenario().Given(Asked, Quoted, Confirmed, Granted with { Remaining = new Money(2500, "EUR") }, Done);

        saga.When(Ended);

        Assert.Equal(new Money(2500, "EUR"), saga.ThenPublished<RefundPayment>().Amount);
        saga.ThenCase("refund-too-much");
    }

    [Fact]
    public void An_amount_in_another_currency_than_was_paid_is_for_people()
    {
        var saga = new CancellationScenario().Given(Asked, QuotedAs(QuoteId, new Money(10000, "USD")), Confirmed, Granted, Done with { Refund = new Money(10000, "USD") });

        saga.When(Ended);

        saga.ThenStateIs("AwaitingAmount");
        saga.ThenCase("refund-currency");
        saga.ThenNotPublished<RefundPayment>();
        Assert.False(saga.Machine.MayDecide(saga.Saga, CancellationDecision.SetAmount, "staff|minh", new Money(1, "USD")));
    }

    [Fact]
    public void Nothing_comes_back_of_a_fare_that_gives_nothing_and_no_credit_note_is_asked_for()
    {
        var saga = new CancellationScenario().Given(Asked, QuotedAs(QuoteId, Money.Zero("EUR")), Confirmed, Granted, Done with { Refund = Money.Zero("EUR") });

        saga.When(Ended);

        saga.ThenStateIs("Cancelled");
        saga.ThenNotPublished<RefundPayment>();
        saga.ThenNotPublished<CreditNoteRequested>();
        Assert.Equal(Money.Zero("EUR"), saga.ThenPublished<ServicingEnded>().RefundDue);
    }

    [Fact]
    public void A_refund_that_waits_is_asked_for_again_under_its_id_and_after_five_days_people_and_the_traveller_are_told()
    {
        var saga = new CancellationScenario().Given([.. UntilThePivot, Done, Ended, new RefundPending(BookingId, PaymentId, RefundId)]);
        saga.WhenTick();
        Assert.Equal(RefundId, saga.ThenPublished<RefundPayment>().RefundId);

        saga.WhenDeadline();
        Assert.Equal(Start.AddDays(5), saga.Now);
        saga.ThenCase("refund-overdue");
        saga.ThenTold(CancellationNewsKind.RefundDelayed);
        saga.ThenStateIs("Refunding");

        saga.When(Refunded);
        saga.ThenStateIs("Cancelled");
    }

    [Fact]
    public void A_refused_refund_is_finance_staff_s_who_have_it_tried_again_under_a_new_id_or_pay_by_hand()
    {
        var saga = new CancellationScenario().Given([.. UntilThePivot, Done, Ended]);
        saga.When(RefundDenied);
        saga.ThenStateIs("RefundDelayed");
        saga.ThenCase("refund-refused");
        saga.ThenTold(CancellationNewsKind.RefundDelayed);

        saga.When(Decided(CancellationDecision.RefundAgain));
        Assert.Equal(CancellationIds.Refund(Id, 2), saga.ThenPublished<RefundPayment>().RefundId);
        saga.When(RefundDenied with { RefundId = CancellationIds.Refund(Id, 2) });
        saga.When(Decided(CancellationDecision.RefundedByHand, action: 2));

        saga.ThenStateIs("Cancelled");
        Assert.Equal((RefundStanding.ByHand, "wire 4711", Back), (saga.Saga.Refunds[^1].Standing, saga.Saga.Refunds[^1].Detail, saga.Saga.Refunds[^1].Amount));

        saga.When(Refunded);                             // the first one after all
        saga.ThenCase("refunded-twice");
    }

    [Fact]
    public void A_booking_that_was_paid_another_way_is_refunded_by_hand()
    {
        var saga = new CancellationScenario().Given(Asked, Quoted, Confirmed, new ServicingGranted(BookingId, Id, null, null), Done);

        saga.When(Ended);

        saga.ThenStateIs("RefundDelayed");
        saga.ThenCase("refund-by-hand");
        saga.ThenNotPublished<RefundPayment>();
        Assert.False(saga.Machine.MayDecide(saga.Saga, CancellationDecision.RefundAgain, "staff|minh"));
    }

    [Fact]
    public void A_large_refund_is_agreed_to_by_another_person_than_who_asked_and_who_confirmed()
    {
        var saga = new CancellationScenario(new() { ApprovalAbove = { ["EUR"] = 99.99m } }).Given(Asked with { By = "staff|ann" }, Quoted);
        saga.When(Confirmed with { By = "staff|bob" });
        saga.ThenStateIs("AwaitingApproval");
        saga.ThenCase("refund-approval");
        foreach (var (by, action) in new[] { ("staff|ann", 1), ("staff|bob", 2) })
        {
            saga.When(Decided(CancellationDecision.Approve, by: by, action: action));
            saga.ThenStateIs("AwaitingApproval");
            Assert.False(saga.Saga.StaffActions[^1].Applied);
        }

        saga.When(Decided(CancellationDecision.Approve, action: 3));
        saga.ThenStateIs("Locking");

        saga.When(Decided(CancellationDecision.Refuse, action: 4));      // too late
        saga.ThenStateIs("Locking");
    }

    [Fact]
    public void An_amount_that_the_airline_names_only_afterwards_needs_the_second_person_too()
    {
        var saga = new CancellationScenario(new() { ApprovalAbove = { ["EUR"] = 99.99m } }).Given(Asked, QuotedUnknown, Confirmed, Granted, Done);
        saga.When(Ended);
        saga.ThenStateIs("AwaitingAmount");
        saga.ThenNotPublished<RefundPayment>();

        saga.When(Decided(CancellationDecision.Approve, by: "user|an"));
        saga.ThenStateIs("AwaitingAmount");
        saga.When(Decided(CancellationDecision.Approve, action: 2));

        Assert.Equal(Back, saga.ThenPublished<RefundPayment>().Amount);
    }

    [Fact]
    public void A_quote_that_nobody_confirms_lapses_and_asks_nothing_of_the_booking()
    {
        var saga = new CancellationScenario().Given(Asked, Quoted).WhenDeadline();

        saga.ThenStateIs("Lapsed");
        Assert.Equal(Start.AddMinutes(30), saga.Now);
        saga.ThenNotPublished<ServicingReleased>();
        saga.When(Confirmed);
        saga.ThenStateIs("Lapsed");
    }

    [Fact]
    public void Only_the_newest_quote_can_be_confirmed()
    {
        var saga = new CancellationScenario().Given(Asked, Quoted, new CancellationRequoted(BookingId, Id, 1, Start));
        saga.ThenStateIs("Quoting");
        Assert.Equal(Quote(2), saga.ThenPublished<QuoteCancellation>().QuoteId);
        saga.Given(Quoted);                              // the older one's, again
        saga.ThenStateIs("Quoting");

        saga.Given(QuotedAs(Quote(2), Back), Confirmed);
        saga.ThenStateIs("Quoted");
        saga.When(Confirmed with { QuoteId = Quote(2) });
        Assert.Equal(1, saga.ThenPublished<ServicingRequested>().Seen);
    }

    [Fact]
    public void A_lock_that_comes_after_the_end_goes_back()
    {
        var saga = new CancellationScenario().Given(Asked, Quoted, Confirmed).WhenDeadline();
        saga.ThenStateIs("Refused");
        Assert.Equal(Id, saga.ThenPublished<ServicingReleased>().ServicingId);

        saga.When(Granted);

        Assert.Equal(Id, saga.ThenPublished<ServicingReleased>().ServicingId);
        saga.ThenNotPublished<CancelQuotedOrder>();
    }

    [Fact]
    public void Tickets_that_nobody_pays_for_are_given_back_unasked_while_that_is_free_and_never_otherwise()
    {
        var free = new CancellationScenario();
        free.Given(AskedByTheBooking, QuotedAs(QuoteId, Price, RefundRule.VoidWindow, isVoid: true));
        free.ThenPublished<ServicingRequested>();
        free.Given(new ServicingGranted(BookingId, Id, null, null), Done with { Refund = Price });
        free.When(Ended);
        free.ThenStateIs("Cancelled");
        free.ThenNotPublished<RefundPayment>();
        free.ThenPublished<BookingCancelled>();
        free.ThenTold(CancellationNewsKind.CancelledUnpaid);

        var late = new CancellationScenario().Given(AskedByTheBooking);
        late.When(Quoted);
        late.ThenStateIs("Refused");
        Assert.Equal(NotCancelledBecause.NotFree, late.ThenPublished<ServicingReleased>().Reason);
        late.ThenNotPublished<CancellationNews>();
    }

    [Fact]
    public void Coupons_that_cannot_be_ended_are_for_people_and_the_money_goes_back_as_promised()
    {
        var saga = new CancellationScenario().Given([.. UntilThePivot, Done]);

        saga.When(new CouponsEnded(BookingId, Id, [], Coupons));

        saga.ThenCase("coupons-left");
        saga.ThenPublished<RefundPayment>();
    }
}
