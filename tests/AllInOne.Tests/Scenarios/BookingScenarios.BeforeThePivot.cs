using System.Text.Json;
using Aerona.AllInOne.Commands;
using Aerona.Journeys;
using Xunit;

namespace Aerona.AllInOne.Tests.Scenarios;

/// <content>Price, seats, and the money up to its reservation.</content>
internal sealed partial class BookingScenarios
{
    public async Task A_new_price_that_is_taken_is_paid_and_the_seats_are_the_same()
    {
        var journey = await BookAsync("Nina", "Farerises", payLater: true);
        var (first, asked, oldTotal) = await UntilANewPriceIsAskedAsync(journey);

        await DecideAboutThePriceAsync(journey, asked, "accept");
        var second = await PayAsync(journey, "happy", notOrder: first);
        var view = await EndsAsync(journey, "confirmed");

        Assert.NotEqual(first, second);
        Assert.True(view.GetProperty("money").Amount("total") > oldTotal);
        Assert.Equal(1, await HoldsAsync(journey));
        await MailAsync(journey, "price of your flights");
    }

    public async Task A_new_price_that_is_declined_ends_the_booking()
    {
        var journey = await BookAsync("Nora", "Farerises", payLater: true);
        var (_, asked, _) = await UntilANewPriceIsAskedAsync(journey);

        await DecideAboutThePriceAsync(journey, asked, "decline");

        await EndsAsync(journey, "rejected", "price.changed");
    }

    public async Task A_new_price_that_nobody_answers_ends_the_booking()
    {
        var journey = await BookAsync("Nele", "Farerises", payLater: true);
        await UntilANewPriceIsAskedAsync(journey);

        await EndsAsync(journey, "rejected", "price.changed");
    }

    public async Task A_booking_is_cancelled_while_its_new_price_is_undecided()
    {
        var journey = await BookAsync("Nick", "Farerises", payLater: true);
        await UntilANewPriceIsAskedAsync(journey);

        await CancelAsync(journey);

        await EndsAsync(journey, "cancelledBeforePurchase");
    }

    public async Task After_its_last_declined_card_the_booking_has_failed()
    {
        var journey = await BookAsync("Dick");
        string? declined = null;
        for (var attempt = 1; attempt <= HastyAerona.PaymentAttempts; attempt++)
        {
            declined = await PayAsync(journey, "declined", notOrder: declined);
            if (attempt < HastyAerona.PaymentAttempts)
            {
                await UntilAsync(journey, "awaitingPayment", seen => seen.Text("approvalLink").Length == 0);
                await RetryPaymentAsync(journey);
            }
        }

        await EndsAsync(journey, "paymentFailed", "payment.declined");
    }

    public async Task After_the_price_deadline_the_same_price_is_paid_with_the_hold_kept()
    {
        var journey = await BookAsync("Paul", payLater: true);
        var first = AeronaClient.PayPalOrder(await UntilPayableAsync(journey));
        await MailAsync(journey, "there is time to pay");
        await UntilThePriceIsOldAsync(journey);
        await client.ApproveAsync(first, "happy", Stop);

        var second = await PayAsync(journey, "happy", notOrder: first);
        await EndsAsync(journey, "confirmed");

        Assert.NotEqual(first, second);
        Assert.Equal(1, await HoldsAsync(journey));
    }

    /// <summary>Needs an Aerona with the usual times: in a hasty one the price may be old before the payer is there.</summary>
    internal async Task Who_pays_later_in_time_has_the_seats_and_the_price_kept()
    {
        var journey = await BookAsync("Petra", payLater: true);
        var waiting = await UntilPayableAsync(journey);
        await MailAsync(journey, "there is time to pay");
        Assert.True(waiting.GetProperty("until").GetDateTimeOffset() > TimeProvider.System.GetUtcNow().AddHours(20), waiting.ToString());

        await client.ApproveAsync(AeronaClient.PayPalOrder(waiting), "happy", Stop);
        var view = await EndsAsync(journey, "confirmed");

        Assert.Equal(waiting.GetProperty("money").Amount("total"), view.GetProperty("money").Amount("captured"));
    }

    public async Task Who_pays_later_and_never_does_is_reminded_and_loses_the_seats()
    {
        var journey = await BookAsync("Lotte", payLater: true);
        await UntilPayableAsync(journey);

        await MailAsync(journey, "time to pay ends soon");
        Assert.Equal("awaitingPayment", (await client.ViewAsync(journey, Stop)).State());
        await EndsAsync(journey, "expired", "payment.expired");
    }

    public async Task A_payment_that_PayPal_examines_and_clears_is_taken()
    {
        var (journey, order) = await UntilReviewAsync("Rosa");

        await PayPalDecidesAsync(order, accept: true);

        await EndsAsync(journey, "confirmed");
    }

    public async Task After_a_payment_that_PayPal_examines_and_denies_another_one_pays()
    {
        var (journey, order) = await UntilReviewAsync("Rolf");

        await PayPalDecidesAsync(order, accept: false);
        await UntilAsync(journey, "awaitingPayment", seen => seen.Text("approvalLink").Length == 0);
        await RetryPaymentAsync(journey);
        await PayAsync(journey, "happy", notOrder: order);

        await EndsAsync(journey, "confirmed");
    }

    public async Task A_booking_is_cancelled_while_PayPal_examines_its_payment()
    {
        var (journey, order) = await UntilReviewAsync("Ruth");

        await CancelAsync(journey);
        await EndsAsync(journey, "cancelledBeforePurchase");

        Assert.Equal(0, (await client.PayPalsBooksAsync(order, Stop)).Amount("captured"));
    }

    public async Task An_authorisation_whose_answer_is_lost_is_found_and_goes_on()
    {
        var journey = await BookAsync("Anna");
        await PayAsync(journey, "timeout-after");

        await EndsAsync(journey, "confirmed");
    }

    public async Task An_authorisation_that_never_arrived_is_made_or_asked_for_again()
    {
        var journey = await BookAsync("Arno");
        var order = await PayAsync(journey, "timeout-before");

        var view = await client.UntilAsync(journey, seen => seen.IsFinal() || (seen.State() == "awaitingPayment" && seen.Text("approvalLink").Length == 0), Patience);
        if (!view.IsFinal())
        {
            await RetryPaymentAsync(journey);
            await PayAsync(journey, "happy", notOrder: order);
        }

        await EndsAsync(journey, "confirmed");
    }

    public async Task A_booking_cancelled_while_its_money_is_being_reserved_costs_nothing()
    {
        var journey = await BookAsync("Alma");
        var order = await PayAsync(journey, "timeout-before");   // nothing is heard of it until it is looked up
        await client.UntilAsync(journey, seen => seen.IsFinal() || seen.State() is "authorising" or "paymentUnknown", Patience);

        await CancelAsync(journey);
        await EndsAsync(journey, "cancelledBeforePurchase");

        await client.AssertNothingLeftAtPayPalAsync(order);
    }

    public async Task Seats_that_were_never_held_and_never_refused_end_the_booking()
    {
        var journey = await BookAsync("Hans", "Holdtimeoutbefore");

        await EndsAsync(journey, "rejected", "airline.unavailable");

        Assert.Equal(1, await HoldsAsync(journey, "Released"));   // denied for good
    }

    public async Task Seats_whose_hold_was_not_answered_are_found_and_bought()
    {
        var journey = await BookAsync("Hilde", "Holdtimeoutafter");
        await PayAsync(journey, "happy");

        await EndsAsync(journey, "confirmed");

        Assert.Equal(1, await HoldsAsync(journey));
    }

    public async Task A_booking_cancelled_while_nobody_knows_whether_its_seats_are_held_frees_them()
    {
        var journey = await BookAsync("Hugo", "Holdtimeoutafter");
        await UntilAsync(journey, "holdingSeats");
        await EventuallyAsync(async () => await HoldsAsync(journey, "Held") == 1 ? [] : ["the airline holds no seats"]);

        await CancelAsync(journey);

        await EndsAsync(journey, "cancelledBeforePurchase");
    }

    public async Task Seats_that_lapse_before_they_are_pinned_are_held_once_more()
    {
        var journey = await BookAsync("Lena", "Holdlapses");
        await PayAsync(journey, "happy");

        await EndsAsync(journey, "confirmed");

        Assert.Equal((1, 1), (await HoldsAsync(journey, "Released"), await HoldsAsync(journey, "Sold")));
    }

    public async Task A_booking_cancelled_while_it_waits_for_its_payer_frees_its_seats()
    {
        var journey = await BookAsync("Carla", payLater: true);
        await UntilPayableAsync(journey);

        await CancelAsync(journey);

        await EndsAsync(journey, "cancelledBeforePurchase");
    }

    private async Task<(string Order, JsonElement Asked, decimal OldTotal)> UntilANewPriceIsAskedAsync(Journey journey)
    {
        var payable = await UntilPayableAsync(journey);
        var order = AeronaClient.PayPalOrder(payable);
        await UntilThePriceIsOldAsync(journey);
        await client.ApproveAsync(order, "happy", Stop);
        var asked = await UntilAsync(journey, "awaitingPriceDecision");
        var oldTotal = payable.GetProperty("money").Amount("total");
        Assert.True(asked.GetProperty("priceChange").Amount("newTotal") > oldTotal, asked.ToString());
        return (order, asked, oldTotal);
    }

    private Task DecideAboutThePriceAsync(Journey journey, JsonElement asked, string decision) => client.PostAsync(
        $"/v1/bookings/{journey.Id}/price-decisions", new { offerId = asked.GetProperty("priceChange").Text("offerId"), decision }, journey.Token, Stop);

    private async Task<(Journey Journey, string Order)> UntilReviewAsync(string givenName)
    {
        var journey = await BookAsync(givenName);
        var order = await PayAsync(journey, "review");
        await UntilAsync(journey, "paymentReview");
        await MailAsync(journey, "payment is being examined");
        return (journey, order);
    }
}
