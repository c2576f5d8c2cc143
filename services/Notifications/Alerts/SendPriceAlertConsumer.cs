using System.Globalization;
using Aerona.Contracts.Notifications;
using Aerona.Notifications.Mail;
using Aerona.Notifications.Templates;
using Microsoft.Extensions.Options;

namespace Aerona.Notifications.Alerts;

/// <summary>Mails that a watched price has fallen, once for an alert and day.</summary>
internal sealed class SendPriceAlertConsumer(MailComposer composer, IMailer mailer, MailTemplates templates, IOptions<MailOptions> options, TimeProvider clock)
    : SendMailConsumer<SendPriceAlert>(composer, mailer, clock)
{
    protected override bool IsOfBooking => false;

    protected override Guid BookingId(SendPriceAlert happened) => happened.AlertId;

    protected override string Kind(SendPriceAlert happened) => "price-alert";

    protected override string Occasion(SendPriceAlert happened) => happened.On.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    protected override async Task<Mail.Mail?> ComposeAsync(SendPriceAlert happened, CancellationToken cancellationToken)
    {
        var home = options.Value.PublicBaseUrl;
        var content = PriceAlertNotice.Of(happened, home);
        return new(Kind(happened), happened.AlertId, happened.Email, null, happened.At, content.Subject, await templates.RenderAsync<NoticeMail>(content), content.ToText(), [])
        {
            Occasion = Occasion(happened),
            Language = content.Language,
            Unsubscribe = home + happened.EndPath,
        };
    }
}
