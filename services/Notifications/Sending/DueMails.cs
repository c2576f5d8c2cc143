using Aerona.Contracts.Notifications;
using Aerona.Messaging;
using Aerona.Notifications.Data;
using Aerona.Notifications.Mail;
using Aerona.Notifications.Preferences;

namespace Aerona.Notifications.Sending;

/// <summary>Notes mails that are due, in the transaction of the message that calls for them; they are sent by <see cref="SendDueMailConsumer"/>.</summary>
internal sealed class DueMails(NotificationsDbContext db, MailComposer composer, TimeProvider clock)
{
    /// <summary>Once for a booking, code and occasion, however often it is asked for.</summary>
    public async Task NoteAsync<T>(Letter<T> letter, T content, CancellationToken cancellationToken) where T : class
    {
        var due = letter.Due(content);
        var messageId = composer.MessageId(due.Code, due.BookingId, due.Occasion);
        if (await db.Deliveries.FindAsync([messageId], cancellationToken) is not null)
        {
            return;
        }

        var now = clock.GetUtcNow();
        db.Deliveries.Add(new()
        {
            MessageId = messageId,
            BookingId = due.BookingId,
            Kind = due.Code,
            Channel = Channel.Email,
            Recipient = due.Email,
            Subject = "",
            Refusal = null,
            At = now,
            NotedAt = now,
            Topic = due.Topic,
            TopicOrder = due.Order,
            Letter = letter.Name,
            Content = Letter<T>.Json(content),
        });
        db.Publish(new SendDueMail(messageId, 1));
    }
}

/// <summary>All letters by name.</summary>
internal sealed class Letters(IEnumerable<ILetter> all)
{
    private readonly Dictionary<string, ILetter> byName = all.ToDictionary(letter => letter.Name, StringComparer.Ordinal);

    public ILetter Of(string name) => byName[name];
}
