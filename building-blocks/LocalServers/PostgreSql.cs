namespace Aerona.LocalServers;

/// <summary>PostgreSQL with stock settings.</summary>
public sealed class PostgreSql : LocalServer
{
    /// <summary>Makes the cluster in the folder unless it is there, starts it and waits until it answers.</summary>
    /// <exception cref="InvalidOperationException">It is not installed or does not start; the message says which and shows the end of its log.</exception>
    public static Task<PostgreSql> StartAsync(string folder, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>For the superuser of this throw-away cluster, database <c>postgres</c>.</summary>
    public string AdminConnectionString => throw new NotImplementedException();

    /// <summary>Makes the role and the database it owns unless they are there (nobody else may connect to it); returns the role's connection string. Safe to repeat with the same password.</summary>
    public Task<string> AddDatabaseAsync(string database, string role, string password, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override Task KillAsync() => throw new NotImplementedException();

    /// <inheritdoc/>
    public override Task StartAgainAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => throw new NotImplementedException();
}
