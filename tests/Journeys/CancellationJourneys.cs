using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.AllInOne.Commands;
using Xunit;

namespace Aerona.Journeys;

/// <summary>Every journey of a cancellation, under way side by side in one Aerona with <see cref="Settings"/>.</summary>
public abstract class CancellationsUnderWay(IAerona aerona) : IAsyncLifetime
{
    private const int AtOnce = 10;

    private SideBySide<CancellationJourneys>? underWay;

    /// <summary>What an Aerona for these journeys is started with.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        // What comes without an answer is looked up soon; an answer that is only slow is found by that as well.
        ["Cancellation__Supplier"] = "00:00:20",
        ["Cancellation__LookUp"] = "00:00:02",

        // Longer than an airline that takes its time, short enough to see it given up.
        ["Cancellation__Quote"] = "00:00:40",

        // Few are sold in euros here, and those need a second person.
        ["Cancellation__ApprovalAbove__EUR"] = "0",
    };

    public ValueTask InitializeAsync()
    {
        underWay = new(_ => new(aerona), journeys => journeys.MoneyIsRightAsync(), AtOnce);
        return ValueTask.CompletedTask;
    }

    /// <summary>How a journey ended; throws what went wrong in it.</summary>
    public Task OfAsync(string journey) => underWay!.OfAsync(journey);

    public ValueTask DisposeAsync() => underWay!.DisposeAsync();
}

/// <summary>Judges each of them.</summary>
public abstract class CancellationTests(CancellationsUnderWay underWay)
{
    public static TheoryData<string> Journeys { get; } = [.. SideBySide<CancellationJourneys>.All.Select(journey => journey.Name)];

    [Theory]
    [MemberData(nameof(Journeys))]
    public Task Each_ends_as_its_name_says_and_money_is_right(string journey) => underWay.OfAsync(journey);
}

/// <summary>
/// What is bought is given back over HTTP, whole and in part, by each rule, whoever answers late, wrongly or not at all; checked against PayPal's own books, the tickets and
/// the seats. docs/cancellations.md says which journey goes which way.
/// </summary>
internal sealed class CancellationJourneys(IAerona aerona)
{
    private static readonly object[] SecondFlight = [new { passengerId = "p1", segmentOrdinal = 2 }];

    private readonly List<Guid> booked = [];

    private string Sue => aerona.Token("senior-support", "sue@aerona.example");

    private string Fin => aerona.Token("senior-support", "fin@aerona.example");

    private AeronaClient Client => new(aerona.Http);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>After the journey: the invariants of money, by SQL, for what was booked in it.</summary>
    internal async Task MoneyIsRightAsync()
    {
        Assert.NotEmpty(booked);
        foreach (var booking in booked)
        {
            await aerona.MoneyIsRightAsync(booking);
        }
    }

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

    public async Task A_flight_far_ahead_comes_back_whole_by_our_own_promise_and_the_rest_is_flown()
    {
        var bought = await BuyAsync("happy", "economy", 9, legs: 2, new Traveller("adult", "Paul", "Promise"));

        var quoted = await GiveBackAsync(bought, new { coupons = SecondFlight });

        Assert.Equal("ourPromise", quoted.GetProperty("quote").Text("rule"));
        await IsPartlyGivenBackAsync(bought, quoted, couponsLeft: 1);
    }

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

    public async Task The_airlines_own_cancellation_gives_everything_back_whatever_the_fare_and_only_staff_say_so()
    {
        var bought = await BuyAsync("happy", "economy", 2, legs: 2, new Traveller("adult", "Ivan", "Involuntary"));
        var wish = new { coupons = SecondFlight, cause = "involuntary" };
        var refused = await Assert.ThrowsAsync<CommandFailedException>(() => Client.PostAsync($"/v1/bookings/{bought.Journey.Id}/cancellations", wish, bought.Journey.Token, Stop));

        var quoted = await GiveBackAsync(bought, wish, Sue);

        Assert.Equal(403, refused.Status);
        var lines = quoted.GetProperty("quote").GetProperty("lines").EnumerateArray().ToList();
        Assert.Equal("involuntary", quoted.GetProperty("quote").Text("rule"));
        Assert.All(lines, line => Assert.Equal(line.Amount("paid"), line.Amount("back")));
        await IsPartlyGivenBackAsync(bought, quoted, couponsLeft: 1);
    }

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

    public async Task A_refund_that_PayPal_refuses_is_given_back_by_hand_and_the_booking_is_cancelled_all_the_while()
    {
        var bought = await BuyAsync("refund-declined", "economy", 3, legs: 1, new Traveller("adult", "Rex", "Refused"));
        var quoted = await QuoteAsync(bought, new { });
        await ConfirmAsync(bought, quoted);

        var delayed = await UntilAsync(bought, quoted, "refundDelayed");
        await Client.UntilAsync(bought.Journey, view => view.State() == "cancelled");
        await MailAsync(bought.Journey, "takes longer");
        await Client.PostAsync(Decisions(quoted), new { decision = "refundedByHand", reason = "Wired today.", reference = "WIRE-1" }, Fin, Stop);
        var done = await UntilAsync(bought, quoted, "cancelled");

        Assert.Equal("delayed", delayed.GetProperty("refund").Text("place"));
        Assert.Equal(("refunded", "arranged", "WIRE-1"), (done.GetProperty("refund").Text("place"), done.GetProperty("refund").Text("destination"), done.GetProperty("refund").Text("reference")));
        await BooksSayAsync(bought, 0);
    }

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

    public Task A_cancellation_whose_answer_is_lost_is_found_and_paid_out_then() => IsLookedUpAsync("Canceltimeoutafter", "cancelled");

    public Task A_cancellation_that_never_arrived_is_not_made_and_nothing_is_paid_out() => IsLookedUpAsync("Canceltimeoutbefore", "refused");

    /// <summary>Never told again, and no money moves before it is known.</summary>
    private async Task IsLookedUpAsync(string surname, string end)
    {
        var bought = await BuyAsync("happy", "economy", 3, legs: 1, new Traveller("adult", end == "cancelled" ? "Una" : "Uno", surname));
        var quoted = await QuoteAsync(bought, new { });
        await ConfirmAsync(bought, quoted);
        await UntilAsync(bought, quoted, "cancelUnknown");
        await BooksSayAsync(bought, 0);

        await UntilAsync(bought, quoted, end);

        await Client.UntilAsync(bought.Journey, view => view.State() == (end == "cancelled" ? "cancelled" : "confirmed"));
        await BooksSayAsync(bought, end == "cancelled" ? bought.Paid : 0);
        Assert.Equal(end == "cancelled" ? 0 : 1, await OpenCouponsAsync(bought));
    }

    public Task What_was_quoted_comes_back_where_the_airline_gives_less() => ComesBackAsQuotedAsync("Refundless");

    public Task What_was_quoted_comes_back_where_the_airline_does_not_say_what_it_gives() => ComesBackAsQuotedAsync("Refundunknown");

    /// <summary>And people hear of the difference.</summary>
    private async Task ComesBackAsQuotedAsync(string surname)
    {
        var bought = await BuyAsync("happy", "economy", 3, legs: 1, new Traveller("adult", "Lea", surname));

        await GiveBackAsync(bought, new { });

        await BooksSayAsync(bought, bought.Paid);
        await CaseAsync(bought, "refund-differs");
    }

    public async Task What_comes_back_is_unknown_and_shown_so_until_two_of_our_staff_agree()
    {
        var bought = await BuyOutsideAsync("OSL", "ARN", new Traveller("adult", "Olga", "Unknown", "female"));
        var quoted = await QuoteAsync(bought, new { });
        var quote = quoted.GetProperty("quote");
        Assert.Equal((JsonValueKind.Null, false), (quote.GetProperty("refund").ValueKind, quote.GetProperty("amountIsKnown").GetBoolean()));
        Assert.Equal("cancellation.amount_unknown", await RefusedAsync($"{Path(bought, quoted)}/confirmations", new { quoteId = quote.Text("id") }, bought.Journey.Token, 409));
        await Client.PostAsync($"{Path(bought, quoted)}/confirmations", new { quoteId = quote.Text("id"), acceptUnknownAmount = true }, bought.Journey.Token, Stop);
        await UntilAsync(bought, quoted, "awaitingAmount");
        await BooksSayAsync(bought, 0);

        // Never more than was paid, and who names an amount does not agree to it as well.
        var half = Math.Floor(bought.Paid / 2);
        Assert.Equal("cancellation.amount_too_much", await RefusedAsync(Decisions(quoted), Amount(bought.Paid + 1), Sue, 400));
        await Client.PostAsync(Decisions(quoted), Amount(half), Sue, Stop);
        await DecidableAsync(quoted, Fin, "approve");
        Assert.Equal("cancellation.another_person", await RefusedAsync(Decisions(quoted), new { decision = "approve", reason = "Mine." }, Sue, 403));
        await Client.PostAsync(Decisions(quoted), new { decision = "approve", reason = "As the airline wrote." }, Fin, Stop);
        await UntilAsync(bought, quoted, "cancelled");

        await BooksSayAsync(bought, half);

        object Amount(decimal amount) => new
        {
            decision = "setAmount",
            reason = "The airline's letter.",
            amount = new { amount = amount.ToString("0.00", CultureInfo.InvariantCulture), currency = "EUR" },
        };
    }

    public async Task A_quote_that_takes_the_airline_long_is_waited_for()
    {
        var bought = await BuyAsync("happy", "economy", 3, legs: 1, new Traveller("adult", "Sam", "Quoteslow"));

        await GiveBackAsync(bought, new { });

        await BooksSayAsync(bought, bought.Paid);
    }

    public async Task A_quote_that_has_expired_when_it_comes_is_none()
    {
        var bought = await BuyAsync("happy", "economy", 3, legs: 1, new Traveller("adult", "Xenia", "Quoteexpires"));
        var asked = await Client.PostAsync($"/v1/bookings/{bought.Journey.Id}/cancellations", new { tellByMail = true }, bought.Journey.Token, Stop);

        var refused = await UntilAsync(bought, asked, "refused");

        Assert.Equal(JsonValueKind.Null, refused.GetProperty("quote").ValueKind);
        await MailAsync(bought.Journey, "is not cancelled");
        await StaysAsync(bought);
    }

    public async Task The_newest_quote_alone_can_be_confirmed_and_a_new_wish_takes_the_older_one_back()
    {
        var bought = await BuyAsync("happy", "economy", 3, legs: 1, new Traveller("adult", "Nina", "Newer"));
        var first = await QuoteAsync(bought, new { });
        await Client.PostAsync($"{Path(bought, first)}/quotes", new { }, bought.Journey.Token, Stop);
        var older = first.GetProperty("quote").Text("id");
        JsonElement newer = default;
        await EventuallyAsync(async () =>
            (newer = await Client.GetAsync(Path(bought, first), bought.Journey.Token, Stop)).State() == "quoted" && newer.GetProperty("quote").Text("id") != older ? null : $"no newer quote: {newer}");
        Assert.Equal("cancellation.quote_not_newest", await RefusedAsync($"{Path(bought, first)}/confirmations", new { quoteId = older }, bought.Journey.Token, 409));

        var second = await QuoteAsync(bought, new { });
        await UntilAsync(bought, first, "lapsed");
        Assert.Equal("cancellation.ended", await RefusedAsync($"{Path(bought, first)}/confirmations", new { quoteId = newer.GetProperty("quote").Text("id") }, bought.Journey.Token, 409));
        await ConfirmAsync(bought, second);
        await UntilAsync(bought, second, "cancelled");

        await BooksSayAsync(bought, bought.Paid);
        Assert.Equal(1, await RefundsAsync(bought));
    }

    public async Task A_quote_of_another_booking_confirms_nothing()
    {
        var mine = await BuyAsync("happy", "economy", 3, legs: 1, new Traveller("adult", "Mona", "Mine"));
        var other = await BuyAsync("happy", "economy", 3, legs: 1, new Traveller("adult", "Otto", "Other"));
        var (myQuote, othersQuote) = (await QuoteAsync(mine, new { }), await QuoteAsync(other, new { }));
        var others = new { quoteId = othersQuote.GetProperty("quote").Text("id") };

        Assert.Equal("cancellation.quote_not_newest", await RefusedAsync($"{Path(mine, myQuote)}/confirmations", others, mine.Journey.Token, 409));
        Assert.Equal("cancellation.not_found", await RefusedAsync($"{Path(mine, othersQuote)}/confirmations", others, mine.Journey.Token, 404));
        Assert.Equal("cancellation.not_found", await RefusedAsync($"{Path(other, othersQuote)}/confirmations", others, mine.Journey.Token, 404));

        await StaysAsync(mine);
        await StaysAsync(other);
    }

    public async Task What_a_client_says_about_the_amount_counts_for_nothing()
    {
        var bought = await BuyAsync("happy", "economy", 2, legs: 2, new Traveller("adult", "Greta", "Greedy"));
        var quoted = await QuoteAsync(bought, new { coupons = SecondFlight });
        var quote = quoted.GetProperty("quote");
        var much = new { amount = "99999.00", currency = "KWD" };

        Assert.Equal("request.unknown_field", await RefusedAsync($"{Path(bought, quoted)}/confirmations", new { quoteId = quote.Text("id"), amount = much }, bought.Journey.Token, 400));
        Assert.Equal("request.unknown_field", await RefusedAsync($"/v1/bookings/{bought.Journey.Id}/cancellations", new { refund = much }, bought.Journey.Token, 400));

        await BooksSayAsync(bought, 0);
    }

    public async Task A_cancellation_taken_back_before_it_is_confirmed_leaves_everything_as_it_is()
    {
        var bought = await BuyAsync("happy", "economy", 3, legs: 1, new Traveller("adult", "Wilma", "Withdrawn"));
        var quoted = await QuoteAsync(bought, new { });
        await Client.PostAsync($"{Path(bought, quoted)}/withdrawals", new { }, bought.Journey.Token, Stop);
        var lapsed = await UntilAsync(bought, quoted, "lapsed");

        Assert.Equal("cancellation.withdrawn", lapsed.Text("notCancelledBecause"));
        Assert.Equal("cancellation.ended", await RefusedAsync($"{Path(bought, quoted)}/confirmations", new { quoteId = quoted.GetProperty("quote").Text("id") }, bought.Journey.Token, 409));
        await StaysAsync(bought);
    }

    public async Task A_large_refund_waits_for_a_second_person_who_agrees()
    {
        var (bought, quoted) = await UntilApprovalAsync("Agnes");
        Assert.Equal("cancellation.another_person", await RefusedAsync(Decisions(quoted), new { decision = "approve", reason = "Mine." }, Sue, 403));
        await BooksSayAsync(bought, 0);

        await Client.PostAsync(Decisions(quoted), new { decision = "approve", reason = "Looked at." }, Fin, Stop);
        await UntilAsync(bought, quoted, "cancelled");

        await Client.UntilAsync(bought.Journey, view => view.State() == "cancelled");
        await BooksSayAsync(bought, bought.Paid);
    }

    public async Task A_large_refund_that_the_second_person_declines_is_not_made_and_nothing_is_cancelled()
    {
        var (bought, quoted) = await UntilApprovalAsync("Dennis");

        await Client.PostAsync(Decisions(quoted), new { decision = "refuse", reason = "Not like this." }, Fin, Stop);
        var refused = await UntilAsync(bought, quoted, "refused");

        Assert.Equal("cancellation.not_approved", refused.Text("notCancelledBecause"));
        await StaysAsync(bought);
    }

    public async Task A_large_refund_can_be_taken_back_while_it_waits_for_the_second_person()
    {
        var (bought, quoted) = await UntilApprovalAsync("Tilda");

        await Client.PostAsync($"{Path(bought, quoted)}/withdrawals", new { }, bought.Journey.Token, Stop);
        await UntilAsync(bought, quoted, "lapsed");

        Assert.Equal("cancellation.decision_not_possible", await RefusedAsync(Decisions(quoted), new { decision = "approve", reason = "Too late." }, Fin, 409));
        await StaysAsync(bought);
    }

    public async Task A_refund_that_PayPal_works_on_is_made_when_it_says_so()
    {
        var (bought, quoted) = await UntilRefundIsPendingAsync("Pia");

        await PayPalDecidesAsync(bought, accept: true);
        var done = await UntilAsync(bought, quoted, "cancelled");

        Assert.Equal("refunded", done.GetProperty("refund").Text("place"));
        await BooksSayAsync(bought, bought.Paid);
    }

    public async Task A_refund_that_PayPal_works_on_and_then_denies_is_asked_for_again_by_staff()
    {
        var (bought, quoted) = await UntilRefundIsPendingAsync("Pim");

        await PayPalDecidesAsync(bought, accept: false);
        await UntilAsync(bought, quoted, "refundDelayed");
        await CaseAsync(bought, "refund-refused");
        await Client.PostAsync(Decisions(quoted), new { decision = "refundAgain", reason = "PayPal says that it works now." }, Fin, Stop);
        await EventuallyAsync(async () => (await Client.GetAsync(Path(bought, quoted), bought.Journey.Token, Stop)).GetProperty("refund").Text("place") == "pending" ? null : "not asked for again");
        await PayPalDecidesAsync(bought, accept: true);
        await UntilAsync(bought, quoted, "cancelled");

        await BooksSayAsync(bought, bought.Paid);
    }

    public Task A_refund_whose_answer_is_lost_is_made_once() => IsRefundedOnceAsync("timeout-after-refund", "Alma");

    public Task A_refund_that_never_arrived_is_made_once() => IsRefundedOnceAsync("timeout-before-refund", "Berta");

    public Task A_refund_that_PayPal_made_and_answered_with_an_error_is_made_once() => IsRefundedOnceAsync("error-after-refund", "Carla");

    private async Task IsRefundedOnceAsync(string payer, string givenName)
    {
        var bought = await BuyAsync(payer, "economy", 3, legs: 1, new Traveller("adult", givenName, "Once"));

        await GiveBackAsync(bought, new { });

        await BooksSayAsync(bought, bought.Paid);
        Assert.Equal(1, await RefundsAsync(bought));
    }

    /// <summary>Asked for and confirmed by Sue, in a currency that needs a second person.</summary>
    private async Task<(Bought Bought, JsonElement Quoted)> UntilApprovalAsync(string givenName)
    {
        var bought = await BuyAsync("happy", "economy", 3, legs: 1, "EUR", new Traveller("adult", givenName, "Large"));
        var quoted = await QuoteAsync(bought, new { }, Sue);
        await Client.PostAsync($"{Path(bought, quoted)}/confirmations", new { quoteId = quoted.GetProperty("quote").Text("id") }, Sue, Stop);
        await UntilAsync(bought, quoted, "awaitingApproval");
        return (bought, quoted);
    }

    private async Task<(Bought Bought, JsonElement Quoted)> UntilRefundIsPendingAsync(string givenName)
    {
        var bought = await BuyAsync("refund-pending", "economy", 3, legs: 1, new Traveller("adult", givenName, "Pending"));
        var quoted = await QuoteAsync(bought, new { });
        await ConfirmAsync(bought, quoted);
        await EventuallyAsync(async () =>
            await Client.GetAsync(Path(bought, quoted), bought.Journey.Token, Stop) is var view && view.TryGetProperty("refund", out var refund) && refund.ValueKind == JsonValueKind.Object
                && refund.Text("place") == "pending" ? null : $"PayPal does not work on it: {view}");
        // It is cancelled all the same: what PayPal still works on holds nobody up.
        await Client.UntilAsync(bought.Journey, view => view.State() == "cancelled");
        await BooksSayAsync(bought, 0);
        return (bought, quoted);
    }

    private Task PayPalDecidesAsync(Bought bought, bool accept) => EventuallyAsync(async () =>
    {
        using var body = JsonContent.Create(new { accept });
        using var answer = await Client.SendAsync(HttpMethod.Post, $"/sandbox/paypal/checkout/{bought.Order}/decision", body, null, null, Stop);
        return answer.StatusCode == HttpStatusCode.NoContent ? null : $"PayPal has nothing to decide: {answer.StatusCode}";
    });

    private static string Decisions(JsonElement cancellation) => $"/v1/support/cancellations/{cancellation.Text("id")}/decisions";

    /// <summary>Until a member of staff may decide that.</summary>
    private Task DecidableAsync(JsonElement cancellation, string staff, string decision) => EventuallyAsync(async () =>
        (await Client.GetAsync($"/v1/support/cancellations/{cancellation.Text("id")}", staff, Stop)).GetProperty("possible").EnumerateArray().Any(possible => possible.GetString() == decision)
            ? null : $"{decision} is not possible");

    private Task CaseAsync(Bought bought, string kind) => EventuallyAsync(async () =>
        (await Client.GetAsync($"/v1/support/cases?bookingId={bought.Journey.Id}&kind={kind}", Sue, Stop)).GetProperty("cases").GetArrayLength() == 1 ? null : $"no case {kind}");

    /// <summary>Nothing was cancelled: the booking, its tickets and the money are as they were, and it can be asked again.</summary>
    private async Task StaysAsync(Bought bought)
    {
        await Client.UntilAsync(bought.Journey, view => view.State() == "confirmed"
            && view.GetProperty("availableActions").EnumerateArray().Any(action => action.GetString() == "quoteCancellation"));
        await BooksSayAsync(bought, 0);
        Assert.True(await OpenCouponsAsync(bought) > 0);
    }

    /// <summary>The code of the problem that a call is refused with.</summary>
    private async Task<string> RefusedAsync(string path, object body, string token, int status)
    {
        using var content = JsonContent.Create(body);
        using var answer = await Client.SendAsync(HttpMethod.Post, path, content, token, Guid.NewGuid().ToString(), Stop);
        var text = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True((int)answer.StatusCode == status, $"{(int)answer.StatusCode} instead of {status}: {text}");
        var problem = JsonDocument.Parse(text).RootElement;
        return problem.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array && errors.GetArrayLength() > 0 ? errors[0].Text("code") : problem.Text("code");
    }

    private Task<Bought> BuyAsync(string payer, string cabin, int daysAhead, int legs, params Traveller[] party) => BuyAsync(payer, cabin, daysAhead, legs, null, party);

    private async Task<Bought> BuyAsync(string payer, string cabin, int daysAhead, int legs, string? currency, params Traveller[] party)
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

        var offer = await Client.PostAsync("/v1/offers", new { flights, passengers = party.Select(person => new { type = person.Type }), currency }, null, Stop);
        return await PayForAsync(offer, payer, party);
    }

    /// <summary>A flight of airline ZZ.</summary>
    private async Task<Bought> BuyOutsideAsync(string origin, string destination, params Traveller[] party)
    {
        var day = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(20);
        var found = await Client.LiveOffersAsync(origin, destination, day, party, Stop);
        Assert.True(found.GetProperty("offers").GetArrayLength() > 0, found.ToString());
        return await PayForAsync(found.GetProperty("offers")[0], "happy", party);
    }

    private async Task<Bought> PayForAsync(JsonElement offer, string payer, Traveller[] party)
    {
        var journey = (await Client.BookAsync(offer, party, Stop)).Journey;
        booked.Add(journey.Id);
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
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
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
