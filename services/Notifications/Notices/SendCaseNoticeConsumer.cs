using Aerona.Contracts.Bookings;
using Aerona.Notifications.Data;
using Aerona.Notifications.Mail;
using Aerona.Notifications.Templates;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Notices;

/// <summary>Tells the traveller that a person looks after the booking, where that is worth a mail.</summary>
internal sealed class SendCaseNoticeConsumer(NotificationsDbContext recipients, MailComposer composer, IMailer mailer, MailTemplates templates, TimeProvider clock)
    : SendMailConsumer<BookingCaseOpened>(composer, mailer, clock)
{
    protected override Guid BookingId(BookingCaseOpened happened) => happened.BookingId;

    protected override string Kind(BookingCaseOpened happened) => $"case-{happened.Kind}";

    protected override async Task<Mail.Mail?> ComposeAsync(BookingCaseOpened happened, CancellationToken cancellationToken)
    {
        if (CaseNotice.Of(happened, locator: "") is null)
            return null;

        // The booking's start crosses this event only in a storm of repeats: thrown, the event comes again after it.
        var recipient = await recipients.Recipients.AsNoTracking().SingleOrDefaultAsync(row => row.BookingId == happened.BookingId, cancellationToken)
            ?? throw new InvalidOperationException($"whom booking {happened.BookingId} belongs to is not known yet");
        var content = CaseNotice.Of(happened, recipient.Locator)!;
        return new(
            Kind(happened), happened.BookingId, recipient.Email, null, happened.OpenedAt, content.Subject, await templates.RenderAsync<NoticeMail>(content), content.ToText(), []);
    }
}
