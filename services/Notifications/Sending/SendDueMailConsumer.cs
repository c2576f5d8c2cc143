using Aerona.Contracts.Bookings;
using Aerona.Contracts.Notifications;
using Aerona.Messaging;
using Aerona.Notifications.Data;
using Aerona.Notifications.Mail;
using Aerona.Notifications.Preferences;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Notifications.Sending;

/// <summary>What became of one try.</summary>
/// <param name="State">Null: it was no longer due.</param>
/// <param name="Refusal">See <see cref="Delivery.Refusal"/>.</param>
/// <param name="At">UTC.</param>
/// <param name="Subject">Null when it was not written.</param>
/// <param name="Again">UTC, the end of the quiet hours; null when it is not deferred by them.</param>
/// <param name="Memo">See <see cref="WrittenMail.Memo"/>.</param>
internal sealed record MailAnswer(DeliveryState? State, string? Refusal, DateTimeOffset At, string? Subject = null, DateTimeOffset? Again = null, string? Memo = null);

/// <summary>
/// Sends one mail that is due: decide (is it wanted, now, still?), write and send with no transaction open, note what became of it. What a server did not take is tried
/// again with growing pauses; each try is a message of its own.
/// </summary>
internal sealed class SendDueMailConsumer(IServiceScopeFactory scopes, Letters letters, MailComposer composer, IMailer mailer, IOptions<MailOptions> options, TimeProvider clock)
    : EffectConsumer<SendDueMail, MailAnswer, NotificationsDbContext>
{
    /// <summary>Longer than the mailer's own limits and a turn at one of its connections.</summary>
    protected override TimeSpan CallLimit => TimeSpan.FromMinutes(2);

    protected override string Key(SendDueMail command) => $"mail/{command.MessageId}/{command.Attempt}";

    protected override MailAnswer ClosedAnswer(SendDueMail command) => new(null, null, clock.GetUtcNow());

    protected override bool IsFinal(MailAnswer answer) => true;

    protected override async Task<Noted<MailAnswer>> NoteAsync(NotificationsDbContext db, SendDueMail command, CancellationToken cancellationToken)
    {
        if (await db.TryLockAsync<Delivery>(command.MessageId, cancellationToken) is not { Content: { } content, Letter: { } letter } row || !IsDue(row, command))
        {
            return new Noted<MailAnswer>.Known(ClosedAnswer(command));
        }

        return await DecideAsync(db, row, letters.Of(letter).Due(content), cancellationToken) is { } not
            ? new Noted<MailAnswer>.Known(not)
            : await base.NoteAsync(db, command, cancellationToken);
    }

    protected override async Task<MailAnswer> CallAsync(SendDueMail command, EffectIntent intent, CancellationToken cancellationToken)
    {
        var row = await DeliveryAsync(command, cancellationToken);
        var letter = letters.Of(row.Letter!);
        if (await letter.WriteAsync(row.Content!, cancellationToken) is not { } written)
        {
            return new(DeliveryState.Suppressed, "mail.nothing_new", clock.GetUtcNow());
        }

        var due = letter.Due(row.Content!);
        MailAnswer Answer(DeliveryState state, string? refusal) => new(state, refusal, clock.GetUtcNow(), written.Subject, null, written.Memo);
        var mail = new OutgoingMail(row.MessageId, row.Recipient, written.Name, row.Date ?? due.At, written.Subject, written.Html, written.Text, written.Attachments)
        {
            Language = written.Language,
            Unsubscribe = written.Unsubscribe,
        };
        if (composer.TryCompose(mail) is not { } message)
        {
            return Answer(DeliveryState.Failed, "mail.address_invalid");
        }

        try
        {
            using (message)
            {
                await mailer.SendAsync(message, cancellationToken);
            }

            return Answer(DeliveryState.Sent, null);
        }
        catch (MailRefusedException refused)
        {
            return Answer(DeliveryState.Failed, refused.Code);
        }
        catch (MailAnswerLostException) when (!due.MustArrive)
        {
            return Answer(DeliveryState.Sent, MailAnswerLostException.Code);
        }
        catch (MailAnswerLostException)
        {
            return Answer(DeliveryState.Deferred, MailAnswerLostException.Code);
        }
        catch (MailDelayedException delayed)
        {
            return Answer(DeliveryState.Deferred, delayed.Code);
        }
    }

    /// <summary>A process died while it sent: it may have been taken.</summary>
    protected override async Task<MailAnswer> RecoverAsync(SendDueMail command, EffectIntent intent, CancellationToken cancellationToken)
    {
        var row = await DeliveryAsync(command, cancellationToken);
        return letters.Of(row.Letter!).Due(row.Content!).MustArrive
            ? await CallAsync(command, intent, cancellationToken)
            : new(DeliveryState.Sent, MailAnswerLostException.Code, clock.GetUtcNow());
    }

    protected override async Task RecordAsync(NotificationsDbContext db, SendDueMail command, MailAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.State is not { } state || await db.TryLockAsync<Delivery>(command.MessageId, cancellationToken) is not { } row || !IsDue(row, command))
        {
            return;
        }

        var (letter, content) = (letters.Of(row.Letter!), row.Content!);
        var due = letter.Due(content);
        if (answer.Refusal == MailAnswerLostException.Code && row.Refusal == answer.Refusal)
        {
            state = DeliveryState.Sent;   // twice without an answer: two copies are enough
        }

        (row.State, row.Refusal, row.At, row.Subject, row.DueAt) = (state, answer.Refusal, answer.At, answer.Subject ?? row.Subject, null);
        if (state == DeliveryState.Deferred)
        {
            Defer(db, row, due, answer);
        }

        if (row.State == DeliveryState.Sent)
        {
            await letter.SentAsync(db, content, answer.Memo, cancellationToken);
        }

        if (row.State != DeliveryState.Deferred && due.IsSecret)
        {
            row.Content = null;
        }

        if (due.IsOfBooking && row.State is DeliveryState.Sent or DeliveryState.Failed)
        {
            db.Publish(new BookingNoted(row.BookingId, row.State == DeliveryState.Sent ? "mail.sent" : "mail.refused", row.At, row.MessageId));
        }
    }

    /// <summary>Null: send it. What is sent again by staff is not asked.</summary>
    private async Task<MailAnswer?> DecideAsync(NotificationsDbContext db, Delivery row, DueMail due, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (now >= due.UselessAfter)
        {
            return new(DeliveryState.Suppressed, "mail.too_late", now);
        }

        if (row.ResendOf is not null)
        {
            return null;
        }

        if (due.MayBeOvertaken && await db.Deliveries.AnyAsync(
            other => other.Topic == row.Topic && other.TopicOrder > row.TopicOrder && other.State != DeliveryState.Suppressed, cancellationToken))
        {
            return new(DeliveryState.Suppressed, "mail.overtaken", now);
        }

        if (await Preference.ForAsync(db, row.BookingId, cancellationToken) is not { } preference)
        {
            return null;
        }

        if (!preference.Wants(due.Kind, Channel.Email))
        {
            return new(DeliveryState.Suppressed, "mail.not_wanted", now);
        }

        return due.IsCritical || preference.QuietEnd(now, due.Zone) is not { } end || end >= due.NeededBy || end >= due.UselessAfter
            ? null
            : new(DeliveryState.Deferred, "mail.quiet_hours", now, null, end);
    }

    private void Defer(NotificationsDbContext db, Delivery row, DueMail due, MailAnswer answer)
    {
        if (answer.Again is { } end)
        {
            row.Date = end;   // else it would stand among yesterday's mails
        }
        else
        {
            row.Failures++;
        }

        var at = answer.Again ?? answer.At + options.Value.PauseAfter(row.Failures, row.MessageId);
        if (answer.Again is null && at > row.NotedAt + options.Value.GiveUpAfter)
        {
            row.State = DeliveryState.Failed;
            return;
        }

        row.DueAt = at;
        row.Attempt++;
        db.Schedule(new SendDueMail(row.MessageId, row.Attempt), at);
    }

    private static bool IsDue(Delivery row, SendDueMail command) => row.State is DeliveryState.Due or DeliveryState.Deferred && row.Attempt == command.Attempt;

    private async Task<Delivery> DeliveryAsync(SendDueMail command, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<NotificationsDbContext>().Deliveries.AsNoTracking()
            .SingleAsync(row => row.MessageId == command.MessageId, cancellationToken);
    }
}
