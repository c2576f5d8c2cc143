using System.ComponentModel.DataAnnotations;
using System.Net.Sockets;
using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aerona.Persistence;

/// <summary>Databases on a server; section <c>Database</c>.</summary>
public sealed class DatabaseOptions
{
    /// <summary>Whether a service brings its database to its own schema at start. Without, it waits until somebody has.</summary>
    public bool Migrate { get; init; } = true;

    /// <summary>
    /// Whether a service is not ready before EF Core is: its first call then takes some 0.7 s of CPU less, and it holds some 20 MB from the start instead of from
    /// its first call on.
    /// </summary>
    public bool WarmUp { get; init; }

    /// <summary>The longest one round may wait for another process that is changing the schema.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] public TimeSpan MigrateTimeout { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>
/// Brings the database to the schema of this version, in the background: the host starts without it, says why it is not ready, and is ready once it is. One
/// process at a time changes a database; the others wait at its lock and then find nothing left to do.
/// </summary>
internal sealed partial class PostgreSqlSchema<TDbContext>(
    PostgreSqlServer server, DatabaseReadiness readiness, IServiceScopeFactory scopes, TimeProvider time, IOptions<DatabaseOptions> options,
    ILogger<PostgreSqlSchema<TDbContext>> log) : BackgroundService where TDbContext : DbContext
{
    private const long Lock = 0x4165726F6E61;   // "Aerona"; of this database alone
    private const string History = "\"__EFMigrationsHistory\"";

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private List<string>? known;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var pause = TimeSpan.FromMilliseconds(250); ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            if (await ProblemAsync(stoppingToken) is not { } problem)
            {
                readiness.SetReady(typeof(TDbContext));
                if (readiness.ReasonOf(typeof(TDbContext)) is not null)
                {
                    LogReady(server.Name);
                }

                return;
            }

            if (readiness.SetReason(typeof(TDbContext), problem.Reason))
            {
                LogNotReady(server.Name, server.Address, problem.Reason, problem.Detail);
            }

            using var timer = new PeriodicTimer(pause, time);
            await timer.WaitForNextTickAsync(stoppingToken);
        }
    }

    /// <summary>Null when the database can be used.</summary>
    private async Task<SchemaProblem?> ProblemAsync(CancellationToken cancellationToken)
    {
        try
        {
            var problem = await SchemaProblemAsync(cancellationToken);
            if (problem is null && options.Value.WarmUp)
            {
                await using var scope = scopes.CreateAsyncScope();
                _ = await scope.ServiceProvider.GetRequiredService<TDbContext>().Database.SqlQueryRaw<int>("SELECT 1 AS \"Value\"").SingleAsync(cancellationToken);
            }

            return problem;
        }
        catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
        {
            return SchemaProblem.From(problem);
        }
    }

    /// <summary>Null when the schema is right.</summary>
    private async Task<SchemaProblem?> SchemaProblemAsync(CancellationToken cancellationToken)
    {
        known ??= Known();
        if (known.Count == 0)
        {
            return await CreateFromModelAsync(cancellationToken);
        }

        var problem = await CompareAsync(known, cancellationToken);
        if (problem is { IsOlder: true } && options.Value.Migrate)
        {
            await using var turn = await TakeTurnAsync(cancellationToken);
            problem = await CompareAsync(known, cancellationToken);   // another process may have done it meanwhile
            if (problem is { IsOlder: true })
            {
                await using var scope = scopes.CreateAsyncScope();
                var db = scope.ServiceProvider.GetRequiredService<TDbContext>();
                db.Database.SetCommandTimeout(options.Value.MigrateTimeout);
                await db.Database.MigrateAsync(cancellationToken);
                LogMigrated(server.Name, known[^1]);
                return null;
            }
        }

        return problem;
    }

    private async Task<SchemaProblem?> CompareAsync(List<string> known, CancellationToken cancellationToken)
    {
        var applied = await AppliedAsync(cancellationToken);
        var unknown = applied.Except(known, StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
        {
            return new($"its schema is newer than this version of the service, or another service's (unknown migration {unknown[^1]})", IsOlder: false);
        }

        var pending = known.Except(applied, StringComparer.Ordinal).ToList();
        return pending.Count == 0 ? null : new($"its schema is older than this version of the service (migration {pending[0]} is missing)", IsOlder: true);
    }

    /// <summary>
    /// The migrations of this version, oldest first. services/Directory.Build.props writes their names into the assembly: asking EF Core loads every type of the
    /// service and builds its model, which a service that only starts has no other use for.
    /// </summary>
    private List<string> Known()
    {
        List<string> written =
        [
            .. typeof(TDbContext).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Where(one => one.Value == "migration").Select(one => one.Key)
                .Order(StringComparer.Ordinal),
        ];
        if (written.Count > 0)
        {
            return written;
        }

        using var scope = scopes.CreateScope();
        return [.. scope.ServiceProvider.GetRequiredService<TDbContext>().Database.GetMigrations()];
    }

    /// <summary>What EF Core's own history says, oldest first.</summary>
    private async Task<List<string>> AppliedAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var exists = new NpgsqlCommand($"SELECT to_regclass('{History}') IS NOT NULL", connection);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return [];
        }

        await using var all = new NpgsqlCommand($"SELECT \"MigrationId\" FROM {History} ORDER BY 1", connection);
        await using var rows = await all.ExecuteReaderAsync(cancellationToken);
        List<string> applied = [];
        while (await rows.ReadAsync(cancellationToken))
        {
            applied.Add(rows.GetString(0));
        }

        return applied;
    }

    /// <summary>A context without migrations (a bench's, a test's) gets its tables once, in an empty database.</summary>
    private async Task<SchemaProblem?> CreateFromModelAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var creator = scope.ServiceProvider.GetRequiredService<TDbContext>().GetService<IRelationalDatabaseCreator>();
        if (!await creator.HasTablesAsync(cancellationToken))
        {
            await using var turn = await TakeTurnAsync(cancellationToken);
            if (!await creator.HasTablesAsync(cancellationToken))
            {
                await creator.CreateTablesAsync(cancellationToken);
            }
        }

        return null;
    }

    /// <summary>The lock is the session's: it ends with the connection, however that ends.</summary>
    private async Task<NpgsqlConnection> TakeTurnAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(server.Unpooled);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand($"SELECT pg_advisory_lock({Lock})", connection) { CommandTimeout = (int)options.Value.MigrateTimeout.TotalSeconds };
            await command.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Database {Database} ({Address}) is not ready: {Reason}. It is tried again. {Detail}")]
    private partial void LogNotReady(string database, string address, string reason, string? detail);

    [LoggerMessage(LogLevel.Information, "Database {Database} is ready")]
    private partial void LogReady(string database);

    [LoggerMessage(LogLevel.Information, "Database {Database} was brought to schema {Migration}")]
    private partial void LogMigrated(string database, string migration);
}

/// <summary>Why a database cannot be used.</summary>
/// <param name="Reason">For anybody: names no host, role or file.</param>
/// <param name="Detail">What the server or the network said; for the log. Null when the reason says it all.</param>
/// <param name="IsOlder">Migrating would help.</param>
internal sealed record SchemaProblem(string Reason, string? Detail = null, bool IsOlder = false)
{
    public static SchemaProblem From(Exception problem)
    {
        var (cause, reason) = Explain(problem);
        return new(reason, cause.Message.ReplaceLineEndings(" "));
    }

    private static (Exception Cause, string Reason) Explain(Exception problem) => problem switch
    {
        PostgresException refusal => (refusal, refusal.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => "the server refuses the user or the password",
            PostgresErrorCodes.InvalidCatalogName => "the server has no database of that name",
            PostgresErrorCodes.InsufficientPrivilege => "the user has not the rights it needs there",
            PostgresErrorCodes.TooManyConnections => "the server has no connection left",
            PostgresErrorCodes.DiskFull => "the server's disk is full",
            PostgresErrorCodes.DuplicateTable => "it has tables of others, which this service did not make",
            PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => "the server is starting or stopping",
            var state => $"the server says no (SQLSTATE {state})",
        }),
        SocketException unreachable => (unreachable, "the server does not answer"),
        TimeoutException late => (late, "the server does not answer in time"),
        IOException broken => (broken, "the connection to the server broke"),
        { InnerException: { } inner } => Explain(inner),
        _ => (problem, "it cannot be used; the log says how"),
    };
}
