using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.AllInOne.Commands;
using Aerona.Fuzz;
using Aerona.Journeys;
using Xunit;

namespace Aerona.AllInOne.Tests.Authorisation;

/// <summary>
/// Every operation of the API × every kind of caller × his own, somebody else's, nobody's and something else's id, asked and compared with the table that was decided,
/// docs/authorisation.md. An operation without a row fails, and so does a row that breaks one of the rules, whatever the table says.
/// </summary>
public sealed class AuthorisationTests(RunningAerona aerona)
{
    private const string Table = "docs/authorisation.md";
    private const string Unknown = "0198c5f2-6d0e-7f5e-9a55-3c1d2b4f6a70";

    private const string UnknownTicket = "9991234567890";

    /// <summary>The columns: who asks.</summary>
    private static readonly string[] Actors = ["anonymous", "guest", "other", "owner", "agent", "support", "senior", "finance", "operations", "admin"];

    private static readonly string[] Staff = ["support", "senior", "finance", "operations", "admin"];

    /// <summary>A customer may neither see nor learn of what is not his.</summary>
    private static readonly string[] Customers = ["guest", "other", "owner", "agent"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everybody_may_do_what_the_table_says_and_nothing_else()
    {
        var world = await World.MakeAsync(aerona);
        var operations = Operation.Read(world.Description).OrderBy(operation => operation.Path, StringComparer.Ordinal).ThenBy(operation => operation.Method, StringComparer.Ordinal).ToList();
        var rows = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var operation in operations)
        {
            var cells = new string[Actors.Length];
            await Parallel.ForEachAsync(Enumerable.Range(0, Actors.Length), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Stop }, async (at, _) =>
            {
                var cell = new StringBuilder();
                foreach (var id in world.Ids(operation, Actors[at]))
                {
                    cell.Append(id is null ? "·" : await OutcomeAsync(world, operation, Actors[at], id));
                }

                cells[at] = cell.ToString();
            });
            rows[$"{operation.Path} {operation.Method}"] = cells;
        }

        var now = string.Join('\n', rows.Select(row => $"| `{row.Key.Split(' ')[1]}` | `{row.Key.Split(' ')[0]}` | {string.Join(" | ", row.Value.Select(cell => $"`{cell}`"))} |"));
        if (Environment.GetEnvironmentVariable("AERONA_DECIDE") is not null)
        {
            var text = (await File.ReadAllLinesAsync(TableFile(), Stop)).Where(line => !IsRow(line)).ToList();
            await File.WriteAllTextAsync(TableFile(), $"{string.Join('\n', text).TrimEnd()}\n{now}\n", Stop);
        }

        Assert.Empty(rows.SelectMany(row => BrokenRules(row.Key, row.Value)));
        var decided = Decided();
        var wrong = rows.Where(row => !decided.TryGetValue(row.Key, out var cells) || !cells.SequenceEqual(row.Value))
            .Select(row => $"{row.Key}: is {string.Join(' ', row.Value)}, decided {(decided.TryGetValue(row.Key, out var cells) ? string.Join(' ', cells) : "nothing: the operation has no row")}")
            .Concat(decided.Keys.Except(rows.Keys).Select(gone => $"{gone}: has a row and is not there any more")).ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {rows.Count} rows of {Table} do not agree; look at each, then run this test with AERONA_DECIDE=yes to write them down:\n{string.Join('\n', wrong)}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{rows.Count} operations, {rows.Values.Sum(cells => cells.Sum(cell => cell.Count(outcome => outcome != '·')))} cells, wrong 0");
    }

    /// <summary>What may never be, whatever was decided.</summary>
    private static IEnumerable<string> BrokenRules(string operation, string[] cells)
    {
        string Of(string actor) => cells[Array.IndexOf(Actors, actor)];
        var path = operation.Split(' ')[0];
        if (path.StartsWith("/v1/support/", StringComparison.Ordinal) || path.StartsWith("/v1/operations/", StringComparison.Ordinal))
        {
            foreach (var actor in Customers.Append("anonymous").Where(actor => Of(actor).Contains('+', StringComparison.Ordinal) && !IsPublic(operation)))
            {
                yield return $"{operation}: staff's, and {actor} may";
            }
        }

        // Own, foreign, unknown, wrong type: what is not his answers like what is not there.
        foreach (var actor in Customers.Where(actor => Of(actor).Length == 4 && Of(actor)[1] != '·' && Of(actor)[1] != Of(actor)[2]))
        {
            yield return $"{operation}: {actor} learns from {Of(actor)} that somebody else's exists";
        }

        if (path.StartsWith("/v1/bookings/{", StringComparison.Ordinal) && Of("anonymous").Contains('+', StringComparison.Ordinal))
        {
            yield return $"{operation}: anybody may";
        }

        foreach (var actor in Staff.Where(actor => path.StartsWith("/v1/me/", StringComparison.Ordinal) && Of(actor).Contains('0', StringComparison.Ordinal) && Of(actor).Length == 1))
        {
            yield return $"{operation}: {actor} is somebody too";
        }
    }

    /// <summary>How far the start is, which whoever waits for it must know; and the dispatcher of flights is told nothing else.</summary>
    private static bool IsPublic(string operation) => operation is "/v1/operations/world GET" or "/v1/operations/flights/{flightId} GET" or "/v1/operations/flights/{flightId}/status GET";

    /// <summary>+ got past the question who he is; - 401; x 403; 0 404.</summary>
    private async Task<char> OutcomeAsync(World world, Operation operation, string actor, IReadOnlyDictionary<string, string> id)
    {
        var random = new Random(4711);
        var target = operation.Path;
        foreach (var parameter in operation.Parameters.Where(parameter => parameter.In == "path"))
        {
            var from = target.IndexOf($"{{{parameter.Name}", StringComparison.Ordinal);
            target = target[..from] + Uri.EscapeDataString(id[parameter.Name]) + target[(target.IndexOf('}', from) + 1)..];
        }

        var query = operation.Parameters.Where(parameter => parameter is { In: "query", IsRequired: true })
            .Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(Values.Text(world.Values.Make(parameter.Name, parameter.Schema, random, 0)))}").ToList();
        using var request = new HttpRequestMessage(new(operation.Method), query.Count == 0 ? target : $"{target}?{string.Join('&', query)}");
        if (operation.Body is not null)
        {
            request.Content = new StringContent((world.Values.Make("", operation.Body, random, 0) ?? new JsonObject()).ToJsonString(), Encoding.UTF8, "application/json");
        }

        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        request.Headers.Authorization = world.Token(actor) is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
        using var answer = await aerona.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        return answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized => '-',
            HttpStatusCode.Forbidden => 'x',
            // The guard of look-ups says later what it said before: nothing.
            HttpStatusCode.NotFound or HttpStatusCode.TooManyRequests => '0',
            >= HttpStatusCode.InternalServerError and var status => throw new InvalidOperationException($"{operation.Method} {target} as {actor} answers {(int)status}"),
            _ => '+',
        };
    }

    private static Dictionary<string, string[]> Decided() => File.ReadLines(TableFile()).Where(IsRow)
        .Select(line => line.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(cell => cell.Trim('`')).ToArray())
        .ToDictionary(cells => $"{cells[1]} {cells[0]}", cells => cells[2..]);

    private static bool IsRow(string line) => line.StartsWith("| `", StringComparison.Ordinal);

    private static string TableFile()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Aerona.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} is in no checkout");
        }

        return Path.Combine(folder.FullName, Table);
    }

    /// <summary>A booking of a guest's, one of a signed-in traveller's, and somebody with a token for each kind of caller.</summary>
    private sealed class World(JsonNode description, IReadOnlyDictionary<string, string?> tokens, Values values, IReadOnlyDictionary<string, string> own, IReadOnlyDictionary<string, string> guests)
    {
        public JsonNode Description => description;

        public Values Values => values;

        public static async Task<World> MakeAsync(RunningAerona aerona)
        {
            var client = new AeronaClient(aerona.Http);
            var description = JsonNode.Parse(await aerona.Http.GetStringAsync("/openapi/v1.json", Stop))!;
            var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
            var values = new Values(description, today);
            Traveller[] party = [new("adult", "Ada", "Lovelace")];
            var flight = default(JsonElement);
            for (var day = 5; day < 30 && flight.ValueKind == JsonValueKind.Undefined; day++)
            {
                flight = (await client.SearchAsync("SGN", "HAN", today.AddDays(day), party, Stop)).GetProperty("flights").EnumerateArray().FirstOrDefault();
            }

            var owner = aerona.Token("traveller", "owner@aerona.example");
            var (guestBooking, ofGuest) = await BookAsync(client, flight, party, null);
            var (ownBooking, ofOwner) = await BookAsync(client, flight, party, owner);
            var tokens = new Dictionary<string, string?>
            {
                ["anonymous"] = null,
                ["guest"] = guestBooking.Text("guestToken"),
                ["owner"] = owner,
                ["other"] = aerona.Token("traveller", "other@aerona.example"),
                ["agent"] = aerona.Token("agent", "agent@aerona.example"),
                ["support"] = aerona.Token("support", "staff@aerona.example"),
                ["senior"] = aerona.Token("senior-support", "senior@aerona.example"),
                ["finance"] = aerona.Token("finance", "finance@aerona.example"),
                ["operations"] = aerona.Token("operations", "desk@aerona.example"),
                ["admin"] = aerona.Token("admin", "admin@aerona.example"),
            };
            return new(description, tokens, values, ofOwner, ofGuest);
        }

        public string? Token(string actor) => tokens[actor];

        /// <summary>What the path's names stand for: his own, somebody else's, nobody's, something else's; null where he has none. One of nothing when the path has no names.</summary>
        public IEnumerable<IReadOnlyDictionary<string, string>?> Ids(Operation operation, string actor)
        {
            var names = operation.Parameters.Where(parameter => parameter.In == "path").Select(parameter => parameter.Name).ToList();
            if (names.Count == 0)
            {
                return [new Dictionary<string, string>()];
            }

            var mine = actor switch { "owner" => own, "guest" => guests, _ => null };
            var theirs = actor == "owner" ? guests : own;
            var isOfBooking = names.Contains("bookingId") || operation.Path.StartsWith("/v1/tickets/{", StringComparison.Ordinal) || operation.Path.StartsWith("/v1/support/bookings/{", StringComparison.Ordinal);
            return
            [
                mine is null || !isOfBooking ? null : names.ToDictionary(name => name, name => Of(mine, operation, name)),
                isOfBooking ? names.ToDictionary(name => name, name => Of(theirs, operation, name)) : null,
                names.ToDictionary(name => name, name => name == "number" ? UnknownTicket : Unknown),
                names.ToDictionary(name => name, name => name == "bookingId" || isOfBooking ? own["offerId"] : own["bookingId"]),
            ];
        }

        private static string Of(IReadOnlyDictionary<string, string> booking, Operation operation, string name) =>
            booking.GetValueOrDefault(name == "id" && operation.Path.Contains("/bookings/{id", StringComparison.Ordinal) ? "bookingId" : name, Unknown);

        private static async Task<(JsonElement View, IReadOnlyDictionary<string, string> Names)> BookAsync(AeronaClient client, JsonElement flight, Traveller[] party, string? token)
        {
            var offer = await client.OfferAsync(flight.Text("flightId"), party, Stop);
            var view = await client.PostAsync("/v1/bookings", AeronaClient.BookingForm(offer, party), token, Stop);
            var journey = new Journey(view.GetProperty("id").GetGuid(), view.Text("locator"), token ?? view.Text("guestToken"), "");
            await client.PayAsync(journey, "happy");
            var confirmed = await client.UntilAsync(journey, Answers.IsFinal);
            return (view, new Dictionary<string, string>
            {
                ["bookingId"] = view.GetProperty("id").GetGuid().ToString("D", CultureInfo.InvariantCulture),
                ["locator"] = view.Text("locator"),
                ["offerId"] = offer.Text("id"),
                ["number"] = confirmed.GetProperty("passengers")[0].Text("ticketNumber"),
            });
        }
    }
}
