using System.Globalization;
using System.Text.Json;
using Aerona.AllInOne.Commands;
using Xunit;

namespace Aerona.Journeys;

/// <summary>What is bought is given back over HTTP, whole and in part, by each rule; checked against PayPal's own books, the tickets and the seats.</summary>
public abstract class CancellationJourneys(IAerona aerona)
{
    private static readonly object[] SecondFlight = [new { passengerId = "p1", segmentOrdinal = 2 }];

    private AeronaClient Client => new(aerona.Http);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Within_the_void_window_everything_comes_back_once_however_often_it_is_confirmed()
    {
        var bought = await BuyAsync("happy", "economy", 3, legs: 1, new Traveller("adult", "Vera", "Void"));
        var quoted = await QuoteAsync(bought, new { });
        var quote = quoted.GetProperty("quote");
        var confirmation = new { quoteId = quote.Text("id") };
        await Task.WhenAll(
            Client.PostAsync($"{Path(bought, quoted)}/confirmations", confirmation, bought.Journey.Token, Stop),
            Client.PostAsync($"{Path(bought, quoted)}/confirmations", confirmation, bought.Journey.Token, Stop));
        var done = await UntilAsync(bought, quoted, "cancelled");
        await Client.PostAsync($"{Path(bought, quoted)}/confirmations", confirmation, bought.Journey.Token, Stop);

        Assert.Equal(("voidWindow", true, "payPal"), (quote.Text("rule"), quote.GetProperty("isVoid").GetBoolean(), quote.Text("destination")));
        Assert.Equal(bought.Paid, quote.Amount("refund"));
        Assert.Equal("refunded", done.GetProperty("refund").Text("place"));
        await Client.UntilAsync(bought.Journey, view => view.State() == "cancelled");
        await BooksSayAsync(bought, bought.Paid);
        Assert.Equal(1, await RefundsAsync(bought));
        Assert.Equal(0, await OpenCouponsAsync(bought));
        await MailAsync(bought.Journey, "is cancelled");
    }

    [Fact]
    public async Task A_flight_far_ahead_comes_back_whole_by_our_own_promise_and_the_rest_is_flown()
    {
        var bought = await BuyAsync("happy", "economy", 9, legs: 2, new Traveller("adult", "Paul", "Promise"));

        var quoted = await GiveBackAsync(bought, new { coupons = SecondFlight });

        Assert.Equal("ourPromise", quoted.GetProperty("quote").Text("rule"));
        await IsPartlyGivenBackAsync(bought, quoted, couponsLeft: 1);
    }

    [Fact]
    public async Task A_cheap_fare_gives_back_its_refundable_taxes_alone()
    {
        var bought = await BuyAsync("happy", "economy", 2, legs: 2, new Traveller("adult", "Tara", "Taxes"));

        var quoted = await GiveBackAsync(bought, new { coupons = SecondFlight });

        var quote = quoted.GetProperty("quote");
        var lines = quote.GetProperty("lines").EnumerateArray().ToList();
        Assert.Equal("refundableTax", quote.Text("rule"));
        Assert.All(lines.Where(line => line.Amount("back") > 0), line => Assert.Equal("tax", line.Text("kind")));
        Assert.Equal(lines.Sum(line => line.Amount("back")), quote.Amount("refund"));
        await IsPartlyGivenBackAsync(bought, quoted, couponsLeft: 1);
    }

    [Fact]
    public async Task A_flexible_fare_gives_back_what_its_rule_says_and_keeps_the_penalty()
    {
        var bought = await BuyAsync("happy", "business", 2, legs: 2, new Traveller("adult", "Flora", "Flexible"));

        var quoted = await GiveBackAsync(bought, new { coupons = SecondFlight });

        var quote = quoted.GetProperty("quote");
        var penalty = Assert.Single(quote.GetProperty("lines").EnumerateArray(), line => line.Text("code") == "PENALTY");
        Assert.Equal("fareRule", quote.Text("rule"));
        Assert.True(penalty.Amount("back") < 0);
        await IsPartlyGivenBackAsync(bought, quoted, couponsLeft: 1);
    }

    [Fact]
    public async Task The_airlines_own_cancellation_gives_everything_back_whatever_the_fare_and_only_staff_say_so()
    {
        var bought = await BuyAsync("happy", "economy", 2, legs: 2, new Traveller("adult", "Ivan", "Involuntary"));
        var wish = new { coupons = SecondFlight, cause = "involuntary" };
        var refused = await Assert.ThrowsAsync<CommandFailedException>(() => Client.PostAsync($"/v1/bookings/{bought.Journey.Id}/cancellations", wish, bought.Journey.Token, Stop));

        var quoted = await GiveBackAsync(bought, wish, aerona.Token("support", "sue@aerona.example"));

        Assert.Equal(403, refused.Status);
        var lines = quoted.GetProperty("quote").GetProperty("lines").EnumerateArray().ToList();
        Assert.Equal("involuntary", quoted.GetProperty("quote").Text("rule"));
        Assert.All(lines, line => Assert.Equal(line.Amount("paid"), line.Amount("back")));
        await IsPartlyGivenBackAsync(bought, quoted, couponsLeft: 1);
    }

    [Fact]
    public async Task One_passenger_leaves_then_the_others_and_never_more_comes_back_than_was_paid()
    {
        var bought = await BuyAsync("happy", "economy", 3, legs: 1, new Traveller("adult", "Ada", "Two"), new Traveller("adult", "Bob", "Two"));

        var first = await GiveBackAsync(bought, new { coupons = new[] { new { passengerId = "p2", segmentOrdinal = 1 } } });
        await IsPartlyGivenBackAsync(bought, first, couponsLeft: 1);
        var again = await Assert.ThrowsAsync<CommandFailedException>(() =>
            Client.PostAsync($"/v1/bookings/{bought.Journey.Id}/cancellations", new { coupons = new[] { new { passengerId = "p2", segmentOrdinal = 1 } } }, bought.Journey.Token, Stop));
        await GiveBackAsync(bought, new { });

        Assert.Equal(400, again.Status);
        await Client.UntilAsync(bought.Journey, view => view.State() == "cancelled");
        await BooksSayAsync(bought, bought.Paid);
        Assert.Equal((2L, 0), (await RefundsAsync(bought), await OpenCouponsAsync(bought)));
    }

    [Fact]
    public async Task A_refund_that_PayPal_refuses_is_given_back_by_hand_and_the_booking_is_cancelled_all_the_while()
    {
        var bought = await BuyAsync("refund-declined", "economy", 3, legs: 1, new Traveller("adult", "Rex", "Refused"));
        var quoted = await QuoteAsync(bought, new { });
        await ConfirmAsync(bought, quoted);

        var delayed = await UntilAsync(bought, quoted, "refundDelayed");
        await Client.UntilAsync(bought.Journey, view => view.State() == "cancelled");
        await MailAsync(bought.Journey, "takes longer");
        var staff = aerona.Token("support", "fin@aerona.example");
        await Client.PostAsync(
            $"/v1/support/cancellations/{quoted.Text("id")}/decisions", new { decision = "refundedByHand", reason = "Wired today.", reference = "WIRE-1" }, staff, Stop);
        var done = await UntilAsync(bought, quoted, "cancelled");

        Assert.Equal("delayed", delayed.GetProperty("refund").Text("place"));
        Assert.Equal(("refunded", "arranged", "WIRE-1"), (done.GetProperty("refund").Text("place"), done.GetProperty("refund").Text("destination"), done.GetProperty("refund").Text("reference")));
        await BooksSayAsync(bought, 0);
    }

    [Fact]
    public async Task A_refusal_of_the_airline_leaves_the_booking_as_it_is_and_it_can_be_asked_again()
    {
        var bought = await BuyAsync("happy", "economy", 3, legs: 1, new Traveller("adult", "Nora", "Cancelrefused"));
        var quoted = await QuoteAsync(bought, new { });
        await ConfirmAsync(bought, quoted);

        var refused = await UntilAsync(bought, quoted, "refused");

        Assert.Equal("cancellation.refused", refused.Text("notCancelledBecause"));
        await MailAsync(bought.Journey, "is not cancelled");
        await Client.UntilAsync(bought.Journey, view => view.State() == "confirmed"
            && view.GetProperty("availableActions").EnumerateArray().Any(action => action.GetString() == "quoteCancellation"));
        await BooksSayAsync(bought, 0);
        Assert.Equal(1, await OpenCouponsAsync(bought));
        await QuoteAsync(bought, new { });
    }

    [Theory]
    [InlineData("Canceltimeoutafter", "cancelled")]
    [InlineData("Canceltimeoutbefore", "refused")]
    [Trait("long", "yes")]
    public async Task A_cancellation_without_an_answer_is_looked_up_never_repeated_and_no_money_moves_before_it_is_known(string surname, string end)
    {
        var bought = await BuyAsync("happy", "economy", 3, legs: 1, new Traveller("adult", "Una", surname));
        var quoted = await QuoteAsync(bought, new { });
        await ConfirmAsync(bought, quoted);
        await UntilAsync(bought, quoted, "cancelUnknown");
        await BooksSayAsync(bought, 0);

        await UntilAsync(bought, quoted, end);

        await Client.UntilAsync(bought.Journey, view => view.State() == (end == "cancelled" ? "cancelled" : "confirmed"));
        await BooksSayAsync(bought, end == "cancelled" ? bought.Paid : 0);
        Assert.Equal(end == "cancelled" ? 0 : 1, await OpenCouponsAsync(bought));
    }

    [Theory]
    [InlineData("Refundless")]
    [InlineData("Refundunknown")]
    public async Task What_was_quoted_comes_back_whatever_the_airline_gives_and_people_hear_of_the_difference(string surname)
    {
        var bought = await BuyAsync("happy", "economy", 3, legs: 1, new Traveller("adult", "Lea", surname));

        await GiveBackAsync(bought, new { });

        await BooksSayAsync(bought, bought.Paid);
        var staff = aerona.Token("support", "sue@aerona.example");
        await EventuallyAsync(async () =>
            (await Client.GetAsync($"/v1/support/cases?bookingId={bought.Journey.Id}&kind=refund-differs", staff, Stop)).GetProperty("cases").GetArrayLength() == 1 ? null : "no case");
    }

    private async Task<Bought> BuyAsync(string payer, string cabin, int daysAhead, int legs, params Traveller[] party)
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var flights = new List<object>();
        var day = today.AddDays(daysAhead);
        foreach (var (origin, destination) in new[] { ("SGN", "HAN"), ("HAN", "SGN") }.Take(legs))
        {
            // The flight back leaves a day later, so that it is after the first in any case.
            flights.Add(new { flightId = await FlightAsync(origin, destination, day, party), cabin });
            day = day.AddDays(1);
        }

        var offer = await Client.PostAsync("/v1/offers", new { flights, passengers = party.Select(person => new { type = person.Type }) }, null, Stop);
        var journey = (await Client.BookAsync(offer, party, Stop)).Journey;
        var order = await Client.PayAsync(journey, payer);
        var view = await Client.UntilAsync(journey, Answers.IsFinal);
        Assert.Equal("confirmed", view.State());
        return new(journey, order, view.GetProperty("money").Amount("captured"));
    }

    private async Task<string> FlightAsync(string origin, string destination, DateOnly day, Traveller[] party)
    {
        for (var later = 0; later < 3; later++)
        {
            var found = (await Client.SearchAsync(origin, destination, day.AddDays(later), party, Stop)).GetProperty("flights");
            if (found.GetArrayLength() > 0)
            {
                return found[0].Text("flightId");
            }
        }

        throw new InvalidOperationException($"no flight from {origin} to {destination} from {day.ToString("O", CultureInfo.InvariantCulture)} on");
    }

    private async Task<JsonElement> GiveBackAsync(Bought bought, object wish, string? token = null)
    {
        var quoted = await QuoteAsync(bought, wish, token);
        await ConfirmAsync(bought, quoted);
        return await UntilAsync(bought, quoted, "cancelled");
    }

    private async Task<JsonElement> QuoteAsync(Bought bought, object wish, string? token = null)
    {
        var asked = await Client.PostAsync($"/v1/bookings/{bought.Journey.Id}/cancellations", wish, token ?? bought.Journey.Token, Stop);
        return await UntilAsync(bought, asked, "quoted");
    }

    private Task<JsonElement> ConfirmAsync(Bought bought, JsonElement quoted) => Client.PostAsync(
        $"{Path(bought, quoted)}/confirmations", new { quoteId = quoted.GetProperty("quote").Text("id") }, bought.Journey.Token, Stop);

    private static string Path(Bought bought, JsonElement cancellation) => $"/v1/bookings/{bought.Journey.Id}/cancellations/{cancellation.Text("id")}";

    /// <summary>Follows a cancellation until it stands there.</summary>
    private async Task<JsonElement> UntilAsync(Bought bought, JsonElement cancellation, string state)
    {
        JsonElement view = default;
        await EventuallyAsync(async () =>
        {
            view = await Client.GetAsync(Path(bought, cancellation), bought.Journey.Token, Stop);
            Assert.True(view.State() == state || view.State() is not ("lapsed" or "refused" or "cancelled"), $"{view}");
            return view.State() == state ? null : $"{view.State()} instead of {state}: {view}";
        });
        return view;
    }

    private async Task IsPartlyGivenBackAsync(Bought bought, JsonElement cancelled, int couponsLeft)
    {
        var refund = cancelled.GetProperty("quote").Amount("refund");
        Assert.InRange(refund, 0, bought.Paid);
        await Client.UntilAsync(bought.Journey, view => view.State() == "confirmed" && view.GetProperty("money").Amount("refunded") == refund);
        await BooksSayAsync(bought, refund);
        Assert.Equal(couponsLeft, await OpenCouponsAsync(bought));
        await MailAsync(bought.Journey, "a part of your booking is cancelled");
    }

    /// <summary>PayPal's books, ours and the coupons agree: what was given back, and nothing twice.</summary>
    private async Task BooksSayAsync(Bought bought, decimal refunded)
    {
        await EventuallyAsync(async () =>
            (await Client.PayPalsBooksAsync(bought.Order, Stop)) is var books && (books.Amount("captured"), books.Amount("refunded")) == (bought.Paid, refunded)
                ? null
                : $"PayPal's books say {books}; {refunded} of {bought.Paid} should have gone back");
        // I2, I4: what was cancelled cannot be flown.
        Assert.Equal(0, await aerona.CountAsync("bookings", $"""
            SELECT count(*) FROM cancellation_state WHERE {Same("booking_id", bought)} AND current_state IN ('Refunding', 'Cancelled') AND cancelled_at IS NULL
            """));
    }

    private Task<long> RefundsAsync(Bought bought) => aerona.CountAsync("bookings", $"""
        SELECT count(*) FROM cancellation_state WHERE {Same("booking_id", bought)} AND current_state = 'Cancelled' AND refunds <> '[]'
        """);

    /// <summary>Coupons that can still be flown.</summary>
    private async Task<int> OpenCouponsAsync(Bought bought)
    {
        var open = 0;
        foreach (var passenger in (await Client.ViewAsync(bought.Journey, Stop)).GetProperty("passengers").EnumerateArray())
        {
            var ticket = await Client.GetAsync($"/v1/tickets/{passenger.Text("ticketNumber")}", bought.Journey.Token, Stop);
            open += ticket.GetProperty("coupons").EnumerateArray().Count(coupon => coupon.Text("status") == "open");
        }

        return open;
    }

    private static string Same(string column, Bought bought) => $"upper(CAST({column} AS TEXT)) = upper('{bought.Journey.Id}')";

    private Task MailAsync(Journey journey, string subject) => EventuallyAsync(async () =>
        (await Client.MailsAsync(journey.Email, Stop)).Any(mail => mail.Text("subject").Contains(subject, StringComparison.OrdinalIgnoreCase)) ? null : $"no mail with {subject} in its subject");

    /// <summary>Until nothing is wrong any more, two minutes at the most.</summary>
    private static async Task EventuallyAsync(Func<Task<string?>> wrong)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await wrong() is { } what)
        {
            try
            {
                await pause.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!Stop.IsCancellationRequested)
            {
                throw new TimeoutException(what);
            }
        }
    }

    /// <param name="Journey">The booking.</param>
    /// <param name="Order">PayPal's.</param>
    /// <param name="Paid">What was taken.</param>
    private sealed record Bought(Journey Journey, string Order, decimal Paid);
}
