using Aerona.Airlines.Data;
using Aerona.Airlines.Orders;
using Aerona.Contracts.Airlines;
using Aerona.Messaging;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Webhooks;

/// <summary>What looking at an event gave.</summary>
/// <param name="State">Processed; Parked: no such order yet; Received: the supplier did not say how it stands.</param>
/// <param name="Now">How the order stands, whatever the event said.</param>
internal sealed record EventLook(SupplierEventState State, OrderNow? Now = null);

/// <summary>Looks at a stored event: which order is it about, and how does that stand now?</summary>
internal sealed class ProcessSupplierEventConsumer(OrderNews news, TimeProvider clock, ILogger<ProcessSupplierEventConsumer> log)
    : EffectConsumer<ProcessSupplierEvent, EventLook, AirlinesDbContext>
{
    /// <summary>An event may come before the purchase that it tells of is written down.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    private AirlineOrder? order;

    protected override TimeSpan CallLimit => news.CallLimit ?? base.CallLimit;

    protected override string Key(ProcessSupplierEvent command) => $"supplier-event/{command.EventKey}";

    protected override async Task<Noted<EventLook>> NoteAsync(AirlinesDbContext db, ProcessSupplierEvent command, CancellationToken cancellationToken)
    {
        if (await db.TryLockAsync<SupplierEvent>(command.EventKey, cancellationToken) is not { State: SupplierEventState.Received or SupplierEventState.Parked } received)
        {
            return new Noted<EventLook>.Known(new(SupplierEventState.Processed));
        }

        if (received.OrderReference is not { } reference)
        {
            return new Noted<EventLook>.Known(new(SupplierEventState.Processed));   // a ping
        }

        order = await db.AirlineOrders.AsNoTracking().FirstOrDefaultAsync(row => row.Supplier == received.Supplier && row.Reference == reference, cancellationToken);
        if (order is null)
        {
            // An order that is only held is nobody's news: whoever holds it asks by itself.
            var isHeld = await db.OutsideHolds.AnyAsync(hold => hold.Supplier == received.Supplier && hold.Reference == reference, cancellationToken);
            return new Noted<EventLook>.Known(new(isHeld ? SupplierEventState.Processed : SupplierEventState.Parked));
        }

        return await base.NoteAsync(db, command, cancellationToken);
    }

    protected override EventLook ClosedAnswer(ProcessSupplierEvent command) => new(SupplierEventState.Processed);

    protected override async Task<EventLook> CallAsync(ProcessSupplierEvent command, EffectIntent intent, CancellationToken cancellationToken)
    {
        var now = await news.AskAsync(order!, cancellationToken);
        return new(now.IsKnown ? SupplierEventState.Processed : SupplierEventState.Received, now);
    }

    protected override bool IsFinal(EventLook answer) => answer.State == SupplierEventState.Processed;

    protected override async Task RecordAsync(AirlinesDbContext db, ProcessSupplierEvent command, EventLook answer, CancellationToken cancellationToken)
    {
        if (await db.TryLockAsync<SupplierEvent>(command.EventKey, cancellationToken) is not { State: SupplierEventState.Received or SupplierEventState.Parked } received)
        {
            return;
        }

        var now = clock.GetUtcNow();
        if (answer.Now is { } orderNow && order is not null)
        {
            await news.RecordAsync(db, order.OrderId, orderNow, cancellationToken);
        }

        received.State = answer.State;
        if (answer.State == SupplierEventState.Processed)
        {
            return;
        }

        if (now - received.ReceivedAt >= Patience)
        {
            // What an event told is found by asking, too: nothing is lost but time.
            received.State = SupplierEventState.Unmatched;
            log.LogWarning("Event {EventKey} ({Type}) is about nothing that is known here, or its supplier is silent, for an hour", received.Key, received.Type);
            return;
        }

        received.Tries++;
        db.Schedule(command, now.AddSeconds(Math.Min(5 * Math.Pow(2, received.Tries - 1), 600)));
    }
}
