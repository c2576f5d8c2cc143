using System.Globalization;
using System.Text.Json;
using Aerona.Contracts.Bookings;
using Aerona.Hosting;
using Aerona.Notifications.Mail;
using Aerona.Notifications.Templates;
using Microsoft.Extensions.Options;

namespace Aerona.Notifications.News;

/// <summary>Tells the traveller what should be known or done while the booking is under way, once for each piece of news.</summary>
internal sealed class SendNewsConsumer(
    MailComposer composer, IMailer mailer, MailTemplates templates, IBookingLinks links, IOptions<MailOptions> options, TimeProvider clock)
    : SendMailConsumer<BookingNews>(composer, mailer, clock)
{
    /// <summary>At least as long the link shows how the booking goes; as long as a guest's token.</summary>
    private static readonly TimeSpan LinkStays = TimeSpan.FromDays(7);

    private readonly TimeProvider _clock = clock;

    protected override Guid BookingId(BookingNews happened) => happened.BookingId;

    protected override string Kind(BookingNews happened) => $"news-{JsonNamingPolicy.KebabCaseLower.ConvertName(happened.Kind.ToString())}";

    // The same may happen twice: another new price, another payment that failed.
    protected override string Occasion(BookingNews happened) => happened.At.UtcDateTime.ToString("yyyyMMddHHmmssfffffff", CultureInfo.InvariantCulture);

    protected override async Task<Mail.Mail?> ComposeAsync(BookingNews happened, CancellationToken cancellationToken)
    {
        // After days without a mail server: nobody is asked to do what is too late. How it ended is told by a mail of its own.
        if (happened.Until <= _clock.GetUtcNow())
            return null;

        var least = happened.At + LinkStays;
        var until = happened.Until > least ? happened.Until.Value : least;
        var content = NewsNotice.Of(happened, $"{options.Value.PublicBaseUrl}/manage/{links.Code(happened.BookingId, until)}");
        return new(
            Kind(happened), happened.BookingId, happened.Contact.Email, null, happened.At, content.Subject, await templates.RenderAsync<NoticeMail>(content), content.ToText(), [])
        {
            Occasion = Occasion(happened),
            Language = content.Language,
        };
    }
}
