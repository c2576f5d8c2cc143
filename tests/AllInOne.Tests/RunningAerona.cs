using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Aerona.AllInOne.Commands;
using Microsoft.Data.Sqlite;
using Xunit;

[assembly: AssemblyFixture(typeof(Aerona.AllInOne.Tests.RunningAerona))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Aerona.AllInOne.Tests;

/// <summary>One Aerona as its users have it: a process of its own, data in a temporary folder, spoken to over HTTP. Started once for all journeys.</summary>
public sealed class RunningAerona : IAsyncLifetime
{
    private readonly string port = FreePort();
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("aerona-journeys-");
    private AeronaProcess? process;
    private AeronaClient? client;

    internal AeronaClient Client => client!;

    internal AeronaProcess Process => process!;

    public string DataFolder => data.FullName;

    public async ValueTask InitializeAsync() => await StartAsync();

    internal async Task StartAsync()
    {
        process = await AeronaProcess.FindOrStartAsync(null, port, data.FullName, _ => { }, TestContext.Current.CancellationToken);
        client = new(process.Http);
    }

    /// <summary>Kills it without a word and starts it again on the same data.</summary>
    internal async Task KillAndRestartAsync()
    {
        await process!.KillAsync();
        await process.DisposeAsync();
        await StartAsync();
    }

    /// <summary>Stops it in order and starts it again on the same data.</summary>
    internal async Task RestartAsync()
    {
        await process!.DisposeAsync();
        await StartAsync();
    }

    /// <summary>A number from a service's own database, read beside the running process.</summary>
    public async Task<long> CountAsync(string service, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(DataFolder, $"{service}.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>A development token for this Aerona.</summary>
    internal string Token(string role, string subject) => AllInOne.Commands.Token.For(subject, role, DataFolder, port);

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await process.DisposeAsync();
        }

        File.Copy(Path.Combine(DataFolder, "aerona.log"), Path.Combine(AppContext.BaseDirectory, "aerona.log"), overwrite: true);   // for whoever has to find out
        data.Delete(recursive: true);
    }

    private static string FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}

/// <summary>What journeys have in common.</summary>
internal static class Journeys
{
    public static readonly Traveller Adult = new("adult", "Ada", "Lovelace");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A flight between the two with room for the party, some days ahead.</summary>
    public static async Task<JsonElement> AnyFlightAsync(this AeronaClient client, string origin, string destination, params Traveller[] party)
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        for (var day = 3; day < 28; day++)
        {
            var flights = (await client.SearchAsync(origin, destination, today.AddDays(day), party, Stop)).GetProperty("flights");
            if (flights.GetArrayLength() > 0)
            {
                return flights[0];
            }
        }

        throw new InvalidOperationException($"no flight from {origin} to {destination}");
    }

    /// <summary>Searches, prices and submits.</summary>
    public static async Task<Journey> BookAsync(this AeronaClient client, params Traveller[] party)
    {
        var flight = await client.AnyFlightAsync("SGN", "HAN", party);
        var offer = await client.OfferAsync(flight.Text("flightId"), party, Stop);
        return (await client.BookAsync(offer, party, Stop)).Journey;
    }

    /// <summary>Follows it until the condition holds, a minute at the most.</summary>
    public static async Task<JsonElement> UntilAsync(this AeronaClient client, Journey journey, Func<JsonElement, bool> condition, int seconds = 60)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        try
        {
            return await client.FollowAsync(journey, condition, limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !Stop.IsCancellationRequested)
        {
            var timeline = string.Join("\n", (await client.TimelineAsync(journey, Stop)).Select(entry => $"{entry.Text("at")} {entry.Text("kind")} {entry.Text("text")}"));
            throw new TimeoutException($"not reached within {seconds} s; the booking says {await client.ViewAsync(journey, Stop)}\n{timeline}");
        }
    }

    /// <summary>Waits for the approval link and approves as that payer; returns PayPal's order.</summary>
    public static async Task<string> PayAsync(this AeronaClient client, Journey journey, string payer, string? notOrder = null)
    {
        var waiting = await client.UntilAsync(journey, view => view.IsFinal() || (view.Text("approvalLink") is { Length: > 0 } && AeronaClient.PayPalOrder(view) != notOrder));
        Assert.Equal("awaitingPayment", waiting.State());
        var order = AeronaClient.PayPalOrder(waiting);
        await client.ApproveAsync(order, payer, Stop);
        return order;
    }

    /// <summary>Asserts that the sandbox shows nothing taken and nothing still reserved for an order.</summary>
    public static async Task<JsonElement> AssertNothingLeftAtPayPalAsync(this AeronaClient client, string order)
    {
        var books = await client.PayPalsBooksAsync(order, Stop);
        Assert.Equal(0, books.Amount("captured"));
        Assert.Equal(books.Amount("authorised"), books.Amount("voided"));
        return books;
    }
}
