using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aerona.Files;

/// <summary>Whether the bucket can be used; asked of it every few seconds at the most, however often we are asked.</summary>
internal sealed class S3Health(S3FileStore store, TimeProvider clock) : IHealthCheck
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(10);

    private (string? Problem, DateTimeOffset At)? last;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (last is not { } known || clock.GetUtcNow() - known.At > KeptFor || known.Problem is not null)
        {
            known = (await store.ProblemAsync(cancellationToken), clock.GetUtcNow());
            last = known;
        }

        return known.Problem is null ? HealthCheckResult.Healthy() : new(context.Registration.FailureStatus, known.Problem);
    }
}
