using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Aerona.Persistence;

/// <summary>Statements that go behind those of a save, in the same round trip, and commit. PostgreSQL alone.</summary>
/// <param name="sql">Without COMMIT; parameters by name; ids that it returns in columns named <see cref="Column"/>.</param>
/// <param name="parameters">Their values.</param>
public sealed class StatementsBehind(string sql, IReadOnlyCollection<NpgsqlParameter> parameters)
{
    /// <summary>What a statement must call the id it returns.</summary>
    public const string Column = "id_behind";

    private readonly List<long> _ids = [];

    /// <summary>Whether they have run, and the transaction with them.</summary>
    public bool HaveRun { get; private set; }

    /// <summary>What they returned, in order.</summary>
    public IReadOnlyList<long> Ids => _ids;

    internal void PutBehind(DbCommand command)
    {
        command.CommandText = $"{command.CommandText};\n{sql};\nCOMMIT";
        command.Parameters.AddRange(parameters.ToArray());
    }

    /// <summary>Past what EF Core read, to the end: whatever failed there, the commit too, throws here.</summary>
    internal async Task ReadAsync(DbDataReader reader, CancellationToken cancellationToken)
    {
        do
        {
            if (reader.FieldCount == 1 && reader.GetName(0) == Column)
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    _ids.Add(reader.GetInt64(0));
                }
            }
        }
        while (await reader.NextResultAsync(cancellationToken));

        HaveRun = true;
    }
}

/// <summary>Adds them to the command of the save.</summary>
internal sealed class SaveAndCommit : DbCommandInterceptor
{
    private static readonly ConditionalWeakTable<DbContext, StatementsBehind> Waiting = [];
    private static readonly ConditionalWeakTable<DbCommand, StatementsBehind> Running = [];

    /// <summary>Saves with those statements behind. Nothing was written and nothing committed if they have not run then.</summary>
    public static async Task SaveAsync(DbContext db, StatementsBehind behind, CancellationToken cancellationToken)
    {
        Waiting.Add(db, behind);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        finally
        {
            Waiting.Remove(db);
        }
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        if (eventData.CommandSource == CommandSource.SaveChanges && Waiting.TryGetValue(eventData.Context!, out var behind))
        {
            if (behind.HaveRun || !Running.TryAdd(command, behind))
            {
                throw new InvalidOperationException("A save that commits must be one command");
            }

            behind.PutBehind(command);
        }

        return new(result);
    }

    public override async ValueTask<InterceptionResult> DataReaderClosingAsync(DbCommand command, DataReaderClosingEventData eventData, InterceptionResult result)
    {
        if (Running.TryGetValue(command, out var behind))
        {
            Running.Remove(command);
            await behind.ReadAsync(eventData.DataReader, CancellationToken.None);
        }

        return result;
    }
}
