using System.Net.Sockets;
using MassTransit;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client.Exceptions;

namespace Aerona.Messaging;

/// <summary>Looks every second how the bus is, says it in one line whenever it changes, and tells the readiness check.</summary>
internal sealed partial class BusWatch(IBusControl bus, TimeProvider time, ILogger<BusWatch> log) : BackgroundService, IHealthCheck
{
    private const string NotStarted = "it has not started yet";

    private string? _reason = NotStarted;
    private volatile bool _wasReady;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Problem(bus.CheckHealth()) is { } problem ? new(context.Registration.FailureStatus, problem.Reason) : HealthCheckResult.Healthy());

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        do
        {
            var problem = Problem(bus.CheckHealth());
            if (problem?.Reason != _reason)
            {
                if (problem is null)
                {
                    LogReady();
                }
                else
                {
                    LogNotReady(problem.Reason, problem.Detail);
                }

                _reason = problem?.Reason;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Null when every queue is being served.</summary>
    private BusProblem? Problem(BusHealthResult health)
    {
        if (health.Status == BusHealthStatus.Healthy)
        {
            _wasReady = true;
            return null;
        }

        var failed = health.Endpoints.Where(endpoint => endpoint.Value.Status != BusHealthStatus.Healthy).OrderBy(endpoint => endpoint.Key, StringComparer.Ordinal).ToList();
        var problems = failed.Where(endpoint => endpoint.Value.Exception is not null)
            .Select(endpoint => BusProblem.From(endpoint.Value.Exception!, Endpoints.NameIn(endpoint.Value.InputAddress))).ToList();
        return problems.Find(problem => problem.IsOfOneQueue) ?? problems.FirstOrDefault()
            ?? (health.Exception is { } exception ? BusProblem.From(exception, "") : new(_wasReady ? "the connection to the broker is lost" : NotStarted, null));
    }

    [LoggerMessage(LogLevel.Warning, "The bus is not ready: {Reason}. It is tried again. {Detail}")]
    private partial void LogNotReady(string reason, string? detail);

    [LoggerMessage(LogLevel.Information, "The bus is ready")]
    private partial void LogReady();
}

/// <summary>Why the bus cannot be used.</summary>
/// <param name="Reason">For anybody: names a queue at most.</param>
/// <param name="Detail">What the broker or the network said; for the log.</param>
/// <param name="IsOfOneQueue">The broker answers, and one queue is wrong.</param>
internal sealed record BusProblem(string Reason, string? Detail, bool IsOfOneQueue = false)
{
    private const ushort AccessRefused = 403, NotFound = 404, PreconditionFailed = 406;

    public static BusProblem From(Exception problem, string queue) => problem switch
    {
        AuthenticationFailureException refused => new("the broker refuses the user or the password", Line(refused)),
        OperationInterruptedException { ShutdownReason: { } said } => said.ReplyCode switch
        {
            PreconditionFailed => new($"queue {queue} or an exchange it needs stands at the broker with other settings; delete it there once it is empty", said.ReplyText, true),
            AccessRefused => new($"the broker's user lacks a right that queue {queue} needs", said.ReplyText, true),
            NotFound => new($"something that queue {queue} needs is missing at the broker", said.ReplyText, true),
            530 => new("the broker has no such virtual host, or its user may not use it", said.ReplyText),
            var code => new($"the broker ended the connection (reply code {code})", said.ReplyText),
        },
        BrokerUnreachableException unreachable => Inner(unreachable, queue) ?? new("the broker does not answer", Line(unreachable)),
        _ => Inner(problem, queue) ?? new("the broker cannot be used; the log says how", Line(problem)),
    };

    private static BusProblem? Inner(Exception problem, string queue) => problem switch
    {
        AggregateException { InnerExceptions: [var first, ..] } => From(first, queue),
        { InnerException: { } inner } => From(inner, queue),
        SocketException or TimeoutException or IOException => new("the broker does not answer", Line(problem)),
        _ => null,
    };

    private static string Line(Exception problem) => problem.Message.ReplaceLineEndings(" ");
}
