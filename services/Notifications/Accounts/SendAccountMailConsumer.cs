using Aerona.Contracts.Users;
using Aerona.Notifications.Mail;
using Aerona.Notifications.Templates;
using Microsoft.Extensions.Options;

namespace Aerona.Notifications.Accounts;

/// <summary>Mails somebody about his account. The kind of delivery and the address are noted; the link is not.</summary>
internal sealed class SendAccountMailConsumer(MailComposer composer, IMailer mailer, MailTemplates templates, IOptions<MailOptions> options, TimeProvider clock)
    : SendMailConsumer<SendAccountMail>(composer, mailer, clock)
{
    protected override bool IsOfBooking => false;

    protected override Guid BookingId(SendAccountMail happened) => happened.MailId;

    protected override string Kind(SendAccountMail happened) => $"account-{System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(happened.Kind.ToString())}";

    protected override async Task<Mail.Mail?> ComposeAsync(SendAccountMail happened, CancellationToken cancellationToken)
    {
        var content = AccountNotice.Of(happened, options.Value.PublicBaseUrl);
        return new(Kind(happened), happened.MailId, happened.Email, null, happened.At, content.Subject, await templates.RenderAsync<NoticeMail>(content), content.ToText(), [])
        {
            Language = content.Language,
        };
    }
}
