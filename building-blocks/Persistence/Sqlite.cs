using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Update;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aerona.Persistence;

/// <summary>A context whose tables keep rules that EF Core has no words for; PostgreSQL's stand in its migrations.</summary>
public interface ISqliteRules
{
    /// <summary>Statements for after the tables, each with its semicolon; constant.</summary>
    string SqliteRules { get; }
}

/// <summary>The file of one service.</summary>
internal sealed record SqliteFile(string Path)
{
    public string ConnectionString { get; } = new SqliteConnectionStringBuilder { DataSource = Path, ForeignKeys = true, DefaultTimeout = 30 }.ToString();

    public void CloseIdleConnections()
    {
        using var connection = new SqliteConnection(ConnectionString);
        SqliteConnection.ClearPool(connection);
    }
}

/// <summary>
/// Sees to it that the file has exactly the tables of this version before anything else of the host starts, and that no second process opens it. A file of
/// another version is moved aside, not migrated: embedded data is a trial's data.
/// </summary>
internal sealed partial class SqliteSchema<TDbContext>(
    SqliteFile file, DatabaseReadiness readiness, IServiceScopeFactory scopes, TimeProvider time, ILogger<SqliteSchema<TDbContext>> log) : IHostedLifecycleService, IDisposable
    where TDbContext : DbContext
{
    private FileStream? _lock;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file.Path)!);
        _lock = Lock();

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDbContext>();
        var script = db.Database.GenerateCreateScript() + (db as ISqliteRules)?.SqliteRules;
        var version = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(script)));

        if (await VersionInFileAsync(db, cancellationToken) is { } found && found != version)
        {
            MoveAside(found);
        }

        if (await VersionInFileAsync(db, cancellationToken) is null)
        {
            await CreateAsync(db, script, version, cancellationToken);
        }

        readiness.SetReady(typeof(TDbContext));
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        if (_lock is not null)
        {
            file.CloseIdleConnections();
            _lock.Dispose();
            _lock = null;
        }
    }

    private FileStream Lock()
    {
        try
        {
            return new(file.Path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException problem)
        {
            throw new InvalidOperationException($"{file.Path} is in use by another process; stop it, or set Data:Folder to another folder", problem);
        }
    }

    /// <summary>Null for a file that is new; empty for one that has tables but never said what they are.</summary>
    private static async Task<string?> VersionInFileAsync(TDbContext db, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            var connection = db.Database.GetDbConnection();
            if (await ScalarAsync(connection, "SELECT count(*) FROM sqlite_master WHERE type = 'table'", cancellationToken) is 0L)
            {
                return null;
            }

            return await ScalarAsync(connection, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'", cancellationToken) is 0L
                ? ""
                : await ScalarAsync(connection, "SELECT hash FROM schema_version", cancellationToken) as string ?? "";
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private void MoveAside(string found)
    {
        file.CloseIdleConnections();
        var stamp = time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var aside = Path.ChangeExtension(file.Path, $".{stamp}.{(found.Length > 8 ? found[..8] : "unknown")}.old.db");
        foreach (var suffix in (string[])["", "-wal", "-shm"])
        {
            if (File.Exists(file.Path + suffix))
            {
                File.Move(file.Path + suffix, aside + suffix);
            }
        }

        LogMovedAside(file.Path, aside);
    }

    private static async Task CreateAsync(TDbContext db, string script, string version, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            var connection = db.Database.GetDbConnection();
            await ScalarAsync(connection, "PRAGMA journal_mode = WAL", cancellationToken);
            await ScalarAsync(
                connection,
                $"BEGIN IMMEDIATE; {script}; CREATE TABLE schema_version (hash TEXT NOT NULL); INSERT INTO schema_version VALUES ('{version}'); COMMIT",
                cancellationToken);
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private static async Task<object?> ScalarAsync(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "{File} was written by another version of the schema; it was moved to {Aside} and a new, empty one is begun")]
    private partial void LogMovedAside(string file, string aside);
}

/// <summary>What SQLite keeps per connection: a commit survives the process, and the machine's crash costs at most the last ones, never the file.</summary>
internal sealed class SqliteConnectionSettings : DbConnectionInterceptor
{
    private const string Settings = "PRAGMA synchronous = NORMAL";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Settings;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Settings;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>Sends the statements of a save together, as the other providers do; SQLite's own sends them one by one.</summary>
internal sealed class SqliteBatchFactory(ModificationCommandBatchFactoryDependencies dependencies) : IModificationCommandBatchFactory
{
    public ModificationCommandBatch Create() => new SqliteBatch(dependencies);

    private sealed class SqliteBatch(ModificationCommandBatchFactoryDependencies dependencies) : AffectedCountModificationCommandBatch(dependencies, 100)
    {
        // Every statement of a command is bound by looking all the command's parameters up, so the cost of a command grows with their square.
        private const int MostParameters = 128;

        protected override bool IsValid() => ModificationCommands.Count == 1 || (ParameterValues.Count <= MostParameters && base.IsValid());
    }
}
