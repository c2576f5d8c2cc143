using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Aerona.AllInOne.Commands;
using Aerona.Journeys;
using Xunit;

namespace Aerona.AllInOne.Tests;

/// <summary>What a collector gets to see of a booking.</summary>
public sealed class OneTrace : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static readonly Dictionary<string, string> Settings = new()
    {
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf", ["OTEL_BSP_SCHEDULE_DELAY"] = "500", ["World__Days"] = "12",
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
            aerona = await AeronaProcess.FindOrStartAsync(null, FreePort(), data.FullName, _ => { }, Stop);
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

        var spans = await SpansAsync(trace.ToHexString(), all => all.Count > 100);
        File.WriteAllLines("/tmp/spans.txt", spans.Select(s => s.Name + " || " + string.Join(" ; ", s.Attributes.Select(a => a.Key + "=" + a.Value)) + " || " + string.Join(",", s.Links)));
        File.WriteAllLines("/tmp/spans-other.txt", collector!.Spans.Where(s => s.TraceId != trace.ToHexString()).Select(s => s.TraceId + " " + s.Name + " || " + string.Join(" ; ", s.Attributes.Select(a => a.Key + "=" + a.Value)) + " || " + string.Join(",", s.Links)));
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

    private static string FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
