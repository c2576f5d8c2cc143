using Aerona.Airlines.Data;
using Aerona.Airlines.Offers;
using Aerona.Airlines.Orders;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Suppliers;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Outside;

/// <summary>What the supplier says a price is now: of the offer, or of the order that it holds for the booking already.</summary>
internal sealed record PriceNow(PriceAnswer? Offer, HoldStandingAnswer? Hold);

/// <summary>
/// Says whether an outside supplier's offer still stands. Another price is an offer of its own. When the supplier does not answer, nobody says anything: the saga asks
/// again.
/// </summary>
internal sealed class PriceAtSupplierConsumer(OutsideSuppliers outside, SupplierCalls calls, TimeProvider clock) : EffectConsumer<PriceAtSupplier, PriceNow, AirlinesDbContext>
{
    private static readonly TimeSpan LeastRenewal = TimeSpan.FromMinutes(10);

    private Offer? offer;
    private OutsideHold? held;

    protected override TimeSpan CallLimit => outside.CallLimit ?? base.CallLimit;

    protected override string Key(PriceAtSupplier command) => $"outside-price/{command.BookingId}/{command.OfferId}";

    protected override async Task<Noted<PriceNow>> NoteAsync(AirlinesDbContext db, PriceAtSupplier command, CancellationToken cancellationToken)
    {
        offer = await db.Offers.AsNoTracking().SingleAsync(row => row.Id == command.OfferId, cancellationToken);
        held = await db.OutsideHolds.AsNoTracking().FirstOrDefaultAsync(
            row => row.BookingId == command.BookingId && row.Reference != null && (row.State == OutsideHoldState.Held || row.State == OutsideHoldState.Pinned), cancellationToken);
        return await base.NoteAsync(db, command, cancellationToken);
    }

    protected override PriceNow ClosedAnswer(PriceAtSupplier command) => new(new(null, IsGone: true), null);

    protected override async Task<PriceNow> CallAsync(PriceAtSupplier command, EffectIntent intent, CancellationToken cancellationToken)
    {
        if (outside.Find(offer!.Snapshot.Supplier) is not { } supplier)
        {
            return new(new(null, IsGone: true, new(SupplierFailure.NotFound, "supplier.not_configured")), null);
        }

        return held is null
            ? new(
                await calls.AskAsync(
                    supplier, "price", command.BookingId, one => one.PriceAsync(new(offer.Terms!, offer.Snapshot), cancellationToken),
                    answer => answer.IsGone ? "gone" : answer.Offer is null ? "unknown" : "priced", new PriceAnswer(null)),
                null)
            : new(
                null,
                await calls.AskAsync(
                    supplier, "look_up_hold", command.BookingId, one => one.LookUpHoldAsync(held.Known, cancellationToken), answer => answer.Kind.ToString().ToLowerInvariant(),
                    HoldStandingAnswer.Unknown));
    }

    // A price is a matter of the moment: the next question is asked anew.
    protected override bool IsFinal(PriceNow answer) => false;

    protected override async Task RecordAsync(AirlinesDbContext db, PriceAtSupplier command, PriceNow answer, CancellationToken cancellationToken)
    {
        switch (answer)
        {
            case { Offer.IsGone: true } or { Hold.Kind: HoldStandingKind.Absent or HoldStandingKind.Released or HoldStandingKind.Refused }:
                db.Publish(new OfferGone(command.BookingId, command.OfferId, answer.Offer?.Problem?.Code is "offer_no_longer_available" ? "flight.withdrawn" : "offer.expired"));
                break;
            case { Offer.Offer: { } now } when !SameFlights(offer!.Snapshot, now.Snapshot):
                db.Publish(new OfferGone(command.BookingId, command.OfferId, "flight.changed"));
                break;
            case { Offer.Offer: { } now } when now.Snapshot.Total == offer!.Snapshot.Total:
                await StandsAsync(db, command, now.Snapshot.ExpiresAt, now.Terms, cancellationToken);
                break;
            case { Offer.Offer: { } now }:
                Changed(db, command, now);
                break;
            case { Hold: { Kind: HoldStandingKind.Held, Total: { } total } hold } when total == offer!.Snapshot.Total:
                await StandsAsync(db, command, Renewed(hold), null, cancellationToken);
                break;
            case { Hold: { Kind: HoldStandingKind.Held, Total: { } total } hold }:
                var lines = OfferMapping.Shared(total, offer!.Snapshot.Passengers, PriceLineKind.BaseFare, "FARE", offer.Snapshot.Conditions.Refundable == true);
                Changed(db, command, new(offer.Terms!, offer.Snapshot with { Lines = lines, Total = total, ExpiresAt = Renewed(hold) }));
                break;
        }
    }

    private static async Task StandsAsync(AirlinesDbContext db, PriceAtSupplier command, DateTimeOffset until, SupplierTerms? terms, CancellationToken cancellationToken)
    {
        var stored = await db.LockAsync<Offer>(command.OfferId, cancellationToken);
        stored.Terms = terms ?? stored.Terms;   // some want the offer back just as they priced it last
        if (stored.ExpiresAt < until)
        {
            stored.Renew(until);
        }

        db.Publish(new OfferPriced(command.BookingId, command.OfferId, stored.Snapshot));
    }

    private void Changed(AirlinesDbContext db, PriceAtSupplier command, SupplierOffer now)
    {
        var today = Offer.Of(now, offer!.Owner, clock.GetUtcNow());
        db.Offers.Add(today);
        db.Publish(new OfferPriceChanged(command.BookingId, command.OfferId, offer.Snapshot.Total, today.Snapshot));
    }

    /// <summary>How long the price of a held order is good: as guaranteed, or for a while from now, never past its space.</summary>
    private DateTimeOffset Renewed(HoldStandingAnswer hold)
    {
        var least = clock.GetUtcNow() + LeastRenewal;
        var until = hold.PriceUntil > least ? hold.PriceUntil.Value : least;
        return until < hold.SpaceUntil ? until : hold.SpaceUntil!.Value;
    }

    private static bool SameFlights(OfferSnapshot then, OfferSnapshot now) => then.Segments
        .Select(segment => (segment.FlightId, segment.Origin, segment.Destination, segment.DepartsAt, segment.ArrivesAt))
        .SequenceEqual(now.Segments.Select(segment => (segment.FlightId, segment.Origin, segment.Destination, segment.DepartsAt, segment.ArrivesAt)));
}
