using System.Globalization;
using System.Text.Json;
using Aerona.Contracts.Cancellations;
using Aerona.Hosting;
using Aerona.Notifications.Mail;
using Aerona.Notifications.Templates;
using Microsoft.Extensions.Options;

namespace Aerona.Notifications.Cancellations;

/// <summary>Tells the traveller what became of a cancellation, once for each piece of news.</summary>
internal sealed class SendCancellationNewsConsumer(
    MailComposer composer, IMailer mailer, MailTemplates templates, IBookingLinks links, IOptions<MailOptions> options, TimeProvider clock)
    : SendMailConsumer<CancellationNews>(composer, mailer, clock)
{
    /// <summary>At least as long the link shows the booking; as long as a guest's token.</summary>
    private static readonly TimeSpan LinkStays = TimeSpan.FromDays(7);

    private readonly TimeProvider _clock = clock;

    protected override Guid BookingId(CancellationNews happened) => happened.BookingId;

    protected override string Kind(CancellationNews happened) => $"cancellation-{JsonNamingPolicy.KebabCaseLower.ConvertName(happened.Kind.ToString())}";

    // A booking may be cancelled part by part.
    protected override string Occasion(CancellationNews happened) => happened.At.UtcDateTime.ToString("yyyyMMddHHmmssfffffff", CultureInfo.InvariantCulture);

    protected override async Task<Mail.Mail?> ComposeAsync(CancellationNews happened, CancellationToken cancellationToken)
    {
        // After days without a mail server: a quote that has expired is worth nothing.
        if (happened.Kind == CancellationNewsKind.QuoteReady && happened.Until <= _clock.GetUtcNow())
            return null;

        var content = CancellationNotice.Of(happened, $"{options.Value.PublicBaseUrl}/manage/{links.Code(happened.BookingId, happened.At + LinkStays)}");
        return new(
            Kind(happened), happened.BookingId, happened.Contact.Email, null, happened.At, content.Subject, await templates.RenderAsync<NoticeMail>(content), content.ToText(), [])
        {
            Occasion = Occasion(happened),
            Language = content.Language,
        };
    }
}
