using Aerona.Contracts;
using Aerona.Payments.Data;
using Aerona.Payments.Ledger;
using Aerona.Payments.PayPal;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Payments.Reconciliation;

/// <summary>
/// Compares PayPal's transactions, our ledger, the tickets and the airlines' orders and seats. What does not agree is a difference with a reason, the same one
/// however often it is found, and gone by itself when it is. Who cannot be asked proves nothing: the differences that hang on it stay as they are.
/// </summary>
internal sealed class Reconciler(
    PaymentsDbContext db, PayPalClient payPal, OtherBooks others, ReconciliationOptions options, TimeProvider time, ILogger<Reconciler> log)
{
    private readonly Dictionary<(string Reason, string Subject), Found> found = [];

    /// <summary>Whose books a reason compares with ours.</summary>
    private static readonly Dictionary<string, string[]> Witnesses = new()
    {
        ["reconciliation.capture_unknown_to_us"] = ["paypal"],
        ["reconciliation.capture_unknown_to_paypal"] = ["paypal"],
        ["reconciliation.capture_amount_differs"] = ["paypal"],
        ["reconciliation.fee_differs"] = ["paypal"],
        ["reconciliation.refund_unknown_to_us"] = ["paypal"],
        ["reconciliation.refund_unknown_to_paypal"] = ["paypal"],
        ["reconciliation.refund_amount_differs"] = ["paypal"],
        ["reconciliation.refund_not_asked_for"] = [],
        ["reconciliation.refund_overdue"] = [],
        ["reconciliation.reservation_not_given_back"] = [],
        ["reconciliation.refund_missing"] = ["tickets"],
        ["reconciliation.money_without_ticket"] = ["tickets"],
        ["reconciliation.ticket_without_money"] = ["tickets"],
        ["reconciliation.ticket_without_order"] = ["tickets", "airlines"],
        ["reconciliation.order_without_ticket"] = ["tickets", "airlines"],
        ["reconciliation.seat_without_order"] = ["airlines"],
    };

    private sealed record Found(Guid? BookingId, Guid? PaymentId, Money? Amount, string Detail);

    /// <summary>The reasons there are.</summary>
    public static IReadOnlyCollection<string> Reasons => Witnesses.Keys;

    /// <summary>Compares once.</summary>
    /// <param name="grace">What is younger is no difference yet; null: as configured.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<ReconciliationRun> RunAsync(TimeSpan? grace, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (from, until) = (now - options.Span, now - (grace ?? options.Grace));

        // The others first: what they show then is known here by now, or a difference.
        var transactions = await payPal.TransactionsAsync(from, now, cancellationToken);
        var tickets = await others.TicketsAsync(from, cancellationToken);
        var orders = await others.OrdersAsync(from, cancellationToken);
        var payments = await OurPaymentsAsync(from, tickets, cancellationToken);

        CompareOurselves(payments, until, now);
        if (transactions is not null)
        {
            await ComparePayPalAsync(transactions, payments, from, until, cancellationToken);
        }

        if (tickets is not null)
        {
            CompareTickets(tickets, payments, from, until);
        }

        if (orders is { } known)
        {
            CompareOrders(known.Orders, known.Seats, tickets, until);
        }

        string[] silent = [.. new[] { (transactions is null, "paypal"), (tickets is null, "tickets"), (orders is null, "airlines") }.Where(one => one.Item1).Select(one => one.Item2)];
        var open = await KeepAsync(silent, now, cancellationToken);
        var run = new ReconciliationRun
        {
            At = now,
            From = from,
            Transactions = transactions?.Count ?? 0,
            Payments = payments.Count,
            Bookings = payments.Select(payment => payment.BookingId).Union((tickets ?? []).Select(ticket => ticket.BookingId)).Count(),
            Open = open,
            NotAsked = silent.Length == 0 ? null : string.Join(' ', silent),
        };
        db.Reconciliations.Add(run);
        await db.SaveChangesAsync(cancellationToken);
        log.LogInformation("The books were compared: {Open} differences stand; not asked: {NotAsked}", open, run.NotAsked ?? "nobody");
        return run;
    }

    private sealed record OurPayment(
        Guid Id, Guid BookingId, string Currency, bool IsClosed, DateTimeOffset ChangedAt, IReadOnlyList<PaymentCapture> Captures, IReadOnlyList<Refund> Refunds, Balances Balances)
    {
        public long Reserved => Balances.Of(Account.Reserved);

        /// <summary>Sold and not promised back.</summary>
        public long Kept => -Balances.Of(Account.Supplier);
    }

    private async Task<List<OurPayment>> OurPaymentsAsync(DateTimeOffset from, IReadOnlyList<TicketSeen>? tickets, CancellationToken cancellationToken)
    {
        var rows = await db.Payments.AsNoTracking().Where(payment => payment.ChangedAt >= from).ToListAsync(cancellationToken);
        var ticketed = (tickets ?? []).Select(ticket => ticket.BookingId).Distinct().Except(rows.Select(row => row.BookingId)).ToList();
        foreach (var some in ticketed.Chunk(500))
        {
            rows.AddRange(await db.Payments.AsNoTracking().Where(payment => some.Contains(payment.BookingId)).ToListAsync(cancellationToken));
        }

        rows = [.. rows.DistinctBy(row => row.Id)];
        List<OurPayment> all = [];
        foreach (var some in rows.Chunk(500))
        {
            var ids = some.Select(row => row.Id).ToList();
            var captures = (await db.Captures.AsNoTracking().Where(one => ids.Contains(one.PaymentId)).ToListAsync(cancellationToken)).ToLookup(one => one.PaymentId);
            var refunds = (await db.Refunds.AsNoTracking().Where(one => ids.Contains(one.PaymentId)).ToListAsync(cancellationToken)).ToLookup(one => one.PaymentId);
            var sums = (await db.Ledger.AsNoTracking().Where(one => ids.Contains(one.PaymentId)).GroupBy(one => new { one.PaymentId, one.Kind })
                .Select(group => new { group.Key.PaymentId, group.Key.Kind, Sum = group.Sum(one => one.AmountMinor) }).ToListAsync(cancellationToken)).ToLookup(one => one.PaymentId);
            all.AddRange(some.Select(row => new OurPayment(
                row.Id, row.BookingId, row.Currency, row.IsClosed, row.ChangedAt, [.. captures[row.Id]], [.. refunds[row.Id]],
                new(sums[row.Id].Select(sum => (sum.Kind, sum.Sum))))));
        }

        return all;
    }

    /// <summary>What our own books show to be overdue.</summary>
    private void CompareOurselves(IReadOnlyList<OurPayment> payments, DateTimeOffset until, DateTimeOffset now)
    {
        foreach (var payment in payments)
        {
            foreach (var refund in payment.Refunds.Where(refund => refund is { Origin: RefundOrigin.Elsewhere, State: RefundState.Done }))
            {
                Add("reconciliation.refund_not_asked_for", refund.PayPalId!, payment, refund.Amount, "Somebody gave it back in PayPal's own pages; no booking asked for it.");
            }

            foreach (var refund in payment.Refunds.Where(refund => refund is { Origin: RefundOrigin.Ours, IsSettled: false } && refund.AskedAt < now - options.RefundsTake))
            {
                Add("reconciliation.refund_overdue", refund.Id.ToString(), payment, refund.Amount, $"Asked for at {refund.AskedAt:u} and not made yet ({refund.State}).");
            }

            if (payment is { Reserved: > 0, IsClosed: true } && payment.ChangedAt < until)
            {
                Add("reconciliation.reservation_not_given_back", payment.Id.ToString(), payment, new(payment.Reserved, payment.Currency), "The payment is closed and its money still reserved.");
            }
        }
    }

    private async Task ComparePayPalAsync(
        IReadOnlyList<TransactionInfo> transactions, IReadOnlyList<OurPayment> payments, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var transaction in transactions.Where(one => one is { TransactionId: not null, TransactionEventCode.Length: >= 3, TransactionStatus: "S" }))
        {
            if (PayPalMoney.Read(transaction.TransactionAmount) is not { } amount)
            {
                continue;
            }

            var (id, code) = (transaction.TransactionId!, transaction.TransactionEventCode!);
            if (code.StartsWith("T00", StringComparison.Ordinal) && amount.MinorUnits > 0)
            {
                seen.Add(id);
                await CompareCaptureAsync(id, amount, transaction, until, cancellationToken);
            }
            else if (code.StartsWith("T11", StringComparison.Ordinal) || code.StartsWith("T12", StringComparison.Ordinal))
            {
                seen.Add(id);
                await CompareRefundAsync(id, new(-amount.MinorUnits, amount.Currency), transaction, until, cancellationToken);
            }
        }

        foreach (var payment in payments)
        {
            foreach (var capture in payment.Captures.Where(one => one.State == CaptureState.Completed && one.TakenAt > from && one.LearntAt <= until && !seen.Contains(one.Id)))
            {
                Add("reconciliation.capture_unknown_to_paypal", capture.Id, payment, new(capture.AmountMinor, capture.Currency), "Our ledger has it; PayPal's list does not.");
            }

            foreach (var refund in payment.Refunds.Where(one => one.State == RefundState.Done && one.AskedAt > from && one.AskedAt <= until && !seen.Contains(one.PayPalId!)))
            {
                Add("reconciliation.refund_unknown_to_paypal", refund.PayPalId!, payment, refund.Amount, "Our ledger has it; PayPal's list does not.");
            }
        }
    }

    private async Task CompareCaptureAsync(string id, Money amount, TransactionInfo transaction, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var entries = await db.Ledger.AsNoTracking().Where(entry => entry.Reference == id && (entry.Kind == LedgerKind.Captured || entry.Kind == LedgerKind.Fee)).ToListAsync(cancellationToken);
        if (entries.Find(entry => entry.Kind == LedgerKind.Captured) is not { } captured)
        {
            if (transaction.TransactionInitiationDate <= until)
            {
                Add("reconciliation.capture_unknown_to_us", id, (OurPayment?)null, amount, $"PayPal took it ({transaction.TransactionInitiationDate:u}, our mark on it: {transaction.CustomField ?? "none"}); our ledger does not know.");
            }

            return;
        }

        if (new Money(captured.AmountMinor, captured.Currency) != amount)
        {
            Add("reconciliation.capture_amount_differs", id, captured, amount, $"PayPal took {amount}, our ledger has {new Money(captured.AmountMinor, captured.Currency)}.");
        }

        var fee = entries.Find(entry => entry.Kind == LedgerKind.Fee)?.AmountMinor ?? 0;
        if (PayPalMoney.Read(transaction.FeeAmount) is { } theirs && theirs.Currency == captured.Currency && -theirs.MinorUnits != fee && captured.At <= until)
        {
            Add("reconciliation.fee_differs", id, captured, new(-theirs.MinorUnits, theirs.Currency), $"PayPal kept {-theirs.MinorUnits} minor units, our ledger has {fee}.");
        }
    }

    private async Task CompareRefundAsync(string id, Money amount, TransactionInfo transaction, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var entry = await db.Ledger.AsNoTracking()
            .FirstOrDefaultAsync(entry => entry.Reference == id && (entry.Kind == LedgerKind.Refunded || entry.Kind == LedgerKind.RefundedElsewhere), cancellationToken);
        if (entry is null)
        {
            if (transaction.TransactionInitiationDate <= until)
            {
                var payment = await db.Captures.Where(capture => capture.Id == transaction.PaypalReferenceId)
                    .Join(db.Payments, capture => capture.PaymentId, payment => payment.Id, (_, payment) => new { payment.Id, payment.BookingId }).FirstOrDefaultAsync(cancellationToken);
                found[("reconciliation.refund_unknown_to_us", id)] = new(payment?.BookingId, payment?.Id, amount, $"PayPal gave it back ({transaction.TransactionInitiationDate:u}); our ledger does not know.");
            }
        }
        else if (new Money(entry.AmountMinor, entry.Currency) != amount)
        {
            Add("reconciliation.refund_amount_differs", id, entry, amount, $"PayPal gave back {amount}, our ledger has {new Money(entry.AmountMinor, entry.Currency)}.");
        }
    }

    private void CompareTickets(IReadOnlyList<TicketSeen> tickets, IReadOnlyList<OurPayment> payments, DateTimeOffset from, DateTimeOffset until)
    {
        var byBooking = tickets.ToLookup(ticket => ticket.BookingId);
        var paid = payments.ToLookup(payment => payment.BookingId);
        foreach (var booking in byBooking)
        {
            var money = paid[booking.Key].Sum(payment => payment.Kept + payment.Reserved + payment.Captures.Where(one => one.State == CaptureState.Pending).Sum(one => one.AmountMinor));
            var numbers = string.Join(' ', booking.Select(ticket => ticket.Number).Order(StringComparer.Ordinal));
            if (money <= 0 && booking.Any(ticket => ticket.Good > 0) && booking.Max(ticket => ticket.IssuedAt) <= until)
            {
                found[("reconciliation.ticket_without_money", booking.Key.ToString())] = new(booking.Key, paid[booking.Key].FirstOrDefault()?.Id, null, $"Good tickets and no money for them: {numbers}.");
            }

            if (paid[booking.Key].FirstOrDefault(payment => payment.Kept > 0 && payment.ChangedAt <= until) is { } kept
                && booking.All(ticket => ticket is { Good: 0, Refunded: 0, Void: > 0 }))
            {
                Add("reconciliation.refund_missing", booking.Key.ToString(), kept, new(kept.Kept, kept.Currency), $"Void tickets and the money kept: {numbers}.");
            }
        }

        foreach (var payment in payments.Where(payment => payment.Kept > 0 && !byBooking.Contains(payment.BookingId)))
        {
            // Tickets are issued before the money is taken: those of a payment that is older than the list lie further back.
            if (payment.Captures.FirstOrDefault(one => one.State == CaptureState.Completed) is { } capture && capture.TakenAt > from.AddDays(4) && capture.LearntAt <= until)
            {
                Add("reconciliation.money_without_ticket", payment.BookingId.ToString(), payment, new(payment.Kept, payment.Currency), $"Taken ({capture.Id}), and no ticket was issued.");
            }
        }
    }

    private void CompareOrders(IReadOnlyList<OrderSeen> orders, IReadOnlyList<SeatsSeen> seats, IReadOnlyList<TicketSeen>? tickets, DateTimeOffset until)
    {
        foreach (var hold in seats)
        {
            found[("reconciliation.seat_without_order", hold.HoldId.ToString())] = new(hold.BookingId, null, null, $"{hold.Seats} seats stand as sold and the booking has no order.");
        }

        if (tickets is null)
        {
            return;
        }

        var good = tickets.Where(ticket => ticket.Good > 0).ToLookup(ticket => ticket.BookingId);
        var any = tickets.ToLookup(ticket => ticket.BookingId);
        var byBooking = orders.ToLookup(order => order.BookingId);
        foreach (var order in orders.Where(order => order.State == "confirmed" && order.NotedAt <= until && !any.Contains(order.BookingId)))
        {
            found[("reconciliation.order_without_ticket", order.OrderId.ToString())] = new(order.BookingId, null, null, $"Bought at {order.Supplier} ({order.NotedAt:u}), and no ticket was issued.");
        }

        foreach (var booking in good.Where(booking => byBooking.Contains(booking.Key) && byBooking[booking.Key].All(order => order.State is "cancelled" or "refused" or "absent")
            && booking.Max(ticket => ticket.IssuedAt) <= until))
        {
            found[("reconciliation.ticket_without_order", booking.Key.ToString())] = new(booking.Key, null, null, $"Good tickets and no order at an airline: {string.Join(' ', booking.Select(ticket => ticket.Number))}.");
        }
    }

    private void Add(string reason, string subject, OurPayment? payment, Money amount, string detail) =>
        found[(reason, subject)] = new(payment?.BookingId, payment?.Id, amount, detail);

    private void Add(string reason, string subject, LedgerEntry entry, Money amount, string detail) =>
        found[(reason, subject)] = new(entry.BookingId, entry.PaymentId, amount, detail);

    /// <summary>Writes down what was found, closes what is gone, and says how many stand.</summary>
    private async Task<int> KeepAsync(string[] silent, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var known = await db.Differences.ToDictionaryAsync(one => (one.Reason, one.Subject), cancellationToken);
        foreach (var (key, what) in found)
        {
            if (!known.TryGetValue(key, out var difference))
            {
                log.LogError("The books differ: {Reason} {Subject}: {Detail}", key.Reason, key.Subject, what.Detail);
                difference = new()
                {
                    Id = Guid.CreateVersion7(now),
                    Reason = key.Reason,
                    Subject = key.Subject,
                    BookingId = what.BookingId,
                    PaymentId = what.PaymentId,
                    Currency = what.Amount?.Currency,
                    AmountMinor = what.Amount?.MinorUnits,
                    Detail = what.Detail,
                    FoundAt = now,
                    SeenAt = now,
                };
                db.Differences.Add(difference);
                known[key] = difference;
            }

            (difference.SeenAt, difference.ClosedAt) = (now, null);
            (difference.BookingId, difference.PaymentId, difference.Detail) = (what.BookingId, what.PaymentId, what.Detail);
            (difference.Currency, difference.AmountMinor) = (what.Amount?.Currency, what.Amount?.MinorUnits);
        }

        foreach (var (key, difference) in known)
        {
            if (difference.ClosedAt is null && !found.ContainsKey(key) && !Witnesses[key.Reason].Intersect(silent).Any())
            {
                difference.ClosedAt = now;
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return known.Values.Count(one => one.ClosedAt is null);
    }
}

/// <summary>Compares the books again and again, and forgets PayPal's events when they are old enough.</summary>
internal sealed class ReconcileRegularly(
    IServiceScopeFactory scopes, DatabaseReadiness databases, ReconciliationOptions options, PayPalOptions payPal, TimeProvider time, ILogger<ReconcileRegularly> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await databases.WaitAsync<PaymentsDbContext>(stoppingToken);
        using var timer = new PeriodicTimer(options.Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<Reconciler>().RunAsync(null, stoppingToken);
                var db = scope.ServiceProvider.GetRequiredService<PaymentsDbContext>();
                var before = time.GetUtcNow() - payPal.KeepEventsFor;
                await db.WebhookEvents.Where(received => received.ReceivedAt < before).ExecuteDeleteAsync(stoppingToken);
            }
            catch (Exception problem) when (problem is DbUpdateException or System.Data.Common.DbException || DatabaseErrors.IsUnreachable(problem))
            {
                log.LogWarning(problem, "The books could not be compared now; the next time tries again");
            }
        }
    }
}
