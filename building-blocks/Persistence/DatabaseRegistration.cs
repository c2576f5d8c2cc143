using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Update;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Aerona.Persistence;

/// <summary>Where a process keeps what it must not forget; section <c>Data</c>.</summary>
public sealed class DataOptions
{
    /// <summary>A folder, relative to the working directory unless rooted; made when missing.</summary>
    [Required] public string Folder { get; init; } = "data";
}

/// <summary>A database of this process, one per call of <see cref="DatabaseRegistration.AddDatabase{TDbContext}"/>.</summary>
/// <param name="Context">The type of its context.</param>
/// <param name="Name">The service's name in lower case.</param>
public sealed record RegisteredDatabase(Type Context, string Name);

/// <summary>Registers a service's database: SQLite embedded (one file a service), PostgreSQL distributed.</summary>
public static class DatabaseRegistration
{
    /// <summary>
    /// Adds the context, its interceptors and the creation of its schema before anything else of the host starts.
    /// Embedded the file is <c>{Data:Folder}/{name}.db</c>; one written by another schema version is moved aside with a clear line in the log.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="name">The service's name in lower case, such as <c>payments</c>.</param>
    public static void AddDatabase<TDbContext>(this IHostApplicationBuilder builder, string name) where TDbContext : DbContext
    {
        var services = builder.Services;
        services.AddOptions<DataOptions>().BindConfiguration("Data").ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new RegisteredDatabase(typeof(TDbContext), name));
        services.AddDbContext<TDbContext>(
            (provider, options) => options
                .UseSqlite(File(provider, name).ConnectionString)
                .ReplaceService<IModificationCommandBatchFactory, SqliteBatchFactory>()
                .AddInterceptors(provider.GetServices<IInterceptor>())
                .AddInterceptors(new SqliteConnectionSettings(), new WriterGateInterceptor()),
            ServiceLifetime.Scoped, ServiceLifetime.Singleton);
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<SqliteSchema<TDbContext>>(provider, File(provider, name)));
        services.AddHealthChecks().AddCheck<DatabaseHealthCheck<TDbContext>>($"database-{name}", tags: ["ready"]);
    }

    private static SqliteFile File(IServiceProvider provider, string name) =>
        new(Path.Combine(Path.GetFullPath(provider.GetRequiredService<IOptions<DataOptions>>().Value.Folder), name + ".db"));
}

internal sealed class DatabaseHealthCheck<TDbContext>(IServiceScopeFactory scopes) : IHealthCheck where TDbContext : DbContext
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<TDbContext>().Database.CanConnectAsync(cancellationToken)
            ? HealthCheckResult.Healthy()
            : new HealthCheckResult(context.Registration.FailureStatus, "does not answer");
    }
}
