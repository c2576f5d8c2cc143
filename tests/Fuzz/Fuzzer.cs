using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.AllInOne.Commands;

namespace Aerona.Fuzz;

/// <summary>A fault, once for each operation and kind.</summary>
/// <param name="Operation">Its operationId.</param>
/// <param name="What">Which rule was broken.</param>
/// <param name="Curl">The first call that did it.</param>
/// <param name="Answer">The beginning of what came.</param>
internal sealed record Finding(string Operation, string What, string Curl, string Answer);

/// <summary>What a run did.</summary>
/// <param name="Calls">Sent in all.</param>
/// <param name="Operations">Described.</param>
/// <param name="Reached">Operations that answered with success at least once.</param>
/// <param name="Pairs">Different operations and statuses that were seen.</param>
/// <param name="Findings">Faults.</param>
/// <param name="Never">Operations that never answered with success.</param>
internal sealed record Report(long Calls, int Operations, int Reached, int Pairs, IReadOnlyList<Finding> Findings, IReadOnlyList<string> Never);

/// <summary>Calls every operation of an API description, as it wants and in all the ways it does not want, and judges the answers.</summary>
/// <param name="http">Speaks to Aerona; its address is where curl goes.</param>
/// <param name="token">A token for a role and a subject; null when there is none to be had. They live for ten minutes.</param>
/// <param name="seed">Of all that is drawn.</param>
internal sealed class Fuzzer(HttpClient http, Func<string, string, string?> token, int seed)
{
    /// <summary>Stands in the seeds' bookings and nowhere else.</summary>
    private static readonly Traveller Secret = new("adult", "Zsazsa", "Canarywharf");

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<(string Operation, string What), Finding> findings = [];
    private readonly ConcurrentDictionary<(string Operation, int Status), byte> pairs = [];
    private readonly ConcurrentDictionary<string, JsonNode> bodies = [];
    private long calls;

    public async Task<Report> RunAsync(TimeSpan time, int workers, CancellationToken cancellationToken)
    {
        var description = JsonNode.Parse(await http.GetStringAsync("/openapi/v1.json", cancellationToken))!;
        var operations = Operation.Read(description);
        var values = new Values(description, DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime));
        var guests = await SeedAsync(values, cancellationToken);
        string[] knowing = [.. guests, .. new[] { token("support", "staff@aerona.example"), token("operations", "desk@aerona.example") }.OfType<string>()];
        string?[] tokens = [null, token("traveller", "other@aerona.example"), .. knowing];
        var clock = Stopwatch.StartNew();
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(
            async () =>
            {
                while (clock.Elapsed < time)
                {
                    var number = Interlocked.Increment(ref next);
                    var random = new Random(unchecked((seed * 1_000_003) + number));
                    await CallAsync(Make(operations[number % operations.Count], values, tokens, random), knowing, values, cancellationToken);
                }
            },
            cancellationToken)));
        var reached = operations.Where(operation => pairs.Keys.Any(pair => pair.Operation == operation.Id && pair.Status is >= 200 and < 400)).ToList();
        return new(
            calls, operations.Count, reached.Count, pairs.Count, [.. findings.Values.OrderBy(finding => finding.Operation, StringComparer.Ordinal)],
            [.. operations.Except(reached).Select(operation => operation.Id)]);
    }

    /// <summary>A valid chain to begin with: a flight that was found, its offer, three bookings of it; whoever made them has a token.</summary>
    private async Task<IReadOnlyList<string>> SeedAsync(Values values, CancellationToken cancellationToken)
    {
        var client = new AeronaClient(http);
        var guests = new List<string>();
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        for (var day = 5; day < 30 && guests.Count < 3; day++)
        {
            var found = await client.SearchAsync("SGN", "HAN", today.AddDays(day), [Secret], cancellationToken);
            foreach (var flight in found.GetProperty("flights").EnumerateArray().Take(1))
            {
                values.Learn("/v1/flights", flight);
                var offer = await client.OfferAsync(flight.Text("flightId"), [Secret], cancellationToken);
                values.Learn("/v1/offers", offer);
                var (journey, view) = await client.BookAsync(offer, [Secret], cancellationToken);
                Remember("SubmitBooking", AeronaClient.BookingForm(offer, [Secret]));
                Remember("MakeOffer", new { flights = new[] { new { flightId = flight.Text("flightId"), cabin = "economy" } }, passengers = new[] { new { type = "adult" } } });
                Remember("LookUpBooking", new { locator = journey.Locator, surname = Secret.Surname });
                var day1 = today.AddDays(day).ToString("O", CultureInfo.InvariantCulture);
                Remember("SearchFlights", new { origin = "SGN", destination = "HAN", departsOn = day1, cabin = "economy", travellers = new { adults = 1, children = 0, infants = 0 }, maxStops = 0, sort = "price" });
                Remember("FindLiveOffers", new { legs = new[] { new { origin = "SGN", destination = "HAN", departsOn = day1 } }, passengers = new[] { new { type = "adult" } } });
                values.Learn("/v1/bookings", view);
                guests.Add(journey.Token);
            }
        }

        return guests.Count > 0 ? guests : throw new CommandFailedException("there is no flight from SGN to HAN to begin with");
    }

    /// <summary>A body that is right, for an operation that takes more than a schema says.</summary>
    private void Remember(string operation, object body) => bodies[operation] = JsonSerializer.SerializeToNode(body)!;

    private Call Make(Operation operation, Values values, string?[] tokens, Random random)
    {
        var target = operation.Path;
        var query = new List<string>();
        var headers = new List<(string, string)>();
        foreach (var parameter in operation.Parameters)
        {
            switch (parameter.In)
            {
                case "path":
                    var value = random.Next(8) == 0 ? Values.Text(values.Make(parameter.Name, parameter.Schema, random, 0)) : values.OfPath(operation, parameter, random);
                    var from = target.IndexOf($"{{{parameter.Name}", StringComparison.Ordinal);
                    target = target[..from] + Uri.EscapeDataString(value) + target[(target.IndexOf('}', from) + 1)..];
                    break;
                case "query" when parameter.IsRequired || random.Next(3) == 0:
                    query.Add($"{parameter.Name}={Uri.EscapeDataString(Values.Text(values.Make(parameter.Name, parameter.Schema, random, 0)))}");
                    break;
                case "header" when parameter.Name == "Idempotency-Key":
                    headers.Add((parameter.Name, string.Create(CultureInfo.InvariantCulture, $"fuzz-{seed}-{random.Next()}")));
                    break;
                case "header" when parameter.IsRequired:
                    headers.Add((parameter.Name, Values.Text(values.Make(parameter.Name, parameter.Schema, random, 0))));
                    break;
            }
        }

        if (tokens[random.Next(tokens.Length)] is { } bearer)
        {
            headers.Add(("Authorization", $"Bearer {bearer}"));
        }

        var body = operation.Body is null ? null
            : bodies.TryGetValue(operation.Id, out var right) && random.Next(3) > 0 ? values.Renew(right, random)
            : values.Make("", operation.Body, random, 0) ?? new JsonObject();
        if (body is not null)
        {
            headers.Add(("Content-Type", "application/json"));
        }

        var call = new Call(operation, operation.Method, query.Count == 0 ? target : $"{target}?{string.Join('&', query)}", headers, body is null ? null : System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()), []);
        return random.Next(3) == 0 ? call : Mutations.Mutate(call, body, random);
    }

    private async Task CallAsync(Call call, IReadOnlyList<string> knowing, Values values, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref calls);
        Answer answer;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var request = call.ToRequest(http.BaseAddress!);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var isStream = response.Content.Headers.ContentType?.MediaType == "text/event-stream";   // never ends
            answer = new(
                (int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), isStream ? "" : await response.Content.ReadAsStringAsync(limit.Token),
                response.Headers.GroupBy(header => header.Key).ToDictionary(header => header.Key, header => string.Join(',', header.SelectMany(each => each.Value)), StringComparer.OrdinalIgnoreCase));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Note(call, $"does not answer within {Patience.TotalSeconds} s", "");
            return;
        }
        catch (Exception problem) when (problem is HttpRequestException or UriFormatException or FormatException or ArgumentException)
        {
            // What cannot be written as a request, or was refused by closing the connection while a large body was still on its way: no answer to judge.
            return;
        }

        pairs.TryAdd((call.Operation.Id, answer.Status), 0);
        var mayKnow = call.Headers.Any(header => header.Name == "Authorization" && knowing.Any(known => header.Value == $"Bearer {known}"));
        foreach (var fault in Oracles.Broken(call, answer, mayKnow, [Secret.Surname]))
        {
            Note(call, fault, answer.Body);
        }

        if (answer.Status is >= 200 and < 300 && answer.ContentType?.StartsWith("application/json", StringComparison.Ordinal) == true && answer.Body.Length > 0)
        {
            using var learned = JsonDocument.Parse(answer.Body);
            values.Learn(call.Operation.Path, learned.RootElement);
        }
    }

    private void Note(Call call, string what, string answer) =>
        findings.TryAdd((call.Operation.Id, what), new(call.Operation.Id, what, call.ToCurl(http.BaseAddress!), answer.Length > 300 ? answer[..300] : answer));
}
