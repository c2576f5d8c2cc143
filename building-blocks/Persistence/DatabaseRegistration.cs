using System.ComponentModel.DataAnnotations;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Update;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

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
public sealed record RegisteredDatabase(Type Context, string Name)
{
    internal PostgreSqlServer? Server { get; init; }

    /// <summary>
    /// A connection of the context's own pool, not yet open, for what a process does all the time or before it has anything to do: so little that EF Core, a third
    /// of what an idle service would hold, is not needed. Null in a file.
    /// </summary>
    public NpgsqlConnection? Connect() => Server is null ? null : new(Server.ConnectionString);
}

/// <summary>Registers a service's database: SQLite embedded (one file a service), PostgreSQL when <c>ConnectionStrings:{name}</c> is set.</summary>
public static class DatabaseRegistration
{
    /// <summary>
    /// Adds the context, its interceptors and its schema. Embedded the file is <c>{Data:Folder}/{name}.db</c>, made before anything else of the host starts; one
    /// written by another schema version is moved aside with a clear line in the log. On a server the schema is migrated in the background
    /// (<see cref="DatabaseReadiness"/> tells when), and the check <c>database-{name}</c> says why it is not.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="name">The service's name in lower case, such as <c>payments</c>.</param>
    /// <exception cref="InvalidOperationException">The connection string is none.</exception>
    public static void AddDatabase<TDbContext>(this IHostApplicationBuilder builder, string name) where TDbContext : DbContext
    {
        var services = builder.Services;
        services.AddOptions<DataOptions>().BindConfiguration("Data").ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<DatabaseReadiness>();
        var server = builder.Configuration.GetConnectionString(name) is { Length: > 0 } connectionString ? new PostgreSqlServer(name, connectionString) : null;
        var database = new RegisteredDatabase(typeof(TDbContext), name) { Server = server };
        services.AddSingleton(database);
        services.AddHealthChecks().Add(new(
            $"database-{name}", provider => ActivatorUtilities.CreateInstance<DatabaseHealthCheck>(provider, database), failureStatus: null, ["ready"]));
        if (server is not null)
        {
            services.AddPostgreSql<TDbContext>(server);
        }
        else
        {
            services.AddSqlite<TDbContext>(name);
        }
    }

    private static void AddPostgreSql<TDbContext>(this IServiceCollection services, PostgreSqlServer server) where TDbContext : DbContext
    {
        services.AddOptions<DatabaseOptions>().BindConfiguration("Database").ValidateDataAnnotations().ValidateOnStart();
        services.AddDbContextPool<TDbContext>((provider, options) =>   // making a context costs as much as two statements on it
        {
            server.Use(options);
            options.AddInterceptors(provider.GetServices<IInterceptor>()).AddInterceptors(new RowLock(), new SaveAndCommit(), new DeferredTransactionGuard());
        });
        services.AddSingleton(new PlainReads<TDbContext>(() => new NpgsqlConnection(server.ConnectionString)));
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<PostgreSqlSchema<TDbContext>>(provider, server));
    }

    private static void AddSqlite<TDbContext>(this IServiceCollection services, string name) where TDbContext : DbContext
    {
        services.AddDbContext<TDbContext>(
            (provider, options) => options
                .UseSqlite(File(provider, name).ConnectionString)
                .ReplaceService<IModificationCommandBatchFactory, SqliteBatchFactory>()
                .AddInterceptors(provider.GetServices<IInterceptor>())
                .AddInterceptors(new SqliteConnectionSettings(), new WriterGateInterceptor()),
            ServiceLifetime.Scoped, ServiceLifetime.Singleton);
        services.AddSingleton(provider => new PlainReads<TDbContext>(() => new SqliteConnection(File(provider, name).ConnectionString)));
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<SqliteSchema<TDbContext>>(provider, File(provider, name)));
    }

    private static SqliteFile File(IServiceProvider provider, string name) =>
        new(Path.Combine(Path.GetFullPath(provider.GetRequiredService<IOptions<DataOptions>>().Value.Folder), name + ".db"));
}

internal sealed class DatabaseHealthCheck(RegisteredDatabase database, IServiceScopeFactory scopes, DatabaseReadiness readiness) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!readiness.IsReady(database.Context))
        {
            return new(context.Registration.FailureStatus, readiness.ReasonOf(database.Context) ?? "its schema is being prepared");
        }

        try
        {
            await AskAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            return new(context.Registration.FailureStatus, SchemaProblem.From(problem).Reason, problem);
        }
    }

    /// <summary>A pooled connection may have died without being told.</summary>
    private async Task AskAsync(CancellationToken cancellationToken)
    {
        if (database.Connect() is { } server)
        {
            await using (server)
            {
                await server.OpenAsync(cancellationToken);
                await using var command = new NpgsqlCommand("SELECT 1", server);
                await command.ExecuteScalarAsync(cancellationToken);
            }

            return;
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = ((DbContext)scope.ServiceProvider.GetRequiredService(database.Context)).Database;
        _ = await db.SqlQueryRaw<int>("SELECT 1 AS \"Value\"").SingleAsync(cancellationToken);
    }
}
