using System.Globalization;
using System.Net;
using System.Text.Json;
using Aerona.AllInOne.Commands;
using Aerona.Journeys;
using Xunit;

namespace Aerona.AllInOne.Tests.Scenarios;

/// <summary>
/// What can become of a booking, each told by its public methods' names and lived through over HTTP. At its end the booking, PayPal's books and the airline's
/// seats must say the same.
/// </summary>
internal sealed partial class BookingScenarios(IAerona aerona, string staff, string flightId)
{
    private const int Patience = 150;

    private readonly List<Journey> journeys = [];

    private readonly AeronaClient client = new(aerona.Http);

    /// <summary>After the scenario: the invariants of money, by SQL, for what was booked in it.</summary>
    internal async Task MoneyIsRightAsync()
    {
        Assert.NotEmpty(journeys);
        foreach (var journey in journeys)
        {
            await aerona.MoneyIsRightAsync(journey.Id);
        }
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private async Task<Journey> BookAsync(string givenName, string surname = "Traveller", bool payLater = false)
    {
        Traveller[] party = [new("adult", givenName, surname)];
        var (journey, _) = await client.BookAsync(await client.OfferAsync(flightId, party, Stop), party, Stop, payLater: payLater);
        journeys.Add(journey);
        return journey;
    }

    /// <summary>Waits until the booking is in that state and the rest is true, too; an end before that is a failure.</summary>
    private async Task<JsonElement> UntilAsync(Journey journey, string state, Func<JsonElement, bool>? also = null)
    {
        var view = await client.UntilAsync(journey, seen => seen.IsFinal() || (seen.State() == state && also?.Invoke(seen) != false), Patience);
        Assert.Equal(state, view.State());
        return view;
    }

    private Task<JsonElement> UntilPayableAsync(Journey journey, string state = "awaitingPayment", string? notOrder = null) =>
        UntilAsync(journey, state, seen => seen.Text("approvalLink").Length > 0 && AeronaClient.PayPalOrder(seen) != notOrder);

    /// <summary>Waits for a link other than that order's and approves as that payer; returns PayPal's order.</summary>
    private async Task<string> PayAsync(Journey journey, string payer, string state = "awaitingPayment", string? notOrder = null)
    {
        var order = AeronaClient.PayPalOrder(await UntilPayableAsync(journey, state, notOrder));
        await client.ApproveAsync(order, payer, Stop);
        return order;
    }

    private Task RetryPaymentAsync(Journey journey) => client.PostAsync($"/v1/bookings/{journey.Id}/payments", new { }, journey.Token, Stop);

    private Task CancelAsync(Journey journey) => client.PostAsync($"/v1/bookings/{journey.Id}/cancellations", new { }, journey.Token, Stop);

    /// <summary>Asks until there is something of that order that PayPal has to decide, and decides it.</summary>
    private async Task PayPalDecidesAsync(string order, bool accept) => await EventuallyAsync(
        async () =>
        {
            using var answer = await client.SendAsync(
                HttpMethod.Post, $"/sandbox/paypal/checkout/{order}/decision", System.Net.Http.Json.JsonContent.Create(new { accept }), null, null, Stop);
            return answer.StatusCode == HttpStatusCode.NoContent ? [] : [$"PayPal has nothing to decide about {order}: {answer.StatusCode}"];
        });

    /// <summary>The mail whose subject contains that; the traveller gets it sooner or later.</summary>
    private async Task<JsonElement> MailAsync(Journey journey, string subject)
    {
        var found = default(JsonElement);
        await EventuallyAsync(async () =>
        {
            var mails = await client.MailsAsync(journey.Email, Stop);
            found = mails.FirstOrDefault(mail => mail.Text("subject").Contains(subject, StringComparison.OrdinalIgnoreCase));
            return found.ValueKind == JsonValueKind.Object
                ? []
                : [$"no mail '{subject}' to {journey.Email}, only: {string.Join(" | ", mails.Select(mail => mail.Text("subject")))}"];
        });
        return found;
    }

    /// <summary>The booking ends in that state, its traveller is told so, and after it nothing is held or reserved anywhere, and taken and sold is what the booking says.</summary>
    private async Task<JsonElement> EndsAsync(Journey journey, string state, string? because = null, bool paid = true)
    {
        var view = await client.UntilAsync(journey, Answers.IsFinal, Patience);
        Assert.True(state == view.State(), $"{view.State()} instead of {state}: {view}");
        if (because is not null)
        {
            Assert.Equal(because, view.GetProperty("failure").Text("reason"));
        }

        var confirmed = state == "confirmed";
        await BooksAgreeAsync(journey, sold: confirmed, taken: confirmed && paid ? view.GetProperty("money").Amount("total") : 0);
        await MailAsync(journey, state switch
        {
            "confirmed" => $"Booking {journey.Locator} confirmed",
            "expired" => "your booking expired",
            "cancelledBeforePurchase" => "your booking was cancelled",
            _ => "your booking was not completed",
        });
        return await client.ViewAsync(journey, Stop);
    }

    /// <summary>What the booking, Payments, PayPal and the airline say of money and seats; they may take a moment to agree.</summary>
    private Task BooksAgreeAsync(Journey journey, bool sold, decimal taken) => EventuallyAsync(async () =>
    {
        var problems = new List<string>();
        void Check(string what, object expected, object actual)
        {
            if (!Equals(expected, actual))
            {
                problems.Add($"{what}: {actual} instead of {expected}");
            }
        }

        var money = (await client.ViewAsync(journey, Stop)).GetProperty("money");
        Check("the booking says captured", taken, money.Amount("captured") - money.Amount("refunded"));
        Check("the booking says held", 0m, money.Amount("held"));

        var payments = (await client.GetAsync($"/v1/support/payments/{journey.Id}", staff, Stop)).GetProperty("payments").EnumerateArray().ToList();
        Check("payments captured", taken, payments.Sum(payment => payment.Amount("captured") - payment.Amount("refunded")));
        var atPayPal = 0m;
        foreach (var payment in payments.Where(payment => payment.Text("orderId").Length > 0))
        {
            var order = payment.Text("orderId");
            var books = await client.PayPalsBooksAsync(order, Stop);
            atPayPal += books.Amount("captured") - books.Amount("refunded");
            Check($"PayPal's order {order} has open", 0m, books.Amount("open"));
            Check($"PayPal's order {order} captured", payment.Amount("captured"), books.Amount("captured"));
            Check($"PayPal's order {order} refunded", payment.Amount("refunded"), books.Amount("refunded"));
        }

        Check("PayPal captured", taken, atPayPal);
        Check("holds that hold seats", 0L, await HoldsAsync(journey, "Held", "Pinned"));
        Check("holds that are sold", sold ? 1L : 0L, await HoldsAsync(journey, "Sold"));
        Check("airline orders", sold ? 1L : 0L, await aerona.CountAsync(
            "airlines", $"SELECT count(*) FROM house_order JOIN hold USING (hold_id) WHERE house_order.state = 'Confirmed' AND {OfBooking(journey)}"));
        Check("tickets that are good", sold ? 1L : 0L, await aerona.CountAsync(
            "airlines",
            $"SELECT count(*) FROM house_ticket JOIN house_order USING (order_id) JOIN hold USING (hold_id) WHERE house_ticket.voided_at IS NULL AND {OfBooking(journey)}"));
        return problems;
    });

    /// <summary>The booking's holds in these states; in any when none is named.</summary>
    private Task<long> HoldsAsync(Journey journey, params string[] states) => aerona.CountAsync(
        "airlines",
        $"SELECT count(*) FROM hold WHERE {OfBooking(journey)}{(states.Length == 0 ? "" : $" AND state IN ({string.Join(", ", states.Select(state => $"'{state}'"))})")}");

    private static string OfBooking(Journey journey) => $"upper(CAST(booking_id AS TEXT)) = upper('{journey.Id}')";

    /// <summary>When the booking's first seats were held.</summary>
    private async Task<DateTimeOffset> HeldAtAsync(Journey journey)
    {
        var at = default(DateTimeOffset);
        await EventuallyAsync(async () =>
        {
            var held = (await client.TimelineAsync(journey, Stop)).FirstOrDefault(entry => entry.Text("kind") == "seats.held");
            at = held.ValueKind == JsonValueKind.Object ? DateTimeOffset.Parse(held.Text("at"), CultureInfo.InvariantCulture) : default;
            return held.ValueKind == JsonValueKind.Object ? [] : ["seats.held is not on the timeline"];
        });
        return at;
    }

    /// <summary>Whether the booking passed that state, which may be over before anybody looks.</summary>
    private Task WasInAsync(Journey journey, string state) => EventuallyAsync(async () =>
    {
        var kinds = (await client.TimelineAsync(journey, Stop)).Select(entry => entry.Text("kind")).ToList();
        return kinds.Contains($"state.{JsonNamingPolicy.SnakeCaseLower.ConvertName(state)}") ? [] : [$"never in {state}: {string.Join(", ", kinds)}"];
    });

    private async Task UntilThePriceIsOldAsync(Journey journey)
    {
        var old = await HeldAtAsync(journey) + HastyAerona.PriceFor;
        await EventuallyAsync(() => Task.FromResult<IReadOnlyList<string>>(TimeProvider.System.GetUtcNow() > old ? [] : [$"the price is good until {old:O}"]));
    }

    private Task CaseAsync(Journey journey, string kind) => EventuallyAsync(async () =>
    {
        var cases = (await client.ViewAsync(journey, Stop)).GetProperty("cases").EnumerateArray().Select(opened => opened.Text("kind")).ToList();
        return cases.Contains(kind) ? [] : [$"no case {kind}, only: {string.Join(", ", cases)}"];
    });

    /// <summary>Looks again and again until nothing is wrong; what is still wrong in the end is thrown.</summary>
    private static async Task EventuallyAsync(Func<Task<IReadOnlyList<string>>> wrong)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(Patience));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (true)
        {
            var problems = await wrong();
            if (problems.Count == 0)
            {
                return;
            }

            try
            {
                await pause.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!Stop.IsCancellationRequested)
            {
                throw new TimeoutException($"still wrong after {Patience} s:\n{string.Join("\n", problems)}");
            }
        }
    }
}
