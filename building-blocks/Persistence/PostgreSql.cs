using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Aerona.Persistence;

/// <summary>How a service's database on a server is reached.</summary>
internal sealed class PostgreSqlServer
{
    // What is set only when the connection string does not say otherwise. No session state is kept on pooled connections (locks are the transaction's), so
    // nothing need be reset when one goes back: that saves a round trip a message. The pool is small because every service has one: eight services, some twice,
    // must fit the hundred connections of a stock server.
    private const string Defaults =
        "No Reset On Close=true;Max Auto Prepare=100;Auto Prepare Min Usages=2;Maximum Pool Size=8;Timeout=15;Command Timeout=30;Keepalive=30;Tcp Keepalive=true;Gss Encryption Mode=Disable";

    /// <exception cref="InvalidOperationException">The text is no connection string of Npgsql or names no host; the message says which key.</exception>
    public PostgreSqlServer(string name, string connectionString)
    {
        Name = name;
        var settings = new NpgsqlConnectionStringBuilder(Defaults) { ApplicationName = $"aerona {name}" };
        try
        {
            var given = new DbConnectionStringBuilder { ConnectionString = connectionString };
            foreach (string key in given.Keys)
            {
                settings[key] = given[key];
            }
        }
        catch (Exception problem) when (problem is ArgumentException or FormatException or OverflowException)
        {
            throw new InvalidOperationException($"ConnectionStrings:{name} is no connection string of Npgsql: {problem.Message}", problem);
        }

        if (string.IsNullOrWhiteSpace(settings.Host))
        {
            throw new InvalidOperationException($"ConnectionStrings:{name} must name a Host, a Database, a Username and a Password");
        }

        settings.Database ??= name;
        ConnectionString = settings.ConnectionString;
        Address = $"{settings.Database} at {settings.Host}:{settings.Port}";
        Unpooled = new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false, Multiplexing = false }.ConnectionString;
    }

    /// <summary>The name given to <c>AddDatabase</c>.</summary>
    public string Name { get; }

    public string ConnectionString { get; }

    /// <summary>For a connection of its own, whose session may hold a lock.</summary>
    public string Unpooled { get; }

    /// <summary>Database, host and port; for the log, not for strangers.</summary>
    public string Address { get; }

    // Repeating is the messages' business: a strategy that repeats statements refuses transactions begun by hand. And none that wraps what is transient into
    // exceptions of another kind.
    public void Use(DbContextOptionsBuilder options) => options
        .UseNpgsql(ConnectionString, npgsql => npgsql.ExecutionStrategy(dependencies => new NonRetryingExecutionStrategy(dependencies)))
        .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.UnexpectedTrailingResultSetWhenSaving));   // those of StatementsBehind
}
