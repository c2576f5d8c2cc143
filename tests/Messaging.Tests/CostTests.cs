using System.Collections.Concurrent;
using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Messaging.Tests;

/// <summary>What a message costs the database; a round trip more is a quarter of the throughput.</summary>
public sealed partial class CostTests(ITestOutputHelper output) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_saga_message_costs_four_round_trips_and_one_commit_and_one_more_with_a_cancelled_timer()
    {
        var ledger = new Ledger();
        await using var host = await TestHost.StartAsync(_folder.Path, add: builder => builder.Services.AddSingleton<IInterceptor>(ledger));
        var trip = NewId.NextGuid();
        await host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "ok")));
        await host.UntilTripIs(trip, "Confirmed");
        await host.Save<SeatsDbContext>(db => db.Publish(new TripTouched(trip)));
        await host.Until<TripsDbContext>(db => db.Trips.AnyAsync(saga => saga.Touches == 1), "the touch is counted");
        await host.UntilOutboxIsEmpty<TripsDbContext>();

        foreach (var transaction in ledger.Transactions)
        {
            output.WriteLine($"{transaction.RoundTrips.Count} round trips, 1 commit: {string.Join(" | ", transaction.RoundTrips)}");
        }

        Assert.Equal(
            [
                "INSERT inbox | SELECT trip | INSERT outbox+outbox+trip | COMMIT",                  // submitted: a command and a deadline
                "INSERT inbox | SELECT trip | DELETE outbox | INSERT outbox+trip | COMMIT",         // held: the deadline is taken back
                "INSERT inbox | SELECT trip | INSERT outbox+trip | COMMIT",                         // touched
            ],
            ledger.Shapes<TripsDbContext>());
    }

    /// <summary>Every explicit transaction with its round trips; the commit is one.</summary>
    private sealed partial class Ledger : DbCommandInterceptor, IDbTransactionInterceptor
    {
        private readonly ConditionalWeakTable<DbContext, List<string>> _open = [];

        public ConcurrentQueue<(Type Context, IReadOnlyList<string> RoundTrips)> Transactions { get; } = [];

        public IEnumerable<string> Shapes<TDbContext>() =>
            Transactions.Where(transaction => transaction.Context == typeof(TDbContext)).Select(transaction => string.Join(" | ", transaction.RoundTrips));

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
                Transactions.Enqueue((eventData.Context!.GetType(), [.. commands, "COMMIT"]));
                _open.Remove(eventData.Context!);
            }

            return Task.CompletedTask;
        }

        private void Note(DbContext db, DbCommand command)
        {
            if (db.Database.CurrentTransaction is not null && db is TripsDbContext or SeatsDbContext)
            {
                _open.GetOrCreateValue(db).Add(Shape(command.CommandText));
            }
        }

        private static string Shape(string sql)
        {
            var statements = Statement().Matches(sql).Select(match => (Verb: match.Groups[1].Value, Table: match.Groups[2].Value)).ToList();
            return $"{statements[0].Verb} {string.Join('+', statements.Select(statement => statement.Table).Order(StringComparer.Ordinal))}";
        }

        [GeneratedRegex("""^(INSERT|UPDATE|DELETE|SELECT)\b.*?(?:INTO|UPDATE|FROM)?\s"?(outbox|inbox|trip|seat|note)"?\b""", RegexOptions.Multiline | RegexOptions.Singleline)]
        private static partial Regex Statement();
    }
}
