using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Tickets;

namespace Aerona.Simulation.Services;

/// <summary>An order.</summary>
/// <param name="Tickets">How many tickets each passenger has; 0 when only its documents were asked for.</param>
/// <param name="Documents">Intent of its documents.</param>
/// <param name="Written">Whether the file lies in the store.</param>
/// <param name="Stored">Whether the document is in our table.</param>
/// <param name="EndedBy">The cancellation that ended its coupons.</param>
/// <param name="End">How.</param>
internal sealed record TicketRow(
    Guid OrderId, Guid BookingId, string Number, int Tickets = 1, Intent Documents = default, bool Written = false, bool Stored = false, Guid EndedBy = default,
    CouponEnd? End = null);

/// <summary>Tickets and documents (services/Tickets).</summary>
internal sealed class Tickets(Bug bug) : IService
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Lease = CallLimit + TimeSpan.FromSeconds(10);

    /// <summary>After a fault the message comes again.</summary>
    private static readonly TimeSpan Redelivery = TimeSpan.FromSeconds(2);

    public TicketRow[] Rows { get; private set; } = [];

    public Tickets Clone() => (Tickets)MemberwiseClone();

    public Taken Take(object message, DateTimeOffset now)
    {
        switch (message)
        {
            case IssueTickets issue:
                var documents = (issue.Offer.Segments.Count + 3) / 4;       // each of four coupons
                var row = Row(issue.OrderId, issue.BookingId);
                if (row.Tickets == 0 && issue.TicketNumbers.Count < documents * issue.Passengers.Count)
                {
                    return new Taken.Done([new(new TicketsPending(issue.BookingId, issue.OrderId))]);
                }

                row = row.Tickets == 0 ? row with { Tickets = 1, Number = issue.TicketNumbers[0].Number }
                    : bug == Bug.ForgetfulInbox ? row with { Tickets = row.Tickets + 1 } : row;
                Put(row);
                return new Taken.Done([new(new TicketsIssued(issue.BookingId, issue.OrderId, [new("p1", row.Number)]))]);
            case StoreDocuments store:
                var order = Row(store.OrderId, store.BookingId);
                if (order.Documents.State == IntentState.Done)
                {
                    return new Taken.Done(Record(store));
                }

                if (order.Documents.IsBusy(now))
                {
                    return new Taken.Later(order.Documents.LeaseUntil);
                }

                Put(order with { Documents = order.Documents.Note(now, Lease) });
                return order.Tickets == 0
                    ? new Taken.Later(now + Redelivery)     // no tickets yet: it is thrown, and comes again; the lease keeps the repeat off for a while
                    : new Taken.Calls("store", CallLimit);
            case EndCoupons end:
                // Every order here is given up whole.
                var ending = Row(end.OrderId, end.BookingId);
                if (ending is { Tickets: > 0, End: null })
                {
                    Put(ending = ending with { End = end.End, EndedBy = end.CancellationId });
                }

                var isOurs = ending.End is not null && ending.EndedBy == end.CancellationId;
                return new Taken.Done([new(new CouponsEnded(end.BookingId, end.CancellationId, isOurs ? end.Coupons : [], isOurs ? [] : end.Coupons))]);
            default:
                throw new ArgumentOutOfRangeException(nameof(message), message, "is not for Tickets");
        }
    }

    public IReadOnlyList<Outcome> Answers(object message, object plan) => [Outcome.Ok, Outcome.LostAfter, Outcome.LostBefore];

    public IReadOnlyList<Sent> Finish(object message, object plan, Outcome outcome, DateTimeOffset now)
    {
        var store = (StoreDocuments)message;
        var row = Row(store.OrderId, store.BookingId);
        Put(row = row with { Written = row.Written || outcome != Outcome.LostBefore });
        if (outcome != Outcome.Ok)
        {
            return [new(store, now + Redelivery)];   // a store that does not answer is thrown; the lease keeps the repeat off for a while
        }

        Put(row with { Documents = row.Documents.Free(now, "stored"), Stored = true });
        return Record(store);
    }

    public void Die(object message, object plan, bool reached, DateTimeOffset now)
    {
        var store = (StoreDocuments)message;
        var row = Row(store.OrderId, store.BookingId);
        Put(row with { Written = row.Written || reached });
    }

    private static Sent[] Record(StoreDocuments store) =>
        [new(new DocumentsStored(store.BookingId, store.OrderId, [new("itinerary-receipt", "receipts/x.pdf", "receipt.pdf", "00")]))];

    private TicketRow Row(Guid orderId, Guid bookingId) => Array.Find(Rows, row => row.OrderId == orderId) ?? new(orderId, bookingId, "", Tickets: 0);

    private void Put(TicketRow row)
    {
        var at = Array.FindIndex(Rows, known => known.OrderId == row.OrderId);
        Rows = at < 0 ? Rows.Plus(row) : Rows.With(at, row);
    }
}
