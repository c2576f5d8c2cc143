using Aerona.Contracts.Tickets;

namespace Aerona.Simulation.Services;

/// <summary>A ticketed order.</summary>
/// <param name="Tickets">How many tickets each passenger has.</param>
/// <param name="Documents">Intent of its documents.</param>
/// <param name="Written">Whether the file lies in the store.</param>
/// <param name="Stored">Whether the document is in our table.</param>
internal sealed record TicketRow(Guid OrderId, Guid BookingId, string Number, int Tickets = 1, Intent Documents = default, bool Written = false, bool Stored = false);

/// <summary>Tickets and documents (services/Tickets).</summary>
internal sealed class Tickets(Bug bug) : IService
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Lease = CallLimit + TimeSpan.FromSeconds(10);

    /// <summary>After a fault the message comes again.</summary>
    private static readonly TimeSpan Redelivery = TimeSpan.FromSeconds(5);

    public TicketRow[] Rows { get; private set; } = [];

    public Tickets Clone() => (Tickets)MemberwiseClone();

    public Taken Take(object message, DateTimeOffset now)
    {
        switch (message)
        {
            case IssueTickets issue:
                var at = Find(issue.OrderId);
                if (at < 0 && issue.TicketNumbers.Count == 0)
                {
                    return new Taken.Done([new(new TicketsPending(issue.BookingId, issue.OrderId))]);
                }

                Rows = at < 0
                    ? Rows.Plus(new(issue.OrderId, issue.BookingId, issue.TicketNumbers[0].Number))
                    : bug == Bug.ForgetfulInbox ? Rows.With(at, Rows[at] with { Tickets = Rows[at].Tickets + 1 }) : Rows;
                return new Taken.Done([new(new TicketsIssued(issue.BookingId, issue.OrderId, [new("p1", Rows[Find(issue.OrderId)].Number)]))]);
            case StoreDocuments store:
                var row = Find(store.OrderId);
                if (row < 0)
                {
                    return new Taken.Later(now + Redelivery);   // no tickets yet: it is thrown, and comes again
                }

                var documents = Rows[row].Documents;
                if (documents.State == IntentState.Done)
                {
                    return new Taken.Done(Record(store));
                }

                if (documents.IsBusy(now))
                {
                    return new Taken.Later(documents.LeaseUntil);
                }

                Rows = Rows.With(row, Rows[row] with { Documents = documents.Note(now, Lease) });
                return new Taken.Calls("store", CallLimit);
            default:
                throw new ArgumentOutOfRangeException(nameof(message), message, "is not for Tickets");
        }
    }

    public IReadOnlyList<Outcome> Answers(object message, object plan) => [Outcome.Ok, Outcome.LostAfter, Outcome.LostBefore];

    public IReadOnlyList<Sent> Finish(object message, object plan, Outcome outcome, DateTimeOffset now)
    {
        var store = (StoreDocuments)message;
        var row = Find(store.OrderId);
        Rows = Rows.With(row, Rows[row] with { Written = Rows[row].Written || outcome != Outcome.LostBefore });
        if (outcome != Outcome.Ok)
        {
            return [new(store, now + Redelivery)];   // a store that does not answer is thrown; the lease keeps the repeat off for a while
        }

        Rows = Rows.With(row, Rows[row] with { Documents = Rows[row].Documents.Free(now, "stored"), Stored = true });
        return Record(store);
    }

    public void Die(object message, object plan, bool reached, DateTimeOffset now)
    {
        var row = Find(((StoreDocuments)message).OrderId);
        Rows = Rows.With(row, Rows[row] with { Written = Rows[row].Written || reached });
    }

    private static Sent[] Record(StoreDocuments store) =>
        [new(new DocumentsStored(store.BookingId, store.OrderId, [new("itinerary-receipt", "receipts/x.pdf", "receipt.pdf", "00")]))];

    private int Find(Guid orderId) => Array.FindIndex(Rows, row => row.OrderId == orderId);
}
