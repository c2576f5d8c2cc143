using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Sagas.Booking;
using static Aerona.Sagas.Tests.Booking.Facts;

namespace Aerona.Sagas.Tests.Booking;

/// <summary>Nothing is bought at a price that the traveller has not seen.</summary>
public sealed class PriceDecisionTests
{
    private static readonly SeatsHeld HeldAtAShortPrice = Held with { PriceUntil = Start.AddMinutes(5) };

    [Fact]
    public async Task A_new_price_is_told_with_the_old_one_and_waits_ten_minutes()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted);

        await saga.WhenAsync(Dearer);

        await saga.ThenStateIsAsync(machine => machine.AwaitingPriceDecision);
        var news = saga.ThenPublished<BookingNews>();
        Assert.Equal((BookingNewsKind.PriceChanged, DearerOffer.Total, Price, Start.AddMinutes(10)), (news.Kind, news.Total, news.OldTotal, news.Until));
        Assert.Equal(Start.AddMinutes(10), saga.Due<BookingDeadline>());
    }

    [Fact]
    public async Task A_new_price_that_expires_sooner_waits_no_longer_than_that()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted, Dearer with { NewOffer = DearerOffer with { ExpiresAt = Start.AddMinutes(4) } });

        Assert.Equal(Start.AddMinutes(4), saga.Due<BookingDeadline>());
    }

    [Fact]
    public async Task The_new_price_taken_is_what_is_held_and_paid()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted, Dearer);

        await saga.WhenAsync(Accepted);
        await saga.ThenStateIsAsync(machine => machine.HoldingSeats);
        Assert.Equal(DearerOffer.OfferId, saga.ThenPublished<HoldSeats>().OfferId);

        await saga.WhenAsync(Held);
        Assert.Equal(DearerOffer.Total, saga.ThenPublished<OpenPayment>().Price);
        await saga.GivenAsync(Opened, Approved, Pinned);
        await saga.WhenAsync(Authorized);
        Assert.Equal(DearerOffer.OfferId, saga.ThenPublished<CommitAirlineOrder>().OfferId);
    }

    [Fact]
    public async Task A_price_declined_or_not_decided_rejects_the_booking_and_names_both_prices()
    {
        foreach (var declined in new[] { true, false })
        {
            await using var saga = await BookingScenario.StartAsync();
            await saga.GivenAsync(Submitted, Dearer);

            await (declined ? saga.WhenAsync(NotAccepted) : saga.WhenDeadlineAsync());

            await saga.ThenStateIsAsync(machine => machine.Rejected);
            var failed = saga.ThenPublished<BookingFailed>();
            Assert.Equal((Because.PriceChanged, "The price is 279.00 EUR now; it was 259.00 EUR."), (failed.Reason, failed.Detail));
        }
    }

    [Fact]
    public async Task A_decision_about_another_offer_than_the_one_shown_is_ignored()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted, Dearer);

        await saga.WhenAsync(Accepted with { OfferId = OfferId });
        saga.ThenPublishedNothing();
        await saga.WhenAsync(NotAccepted with { OfferId = OfferId });

        saga.ThenPublishedNothing();
        await saga.ThenStateIsAsync(machine => machine.AwaitingPriceDecision);
    }

    [Fact]
    public async Task A_price_taken_after_the_time_for_it_is_not_taken()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted, Dearer);
        saga.Clock.SetUtcNow(Start.AddMinutes(10));

        await saga.WhenAsync(Accepted);

        Assert.False(saga.Machine.MayDecidePrice(await saga.SagaAsync()));
        await saga.ThenStateIsAsync(machine => machine.AwaitingPriceDecision);
        await saga.WhenDeadlineAsync();
        await saga.ThenStateIsAsync(machine => machine.Rejected);
    }

    [Fact]
    public async Task A_traveller_who_wants_out_instead_of_deciding_is_out_at_once()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted, Dearer);

        await saga.WhenAsync(CancelRequested);

        await saga.ThenStateIsAsync(machine => machine.CancelledBeforePurchase);
    }

    [Fact]
    public async Task A_price_that_has_to_be_asked_for_again_keeps_the_hold_and_asks_for_a_new_approval()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted, Priced, HeldAtAShortPrice, Opened);
        saga.Clock.SetUtcNow(Start.AddMinutes(6));

        await saga.WhenAsync(Approved);
        await saga.ThenStateIsAsync(machine => machine.Pricing);
        Assert.Equal(PaymentId, saga.ThenPublished<VoidPayment>().PaymentId);
        saga.ThenPublished<PriceOffer>();

        await saga.WhenAsync(Priced);
        await saga.ThenStateIsAsync(machine => machine.OpeningPayment);
        saga.ThenNotPublished<HoldSeats>();
        Assert.Equal(Payment(2), saga.ThenPublished<OpenPayment>().PaymentId);

        await saga.GivenAsync(OpenedAs(Payment(2)));
        await saga.WhenAsync(new PaymentApproved(BookingId, Payment(2)));
        await saga.ThenStateIsAsync(machine => machine.Pinning);
    }

    [Fact]
    public async Task A_new_price_taken_with_seats_held_keeps_them_and_closes_the_payment_opened_at_the_old_price()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted, Priced, HeldAtAShortPrice, Opened);
        saga.Clock.SetUtcNow(Start.AddMinutes(6));
        await saga.GivenAsync(Retried, Dearer);

        await saga.WhenAsync(Accepted);

        await saga.ThenStateIsAsync(machine => machine.OpeningPayment);
        saga.ThenNotPublished<HoldSeats>();
        Assert.Equal(PaymentId, saga.ThenPublished<VoidPayment>().PaymentId);
        var opened = saga.ThenPublished<OpenPayment>();
        Assert.Equal((Payment(2), DearerOffer.Total), (opened.PaymentId, opened.Price));
    }

    [Fact]
    public async Task A_new_price_not_taken_releases_the_kept_hold()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted, Priced, HeldAtAShortPrice, Opened);
        saga.Clock.SetUtcNow(Start.AddMinutes(6));
        await saga.GivenAsync(Retried, Priced with { Offer = Offer with { Total = new Money(30000, "EUR") } });
        await saga.ThenStateIsAsync(machine => machine.AwaitingPriceDecision);

        await saga.WhenDeadlineAsync();

        Assert.Equal(Start.AddMinutes(15), saga.Clock.GetUtcNow());      // the payer's time is never moved
        await saga.ThenStateIsAsync(machine => machine.Compensating);
        Assert.Equal(HoldId, saga.ThenPublished<ReleaseSeats>().HoldId);
        Assert.Equal(PaymentId, saga.ThenPublished<VoidPayment>().PaymentId);
        Assert.Equal(Because.PriceChanged, (await saga.SagaAsync()).FailedBecause);
    }

    [Fact]
    public async Task A_new_price_taken_after_the_hold_lapsed_holds_seats_once_more()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted, Priced, HeldAtAShortPrice, Opened);
        saga.Clock.SetUtcNow(Start.AddMinutes(6));
        await saga.GivenAsync(Retried, Dearer, new HoldLapsed(BookingId, HoldId));

        await saga.WhenAsync(Accepted);

        await saga.ThenStateIsAsync(machine => machine.HoldingSeats);
        Assert.Equal(Hold(2), saga.ThenPublished<HoldSeats>().HoldId);
    }

    [Fact]
    public async Task A_repeat_of_the_first_price_does_not_answer_the_second_question()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted, Priced with { Offer = Offer with { ExpiresAt = Start.AddMinutes(5) } }, HeldAtAShortPrice, Opened);
        saga.Clock.SetUtcNow(Start.AddMinutes(6));
        await saga.GivenAsync(Retried);

        await saga.WhenAsync(Priced with { Offer = Offer with { ExpiresAt = Start.AddMinutes(5) } });

        await saga.ThenStateIsAsync(machine => machine.Pricing);
        saga.ThenPublishedNothing();
    }

    [Fact]
    public async Task A_price_to_be_asked_for_again_for_the_last_payment_allowed_gives_up()
    {
        await using var saga = await BookingScenario.StartAsync();
        await saga.GivenAsync(Submitted, Priced, HeldAtAShortPrice);
        for (var attempt = 1; attempt <= 4; attempt++)
        {
            await saga.GivenAsync(OpenedAs(Payment(attempt)), new PaymentDeclined(BookingId, Payment(attempt), "payment.declined"), Retried);
        }

        await saga.GivenAsync(OpenedAs(Payment(5)));
        saga.Clock.SetUtcNow(Start.AddMinutes(6));
        await saga.WhenAsync(new PaymentApproved(BookingId, Payment(5)));

        await saga.ThenStateIsAsync(machine => machine.Compensating);
        saga.ThenNotPublished<PriceOffer>();
    }
}
