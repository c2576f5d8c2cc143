using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Aerona.Airlines.Amadeus;
using Aerona.Airlines.Duffel;
using Aerona.Airlines.Outside;
using Aerona.Airlines.Webhooks;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Cancellations;
using Aerona.PayPalSpecs;
using Aerona.Suppliers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Airlines.Tests.Outside;

/// <summary>Both protocols held against descriptions that nobody here wrote: every call the adapters can make, every recorded answer, the published signature.</summary>
public sealed class SpecTests(ZzWorld zz, ITestOutputHelper output) : IClassFixture<ZzWorld>
{
    private static readonly JsonElement Nothing = JsonDocument.Parse("{}").RootElement;

    private static string Folder()
    {
        var folder = Environment.GetEnvironmentVariable("AERONA_SPECS");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "AERONA_SPECS is not set: the adapters are not checked against the suppliers' API descriptions");
        return folder!;
    }

    [Fact]
    public async Task Every_call_of_the_Duffel_adapter_and_every_answer_of_ZZ_is_as_Duffels_description_wants_it()
    {
        _ = Folder();
        var supplier = zz.Airlines.Services.GetRequiredService<OutsideSuppliers>().Find("zz")!;
        var held = await zz.OfferAsync("EDI", "CDG", PassengerType.Adult, PassengerType.Child, PassengerType.Infant);
        var (order, reference) = await zz.BoughtAsync(held);
        await zz.BoughtAsync(await zz.OfferAsync("LHR", "AMS"));
        await zz.SendAsync(new PriceOffer(Guid.NewGuid(), held.Id));
        var known = new KnownOrder(order.OrderId, zz.Airlines.Clock.GetUtcNow(), reference);
        Assert.Equal(SupplierAnswerKind.Unknown, (await supplier.LookUpAsync(known with { OrderId = Guid.NewGuid(), Reference = null }, CancellationToken.None)).Kind);
        Assert.Null((await supplier.ChangesAsync(known, CancellationToken.None)).Problem);
        Assert.NotNull((await supplier.QuoteCancellationAsync(known, CancellationToken.None)).Refund);
        var offered = (await supplier.FetchAsync(new([new("EDI", "CDG", ZzWorld.Day)], [PassengerType.Adult], Cabin.Business), CancellationToken.None)).Offers[0];
        Assert.Contains((await supplier.SeatMapsAsync(offered, CancellationToken.None)).Seats, seat => seat.IsFree && seat.Price is not null);
        var wanted = await QuotedAsync(supplier, known, order.OfferId);
        Assert.Equal(CancelAnswerKind.Absent, (await supplier.LookUpCancellationAsync(wanted with { NotedAt = wanted.NotedAt.AddHours(-1) }, CancellationToken.None)).Kind);
        Assert.Equal((CancelAnswerKind.Cancelled, wanted.Refund), await supplier.CancelQuotedAsync(wanted, CancellationToken.None) is var given ? (given.Kind, given.Refund) : default);
        Assert.Equal((CancelAnswerKind.Cancelled, wanted.Refund), await supplier.LookUpCancellationAsync(wanted, CancellationToken.None) is var found ? (found.Kind, found.Refund) : default);
        Assert.Equal(SupplierAnswerKind.Cancelled, (await supplier.CancelAsync(known, CancellationToken.None)).Kind);

        // What ZZ answered stands as the mock's examples: one that the description does not allow keeps it from starting.
        var examples = Directory.CreateTempSubdirectory("aerona-duffel-answers-").FullName;
        var calls = zz.Wire.Calls.Where(call => call.Status < 300).ToList();
        foreach (var call in calls)
        {
            // The description makes an object of the type of a place, where Duffel writes a word, and wants the time of a confirmation before there is one.
            var answer = call.Answer.Replace("_type\":\"airport\"", "_type\":{}", StringComparison.Ordinal).Replace("\"confirmed_at\":null", "\"confirmed_at\":\"\"", StringComparison.Ordinal);
            await File.WriteAllTextAsync(Path.Combine(examples, $"{Operation(call)}.{call.Status}.json"), answer);
        }

        await using (var mock = await SpecMock.StartAsync("duffel/duffel.openapi.json", examples))
        {
            await MustBeRefusedAsync(mock, "/air/offer_requests", """{"data":{"slices":[{"origin":"EDI","destination":"CDG","departure_date":"2026-12-21"}],"passengers":[{"type":"alien"}]}}""");
            foreach (var call in calls)
            {
                await SayAsync(mock, new(call.Method), call.PathAndQuery.Replace("/sandbox/zz", "", StringComparison.Ordinal), call.Body);
            }

            await AssertNoViolationsAsync(mock, calls.Count, calls.Select(Operation).Distinct().Count());
        }

        Directory.Delete(examples, recursive: true);
        Assert.Equal(
            [
                "confirmOrderCancellation", "createOfferRequest", "createOrder", "createOrderCancellation", "createPayment", "getOffer", "getOrder", "getOrderCancellation",
                "getSeatMaps",
                "listAirlineInitiatedChanges", "listOrders",
            ],
            calls.Select(Operation).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_call_of_the_Amadeus_adapter_is_as_Amadeus_descriptions_want_it_and_their_examples_are_understood()
    {
        var folder = Folder();
        var examples = Directory.CreateTempSubdirectory("aerona-no-answers-").FullName;
        (string Path, string Description)[] files =
        [
            ("/v1/security", "Authorizaton_v1"), ("/v2/shopping/flight-offers", "FlightOffersSearch_v2"), ("/v1/shopping/flight-offers/pricing", "FlightOffersPrice_v1"),
            ("/v1/booking", "FlightCreateOrders_v1"), ("/v1/booking/flight-orders/", "FlightOrderManagement_v1"), ("/v1/shopping/seatmaps", "SeatMapDisplay_v1"),
            ("/v2/schedule", "OnDemandFlightStatus_v2"),
        ];
        var mocks = await Task.WhenAll(files.Select(file => SpecMock.StartAsync($"amadeus/{file.Description}.json", examples)));
        try
        {
            await MustBeRefusedAsync(mocks[1], "/v2/shopping/flight-offers", """{"originDestinations":"everywhere"}""", ("X-HTTP-Method-Override", "GET"));
            await using var house = await House.OpenAsync(
                new Dictionary<string, string?>
                {
                    ["Suppliers:gds:Protocol"] = "amadeus",
                    ["Suppliers:gds:BaseUrl"] = "http://amadeus.example",
                    ["Suppliers:gds:ClientId"] = "client",
                    ["Suppliers:gds:ClientSecret"] = "a secret",
                    ["Suppliers:gds:Timeout"] = "00:02:00",
                },
                services => services.AddHttpClient(SupplierHttp.ClientName("gds")).ConfigurePrimaryHttpMessageHandler(() => new Router(files, mocks)));
            var supplier = (AmadeusSupplier)house.Service.Services.GetRequiredService<OutsideSuppliers>().Find("gds")!;
            var cancellation = CancellationToken.None;

            var searched = await supplier.FetchAsync(new([new("SYD", "BKK", new(2026, 12, 21))], [PassengerType.Adult, PassengerType.Child, PassengerType.Infant], Cabin.Economy), cancellation);
            Assert.Null(searched.Problem);
            var raw = Example(folder, "FlightOffersSearch_v2", "GETAirOffersReply").GetProperty("data")[0];
            var party = raw.GetProperty("travelerPricings").EnumerateArray().Select(_ => PassengerType.Adult).ToList();
            var (offer, skipped) = AmadeusMapping.Offer(raw, "gds", party, house.Service.Clock.GetUtcNow());
            output.WriteLine($"amadeus example offer {raw.GetProperty("id")}: {(offer is null ? skipped!.Reason : offer.Snapshot.Total.ToString())}");
            offer ??= new(new("1", false, raw.GetRawText()), null!);
            var asked = offer with { Snapshot = offer.Snapshot ?? new(Guid.Empty, "gds", "ZZ", [], [new("p1", PassengerType.Adult)], [], Money.Zero("EUR"), new(null, null, null, null), default) };

            await supplier.PriceAsync(asked, cancellation);
            Assert.Null((await supplier.SeatMapsAsync(asked, cancellation)).Problem);
            var bought = await supplier.CommitAsync(
                new(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), 1, asked.Snapshot, "BCDFGH",
                    [new("p1", PassengerType.Adult, "Ada", "Lovelace", "ADA", "LOVELACE", new(1990, 1, 31), null, Gender.Female)], ZzWorld.Contact, asked.Terms),
                cancellation);
            Assert.Equal((SupplierAnswerKind.Confirmed, "2ZYVAL"), (bought.Kind, bought.Locators![0].Code));
            var known = new KnownOrder(Guid.NewGuid(), house.Service.Clock.GetUtcNow(), bought.Reference);
            Assert.Equal(SupplierAnswerKind.Confirmed, (await supplier.LookUpAsync(known, cancellation)).Kind);
            Assert.Equal(SupplierAnswerKind.Cancelled, (await supplier.CancelAsync(known, cancellation)).Kind);
            var sold = new SoldOrder(asked.Snapshot, []);
            var quote = await supplier.QuoteCancellationAsync(new CancelWish(Guid.NewGuid(), known, sold, null, CancellationCause.Voluntary, house.Service.Clock.GetUtcNow()), cancellation);
            Assert.Equal((null, null), (quote.Problem, quote.Refund));
            var wanted = new QuotedCancel(
                Guid.NewGuid(), Guid.NewGuid(), known, sold, quote.Reference, [], [], null, false, CancellationCause.Voluntary, house.Service.Clock.GetUtcNow().AddHours(-1));
            Assert.Equal(CancelAnswerKind.Cancelled, (await supplier.CancelQuotedAsync(wanted, cancellation)).Kind);
            Assert.Equal(CancelAnswerKind.Absent, (await supplier.LookUpCancellationAsync(wanted, cancellation)).Kind);   // the mock shows it still
            var status = await supplier.StatusAsync(new("TP", 487), new(2023, 8, 1), cancellation);
            Assert.Equal(new(2023, 8, 1, 16, 10, 0, TimeSpan.Zero), status.Times.First(time => time.Kind == "STD").At);

            var verdicts = (await Task.WhenAll(mocks.Select(mock => mock.VerdictsAsync()))).SelectMany(some => some).ToList();
            output.WriteLine($"amadeus: {verdicts.Count} calls, {verdicts.Select(verdict => verdict.Operation).Distinct().Count()} operations, {verdicts.Sum(verdict => verdict.Violations.Count)} violations");
            Assert.All(verdicts, verdict => Assert.True(verdict.Violations.Count == 0, $"{verdict.Operation}: {string.Join("; ", verdict.Violations)}"));
            Assert.Equal(8, verdicts.Select(verdict => verdict.Operation).Distinct().Count());
        }
        finally
        {
            foreach (var mock in mocks)
            {
                await mock.DisposeAsync();
            }

            Directory.Delete(examples, recursive: true);
        }
    }

    [Fact]
    public async Task Every_recorded_answer_of_Duffels_maps_or_is_refused_with_a_typed_error()
    {
        var files = Directory.GetFiles(Path.Combine(Folder(), "duffel", "fixtures"), "*.json").Order(StringComparer.Ordinal).ToList();
        var supplier = (DuffelSupplier)zz.Airlines.Services.GetRequiredService<OutsideSuppliers>().Find("zz")!;
        var table = new List<(string File, string Becomes)>();
        foreach (var file in files)
        {
            var json = JsonDocument.Parse(await File.ReadAllTextAsync(file)).RootElement;
            table.Add((Path.GetFileName(file), Becomes(supplier, json)));
        }

        output.WriteLine(string.Join('\n', table.Select(row => $"{row.File,-30} {row.Becomes}")));
        Assert.Equal(19, table.Count);
        Assert.All(table, row => Assert.NotEqual("?", row.Becomes));
        Assert.Equal("12 offers, 0 skipped", table.Single(row => row.File == "offer_requests_create.json").Becomes);
        Assert.Equal("refused: Unavailable internal_server_error", table.Single(row => row.File == "api_error.json").Becomes);
        Assert.StartsWith("Confirmed GAIRBB", table.Single(row => row.File == "order.json").Becomes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_published_signature_is_genuine_and_its_forgeries_are_not()
    {
        var vector = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Folder(), "duffel", "webhook-signature-vector.json"))).RootElement;
        string Text(string name) => vector.GetProperty(name).GetString()!;
        var at = DateTimeOffset.FromUnixTimeSeconds(long.Parse(Text("signature").Split(',')[0][2..], CultureInfo.InvariantCulture));
        SignatureVerdict Judge(string body, string signature, DateTimeOffset now) => SupplierSignature.Verify(signature, Encoding.UTF8.GetBytes(body), ["another one", Text("secret")], now);

        Assert.Equal(SignatureVerdict.Genuine, Judge(Text("body"), Text("signature"), at));
        Assert.Equal(SignatureVerdict.Stale, Judge(Text("body"), Text("signature"), at.AddMinutes(6)));
        foreach (var wrong in vector.GetProperty("not_genuine").EnumerateArray())
        {
            var (body, signature) = (wrong.TryGetProperty("body", out var other) ? other.GetString()! : Text("body"), wrong.TryGetProperty("signature", out var forged) ? forged.GetString()! : Text("signature"));
            Assert.NotEqual(SignatureVerdict.Genuine, Judge(body, signature, at));
        }
    }

    private static string Becomes(DuffelSupplier supplier, JsonElement json)
    {
        if (json.TryGetProperty("errors", out _))
        {
            return DuffelSupplier.Error(HttpStatusCode.BadRequest, json) is { } problem ? $"refused: {problem.Kind} {problem.Code}" : "?";
        }

        var data = json.GetProperty("data");
        var first = data.ValueKind == JsonValueKind.Array ? data.EnumerateArray().FirstOrDefault(Nothing) : data;
        bool Has(string name) => first.ValueKind == JsonValueKind.Object && first.TryGetProperty(name, out _);
        List<PassengerType> Party(JsonElement offer) =>
            [.. (offer.TryGetProperty("passengers", out var own) ? own : first.GetProperty("passengers")).Deserialize<List<DuffelPassenger>>(DuffelJson.Options)!.Select(DuffelMapping.TypeOf)];
        string Offers(JsonElement list) => list.GetArrayLength() == 0
            ? "0 offers, 0 skipped"
            : supplier.Offers(list, Party(list[0])) is var mapped ? $"{mapped.Offers.Count} offers, {mapped.Skipped.Count} skipped{(mapped.Skipped.Count > 0 ? $": {mapped.Skipped[0].Reason}" : "")}" : "?";
        if (Has("offers"))
        {
            return Offers(first.GetProperty("offers"));
        }

        if (Has("payment_requirements"))
        {
            return data.ValueKind == JsonValueKind.Array ? Offers(data)
                : DuffelMapping.Offer(data, "zz", Party(data)) is { Offer: { } offer } ? $"offer {offer.Snapshot.Total}, {offer.Snapshot.Segments.Count} segments"
                : $"skipped: {DuffelMapping.Offer(data, "zz", Party(data)).Skipped!.Reason}";
        }

        if (Has("booking_reference"))
        {
            var order = first.Deserialize<DuffelOrder>(DuffelJson.Options)!;
            var answer = supplier.Answer(order, DateTimeOffset.MinValue);
            return $"{answer.Kind} {answer.Locators?[0].Code}, ticketing limit {answer.TicketingLimitAt:yyyy-MM-dd}, tickets {(answer.TicketNumbers is null ? "not known" : answer.TicketNumbers.Count)}";
        }

        return Has("cabins") ? $"{DuffelSupplier.Seats(data).Seats.Count} seats"
            : Has("refund_to") && Has("order_id") && !Has("slices") ? $"cancellation {first.Deserialize<DuffelCancellation>(DuffelJson.Options)!.RefundAmount}"
            : Has("slices") ? $"order change of {first.Deserialize<DuffelCancellation>(DuffelJson.Options)!.OrderId}: no call of ours asks for it"
            : Has("amount") ? $"payment {first.Deserialize<DuffelPayment>(DuffelJson.Options)!.Id}"
            : Has("events") ? "webhook: no call of ours asks for it"
            : Has("time_zone") ? $"{data.Deserialize<List<DuffelPlace>>(DuffelJson.Options)!.Count(place => place.TimeZone is not null && OfferMapping.Zone("", place.TimeZone) is not null)} airports with a known zone"
            : Has("iata_code") ? $"{data.Deserialize<List<DuffelAircraft>>(DuffelJson.Options)!.Count} aircraft"
            : "?";
    }

    private async Task<QuotedCancel> QuotedAsync(IOutsideSupplier supplier, KnownOrder known, Guid offerId)
    {
        var snapshot = (await zz.QueryAsync(db => db.Offers.SingleAsync(row => row.Id == offerId))).Snapshot;
        var wish = new CancelWish(Guid.NewGuid(), known, new(snapshot, []), null, CancellationCause.Voluntary, zz.Airlines.Clock.GetUtcNow());
        var quote = await supplier.QuoteCancellationAsync(wish, CancellationToken.None);
        Assert.NotNull(quote.Refund);
        return new(wish.CancellationId, Guid.NewGuid(), known, wish.Sold, quote.Reference, [], [], quote.Refund, false, wish.Cause, zz.Airlines.Clock.GetUtcNow());
    }

    private static string Operation(Recorder.Call call)
    {
        var path = call.PathAndQuery.Split('?')[0].Replace("/sandbox/zz/air/", "", StringComparison.Ordinal).Split('/');
        return (call.Method, path[0], path.Length) switch
        {
            ("POST", "offer_requests", 1) => "createOfferRequest",
            ("GET", "offers", 2) => "getOffer",
            ("GET", "seat_maps", 1) => "getSeatMaps",
            ("POST", "orders", 1) => "createOrder",
            ("GET", "orders", 1) => "listOrders",
            ("GET", "orders", 2) => "getOrder",
            ("POST", "payments", 1) => "createPayment",
            ("POST", "order_cancellations", 1) => "createOrderCancellation",
            ("GET", "order_cancellations", 2) => "getOrderCancellation",
            ("POST", "order_cancellations", 4) => "confirmOrderCancellation",
            ("GET", "airline_initiated_changes", 1) => "listAirlineInitiatedChanges",
            _ => $"{call.Method} {call.PathAndQuery}",
        };
    }

    private static JsonElement Example(string folder, string file, string response) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "amadeus", $"{file}.json"))).RootElement.GetProperty("responses").GetProperty(response).GetProperty("schema").GetProperty("example");

    /// <summary>The canary: a mock that takes everything would find nothing.</summary>
    private static async Task MustBeRefusedAsync(SpecMock mock, string path, string body, params (string Name, string Value)[] headers)
    {
        using var answer = await SayAsync(mock, HttpMethod.Post, path, body, headers);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        await mock.ForgetAsync();
    }

    private static async Task<HttpResponseMessage> SayAsync(SpecMock mock, HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("Duffel-Version", "v2");
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await mock.Http.SendAsync(request);
    }

    private async Task AssertNoViolationsAsync(SpecMock mock, int calls, int operations)
    {
        var verdicts = await mock.VerdictsAsync();
        output.WriteLine($"duffel: {verdicts.Count} calls, {operations} operations, {verdicts.Sum(verdict => verdict.Violations.Count)} violations");
        Assert.Equal(calls, verdicts.Count);
        Assert.All(verdicts, verdict => Assert.True(verdict.Violations.Count == 0, $"{verdict.Operation}: {string.Join("; ", verdict.Violations)}"));
    }

    /// <summary>Each path to the mock of its description.</summary>
    private sealed class Router((string Path, string Description)[] files, SpecMock[] mocks) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker wire = new(new SocketsHttpHandler());

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.PathAndQuery;
            var index = files.Index().Where(file => path.StartsWith(file.Item.Path, StringComparison.Ordinal)).MaxBy(file => file.Item.Path.Length).Index;
            request.RequestUri = new(mocks[index].Http.BaseAddress!, path);
            request.Headers.Host = null;
            return wire.SendAsync(request, cancellationToken);
        }
    }
}
