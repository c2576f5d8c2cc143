using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Web;

namespace Aerona.AllInOne.Commands;

/// <summary>
/// <c>./aerona demo</c>: books through the public HTTP API only, as any client would, and prints each step with its time. Three stories: two adults and a
/// lap infant who fly; a card that is declined; a seat lost at the airline after the money was reserved. What it claims it checks: 1 when anything is off.
/// </summary>
internal sealed class Demo
{
    private readonly HttpClient http;
    private readonly string dataFolder;
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly List<string> wrong = [];

    private Demo(HttpClient http, string dataFolder)
    {
        this.http = http;
        this.dataFolder = dataFolder;
    }

    public static async Task<int> RunAsync(string[] args)
    {
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        try
        {
            var arguments = new Arguments(args, ["gateway", "port", "data", "from", "to"], ["exit"]);
            if (arguments["from"] is null != arguments["to"] is null)
            {
                throw new UsageException("--from and --to go together");
            }

            var data = Path.GetFullPath(arguments["data"] ?? "data");
            var aerona = await AeronaProcess.FindOrStartAsync(arguments["gateway"], arguments["port"] ?? "5080", data, Console.WriteLine, stop.Token);
            var result = 1;
            try
            {
                var demo = new Demo(aerona.Http, data);
                result = await demo.TellAsync(arguments["from"], arguments["to"], stop.Token);
            }
            finally
            {
                if (arguments.Has("exit") || result != 0)
                {
                    await aerona.StopAsync();
                }
            }

            if (aerona.IsOurs && !arguments.Has("exit"))
            {
                Console.WriteLine($"\nAerona goes on at {aerona.Address} (API reference, mailbox, PayPal sandbox). Log: {aerona.LogFile}\nStop it with: kill {aerona.ProcessId}");
            }

            return result;
        }
        catch (UsageException problem)
        {
            await Console.Error.WriteLineAsync($"aerona demo: {problem.Message}");
            return 2;
        }
        catch (Exception problem) when (problem is CommandFailedException or HttpRequestException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"aerona demo: {problem.Message}");
            return 1;
        }
    }

    private async Task<int> TellAsync(string? from, string? to, CancellationToken cancellationToken)
    {
        var (origin, destination) = (from ?? "SGN", to ?? "HAN");

        Heading("1. Two adults and a lap infant book, pay and fly");
        var flight = await SearchAsync(origin, destination, preferImported: from is not null, cancellationToken);
        var happy = await BookAsync(flight, [("adult", "Đặng Thị", "Nguyễn"), ("adult", "Minh", "Nguyễn"), ("infant", "An", "Nguyễn")], cancellationToken);
        await PayAsync(happy, "happy", cancellationToken);
        var confirmed = await FollowAsync(happy, view => State(view) is "confirmed" || IsFinal(view), cancellationToken);
        Expect(State(confirmed) == "confirmed", $"the booking ended {State(confirmed)}, not confirmed");
        Expect(Amount(confirmed, "captured") == Amount(confirmed, "total"), "the captured amount is not the price of the offer");
        var pdf = await FetchReceiptAsync(happy, cancellationToken);
        var mail = await FindMailAsync(happy, cancellationToken);

        Heading("2. The card is declined; the traveller gives up");
        flight = await SearchAsync(origin, destination, preferImported: false, cancellationToken);
        var declined = await BookAsync(flight, [("adult", "Dora", "Declined")], cancellationToken);
        await PayAsync(declined, "declined", cancellationToken);
        var again = await FollowAsync(declined, view => State(view) is "awaitingPayment" && declined.Seen.Contains("payment.declined") || IsFinal(view), cancellationToken);
        Expect(State(again) == "awaitingPayment", $"after the decline the booking is {State(again)}, not waiting for another card");
        Step($"seats stay held until {Instant(again, "until")}; allowed now: {Actions(again)}");
        await PostAsync($"/v1/bookings/{declined.Id}/cancellations", new { }, declined.Token, cancellationToken);
        var given = await FollowAsync(declined, IsFinal, cancellationToken);
        Expect(State(given) == "cancelledBeforePurchase", $"the booking ended {State(given)}, not cancelled before purchase");
        await ProveFromPayPalsBooksAsync(declined, authorised: false, cancellationToken);

        Heading("3. The airline sells the seat to somebody else at the last moment");
        var lost = await BookAsync(flight, [("adult", "Sam", "Soldout")], cancellationToken);
        await PayAsync(lost, "happy", cancellationToken);
        var undone = await FollowAsync(lost, IsFinal, cancellationToken);
        Expect(State(undone) == "rejected", $"the booking ended {State(undone)}, not rejected");
        await ProveFromPayPalsBooksAsync(lost, authorised: true, cancellationToken);

        Console.WriteLine();
        if (wrong.Count == 0)
        {
            Console.WriteLine($"All three stories ended as they should, in {clock.Elapsed.TotalSeconds:F1} s.");
            Console.WriteLine($"  locator   {happy.Locator}");
            Console.WriteLine($"  tickets   {string.Join(", ", TicketNumbers(confirmed))}");
            Console.WriteLine($"  receipt   {pdf}");
            Console.WriteLine($"  mail      {mail}");
            return 0;
        }

        Console.WriteLine($"{wrong.Count} thing(s) are off:");
        wrong.ForEach(what => Console.WriteLine($"  - {what}"));
        return 1;
    }

    /// <summary>Looks day by day for a flight with room for the party and tells what it found.</summary>
    private async Task<JsonElement> SearchAsync(string origin, string destination, bool preferImported, CancellationToken cancellationToken)
    {
        JsonElement? first = null;
        for (var day = 1; day <= 29; day++)
        {
            var date = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(day);
            var found = await PostAsync("/v1/flight-searches", new
            {
                origin,
                destination,
                departsOn = date.ToString("O", CultureInfo.InvariantCulture),
                cabin = "economy",
                travellers = new { adults = 2, children = 0, infants = 1 },
                sort = "price",
            }, null, cancellationToken);
            foreach (var flight in found.GetProperty("flights").EnumerateArray())
            {
                first ??= flight;
                if (!preferImported || await IsImportedAsync(flight, cancellationToken))
                {
                    Tell(flight, found.GetProperty("total").GetInt32(), preferImported);
                    return flight;
                }
            }
        }

        if (first is not { } seeded)
        {
            throw new CommandFailedException($"no flight from {origin} to {destination} in the next 29 days");
        }

        Tell(seeded, 1, imported: false);
        return seeded;

        void Tell(JsonElement flight, int of, bool imported) => Step(
            $"searched {origin} to {destination}: {of} flight(s), cheapest {Text(flight, "flight")} {Text(flight, "origin")}-{Text(flight, "destination")} " +
            $"on {Local(flight, "departure"):ddd d MMM HH:mm} ({Local(flight, "arrival"):HH:mm} local), {Text(flight.GetProperty("aircraft"), "name")}, " +
            $"{MoneyText(flight.GetProperty("price").GetProperty("total"))} for the party{(imported ? " (imported flight)" : "")}");
    }

    private async Task<bool> IsImportedAsync(JsonElement flight, CancellationToken cancellationToken)
    {
        var detail = await GetAsync($"/v1/operations/flights/{Text(flight, "flightId")}", null, cancellationToken);
        return detail.GetProperty("source").GetString() is { } source && source != "seed";
    }

    /// <summary>A booking under way and how far its timeline was printed.</summary>
    private sealed record Journey(Guid Id, string Locator, string? Token, string Email)
    {
        public HashSet<string> Seen { get; } = [];

        public int Printed { get; set; }

        public string? PayPalOrder { get; set; }
    }

    private async Task<Journey> BookAsync(JsonElement flight, IReadOnlyList<(string Type, string GivenName, string Surname)> party, CancellationToken cancellationToken)
    {
        var offer = await PostAsync("/v1/offers", new
        {
            flights = new[] { new { flightId = Text(flight, "flightId"), cabin = "economy" } },
            passengers = party.Select(person => new { type = person.Type }),
        }, null, cancellationToken);
        Step($"offer frozen until {Instant(offer, "expiresAt")}: {MoneyText(offer.GetProperty("total"))} " +
            $"({offer.GetProperty("passengers").EnumerateArray().Sum(passenger => passenger.GetProperty("lines").GetArrayLength())} price lines)");

        var travelYear = Local(offer.GetProperty("segments")[0], "departsLocal", nested: false).Year;
        var email = $"{party[0].Surname.Normalize(System.Text.NormalizationForm.FormD).Where(char.IsAsciiLetter).Aggregate("", (text, letter) => text + letter).ToLowerInvariant()}@traveller.example";
        var submitted = await PostAsync("/v1/bookings", new
        {
            offerId = Text(offer, "id"),
            passengers = party.Select((person, index) => new
            {
                id = $"p{index + 1}",
                givenName = person.GivenName,
                surname = person.Surname,
                birthDate = $"{(person.Type == "infant" ? travelYear - 1 : 1990 - index):0000}-01-15",
                accompaniedBy = person.Type == "infant" ? "p1" : null,
            }),
            contact = new { email, phone = (string?)null, locale = "en" },
        }, null, cancellationToken);
        var journey = new Journey(submitted.GetProperty("id").GetGuid(), Text(submitted, "locator"), Text(submitted, "guestToken"), email);
        Step($"booking {journey.Locator} accepted for {string.Join(", ", submitted.GetProperty("passengers").EnumerateArray().Select(passenger => Text(passenger, "nameOnTicket")))}");
        return journey;
    }

    /// <summary>Waits for the approval link and approves as that payer; then follows PayPal's redirect as a browser would.</summary>
    private async Task PayAsync(Journey journey, string payer, CancellationToken cancellationToken)
    {
        var waiting = await FollowAsync(journey, view => State(view) == "awaitingPayment" || IsFinal(view), cancellationToken);
        if (State(waiting) != "awaitingPayment")
        {
            throw new CommandFailedException($"booking {journey.Locator} is {State(waiting)} instead of waiting for the payer: {waiting}");
        }

        journey.PayPalOrder = HttpUtility.ParseQueryString(new Uri(Text(waiting, "approvalLink")).Query)["token"];
        Step($"the payer ({payer}) approves PayPal order {journey.PayPalOrder}");
        var approved = await PostAsync($"/sandbox/paypal/checkout/{journey.PayPalOrder}/approve", new { payer }, null, cancellationToken);
        if (approved.TryGetProperty("returnUrl", out var back) && back.GetString() is { } address)
        {
            using var page = await http.GetAsync(address, cancellationToken);
            Expect((int)page.StatusCode < 400, $"the return page answered {(int)page.StatusCode}");
        }
    }

    /// <summary>Polls the booking, prints what is new on its timeline, and returns the view in which the condition holds.</summary>
    private async Task<JsonElement> FollowAsync(Journey journey, Func<JsonElement, bool> until, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        JsonElement view = default;
        try
        {
            while (true)
            {
                view = await GetAsync($"/v1/bookings/{journey.Id}", journey.Token, limit.Token);
                var entries = (await GetAsync($"/v1/bookings/{journey.Id}/timeline", journey.Token, limit.Token)).GetProperty("entries");
                foreach (var entry in entries.EnumerateArray().Skip(journey.Printed))
                {
                    journey.Seen.Add(Text(entry, "kind"));
                    journey.Printed++;
                    Console.WriteLine($"           {entry.GetProperty("at").GetDateTimeOffset():HH:mm:ss.fff}  {Text(entry, "text")}");
                }

                if (until(view))
                {
                    return view;
                }

                await pause.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandFailedException($"booking {journey.Locator} did not get there within two minutes; it says: {view}");
        }
    }

    private async Task<string> FetchReceiptAsync(Journey journey, CancellationToken cancellationToken)
    {
        var documents = (await GetAsync($"/v1/bookings/{journey.Id}/documents", journey.Token, cancellationToken)).GetProperty("documents");
        var receipt = documents.EnumerateArray().FirstOrDefault(document => Text(document, "kind") == "itinerary-receipt");
        if (receipt.ValueKind == JsonValueKind.Undefined)
        {
            Expect(false, "there is no itinerary receipt");
            return "missing";
        }

        var bytes = await http.GetByteArrayAsync(Text(receipt, "href"), cancellationToken);
        Expect(bytes.AsSpan().StartsWith("%PDF-"u8), "the itinerary receipt is no PDF");
        var folder = Directory.CreateDirectory(Path.Combine(dataFolder, "demo"));
        var file = Path.Combine(folder.FullName, $"{journey.Locator}.pdf");
        await File.WriteAllBytesAsync(file, bytes, cancellationToken);
        Step($"itinerary receipt fetched: {bytes.Length / 1024} KiB");
        return file;
    }

    /// <summary>The mail goes out after the confirmation, so it may take a moment.</summary>
    private async Task<string> FindMailAsync(Journey journey, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        try
        {
            while (true)
            {
                var messages = (await GetAsync($"/sandbox/mailbox/messages?to={Uri.EscapeDataString(journey.Email)}", null, limit.Token)).GetProperty("messages");
                foreach (var message in messages.EnumerateArray().Where(message => Text(message, "subject").Contains(journey.Locator, StringComparison.Ordinal)))
                {
                    Step($"mail to {journey.Email}: {Text(message, "subject")}");
                    return Text(message, "file");
                }

                await pause.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Expect(false, $"no mail to {journey.Email} within 30 s");
            return "missing";
        }
    }

    /// <summary>Asks the other side's books: whatever was reserved was given back in full, and nothing was taken.</summary>
    private async Task ProveFromPayPalsBooksAsync(Journey journey, bool authorised, CancellationToken cancellationToken)
    {
        var books = await GetAsync($"/sandbox/paypal/books/orders/{journey.PayPalOrder}", null, cancellationToken);
        decimal Sum(string name) => decimal.Parse(Text(books.GetProperty(name), "amount"), CultureInfo.InvariantCulture);
        Step($"PayPal's books for {journey.PayPalOrder}: authorised {Sum("authorised")}, voided {Sum("voided")}, captured {Sum("captured")}");
        Expect(Sum("captured") == 0, "PayPal's books show money taken");
        Expect(Sum("authorised") == Sum("voided"), "PayPal's books show money still reserved");
        Expect(authorised == Sum("authorised") > 0, authorised ? "PayPal's books show no authorisation" : "PayPal's books show an authorisation of a declined card");
    }

    private async Task<JsonElement> GetAsync(string path, string? token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await SendAsync(request, token, cancellationToken);
    }

    private async Task<JsonElement> PostAsync(string path, object body, string? token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        return await SendAsync(request, token, cancellationToken);
    }

    private async Task<JsonElement> SendAsync(HttpRequestMessage request, string? token, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = token is null ? null : new("Bearer", token);
        using var response = await http.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode >= HttpStatusCode.BadRequest)
        {
            throw new CommandFailedException($"{request.Method} {request.RequestUri} answered {(int)response.StatusCode}: {body}");
        }

        return body.Length == 0 ? default : JsonDocument.Parse(body).RootElement;
    }

    private void Heading(string text) => Console.WriteLine($"\n{text}");

    private void Step(string text) => Console.WriteLine($"  {clock.Elapsed.TotalSeconds,6:F2} s {text}");

    private void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            wrong.Add(otherwise);
            Console.WriteLine($"  !! {otherwise}");
        }
    }

    private static readonly string[] Finals = ["confirmed", "rejected", "expired", "paymentFailed", "cancelledBeforePurchase"];

    private static bool IsFinal(JsonElement view) => Finals.Contains(State(view));

    private static string State(JsonElement view) => Text(view, "state");

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static string Actions(JsonElement view) => string.Join(", ", view.GetProperty("availableActions").EnumerateArray().Select(action => action.GetString()));

    private static string Instant(JsonElement element, string name) =>
        element.TryGetProperty(name, out var at) && at.ValueKind == JsonValueKind.String ? $"{at.GetDateTimeOffset():HH:mm:ss} UTC" : "-";

    private static DateTime Local(JsonElement element, string name, bool nested = true) =>
        (nested ? element.GetProperty(name).GetProperty("local") : element.GetProperty(name)).GetDateTime();

    private static string MoneyText(JsonElement money) => $"{Text(money, "amount")} {Text(money, "currency")}";

    private static decimal Amount(JsonElement view, string name) =>
        view.GetProperty("money").GetProperty(name) is { ValueKind: JsonValueKind.Object } money ? decimal.Parse(Text(money, "amount"), CultureInfo.InvariantCulture) : 0;

    private static IEnumerable<string> TicketNumbers(JsonElement view) =>
        view.GetProperty("passengers").EnumerateArray().Select(passenger => Text(passenger, "ticketNumber"));
}
