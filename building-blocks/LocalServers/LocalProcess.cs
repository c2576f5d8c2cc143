using System.Runtime.InteropServices;
using System.Text.Json;

namespace Aerona.LocalServers;

/// <summary>One of Aerona's services as a process of its own; <see cref="LocalServer.StartAgainAsync"/> waits until it is ready.</summary>
public sealed class LocalProcess : LocalServer
{
    private readonly string program;
    private readonly Lazy<IReadOnlyDictionary<string, string>> settings;
    private readonly HttpClient http;

    /// <param name="settings">Asked when it first starts: by then every other process has its address.</param>
    internal LocalProcess(string name, string folder, string program, int? port, Func<LocalProcess, IReadOnlyDictionary<string, string>> settings)
        : base(folder, port)
    {
        Name = name;
        this.program = program;
        Address = new($"http://127.0.0.1:{Port}");
        http = new(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(2) }) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(10) };
        this.settings = new(() => settings(this));
    }

    /// <summary>As in compose and logs, such as <c>booking-service</c>; a second replica is <c>booking-service-2</c>.</summary>
    public string Name { get; }

    /// <summary>Where it answers itself, past the gateway.</summary>
    public Uri Address { get; }

    /// <summary>Its settings as environment variables.</summary>
    public IReadOnlyDictionary<string, string> Settings => settings.Value;

    // Longer than a host gives requests and messages in hand.
    private protected override TimeSpan StopPatience => TimeSpan.FromSeconds(45);

    /// <summary>True when it is ready: <c>/health/ready</c> answers 200.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken) => (await AskAsync(cancellationToken)).Ready;

    /// <summary>What <c>/health/ready</c> answers: which check is how, as JSON; or that it does not answer.</summary>
    public async Task<string> HealthAsync(CancellationToken cancellationToken) => (await AskAsync(cancellationToken)).Answer;

    /// <summary>Ready, and nothing of it degraded.</summary>
    internal async Task<bool> IsHealthyAsync(CancellationToken cancellationToken) =>
        await AskAsync(cancellationToken) is (true, var answer) && JsonDocument.Parse(answer).RootElement.GetProperty("state").GetString() == "healthy";

    private async Task<(bool Ready, string Answer)> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync("/health/ready", cancellationToken);
            return (answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (HttpRequestException problem)
        {
            return (false, problem.Message);
        }
        catch (OperationCanceledException problem) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, problem.Message);   // too slow an answer is none
        }
    }

    private protected override Task<ServerProcess> LaunchAsync(CancellationToken cancellationToken) => ServerProcess.StartAsync(
        Name, [DotNet, program], Log, Settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value), Folder, cancellationToken);

    private protected override Task<bool> AnswersAsync(CancellationToken cancellationToken) => IsReadyAsync(cancellationToken);

    /// <summary>The one this process runs on.</summary>
    private static readonly string DotNet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet")) is var beside && File.Exists(beside) ? beside : "dotnet";
}
