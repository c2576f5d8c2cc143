using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Web;

namespace Aerona.AllInOne.Commands;

/// <summary>A person in a client's booking form.</summary>
/// <param name="Type"><c>adult</c>, <c>child</c> or <c>infant</c>.</param>
/// <param name="GivenName">As typed.</param>
/// <param name="Surname">As typed.</param>
/// <param name="Gender">Where the offer needs it: <c>female</c> or <c>male</c>.</param>
internal sealed record Traveller(string Type, string GivenName, string Surname, string? Gender = null);

/// <summary>A booking as its client knows it.</summary>
/// <param name="Id">The booking.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="Token">Guest token.</param>
/// <param name="Email">Where its mails go.</param>
internal sealed record Journey(Guid Id, string Locator, string Token, string Email);

/// <summary>The public HTTP API as a shop would call it; answers of 400 and above are <see cref="CommandFailedException"/> unless asked for raw.</summary>
internal sealed class AeronaClient(HttpClient http)
{
    public static readonly string[] Finals = ["confirmed", "rejected", "expired", "paymentFailed", "cancelledBeforePurchase"];

    /// <summary>Nonstop flights of a day, cheapest first: <c>flights</c>, each a segment with the price of its trip.</summary>
    public async Task<JsonElement> SearchAsync(string origin, string destination, DateOnly day, IReadOnlyList<Traveller> party, CancellationToken cancellationToken)
    {
        var found = await PostAsync("/v1/flight-searches", new
        {
            origin,
            destination,
            departsOn = day.ToString("O", CultureInfo.InvariantCulture),
            cabin = "economy",
            travellers = new
            {
                adults = party.Count(person => person.Type == "adult"),
                children = party.Count(person => person.Type == "child"),
                infants = party.Count(person => person.Type == "infant"),
            },
            maxStops = 0,
            sort = "price",
        }, null, cancellationToken);
        return JsonSerializer.SerializeToElement(new
        {
            flights = found.GetProperty("trips").EnumerateArray().Select(trip =>
            {
                var flight = JsonObject.Create(trip.GetProperty("legs")[0].GetProperty("segments")[0])!;
                flight["price"] = JsonObject.Create(trip.GetProperty("price"));
                return flight;
            }),
        });
    }

    /// <summary>Freezes the price of a flight for the party.</summary>
    public Task<JsonElement> OfferAsync(string flightId, IReadOnlyList<Traveller> party, CancellationToken cancellationToken) =>
        PostAsync("/v1/offers", new
        {
            flights = new[] { new { flightId, cabin = "economy" } },
            passengers = party.Select(person => new { type = person.Type }),
        }, null, cancellationToken);

    /// <summary>What outside suppliers sell on that day, asked now.</summary>
    public Task<JsonElement> LiveOffersAsync(string origin, string destination, DateOnly day, IReadOnlyList<Traveller> party, CancellationToken cancellationToken) =>
        PostAsync("/v1/offers/live", new
        {
            legs = new[] { new { origin, destination, departsOn = day.ToString("O", CultureInfo.InvariantCulture) } },
            passengers = party.Select(person => new { type = person.Type }),
        }, null, cancellationToken);

    /// <summary>What a form for that offer would send; to be paid at once unless later.</summary>
    public static object BookingForm(JsonElement offer, IReadOnlyList<Traveller> party, bool payLater = false)
    {
        var year = offer.GetProperty("segments")[0].GetProperty("departsLocal").GetDateTime().Year;
        return new
        {
            offerId = offer.Text("id"),
            passengers = party.Select((person, index) => new
            {
                id = $"p{index + 1}",
                givenName = person.GivenName,
                surname = person.Surname,
                birthDate = $"{(person.Type switch { "infant" => year - 1, "child" => year - 7, _ => 1990 - index }):0000}-01-15",
                accompaniedBy = person.Type == "infant" ? "p1" : null,
                gender = person.Gender,
            }),
            contact = new { email = Email(party[0]), phone = party[0].Gender is null ? null : "+4930901820", locale = "en" },
            payment = payLater ? "later" : "now",
        };
    }

    /// <summary>Submits the form once, or again under the same key.</summary>
    public async Task<(Journey Journey, JsonElement View)> BookAsync(
        JsonElement offer, IReadOnlyList<Traveller> party, CancellationToken cancellationToken, string? idempotencyKey = null, bool payLater = false)
    {
        var view = await PostAsync("/v1/bookings", BookingForm(offer, party, payLater), null, cancellationToken, idempotencyKey);
        return (new(view.GetProperty("id").GetGuid(), view.Text("locator"), view.Text("guestToken"), Email(party[0])), view);
    }

    public Task<JsonElement> ViewAsync(Journey journey, CancellationToken cancellationToken) => GetAsync($"/v1/bookings/{journey.Id}", journey.Token, cancellationToken);

    public async Task<IReadOnlyList<JsonElement>> TimelineAsync(Journey journey, CancellationToken cancellationToken) =>
        [.. (await GetAsync($"/v1/bookings/{journey.Id}/timeline", journey.Token, cancellationToken)).GetProperty("entries").EnumerateArray()];

    /// <summary>PayPal's order behind the approval link a booking shows.</summary>
    public static string PayPalOrder(JsonElement view) => HttpUtility.ParseQueryString(new Uri(view.Text("approvalLink")).Query)["token"]!;

    /// <summary>Approves at the sandbox as that payer, then follows PayPal's redirect as a browser would, if there is one.</summary>
    public async Task ApproveAsync(string payPalOrder, string payer, CancellationToken cancellationToken)
    {
        var approved = await PostAsync($"/sandbox/paypal/checkout/{payPalOrder}/approve", new { payer }, null, cancellationToken);
        if (approved.Text("returnUrl") is { Length: > 0 } address)
        {
            using var page = await http.GetAsync(address, cancellationToken);
            if (page.StatusCode >= HttpStatusCode.BadRequest)
            {
                throw new CommandFailedException($"the return page {address} answered {(int)page.StatusCode}") { Status = (int)page.StatusCode };
            }
        }
    }

    /// <summary>Polls the booking until the condition holds; the caller sets the limit by the token.</summary>
    public async Task<JsonElement> FollowAsync(
        Journey journey, Func<JsonElement, bool> until, CancellationToken cancellationToken, Func<Task>? eachTime = null, int milliseconds = 100)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(milliseconds));
        while (true)
        {
            var view = await ViewAsync(journey, cancellationToken);
            if (eachTime is not null)
            {
                await eachTime();
            }

            if (until(view))
            {
                return view;
            }

            await pause.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>The sandbox's own books of an order: authorised, captured, voided, refunded, open.</summary>
    public async Task<JsonElement> PayPalsBooksAsync(string payPalOrder, CancellationToken cancellationToken) =>
        (await GetAsync($"/sandbox/paypal/books/orders/{payPalOrder}", null, cancellationToken)).GetProperty("books");

    /// <summary>Mails to an address, oldest first.</summary>
    public async Task<IReadOnlyList<JsonElement>> MailsAsync(string to, CancellationToken cancellationToken) =>
        [.. (await GetAsync($"/sandbox/mailbox/messages?to={Uri.EscapeDataString(to)}", null, cancellationToken)).GetProperty("messages").EnumerateArray()];

    public Task<byte[]> DownloadAsync(string address, CancellationToken cancellationToken) => http.GetByteArrayAsync(address, cancellationToken);

    public Task<JsonElement> GetAsync(string path, string? token, CancellationToken cancellationToken) => ReadAsync(HttpMethod.Get, path, null, token, null, cancellationToken);

    public Task<JsonElement> PostAsync(string path, object body, string? token, CancellationToken cancellationToken, string? idempotencyKey = null) =>
        ReadAsync(HttpMethod.Post, path, JsonContent.Create(body), token, idempotencyKey ?? Guid.NewGuid().ToString(), cancellationToken);

    /// <summary>The answer whatever its status.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? body, string? token, string? idempotencyKey, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        request.Headers.Authorization = token is null ? null : new("Bearer", token);
        return await http.SendAsync(request, cancellationToken);
    }

    private async Task<JsonElement> ReadAsync(HttpMethod method, string path, HttpContent? content, string? token, string? idempotencyKey, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, path, content, token, idempotencyKey, cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode >= HttpStatusCode.BadRequest)
        {
            throw new CommandFailedException($"{method} {path} answered {(int)response.StatusCode}: {body}") { Status = (int)response.StatusCode };
        }

        return body.Length == 0 ? JsonDocument.Parse("{}").RootElement : JsonDocument.Parse(body).RootElement;
    }

    private static string Email(Traveller person) =>
        $"{new string([.. $"{person.GivenName}.{person.Surname}".Normalize(NormalizationForm.FormD).Where(letter => char.IsAsciiLetterOrDigit(letter) || letter == '.')]).ToLowerInvariant()}@traveller.example";
}

/// <summary>Short ways into JSON answers.</summary>
internal static class Answers
{
    /// <summary>A text property; empty when absent or null.</summary>
    public static string Text(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    /// <summary>A money property's amount; 0 when absent or null.</summary>
    public static decimal Amount(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var money) && money.ValueKind == JsonValueKind.Object ? decimal.Parse(money.Text("amount"), CultureInfo.InvariantCulture) : 0;

    /// <summary>A money property as printed.</summary>
    public static string MoneyText(this JsonElement element, string name) => $"{element.GetProperty(name).Text("amount")} {element.GetProperty(name).Text("currency")}";

    public static string State(this JsonElement view) => view.Text("state");

    public static bool IsFinal(this JsonElement view) => AeronaClient.Finals.Contains(view.State());
}

/// <summary>The command could not do what it is for; the message is for the person at the terminal.</summary>
internal sealed class CommandFailedException(string message) : Exception(message)
{
    /// <summary>HTTP status of the answer that was none; null when it was not an answer.</summary>
    public int? Status { get; init; }
}
