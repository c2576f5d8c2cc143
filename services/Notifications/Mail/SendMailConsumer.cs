using Aerona.Contracts.Bookings;
using Aerona.Messaging;
using Aerona.Notifications.Data;

namespace Aerona.Notifications.Mail;

/// <summary>What became of a mail.</summary>
/// <param name="Delivery">Null when nobody had to be told.</param>
internal sealed record MailAnswer(MailOutcome? Delivery);

/// <summary>See <see cref="Data.Delivery"/>.</summary>
internal sealed record MailOutcome(string MessageId, string Kind, string Recipient, string Subject, string? Refusal, DateTimeOffset At);

/// <summary>
/// Sends the mail that an event calls for, once for a booking, kind and occasion: note, send, record. Killed in between it is sent again under the same Message-ID with
/// the same bytes. A mail server or file store that does not answer is thrown, so that the event comes again.
/// </summary>
internal abstract class SendMailConsumer<TEvent>(MailComposer composer, IMailer mailer, TimeProvider clock) : EffectConsumer<TEvent, MailAnswer, NotificationsDbContext>
    where TEvent : class
{
    /// <summary>The mail, or null when this event is not for the traveller.</summary>
    protected abstract Task<Mail?> ComposeAsync(TEvent happened, CancellationToken cancellationToken);

    protected abstract Guid BookingId(TEvent happened);

    protected abstract string Kind(TEvent happened);

    /// <summary>False for a mail that belongs to no booking: no booking's timeline hears of it.</summary>
    protected virtual bool IsOfBooking => true;

    /// <summary>See <see cref="Mail.Occasion"/>.</summary>
    protected virtual string? Occasion(TEvent happened) => null;

    protected sealed override string Key(TEvent command) => $"mail/{Kind(command)}/{BookingId(command)}{(Occasion(command) is { } occasion ? $"/{occasion}" : "")}";

    // Nothing takes back a mail that is due.
    protected sealed override MailAnswer ClosedAnswer(TEvent command) => new(Delivery: null);

    protected sealed override bool IsFinal(MailAnswer answer) => true;

    protected sealed override async Task<MailAnswer> CallAsync(TEvent command, EffectIntent intent, CancellationToken cancellationToken)
    {
        if (await ComposeAsync(command, cancellationToken) is not { } mail)
            return new(Delivery: null);

        var outcome = new MailOutcome(composer.MessageId(mail.Kind, mail.BookingId, mail.Occasion), mail.Kind, mail.Email, mail.Subject, null, clock.GetUtcNow());
        if (composer.TryCompose(mail) is not { } message)
            return new(outcome with { Refusal = "mail.address_invalid" });

        try
        {
            using (message)
                await mailer.SendAsync(message, cancellationToken);

            return new(outcome);
        }
        catch (MailRefusedException refused)
        {
            return new(outcome with { Refusal = refused.Code });
        }
    }

    protected sealed override async Task RecordAsync(NotificationsDbContext db, TEvent command, MailAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.Delivery is not { } outcome || await db.Deliveries.FindAsync([outcome.MessageId], cancellationToken) is not null)
            return;

        db.Deliveries.Add(new()
        {
            MessageId = outcome.MessageId,
            BookingId = BookingId(command),
            Kind = outcome.Kind,
            Recipient = outcome.Recipient,
            Subject = outcome.Subject,
            Refusal = outcome.Refusal,
            At = outcome.At,
        });
        if (IsOfBooking)
            db.Publish(new BookingNoted(BookingId(command), outcome.Refusal is null ? "mail.sent" : "mail.refused", outcome.At, outcome.MessageId));
    }
}
