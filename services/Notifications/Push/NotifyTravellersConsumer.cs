using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Notifications;
using Aerona.Contracts.Operations;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Notifications.Data;
using Aerona.Notifications.FlightNews;
using Aerona.Notifications.Hooks;
using Aerona.Notifications.Preferences;
using Aerona.Persistence;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Push;

/// <summary>Tells browsers what mails tell, and what is new of flights that were booked.</summary>
internal sealed class NotifyTravellersConsumer(NotificationsDbContext db, IBookingLinks links, TimeProvider clock)
    : IConsumer<BookingConfirmed>, IConsumer<BookingFailed>, IConsumer<BookingNews>, IConsumer<CancellationNews>, IConsumer<FlightStatusChanged>
{
    /// <summary>As long as the links in mails.</summary>
    private static readonly TimeSpan LinkStays = TimeSpan.FromDays(7);

    private const int CodeLength = 18;

    public Task Consume(ConsumeContext<BookingConfirmed> context) => TellAsync(context.Message.BookingId, PushWords.Of(context.Message), context.CancellationToken);

    public Task Consume(ConsumeContext<BookingFailed> context) => TellAsync(context.Message.BookingId, PushWords.Of(context.Message), context.CancellationToken);

    public Task Consume(ConsumeContext<BookingNews> context) => TellAsync(context.Message.BookingId, PushWords.Of(context.Message), context.CancellationToken);

    public Task Consume(ConsumeContext<CancellationNews> context) => TellAsync(context.Message.BookingId, PushWords.Of(context.Message), context.CancellationToken);

    public async Task Consume(ConsumeContext<FlightStatusChanged> context)
    {
        var (change, now) = (context.Message, context.Message.Now);
        var bookings = await db.BookedFlights.Where(row => row.FlightId == now.FlightId).OrderBy(row => row.BookingId).Select(row => row.BookingId).ToListAsync(context.CancellationToken);
        foreach (var bookingId in bookings)
        {
            // Versions may come in any order; what an older one said is in the newer one too, and compared with what was told.
            var row = await db.LockAsync<BookedFlight>(new object[] { bookingId, now.FlightId }, context.CancellationToken);
            if (row.Version >= change.Version)
            {
                continue;
            }

            var told = row.Told ?? change.Before;
            (row.Version, row.Told) = (change.Version, told);
            if (FlightNewsLetter.Matters(told, now))
            {
                row.Told = now;
                var canWait = now.State == FlightState.Scheduled ? (now.EstimatedOffBlock ?? now.ScheduledOffBlock) - FlightNewsLetter.OnTheWay : (DateTimeOffset?)null;
                await TellAsync(bookingId, PushWords.Of(told, now, change.At), context.CancellationToken, canWait);
            }
        }
    }

    /// <param name="canWait">UTC; quiet hours that end before hold it up, however urgent it is. Null: only what is not urgent waits.</param>
    private async Task TellAsync(Guid bookingId, PushNews news, CancellationToken cancellationToken, DateTimeOffset? canWait = null)
    {
        var now = clock.GetUtcNow();
        if (news.ExpiresAt <= now)
        {
            return;   // after days without a bus: nobody is woken for what is over
        }

        var preference = await Preference.ForAsync(db, bookingId, cancellationToken);
        if (preference?.Wants(PushWords.NoticeKindOf(news.Kind), Channel.Push) == false)
        {
            return;
        }

        var mayWait = !news.IsUrgent || canWait is not null;
        var quietEnd = mayWait && preference?.QuietEnd(now, null) is { } end && end < news.ExpiresAt && !(end >= canWait) ? end : (DateTimeOffset?)null;
        var owner = await db.FollowedBookings.Where(row => row.BookingId == bookingId).Select(row => row.Owner).SingleOrDefaultAsync(cancellationToken);
        var (ofBooking, ofOwner) = (PushScope.Of(bookingId), owner is null ? null : PushScope.Of(owner));
        var subscriptions = await db.PushSubscriptions.AsNoTracking().Where(row => row.Scope == ofBooking || row.Scope == ofOwner).ToListAsync(cancellationToken);
        // A browser may have subscribed for the booking and, signed in later, for all.
        foreach (var subscription in subscriptions.OrderBy(row => row.Id).DistinctBy(row => row.EndpointHash))
        {
            var (title, text) = news.Words(subscription.Language);
            var notice = new PushNotice
            {
                Id = Guid.CreateVersion7(now),
                Code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(CodeLength)),
                SubscriptionId = subscription.Id,
                Kind = news.Kind,
                Topic = Topic(subscription.Id, news.About),
                Title = title,
                Text = text,
                Path = $"/manage/{links.Code(bookingId, now + LinkStays)}",
                Language = subscription.Language,
                Urgency = news.IsUrgent ? "high" : "normal",
                At = now,
                ExpiresAt = news.ExpiresAt,
            };
            db.PushNotices.Add(notice);
            if (quietEnd is { } later)
            {
                db.Schedule(new SendPush(notice.Id, 1), later);
            }
            else
            {
                db.Publish(new SendPush(notice.Id, 1));
            }
        }
    }

    /// <summary>32 characters of base64url (RFC 8030, section 5.4), the same for the same subscription and matter; the push service learns no more.</summary>
    private static string Topic(Guid subscriptionId, string about) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"{subscriptionId} {about}")).AsSpan(..24));
}
