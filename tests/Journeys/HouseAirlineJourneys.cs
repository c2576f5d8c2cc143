using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.AllInOne.Commands;
using Xunit;

namespace Aerona.Journeys;

/// <summary>A day at the house airline's desk, over HTTP; docs/house-airline.md tells the same.</summary>
public abstract class HouseAirlineJourneys(IAerona aerona) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly string token = aerona.Token("operations", "desk@aerona.example");

    /// <summary>After every journey.</summary>
    public async ValueTask DisposeAsync()
    {
        await aerona.MoneyIsRightAsync();
        GC.SuppressFinalize(this);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_day_at_the_house_airline()
    {
        // Names of this run alone: the same Aerona may have seen the day before.
        var mark = TimeProvider.System.GetUtcNow().UtcTicks / TimeSpan.TicksPerMillisecond % 1_000_000;
        var (model, airplane, flight) = ($"A321N-{mark}", $"VN-{mark}", $"VN{9000 + mark % 999}");
        var day = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(5);
        var (date, flightId) = (day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), $"{flight}-{day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}");

        // A model with three ways to build its cabins, an airplane, and a night in the hangar.
        await DeskAsync(HttpMethod.Post, "airplane-models", $$"""
            { "code": "{{model}}", "name": "Airbus A321neo", "aircraftType": "32Q", "turnRoundMinutes": 45, "configurations": [
              { "code": "C16Y180", "cabins": [ { "cabin": "business", "firstRow": 1, "lastRow": 4, "letters": "AC DF" },
                                               { "cabin": "economy", "firstRow": 10, "lastRow": 39, "letters": "ABC DEF", "exitRows": [20] } ] },
              { "code": "C12Y132", "cabins": [ { "cabin": "business", "firstRow": 1, "lastRow": 3, "letters": "AC DF" },
                                               { "cabin": "economy", "firstRow": 10, "lastRow": 31, "letters": "ABC DEF", "exitRows": [15] } ] },
              { "code": "C8", "cabins": [ { "cabin": "business", "firstRow": 1, "lastRow": 2, "letters": "AC DF" } ] } ] }
            """);
        await DeskAsync(HttpMethod.Post, "airplanes", $$"""{ "registration": "{{airplane}}", "model": "{{model}}", "configuration": "C16Y180", "standsAt": "SGN" }""");
        await DeskAsync(HttpMethod.Post, "maintenance-windows", $$"""
            { "registration": "{{airplane}}", "airport": "SGN", "work": "A check", "from": "{{date}}T12:00:00Z", "until": "{{date}}T22:00:00Z" }
            """);

        // A schedule becomes flights, and searches find them once they are published.
        var schedule = await DeskAsync(HttpMethod.Post, "schedules", $$"""
            { "flight": "{{flight}}", "origin": "SGN", "destination": "HAN", "effectiveFrom": "{{date}}", "effectiveUntil": "{{date}}", "days": "1234567",
              "times": { "departs": "08:05", "arrives": "10:15" }, "model": "{{model}}", "configuration": "C16Y180", "airplane": "{{airplane}}",
              "cabins": [ { "cabin": "economy", "bookingClass": "Y", "fare": { "amount": "7.00", "currency": "USD" } } ] }
            """);
        var id = schedule.Text("id");
        Assert.Equal(1, (await DeskAsync(HttpMethod.Post, $"schedules/{id}/flights")).GetProperty("made").GetInt32());
        Assert.DoesNotContain(await FlightsAsync(day), found => found == flightId);
        await DeskAsync(HttpMethod.Post, $"schedules/{id}/publication");
        await UntilAsync(async () => (await FlightsAsync(day)).Contains(flightId), "a search finds the flight");

        // Somebody looks at its seats, chooses one at an emergency exit and one that costs nothing, and books; then nobody else gets those.
        var client = new AeronaClient(aerona.Http);
        IReadOnlyList<Traveller> party = [Journeys.Adult, new("adult", "Grace", "Hopper"), new("child", "Ada", "Hopper")];
        var offer = await UntilAsync(() => client.OfferAsync(flightId, party, Stop), "Airlines sells it");
        var atExit = await SeatAsync(offer, "20A");
        Assert.True(atExit.GetProperty("free").GetBoolean() && atExit.Amount("price") > 0);
        Assert.Contains("exitRow", atExit.GetProperty("characteristics").EnumerateArray().Select(one => one.GetString()));
        Assert.Equal(("p3", "seat.exit_row"), Assert.Single(atExit.GetProperty("notFor").EnumerateArray()) is var not ? (not.Text("passengerId"), not.Text("code")) : default);
        Assert.Equal(0, (await SeatAsync(offer, "30F")).Amount("price"));
        Assert.Equal("seat.exit_row", await RefusalAsync(offer, ("p3", "20B")));
        var seated = await ChooseAsync(offer, ("p1", "20A"), ("p2", "30F"));
        Assert.Equal(offer.Amount("total") + atExit.Amount("price"), seated.Amount("total"));
        var (journey, _) = await client.BookAsync(seated, party, Stop);
        var held = await client.UntilAsync(journey, view => view.IsFinal() || view.Text("approvalLink").Length > 0);
        Assert.Equal(seated.Amount("total"), held.GetProperty("money").Amount("total"));
        Assert.Equal(["20A", "30F", ""], held.GetProperty("passengers").EnumerateArray().Select(one => string.Join(",", one.GetProperty("seats").EnumerateArray().Select(seat => seat.Text("seat")))));
        var order = await client.PayAsync(journey, "happy");
        Assert.Equal("confirmed", (await client.UntilAsync(journey, Answers.IsFinal)).State());
        Assert.Equal("seat.taken", await RefusalAsync(await client.OfferAsync(flightId, [Journeys.Adult], Stop), ("p1", "20A")));

        // Somebody else follows it.
        var follower = $"follower-{mark}@example.org";
        await CallAsync(HttpMethod.Post, "/v1/flight-subscriptions", JsonNode.Parse($$"""{ "flight": "{{flight}}", "date": "{{date}}", "email": "{{follower}}" }""")!);
        await UntilAsync(async () => (await SubjectsAsync(follower)).Any(subject => subject.Contains("you follow this flight", StringComparison.Ordinal)), "the first mail");

        // It is late and leaves from another gate: the public status says so, the board too, and the follower gets mails.
        await DeskAsync(HttpMethod.Post, $"flights/{flightId}/facts", """{ "source": "airport", "facts": [ { "name": "departureGate", "value": "B12" } ] }""");
        await DeskAsync(HttpMethod.Post, $"flights/{flightId}/facts", $$"""
            { "source": "desk", "facts": [ { "name": "estimatedOffBlock", "value": "{{date}}T01:50:00Z" }, { "name": "departureGate", "value": "B14" }, { "name": "delayReason", "value": "Late inbound airplane" } ] }
            """);
        var status = (await CallAsync(HttpMethod.Get, $"/v1/flight-status?flight={flight}&date={date}")).GetProperty("flights")[0].GetProperty("departure");
        Assert.Equal((45, "B14"), (status.GetProperty("delayMinutes").GetInt32(), status.Text("gate")));
        await UntilAsync(async () => (await SubjectsAsync(follower)).Any(subject => subject.Contains("delayed", StringComparison.Ordinal)), "the mail about the delay");

        // Another airplane: the seat at the exit is at an exit again, the other one stays.
        var smaller = await ChangeAsync(flightId, model, "C12Y132", insists: false);
        Assert.Equal(("applied", airplane), (smaller.Text("state"), smaller.Text("freedAirplane")));
        var moved = Assert.Single(smaller.GetProperty("moved").EnumerateArray());
        Assert.Equal(($"{journey.Id}", "20A", "15A", 0), (moved.Text("bookingId"), moved.Text("from"), moved.Text("to"), moved.Amount("refund")));

        // One without their cabin: refused while somebody has a seat in it, made when the desk insists; the booking is listed, and what is owed back for the seat.
        var refused = await ChangeAsync(flightId, model, "C8", insists: false);
        Assert.Equal(("refused", "configuration.too_small"), (refused.Text("state"), refused.Text("reason")));
        var applied = await ChangeAsync(flightId, model, "C8", insists: true);
        Assert.Equal("applied", applied.Text("state"));
        Assert.Equal($"{journey.Id}", Assert.Single(applied.GetProperty("affected").EnumerateArray()).Text("bookingId"));
        Assert.Equal(
            [("15A", "", atExit.Amount("price")), ("30F", "", 0)],
            applied.GetProperty("moved").EnumerateArray().Select(seat => (seat.Text("from"), seat.Text("to"), seat.Amount("refund"))).Order());
        Assert.All(applied.GetProperty("seats").EnumerateArray().Where(move => move.Text("cabin") == "economy"), move => Assert.Equal(JsonValueKind.Null, move.GetProperty("to").ValueKind));
        await UntilAsync(async () => (await client.TimelineAsync(journey, Stop)).Any(entry => entry.Text("kind") == "seats.moved"), "the booking tells of its seats");

        // What was paid for the seat that is lost goes back by itself, once, and the traveller is told of both changes.
        await UntilAsync(
            async () => (await client.ViewAsync(journey, Stop)).GetProperty("money") is var money && money.Amount("refunded") == atExit.Amount("price")
                ? money
                : throw new CommandFailedException($"{money}; {string.Join(", ", (await client.TimelineAsync(journey, Stop)).Select(entry => entry.Text("kind")))}"),
            "what was paid for the seat goes back");
        Assert.Equal(atExit.Amount("price"), (await client.PayPalsBooksAsync(order, Stop)).Amount("refunded"));
        await UntilAsync(async () => (await SubjectsAsync(journey.Email)).Count(subject => subject.Contains("seats", StringComparison.OrdinalIgnoreCase)) == 2, "the mails about the seats");

        // In the end it is not flown at all.
        await DeskAsync(HttpMethod.Post, $"flights/{flightId}/cancellation", """{ "reason": "Typhoon" }""");
        await UntilAsync(async () => (await SubjectsAsync(follower)).Any(subject => subject.Contains("cancelled", StringComparison.Ordinal)), "the mail about the cancellation");
        await UntilAsync(async () => !(await FlightsAsync(day)).Contains(flightId), "no search finds it any more");
    }

    /// <summary>A seat of the offer's only flight.</summary>
    private async Task<JsonElement> SeatAsync(JsonElement offer, string seat) =>
        (await CallAsync(HttpMethod.Get, $"/v1/offers/{offer.Text("id")}/seat-maps")).GetProperty("segments")[0].GetProperty("rows").EnumerateArray()
            .SelectMany(row => row.GetProperty("seats").EnumerateArray()).Single(one => one.Text("seat") == seat);

    private Task<JsonElement> ChooseAsync(JsonElement offer, params (string Passenger, string Seat)[] seats) =>
        CallAsync(HttpMethod.Post, $"/v1/offers/{offer.Text("id")}/seats", Wanted(seats));

    /// <summary>The code of the first thing wrong with a choice.</summary>
    private async Task<string> RefusalAsync(JsonElement offer, params (string Passenger, string Seat)[] seats)
    {
        using var body = JsonContent.Create(Wanted(seats));
        using var response = await new AeronaClient(aerona.Http).SendAsync(HttpMethod.Post, $"/v1/offers/{offer.Text("id")}/seats", body, null, Guid.NewGuid().ToString(), Stop);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("errors")[0].Text("code");
    }

    private static JsonObject Wanted((string Passenger, string Seat)[] seats) => new()
    {
        ["seats"] = new JsonArray([.. seats.Select(seat => new JsonObject { ["passengerId"] = seat.Passenger, ["segmentOrdinal"] = 1, ["seat"] = seat.Seat })]),
    };

    private async Task<JsonElement> ChangeAsync(string flightId, string model, string configuration, bool insists)
    {
        var change = await DeskAsync(HttpMethod.Post, $"flights/{flightId}/equipment-changes", $$"""
            { "model": "{{model}}", "configuration": "{{configuration}}", "acceptTooFewSeats": {{(insists ? "true" : "false")}} }
            """);
        JsonElement view = default;
        await UntilAsync(async () => (view = await DeskAsync(HttpMethod.Get, $"equipment-changes/{change.Text("id")}")).Text("state") != "checking", "Airlines answers");
        return view;
    }

    private async Task<List<string>> FlightsAsync(DateOnly day) =>
        [.. (await new AeronaClient(aerona.Http).SearchAsync("SGN", "HAN", day, [Journeys.Adult], Stop)).GetProperty("flights").EnumerateArray().Select(flight => flight.Text("flightId"))];

    private async Task<List<string>> SubjectsAsync(string to) =>
        [.. (await CallAsync(HttpMethod.Get, $"/sandbox/mailbox/messages?to={Uri.EscapeDataString(to)}")).EnumerateObject().First().Value.EnumerateArray().Select(mail => mail.Text("subject"))];

    private Task<JsonElement> DeskAsync(HttpMethod method, string path, string? json = null) =>
        CallAsync(method, $"/v1/operations/{path}", json is null ? null : JsonNode.Parse(json), token);

    private async Task<JsonElement> CallAsync(HttpMethod method, string path, JsonNode? body = null, string? bearer = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer);
        if (method != HttpMethod.Get)
        {
            request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        }

        using var response = await aerona.Http.SendAsync(request, Stop);
        var text = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private static Task UntilAsync(Func<Task<bool>> condition, string what) =>
        UntilAsync(async () => await condition() ? "yes" : throw new CommandFailedException("not yet"), what);

    private static async Task<T> UntilAsync<T>(Func<Task<T>> ask, string what)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (CommandFailedException notYet) when (limit.IsCancellationRequested)
            {
                throw new TimeoutException($"Within {Patience.TotalSeconds:F0} s it did not come to it that {what}: {notYet.Message}");
            }
            catch (CommandFailedException)
            {
                await pause.WaitForNextTickAsync(Stop);   // not yet
            }
        }
    }
}
