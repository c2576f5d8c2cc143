using System.ComponentModel.DataAnnotations;
using Aerona.Files;
using MimeKit;

namespace Aerona.Notifications.Mail;

/// <summary>Hands a mail over: to an SMTP server distributed, to a folder embedded.</summary>
internal interface IMailer
{
    /// <summary>
    /// Returns once it was taken. The same message again has the same Message-ID and bytes. What may pass (no connection, a wrong password, a server that is busy)
    /// is thrown as what it is, so that the mail comes again.
    /// </summary>
    /// <exception cref="MailRefusedException">It will never be taken.</exception>
    Task SendAsync(MimeMessage message, CancellationToken cancellationToken);
}

/// <summary>The server will not take this mail, now or later.</summary>
internal sealed class MailRefusedException(string code, Exception inner) : Exception(inner.Message, inner)
{
    /// <summary>Stable: <c>mail.rejected</c>, <c>mail.address_unsupported</c>.</summary>
    public string Code => code;
}

/// <summary>How mails leave.</summary>
internal sealed class MailOptions
{
    /// <summary>The sender's address; its domain is also that of the Message-IDs.</summary>
    [Required, EmailAddress] public string From { get; init; } = "bookings@aerona.example";

    /// <summary><c>PublicBaseUrl</c>: what links in mails start with, without a slash at the end.</summary>
    [Required, Url] public string PublicBaseUrl { get; set; } = "http://localhost:5080";
}

/// <summary>The folder that mails are put into.</summary>
internal sealed class MailFolderOptions
{
    /// <summary>Holds <c>mail/</c>.</summary>
    [Required] public string Folder { get; set; } = "data";
}

/// <summary>
/// Writes each mail to <c>{Data:Folder}/mail</c>, named by its date, kind and booking: the same mail again is the same file, and sorted by name they are sorted by
/// time.
/// </summary>
internal sealed class EmlMailer(Microsoft.Extensions.Options.IOptions<MailFolderOptions> options) : IMailer
{
    public async Task SendAsync(MimeMessage message, CancellationToken cancellationToken)
    {
        var id = message.MessageId ?? throw new ArgumentException("a mail without a Message-ID could not be recognised when it is repeated", nameof(message));
        var name = $"{message.Date.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-{id.Split('@')[0]}.eml";
        using var bytes = new MemoryStream();
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        format.International = message.To.Mailboxes.Any(mailbox => mailbox.IsInternational);
        await message.WriteToAsync(format, bytes, cancellationToken);
        await AtomicFile.WriteAsync(Path.Combine(options.Value.Folder, "mail", name), bytes.ToArray(), cancellationToken);
    }
}
