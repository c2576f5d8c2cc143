using System.Globalization;
using Aerona.Contracts.Notifications;
using Aerona.Contracts.Operations;
using Aerona.Messaging;
using Aerona.Notifications.Data;
using Aerona.Notifications.Mail;
using Aerona.Notifications.Templates;
using Aerona.Persistence;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

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
        var (now, version) = row.Told is { } newer && row.Version > told.Version ? (newer, row.Version) : (told.Status, told.Version);
        (row.State, row.Told, row.Version) = (SubscriptionState.Following, now, version);
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

            row.Version = change.Version;
            if (row.State == SubscriptionState.Asked)
            {
                row.Told = now;
            }
            else if (row is { State: SubscriptionState.Following, Told: { } told } && FlightNewsNotice.Matters(told, now))
            {
                row.Told = now;
                db.Publish(new SendFlightNews(row.Id, told, now, change.Version, change.At));
            }
        }
    }
}

/// <summary>Mails one follower.</summary>
internal sealed class SendFlightNewsConsumer(
    MailComposer composer, IMailer mailer, MailTemplates templates, IServiceScopeFactory scopes, IOptions<MailOptions> options, TimeProvider clock)
    : SendMailConsumer<SendFlightNews>(composer, mailer, clock)
{
    protected override bool IsOfBooking => false;

    protected override Guid BookingId(SendFlightNews happened) => happened.SubscriptionId;

    protected override string Kind(SendFlightNews happened) => happened.Told is null ? "flight-following" : "flight-news";

    // Whoever ends it and begins again gets a first mail again.
    protected override string Occasion(SendFlightNews happened) =>
        string.Create(CultureInfo.InvariantCulture, $"{happened.Version}t{happened.At.UtcDateTime:yyyyMMddHHmmss}");

    protected override async Task<Mail.Mail?> ComposeAsync(SendFlightNews happened, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<NotificationsDbContext>();
        if (await db.FlightSubscriptions.AsNoTracking().SingleOrDefaultAsync(row => row.Id == happened.SubscriptionId, cancellationToken)
            is not { State: SubscriptionState.Following } subscription)
        {
            return null;   // ended meanwhile
        }

        var end = $"{options.Value.PublicBaseUrl}/flight-news/{subscription.Code}";
        var content = FlightNewsNotice.Of(happened.Told, happened.Now, subscription.Language, end);
        return new(
            Kind(happened), happened.SubscriptionId, subscription.Email, null, happened.At, content.Subject, await templates.RenderAsync<NoticeMail>(content), content.ToText(), [])
        {
            Occasion = Occasion(happened),
            Language = content.Language,
            Unsubscribe = end,
        };
    }
}
