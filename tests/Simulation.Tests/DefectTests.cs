using Aerona.Simulation.Search;

namespace Aerona.Simulation.Tests;

/// <summary>Histories that once ended badly; docs/saga/simulation.md tells what was wrong.</summary>
public sealed class DefectTests
{
    [Fact]
    public void A_booking_whose_look_ups_are_seldom_is_still_asked_about_after_its_ticketing_is_overdue()
    {
        var (violation, played, world) = Trace.Parse("""
        bookings 1, seats 2, now, short, bug none
        deliver BookingSubmitted (0b00)
        deliver PriceOffer (0b00)
        deliver OfferPriced (0b00)
        deliver HoldSeats (e726)
        deliver SeatsHeld (e726)
        deliver OpenPayment (ad88)
        answer ok to OpenPayment (ad88)
        deliver PaymentOpened (ad88)
        approve ad88
        deliver PayPalEvent (ad88)
        answer ok to PayPalEvent (ad88)
        deliver PaymentApproved (ad88)
        deliver PinSeats (e726)
        deliver SeatsPinned (e726)
        deliver AuthorizePayment (ad88)
        answer ok to AuthorizePayment (ad88)
        deliver PaymentAuthorized (ad88)
        deliver CommitAirlineOrder (e6e8)
        answer numbers later to CommitAirlineOrder (e6e8)
        deliver AirlineOrderConfirmed (e6e8)
        deliver LookUpAirlineOrder 1 (e6e8)
        answer timeout not applied to LookUpAirlineOrder 1 (e6e8)
        deliver AirlineOrderPending 1 (e6e8)
        time passes
        deliver BookingTick (0b00)
        deliver LookUpAirlineOrder 2 (e6e8)
        answer timeout not applied to LookUpAirlineOrder 2 (e6e8)
        deliver AirlineOrderPending 2 (e6e8)
        time passes
        deliver BookingTick (0b00)
        delay LookUpAirlineOrder 3 (e6e8)
        time passes
        delay BookingTick (0b00)
        time passes
        deliver BookingTick (0b00)
        deliver LookUpAirlineOrder 3 (e6e8)
        answer ok to LookUpAirlineOrder 3 (e6e8)
        """).Play(new(Scenario.ShortTimes));

        Assert.Null(violation);
        Assert.Equal("answer ok to LookUpAirlineOrder 3 (e6e8)", played[^1]);
        Assert.Equal("Ticketing", Assert.Single(world.Sagas).CurrentState);
        Assert.Equal("Completed", Assert.Single(world.ComeToRest().Sagas).CurrentState);
    }

    [Fact]
    public void Money_is_not_taken_from_a_reservation_while_it_is_being_renewed()
    {
        var (violation, played, world) = Trace.Parse("""
        bookings 1, seats 2, now, short, bug none
        deliver BookingSubmitted (0b00)
        deliver PriceOffer (0b00)
        deliver OfferPriced (0b00)
        deliver HoldSeats (e726)
        deliver SeatsHeld (e726)
        deliver OpenPayment (ad88)
        answer ok to OpenPayment (ad88)
        deliver PaymentOpened (ad88)
        approve ad88
        deliver PayPalEvent (ad88)
        answer ok to PayPalEvent (ad88)
        deliver PaymentApproved (ad88)
        deliver PinSeats (e726)
        deliver SeatsPinned (e726)
        deliver AuthorizePayment (ad88)
        answer ok to AuthorizePayment (ad88)
        deliver PaymentAuthorized (ad88)
        deliver CommitAirlineOrder (e6e8)
        answer numbers later to CommitAirlineOrder (e6e8)
        deliver AirlineOrderConfirmed (e6e8)
        airline issues numbers e6e8
        deliver LookUpAirlineOrder 1 (e6e8)
        answer ok to LookUpAirlineOrder 1 (e6e8)
        deliver AirlineOrderConfirmed (e6e8)
        deliver IssueTickets (0b00)
        deliver TicketsIssued (0b00)
        stop Payments
        time passes
        deliver BookingTick (0b00)
        time passes
        deliver BookingTick (0b00)
        time passes
        deliver BookingTick (0b00)
        time passes
        deliver BookingDeadline (0b00)
        time passes
        deliver BookingTick (0b00)
        start Payments
        deliver ReauthorizePayment (ad88)
        """).Play(new(Scenario.ShortTimes));

        Assert.Null(violation);
        Assert.Equal("deliver ReauthorizePayment (ad88)", played[^1]);
        Assert.Equal(1, Assert.Single(world.ComeToRest().Payments.Rows).PayPal.Captures);
    }
}
