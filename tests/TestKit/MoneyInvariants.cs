using System.Data.Common;
using System.Globalization;

namespace Aerona.TestKit;

/// <summary>
/// Invariants of money by SQL against the databases themselves, SQLite or PostgreSQL, at rest: I2 (what was taken is ticketed or given back), I5 (the ledger balances
/// and owes nobody), I6 (one capture, no more given back than taken, void or captured), I7 (our ledger is PayPal's). Of everybody, or of one booking while others are
/// under way. Connections are opened if they are not.
/// </summary>
public static class MoneyInvariants
{
    /// <summary>What is wrong, a line each; empty when all hold.</summary>
    /// <param name="payments">Database <c>payments</c>.</param>
    /// <param name="sandbox">Database <c>sandbox</c>: the books of the played PayPal; null: I7 is left out.</param>
    /// <param name="tickets">Database <c>tickets</c>; null: I2 is left out.</param>
    /// <param name="withCases">Bookings that a person is looking at (an open case): I2 leaves them out.</param>
    /// <param name="booking">This one alone; null: all of them.</param>
    public static async Task<IReadOnlyList<string>> ViolationsAsync(
        DbConnection payments, DbConnection? sandbox = null, DbConnection? tickets = null, IReadOnlySet<Guid>? withCases = null, Guid? booking = null)
    {
        List<string> wrong = [];
        var (ledger, paid) = (Of("ledger_entry", booking), Of("payment", booking));
        async Task DemandAsync(string id, string says, string sql) =>
            wrong.AddRange((await RowsAsync(payments, sql)).Select(row => $"{id}: {says}: {string.Join(' ', row)}"));

        await DemandAsync("I5", "an entry moves nothing, or nowhere", $"SELECT id FROM {ledger} WHERE amount_minor <= 0 OR debit = credit");
        await DemandAsync("I5", "debits and credits differ", $"""
            SELECT booking_id, currency, SUM(side) FROM (
                SELECT booking_id, currency, amount_minor AS side, debit AS account FROM {ledger}
                UNION ALL SELECT booking_id, currency, -amount_minor, credit FROM {ledger}) AS sides
            GROUP BY booking_id, currency HAVING SUM(side) <> 0
            """);
        await DemandAsync("I5", "something is owed to a customer and no refund is under way", $"""
            SELECT payment_id, SUM(CASE WHEN credit = 'Customer' THEN amount_minor WHEN debit = 'Customer' THEN -amount_minor ELSE 0 END)
            FROM {ledger}
            WHERE NOT EXISTS (SELECT 1 FROM refund WHERE refund.payment_id = ledger_entry.payment_id AND (refund.state IN ('Open', 'Pending') OR refund.origin = 'Elsewhere'))
            GROUP BY payment_id HAVING SUM(CASE WHEN credit = 'Customer' THEN amount_minor WHEN debit = 'Customer' THEN -amount_minor ELSE 0 END) <> 0
            """);
        // While PayPal has not decided about a capture nothing can be given back: that is tried again until it has.
        await DemandAsync("I5", "money is reserved for a payment that is closed", $"""
            SELECT payment.id FROM {paid} JOIN {ledger} ON ledger_entry.payment_id = payment.id WHERE payment.closed_at IS NOT NULL AND payment.state <> 'CapturePending'
            GROUP BY payment.id HAVING SUM(CASE WHEN debit = 'Reserved' THEN amount_minor WHEN credit = 'Reserved' THEN -amount_minor ELSE 0 END) <> 0
            """);
        await DemandAsync("I6", "a payment was captured more than once", $"SELECT payment_id FROM {ledger} WHERE kind = 'Captured' GROUP BY payment_id HAVING COUNT(*) > 1");
        await DemandAsync("I6", "more was given back than taken", $"""
            SELECT payment_id FROM {ledger} WHERE kind IN ('Captured', 'Refunded', 'RefundedElsewhere')
            GROUP BY payment_id HAVING SUM(CASE WHEN kind = 'Captured' THEN amount_minor ELSE -amount_minor END) < 0
            """);
        await DemandAsync("I6", "a payment is void and captured", $"SELECT id FROM {paid} WHERE state = 'Voided' AND id IN (SELECT payment_id FROM {ledger} WHERE kind = 'Captured')");

        if (tickets is not null)
        {
            wrong.AddRange(await UnticketedAsync(payments, tickets, withCases ?? new HashSet<Guid>(), booking));
        }

        if (sandbox is not null)
        {
            wrong.AddRange(await DifferencesAsync(payments, sandbox, booking));
        }

        return wrong;
    }

    /// <summary>Throws with everything that is wrong.</summary>
    public static async Task CheckAsync(DbConnection payments, DbConnection? sandbox = null, DbConnection? tickets = null, IReadOnlySet<Guid>? withCases = null)
    {
        if (await ViolationsAsync(payments, sandbox, tickets, withCases) is { Count: > 0 } wrong)
        {
            throw new InvalidOperationException($"Money is not as it should be:\n{string.Join('\n', wrong)}");
        }
    }

    /// <summary>Sold and not given back, and no ticket was ever issued for it; or the tickets are void and the money kept.</summary>
    private static async Task<List<string>> UnticketedAsync(DbConnection payments, DbConnection tickets, IReadOnlySet<Guid> withCases, Guid? one)
    {
        var ledger = Of("ledger_entry", one);
        var kept = await RowsAsync(payments, $"""
            SELECT booking_id, SUM(CASE WHEN credit = 'Supplier' THEN amount_minor WHEN debit = 'Supplier' THEN -amount_minor ELSE 0 END) FROM {ledger}
            GROUP BY booking_id HAVING SUM(CASE WHEN credit = 'Supplier' THEN amount_minor WHEN debit = 'Supplier' THEN -amount_minor ELSE 0 END) > 0
            """);
        var held = (await RowsAsync(payments, $"""
            SELECT booking_id FROM {ledger} GROUP BY booking_id
            HAVING SUM(CASE WHEN debit = 'Reserved' THEN amount_minor WHEN credit = 'Reserved' THEN -amount_minor ELSE 0 END) > 0
            """)).Select(row => Guid.Parse(row[0])).ToHashSet();
        var coupons = (await RowsAsync(tickets, $"SELECT ticket.booking_id, coupon.status FROM {Of("ticket", one)} JOIN coupon ON coupon.ticket_number = ticket.number"))
            .ToLookup(row => Guid.Parse(row[0]), row => row[1]);
        var paid = kept.Select(row => Guid.Parse(row[0])).ToHashSet();
        return
        [
            .. paid.Where(booking => !withCases.Contains(booking) && coupons[booking].All(status => status == "Void")).Select(booking => $"I2: money is kept and no ticket is good: {booking}"),
            .. coupons.Where(booking => !withCases.Contains(booking.Key) && !paid.Contains(booking.Key) && !held.Contains(booking.Key) && booking.Any(status => status is "Open" or "CheckedIn"))
                .Select(booking => $"I3: a ticket is open and there is no money for it: {booking.Key}"),
        ];
    }

    /// <summary>Every movement of ours beside PayPal's, both ways.</summary>
    private static async Task<List<string>> DifferencesAsync(DbConnection payments, DbConnection sandbox, Guid? booking)
    {
        var ledger = Of("ledger_entry", booking);
        var (ofOrder, ofCapture) = ("", "");
        if (booking is not null)
        {
            // By PayPal's own note of our payment, so that an order whose answer was lost is seen as well.
            var ours = string.Join(", ", (await RowsAsync(payments, $"SELECT id FROM {Of("payment", booking)}")).Select(row => $"'{row[0].ToUpperInvariant()}'").DefaultIfEmpty("''"));
            ofOrder = $" AND order_id IN (SELECT id FROM paypal_order WHERE upper(custom_id) IN ({ours}))";
            ofCapture = $" AND capture_id IN (SELECT id FROM paypal_capture WHERE 1 = 1{ofOrder})";
        }

        (string What, string Ours, string Theirs)[] books =
        [
            ("authorised", $"SELECT reference, currency, amount_minor FROM {ledger} WHERE kind = 'Authorised'",
                $"SELECT id, currency, amount_minor FROM paypal_authorization WHERE parent_id IS NULL AND status NOT IN ('DENIED', 'PENDING'){ofOrder}"),
            ("voided", $"SELECT reference, currency, amount_minor FROM {ledger} WHERE kind = 'Voided'",
                $"SELECT id, currency, released_minor FROM paypal_authorization WHERE parent_id IS NULL AND status NOT IN ('DENIED', 'PENDING') AND released_minor > 0{ofOrder}"),
            ("captured", $"SELECT reference, currency, amount_minor FROM {ledger} WHERE kind = 'Captured'",
                $"SELECT id, currency, amount_minor FROM paypal_capture WHERE status NOT IN ('PENDING', 'DECLINED'){ofOrder}"),
            ("refunded", $"SELECT reference, currency, amount_minor FROM {ledger} WHERE kind IN ('Refunded', 'RefundedElsewhere')",
                $"SELECT id, currency, amount_minor FROM paypal_refund WHERE status = 'COMPLETED'{ofCapture}"),
        ];
        List<string> wrong = [];
        foreach (var (what, ourSql, theirSql) in books)
        {
            var ours = (await RowsAsync(payments, ourSql)).Select(row => string.Join(' ', row)).ToHashSet();
            var theirs = (await RowsAsync(sandbox, theirSql)).Select(row => string.Join(' ', row)).ToHashSet();
            wrong.AddRange(ours.Except(theirs).Select(line => $"I7: {what} in our ledger and not in PayPal's books: {line}"));
            wrong.AddRange(theirs.Except(ours).Select(line => $"I7: {what} in PayPal's books and not in our ledger: {line}"));
        }

        return wrong;
    }

    /// <summary>A table, or the rows of one booking in it; ids are text to SQLite and not to PostgreSQL.</summary>
    private static string Of(string table, Guid? booking) =>
        booking is { } id ? $"(SELECT * FROM {table} WHERE upper(CAST(booking_id AS TEXT)) = '{id.ToString().ToUpperInvariant()}') AS {table}" : table;

    private static async Task<List<string[]>> RowsAsync(DbConnection connection, string sql)
    {
        if (connection.State != System.Data.ConnectionState.Open)
        {
            await connection.OpenAsync();
        }

        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        List<string[]> rows = [];
        while (await reader.ReadAsync())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(column => Convert.ToString(reader.GetValue(column), CultureInfo.InvariantCulture)!)]);
        }

        return rows;
    }
}
