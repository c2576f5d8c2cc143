using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.AllInOne.Commands;
using Xunit;

namespace Aerona.Journeys;

/// <summary>Wrong requests get a problem with its own code that names the field, and change nothing.</summary>
public abstract class BadInputJourneys(IAerona aerona) : IAsyncDisposable
{
    private AeronaClient Client => new(aerona.Http);

    /// <summary>After every journey.</summary>
    public async ValueTask DisposeAsync()
    {
        await aerona.MoneyIsRightAsync();
        GC.SuppressFinalize(this);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string, string> Searches => new()
    {
        { "origin", "\"QQQ\"", "place.unknown", "/origin" },
        { "destination", "\"SGN\"", "search.same_place", "/destination" },
        { "departsOn", "\"2020-01-01\"", "date.in_past", "/departsOn" },
        { "departsOn", "\"2099-01-01\"", "date.beyond_horizon", "/departsOn" },
        { "travellers", """{"adults":10}""", "travellers.too_many", "/travellers" },
        { "travellers", """{"adults":0,"infants":1}""", "travellers.infant_without_adult", "/travellers" },
        { "filters", """{"maxPrice":{"amount":"10.00","currency":"QQQ"}}""", "money.currency_unknown", "/filters/maxPrice" },
    };

    [Theory]
    [MemberData(nameof(Searches))]
    public async Task A_wrong_search_names_field_and_rule(string field, string value, string code, string pointer)
    {
        var request = JsonNode.Parse("""{"origin":"SGN","destination":"HAN","cabin":"economy","travellers":{"adults":1}}""")!.AsObject();
        request["departsOn"] = Day(5);
        request[field] = JsonNode.Parse(value);

        await AssertRefusedAsync("/v1/flight-searches", request.ToJsonString(), code, pointer);
    }

    [Theory]
    [InlineData("""{"flights":[{"flightId":"XX1-20300101","cabin":"economy"}],"passengers":[{"type":"adult"}]}""", "flight.unknown", "/flights/0/flightId")]
    [InlineData("""{"flights":[{"flightId":"$F","cabin":"economy"}],"passengers":[{"type":"infant"}]}""", "passenger.infant_without_adult", "/passengers")]
    [InlineData("""{"flights":[{"flightId":"$F","cabin":"economy"}],"passengers":[{"type":"adult"},{"type":"adult"},{"type":"adult"},{"type":"adult"},{"type":"adult"},{"type":"adult"},{"type":"adult"},{"type":"adult"},{"type":"adult"},{"type":"adult"}]}""", "travellers.too_many", "/passengers")]
    [InlineData("""{"flights":[{"flightId":"$F","cabin":"economy"}],"passengers":[{"type":"adult"}],"currency":"QQQ"}""", "currency.unknown", "/currency")]
    [InlineData("""{"flights":[],"passengers":[{"type":"adult"}]}""", null, "/flights")]
    public async Task A_wrong_offer_names_field_and_rule(string body, string? code, string pointer)
    {
        var flight = await Client.AnyFlightAsync("SGN", "HAN", Journeys.Adult);

        await AssertRefusedAsync("/v1/offers", body.Replace("$F", flight.Text("flightId"), StringComparison.Ordinal), code, pointer);
    }

    public static TheoryData<string, string, string, string> Forms => new()
    {
        { "offerId", $"\"{Guid.NewGuid()}\"", "offer.not_found", "/offerId" },
        { "passengers/0/givenName", "\"李小龙\"", "name.not_transliterable", "/passengers/0/givenName" },
        { "passengers/0/birthDate", $"\"{Day(-900)}\"", "passenger.type_mismatch", "/passengers/0/birthDate" },
        { "passengers", "[]", "passenger.count_mismatch", "/passengers" },
        { "contact/email", "\"nobody\"", "contact.email_invalid", "/contact/email" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_wrong_booking_names_field_and_rule(string path, string value, string code, string pointer)
    {
        var form = await FormAsync();
        Set(form, path, JsonNode.Parse(value));

        await AssertRefusedAsync("/v1/bookings", form.ToJsonString(), code, pointer);
    }

    [Fact]
    public async Task Somebody_elses_offer_does_not_exist()
    {
        var flight = await Client.AnyFlightAsync("SGN", "HAN", Journeys.Adult);
        var offer = await Client.PostAsync(
            "/v1/offers", new { flights = new[] { new { flightId = flight.Text("flightId"), cabin = "economy" } }, passengers = new[] { new { type = "adult" } } },
            aerona.Token("traveller", "owner@aerona.example"), Stop);
        var form = JsonSerializer.Serialize(AeronaClient.BookingForm(offer, [Journeys.Adult]));

        await AssertRefusedAsync("/v1/bookings", form, "offer.not_found", "/offerId", token: aerona.Token("traveller", "other@aerona.example"));
    }

    [Fact]
    public async Task Malformed_json_oversized_bodies_and_unknown_fields_are_named()
    {
        await AssertRefusedAsync("/v1/bookings", "{\"offerId\": ", "request.malformed", null);
        await AssertRefusedAsync("/v1/bookings", $"{{\"offerId\":\"{new string('x', 300_000)}\"}}", "request.too_large", null, HttpStatusCode.RequestEntityTooLarge);
        var form = await FormAsync();
        form["discount"] = 100;
        await AssertRefusedAsync("/v1/bookings", form.ToJsonString(), "request.unknown_field", "/discount");
    }

    [Fact]
    public async Task A_booking_needs_a_key_and_a_key_belongs_to_one_body()
    {
        var form = await FormAsync();
        await AssertRefusedAsync("/v1/bookings", form.ToJsonString(), "idempotency.key_missing", "header:Idempotency-Key", key: null);
        var key = Guid.NewGuid().ToString();
        var first = await PostAsync("/v1/bookings", form.ToJsonString(), key, null);
        var again = await PostAsync("/v1/bookings", form.ToJsonString(), key, null);
        Set(form, "passengers/0/givenName", "Else");

        Assert.Equal(HttpStatusCode.Accepted, first.Status);
        Assert.Equal(first.Body.ToString(), again.Body.ToString());
        await AssertRefusedAsync("/v1/bookings", form.ToJsonString(), "idempotency.key_reused", null, HttpStatusCode.UnprocessableEntity, key: key);
    }

    [Fact]
    public async Task Names_outside_the_airlines_alphabet_are_transliterated_and_shown()
    {
        var form = await FormAsync();
        Set(form, "passengers/0/givenName", "Øyvind-José");
        Set(form, "passengers/0/surname", "Παπαδόπουλος");

        var view = (await PostAsync("/v1/bookings", form.ToJsonString(), Guid.NewGuid().ToString(), null)).Body;

        var passenger = view.GetProperty("passengers")[0];
        Assert.Equal("Παπαδόπουλος", passenger.Text("surname"));
        Assert.Matches("^[A-Z ]+/[A-Z ]+$", passenger.Text("nameOnTicket"));
    }

    private async Task<JsonObject> FormAsync()
    {
        var flight = await Client.AnyFlightAsync("SGN", "HAN", Journeys.Adult);
        var offer = await Client.OfferAsync(flight.Text("flightId"), [Journeys.Adult], Stop);
        return JsonSerializer.SerializeToNode(AeronaClient.BookingForm(offer, [Journeys.Adult]))!.AsObject();
    }

    /// <summary>The request is refused with that code, names that field, and leaves no booking and no offer behind.</summary>
    private async Task AssertRefusedAsync(
        string path, string body, string? code, string? pointer, HttpStatusCode? status = null, string? token = null, string? key = "")
    {
        var before = await FootprintAsync();
        var (answered, problem) = await PostAsync(path, body, key is "" ? Guid.NewGuid().ToString() : key, token);

        Assert.True(status is null ? (int)answered is >= 400 and < 500 : answered == status, $"answered {answered}: {problem}");
        Assert.True(code is null || problem.Text("code") == code, $"expected {code}: {problem}");
        Assert.NotEqual("", problem.Text("requestId"));
        if (pointer is not null)
        {
            Assert.Contains(problem.GetProperty("errors").EnumerateArray(), field => field.Text("pointer").StartsWith(pointer, StringComparison.Ordinal));
        }

        Assert.Equal(before, await FootprintAsync());
    }

    // Both are written by the request itself; what sagas do of earlier bookings goes on meanwhile.
    private async Task<(long, long)> FootprintAsync() =>
        (await aerona.CountAsync("bookings", "SELECT count(*) FROM booking"), await aerona.CountAsync("airlines", "SELECT count(*) FROM offer"));

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string body, string? key, string? token)
    {
        using var answer = await Client.SendAsync(HttpMethod.Post, path, new StringContent(body, Encoding.UTF8, "application/json"), token, key, Stop);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop)).RootElement);
    }

    private static void Set(JsonObject form, string path, JsonNode? value)
    {
        var steps = path.Split('/');
        JsonNode node = form;
        foreach (var step in steps[..^1])
        {
            node = int.TryParse(step, CultureInfo.InvariantCulture, out var index) ? node[index]! : node[step]!;
        }

        node[steps[^1]] = value;
    }

    private static string Day(int fromToday) => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(fromToday).ToString("O", CultureInfo.InvariantCulture);
}
