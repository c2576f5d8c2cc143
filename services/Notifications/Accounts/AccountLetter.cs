using System.Globalization;
using System.Text.Json;
using Aerona.Contracts.Users;
using Aerona.Notifications.Preferences;
using Aerona.Notifications.Sending;
using Aerona.Notifications.Templates;
using Aerona.Notifications.Texts;
using MassTransit;

namespace Aerona.Notifications.Accounts;

/// <summary>Tells somebody about his account. The kind of delivery and the address stay noted; the link does not.</summary>
internal sealed class AccountLetter(Stationery stationery) : Letter<SendAccountMail>
{
    public override string Name => "account";

    public override DueMail Due(SendAccountMail content) => new(
        $"account-{JsonNamingPolicy.KebabCaseLower.ConvertName(content.Kind.ToString())}", content.MailId, content.Email, content.At, NoticeKind.Account)
    {
        IsOfBooking = false,
        IsCritical = true,
        IsSecret = true,
        UselessAfter = content.ValidUntil,
    };

    protected override async Task<WrittenMail?> WriteAsync(SendAccountMail content, CancellationToken cancellationToken) => await stationery.WriteAsync(ContentOf(content));

    private MailContent ContentOf(SendAccountMail mail)
    {
        var texts = MailTexts.Of(mail.Locale);
        var (title, text, button) = texts.Account(mail.Kind);
        var (label, fact, detail) = mail.ValidUntil is { } until
            ? texts.AccountLink(until.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture))
            : IsWarning(mail.Kind) ? texts.AccountWarning($"{stationery.Home}/account/forgot") : texts.AccountNothingToDo;
        return new()
        {
            Language = texts.Language,
            Subject = $"Aerona: {char.ToLowerInvariant(title[0])}{title[1..]}",
            Preview = text,
            ReferenceLabel = "",
            Reference = "",
            Title = title,
            Paragraphs = [text],
            Button = mail.Path is { } path && button is not null ? new(button, stationery.Home + path) : null,
            Panel = new(label, fact, detail),
            Footer = [texts.SentForAccount],
        };
    }

    private static bool IsWarning(AccountMail kind) =>
        kind is AccountMail.PasswordChanged or AccountMail.SecondFactorAdded or AccountMail.SecondFactorRemoved or AccountMail.RecoveryCodeUsed or AccountMail.TokenReused;
}

/// <summary>Somebody is to be told about his account.</summary>
internal sealed class SendAccountMailConsumer(DueMails mails, AccountLetter letter) : IConsumer<SendAccountMail>
{
    public Task Consume(ConsumeContext<SendAccountMail> context) => mails.NoteAsync(letter, context.Message, context.CancellationToken);
}
