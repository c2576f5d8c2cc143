using Aerona.Contracts.Bookings;
using Aerona.Notifications.Mail;
using Aerona.Notifications.Templates;

namespace Aerona.Notifications.Notices;

/// <summary>Tells the traveller that the booking ended without a purchase, why, and where the money stands.</summary>
internal sealed class SendFailureConsumer(MailComposer composer, IMailer mailer, MailTemplates templates, TimeProvider clock)
    : SendMailConsumer<BookingFailed>(composer, mailer, clock)
{
    protected override Guid BookingId(BookingFailed happened) => happened.BookingId;

    protected override string Kind(BookingFailed happened) => "booking-failed";

    protected override async Task<Mail.Mail?> ComposeAsync(BookingFailed happened, CancellationToken cancellationToken)
    {
        var content = FailureNotice.Of(happened);
        return new(
            Kind(happened), happened.BookingId, happened.Contact.Email, null, happened.FailedAt, content.Subject, await templates.RenderAsync<NoticeMail>(content), content.ToText(), []);
    }
}
