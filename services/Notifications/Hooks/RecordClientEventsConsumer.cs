using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Notifications;
using Aerona.Contracts.Operations;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using Aerona.Notifications.Data;
using Aerona.Persistence;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Hooks;

/// <summary>Writes down what happens to bookings, for the clients that made them.</summary>
internal sealed class RecordClientEventsConsumer(NotificationsDbContext db, TimeProvider clock) : IConsumer<BookingSubmitted>, IConsumer<BookingConfirmed>,
    IConsumer<BookingFailed>, IConsumer<BookingNews>, IConsumer<TicketsIssued>, IConsumer<CancellationNews>, IConsumer<PaymentRefunded>, IConsumer<FlightStatusChanged>,
    IConsumer<WebhookEndpointDisabled>
{
    /// <summary>Longer than a booking waits for its events to be sold and flown; more than that is somebody else's mistake.</summary>
    private const int MostWaiting = 50;

    public async Task Consume(ConsumeContext<BookingSubmitted> context)
    {
        var submitted = context.Message;
        var booking = await db.TryLockAsync<FollowedBooking>(submitted.BookingId, context.CancellationToken);
        if (booking is { IsKnown: true })
        {
            return;
        }

        if (booking is null)
        {
            db.FollowedBookings.Add(booking = new() { BookingId = submitted.BookingId, At = clock.GetUtcNow() });
        }

        var waiting = booking.Waiting;
        (booking.IsKnown, booking.Owner, booking.Waiting) = (true, submitted.Owner, []);
        if (submitted.Owner is { } owner)
        {
            await db.AppendAsync(owner, [EventTypes.Of(submitted), .. waiting], clock.GetUtcNow(), context.CancellationToken);
        }
    }

    public async Task Consume(ConsumeContext<BookingConfirmed> context)
    {
        var booking = context.Message;
        foreach (var flight in booking.Offer.Segments.DistinctBy(segment => segment.FlightId))
        {
            if (await db.BookedFlights.FindAsync([booking.BookingId, flight.FlightId], context.CancellationToken) is null)
            {
                db.BookedFlights.Add(new() { BookingId = booking.BookingId, FlightId = flight.FlightId, DepartsAt = flight.DepartsAt });
            }
        }

        await RecordAsync(booking.BookingId, EventTypes.Of(booking), context.CancellationToken);
    }

    public Task Consume(ConsumeContext<BookingFailed> context) => RecordAsync(context.Message.BookingId, EventTypes.Of(context.Message), context.CancellationToken);

    public Task Consume(ConsumeContext<BookingNews> context) => RecordAsync(context.Message.BookingId, EventTypes.Of(context.Message), context.CancellationToken);

    public Task Consume(ConsumeContext<TicketsIssued> context) => RecordAsync(context.Message.BookingId, EventTypes.Of(context.Message, At(context)), context.CancellationToken);

    public Task Consume(ConsumeContext<CancellationNews> context) => RecordAsync(context.Message.BookingId, EventTypes.Of(context.Message), context.CancellationToken);

    public Task Consume(ConsumeContext<PaymentRefunded> context) => RecordAsync(context.Message.BookingId, EventTypes.Of(context.Message, At(context)), context.CancellationToken);

    public Task Consume(ConsumeContext<WebhookEndpointDisabled> context) =>
        db.AppendAsync(context.Message.Owner, [EventTypes.Of(context.Message)], clock.GetUtcNow(), context.CancellationToken);

    public async Task Consume(ConsumeContext<FlightStatusChanged> context)
    {
        var change = context.Message;
        if (!EventTypes.IsChangeOfSchedule(change))
        {
            return;
        }

        var owned = await db.BookedFlights.Where(flight => flight.FlightId == change.Now.FlightId)
            .Join(db.FollowedBookings.Where(booking => booking.Owner != null), flight => flight.BookingId, booking => booking.BookingId, (_, booking) => new { booking.BookingId, Owner = booking.Owner! })
            .ToListAsync(context.CancellationToken);
        // In one order, as whoever else appends for two of them at once would lock them the other way round.
        foreach (var owner in owned.GroupBy(booking => booking.Owner).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            await db.AppendAsync(owner.Key, [.. owner.Select(booking => EventTypes.Of(change, booking.BookingId))], clock.GetUtcNow(), context.CancellationToken);
        }
    }

    /// <summary>When the message left; what has no time of its own happened then.</summary>
    private DateTimeOffset At(ConsumeContext context) => context.SentTime is { } sent ? new(sent, TimeSpan.Zero) : clock.GetUtcNow();

    private async Task RecordAsync(Guid bookingId, NewEvent? happened, CancellationToken cancellationToken)
    {
        if (happened is null)
        {
            return;
        }

        var booking = await db.FollowedBookings.AsNoTracking().SingleOrDefaultAsync(row => row.BookingId == bookingId, cancellationToken);
        if (booking is not { IsKnown: true })
        {
            // Messages of different kinds may overtake each other: it waits for its booking, in that booking's row, which both would write.
            booking = await db.TryLockAsync<FollowedBooking>(bookingId, cancellationToken);
            if (booking is null)
            {
                db.FollowedBookings.Add(booking = new() { BookingId = bookingId, At = clock.GetUtcNow() });
            }

            if (!booking.IsKnown)
            {
                booking.Waiting = booking.Waiting.Count < MostWaiting ? [.. booking.Waiting, happened] : booking.Waiting;
                return;
            }
        }

        if (booking.Owner is { } owner)
        {
            await db.AppendAsync(owner, [happened], clock.GetUtcNow(), cancellationToken);
        }
    }
}
