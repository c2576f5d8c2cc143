using System.Net;
using System.Text.Json;
using Aerona.AllInOne.Commands;
using Xunit;

namespace Aerona.Journeys;

/// <summary>Whole bookings over HTTP, each checked against the outside world's own books.</summary>
public abstract class BookingJourneys(IAerona aerona) : IAsyncDisposable
{
    private AeronaClient Client => new(aerona.Http);

    /// <summary>After every journey.</summary>
    public async ValueTask DisposeAsync()
    {
        await aerona.MoneyIsRightAsync();
        GC.SuppressFinalize(this);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_adults_and_a_lap_infant_are_booked_paid_ticketed_and_told()
    {
        var journey = await Client.BookAsync(new Traveller("adult", "Hạnh", "Nguyễn"), new Traveller("adult", "Đức", "Nguyễn"), new Traveller("infant", "An", "Nguyễn"));

        var order = await Client.PayAsync(journey, "happy");
        var view = await Client.UntilAsync(journey, Answers.IsFinal);

        Assert.Equal("confirmed", view.State());
        var money = view.GetProperty("money");
        Assert.True(money.Amount("total") > 0);
        Assert.Equal(money.Amount("total"), money.Amount("captured"));
        var passengers = view.GetProperty("passengers").EnumerateArray().ToList();
        Assert.Equal(["NGUYEN/HANH", "NGUYEN/DUC", "NGUYEN/AN"], passengers.Select(passenger => passenger.Text("nameOnTicket")));
        Assert.Equal(3, passengers.Select(passenger => passenger.Text("ticketNumber")).Where(number => number.Length == 13).Distinct().Count());

        var books = await Client.PayPalsBooksAsync(order, Stop);
        Assert.Equal(money.Amount("total"), books.Amount("captured"));

        var documents = (await Client.GetAsync($"/v1/bookings/{journey.Id}/documents", journey.Token, Stop)).GetProperty("documents");
        Assert.Equal(
            ["itinerary-receipt", "passenger-receipt", "passenger-receipt", "passenger-receipt", "invoice", "calendar"], documents.EnumerateArray().Select(document => document.Text("kind")));
        foreach (var document in documents.EnumerateArray())
        {
            var link = await Client.GetAsync(document.Text("href"), journey.Token, Stop);
            var file = await Client.DownloadAsync(link.Text("href"), Stop);
            Assert.True(file.AsSpan().StartsWith(document.Text("kind") == "calendar" ? "BEGIN:VCALENDAR"u8 : "%PDF-"u8));
        }

        Assert.Contains(await MailsAsync(journey, 1), mail => mail.Text("subject").Contains(journey.Locator, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Staff_find_a_booking_by_a_name_that_is_nearly_right_and_by_its_ticket()
    {
        var journey = await Client.BookAsync(new Traveller("adult", "Zebedee", "Quackenbush"));
        await Client.PayAsync(journey, "happy");
        var ticket = (await Client.UntilAsync(journey, Answers.IsFinal)).GetProperty("passengers")[0].Text("ticketNumber");

        foreach (var (text, by) in new[] { ("quackenbsuh", "likeName"), ("ackenb", "name"), (ticket, "ticket"), (journey.Email, "email") })
        {
            var found = (await Client.GetAsync($"/v1/support/booking-search?q={Uri.EscapeDataString(text)}", aerona.Token("support", "staff@aerona.example"), Stop)).GetProperty("found");
            Assert.Contains(found.EnumerateArray(), each => each.GetProperty("id").GetGuid() == journey.Id && each.Text("by") == by);
        }
    }

    [Fact]
    public async Task A_declined_card_keeps_the_seats_and_another_one_pays()
    {
        var journey = await Client.BookAsync(new Traveller("adult", "Dora", "Again"));
        var declined = await Client.PayAsync(journey, "declined");
        var asked = await Client.UntilAsync(journey, view => view.IsFinal() || (view.State() == "awaitingPayment" && view.Text("approvalLink").Length == 0));
        Assert.Contains("retryPayment", asked.GetProperty("availableActions").EnumerateArray().Select(action => action.GetString()));

        await Client.PostAsync($"/v1/bookings/{journey.Id}/payments", new { }, journey.Token, Stop);
        var paid = await Client.PayAsync(journey, "happy", notOrder: declined);
        var view = await Client.UntilAsync(journey, Answers.IsFinal);

        Assert.Equal("confirmed", view.State());
        Assert.NotEqual(declined, paid);
        await Client.AssertNothingLeftAtPayPalAsync(declined);
        Assert.Equal(view.GetProperty("money").Amount("total"), (await Client.PayPalsBooksAsync(paid, Stop)).Amount("captured"));
    }

    [Fact]
    public async Task A_seat_lost_at_commit_gives_the_reservation_of_money_back()
    {
        var journey = await Client.BookAsync(new Traveller("adult", "Sam", "Soldout"));
        var order = await Client.PayAsync(journey, "happy");

        var view = await Client.UntilAsync(journey, Answers.IsFinal);

        Assert.Equal("rejected", view.State());
        Assert.NotEqual("", view.GetProperty("failure").Text("reason"));
        Assert.Equal(0, view.GetProperty("money").Amount("held"));
        var books = await Client.AssertNothingLeftAtPayPalAsync(order);
        Assert.True(books.Amount("authorised") > 0);
        await MailsAsync(journey, 1);
    }

    [Fact]
    public async Task A_commit_whose_answer_is_lost_is_looked_up_and_confirmed_once()
    {
        var journey = await Client.BookAsync(new Traveller("adult", "Tia", "Timeoutafter"));
        await Client.PayAsync(journey, "happy");

        var view = await Client.UntilAsync(journey, Answers.IsFinal, seconds: 150);

        Assert.Equal("confirmed", view.State());
        Assert.Equal(1, await aerona.CountAsync("airlines", $"SELECT count(*) FROM house_order JOIN hold USING (hold_id) WHERE upper(CAST(booking_id AS TEXT)) = upper('{journey.Id}')"));
    }

    [Fact]
    public async Task A_commit_that_never_arrived_is_undone()
    {
        var journey = await Client.BookAsync(new Traveller("adult", "Tim", "Timeoutbefore"));
        var order = await Client.PayAsync(journey, "happy");

        var view = await Client.UntilAsync(journey, Answers.IsFinal, seconds: 150);

        Assert.Equal("rejected", view.State());
        await Client.AssertNothingLeftAtPayPalAsync(order);
    }

    [Theory]
    [InlineData("no-return")]
    [InlineData("duplicate-webhooks")]
    [InlineData("shuffled-webhooks")]
    public async Task However_the_approval_is_learnt_the_booking_is_paid_once(string payer)
    {
        var journey = await Client.BookAsync(new Traveller("adult", "Wendy", "Hook"));
        var order = await Client.PayAsync(journey, payer);

        var view = await Client.UntilAsync(journey, Answers.IsFinal, seconds: 150);

        Assert.Equal("confirmed", view.State());
        Assert.Equal(view.GetProperty("money").Amount("total"), (await Client.PayPalsBooksAsync(order, Stop)).Amount("captured"));
    }

    [Theory]
    [InlineData("timeout-before")]
    [InlineData("timeout-after")]
    public async Task An_authorisation_without_an_answer_is_looked_up_never_repeated_blindly(string payer)
    {
        var journey = await Client.BookAsync(new Traveller("adult", "Paula", "Slow"));
        var order = await Client.PayAsync(journey, payer);

        var view = await Client.UntilAsync(
            journey, seen => seen.IsFinal() || (seen.State() == "awaitingPayment" && seen.Text("approvalLink").Length == 0), seconds: 150);

        var books = await Client.PayPalsBooksAsync(order, Stop);
        Assert.True(books.Amount("authorised") <= view.GetProperty("money").Amount("total"));
        if (payer == "timeout-after")
        {
            Assert.Equal("confirmed", view.State());
            Assert.Equal(books.Amount("captured"), view.GetProperty("money").Amount("total"));
        }
        else if (view.State() != "confirmed")
        {
            await Client.PostAsync($"/v1/bookings/{journey.Id}/cancellations", new { }, journey.Token, Stop);
            Assert.Equal("cancelledBeforePurchase", (await Client.UntilAsync(journey, Answers.IsFinal)).State());
            await Client.AssertNothingLeftAtPayPalAsync(order);
        }
    }

    [Fact]
    public async Task A_booking_cancelled_before_payment_frees_its_seats_and_costs_nothing()
    {
        var journey = await Client.BookAsync(new Traveller("adult", "Carl", "Cancel"));
        var waiting = await Client.UntilAsync(journey, view => view.Text("approvalLink").Length > 0);

        await Client.PostAsync($"/v1/bookings/{journey.Id}/cancellations", new { }, journey.Token, Stop);
        var view = await Client.UntilAsync(journey, Answers.IsFinal);

        Assert.Equal("cancelledBeforePurchase", view.State());
        await Client.AssertNothingLeftAtPayPalAsync(AeronaClient.PayPalOrder(waiting));
        await Client.ApproveAsync(AeronaClient.PayPalOrder(waiting), "happy", Stop);   // too late: nothing may be reserved
        await Client.AssertNothingLeftAtPayPalAsync(AeronaClient.PayPalOrder(waiting));
        Assert.Equal("cancelledBeforePurchase", (await Client.ViewAsync(journey, Stop)).State());
    }

    [Fact]
    public async Task A_booking_and_its_documents_survive_a_restart_in_the_middle()
    {
        var journey = await Client.BookAsync(new Traveller("adult", "Rita", "Restart"));
        var waiting = await Client.UntilAsync(journey, view => view.Text("approvalLink").Length > 0);

        await aerona.RestartAsync();
        await Client.ApproveAsync(AeronaClient.PayPalOrder(waiting), "happy", Stop);
        var view = await Client.UntilAsync(journey, Answers.IsFinal);
        await aerona.RestartAsync();

        Assert.Equal("confirmed", view.State());
        Assert.Equal("confirmed", (await Client.ViewAsync(journey, Stop)).State());
        Assert.NotEmpty(await MailsAsync(journey, 1));
    }

    [Fact]
    public async Task Locator_and_surname_show_a_masked_view_and_every_failure_looks_alike()
    {
        var journey = await Client.BookAsync(new Traveller("adult", "Greta", "Müller"));

        var found = await Client.PostAsync("/v1/booking-lookups", new { locator = journey.Locator.ToLowerInvariant(), surname = "mueller" }, null, Stop);
        var wrongName = await RawAsync("/v1/booking-lookups", $$"""{"locator":"{{journey.Locator}}","surname":"Meier"}""");
        var wrongLocator = await RawAsync("/v1/booking-lookups", """{"locator":"ZZZZZZ","surname":"Müller"}""");

        Assert.DoesNotContain("greta", found.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@", found.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, wrongName.Status);
        Assert.Equal(wrongName.Status, wrongLocator.Status);
        Assert.Equal(wrongName.Problem.Text("code"), wrongLocator.Problem.Text("code"));
        Assert.Equal(wrongName.Problem.Text("detail"), wrongLocator.Problem.Text("detail"));
    }

    [Fact]
    public async Task Somebody_elses_booking_does_not_exist()
    {
        var mine = await Client.BookAsync(new Traveller("adult", "Mia", "Mine"));
        var theirs = await Client.BookAsync(new Traveller("adult", "Theo", "Theirs"));

        foreach (var token in new[] { theirs.Token, aerona.Token("traveller", "somebody@aerona.example"), null })
        {
            foreach (var path in new[] { "", "/timeline", "/documents" })
            {
                using var answer = await Client.SendAsync(HttpMethod.Get, $"/v1/bookings/{mine.Id}{path}", null, token, null, Stop);
                Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized, $"{path} answered {answer.StatusCode}");
            }
        }

        Assert.Equal(mine.Locator, (await Client.GetAsync($"/v1/bookings/{mine.Id}", aerona.Token("support", "staff@aerona.example"), Stop)).Text("locator"));
    }

    private async Task<IReadOnlyList<JsonElement>> MailsAsync(Journey journey, int atLeast)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var mails = await Client.MailsAsync(journey.Email, limit.Token);
            if (mails.Count >= atLeast)
            {
                return mails;
            }

            await pause.WaitForNextTickAsync(limit.Token);
        }
    }

    private async Task<(HttpStatusCode Status, JsonElement Problem)> RawAsync(string path, string body)
    {
        using var answer = await Client.SendAsync(HttpMethod.Post, path, new StringContent(body, null, "application/json"), null, Guid.NewGuid().ToString(), Stop);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop)).RootElement);
    }
}
