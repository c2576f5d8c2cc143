using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using Aerona.Files;
using MimeKit;

namespace Aerona.Notifications.Mail;

/// <summary>Hands a mail over: to an SMTP server distributed, to a folder embedded.</summary>
internal interface IMailer
{
    /// <summary>Returns once it was taken. The same message again has the same Message-ID and bytes.</summary>
    /// <exception cref="MailRefusedException">It will never be taken.</exception>
    /// <exception cref="MailDelayedException">It was not taken, and may be later.</exception>
    /// <exception cref="MailAnswerLostException">It may have been taken or not.</exception>
    Task SendAsync(MimeMessage message, CancellationToken cancellationToken);
}

/// <summary>The server will not take this mail, now or later.</summary>
internal sealed class MailRefusedException(string code, Exception inner) : Exception(inner.Message, inner)
{
    /// <summary>Stable: <c>mail.rejected</c>, <c>mail.address_unsupported</c>.</summary>
    public string Code => code;
}

/// <summary>No connection, a server that is busy, a wrong password: what may pass or is ours to put right.</summary>
internal sealed class MailDelayedException(string code, string message, Exception inner) : IOException(message, inner)
{
    /// <summary>Stable: <c>mail.server_unreachable</c>, <c>mail.server_busy</c>, <c>mail.login_refused</c>, <c>mail.certificate_untrusted</c>.</summary>
    public string Code => code;
}

/// <summary>The whole message had been handed over, and the answer did not come: SMTP has no way to ask for it.</summary>
internal sealed class MailAnswerLostException(Exception inner) : IOException(inner.Message, inner)
{
    public const string Code = "mail.answer_lost";
}

/// <summary>How mails leave; section <c>Mail</c>.</summary>
internal sealed class MailOptions
{
    /// <summary>The sender's address; its domain is also that of the Message-IDs.</summary>
    [Required, EmailAddress] public string From { get; init; } = "bookings@aerona.example";

    /// <summary>After a mail was not taken for the first time; each pause is three times the one before.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>No pause is longer.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan LongestPause { get; init; } = TimeSpan.FromHours(2);

    /// <summary>After it became due; what was not taken until then has failed.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "14.00:00:00")] public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromDays(3);

    /// <summary>How long staff can have a mail sent again; what it is written from is deleted after that.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "1000.00:00:00")] public TimeSpan KeptFor { get; init; } = TimeSpan.FromDays(400);

    /// <summary><c>PublicBaseUrl</c>: what links in mails start with, without a slash at the end.</summary>
    [Required, Url] public string PublicBaseUrl { get; set; } = "http://localhost:5080";

    /// <summary>After so many tries, from 1; up to a fifth longer by the mail's id, so that what failed together does not come back together.</summary>
    public TimeSpan PauseAfter(int failures, string messageId)
    {
        var pause = Math.Min(FirstPause.TotalSeconds * Math.Pow(3, Math.Min(failures, 30) - 1), LongestPause.TotalSeconds);
        var spread = SHA256.HashData(Encoding.UTF8.GetBytes(messageId))[0] / 255.0 / 5;
        return TimeSpan.FromSeconds(pause * (1 + spread));
    }
}

/// <summary>The folder that mails are put into.</summary>
internal sealed class MailFolderOptions
{
    /// <summary>Holds <c>mail/</c>.</summary>
    [Required] public string Folder { get; set; } = "data";
}

/// <summary>
/// Writes each mail to <c>{Data:Folder}/mail</c>, named by its date, kind and booking: the same mail again is the same file, and sorted by name they are sorted by
/// time. A disk that is full is a failure as any other: the message comes again.
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
