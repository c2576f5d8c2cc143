using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.Airlines.Duffel;
using Aerona.Airlines.Fetching;
using Aerona.Airlines.Outside;
using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Hosting;
using Aerona.Suppliers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aerona.Airlines.Tests.Outside;

/// <summary>Whatever a supplier says, or fails to say, is a typed answer; and nobody waits for somebody else's silence.</summary>
public sealed class SupplierAnswersTests
{
    private static readonly OfferWish Wish = new([new("EDI", "CDG", new(2026, 12, 21))], [PassengerType.Adult], null);

    /// <summary>A supplier's end of the wire that says what the test wants.</summary>
    private sealed class Line : HttpMessageHandler
    {
        public Func<HttpRequestMessage, HttpResponseMessage?> Says { get; set; } = _ => null;

        public int Calls { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Calls++;
            if (Says(request) is { } answer)
            {
                return answer;
            }

            var never = new TaskCompletionSource<HttpResponseMessage>();
            await using var _ = cancellationToken.Register(() => never.TrySetCanceled(cancellationToken));
            return await never.Task;
        }
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, string body, params (string Name, string Value)[] headers)
    {
        var answer = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
        {
            answer.Headers.TryAddWithoutValidation(name, value);
        }

        return answer;
    }

    private static Dictionary<string, string?> Settings(params string[] names) => names.SelectMany(name => new Dictionary<string, string?>
    {
        [$"Suppliers:{name}:Protocol"] = "duffel",
        [$"Suppliers:{name}:BaseUrl"] = $"http://{name}.example",
        [$"Suppliers:{name}:AccessToken"] = "a secret token",
    }).ToDictionary();

    private static async Task<(House House, Dictionary<string, Line> Lines)> OpenAsync(Dictionary<string, string?> settings, params string[] names)
    {
        var lines = names.ToDictionary(name => name, _ => new Line());
        var house = await House.OpenAsync(settings, services =>
        {
            foreach (var name in names)
            {
                services.AddHttpClient(SupplierHttp.ClientName(name)).ConfigurePrimaryHttpMessageHandler(() => lines[name]);
            }
        });
        return (house, lines);
    }

    private static IOutsideSupplier Find(House house, string name) => house.Service.Services.GetRequiredService<OutsideSuppliers>().Find(name)!;

    [Fact]
    public async Task Nonsense_refusals_faults_and_silence_are_answers()
    {
        var (house, lines) = await OpenAsync(Settings("one"), "one");
        await using var _ = house;
        var one = Find(house, "one");
        async Task<SupplierProblem> ProblemAsync(HttpStatusCode status, string body)
        {
            lines["one"].Says = _ => Answer(status, body);
            return (await one.FetchAsync(Wish, CancellationToken.None)).Problem!;
        }

        const string error = """{"errors":[{"type":"TYPE","code":"some_code","title":"T","message":"M"}],"meta":{"status":200}}""";
        Assert.Equal((SupplierFailure.NotUnderstood, "some_code"), Of(await ProblemAsync(HttpStatusCode.OK, error)));
        Assert.Equal((SupplierFailure.NotUnderstood, "answer.malformed"), Of(await ProblemAsync(HttpStatusCode.OK, """{"data":{"offers":""")));
        Assert.Equal((SupplierFailure.NotUnderstood, "answer.malformed"), Of(await ProblemAsync(HttpStatusCode.OK, "[]")));
        Assert.Equal((SupplierFailure.NotUnderstood, "answer.malformed"), Of(await ProblemAsync(HttpStatusCode.Created, """{"data":{"offers":null}}""")));
        Assert.Equal((SupplierFailure.Refused, "some_code"), Of(await ProblemAsync(HttpStatusCode.UnprocessableEntity, error.Replace("TYPE", "validation_error", StringComparison.Ordinal))));
        Assert.Equal((SupplierFailure.Unavailable, "some_code"), Of(await ProblemAsync(HttpStatusCode.BadRequest, error.Replace("TYPE", "api_error", StringComparison.Ordinal))));
        Assert.Equal((SupplierFailure.Unauthorised, "http_401"), Of(await ProblemAsync(HttpStatusCode.Unauthorized, "<html>")));
        Assert.Equal((SupplierFailure.Unavailable, "http_503"), Of(await ProblemAsync(HttpStatusCode.ServiceUnavailable, "")));

        lines["one"].Says = _ => throw new HttpRequestException("no route");
        Assert.Equal((SupplierFailure.Unavailable, "no_connection"), Of((await one.FetchAsync(Wish, CancellationToken.None)).Problem!));

        lines["one"].Says = _ => null;
        var asked = one.FetchAsync(Wish, CancellationToken.None);
        house.Service.Clock.Advance(TimeSpan.FromSeconds(21));
        Assert.Equal((SupplierFailure.Unavailable, "time_out"), Of((await asked).Problem!));

        static (SupplierFailure, string) Of(SupplierProblem problem) => (problem.Kind, problem.Code);
    }

    [Fact]
    public async Task Too_many_calls_are_not_made_again_before_the_time_it_named()
    {
        var (house, lines) = await OpenAsync(Settings("one"), "one");
        await using var _ = house;
        var now = house.Service.Clock.GetUtcNow();
        lines["one"].Says = _ => Answer(HttpStatusCode.TooManyRequests, "{}", ("ratelimit-remaining", "0"), ("ratelimit-reset", now.AddSeconds(40).ToString("R")));

        var first = (await Find(house, "one").FetchAsync(Wish, CancellationToken.None)).Problem!;
        var second = (await Find(house, "one").FetchAsync(Wish, CancellationToken.None)).Problem!;

        Assert.Equal((SupplierFailure.Busy, now.AddSeconds(40)), (first.Kind, first.RetryAt));
        Assert.Equal((SupplierFailure.Busy, now.AddSeconds(40), 1), (second.Kind, second.RetryAt, lines["one"].Calls));
        house.Service.Clock.Advance(TimeSpan.FromSeconds(41));
        lines["one"].Says = _ => Answer(HttpStatusCode.Created, """{"data":{"id":"orq_1","offers":[]}}""");
        Assert.Null((await Find(house, "one").FetchAsync(Wish, CancellationToken.None)).Problem);
    }

    [Fact]
    public async Task A_silent_supplier_is_left_out_when_the_budget_ends_and_left_alone_after_a_while()
    {
        var (house, lines) = await OpenAsync(Settings("good", "silent"), "good", "silent");
        await using var _ = house;
        lines["good"].Says = _ => Answer(HttpStatusCode.Created, """{"data":{"id":"orq_1","offers":[OFFER]}}""".Replace("OFFER", Offer().ToJsonString(), StringComparison.Ordinal));
        var live = house.Service.Services.GetRequiredService<LiveOffers>();

        for (var round = 1; round <= 8; round++)
        {
            var both = live.FetchAsync(Wish, ["good", "silent"], TimeSpan.FromSeconds(2), CancellationToken.None);
            await ZzWorld.UntilAsync(() => HasAnsweredAsync(house, "good", round), "the good supplier's answer");
            house.Service.Clock.Advance(TimeSpan.FromSeconds(3));
            var answers = await both;
            Assert.Single(answers[0].Answer.Offers);
            Assert.Equal("time_out", answers[1].Answer.Problem!.Code);
        }

        // Its breaker is open: it is not even asked, and the other one is as before.
        var calls = lines["silent"].Calls;
        var after = await live.FetchAsync(Wish, ["good", "silent"], TimeSpan.FromSeconds(2), CancellationToken.None);
        Assert.Equal(("circuit_open", calls), (after[1].Answer.Problem!.Code, lines["silent"].Calls));
        Assert.Single(after[0].Answer.Offers);
    }

    [Fact]
    public async Task Routes_are_fetched_day_by_day_once_and_published_until_they_are_gone()
    {
        var settings = Settings("one");
        settings["Suppliers:one:Routes:0"] = "EDI-CDG";
        settings["Suppliers:one:HorizonDays"] = "2";
        settings["Suppliers:one:FetchPause"] = "01:00:00";
        var (house, lines) = await OpenAsync(settings, "one");
        await using var _ = house;
        var (fetcher, one) = (house.Service.Services.GetRequiredService<RouteFetcher>(), Find(house, "one"));
        var offers = Offer().ToJsonString();
        lines["one"].Says = _ => Answer(HttpStatusCode.Created, """{"data":{"id":"orq_1","offers":[OFFER]}}""".Replace("OFFER", offers, StringComparison.Ordinal));

        Assert.True(await fetcher.FetchNextAsync(one, CancellationToken.None));
        lines["one"].Says = _ => Answer(HttpStatusCode.ServiceUnavailable, "");
        Assert.True(await fetcher.FetchNextAsync(one, CancellationToken.None));
        Assert.False(await fetcher.FetchNextAsync(one, CancellationToken.None));   // all days were tried just now

        var flight = Assert.Single((await house.LastAsync<FlightsPublished>()).Flights);
        Assert.Equal(("ZZ101-20261221", "one", Money.Of(120m, "EUR")), (flight.FlightId, flight.Supplier, flight.Cabins[0].Fare));
        var rows = await house.QueryAsync(db => db.FetchedRoutes.OrderBy(row => row.DepartsOn).ToListAsync());
        Assert.Equal([null, "http_503"], rows.Select(row => row.Problem));
        Assert.Equal([1, 0], rows.Select(row => row.Flights));

        // Half a day later the failed day and then the good one come again; a flight that is gone is withdrawn.
        await house.PublishAsync(flight with { DepartsLocal = new(2026, 12, 1, 9, 0, 0), FlightId = "ZZ101-20261201", Flight = new("ZZ", 101) });
        house.Service.Clock.AdjustTime(house.Service.Clock.GetUtcNow().AddHours(12.5));
        lines["one"].Says = _ => Answer(HttpStatusCode.Created, """{"data":{"id":"orq_1","offers":[]}}""");
        Assert.True(await fetcher.FetchNextAsync(one, CancellationToken.None));
        Assert.True(await fetcher.FetchNextAsync(one, CancellationToken.None));
        var gone = Assert.Single((await house.LastAsync<FlightsPublished>()).Flights);
        Assert.Equal(("ZZ101-20261201", 0), (gone.FlightId, gone.Cabins.Count));
    }

    [Fact]
    public void Offers_map_with_what_is_missing_unknown_or_odd()
    {
        SupplierOffer Mapped(Action<JsonNode> change)
        {
            var (offer, skipped) = Map(change);
            Assert.True(offer is not null, skipped?.Reason);
            return offer!;
        }

        string Skipped(Action<JsonNode> change) => Map(change).Skipped!.Reason;

        var plain = Mapped(_ => { }).Snapshot;
        Assert.Equal((Money.Of(120m, "EUR"), "NIL", Cabin.Economy, "Europe/Paris"), (plain.Total, plain.Segments[0].BaggageAllowance, plain.Segments[0].Cabin, plain.Segments[0].ArrivalZone));
        Assert.Equal(new(2026, 12, 21, 8, 40, 0, TimeSpan.Zero), plain.Segments[0].ArrivesAt);
        Assert.Null(Mapped(offer => offer["payment_requirements"] = null).Snapshot.PayLaterUntil);
        Assert.False(Mapped(offer => offer["payment_requirements"] = null).Terms.CanHold);
        Assert.Null(Mapped(offer => offer["conditions"]!["refund_before_departure"] = null).Snapshot.Conditions.Refundable);
        Assert.Equal("ZZ", Mapped(offer => Segment(offer)["operating_carrier"]!["iata_code"] = null).Snapshot.Segments[0].OperatingCarrier);
        Assert.Equal("XX", Mapped(offer => Segment(offer)["operating_carrier"]!["iata_code"] = "XX").Snapshot.Segments[0].OperatingCarrier);
        Assert.Contains("brand_new", Mapped(offer => offer["brand_new"] = new JsonObject { ["field"] = 1 }).Terms.Raw, StringComparison.Ordinal);
        Assert.Equal(120m, Mapped(offer => offer["tax_amount"] = null).Snapshot.Lines.Sum(line => line.Amount.Amount));
        var late = Mapped(offer =>
        {
            Segment(offer)["arriving_at"] = "2026-12-22T09:25:00";
            Segment(offer)["duration"] = "PT25H20M";
        }).Snapshot.Segments[0];
        Assert.Equal(TimeSpan.FromMinutes((25 * 60) + 20), late.ArrivesAt - late.DepartsAt);

        Assert.Equal("airline.without_code", Skipped(offer => offer["owner"]!["iata_code"] = null));
        Assert.Equal("airline.without_code", Skipped(offer => Segment(offer)["marketing_carrier"]!["iata_code"] = null));
        Assert.Equal("airport.without_code", Skipped(offer => Segment(offer)["origin"]!["iata_code"] = null));
        Assert.Equal("flight.without_number", Skipped(offer => Segment(offer)["marketing_carrier_flight_number"] = "12345"));
        Assert.Equal("currency.unknown", Skipped(offer => offer["total_currency"] = "QQQ"));
        Assert.Equal("price.malformed", Skipped(offer => offer["total_amount"] = "1,200.00"));
        Assert.Equal("price.malformed", Skipped(offer => offer["total_amount"] = "120.005"));
        Assert.Equal("price.does_not_add_up", Skipped(offer => offer["total_amount"] = "99.00"));
        Assert.Equal("times.impossible", Skipped(offer => Segment(offer)["arriving_at"] = "2026-12-21T06:00:00"));
        Assert.Equal("times.impossible", Skipped(offer =>
        {
            Segment(offer)["departing_at"] = "2027-03-28T01:30:00";   // in Edinburgh no clock shows it
            Segment(offer)["arriving_at"] = "2027-03-28T06:00:00";
        }));
        Assert.Equal("offer.other_passengers", Skipped(offer => offer["passengers"]!.AsArray().Add(new JsonObject { ["id"] = "pas_2", ["age"] = 1 })));
        Assert.Equal("offer.malformed", Skipped(offer => offer["slices"] = "none"));
    }

    [Fact]
    public void A_wall_clock_that_shows_an_hour_twice_is_told_by_the_duration()
    {
        var (london, paris) = (TimeZoneInfo.FindSystemTimeZoneById("Europe/London"), TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris"));
        var departs = new DateTime(2026, 10, 25, 1, 30, 0);   // clocks go back at 01:00 UTC
        DateTimeOffset At(int minutes) => OfferMapping.Instants(departs, london, new(2026, 10, 25, 4, 0, 0), paris, TimeSpan.FromMinutes(minutes)).DepartsAt;

        Assert.Equal(new(2026, 10, 25, 0, 30, 0, TimeSpan.Zero), At(150));
        Assert.Equal(new(2026, 10, 25, 1, 30, 0, TimeSpan.Zero), At(90));
        Assert.Equal(TimeSpan.FromMinutes((26 * 60) + 10), OfferMapping.Span("PT26H10M"));
        Assert.Equal(TimeSpan.FromHours(26), OfferMapping.Span("P1DT2H"));
        Assert.Null(OfferMapping.Span("soon"));
    }

    [Fact]
    public void What_names_people_or_opens_doors_is_masked_wherever_it_stands()
    {
        var masked = Masks.Json("""{"data":[{"given_name":"Ada","born_on":null,"contact":{"emailAddress":"a@b.example"},"total_amount":"1.00","documents":[{"documentType":"PASSPORT","number":"C01"}]}],"access_token":"s"}""")!;

        Assert.Equal("""{"data":[{"given_name":"***","born_on":null,"contact":"***","total_amount":"1.00","documents":"***"}],"access_token":"***"}""", masked);
        Assert.Contains("9991234567890", Masks.Json("""{"documents":[{"type":"electronic_ticket","unique_identifier":"9991234567890"}]}""")!, StringComparison.Ordinal);
        Assert.DoesNotContain("Ada", Masks.Json("Ada, not JSON")!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Suppliers:one:BaseUrl", "not an address", "Suppliers:one:BaseUrl")]
    [InlineData("Suppliers:one:Protocol", "telex", "Suppliers:one:Protocol")]
    [InlineData("Suppliers:one:AccessToken", "", "Suppliers:one:AccessToken")]
    [InlineData("Suppliers:one:Timeout", "01:00:00", "Suppliers:one:Timeout")]
    [InlineData("Suppliers:one:Routes:0", "CDG-XXX", "Suppliers:one:Routes:0")]
    [InlineData("Suppliers:one:WebhookSecrets:0", "short", "Suppliers:one:WebhookSecrets:0")]
    public async Task A_wrong_setting_of_a_supplier_stops_the_service_and_is_named(string key, string value, string named)
    {
        var settings = Settings("one");
        settings[key] = value;

        var problem = await Assert.ThrowsAnyAsync<OptionsValidationException>(() => House.OpenAsync(settings));

        Assert.Contains(problem.Failures, failure => failure.StartsWith(named, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_supplier_cannot_be_named_like_the_house_airline() =>
        Assert.Contains("Suppliers:house", (await Assert.ThrowsAsync<SettingException>(() => House.OpenAsync(Settings("house")))).Message, StringComparison.Ordinal);

    private static async Task<bool> HasAnsweredAsync(House house, string supplier, int times)
    {
        await house.Service.Services.GetRequiredService<SupplierLog>().FlushAsync(CancellationToken.None);
        return await house.QueryAsync(db => db.SupplierLog.CountAsync(entry => entry.Supplier == supplier && entry.Status == 201)) == times;
    }

    private static JsonNode Segment(JsonNode offer) => offer["slices"]![0]!["segments"]![0]!;

    private static (SupplierOffer? Offer, SkippedOffer? Skipped) Map(Action<JsonNode> change)
    {
        var offer = Offer();
        change(offer);
        return DuffelMapping.Offer(JsonDocument.Parse(offer.ToJsonString()).RootElement, "one", [PassengerType.Adult]);
    }

    private static JsonNode Offer() => JsonNode.Parse("""
        {
          "id": "off_1", "expires_at": "2026-12-01T00:30:00Z", "owner": {"name": "Z", "iata_code": "ZZ"},
          "base_amount": "100.00", "base_currency": "EUR", "tax_amount": "20.00", "tax_currency": "EUR", "total_amount": "120.00", "total_currency": "EUR",
          "conditions": {"refund_before_departure": {"allowed": true, "penalty_amount": "30.00", "penalty_currency": "EUR"}, "change_before_departure": null},
          "payment_requirements": {"requires_instant_payment": false, "payment_required_by": "2026-12-02T00:00:00Z", "price_guarantee_expires_at": null},
          "passengers": [{"id": "pas_1", "type": "adult"}],
          "slices": [{"id": "sli_1", "segments": [{
            "id": "seg_1", "departing_at": "2026-12-21T07:05:00", "arriving_at": "2026-12-21T09:40:00", "duration": "PT1H35M",
            "origin": {"iata_code": "EDI", "time_zone": "Europe/London"}, "destination": {"iata_code": "CDG", "time_zone": "Europe/Paris"},
            "marketing_carrier": {"iata_code": "ZZ"}, "marketing_carrier_flight_number": "0101", "operating_carrier": {"iata_code": "ZZ"}, "aircraft": null,
            "passengers": [{"passenger_id": "pas_1", "cabin_class": "economy", "fare_basis_code": "OZZ", "baggages": []}], "stops": [{"id": "sto_1"}]
          }]}]
        }
        """)!;
}
