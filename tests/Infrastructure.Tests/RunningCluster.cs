using System.Data.Common;
using Aerona.AllInOne.Commands;
using Aerona.Journeys;
using Aerona.LocalServers;
using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(Aerona.Infrastructure.Tests.RunningCluster))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Aerona.Infrastructure.Tests;

/// <summary>
/// All of Aerona as a site would run it: a process per service (two of Bookings and of Payments) behind the gateway, on real PostgreSQL, RabbitMQ, Redis, S3 and
/// SMTP servers. Started once for all tests.
/// </summary>
public sealed class RunningCluster : IAerona, IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("aerona-cluster-");
    private LocalAerona? aerona;
    private AeronaProcess? front;

    public LocalAerona Aerona => aerona!;

    public HttpClient Http => front!.Http;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        aerona = await LocalAerona.StartAsync(
            new()
            {
                Folder = folder.FullName,
                Replicas = new Dictionary<string, int> { ["bookings"] = 2, ["payments"] = 2 },
                Settings = new Dictionary<string, string>(JourneyClients.Settings.Concat(CancellationsUnderWay.Settings))
                {
                    ["World:Days"] = "10",
                    // How long a call to PayPal may take is also how long the others wait for one whose process was killed in it.
                    ["PayPal:Timeout"] = "00:00:06",
                    // The first question after an answer that did not come; travellers are given longer.
                    ["Booking:ApprovalLookUp"] = "00:00:10",
                    ["Booking:Authorisation"] = "00:00:15",
                    ["Booking:LookUp"] = "00:00:05",
                    // They live for seconds: compiling once is enough.
                    ["DOTNET_TC_CallCounting"] = "0",
                },
            },
            Stop);
        front = await AeronaProcess.FindOrStartAsync(aerona.Gateway.ToString(), "", "", _ => { }, Stop);   // every flight on sale
    }

    public string Token(string role, string subject) => JourneyClients.Token(Http, role, subject);

    public async Task<long> CountAsync(string service, string sql)
    {
        await using var connection = await OpenAsync(service);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(await command.ExecuteScalarAsync(Stop), System.Globalization.CultureInfo.InvariantCulture);
    }

    public async Task<DbConnection> OpenAsync(string service)
    {
        var connection = new NpgsqlConnection(Aerona.ConnectionString(service) + ";Pooling=false");   // none that a killed server left behind
        await connection.OpenAsync(Stop);
        return connection;
    }

    public string Instant(DateTimeOffset at) => $"TIMESTAMPTZ '{at.UtcDateTime:O}'";

    /// <summary>All replicas of the services that a booking passes through, at once.</summary>
    public async Task KillAndRestartAsync()
    {
        var driving = Of("bookings", "payments", "airlines", "tickets");
        await Task.WhenAll(driving.Select(process => process.KillAsync()));
        await Task.WhenAll(driving.Select(process => process.StartAgainAsync(Stop)));
    }

    /// <summary>In order, as a deployment would.</summary>
    public Task RestartAsync() => Task.WhenAll(Of("bookings", "payments").Select(async process =>
    {
        await process.DisposeAsync();
        await process.StartAgainAsync(Stop);
    }));

    /// <summary>The processes of these services.</summary>
    public List<LocalProcess> Of(params string[] services) => [.. services.SelectMany(service => Aerona.Services[service])];

    public async ValueTask DisposeAsync()
    {
        front?.Http.Dispose();
        if (aerona is not null)
        {
            await aerona.DisposeAsync();
            foreach (var (name, server) in aerona.Running.Where(each => File.Exists(each.Server.Log)))
            {
                Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "logs"));
                File.Copy(server.Log, Path.Combine(AppContext.BaseDirectory, "logs", $"{name}.log"), overwrite: true);   // for whoever has to find out
            }
        }

        folder.Delete(recursive: true);
    }
}

public sealed class Bookings(RunningCluster cluster) : BookingJourneys(cluster);

public sealed class HouseAirline(RunningCluster cluster) : HouseAirlineJourneys(cluster);

public sealed class CancellationsHere(RunningCluster cluster) : CancellationsUnderWay(cluster);

[Trait("long", "yes")]
public sealed class Cancellations(CancellationsHere underWay) : CancellationTests(underWay), IClassFixture<CancellationsHere>;

[Trait("long", "yes")]
public sealed class BadInput(RunningCluster cluster) : BadInputJourneys(cluster);

[Trait("long", "yes")]
public sealed class Crowd(RunningCluster cluster) : CrowdJourneys(cluster)
{
    [Fact]
    public Task Two_hundred_clients_fifty_seats_and_every_driving_service_killed_in_the_middle() => CrowdWithAKillAsync();
}
