using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Tickets;
using Aerona.Messaging;
using Aerona.Tickets.Data;
using Aerona.Tickets.Documents;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Tickets.Storing;

/// <summary>The file that takes flights out of calendars.</summary>
/// <param name="OrderId">Whose.</param>
/// <param name="Document">Null: somebody still flies each of them.</param>
internal sealed record CancelledFlightsWritten(Guid OrderId, WrittenDocument? Document);

/// <summary>Makes a calendar file for those flights of a cancellation that nobody of the booking flies any more.</summary>
internal sealed class StoreCancelledFlightsConsumer(TicketsDbContext tickets, DocumentMaker make, DocumentStore store)
    : EffectConsumer<ServicingEnded, CancelledFlightsWritten, TicketsDbContext>
{
    protected override string Key(ServicingEnded ended) => $"cancelled-flights/{ended.ServicingId}";

    protected override CancelledFlightsWritten ClosedAnswer(ServicingEnded ended) => throw new InvalidOperationException($"nothing closes the calendar of {ended.ServicingId}");

    protected override async Task<CancelledFlightsWritten> CallAsync(ServicingEnded ended, EffectIntent intent, CancellationToken cancellationToken)
    {
        var order = await tickets.Orders.AsNoTracking().Where(order => order.BookingId == ended.BookingId).OrderByDescending(order => order.IssuedAt).FirstOrDefaultAsync(cancellationToken)
            ?? throw new InvalidOperationException($"booking {ended.BookingId} has no tickets, so none of its flights can be cancelled");
        var gone = (await tickets.Tickets.AsNoTracking().Include(ticket => ticket.Coupons).Where(ticket => ticket.OrderId == order.OrderId).ToListAsync(cancellationToken))
            .SelectMany(ticket => ticket.Coupons.Where(coupon => coupon.EndedBy is not null).Select(coupon => new CouponKey(ticket.PassengerId, coupon.SegmentOrdinal)))
            .Concat(ended.Coupons).ToHashSet();
        var flights = ended.Coupons.Select(coupon => coupon.SegmentOrdinal).Distinct()
            .Where(ordinal => order.Passengers.All(passenger => gone.Contains(new(passenger.Id, ordinal)))).ToList();
        if (flights.Count == 0)
            return new(order.OrderId, null);

        var made = make.CancelledFlights(order, flights, ended.ServicingId, ended.EndedAt, await Locales.OfAsync(tickets, order.OrderId, cancellationToken));
        return new(order.OrderId, await store.PutAsync(made, intent.RequestId, cancellationToken));
    }

    protected override bool IsFinal(CancelledFlightsWritten answer) => true;

    protected override async Task RecordAsync(TicketsDbContext db, ServicingEnded ended, CancelledFlightsWritten answer, CancellationToken cancellationToken)
    {
        if (answer.Document is not { } written)
            return;

        await store.RecordAsync(db, ended.BookingId, answer.OrderId, [written], cancellationToken);
        db.Publish(new CancellationDocumentsStored(ended.BookingId, ended.ServicingId, answer.OrderId, [written.Document]));
    }
}
