using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Aerona.Persistence;

/// <summary>
/// Reads from the context's database past EF Core, for what a service asks again and again while nothing happens: EF Core with model and queries is a fifth of what
/// an idle service would hold. A singleton, registered by <c>AddDatabase</c>.
/// </summary>
public sealed class PlainReads<TDbContext> where TDbContext : DbContext
{
    private readonly Func<DbConnection> connect;

    internal PlainReads(Func<DbConnection> connect) => this.connect = connect;

    /// <summary>The rows of the answer, in its order.</summary>
    /// <param name="sql">One statement that PostgreSQL and SQLite both take; no part of it from outside.</param>
    /// <param name="row">Reads one row.</param>
    /// <param name="cancellationToken">Ends waiting.</param>
    /// <param name="parameters">Values of those that stand in the statement as <c>@name</c>. Instants are converted as in the model.</param>
    public async Task<List<T>> ListAsync<T>(string sql, Func<DbDataReader, T> row, CancellationToken cancellationToken, params (string Name, object Value)[] parameters)
    {
        await using var connection = connect();
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value is DateTimeOffset at ? Instant(at, connection) : value);
            command.Parameters.Add(parameter);
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<T> rows = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    /// <summary>As <see cref="InstantConvention"/> stores it.</summary>
    private static object Instant(DateTimeOffset at, DbConnection connection) => connection is NpgsqlConnection ? at.ToUniversalTime() : at.UtcTicks;
}
