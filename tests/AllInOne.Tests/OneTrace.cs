using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.RegularExpressions;
using Aerona.AllInOne.Commands;
using Aerona.Journeys;
using Aerona.LocalServers;
using Xunit;

namespace Aerona.AllInOne.Tests;

/// <summary>What a collector gets to see of a booking.</summary>
public sealed class OneTrace : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>Every queue on the way.</summary>
    private static readonly string[] Consumers =
    [
        "airlines-price-offer-consumer", "airlines-hold-seats-consumer", "payments-open-payment-consumer", "airlines-pin-seats-consumer",
        "payments-authorize-payment-consumer", "airlines-commit-airline-order-consumer", "tickets-issue-tickets-consumer", "payments-capture-payment-consumer",
        "tickets-store-documents-consumer", "notifications-send-confirmation-consumer",
    ];

    private static readonly Dictionary<string, string> Settings = new()
    {
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "500",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
        ["World__Days"] = "12",
    };

    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("aerona-trace-");
    private OtlpCollector? collector;
    private AeronaProcess? aerona;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        collector = await OtlpCollector.StartAsync();
        Settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address;
        foreach (var (name, value) in Settings)
        {
            Environment.SetEnvironmentVariable(name, value);   // the process to be started gets ours
        }

        try
        {
            aerona = await AeronaProcess.FindOrStartAsync(null, Ports.Free().ToString(CultureInfo.InvariantCulture), data.FullName, _ => { }, Stop);
        }
        finally
        {
            foreach (var name in Settings.Keys)
            {
                Environment.SetEnvironmentVariable(name, null);
            }
        }
    }

    [Fact]
    public async Task A_booking_is_one_trace_from_its_request_to_its_confirmation_and_shows_nobodys_data()
    {
        var client = new AeronaClient(aerona!.Http);
        Traveller[] party = [new("adult", "Zebedee", "Quackenbush")];
        var flight = await client.AnyFlightAsync("SGN", "HAN", party);
        var offer = await client.OfferAsync(flight.Text("flightId"), party, Stop);

        Journey journey;
        ActivityTraceId trace;
        using (var request = new Activity("client") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start())
        {
            trace = request.TraceId;
            journey = (await client.BookAsync(offer, party, Stop)).Journey;
        }

        await client.PayAsync(journey, "happy");
        Assert.Equal("confirmed", (await client.UntilAsync(journey, Answers.IsFinal)).State());

        var spans = await SpansAsync(trace.ToHexString(), all => Consumers.All(consumer => all.Any(span => span.Name == $"{consumer} process")));
        var names = spans.Select(span => span.Name).ToList();
        Assert.Single(names, "POST /v1/bookings/");
        Assert.All(Consumers, consumer => Assert.Contains($"{consumer} process", names));
        Assert.True(names.Count(name => name == "bookings-booking-state-machine process") >= 11, "a step of the saga for each of its eleven answers");
        Assert.Contains(names, name => name.Contains("BookingConfirmed", StringComparison.Ordinal));

        // The payer came back in a trace of the browser's own: linked, not mixed.
        var news = spans.Where(span => span.Name == "payment news").SelectMany(span => span.Links).ToHashSet();
        var brought = collector!.Spans.Where(span => news.Contains(span.TraceId)).Select(span => span.Name).ToList();
        Assert.NotEmpty(news);
        Assert.DoesNotContain(trace.ToHexString(), news);
        Assert.Contains(brought, name => name is "GET /v1/payments/return" or "POST /v1/webhooks/paypal" or "payments-process-pay-pal-event-consumer process");

        // What its owner does with it, and what strangers try: nothing of that may be read where operators look.
        var opened = await OpenByMailAsync(client, journey, party[0].Surname);
        var seen = await SeenByStrangersAsync(journey, party[0].Surname);
        await SpansAsync("", _ => collector.Spans.Any(span => span.Name == "POST /manage/open/{code}/") && collector.Metrics.Count > 2);

        var texts = collector.Spans.SelectMany(span => span.Attributes.Values.Append(span.Name)).ToList();
        var log = await File.ReadAllTextAsync(aerona.LogFile!, Stop);
        string[] secrets = ["Zebedee", "Quackenbush", journey.Email, journey.Token, .. opened];
        Assert.DoesNotContain(texts, text => text.Contains('@', StringComparison.Ordinal));
        Assert.All(secrets, secret =>
        {
            Assert.DoesNotContain(texts, text => text.Contains(secret, StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(collector.Metrics, metrics => metrics.Contains(secret, StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(secret, log, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(secret, seen, StringComparison.OrdinalIgnoreCase);
        });
    }

    /// <summary>The codes on the way: of the mailed link and of the page it opens. Both are in the owner's hands alone.</summary>
    private async Task<IReadOnlyList<string>> OpenByMailAsync(AeronaClient client, Journey journey, string surname)
    {
        await client.PostAsync("/v1/booking-lookups/links", new { locator = journey.Locator, surname }, null, Stop);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        string? mail;
        while ((mail = (await client.MailsAsync(journey.Email, limit.Token)).Where(each => each.Text("subject").Contains("open your booking", StringComparison.OrdinalIgnoreCase)).Select(each => each.Text("id")).FirstOrDefault()) is null)
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }

        var link = Regex.Match(await aerona!.Http.GetStringAsync($"/sandbox/mailbox/messages/{mail}/text", Stop), "/manage/open/([A-Za-z0-9_-]{32})");
        using var pressed = await aerona.Http.PostAsync(link.Value, null, Stop);
        var page = pressed.Headers.Location!.OriginalString;
        using var shown = await aerona.Http.GetAsync(page, Stop);
        Assert.Contains(journey.Locator, await shown.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        return [link.Groups[1].Value, page["/manage/".Length..]];
    }

    /// <summary>All that is answered to somebody without a token who knows what stands on a boarding pass, and to one who guesses.</summary>
    private async Task<string> SeenByStrangersAsync(Journey journey, string surname)
    {
        var seen = new StringBuilder();
        foreach (var (path, body) in (IEnumerable<(string, object?)>)
            [
                ("/v1/booking-lookups", new { locator = journey.Locator, surname }), ("/v1/booking-lookups", new { locator = journey.Locator, surname = "Somebody" }),
                ($"/v1/bookings/{journey.Id}", null), ($"/v1/bookings/{journey.Id}/timeline", null), ($"/v1/bookings/{journey.Id}/documents", null), ("/v1/support/bookings", null),
            ])
        {
            using var answer = body is null ? await aerona!.Http.GetAsync(path, Stop) : await aerona!.Http.PostAsJsonAsync(path, body, Stop);
            seen.AppendLine(answer.ToString()).AppendLine(await answer.Content.ReadAsStringAsync(Stop));
        }

        return seen.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        if (aerona is not null)
        {
            await aerona.DisposeAsync();
        }

        if (collector is not null)
        {
            await collector.DisposeAsync();
        }

        data.Delete(recursive: true);
    }

    private async Task<IReadOnlyList<ExportedSpan>> SpansAsync(string trace, Func<IReadOnlyList<ExportedSpan>, bool> enough)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            var spans = collector!.Spans.Where(span => span.TraceId == trace).ToList();
            if (enough(spans) || limit.IsCancellationRequested)
            {
                return spans;
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
