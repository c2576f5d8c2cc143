using System.Text.Json;
using Aerona.AllInOne.Commands;
using Aerona.Journeys;
using Xunit;

namespace Aerona.AllInOne.Tests.Scenarios;

/// <content>The airline order, the tickets, and taking the money.</content>
internal sealed partial class BookingScenarios
{
    public async Task An_order_whose_answer_is_lost_is_found_and_made_once()
    {
        var journey = await BookAsync("Olga", "Timeoutafter");
        await PayAsync(journey, "happy");

        await EndsAsync(journey, "confirmed");
    }

    public async Task An_order_that_never_arrived_is_undone()
    {
        var journey = await BookAsync("Otto", "Timeoutbefore");
        await PayAsync(journey, "happy");

        await EndsAsync(journey, "rejected", "airline.unavailable");
    }

    public async Task An_order_that_the_airline_works_on_is_confirmed_in_the_end()
    {
        var journey = await BookAsync("Oskar", "Pending");
        await PayAsync(journey, "happy");

        await EndsAsync(journey, "confirmed");
        await WasInAsync(journey, "commitUnknown");
    }

    public async Task An_order_that_the_airline_works_on_and_then_refuses_is_undone()
    {
        var journey = await BookAsync("Odin", "Pendingrefused");
        await PayAsync(journey, "happy");

        await EndsAsync(journey, "rejected", "seats.lost");
        await WasInAsync(journey, "commitUnknown");
    }

    public async Task An_order_that_nobody_knows_of_is_parked_and_tried_again_until_the_airline_answers()
    {
        var journey = await UntilTheAirlineIsSilentAsync("Silvia");

        await StaffDecidesAsync(journey, "tryAgain");

        await EndsAsync(journey, "confirmed");
    }

    public async Task An_order_that_nobody_knows_of_is_parked_and_given_up()
    {
        var journey = await UntilTheAirlineIsSilentAsync("Simon");

        await StaffDecidesAsync(journey, "giveUp");

        await EndsAsync(journey, "rejected", "airline.unavailable");
    }

    public async Task Ticket_numbers_that_come_later_are_waited_for()
    {
        var journey = await BookAsync("Tanja", "Numberslater");
        await PayAsync(journey, "happy");

        var view = await EndsAsync(journey, "confirmed");

        await WasInAsync(journey, "ticketing");
        Assert.Equal(13, view.GetProperty("passengers")[0].Text("ticketNumber").Length);
    }

    public async Task An_order_confirmed_after_it_was_undone_is_cancelled_and_people_are_told()
    {
        var journey = await BookAsync("Lukas", "Confirmslate");
        await PayAsync(journey, "happy");
        Assert.Equal("rejected", (await client.UntilAsync(journey, Answers.IsFinal, Patience)).State());

        await CaseAsync(journey, "late-order");

        await EndsAsync(journey, "rejected", "airline.unavailable");
    }

    public async Task A_capture_that_PayPal_works_on_is_done_in_the_end_and_a_wish_to_cancel_becomes_a_quote()
    {
        var journey = await BookAsync("Clara");
        var order = await PayAsync(journey, "capture-pending");
        await UntilAsync(journey, "capturing");

        await CancelAsync(journey);                     // the tickets are issued: it is remembered
        await PayPalDecidesAsync(order, accept: true);

        await EndsAsync(journey, "confirmed");
        await MailAsync(journey, "cancelling brings back");
        var quoted = Assert.Single((await client.GetAsync($"/v1/bookings/{journey.Id}/cancellations", journey.Token, Stop)).GetProperty("cancellations").EnumerateArray());
        Assert.Equal("quoted", quoted.State());
    }

    public async Task A_cancellation_that_nobody_confirms_lapses_and_changes_nothing()
    {
        var journey = await BookAsync("Lara");
        await PayAsync(journey, "happy");
        await EndsAsync(journey, "confirmed");
        var asked = await client.PostAsync($"/v1/bookings/{journey.Id}/cancellations", new { }, journey.Token, Stop);
        var path = $"/v1/bookings/{journey.Id}/cancellations/{asked.Text("id")}";
        var view = asked;
        async Task UntilCancellationAsync(string state) => await EventuallyAsync(
            async () => (view = await client.GetAsync(path, journey.Token, Stop)).State() == state ? [] : [$"the cancellation is {view.State()} instead of {state}"]);
        await UntilCancellationAsync("quoted");
        var quote = view.GetProperty("quote").Text("id");

        await UntilCancellationAsync("lapsed");

        var refused = await Assert.ThrowsAsync<CommandFailedException>(() => client.PostAsync($"{path}/confirmations", new { quoteId = quote }, journey.Token, Stop));
        Assert.Equal(("cancellation.quote_expired", 409), (view.Text("notCancelledBecause"), refused.Status));
        await EndsAsync(journey, "confirmed");
    }

    public async Task A_capture_that_PayPal_works_on_and_then_denies_is_paid_again()
    {
        var journey = await BookAsync("Claus");
        var order = await PayAsync(journey, "capture-pending");
        await UntilAsync(journey, "capturing");

        await PayPalDecidesAsync(order, accept: false);

        await PaysAgainAsync(journey, order);
    }

    public async Task A_reservation_that_PayPal_honours_no_longer_is_renewed_and_captured()
    {
        var journey = await BookAsync("Dana");
        await PayAsync(journey, "day-four");

        await EndsAsync(journey, "confirmed");
    }

    public async Task A_reservation_that_is_not_renewed_is_paid_again()
    {
        var journey = await BookAsync("Dario");
        var order = await PayAsync(journey, "reauthorize-declined");

        await PaysAgainAsync(journey, order);
    }

    public async Task A_capture_that_is_refused_is_paid_again()
    {
        var journey = await BookAsync("Rita");
        var order = await PayAsync(journey, "capture-declined");

        await PaysAgainAsync(journey, order);
    }

    public async Task A_capture_that_is_refused_and_not_paid_again_gives_the_tickets_back_while_that_is_free()
    {
        var journey = await BookAsync("Rudi");
        await PayAsync(journey, "capture-declined");
        await UntilAsync(journey, "captureRecovery");

        await IsGivenBackUnpaidAsync(journey);
    }

    public async Task Who_cancels_when_the_money_could_not_be_taken_gives_the_tickets_back_at_once()
    {
        var journey = await BookAsync("Rebecca");
        await PayAsync(journey, "capture-declined");
        await UntilAsync(journey, "captureRecovery");

        await CancelAsync(journey);

        await IsGivenBackUnpaidAsync(journey);
    }

    private async Task IsGivenBackUnpaidAsync(Journey journey)
    {
        await UntilAsync(journey, "cancelled");
        await BooksAgreeAsync(journey, sold: false, taken: 0);
        await MailAsync(journey, "were given back");
        var cancellation = Assert.Single((await client.GetAsync($"/v1/bookings/{journey.Id}/cancellations", journey.Token, Stop)).GetProperty("cancellations").EnumerateArray());
        Assert.Equal("cancelled", cancellation.State());
    }

    private async Task PaysAgainAsync(Journey journey, string refused)
    {
        await UntilAsync(journey, "captureRecovery");
        await MailAsync(journey, "the payment failed");
        await UntilAsync(journey, "captureRecovery", MayRetry);
        await RetryPaymentAsync(journey);
        await PayAsync(journey, "happy", "captureRecovery", notOrder: refused);

        await EndsAsync(journey, "confirmed");
    }

    private static bool MayRetry(JsonElement view) => view.GetProperty("availableActions").EnumerateArray().Any(action => action.GetString() == "retryPayment");

    private async Task<Journey> UntilTheAirlineIsSilentAsync(string givenName)
    {
        var journey = await BookAsync(givenName, "Silent");
        await PayAsync(journey, "happy");
        await UntilAsync(journey, "parkedForStaff");
        await MailAsync(journey, "waiting for the airline");
        await CaseAsync(journey, "commit-unknown-urgent");
        return journey;
    }

    private Task StaffDecidesAsync(Journey journey, string decision) => client.PostAsync(
        $"/v1/support/bookings/{journey.Id}/decisions", new { decision, reason = "Called the airline." }, staff, Stop);
}
