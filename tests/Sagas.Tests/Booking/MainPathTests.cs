using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using static Aerona.Sagas.Tests.Booking.Facts;

namespace Aerona.Sagas.Tests.Booking;

public sealed class MainPathTests
{
    [Fact]
    public async Task A_booking_goes_from_submitted_to_confirmed_asking_one_service_at_a_time()
    {
        await using var saga = await BookingScenario.StartAsync();

        await saga.WhenAsync(Submitted);
        await saga.ThenStateIsAsync(machine => machine.Pricing);
        Assert.Equal(OfferId, saga.ThenPublished<PriceOffer>().OfferId);

        await saga.WhenAsync(Priced);
        await saga.ThenStateIsAsync(machine => machine.HoldingSeats);
        Assert.Equal(HoldId, saga.ThenPublished<HoldSeats>().HoldId);

        await saga.WhenAsync(Held);
        await saga.ThenStateIsAsync(machine => machine.OpeningPayment);
        Assert.Equal(new OpenPayment(BookingId, PaymentId, Price, "K7PQ2R", "VN55 HAN-LHR 2030-02-01", null), saga.ThenPublished<OpenPayment>());

        await saga.WhenAsync(Opened);
        await saga.ThenStateIsAsync(machine => machine.AwaitingPayment);
        saga.ThenPublishedNothing();

        await saga.WhenAsync(Approved);
        await saga.ThenStateIsAsync(machine => machine.Pinning);
        Assert.Equal(new PinSeats(BookingId, HoldId, 7), saga.ThenPublished<PinSeats>());

        await saga.WhenAsync(Pinned);
        await saga.ThenStateIsAsync(machine => machine.Authorising);
        Assert.Equal(new AuthorizePayment(BookingId, PaymentId), saga.ThenPublished<AuthorizePayment>());

        await saga.WhenAsync(Authorized);
        await saga.ThenStateIsAsync(machine => machine.Committing);
        var commit = saga.ThenPublished<CommitAirlineOrder>();
        Assert.Equal((OrderId, HoldId, 7L, "K7PQ2R"), (commit.OrderId, commit.HoldId, commit.Token, commit.Locator));

        await saga.WhenAsync(Bought);
        await saga.ThenStateIsAsync(machine => machine.Ticketing);
        Assert.Equal(Numbers, saga.ThenPublished<IssueTickets>().TicketNumbers);

        await saga.WhenAsync(Ticketed);
        await saga.ThenStateIsAsync(machine => machine.Capturing);
        Assert.Equal(new CapturePayment(BookingId, PaymentId, Price), saga.ThenPublished<CapturePayment>());

        await saga.WhenAsync(Captured);
        await saga.ThenStateIsAsync(machine => machine.Documenting);
        Assert.Equal(new StoreDocuments(BookingId, OrderId, Price, "vi"), saga.ThenPublished<StoreDocuments>());

        await saga.WhenAsync(Stored);
        await saga.ThenStateIsAsync(machine => machine.Confirmed);
        var confirmed = saga.ThenPublished<BookingConfirmed>();
        Assert.Equal((Price, "K7PQ2R"), (confirmed.Captured, confirmed.Locator));
        Assert.Equal(Numbers, confirmed.TicketNumbers);
    }

    [Fact]
    public async Task Every_message_of_the_main_path_may_come_twice_without_any_effect()
    {
        await using var saga = await BookingScenario.StartAsync();

        foreach (var @event in MainPath)
        {
            await saga.GivenAsync(@event);
            var state = (await saga.SagaAsync()).CurrentState;

            await saga.WhenAsync(@event);

            Assert.Equal(state, (await saga.SagaAsync()).CurrentState);
            saga.ThenPublishedNothing();
        }
    }

    [Fact]
    public async Task An_event_that_overtakes_the_submission_faults_so_that_it_comes_again()
    {
        await using var saga = await BookingScenario.StartAsync();

        var exception = await saga.WhenRefusedAsync(CancelRequested);

        Assert.NotNull(exception);
        await saga.GivenAsync(Submitted);
        await saga.WhenAsync(CancelRequested);
        await saga.ThenStateIsAsync(machine => machine.CancelledBeforePurchase);
    }

    [Fact]
    public async Task The_payer_has_until_two_minutes_before_the_seats_may_lapse_at_most()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted, Priced);

        await saga.GivenAsync(Held with { SpaceUntil = Start.AddMinutes(10) }, Opened);

        Assert.Equal(Start.AddMinutes(8), (await saga.SagaAsync()).PaymentUntil);
        Assert.Equal(Start.AddMinutes(8), saga.Due<Aerona.Sagas.Booking.BookingDeadline>());
    }
}
