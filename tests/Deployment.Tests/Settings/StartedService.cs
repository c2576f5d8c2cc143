using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

[assembly: HostingStartup(typeof(Aerona.Deployment.Tests.Settings.StartedService))]

namespace Aerona.Deployment.Tests.Settings;

/// <summary>
/// A service's own Program, run in this process with the variables of a deployment up to the moment when its parts would start to work: by then it has been
/// put together and has checked its settings. Says which settings it asked for, so that one it never heard of is found.
/// </summary>
public sealed class StartedService : IHostingStartup
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly AsyncLocal<Recorder?> Current = new();

    static StartedService() => Environment.SetEnvironmentVariable("ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", typeof(StartedService).Assembly.GetName().Name);

    /// <param name="Ready">It was about to start working.</param>
    /// <param name="Problems">What it said instead.</param>
    /// <param name="Unknown">Variables that nobody asked for.</param>
    internal sealed record Outcome(bool Ready, string Problems, IReadOnlyList<string> Unknown);

    internal static async Task<Outcome> RunAsync(Service service, IReadOnlyDictionary<string, string> variables)
    {
        // The host reads its environment before anything can listen to it; the image's address is the Dockerfile's affair.
        var environment = variables["ASPNETCORE_ENVIRONMENT"];
        var settings = variables.Where(variable => variable.Key is not ("ASPNETCORE_ENVIRONMENT" or "ASPNETCORE_URLS")).ToDictionary(variable => variable.Key, variable => variable.Value);
        var recorder = new Recorder(settings);
        var original = Console.Error;
        await using var problems = new StringWriter();
        Console.SetError(problems);
        try
        {
            var code = await Task.Run(() =>
            {
                Current.Value = recorder;
                return Program(service).Invoke(null, [new[] { $"--environment={environment}", $"--applicationName=Aerona.{service.Folder}", $"--contentRoot={Path.Combine(Tree.Root, "services", service.Folder)}" }]);
            }).WaitAsync(Patience);
            return new(recorder.Reached, $"{problems} exit code {code}", recorder.Unknown);
        }
        catch (TargetInvocationException problem)
        {
            return new(recorder.Reached, $"{problems} {problem.InnerException}", recorder.Unknown);
        }
        finally
        {
            Console.SetError(original);
        }
    }

    public void Configure(IWebHostBuilder builder)
    {
        if (Current.Value is { } recorder)
        {
            builder.ConfigureAppConfiguration(configuration => configuration.Add(recorder));
            builder.ConfigureServices(services => services.AddSingleton<IHostedService>(recorder));   // before any of the service's own
        }
    }

    private static MethodInfo Program(Service service) => Assembly.Load($"Aerona.{service.Folder}").EntryPoint!;

    /// <summary>A source of settings that notes which are asked for, and the first part of the host to be started, which ends it.</summary>
    private sealed class Recorder : ConfigurationProvider, IConfigurationSource, IHostedLifecycleService
    {
        private readonly ConcurrentDictionary<string, bool> asked = new(StringComparer.OrdinalIgnoreCase);
        private readonly IReadOnlyDictionary<string, string> variables;

        public Recorder(IReadOnlyDictionary<string, string> variables)
        {
            this.variables = variables;
            Data["Logging:LogLevel:Default"] = "None";
            foreach (var (name, value) in variables)
            {
                Data[Key(name)] = value;
            }
        }

        public bool Reached { get; private set; }

        public IReadOnlyList<string> Unknown => [.. variables.Keys.Where(name => !asked.ContainsKey(Key(name)))];

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public override bool TryGet(string key, out string? value)
        {
            asked[key] = true;
            return base.TryGet(key, out value);
        }

        public Task StartingAsync(CancellationToken cancellationToken)
        {
            Reached = true;
            throw new HostAbortedException();
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        private static string Key(string variable) => variable.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);
    }
}
