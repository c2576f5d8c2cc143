using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Aerona.LocalServers;

/// <summary>PostgreSQL with stock settings.</summary>
public sealed partial class PostgreSql : LocalServer
{
    private const string Package = "postgresql";
    private const string Superuser = "postgres";

    private PostgreSql(string folder)
        : base(folder)
    {
    }

    /// <summary>Makes the cluster in the folder unless it is there, starts it and waits until it answers.</summary>
    /// <exception cref="InvalidOperationException">It is not installed or does not start; the message says which and shows the end of its log.</exception>
    public static async Task<PostgreSql> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var server = new PostgreSql(folder);
        await server.MakeClusterAsync(cancellationToken);
        return await StartedAsync(server, cancellationToken);
    }

    /// <summary>For the superuser of this throw-away cluster, database <c>postgres</c>.</summary>
    public string AdminConnectionString => new NpgsqlConnectionStringBuilder(ConnectionString("postgres", Superuser, File.ReadAllText(PasswordFile).Trim()))
    {
        CommandTimeout = 120,   // a database is many files to write; on a loaded machine that takes
        Timeout = 60,
    }.ConnectionString;

    private protected override bool StopsByInterrupt => true;   // "fast": clients are cut off instead of waited for

    private string Data => Path.Combine(Folder, "data");

    private string PasswordFile => Path.Combine(Folder, "superuser-password");

    /// <summary>Makes the role and the database it owns unless they are there (nobody else may connect to it); returns the role's connection string. Safe to repeat with the same password.</summary>
    public async Task<string> AddDatabaseAsync(string database, string role, string password, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(AdminConnectionString);
        if (!await AnyAsync(source, "SELECT 1 FROM pg_roles WHERE rolname = $1", role, cancellationToken))
        {
            await RunAsync(source, $"CREATE ROLE {Identifier(role)}", cancellationToken);
        }

        await RunAsync(
            source, $"ALTER ROLE {Identifier(role)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '{password.Replace("'", "''", StringComparison.Ordinal)}'", cancellationToken);
        if (!await AnyAsync(source, "SELECT 1 FROM pg_database WHERE datname = $1", database, cancellationToken))
        {
            await RunAsync(source, $"CREATE DATABASE {Identifier(database)} OWNER {Identifier(role)}", cancellationToken);
        }

        await RunAsync(source, $"REVOKE ALL ON DATABASE {Identifier(database)} FROM PUBLIC", cancellationToken);
        await RunAsync(source, "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC", cancellationToken);
        return ConnectionString(database, role, password);
    }

    private protected override Task<ServerProcess> LaunchAsync(CancellationToken cancellationToken)
    {
        string[] command =
        [
            .. AsItsUser(), Tool("postgres"), "-D", Data, "-p", Port.ToString(CultureInfo.InvariantCulture), "-h", "127.0.0.1", "-c", "unix_socket_directories=",
        ];
        return ServerProcess.StartAsync("PostgreSQL", command, Log, Environment, "/", cancellationToken);
    }

    private protected override async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(AdminConnectionString) { Pooling = false }.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException problem) when (problem is not PostgresException { SqlState: not PostgresErrorCodes.CannotConnectNow })
        {
            return false;   // not listening yet, or still recovering
        }
    }

    private async Task MakeClusterAsync(CancellationToken cancellationToken)
    {
        _ = Tool("postgres");
        if (Directory.Exists(Data))
        {
            return;
        }

        _ = Machine.KeptSecret(PasswordFile);
        var draft = $"{Data}.draft";   // takes the name when it is whole
        if (Directory.Exists(draft))
        {
            Directory.Delete(draft, recursive: true);
        }

        Directory.CreateDirectory(draft);
        if (System.Environment.IsPrivilegedProcess)
        {
            await ServerProcess.RunAsync(["chown", Superuser, draft, PasswordFile], Environment, "/", cancellationToken);
        }

        await ServerProcess.RunAsync(
            [.. AsItsUser(), Tool("initdb"), "-D", draft, "-U", Superuser, $"--pwfile={PasswordFile}", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            Environment, "/", cancellationToken);
        Directory.Move(draft, Data);
    }

    /// <summary>It refuses to run as root; then it runs as the user that its package made.</summary>
    private IEnumerable<string> AsItsUser()
    {
        if (!System.Environment.IsPrivilegedProcess)
        {
            return [];
        }

        string[] user = [Machine.Program("setpriv", "util-linux"), $"--reuid={Superuser}", $"--regid={Superuser}", "--init-groups"];
        // Below a folder that is closed to other users (a temporary one, root's home) it needs leave to pass.
        return Ancestors().All(IsOpen) ? user : [.. user, "--inh-caps=+dac_override", "--ambient-caps=+dac_override"];
    }

    private static bool IsOpen(string folder) => OperatingSystem.IsWindows() || (File.GetUnixFileMode(folder) & UnixFileMode.OtherExecute) != 0;

    private IEnumerable<string> Ancestors()
    {
        for (var folder = Folder; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            yield return folder;
        }
    }

    /// <summary>Debian keeps the server's own programs out of the path, a folder for each version.</summary>
    private static string Tool(string name)
    {
        const string Versions = "/usr/lib/postgresql";
        var newest = (Directory.Exists(Versions) ? Directory.EnumerateDirectories(Versions) : [])
            .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0)
            .Select(folder => Path.Combine(folder, "bin", name))
            .FirstOrDefault(File.Exists);
        return newest ?? Machine.Program(name, Package);
    }

    // Settings of the caller's own clusters stay out.
    private static readonly Dictionary<string, string?> Environment = new()
    {
        ["PGDATA"] = null,
        ["PGPORT"] = null,
        ["PGHOST"] = null,
        ["PGUSER"] = null,
        ["PGOPTIONS"] = null,
        ["LC_ALL"] = "C.UTF-8",
    };

    private string ConnectionString(string database, string role, string password) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Database = database,
        Username = role,
        Password = password,
    }.ConnectionString;

    private static async Task<bool> AnyAsync(NpgsqlDataSource source, string query, string value, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(query);
        command.Parameters.AddWithValue(value);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private static async Task RunAsync(NpgsqlDataSource source, string statement, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(statement);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Identifier(string name) => Names().IsMatch(name)
        ? name
        : throw new ArgumentException($"'{name}' cannot name a role or database here: a letter, then letters, digits and _, at most 63, all lower case");

    [GeneratedRegex("^[a-z][a-z0-9_]{0,62}$", RegexOptions.CultureInvariant)]
    private static partial Regex Names();
}
