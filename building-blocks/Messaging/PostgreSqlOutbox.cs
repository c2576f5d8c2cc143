using System.Collections.Concurrent;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace Aerona.Messaging;

/// <summary>
/// What every message writes on PostgreSQL, without change tracking and in as few round trips as there can be: the rows of what goes out travel with the commit.
/// </summary>
internal static class PostgreSqlOutbox
{
    private const string Take = "INSERT INTO inbox (consumer_id, message_id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

    private const string TakeAhead = "INSERT INTO inbox (consumer_id, message_id, at) VALUES (@of_consumer, @of_message, @at) ON CONFLICT DO NOTHING";

    private const string Columns =
        "available_at, token_id, mandatory, attempts, message_id, request_id, correlation_id, conversation_id, initiator_id, destination, source, response, fault, "
        + "content_type, types, body, headers, properties, expires_at";

    private const string Insert =
        $"INSERT INTO outbox ({Columns}) VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) RETURNING id";

    /// <summary>The one column of what <see cref="InsertAll"/> returns.</summary>
    public const string Id = "id";

    private const string InsertRows = $"INSERT INTO outbox ({Columns}) SELECT a, b, c, 0, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r "
        + "FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) AS n (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r) "
        + "RETURNING id";

    // The same for the first, second, ... row of a save, with parameters by name.
    private static readonly ConcurrentDictionary<int, string> Inserts = [];

    /// <summary>Notes the message for the consumer; false when it stands there already. A twin in another transaction is waited for.</summary>
    public static async Task<bool> TakeAsync(DbContext db, Guid consumerId, Guid messageId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var take = new NpgsqlCommand(Take, Connection(db));
        take.Parameters.Add(Value(consumerId));
        take.Parameters.Add(Value(messageId));
        take.Parameters.Add(Value(now));
        return await take.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>The same, as the statement ahead of another one.</summary>
    public static StatementAhead Taking(Guid consumerId, Guid messageId, DateTimeOffset now) => new(
        TakeAhead,
        new NpgsqlParameter<Guid>("of_consumer", consumerId),
        new NpgsqlParameter<Guid>("of_message", messageId),
        new NpgsqlParameter<DateTimeOffset>("at", now.ToUniversalTime()));

    /// <summary>
    /// Takes the cancelled timers out, inserts the rows and commits, in one round trip; the rows know their ids then. At least one of either: a lone COMMIT of a
    /// transaction that had failed would pass for one that worked.
    /// </summary>
    public static async Task WriteAndCommitAsync(DbContext db, IReadOnlyList<Guid> cancelled, IReadOnlyList<OutboxRow> rows, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(Connection(db));
        if (cancelled.Count > 0)
        {
            batch.BatchCommands.Add(DeleteScheduled(cancelled));
        }

        foreach (var row in rows)
        {
            batch.BatchCommands.Add(InsertOf(row));
        }

        batch.BatchCommands.Add(new("COMMIT"));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);   // the first result with rows is the first insert's
        foreach (var row in rows)
        {
            await reader.ReadAsync(cancellationToken);
            row.Id = reader.GetInt64(0);
            await reader.NextResultAsync(cancellationToken);   // past the last row it is the commit's answer: throws when that failed
        }
    }

    /// <summary>The same but for the commit, to go behind a save.</summary>
    public static StatementsBehind Behind(IReadOnlyList<Guid> cancelled, IReadOnlyList<OutboxRow> rows)
    {
        List<string> statements = [];
        List<NpgsqlParameter> parameters = [];
        if (cancelled.Count > 0)
        {
            statements.Add("DELETE FROM outbox WHERE token_id = ANY(@cancelled)");
            parameters.Add(new NpgsqlParameter<Guid[]>("cancelled", [.. cancelled]));
        }

        for (var at = 0; at < rows.Count; at++)
        {
            statements.Add(Inserts.GetOrAdd(at, static at => Numbered(at)));
            foreach (var (number, value) in Values(rows[at]).Index())
            {
                value.ParameterName = Name(at, number);
                parameters.Add(value);
            }
        }

        return new(string.Join(";\n", statements), parameters);
    }

    /// <summary>Inserts them all; the ids come back in their order.</summary>
    public static NpgsqlBatchCommand InsertAll(List<OutboxRow> rows) => new(InsertRows)
    {
        Parameters =
        {
            Array(rows, row => row.AvailableAt.ToUniversalTime(), NpgsqlDbType.TimestampTz), Array(rows, row => row.TokenId, NpgsqlDbType.Uuid),
            Array(rows, row => row.Mandatory, NpgsqlDbType.Boolean), Array(rows, row => row.MessageId, NpgsqlDbType.Uuid),
            Array(rows, row => row.RequestId, NpgsqlDbType.Uuid), Array(rows, row => row.CorrelationId, NpgsqlDbType.Uuid),
            Array(rows, row => row.ConversationId, NpgsqlDbType.Uuid), Array(rows, row => row.InitiatorId, NpgsqlDbType.Uuid),
            Array(rows, row => row.Destination, NpgsqlDbType.Text), Array(rows, row => row.Source, NpgsqlDbType.Text),
            Array(rows, row => row.Response, NpgsqlDbType.Text), Array(rows, row => row.Fault, NpgsqlDbType.Text),
            Array(rows, row => row.ContentType, NpgsqlDbType.Text), Array(rows, row => row.Types, NpgsqlDbType.Text),
            Array(rows, row => row.Body, NpgsqlDbType.Bytea), Array(rows, row => row.Headers, NpgsqlDbType.Text),
            Array(rows, row => row.Properties, NpgsqlDbType.Text), Array(rows, row => row.ExpiresAt?.ToUniversalTime(), NpgsqlDbType.TimestampTz),
        },
    };

    /// <summary>Deletes scheduled rows by their tokens.</summary>
    public static NpgsqlBatchCommand DeleteScheduled(IEnumerable<Guid> tokens) =>
        new("DELETE FROM outbox WHERE token_id = ANY($1)") { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = [.. tokens] } } };

    private static NpgsqlParameter Array<T>(List<OutboxRow> rows, Converter<OutboxRow, T> value, NpgsqlDbType type) =>
        new NpgsqlParameter<T[]> { TypedValue = [.. rows.ConvertAll(value)], NpgsqlDbType = NpgsqlDbType.Array | type };

    private static string Numbered(int at)
    {
        var names = Enumerable.Range(0, 18).Select(number => "@" + Name(at, number)).ToList();
        names.Insert(3, "0");
        return $"INSERT INTO outbox ({Columns}) VALUES ({string.Join(", ", names)}) RETURNING id AS {StatementsBehind.Column}";
    }

    private static string Name(int row, int number) => $"behind{row}_{number}";

    private static NpgsqlBatchCommand InsertOf(OutboxRow row)
    {
        var insert = new NpgsqlBatchCommand(Insert);
        foreach (var value in Values(row))
        {
            insert.Parameters.Add(value);
        }

        return insert;
    }

    private static NpgsqlParameter[] Values(OutboxRow row) =>
    [
        Value(row.AvailableAt), Value(row.TokenId), new NpgsqlParameter<bool> { TypedValue = row.Mandatory }, Value(row.MessageId), Value(row.RequestId),
        Value(row.CorrelationId), Value(row.ConversationId), Value(row.InitiatorId), Value(row.Destination), Value(row.Source), Value(row.Response),
        Value(row.Fault), Value(row.ContentType), Value(row.Types), new NpgsqlParameter<byte[]> { TypedValue = row.Body }, Value(row.Headers),
        Value(row.Properties), row.ExpiresAt is { } at ? Value(at) : Null(NpgsqlDbType.TimestampTz),
    ];

    private static NpgsqlParameter Value(Guid? value) => value is { } id ? new NpgsqlParameter<Guid> { TypedValue = id } : Null(NpgsqlDbType.Uuid);

    private static NpgsqlParameter Value(string? value) => value is null ? Null(NpgsqlDbType.Text) : new NpgsqlParameter<string> { TypedValue = value };

    private static NpgsqlParameter Value(DateTimeOffset at) => new NpgsqlParameter<DateTimeOffset> { TypedValue = at.ToUniversalTime() };

    private static NpgsqlParameter Null(NpgsqlDbType type) => new() { NpgsqlDbType = type, Value = DBNull.Value };

    private static NpgsqlConnection Connection(DbContext db) => (NpgsqlConnection)db.Database.GetDbConnection();
}
