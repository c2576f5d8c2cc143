using Aerona.Contracts.Notifications;
using Aerona.Contracts.Operations;
using Aerona.Messaging;
using Aerona.Notifications.Data;
using Aerona.Notifications.Sending;
using Aerona.Persistence;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.FlightNews;

/// <summary>Takes Operations' answer to a new follower's question: the first mail says how the flight stands.</summary>
internal sealed class BeginFollowingConsumer(NotificationsDbContext db) : IConsumer<FlightStatusTold>
{
    public async Task Consume(ConsumeContext<FlightStatusTold> context)
    {
        var told = context.Message;
        if (await db.TryLockAsync<FlightSubscription>(told.SubscriptionId, context.CancellationToken) is not { State: SubscriptionState.Asked } row)
        {
            return;
        }

        if (told.Status is null)
        {
            row.State = SubscriptionState.FlightUnknown;
            return;
        }

        // A change that was heard of meanwhile may be newer than the answer.
        var (now, version) = row.Latest is { } newer && row.Version > told.Version ? (newer, row.Version) : (told.Status, told.Version);
        (row.State, row.Latest, row.Version) = (SubscriptionState.Following, now, version);
        db.Publish(new SendFlightNews(row.Id, null, now, version, told.At));
    }
}

/// <summary>Tells the followers of a flight what is new since their last mail, when it matters to them.</summary>
internal sealed class TellFollowersConsumer(NotificationsDbContext db) : IConsumer<FlightStatusChanged>
{
    public async Task Consume(ConsumeContext<FlightStatusChanged> context)
    {
        var (change, now) = (context.Message, context.Message.Now);
        var ids = await db.FlightSubscriptions
            .Where(row => row.FlightId == now.FlightId && (row.State == SubscriptionState.Asked || row.State == SubscriptionState.Following))
            .OrderBy(row => row.Id).Select(row => row.Id).ToListAsync(context.CancellationToken);
        foreach (var id in ids)
        {
            // Versions may come in any order; what an older one said is in the newer one too, and compared with what the follower was told.
            var row = await db.LockAsync<FlightSubscription>(id, context.CancellationToken);
            if (row.Version >= change.Version)
            {
                continue;
            }

            // Compared with what the follower was last mailed; what is queued tells how it stands when it is written.
            var known = row.Told ?? row.Latest;
            (row.Version, row.Latest) = (change.Version, now);
            if (row.State == SubscriptionState.Following && known is not null && FlightNewsLetter.Matters(known, now))
            {
                db.Publish(new SendFlightNews(row.Id, known, now, change.Version, change.At));
            }
        }
    }
}

/// <summary>There is news for one follower: a mail is due.</summary>
internal sealed class SendFlightNewsConsumer(NotificationsDbContext db, DueMails mails, FlightNewsLetter letter) : IConsumer<SendFlightNews>
{
    public async Task Consume(ConsumeContext<SendFlightNews> context)
    {
        if (await db.FlightSubscriptions.AsNoTracking().SingleOrDefaultAsync(row => row.Id == context.Message.SubscriptionId, context.CancellationToken)
            is { State: SubscriptionState.Following } subscription)
        {
            await mails.NoteAsync(letter, new(subscription.Email, context.Message), context.CancellationToken);
        }
    }
}
