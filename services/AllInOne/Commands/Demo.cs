using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Aerona.AllInOne.Commands;

/// <summary>
/// <c>./aerona demo</c>: books through the public HTTP API only, as any client would, and prints each step with its time. Five stories: two adults and a
/// lap infant who fly; a card that is declined; a seat lost at the airline after the money was reserved; a flight of an outside
/// supplier that is changed later; one of the first party who stays at home and gets money back. Then all books are compared. What it claims it checks: 1 when anything is off.
/// </summary>
internal sealed class Demo
{
    private readonly AeronaClient client;
    private readonly HttpClient http;
    private readonly string dataFolder;
    private readonly string? givenToken;
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly List<string> wrong = [];

    // Of the booking under way: kinds told, entries printed, PayPal's order.
    private readonly HashSet<string> told = [];
    private int printed;
    private string payPalOrder = "";

    private Demo(HttpClient http, string dataFolder, string? givenToken)
    {
        client = new(http);
        this.http = http;
        this.dataFolder = dataFolder;
        this.givenToken = givenToken;
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
            var arguments = new Arguments(args, ["gateway", "port", "data", "from", "to", "token"], ["exit"]);
            if (arguments["from"] is null != arguments["to"] is null)
            {
                throw new UsageException("--from and --to go together");
            }

            var data = Path.GetFullPath(arguments["data"] ?? "data");
            var aerona = await AeronaProcess.FindOrStartAsync(arguments["gateway"], arguments["port"] ?? "5080", data, Console.WriteLine, stop.Token);
            var result = 1;
            try
            {
                var demo = new Demo(aerona.Http, data, arguments["token"]);
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
        IReadOnlyList<Traveller> family = [new("adult", "Thị Hạnh", "Nguyễn"), new("adult", "Đức Minh", "Nguyễn"), new("infant", "An", "Nguyễn")];
        var flight = await SearchAsync(origin, destination, family, preferImported: from is not null, cancellationToken);
        var happy = await BookAsync(flight, family, cancellationToken);
        await PayAsync(happy, "happy", cancellationToken);
        var happyOrder = payPalOrder;
        var confirmed = await FollowAsync(happy, Answers.IsFinal, cancellationToken);
        Expect(confirmed.State() == "confirmed", $"the booking ended {confirmed.State()}, not confirmed");
        var money = confirmed.GetProperty("money");
        Expect(money.Amount("captured") > 0 && money.Amount("captured") == money.Amount("total"), "the captured amount is not the price of the offer");
        var pdf = await FetchReceiptAsync(happy, cancellationToken);
        var mail = await FindMailAsync(happy, cancellationToken);

        Heading("2. The card is declined; the traveller gives up");
        var declined = await BookAsync(flight, [new("adult", "Dora", "Brown")], cancellationToken);
        await PayAsync(declined, "declined", cancellationToken);
        var again = await FollowAsync(declined, view => view.IsFinal() || (view.State() == "awaitingPayment" && told.Contains("payment.declined")), cancellationToken);
        Expect(again.State() == "awaitingPayment", $"after the decline the booking is {again.State()}, not waiting for another card");
        Step($"seats stay held until {Instant(again, "until")}; possible now: {string.Join(", ", again.GetProperty("availableActions").EnumerateArray())}");
        await client.PostAsync($"/v1/bookings/{declined.Id}/cancellations", new { }, declined.Token, cancellationToken);
        var given = await FollowAsync(declined, Answers.IsFinal, cancellationToken);
        Expect(given.State() == "cancelledBeforePurchase", $"the booking ended {given.State()}, not cancelled before purchase");
        await ProveFromPayPalsBooksAsync(authorised: false, cancellationToken);

        Heading("3. The airline sells the seat to somebody else at the last moment");
        var lost = await BookAsync(flight, [new("adult", "Sam", "Soldout")], cancellationToken);
        await PayAsync(lost, "happy", cancellationToken);
        var undone = await FollowAsync(lost, Answers.IsFinal, cancellationToken);
        Expect(undone.State() == "rejected", $"the booking ended {undone.State()}, not rejected");
        await ProveFromPayPalsBooksAsync(authorised: true, cancellationToken);

        Heading("4. A flight of another airline, booked at its own desk; then it changes the times");
        await BookOutsideAsync(cancellationToken);

        Heading("5. Plans change: one of the family stays at home");
        await CancelOneAsync(happy, happyOrder, "p2", cancellationToken);

        Heading("6. The books of PayPal, of the ledger, of the tickets and of the seats are compared");
        await ReconcileAsync(cancellationToken);

        Console.WriteLine();
        if (wrong.Count == 0)
        {
            Console.WriteLine($"All stories ended as they should, in {clock.Elapsed.TotalSeconds:F1} s.");
            Console.WriteLine($"  locator   {happy.Locator}");
            Console.WriteLine($"  tickets   {string.Join(", ", confirmed.GetProperty("passengers").EnumerateArray().Select(passenger => passenger.Text("ticketNumber")))}");
            Console.WriteLine($"  receipt   {pdf}");
            Console.WriteLine($"  mail      {mail}");
            return 0;
        }

        Console.WriteLine($"{wrong.Count} thing(s) are off:");
        wrong.ForEach(what => Console.WriteLine($"  - {what}"));
        return 1;
    }

    /// <summary>On a route on which airline ZZ moves its flights after the purchase and says so by webhook.</summary>
    private async Task BookOutsideAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<Traveller> party = [new("adult", "Ada", "Lovelace", "female")];
        var day = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(20);
        var found = await client.LiveOffersAsync("CDG", "NCE", day, party, cancellationToken);
        if (found.GetProperty("suppliers").GetArrayLength() == 0)
        {
            Step("no outside supplier is configured here: nothing to book");
            return;
        }

        var offers = found.GetProperty("offers");
        if (offers.GetArrayLength() == 0)
        {
            Expect(false, $"no live offers: {found.GetProperty("suppliers")}");
            return;
        }

        var offer = offers[0];
        Step($"{offers.GetArrayLength()} live offers of {offer.Text("supplier")}; the cheapest: {offer.GetProperty("segments")[0].Text("flight")} for {offer.MoneyText("total")}");
        var (journey, _) = await client.BookAsync(offer, party, cancellationToken);
        told.Clear();
        printed = 0;
        Step($"booking {journey.Locator} accepted");
        await PayAsync(journey, "happy", cancellationToken);
        var ended = await FollowAsync(journey, Answers.IsFinal, cancellationToken);
        Expect(ended.State() == "confirmed", $"the booking ended {ended.State()}, not confirmed");
        Step($"tickets of the airline's own: {string.Join(", ", ended.GetProperty("passengers").EnumerateArray().Select(passenger => passenger.Text("ticketNumber")))}");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(300));
        try
        {
            while (!(await client.TimelineAsync(journey, limit.Token)).Any(entry => entry.Text("kind") == "airline.schedule_changed"))
            {
                await pause.WaitForNextTickAsync(limit.Token);
            }

            Step("the airline moved the flight: its webhook came, and the timeline says so");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Expect(false, "the airline's change did not come within a minute");
        }
    }

    /// <summary>Asks what giving one passenger's flights back would bring, takes it, and compares with PayPal's books what came of it.</summary>
    private async Task CancelOneAsync(Journey journey, string payPalsOrder, string passenger, CancellationToken cancellationToken)
    {
        var cancellations = $"/v1/bookings/{journey.Id}/cancellations";
        var before = await client.ViewAsync(journey, cancellationToken);
        printed = (await client.TimelineAsync(journey, cancellationToken)).Count;
        var coupons = Enumerable.Range(1, before.GetProperty("segments").GetArrayLength()).Select(ordinal => new { passengerId = passenger, segmentOrdinal = ordinal });
        var asked = await client.PostAsync(cancellations, new { coupons }, journey.Token, cancellationToken);
        var cancellation = $"{cancellations}/{asked.Text("id")}";
        var quoted = await FollowCancellationAsync(journey, cancellation, view => view.Text("state") is "quoted" or "refused", cancellationToken);
        if (quoted.Text("state") != "quoted")
        {
            Expect(false, $"no quote: {quoted}");
            return;
        }

        var quote = quoted.GetProperty("quote");
        Step($"quoted until {Instant(quote, "expiresAt")}: {quote.MoneyText("refund")} back to {quote.Text("destination")}, by rule {quote.Text("rule")}");
        foreach (var line in quote.GetProperty("lines").EnumerateArray())
        {
            Console.WriteLine($"             {line.Text("code"),-8} paid {line.MoneyText("paid"),14}   back {line.MoneyText("back"),14}   {line.Text("rule")}");
        }

        await client.PostAsync($"{cancellation}/confirmations", new { quoteId = quote.GetProperty("id").GetGuid() }, journey.Token, cancellationToken);
        var ended = await FollowCancellationAsync(journey, cancellation, view => view.Text("state") is "cancelled" or "refused" or "lapsed" or "refundDelayed", cancellationToken);
        Expect(ended.Text("state") == "cancelled", $"the cancellation ended {ended.Text("state")}");
        Expect(ended.GetProperty("refund").Amount("amount") == quote.Amount("refund"), "what went back is not what was quoted");
        var after = await client.ViewAsync(journey, cancellationToken);
        Expect(after.State() == "confirmed", $"the others' booking is {after.State()}, not confirmed");
        var books = await client.PayPalsBooksAsync(payPalsOrder, cancellationToken);
        Step($"PayPal's own books for {payPalsOrder}: captured {books.Amount("captured")}, refunded {books.Amount("refunded")}");
        Expect(books.Amount("refunded") == quote.Amount("refund") && books.Amount("refunded") > 0 && books.Amount("refunded") < books.Amount("captured"), "PayPal's books do not show that partial refund");
    }

    /// <summary>What is under way agrees a moment later, so a difference counts when it stays.</summary>
    private async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        if ((givenToken ?? await Staff.FindTokenAsync(http, dataFolder, cancellationToken)) is { } token)
        {
            await ReconcileAsync(token, cancellationToken);
        }
        else
        {
            Step("not compared: that takes the token of somebody of finance who signed in (--token)");
        }
    }

    private async Task ReconcileAsync(string token, CancellationToken cancellationToken)
    {
        List<string> lines = [];
        using var pause = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var attempt = 1; ; attempt++)
        {
            lines.Clear();
            var result = await Reconcile.ShowAsync(client, graceSeconds: 0, token, lines.Add, cancellationToken);
            if (result == 0 || attempt == 15)
            {
                lines.ForEach(Step);
                Expect(result == 0, "the books do not agree");
                return;
            }

            await pause.WaitForNextTickAsync(cancellationToken);
        }
    }

    private async Task<JsonElement> FollowCancellationAsync(Journey journey, string cancellation, Func<JsonElement, bool> until, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        JsonElement view = default;
        try
        {
            await client.FollowAsync(journey, _ => until(view), limit.Token, async () =>
            {
                view = await client.GetAsync(cancellation, journey.Token, limit.Token);
                await PrintTimelineAsync(journey, limit.Token);
            });
            return view;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandFailedException($"the cancellation did not get there within a minute: {view}");
        }
    }

    /// <summary>Looks day by day for a flight with room for the party and tells what it found.</summary>
    private async Task<JsonElement> SearchAsync(
        string origin, string destination, IReadOnlyList<Traveller> party, bool preferImported, CancellationToken cancellationToken)
    {
        JsonElement? first = null;
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        for (var day = 2; day <= 29; day++)
        {
            var flights = (await client.SearchAsync(origin, destination, today.AddDays(day), party, cancellationToken)).GetProperty("flights");
            foreach (var flight in flights.EnumerateArray())
            {
                first ??= flight;
                if (!preferImported || await SourceAsync(flight, cancellationToken) != "seed")
                {
                    return await TellAsync(flight);
                }
            }
        }

        return first is { } seeded ? await TellAsync(seeded) : throw new CommandFailedException($"no flight from {origin} to {destination} in the next 29 days");

        async Task<JsonElement> TellAsync(JsonElement flight)
        {
            var (departs, arrives) = (flight.GetProperty("departure").GetProperty("local").GetDateTime(), flight.GetProperty("arrival").GetProperty("local").GetDateTime());
            var source = await SourceAsync(flight, cancellationToken);
            Step(string.Create(CultureInfo.InvariantCulture,
                $"searched {origin} to {destination}: {flight.Text("flight")} of {flight.GetProperty("airline").Text("name")}, {flight.Text("origin")}-{flight.Text("destination")}, " +
                $"{departs:ddd d MMM HH:mm} to {arrives:HH:mm} local, {flight.GetProperty("aircraft").Text("name")}, " +
                $"{flight.GetProperty("price").MoneyText("total")} for the party; source: {source}"));
            return flight;
        }
    }

    private async Task<string> SourceAsync(JsonElement flight, CancellationToken cancellationToken) =>
        (await client.GetAsync($"/v1/operations/flights/{flight.Text("flightId")}", null, cancellationToken)).Text("source");

    private async Task<Journey> BookAsync(JsonElement flight, IReadOnlyList<Traveller> party, CancellationToken cancellationToken)
    {
        var offer = await client.OfferAsync(flight.Text("flightId"), party, cancellationToken);
        Step($"offer frozen until {Instant(offer, "expiresAt")}: {offer.MoneyText("total")} " +
            $"({offer.GetProperty("passengers").EnumerateArray().Sum(passenger => passenger.GetProperty("lines").GetArrayLength())} price lines)");
        var (journey, view) = await client.BookAsync(offer, party, cancellationToken);
        told.Clear();
        printed = 0;
        Step($"booking {journey.Locator} accepted for {string.Join(", ", view.GetProperty("passengers").EnumerateArray().Select(passenger => passenger.Text("nameOnTicket")))}");
        return journey;
    }

    private async Task PayAsync(Journey journey, string payer, CancellationToken cancellationToken)
    {
        var waiting = await FollowAsync(journey, view => view.IsFinal() || view.Text("approvalLink").Length > 0, cancellationToken);
        if (waiting.IsFinal())
        {
            throw new CommandFailedException($"booking {journey.Locator} is {waiting.State()} instead of waiting for the payer: {waiting}");
        }

        payPalOrder = AeronaClient.PayPalOrder(waiting);
        Step($"the payer ({payer}) approves PayPal order {payPalOrder}");
        await client.ApproveAsync(payPalOrder, payer, cancellationToken);
    }

    /// <summary>Polls the booking and prints what is new on its timeline.</summary>
    private async Task<JsonElement> FollowAsync(Journey journey, Func<JsonElement, bool> until, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        try
        {
            return await client.FollowAsync(journey, until, limit.Token, () => PrintTimelineAsync(journey, limit.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandFailedException($"booking {journey.Locator} did not get there within two minutes: {await client.ViewAsync(journey, cancellationToken)}");
        }
    }

    private async Task PrintTimelineAsync(Journey journey, CancellationToken cancellationToken)
    {
        foreach (var entry in (await client.TimelineAsync(journey, cancellationToken)).Skip(printed))
        {
            told.Add(entry.Text("kind"));
            printed++;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"           {entry.GetProperty("at").GetDateTimeOffset():HH:mm:ss.fff}  {entry.Text("text")}"));
        }
    }

    private async Task<string> FetchReceiptAsync(Journey journey, CancellationToken cancellationToken)
    {
        var documents = (await client.GetAsync($"/v1/bookings/{journey.Id}/documents", journey.Token, cancellationToken)).GetProperty("documents");
        var receipt = documents.EnumerateArray().FirstOrDefault(document => document.Text("kind") == "itinerary-receipt");
        if (receipt.ValueKind == JsonValueKind.Undefined)
        {
            Expect(false, "there is no itinerary receipt");
            return "missing";
        }

        var link = await client.GetAsync(receipt.Text("href"), journey.Token, cancellationToken);
        var bytes = await client.DownloadAsync(link.Text("href"), cancellationToken);
        Expect(bytes.AsSpan().StartsWith("%PDF-"u8), "the itinerary receipt is no PDF");
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(dataFolder, "demo")).FullName, $"{journey.Locator}.pdf");
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
                foreach (var message in (await client.MailsAsync(journey.Email, limit.Token)).Where(mail => mail.Text("subject").Contains(journey.Locator, StringComparison.Ordinal)))
                {
                    Step($"mail to {journey.Email}: {message.Text("subject")}");
                    return message.Text("file");
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
    private async Task ProveFromPayPalsBooksAsync(bool authorised, CancellationToken cancellationToken)
    {
        var books = await client.PayPalsBooksAsync(payPalOrder, cancellationToken);
        Step($"PayPal's own books for {payPalOrder}: authorised {books.Amount("authorised")}, voided {books.Amount("voided")}, captured {books.Amount("captured")}");
        Expect(books.Amount("captured") == 0, "PayPal's books show money taken");
        Expect(books.Amount("authorised") == books.Amount("voided"), "PayPal's books show money still reserved");
        Expect(authorised == books.Amount("authorised") > 0, authorised ? "PayPal's books show no authorisation" : "PayPal's books show an authorisation of a declined card");
    }

    private static void Heading(string text) => Console.WriteLine($"\n{text}");

    private void Step(string text) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {clock.Elapsed.TotalSeconds,6:F2} s {text}"));

    private void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            wrong.Add(otherwise);
            Console.WriteLine($"  !! {otherwise}");
        }
    }

    private static string Instant(JsonElement element, string name) => element.TryGetProperty(name, out var at) && at.ValueKind == JsonValueKind.String
        ? string.Create(CultureInfo.InvariantCulture, $"{at.GetDateTimeOffset():HH:mm:ss} UTC")
        : "-";
}
