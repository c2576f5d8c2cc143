using System.Data.Common;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aerona.Bookings.Data;
using Aerona.Bookings.LookUp;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Bookings.Tests.LookUp;

public sealed class LookUpTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_failure_costs_the_same_hashes_and_queries_and_reads_the_same()
    {
        var (hashes, queries) = (0, new Queries());
        await using var desk = await BookingDesk.StartAsync(
            settings: Settings(("LookUp:PerLocator", "100")), also: services =>
            {
                services.AddSingleton<IInterceptor>(queries);
                services.AddSingleton<NameDigest>(name =>
                {
                    Interlocked.Increment(ref hashes);
                    return SHA256.HashData(Encoding.UTF8.GetBytes(name));
                });
            });
        var locator = await BookedAsync(desk);
        object[] wrong =
        [
            new { locator, surname = "Other" }, new { locator, surname = "" }, new { locator, surname = "李" }, new { locator, surname = new string('L', 5000) },
            new { locator = "BCDFGH", surname = "Lê" }, new { locator = "no locator", surname = "Lê" }, new { locator = "", surname = "\0" },
        ];

        var answers = new List<string>();
        foreach (var (request, at) in wrong.Select((request, at) => (request, at)))
        {
            (hashes, queries.Texts) = (0, []);
            using var answer = await AskAsync(desk, request, $"203.0.{at}.7");
            var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop)).RootElement.EnumerateObject().Where(field => field.Name is not ("requestId" or "traceId"));
            var headers = answer.Headers.Select(header => header.Key).Order(StringComparer.Ordinal);
            answers.Add($"{(int)answer.StatusCode} {string.Join(',', body)} {string.Join(',', headers)} {hashes} hashes {string.Join(" | ", queries.Texts)}");
        }

        Assert.StartsWith("404 ", Assert.Single(answers.Distinct()), StringComparison.Ordinal);
        Assert.Contains(" 19 hashes ", answers[0], StringComparison.Ordinal);
        Assert.Contains("booking", queries.Texts[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_no_of_the_guard_is_the_same_for_right_and_wrong_and_looks_at_nothing()
    {
        var queries = new Queries();
        await using var desk = await BookingDesk.StartAsync(settings: Settings(("LookUp:PerAddress", "2")), also: services => services.AddSingleton<IInterceptor>(queries));
        var locator = await BookedAsync(desk);
        for (var i = 0; i < 2; i++)
        {
            (await AskAsync(desk, new { locator = "BCDFGH", surname = $"Other{(char)('a' + i)}" }, "203.0.113.7")).Dispose();
        }

        queries.Texts = [];
        using var right = await AskAsync(desk, new { locator, surname = "Lê" }, "203.0.113.99");   // the same /24
        using var wrong = await AskAsync(desk, new { locator, surname = "Other" }, "203.0.113.98");
        using var elsewhere = await AskAsync(desk, new { locator, surname = "Lê" }, "203.0.114.7");

        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests, HttpStatusCode.OK), (right.StatusCode, wrong.StatusCode, elsewhere.StatusCode));
        Assert.Equal(2, queries.Texts.Count);   // those of the third alone
        Assert.Equal(right.Headers.RetryAfter!.Delta, wrong.Headers.RetryAfter!.Delta);
        Assert.Equal("booking.lookup_limited", (await BookingDesk.JsonAsync(right)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task When_most_look_ups_fail_each_must_bring_work_done_for_it_alone()
    {
        await using var desk = await BookingDesk.StartAsync(settings: Settings(("LookUp:Failures", "3"), ("LookUp:ProofBits", "16")));
        var locator = await BookedAsync(desk);
        for (var i = 0; i < 3; i++)
        {
            (await AskAsync(desk, new { locator = "BCDFGH", surname = $"Other{(char)('a' + i)}" }, $"203.0.{i}.7")).Dispose();
        }

        using var asked = await AskAsync(desk, new { locator, surname = "Lê" }, "198.51.100.7");
        var problem = await BookingDesk.JsonAsync(asked);
        var challenge = problem.GetProperty("challenge");
        var proof = Prove(challenge.GetProperty("text").GetString()!, challenge.GetProperty("bits").GetInt32());
        using var forAnother = await AskAsync(desk, new { locator, surname = "Other", proof }, "198.51.100.7");
        using var withIt = await AskAsync(desk, new { locator, surname = "Lê", proof }, "198.51.100.7");
        (await AskAsync(desk, new { locator = "BCDFGH", surname = "Otherz" }, "203.0.9.7")).Dispose();
        (await AskAsync(desk, new { locator = "BCDFGH", surname = "Othery" }, "203.0.8.7")).Dispose();
        using var again = await AskAsync(desk, new { locator, surname = "Lê", proof }, "198.51.100.7");

        Assert.Equal((428, "booking.lookup_challenge"), ((int)asked.StatusCode, problem.GetProperty("code").GetString()));
        Assert.DoesNotContain("NGUYEN", challenge.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal((428, 200, 428), ((int)forAnother.StatusCode, (int)withIt.StatusCode, (int)again.StatusCode));
    }

    [Fact]
    public async Task Who_asks_for_a_link_hears_the_same_whatever_he_asks_for_and_only_the_owner_is_mailed()
    {
        await using var desk = await BookingDesk.StartAsync(settings: Settings());
        var locator = await BookedAsync(desk);

        var answers = new List<string>();
        foreach (var request in (object[])[new { locator, surname = "lê" }, new { locator, surname = "Other" }, new { locator = "BCDFGH", surname = "Lê" }, new { locator = "?", surname = "" }])
        {
            using var answer = await AskAsync(desk, request, "203.0.113.7", "/v1/booking-lookups/links");
            answers.Add($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Stop)}");
        }

        Assert.Equal("""202 {"validForSeconds":600}""", Assert.Single(answers.Distinct()));
        foreach (var asked in await desk.Service.Published<MailBookingLink>())
        {
            await desk.Service.ConsumeAsync(asked);
        }

        var link = Assert.Single(await desk.Service.Published<SendBookingLink>());
        Assert.Equal(("an@example.org", locator, "vi", desk.Now.AddMinutes(10)), (link.Email, link.Locator, link.Locale, link.ValidUntil));
        Assert.Matches("^/manage/open/[A-Za-z0-9_-]{32}$", link.Path);
        Assert.DoesNotContain(link.Path[13..], await DumpAsync(desk), StringComparison.Ordinal);   // only its hash is kept
        for (var more = 0; more < 5; more++)
        {
            await desk.Service.ConsumeAsync(new MailBookingLink(locator, "LE", desk.Now));
        }

        Assert.Equal(3, (await desk.Service.Published<SendBookingLink>()).Count());   // in an hour
        desk.Service.Clock.Advance(TimeSpan.FromMinutes(61));
        await desk.Service.ConsumeAsync(new MailBookingLink(locator, "LE", desk.Now));
        Assert.Equal(4, (await desk.Service.Published<SendBookingLink>()).Count());
    }

    [Fact]
    public async Task A_mailed_link_opens_the_booking_once_and_looking_at_it_uses_nothing()
    {
        await using var desk = await BookingDesk.StartAsync(settings: Settings());
        var locator = await BookedAsync(desk);
        var page = await LinkAsync(desk, locator);
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = desk.Service.Http.BaseAddress };

        using var looked = await browser.GetAsync(page, Stop);
        using var foreign = await browser.GetAsync("/manage/open/never-one-of-ours", Stop);
        using var pressed = await browser.PostAsync(page, null, Stop);
        using var pressedAgain = await browser.PostAsync(page, null, Stop);
        using var booking = await browser.GetAsync(pressed.Headers.Location, Stop);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.SeeOther, HttpStatusCode.NotFound), (looked.StatusCode, foreign.StatusCode, pressed.StatusCode, pressedAgain.StatusCode));
        Assert.DoesNotContain(locator, await looked.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Contains(locator, await booking.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.All([looked, pressed, booking], answer => Assert.Equal("no-store", answer.Headers.CacheControl!.ToString()));
    }

    [Fact]
    public async Task A_code_gives_a_guests_token_once_and_none_when_it_is_late()
    {
        await using var desk = await BookingDesk.StartAsync(settings: Settings());
        var locator = await BookedAsync(desk);
        var (code, late) = ((await LinkAsync(desk, locator))[13..], (await LinkAsync(desk, locator))[13..]);

        using var opened = await desk.PostAsync("/v1/booking-access", new { code }, key: "open-1");
        using var repeated = await desk.PostAsync("/v1/booking-access", new { code }, key: "open-1");
        using var stolen = await desk.PostAsync("/v1/booking-access", new { code });
        desk.Service.Clock.Advance(TimeSpan.FromMinutes(11));
        using var tooLate = await desk.PostAsync("/v1/booking-access", new { code = late });

        var gained = await BookingDesk.JsonAsync(opened);
        Assert.Equal(locator, (await desk.ViewAsync(gained.GetProperty("bookingId").GetGuid(), gained.GetProperty("guestToken").GetString()!)).GetProperty("locator").GetString());
        Assert.Equal(HttpStatusCode.OK, repeated.StatusCode);   // the same call
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (stolen.StatusCode, tooLate.StatusCode));
        Assert.Equal(Code(await BookingDesk.JsonAsync(stolen)), Code(await BookingDesk.JsonAsync(tooLate)));

        static string? Code(JsonElement problem) => $"{problem.GetProperty("code")} {problem.GetProperty("detail")}";
    }

    [Fact]
    public async Task Of_many_who_use_a_link_at_once_one_gets_in()
    {
        await using var desk = await BookingDesk.StartAsync(settings: Settings());
        var code = (await LinkAsync(desk, await BookedAsync(desk)))[13..];

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => desk.PostAsync("/v1/booking-access", new { code })));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.All(answers, answer => Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.Conflict]));
    }

    // A world that an attacker knows more about than he can: one in fifty of the locators he tries is live, and one passenger in fifty bears the name he tries.
    [Fact]
    [Trait("long", "yes")]
    public async Task Twenty_thousand_guesses_over_http_from_a_thousand_addresses_find_nothing_with_the_guard_and_something_without()
    {
        var with = await GuessAsync(Settings(), live: 200);
        var without = await GuessAsync(
            Settings(("LookUp:PerAddress", "1000000"), ("LookUp:PerLocator", "1000000"), ("LookUp:PerSurname", "1000000"), ("LookUp:Failures", "1000000")), live: 200);

        TestContext.Current.TestOutputHelper?.WriteLine($"with the guard {with}; without {without}");
        Assert.Equal(0, with.Found);
        Assert.True(without.Found > 0);
    }

    private static async Task<(int Found, int Looked, int Refused)> GuessAsync(Dictionary<string, string?> settings, int live)
    {
        await using var desk = await BookingDesk.StartAsync(settings: settings);
        var random = new Random(4711);
        var tried = Enumerable.Range(0, live * 50).Select(_ => new string([.. Enumerable.Range(0, 6).Select(_ => RecordLocator.Alphabet[random.Next(28)])])).Distinct().ToArray();
        var form = await BookedAsync(desk);
        await desk.Service.Query<BookingsDbContext, int>(async db =>
        {
            var like = await db.Bookings.AsNoTracking().SingleAsync(row => row.Locator == form, Stop);
            for (var at = 0; at < live; at++)
            {
                var surname = at % 50 == 49 ? "SMITH" : $"SOMEBODY{(char)('A' + (at % 26))}";
                db.Add(new Booking
                {
                    Id = Guid.NewGuid(),
                    Locator = tried[at * 50],
                    Offer = like.Offer,
                    Contact = like.Contact,
                    SubmittedAt = like.SubmittedAt,
                    Passengers = [like.Passengers[0] with { TicketSurname = surname }],
                });
            }

            return await db.SaveChangesAsync(Stop);
        });

        var (found, looked, refused) = (0, 0, 0);
        await Parallel.ForEachAsync(Enumerable.Range(0, 20_000), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Stop }, async (guess, _) =>
        {
            var (network, locator) = (guess % 1000, tried[(guess * 7919) % tried.Length]);
            using var answer = await AskAsync(desk, new { locator, surname = "Smith" }, $"198.{network / 250}.{network % 250}.7");
            Interlocked.Increment(ref answer.StatusCode == HttpStatusCode.OK ? ref found : ref answer.StatusCode == HttpStatusCode.NotFound ? ref looked : ref refused);
        });
        return (found, looked, refused);
    }

    private static Dictionary<string, string?> Settings(params (string Key, string Value)[] settings) =>
        new(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))) { ["ForwardedHeaders:KnownProxies"] = "127.0.0.1" };

    private static async Task<string> BookedAsync(BookingDesk desk)
    {
        var (id, token) = await desk.BookAsync();
        return (await desk.ViewAsync(id, token)).GetProperty("locator").GetString()!;
    }

    private static async Task<string> LinkAsync(BookingDesk desk, string locator)
    {
        var before = (await desk.Service.Published<SendBookingLink>()).Select(link => link.AccessId).ToHashSet();
        await desk.Service.ConsumeAsync(new MailBookingLink(locator, "LE", desk.Now));
        return (await desk.Service.Published<SendBookingLink>()).Single(link => !before.Contains(link.AccessId)).Path;
    }

    private static async Task<HttpResponseMessage> AskAsync(BookingDesk desk, object request, string from, string path = "/v1/booking-lookups")
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(request), Headers = { { "X-Forwarded-For", from } } };
        return await desk.Service.Http.SendAsync(message, Stop);
    }

    private static Task<string> DumpAsync(BookingDesk desk) => desk.Service.Query<BookingsDbContext, string>(async db =>
        string.Join('\n', (await db.Accesses.AsNoTracking().ToListAsync(Stop)).Select(row => $"{row.Id} {Convert.ToBase64String(row.CodeHash)}")));

    private static string Prove(string text, int bits)
    {
        for (var nonce = 0; ; nonce++)
        {
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text}.{nonce}")));
            if (hash.Take(bits / 8).All(value => value == 0))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{text.Split('.')[0]}.{nonce}");
            }
        }
    }

    private sealed class Queries : DbCommandInterceptor
    {
        public List<string> Texts { get; set; } = [];

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            lock (Texts)
            {
                Texts.Add(command.CommandText);
            }

            return new(result);
        }
    }
}
