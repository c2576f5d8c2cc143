using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Airlines.Offers;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Hosting;
using Aerona.Pricing;
using Aerona.TestKit;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Airlines.Tests.Offers;

public sealed class MakeOfferTests
{
    private static object One(string flightId, string cabin = "economy") => new { flightId, cabin };

    private static object[] Party(int adults, int children = 0, int infants = 0) =>
    [
        .. Enumerable.Repeat("adult", adults).Concat(Enumerable.Repeat("child", children)).Concat(Enumerable.Repeat("infant", infants)).Select(type => new { type }),
    ];

    [Fact]
    public async Task An_offer_freezes_the_lines_of_every_passenger_and_their_sum_for_half_an_hour()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1, fare: 200m);
        await house.PublishAsync(flight);

        var answer = await house.AskForOfferAsync(new { flights = new[] { One(flight.FlightId) }, passengers = Party(2, infants: 1), currency = (string?)null });

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var offer = (await answer.Content.ReadFromJsonAsync<OfferView>(House.Json))!;
        Assert.Equal($"/v1/offers/{offer.Id}", answer.Headers.Location!.OriginalString);
        Assert.Equal(["p1", "p2", "p3"], offer.Passengers.Select(passenger => passenger.Id));
        Assert.Equal([PassengerType.Adult, PassengerType.Adult, PassengerType.Infant], offer.Passengers.Select(passenger => passenger.Type));
        Assert.Equal(Money.Of((2 * 305.65m) + 21.50m, "USD"), offer.Total);
        Assert.Equal(house.Service.Clock.GetUtcNow().AddMinutes(30), offer.ExpiresAt);
        Assert.False(offer.Expired);
        Assert.Equal("AA", offer.ValidatingCarrier);
        var segment = Assert.Single(offer.Segments);
        Assert.Equal(("America/New_York", "America/Los_Angeles", 9, 12), (segment.DepartureZone, segment.ArrivalZone, segment.DepartsLocal.Hour, segment.ArrivesLocal.Hour));
        var stored = await house.QueryAsync(db => db.Offers.SingleAsync());
        Assert.Equal((offer.Id, offer.Total, (string?)null), (stored.Id, stored.Snapshot.Total, stored.Owner));
    }

    [Fact]
    public async Task Totals_are_the_sums_of_their_lines_whatever_the_party_and_the_flights()
    {
        await using var house = await House.OpenAsync();
        var there = House.Flight(1, fare: 199.99m);
        var back = House.Flight(2, fare: 87.35m, hour: 20, origin: "LAX", destination: "JFK");
        var abroad = House.Flight(3, fare: 431.07m, hour: 18, origin: "JFK", destination: "LHR", day: House.Day.AddDays(1));
        await house.PublishAsync(there, back, abroad);

        await Gen.Select(Gen.Int[1, 9], Gen.Int[0, 4], Gen.Int[0, 9], Gen.Int[1, 3], Gen.OneOf("economy", "business")).SampleAsync(
            async (adults, children, infants, flights, cabin) =>
            {
                var (seated, laps) = (Math.Min(children, 9 - adults), Math.Min(infants, adults));
                var answer = await house.AskForOfferAsync(new
                {
                    flights = new[] { there, back, abroad }.Take(flights).Select(flight => One(flight.FlightId, cabin)),
                    passengers = Party(adults, seated, laps),
                });

                var offer = (await answer.Content.ReadFromJsonAsync<OfferView>(House.Json))!;
                Assert.Equal(adults + seated + laps, offer.Passengers.Count);
                Assert.All(offer.Passengers, passenger => Assert.Equal(passenger.Lines.Select(line => line.Amount).Sum("USD"), passenger.Total));
                Assert.Equal(offer.Passengers.Select(passenger => passenger.Total).Sum("USD"), offer.Total);
                var snapshot = (await house.QueryAsync(db => db.Offers.SingleAsync(row => row.Id == offer.Id))).Snapshot;
                Assert.Equal(offer.Total, snapshot.Lines.Select(line => line.Amount).Sum("USD"));
                Assert.All(
                    snapshot.Lines.GroupBy(line => line.PassengerId),
                    lines => Assert.Equal(lines.Count(), lines.DistinctBy(line => (line.Kind, line.Code, line.Country, line.Refundable)).Count()));
            },
            iter: 30, threads: 1);
    }

    [Theory]
    [InlineData(null, "USD")]
    [InlineData("EUR", "EUR")]
    public async Task Flights_of_several_currencies_are_sold_together_in_one(string? asked, string sold)
    {
        await using var house = await House.OpenAsync();
        var (first, then) = (House.Flight(1, fare: 199.99m), House.Flight(3, fare: 431.07m, hour: 20, currency: "EUR", origin: "LAX", destination: "CDG"));
        await house.PublishAsync(first, then);

        var answer = await house.AskForOfferAsync(new { flights = new[] { One(first.FlightId), One(then.FlightId) }, passengers = Party(2, infants: 1), currency = asked });

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var offer = (await answer.Content.ReadFromJsonAsync<OfferView>(House.Json))!;
        Assert.Equal(
            HouseTariff.Total(HouseTariff.In(sold, Money.Of(199.99m, "USD")), "JFK", "LAX", 2, 0, 1)
            + HouseTariff.Total(HouseTariff.In(sold, Money.Of(431.07m, "EUR")), "LAX", "CDG", 2, 0, 1),
            offer.Total);
        await house.Service.ConsumeAsync(new PriceOffer(Guid.CreateVersion7(), offer.Id));
        Assert.Equal(offer.Total, (await house.LastAsync<OfferPriced>()).Offer.Total);
    }

    [Fact]
    public async Task A_call_repeated_with_its_key_makes_no_second_offer()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var body = new { flights = new[] { One(flight.FlightId) }, passengers = Party(1) };

        var first = await (await house.AskForOfferAsync(body, key: "once")).Content.ReadAsStringAsync();
        var again = await (await house.AskForOfferAsync(body, key: "once")).Content.ReadAsStringAsync();

        Assert.Equal(first, again);
        Assert.Equal(1, await house.QueryAsync(db => db.Offers.CountAsync()));
    }

    public static TheoryData<string, string, string> Mistakes() => new()
    {
        { """{"flights":[],"passengers":[{"type":"adult"}]}""", "flights.required", "/flights" },
        { """{"passengers":[{"type":"adult"}]}""", "flights.required", "/flights" },
        { """{"flights":[F1,F1,F1,F1,F1],"passengers":[{"type":"adult"}]}""", "flights.too_many", "/flights" },
        { """{"flights":[null],"passengers":[{"type":"adult"}]}""", "flight.required", "/flights/0/flightId" },
        { """{"flights":[{"flightId":"AA999-20261205","cabin":"economy"}],"passengers":[{"type":"adult"}]}""", "flight.unknown", "/flights/0/flightId" },
        { """{"flights":[GONE],"passengers":[{"type":"adult"}]}""", "flight.departed", "/flights/0/flightId" },
        { """{"flights":[{"flightId":"AA1-20261205"}],"passengers":[{"type":"adult"}]}""", "cabin.required", "/flights/0/cabin" },
        { """{"flights":[{"flightId":"AA1-20261205","cabin":"first"}],"passengers":[{"type":"adult"}]}""", "cabin.not_sold", "/flights/0/cabin" },
        { """{"flights":[{"flightId":"AA1-20261205","cabin":42}],"passengers":[{"type":"adult"}]}""", "", "" },
        { """{"flights":[F1,F1],"passengers":[{"type":"adult"}]}""", "flights.overlap", "/flights/1/flightId" },
        { """{"flights":[F2,F1],"passengers":[{"type":"adult"}]}""", "flights.out_of_order", "/flights/1/flightId" },
        { """{"flights":[F1],"passengers":[]}""", "passengers.required", "/passengers" },
        { """{"flights":[F1]}""", "passengers.required", "/passengers" },
        { """{"flights":[F1],"passengers":[{"type":"adult"},{}]}""", "passenger.type_required", "/passengers/1/type" },
        { """{"flights":[F1],"passengers":[TEN]}""", "travellers.too_many", "/passengers" },
        { """{"flights":[F1],"passengers":[{"type":"child"},{"type":"infant"}]}""", "passenger.infant_without_adult", "/passengers/1/type" },
        { """{"flights":[F1],"passengers":[{"type":"child"}]}""", "passengers.no_adult", "/passengers" },
        { """{"flights":[F1],"passengers":[{"type":"infant"},{"type":"adult"},{"type":"infant"}]}""", "passengers.too_many_infants", "/passengers/2/type" },
        { """{"flights":[F1],"passengers":[{"type":"adult"}],"currency":"QQQ"}""", "currency.unknown", "/currency" },
        { """{"flights":[F1],"passengers":[{"type":"adult"}],"currency":"GBP"}""", "currency.not_offered", "/currency" },
        { """{"flights":[ORPHAN],"passengers":[{"type":"adult"}]}""", "flight.no_ticket_stock", "/flights" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_has_its_own_code_names_its_field_and_changes_nothing(string body, string code, string pointer)
    {
        await using var house = await House.OpenAsync();
        var orphan = House.Flight(7) with { Flight = new("0Q", 7), FlightId = "0Q7-20261205" };
        var gone = House.Flight(5, day: new(2026, 11, 20));
        await house.PublishAsync(House.Flight(1), House.Flight(2, hour: 20), gone, orphan);
        var text = body
            .Replace("F1", """{"flightId":"AA1-20261205","cabin":"economy"}""").Replace("F2", """{"flightId":"AA2-20261205","cabin":"economy"}""")
            .Replace("GONE", """{"flightId":"AA5-20261120","cabin":"economy"}""")
            .Replace("ORPHAN", """{"flightId":"0Q7-20261205","cabin":"economy"}""").Replace("TEN", string.Join(',', Enumerable.Repeat("""{"type":"adult"}""", 10)));

        var answer = await house.AskForOfferAsync(JsonSerializer.Deserialize<JsonElement>(text));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        if (code.Length > 0)
        {
            Assert.Equal(code, problem.GetProperty("code").GetString());
            Assert.Equal(pointer, problem.GetProperty("errors")[0].GetProperty("pointer").GetString());
        }

        Assert.Equal(0, await house.QueryAsync(db => db.Offers.CountAsync()));
    }

    [Fact]
    public async Task Several_mistakes_are_told_at_once()
    {
        await using var house = await House.OpenAsync();

        var answer = await house.AskForOfferAsync(new { flights = new[] { One("AA9-20261205") }, passengers = Party(0, infants: 1), currency = "QQQ" });

        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(
            ["passenger.infant_without_adult", "flight.unknown", "currency.unknown"],
            problem.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task An_offer_of_somebody_signed_in_is_found_by_nobody_else()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var tokens = house.Service.Services;
        string TokenOf(string subject) => tokens.TokenFor(subject, ["traveller"], TimeSpan.FromHours(1));
        var answer = await house.AskForOfferAsync(new { flights = new[] { One(flight.FlightId) }, passengers = Party(1) }, bearer: TokenOf("anna"));
        var location = answer.Headers.Location!;

        async Task<HttpResponseMessage> GetAs(string? bearer)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, location);
            request.Headers.Authorization = bearer is null ? null : new("Bearer", bearer);
            return await house.Service.Http.SendAsync(request);
        }

        Assert.Equal(HttpStatusCode.OK, (await GetAs(TokenOf("anna"))).StatusCode);
        foreach (var stranger in new[] { TokenOf("bert"), null })
        {
            var refused = await GetAs(stranger);
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
            Assert.Equal("offer.not_found", (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
        }
    }

    [Fact]
    public async Task An_offer_made_without_signing_in_is_open_to_whoever_knows_its_id_and_says_when_it_has_expired()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(flight);

        house.Service.Clock.Advance(TimeSpan.FromMinutes(30));
        var later = (await house.Service.Http.GetFromJsonAsync<OfferView>($"/v1/offers/{offer.Id}", House.Json))!;

        Assert.Equal(JsonSerializer.Serialize(offer with { Expired = true }, House.Json), JsonSerializer.Serialize(later, House.Json));
        Assert.Equal(HttpStatusCode.NotFound, (await house.Service.Http.GetAsync("/v1/offers/no-id")).StatusCode);
    }

    [Fact]
    public async Task An_offer_for_a_flight_about_to_leave_ends_with_its_departure()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1) with { DepartsAt = house.Service.Clock.GetUtcNow().AddMinutes(10) };
        await house.PublishAsync(flight);

        var offer = await house.OfferAsync(flight);

        Assert.Equal(flight.DepartsAt, offer.ExpiresAt);
    }
}
