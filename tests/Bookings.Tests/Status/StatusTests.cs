using System.Net;
using System.Text.Json;
using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Operations;
using Aerona.Contracts.Payments;
using Aerona.Sagas.Booking;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Tests.Status;

public sealed class StatusTests
{
    [Fact]
    public void Every_state_of_the_machine_is_a_stage_with_words()
    {
        var machine = new BookingStateMachine(TimeProvider.System, new());
        var states = machine.States.Select(state => state.Name).Except(["Initial", "Final"]).Append("Submitted").Order();

        Assert.Equal(states, Enum.GetNames<BookingStage>().Order());
        Assert.All(Enum.GetValues<BookingStage>(), stage => Assert.NotEmpty(BookingWords.Of(stage).Begun));
    }

    [Fact]
    public async Task The_status_says_what_is_awaited_until_when_and_what_happens_then()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);

        var view = await desk.ViewAsync(id, token);

        Assert.Equal("awaitingPayment", view.GetProperty("state").GetString());
        Assert.Equal("https://pay.example/1", view.GetProperty("approvalLink").GetString());
        Assert.Equal(desk.Now.AddMinutes(15), view.GetProperty("until").GetDateTimeOffset());
        Assert.Contains("expires", view.GetProperty("then").GetString());
        Assert.Equal(["cancel", "retryPayment"], Actions(view));
        Assert.Equal(("518.00", "0.00", "0.00"), Money(view));
    }

    [Fact]
    public async Task Money_is_shown_as_held_then_as_taken()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        await desk.UntilCommitAsync(id);

        var committing = await desk.ViewAsync(id, token);
        await desk.UntilConfirmedAsync(id);
        var confirmed = await desk.ViewAsync(id, token);

        Assert.Equal(("committing", "518.00"), (committing.GetProperty("state").GetString(), Money(committing).Held));
        Assert.Equal("confirmed", confirmed.GetProperty("state").GetString());
        Assert.Equal(("518.00", "0.00", "518.00"), Money(confirmed));
        Assert.Equal("7381234567892", confirmed.GetProperty("passengers")[2].GetProperty("ticketNumber").GetString());
        Assert.Equal("ABC234", confirmed.GetProperty("locators")[1].GetProperty("code").GetString());
        Assert.Equal("receipt.pdf", confirmed.GetProperty("documents")[0].GetProperty("fileName").GetString());
        Assert.Equal(JsonValueKind.Null, confirmed.GetProperty("then").ValueKind);
        Assert.Equal(JsonValueKind.Null, confirmed.GetProperty("approvalLink").ValueKind);
        Assert.Equal(["quoteCancellation"], Actions(confirmed));
        Assert.Single(await desk.Service.Published<BookingConfirmed>());
    }

    [Fact]
    public async Task Chosen_seats_are_shown_and_where_other_cabins_moved_them_with_what_is_owed_back()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await SeatedAsync(desk, ["p1 12A", "p2 12B"]);
        JsonElement SeatOf(JsonElement view, int passenger) => Assert.Single(view.GetProperty("passengers")[passenger].GetProperty("seats").EnumerateArray());

        var before = await desk.ViewAsync(id, token);
        MovedSeat Move(string passengerId, string from, string? to, Contracts.Money? refund) =>
            new(id, passengerId, 1, Cabin.Economy, from, to, [SeatCharacteristic.ExitRow], new(4500, "EUR"), refund);
        await desk.Service.ConsumeAsync(new SeatsMoved(id, "VN55-20270201", [Move("p1", "12B", "30C", null), Move("p2", "12B", null, new(4500, "EUR"))], desk.Now.AddMinutes(1)));
        await desk.Service.ConsumeAsync(new SeatsMoved(id, "VN55-20270201", [Move("p1", "12A", "20F", null)], desk.Now));     // older, and late
        var after = await desk.ViewAsync(id, token);

        Assert.Equal("12A", SeatOf(before, 0).GetProperty("seat").GetString());
        Assert.Equal(JsonValueKind.Null, SeatOf(before, 0).GetProperty("movedFrom").ValueKind);
        Assert.Equal(("30C", "12A"), (SeatOf(after, 0).GetProperty("seat").GetString(), SeatOf(after, 0).GetProperty("movedFrom").GetString()));
        Assert.Equal(["window"], SeatOf(after, 0).GetProperty("characteristics").EnumerateArray().Select(one => one.GetString()));
        Assert.Equal((JsonValueKind.Null, "45.00"), (SeatOf(after, 1).GetProperty("seat").ValueKind, SeatOf(after, 1).GetProperty("refund").GetProperty("amount").GetString()));
        Assert.Empty(after.GetProperty("passengers")[2].GetProperty("seats").EnumerateArray());
    }

    [Fact]
    public async Task Whoever_has_a_baby_on_the_lap_is_refused_a_seat_at_an_exit_when_that_is_known()
    {
        await using var desk = await BookingDesk.StartAsync();

        var response = await BookSeatedAsync(desk, ["p1 12A"], SeatCharacteristic.ExitRow);

        Assert.Equal(400, (int)response.StatusCode);
        var error = Assert.Single((await BookingDesk.JsonAsync(response)).GetProperty("errors").EnumerateArray());
        Assert.Equal(("/passengers/0/id", "seat.exit_row"), (error.GetProperty("pointer").GetString(), error.GetProperty("code").GetString()));
        Assert.Equal(202, (int)(await BookSeatedAsync(desk, ["p2 12A"], SeatCharacteristic.ExitRow)).StatusCode);
    }

    private static async Task<(Guid Id, string Token)> SeatedAsync(BookingDesk desk, string[] seats)
    {
        var view = await BookingDesk.JsonAsync(await BookSeatedAsync(desk, seats, SeatCharacteristic.Window));
        return (view.GetProperty("id").GetGuid(), view.GetProperty("guestToken").GetString()!);
    }

    private static Task<HttpResponseMessage> BookSeatedAsync(BookingDesk desk, string[] seats, SeatCharacteristic has)
    {
        var offer = FakeOffers.Make(new DateTime(2027, 2, 1, 10, 0, 0), PassengerType.Adult, PassengerType.Adult, PassengerType.Infant);
        desk.Offers.Add(offer with { Seats = [.. seats.Select(seat => seat.Split(' ')).Select(parts => new ChosenSeat(parts[0], 1, parts[1], new(4500, "EUR"), [has]))] });
        return desk.PostAsync("/v1/bookings", desk.Request(offer.OfferId));
    }

    [Fact]
    public async Task After_a_declined_payment_the_status_waits_for_another_one_and_shows_no_old_link()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        var saga = await desk.SagaAsync(id);
        await desk.Service.ConsumeAsync(new PaymentApproved(id, saga.Payments[0].PaymentId));
        await desk.Service.ConsumeAsync(new SeatsPinned(id, saga.Holds[0].HoldId, 1));

        await desk.Service.ConsumeAsync(new PaymentDeclined(id, saga.Payments[0].PaymentId, "payment.declined"));

        var view = await desk.ViewAsync(id, token);
        Assert.Equal(("awaitingPayment", "The traveller to try another payment"), (view.GetProperty("state").GetString(), view.GetProperty("waitingFor").GetString()));
        Assert.Equal(JsonValueKind.Null, view.GetProperty("approvalLink").ValueKind);
        Assert.Equal(["cancel", "retryPayment"], Actions(view));
        Assert.Equal(saga.PaymentUntil, view.GetProperty("until").GetDateTimeOffset());
    }

    [Fact]
    public async Task A_failed_booking_says_why_and_holds_no_money()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        await desk.UntilCommitAsync(id);
        var saga = await desk.SagaAsync(id);

        await desk.Service.ConsumeAsync(new AirlineOrderRefused(id, saga.Orders[0].OrderId, "order.sold_out"));
        var undoing = await desk.ViewAsync(id, token);
        await desk.Service.ConsumeAsync(new PaymentVoided(id, saga.Payments[0].PaymentId, BookingDesk.Price));
        await desk.Service.ConsumeAsync(new SeatsReleased(id, saga.Holds[0].HoldId));
        var failed = await desk.ViewAsync(id, token);

        Assert.Equal(("compensating", "518.00"), (undoing.GetProperty("state").GetString(), Money(undoing).Held));
        Assert.Equal(("rejected", "0.00"), (failed.GetProperty("state").GetString(), Money(failed).Held));
        Assert.Equal("seats.lost", failed.GetProperty("failure").GetProperty("reason").GetString());
    }

    [Fact]
    public async Task The_timeline_tells_the_story_in_order_and_keeps_what_other_services_noted()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        await desk.Service.ConsumeAsync(new BookingNoted(id, "payment.opened", desk.Now, "ORDER-1"));
        await desk.Service.ConsumeAsync(new BookingCaseOpened(id, "capture-refused", "Look here.", desk.Now));

        var entries = (await BookingDesk.JsonAsync(await desk.GetAsync($"/v1/bookings/{id}/timeline", token))).GetProperty("entries");

        Assert.Equal(
            ["booking.submitted", "state.pricing", "state.holding_seats", "state.opening_payment", "state.awaiting_payment", "payment.opened", "case.opened"],
            entries.EnumerateArray().Select(x => x.GetProperty("kind").GetString()));
        Assert.All(entries.EnumerateArray(), entry => Assert.NotEmpty(entry.GetProperty("text").GetString()!));
        Assert.Equal("ORDER-1", entries[5].GetProperty("reference").GetString());
    }

    [Fact]
    public async Task A_fact_that_comes_too_late_stands_on_the_timeline()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        await desk.Service.ConsumeAsync(new BookingCancelRequested(id, desk.Now));
        var old = Guid.NewGuid();

        await desk.Service.ConsumeAsync(new SeatsHeld(id, old, 3, desk.Now, desk.Now));

        var entries = (await BookingDesk.JsonAsync(await desk.GetAsync($"/v1/bookings/{id}/timeline", token))).GetProperty("entries");
        var late = entries.EnumerateArray().Single(x => x.GetProperty("kind").GetString() == "late.seats_held");
        Assert.Equal(old.ToString(), late.GetProperty("reference").GetString());
        Assert.Contains(await desk.Service.Published<ReleaseSeats>(), release => release.HoldId == old);
    }

    [Fact]
    public async Task A_duplicate_message_leaves_one_entry()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        await desk.Service.ConsumeAsync(new OfferPriced(id, desk.Offers.Default.OfferId, desk.Offers.Default));

        var count = await desk.Service.Query<BookingsDbContext, int>(db => db.Timeline.CountAsync(entry => entry.Kind == "state.holding_seats"));

        Assert.Equal(1, count);
    }

    [Fact]
    public async Task A_booking_is_cancelled_before_the_purchase_and_stays_so()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);

        var response = await desk.PostAsync($"/v1/bookings/{id}/cancellations", null, token);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<BookingCancelRequested>()));

        var again = await desk.PostAsync($"/v1/bookings/{id}/cancellations", null, token);
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Single(await desk.Service.Published<BookingCancelRequested>());
        Assert.Equal("compensating", (await desk.ViewAsync(id, token)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_wish_to_cancel_a_booking_that_is_being_bought_is_remembered_once()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        await desk.UntilCommitAsync(id);

        var part = await desk.PostAsync($"/v1/bookings/{id}/cancellations", new { coupons = new[] { new { passengerId = "p1", segmentOrdinal = 1 } } }, token);
        var response = await desk.PostAsync($"/v1/bookings/{id}/cancellations", null, token);
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<BookingCancelRequested>()));
        var again = await desk.PostAsync($"/v1/bookings/{id}/cancellations", null, token);

        Assert.Equal((HttpStatusCode.Conflict, "cancellation.not_confirmed"), (part.StatusCode, (await BookingDesk.JsonAsync(part)).GetProperty("code").GetString()));
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (response.StatusCode, again.StatusCode));
        Assert.Single(await desk.Service.Published<BookingCancelRequested>());
        Assert.Equal("committing", (await desk.ViewAsync(id, token)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_booking_that_ended_says_so_when_cancelled()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        await desk.Service.ConsumeAsync(new OfferGone(id, desk.Offers.Default.OfferId, "offer.expired"));

        var response = await desk.PostAsync($"/v1/bookings/{id}/cancellations", null, token);

        Assert.Equal("booking.already_ended", (await BookingDesk.JsonAsync(response)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_payment_is_tried_again_only_while_one_is_awaited()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();

        var early = await desk.PostAsync($"/v1/bookings/{id}/payments", null, token);
        await desk.UntilPaymentAsync(id);
        var inTime = await desk.PostAsync($"/v1/bookings/{id}/payments", null, token);

        Assert.Equal("booking.payment_not_awaited", (await BookingDesk.JsonAsync(early)).GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.Accepted, inTime.StatusCode);
        Assert.Equal(id, Assert.Single(await desk.Service.Published<PaymentRetried>()).BookingId);
    }

    [Fact]
    public async Task When_the_money_could_not_be_taken_another_payment_is_asked_for_and_its_link_is_shown()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        await desk.UntilRecoveryAsync(id);
        var asked = await desk.ViewAsync(id, token);
        await desk.Service.ConsumeAsync(new PaymentVoided(id, (await desk.SagaAsync(id)).Payments[0].PaymentId, BookingDesk.Price));

        var answer = await desk.PostAsync($"/v1/bookings/{id}/payments", null, token);
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<PaymentRetried>()));
        var second = (await desk.Service.Published<OpenPayment>())[^1];
        await desk.Service.ConsumeAsync(new PaymentOpened(id, second.PaymentId, "https://pay.example/2", "ORDER-2"));

        var open = await desk.ViewAsync(id, token);
        Assert.Equal(("captureRecovery", JsonValueKind.Null), (asked.GetProperty("state").GetString(), asked.GetProperty("approvalLink").ValueKind));
        Assert.Contains("retryPayment", Actions(asked));
        Assert.NotEqual(asked.GetProperty("waitingFor").GetString(), open.GetProperty("waitingFor").GetString());
        Assert.Equal((HttpStatusCode.Accepted, "https://pay.example/2"), (answer.StatusCode, open.GetProperty("approvalLink").GetString()));
        Assert.Equal((await desk.SagaAsync(id)).DeadlineAt, open.GetProperty("until").GetDateTimeOffset());
    }

    [Fact]
    public async Task Every_stage_that_waits_says_for_what_and_what_happens_then_and_the_others_wait_for_nothing()
    {
        BookingStage[] over =
        [
            BookingStage.Confirmed, BookingStage.Rejected, BookingStage.Expired, BookingStage.PaymentFailed, BookingStage.CancelledBeforePurchase, BookingStage.Completed,
            BookingStage.Cancelled,
        ];
        Assert.All(Enum.GetValues<BookingStage>(), stage => Assert.Equal(over.Contains(stage), BookingWords.Of(stage) is { WaitingFor: null, Then: null }));

        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        await desk.UntilCommitAsync(id);
        await desk.UntilConfirmedAsync(id);
        Assert.Equal(JsonValueKind.Null, (await desk.ViewAsync(id, token)).GetProperty("until").ValueKind);
    }

    [Fact]
    public async Task What_the_traveller_was_told_stands_on_the_timeline()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        await desk.UntilPriceDecisionAsync(id);

        var told = Assert.Single(await desk.Service.Published<BookingNews>());
        await desk.Service.ConsumeAsync(told);

        Assert.Equal(desk.Offers.Default.Segments, told.Segments);
        var entries = (await BookingDesk.JsonAsync(await desk.GetAsync($"/v1/bookings/{id}/timeline", token))).GetProperty("entries").EnumerateArray();
        var entry = entries.Single(each => each.GetProperty("kind").GetString() == "news.price_changed");
        Assert.Equal("Traveller told that the price is 560.50 EUR now; it was 518.00 EUR", entry.GetProperty("text").GetString());
        Assert.All(Enum.GetValues<BookingNewsKind>(), kind => Assert.StartsWith("Traveller ", BookingWords.Of(told with { Kind = kind }), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_booking_that_was_parked_or_is_over_cannot_be_cancelled_for_nothing()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (parked, _) = await desk.BookAsync();
        var (bought, _) = await desk.BookAsync();
        await desk.UntilPaymentAsync(bought);
        await desk.UntilCommitAsync(bought);
        await desk.UntilConfirmedAsync(bought);
        await desk.UntilParkedAsync(parked);

        var refused = await desk.PostAsync($"/v1/bookings/{parked}/cancellations", null, desk.TokenFor("sue", "support"));
        await desk.Service.ConsumeAsync(new BookingCancelled(bought, desk.Now));
        var over = await desk.PostAsync($"/v1/bookings/{bought}/cancellations", null, desk.TokenFor("sue", "support"));

        Assert.Equal((HttpStatusCode.Conflict, "booking.cancel_too_late"), (refused.StatusCode, (await BookingDesk.JsonAsync(refused)).GetProperty("code").GetString()));
        Assert.Equal((HttpStatusCode.Conflict, "booking.already_ended"), (over.StatusCode, (await BookingDesk.JsonAsync(over)).GetProperty("code").GetString()));
        Assert.Empty(await desk.Service.Published<BookingCancelRequested>());
    }

    [Theory]
    [InlineData("pricing")]
    [InlineData("price")]
    [InlineData("holding")]
    [InlineData("payment")]
    [InlineData("review")]
    [InlineData("recovery")]
    public async Task A_booking_can_be_given_up_wherever_the_machine_allows_it(string moment)
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        switch (moment)
        {
            case "price":
                await desk.UntilPriceDecisionAsync(id);
                break;
            case "holding":
                await desk.Service.ConsumeAsync(new OfferPriced(id, desk.Offers.Default.OfferId, desk.Offers.Default));
                break;
            case "payment":
                await desk.UntilPaymentAsync(id);
                break;
            case "review":
                await desk.UntilPaymentAsync(id);
                var saga = await desk.SagaAsync(id);
                await desk.Service.ConsumeAsync(new PaymentApproved(id, saga.Payments[0].PaymentId));
                await desk.Service.ConsumeAsync(new SeatsPinned(id, saga.Holds[0].HoldId, 1));
                await desk.Service.ConsumeAsync(new PaymentUnderReview(id, saga.Payments[0].PaymentId));
                break;
            case "recovery":
                await desk.UntilRecoveryAsync(id);
                break;
        }

        var before = await desk.ViewAsync(id, token);
        var answer = await desk.PostAsync($"/v1/bookings/{id}/cancellations", null, token);
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<BookingCancelRequested>()));

        Assert.Contains("cancel", Actions(before));
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var after = await desk.ViewAsync(id, token);
        Assert.NotEqual(before.GetProperty("state").GetString(), after.GetProperty("state").GetString());
        Assert.DoesNotContain("cancel", Actions(after));
    }

    [Fact]
    public async Task Locator_and_surname_find_a_masked_booking()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        var locator = (await desk.ViewAsync(id, token)).GetProperty("locator").GetString()!;

        var response = await desk.PostAsync("/v1/booking-lookups", new { locator = locator.ToLowerInvariant(), surname = "nguyen đặng" });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("\"N***/B***\"", text);
        Assert.DoesNotContain("example.org", text);
        Assert.DoesNotContain("NGUYEN", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(id.ToString(), text);
    }

    [Fact]
    public async Task Every_look_up_that_fails_gets_the_same_answer()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        var locator = (await desk.ViewAsync(id, token)).GetProperty("locator").GetString()!;
        object[] wrong =
        [
            new { locator, surname = "Other" }, new { locator, surname = "" }, new { locator, surname = "李" }, new { locator, surname = new string('L', 5000) },
            new { locator = "BCDFGH", surname = "Lê" }, new { locator = "no locator", surname = "Lê" }, new { locator = "", surname = "\0" },
        ];

        var answers = new List<string>();
        foreach (var request in wrong)
        {
            var response = await desk.PostAsync("/v1/booking-lookups", request);
            var problem = await BookingDesk.JsonAsync(response);
            answers.Add($"{response.StatusCode} {problem.GetProperty("code")} {problem.GetProperty("detail")}");
        }

        Assert.Equal("NotFound booking.not_found No booking has this locator and surname.", Assert.Single(answers.Distinct()));
    }

    private static IEnumerable<string?> Actions(JsonElement view) => view.GetProperty("availableActions").EnumerateArray().Select(x => x.GetString());

    private static (string? Total, string? Held, string? Captured) Money(JsonElement view)
    {
        var money = view.GetProperty("money");
        return (Amount("total"), Amount("held"), Amount("captured"));

        string? Amount(string name) => money.GetProperty(name).GetProperty("amount").GetString();
    }
}
