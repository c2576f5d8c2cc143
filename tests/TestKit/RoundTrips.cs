using System.Collections.Concurrent;
using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Aerona.TestKit;

/// <summary>Writes down what every explicit transaction costs: register it as an <see cref="IInterceptor"/>. The commit is a round trip of its own.</summary>
public sealed partial class RoundTrips : DbCommandInterceptor, IDbTransactionInterceptor
{
    private readonly ConditionalWeakTable<DbContext, List<string>> _open = [];

    private readonly ConcurrentQueue<(Type Context, IReadOnlyList<string> RoundTrips)> _transactions = [];

    /// <summary>Committed transactions of a context in order, each as its round trips: <c>INSERT inbox</c>, <c>INSERT outbox+trip</c>, <c>COMMIT</c>.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Of<TDbContext>() where TDbContext : DbContext =>
        [.. _transactions.Where(transaction => transaction.Context == typeof(TDbContext)).Select(transaction => transaction.RoundTrips)];

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Note(eventData.Context!, command);
        return new(result);
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Note(eventData.Context!, command);
        return new(result);
    }

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (_open.TryGetValue(eventData.Context!, out var commands))
        {
            _transactions.Enqueue((eventData.Context!.GetType(), [.. commands, "COMMIT"]));
            _open.Remove(eventData.Context!);
        }

        return Task.CompletedTask;
    }

    private void Note(DbContext db, DbCommand command)
    {
        if (db.Database.CurrentTransaction is not null && Shape(command.CommandText) is { } shape)
        {
            _open.GetOrCreateValue(db).Add(shape);
        }
    }

    /// <summary>Null for what is none of these, such as making tables.</summary>
    private static string? Shape(string sql)
    {
        var statements = Statement().Matches(sql).Select(match => (Verb: match.Groups["verb"].Value, Table: match.Groups["table"].Value)).ToList();
        return statements.Count == 0 ? null : $"{statements[0].Verb} {string.Join('+', statements.Select(statement => statement.Table).Order(StringComparer.Ordinal))}";
    }

    [GeneratedRegex("""^(?:(?<verb>INSERT) INTO|(?<verb>UPDATE)|(?<verb>DELETE) FROM|(?<verb>SELECT)\b.*?\bFROM)\s+"?(?<table>\w+)"?""", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Statement();
}
