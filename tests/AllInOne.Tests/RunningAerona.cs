using System.Data.Common;
using System.Globalization;
using Aerona.AllInOne.Commands;
using Aerona.Journeys;
using Aerona.LocalServers;
using Microsoft.Data.Sqlite;
using Xunit;

[assembly: AssemblyFixture(typeof(Aerona.AllInOne.Tests.RunningAerona))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Aerona.AllInOne.Tests;

/// <summary>One Aerona as its users have it: a process of its own, data in a temporary folder, spoken to over HTTP. Started once for all journeys.</summary>
public sealed class RunningAerona : IAerona, IAsyncLifetime
{
    private readonly string port = Ports.Free().ToString(CultureInfo.InvariantCulture);
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("aerona-journeys-");
    private readonly IReadOnlyDictionary<string, string> settings;
    private readonly string logCopy;
    private AeronaProcess? process;

    public RunningAerona()
        : this(CancellationsUnderWay.Settings, "aerona.log")
    {
    }

    /// <param name="settings">Environment variables for the process, besides ours.</param>
    /// <param name="logCopy">What its log is called beside the tests when it is gone.</param>
    internal RunningAerona(IReadOnlyDictionary<string, string> settings, string logCopy) => (this.settings, this.logCopy) = (settings, logCopy);

    public HttpClient Http => process!.Http;

    internal AeronaProcess Process => process!;

    public string DataFolder => data.FullName;

    public async ValueTask InitializeAsync() => await StartAsync();

    private Dictionary<string, string> Settings => JourneyClients.Settings.Select(setting => KeyValuePair.Create(setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value))
        .Concat(settings).ToDictionary(setting => setting.Key, setting => setting.Value);

    internal async Task StartAsync()
    {
        foreach (var (name, value) in Settings)
        {
            Environment.SetEnvironmentVariable(name, value);   // the process to be started gets ours
        }

        try
        {
            process = await AeronaProcess.FindOrStartAsync(null, port, data.FullName, _ => { }, TestContext.Current.CancellationToken);
        }
        finally
        {
            foreach (var name in Settings.Keys)
            {
                Environment.SetEnvironmentVariable(name, null);
            }
        }
    }

    /// <summary>Kills it without a word and starts it again on the same data.</summary>
    public async Task KillAndRestartAsync()
    {
        await process!.KillAsync();
        await process.DisposeAsync();
        await StartAsync();
    }

    /// <summary>Stops it in order and starts it again on the same data.</summary>
    public async Task RestartAsync()
    {
        await process!.DisposeAsync();
        await StartAsync();
    }

    /// <summary>A number from a service's own database, read beside the running process.</summary>
    public async Task<long> CountAsync(string service, string sql)
    {
        await using var connection = await OpenAsync(service);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);
    }

    public async Task<DbConnection> OpenAsync(string service)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(DataFolder, $"{service}.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    public string Instant(DateTimeOffset at) => at.UtcTicks.ToString(CultureInfo.InvariantCulture);

    public string Token(string role, string subject) => JourneyClients.Token(Http, role, subject);

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await process.DisposeAsync();
        }

        File.Copy(Path.Combine(DataFolder, "aerona.log"), Path.Combine(AppContext.BaseDirectory, logCopy), overwrite: true);   // for whoever has to find out
        data.Delete(recursive: true);
    }
}

public sealed class BadInput(RunningAerona aerona) : BadInputJourneys(aerona);

public sealed class Bookings(RunningAerona aerona) : BookingJourneys(aerona);

public sealed class CancellationsHere(RunningAerona aerona) : CancellationsUnderWay(aerona);

public sealed class Cancellations(CancellationsHere underWay) : CancellationTests(underWay), IClassFixture<CancellationsHere>;

public sealed class HouseAirline(RunningAerona aerona) : HouseAirlineJourneys(aerona);

public sealed class Crowd(RunningAerona aerona) : CrowdJourneys(aerona)
{
    [Fact]
    [Trait("long", "yes")]   // an ordinary run has the one below, which is this and more
    public Task Fifty_seats_and_two_hundred_clients_make_fifty_confirmed_bookings() => CrowdAsync();

    [Fact]
    public Task The_same_with_a_kill_in_the_middle() => CrowdWithAKillAsync();
}
