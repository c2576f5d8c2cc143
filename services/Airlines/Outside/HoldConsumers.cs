using Aerona.Airlines.Data;
using Aerona.Airlines.Offers;
using Aerona.Airlines.Orders;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Suppliers;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Outside;

/// <summary>What asking about a hold needs, whoever asks: the hold, the offer, the supplier, and what to do where nothing can be held.</summary>
internal sealed class OutsideDesk(OutsideSuppliers outside, SupplierCalls calls)
{
    public TimeSpan? CallLimit => outside.CallLimit;

    /// <summary>Holds; at an instant supplier the offer is priced again.</summary>
    public Task<HoldStandingAnswer> HoldAsync(HoldAtSupplier command, Offer offer, CancellationToken cancellationToken) => AskAsync(
        offer.Snapshot.Supplier, "hold", command.HoldId,
        async supplier => offer.Terms!.CanHold
            ? await supplier.HoldAsync(new(command.HoldId, command.BookingId, new(offer.Terms, offer.Snapshot), command.Passengers, command.Contact ?? new("", null, "en")), cancellationToken)
            : Standing(offer, await supplier.PriceAsync(new(offer.Terms, offer.Snapshot), cancellationToken)));

    /// <summary>How it stands now.</summary>
    public Task<HoldStandingAnswer> LookUpAsync(OutsideHold hold, Offer offer, CancellationToken cancellationToken) => AskAsync(
        hold.Supplier, "look_up_hold", hold.HoldId,
        async supplier => offer.Terms!.CanHold
            ? await supplier.LookUpHoldAsync(hold.Known, cancellationToken)
            : Standing(offer, await supplier.PriceAsync(new(offer.Terms, offer.Snapshot), cancellationToken)));

    /// <summary>Gives it back; where nothing is held there is nothing to give.</summary>
    public Task<HoldStandingAnswer> ReleaseAsync(OutsideHold hold, Offer? offer, CancellationToken cancellationToken) => offer?.Terms is { CanHold: false }
        ? Task.FromResult(new HoldStandingAnswer(HoldStandingKind.Released))
        : AskAsync(hold.Supplier, "release", hold.HoldId, supplier => supplier.ReleaseAsync(hold.Known, cancellationToken));

    private async Task<HoldStandingAnswer> AskAsync(string name, string operation, Guid holdId, Func<IOutsideSupplier, Task<HoldStandingAnswer>> call) =>
        outside.Find(name) is { } supplier
            ? await calls.AskAsync(supplier, operation, holdId, call, answer => answer.Kind.ToString().ToLowerInvariant(), HoldStandingAnswer.Unknown)
            : HoldStandingAnswer.Unknown;

    private static HoldStandingAnswer Standing(Offer offer, PriceAnswer answer) => answer switch
    {
        { IsGone: true, Problem.Code: "offer_no_longer_available" } => new(HoldStandingKind.Refused, Reason: "seats.sold_out"),
        { IsGone: true } => new(HoldStandingKind.Refused, Reason: "offer.expired"),
        { Offer: { } now } when now.Snapshot.Total != offer.Snapshot.Total => new(HoldStandingKind.Refused, Reason: "offer.price_changed"),
        { Offer: { } now } => new(HoldStandingKind.Held, null, now.Snapshot.ExpiresAt, now.Snapshot.ExpiresAt, now.Snapshot.Total),
        _ => HoldStandingAnswer.Unknown,
    };
}

/// <summary>Holds at an outside supplier. When its answer is lost nothing is said: the saga's look-up finds out.</summary>
internal sealed class HoldAtSupplierConsumer(OutsideDesk desk, TimeProvider clock) : EffectConsumer<HoldAtSupplier, HoldStandingAnswer, AirlinesDbContext>
{
    private Offer? offer;
    private OutsideHold? hold;

    protected override TimeSpan CallLimit => desk.CallLimit ?? base.CallLimit;

    protected override string Key(HoldAtSupplier command) => OutsideHold.Key(command.HoldId);

    protected override async Task<Noted<HoldStandingAnswer>> NoteAsync(AirlinesDbContext db, HoldAtSupplier command, CancellationToken cancellationToken)
    {
        offer = await db.Offers.AsNoTracking().SingleAsync(row => row.Id == command.OfferId, cancellationToken);
        hold = await db.LockAsync<OutsideHold>(command.HoldId, cancellationToken);
        return hold.State == OutsideHoldState.Released ? new Noted<HoldStandingAnswer>.Known(ClosedAnswer(command)) : await base.NoteAsync(db, command, cancellationToken);
    }

    protected override HoldStandingAnswer ClosedAnswer(HoldAtSupplier command) => new(HoldStandingKind.Refused, Reason: "hold.closed");

    protected override Task<HoldStandingAnswer> CallAsync(HoldAtSupplier command, EffectIntent intent, CancellationToken cancellationToken) =>
        desk.HoldAsync(command, offer!, cancellationToken);

    // A held order may have been made: it is looked for, and made again only when it is certain that there is none.
    protected override async Task<HoldStandingAnswer> RecoverAsync(HoldAtSupplier command, EffectIntent intent, CancellationToken cancellationToken)
    {
        var found = await desk.LookUpAsync(hold!, offer!, cancellationToken);
        return found.Kind == HoldStandingKind.Absent ? await CallAsync(command, intent, cancellationToken) : found;
    }

    protected override bool IsFinal(HoldStandingAnswer answer) => answer.Kind != HoldStandingKind.Unknown;

    protected override async Task RecordAsync(AirlinesDbContext db, HoldAtSupplier command, HoldStandingAnswer answer, CancellationToken cancellationToken)
    {
        var row = await db.LockAsync<OutsideHold>(command.HoldId, cancellationToken);
        var isNews = row.Record(answer);
        if (answer.Kind == HoldStandingKind.Unknown)
        {
            return;
        }

        if (isNews)
        {
            db.Publish(new BookingNoted(command.BookingId, row.IsLive ? "seats.held" : "seats.refused", clock.GetUtcNow(), row.Reference ?? command.HoldId.ToString()));
        }

        if (row.IsLive)
        {
            db.Publish(row.Held());
        }
        else
        {
            db.Publish(row.Refused());
        }
    }
}

/// <summary>Finds out about a hold at an outside supplier; what it denies it closes.</summary>
internal sealed class LookUpHoldAtSupplierConsumer(OutsideDesk desk, TimeProvider clock) : EffectConsumer<LookUpHoldAtSupplier, HoldStandingAnswer, AirlinesDbContext>
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(15);

    private Offer? offer;
    private OutsideHold? hold;

    protected override TimeSpan CallLimit => desk.CallLimit ?? base.CallLimit;

    protected override string Key(LookUpHoldAtSupplier command) => $"outside-hold-look-up/{command.HoldId}/{command.LookUp}";

    protected override async Task<Noted<HoldStandingAnswer>> NoteAsync(AirlinesDbContext db, LookUpHoldAtSupplier command, CancellationToken cancellationToken)
    {
        hold = await db.LockAsync<OutsideHold>(command.HoldId, cancellationToken);
        offer = await db.Offers.AsNoTracking().SingleOrDefaultAsync(row => row.Id == hold.OfferId, cancellationToken);
        var making = await db.CloseIfAbsentAsync(OutsideHold.Key(command.HoldId), cancellationToken);
        return (making, hold.State) switch
        {
            (null, _) or (_, OutsideHoldState.Released) => new Noted<HoldStandingAnswer>.Known(new(HoldStandingKind.Absent)),
            (_, OutsideHoldState.Held or OutsideHoldState.Pinned or OutsideHoldState.Sold) => new Noted<HoldStandingAnswer>.Known(new(HoldStandingKind.Held)),
            ({ Answer: null }, _) when making.LeaseUntil > clock.GetUtcNow() => new Noted<HoldStandingAnswer>.Later(making.LeaseUntil),
            _ => await base.NoteAsync(db, command, cancellationToken),
        };
    }

    protected override HoldStandingAnswer ClosedAnswer(LookUpHoldAtSupplier command) => new(HoldStandingKind.Absent);

    protected override Task<HoldStandingAnswer> CallAsync(LookUpHoldAtSupplier command, EffectIntent intent, CancellationToken cancellationToken) =>
        desk.LookUpAsync(hold!, offer!, cancellationToken);

    protected override bool IsFinal(HoldStandingAnswer answer) => answer.Kind != HoldStandingKind.Unknown;

    protected override async Task RecordAsync(AirlinesDbContext db, LookUpHoldAtSupplier command, HoldStandingAnswer answer, CancellationToken cancellationToken)
    {
        var row = await db.LockAsync<OutsideHold>(command.HoldId, cancellationToken);
        row.Record(answer);
        if (row.State == OutsideHoldState.Asked)
        {
            db.Schedule(command, clock.GetUtcNow() + AskAgainAfter);
        }
        else if (row.IsLive || row.State == OutsideHoldState.Sold)
        {
            db.Publish(row.Held());
        }
        else
        {
            await db.CloseHoldAsync(command.HoldId, cancellationToken);
            db.Publish(new HoldAbsent(command.BookingId, command.HoldId, command.LookUp));
        }
    }
}

/// <summary>
/// The last check before money is touched. An airline's held space ends at its own time and cannot be made longer, so a pin is: it is there, and for long enough. At an
/// instant supplier it is the last check of the price.
/// </summary>
internal sealed class PinAtSupplierConsumer(OutsideDesk desk, TimeProvider clock) : EffectConsumer<PinAtSupplier, HoldStandingAnswer, AirlinesDbContext>
{
    private static readonly TimeSpan LeastTime = TimeSpan.FromMinutes(3);

    private Offer? offer;
    private OutsideHold? hold;

    protected override TimeSpan CallLimit => desk.CallLimit ?? base.CallLimit;

    protected override string Key(PinAtSupplier command) => $"outside-pin/{command.HoldId}";

    protected override async Task<Noted<HoldStandingAnswer>> NoteAsync(AirlinesDbContext db, PinAtSupplier command, CancellationToken cancellationToken)
    {
        hold = await db.LockAsync<OutsideHold>(command.HoldId, cancellationToken);
        offer = await db.Offers.AsNoTracking().SingleAsync(row => row.Id == hold.OfferId, cancellationToken);
        return hold.State switch
        {
            _ when command.Token != OutsideHold.OnlyToken => new Noted<HoldStandingAnswer>.Known(new(HoldStandingKind.Absent)),
            OutsideHoldState.Pinned or OutsideHoldState.Sold => new Noted<HoldStandingAnswer>.Known(new(HoldStandingKind.Held)),
            OutsideHoldState.Held => await base.NoteAsync(db, command, cancellationToken),
            _ => new Noted<HoldStandingAnswer>.Known(new(HoldStandingKind.Absent)),
        };
    }

    protected override HoldStandingAnswer ClosedAnswer(PinAtSupplier command) => new(HoldStandingKind.Absent);

    protected override async Task<HoldStandingAnswer> CallAsync(PinAtSupplier command, EffectIntent intent, CancellationToken cancellationToken)
    {
        var answer = await desk.LookUpAsync(hold!, offer!, cancellationToken);
        return answer.Kind == HoldStandingKind.Held && answer.SpaceUntil <= clock.GetUtcNow() + LeastTime ? new(HoldStandingKind.Absent, answer.Reference) : answer;
    }

    protected override bool IsFinal(HoldStandingAnswer answer) => answer.Kind != HoldStandingKind.Unknown;

    protected override async Task RecordAsync(AirlinesDbContext db, PinAtSupplier command, HoldStandingAnswer answer, CancellationToken cancellationToken)
    {
        var row = await db.LockAsync<OutsideHold>(command.HoldId, cancellationToken);
        switch (answer.Kind)
        {
            case HoldStandingKind.Held when row.IsLive || row.State == OutsideHoldState.Sold:
                if (row.State == OutsideHoldState.Held)
                {
                    row.Pin();
                    db.Publish(new BookingNoted(command.BookingId, "seats.pinned", clock.GetUtcNow(), row.Reference ?? command.HoldId.ToString()));
                }

                db.Publish(new SeatsPinned(command.BookingId, command.HoldId, command.Token));
                break;
            case HoldStandingKind.Unknown:
                break;   // the saga asks again
            default:
                db.Publish(new HoldLapsed(command.BookingId, command.HoldId));
                if (row.IsLive)
                {
                    db.Publish(new ReleaseAtSupplier(command.BookingId, command.HoldId));   // what is left of it is nobody's
                }

                break;
        }
    }
}

/// <summary>Gives a hold at an outside supplier back and closes its id; tried until the supplier says that it is done.</summary>
internal sealed class ReleaseAtSupplierConsumer(OutsideDesk desk, TimeProvider clock) : EffectConsumer<ReleaseAtSupplier, HoldStandingAnswer, AirlinesDbContext>
{
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(30);

    private Offer? offer;
    private OutsideHold? hold;

    protected override TimeSpan CallLimit => desk.CallLimit ?? base.CallLimit;

    protected override string Key(ReleaseAtSupplier command) => $"outside-release/{command.HoldId}";

    protected override async Task<Noted<HoldStandingAnswer>> NoteAsync(AirlinesDbContext db, ReleaseAtSupplier command, CancellationToken cancellationToken)
    {
        hold = await db.LockAsync<OutsideHold>(command.HoldId, cancellationToken);
        offer = await db.Offers.AsNoTracking().SingleOrDefaultAsync(row => row.Id == hold.OfferId, cancellationToken);
        var making = await db.CloseIfAbsentAsync(OutsideHold.Key(command.HoldId), cancellationToken);
        return (making, hold.State) switch
        {
            (_, OutsideHoldState.Sold) => new Noted<HoldStandingAnswer>.Known(new(HoldStandingKind.Bought)),
            (null, _) or (_, OutsideHoldState.Released) => new Noted<HoldStandingAnswer>.Known(ClosedAnswer(command)),
            ({ Answer: null, Closed: false }, OutsideHoldState.Asked) when making.LeaseUntil > clock.GetUtcNow() => new Noted<HoldStandingAnswer>.Later(making.LeaseUntil),
            _ => await base.NoteAsync(db, command, cancellationToken),
        };
    }

    protected override HoldStandingAnswer ClosedAnswer(ReleaseAtSupplier command) => new(HoldStandingKind.Released);

    protected override Task<HoldStandingAnswer> CallAsync(ReleaseAtSupplier command, EffectIntent intent, CancellationToken cancellationToken) =>
        desk.ReleaseAsync(hold!, offer, cancellationToken);

    protected override bool IsFinal(HoldStandingAnswer answer) => answer.Kind is HoldStandingKind.Released or HoldStandingKind.Bought;

    protected override async Task RecordAsync(AirlinesDbContext db, ReleaseAtSupplier command, HoldStandingAnswer answer, CancellationToken cancellationToken)
    {
        var row = await db.LockAsync<OutsideHold>(command.HoldId, cancellationToken);
        if (!IsFinal(answer))
        {
            db.Schedule(command, clock.GetUtcNow() + TryAgainAfter);
            return;
        }

        if (row.Record(answer))
        {
            await db.CloseHoldAsync(command.HoldId, cancellationToken);
            db.Publish(new BookingNoted(command.BookingId, "seats.released", clock.GetUtcNow(), row.Reference ?? command.HoldId.ToString()));
        }

        db.Publish(new SeatsReleased(command.BookingId, command.HoldId));
    }
}

internal static class OutsideHolds
{
    /// <summary>Nothing will be held under that id any more.</summary>
    public static async Task CloseHoldAsync(this AirlinesDbContext db, Guid holdId, CancellationToken cancellationToken)
    {
        if (await db.FindIntentAsync(OutsideHold.Key(holdId), cancellationToken) is { Answer: null } making)
        {
            making.Closed = true;
        }
    }
}
