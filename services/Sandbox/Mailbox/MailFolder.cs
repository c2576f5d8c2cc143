using System.Text.RegularExpressions;
using MimeKit;

namespace Aerona.Sandbox.Mailbox;

/// <summary>A mail in the folder.</summary>
/// <param name="Id">Its file's name without the ending.</param>
/// <param name="From">As shown: name and address.</param>
/// <param name="To">Addresses alone, separated by a comma.</param>
/// <param name="Subject">Decoded.</param>
/// <param name="At">The Date header, UTC.</param>
/// <param name="File">Full path.</param>
internal sealed record MailSummary(string Id, string From, string To, string Subject, DateTimeOffset At, string File);

/// <summary>The <c>.eml</c> files that the embedded mailer leaves in <c>{Data:Folder}/mail</c>: read only, by nobody's leave but the developer's.</summary>
internal sealed partial class MailFolder(IConfiguration configuration)
{
    /// <summary>Most mails that a list shows.</summary>
    public const int Most = 200;

    private readonly string folder = Path.GetFullPath(Path.Combine(configuration["Data:Folder"] ?? "data", "mail"));

    /// <summary>The newest first, at most <see cref="Most"/>; of one recipient if that is given, letter case aside.</summary>
    public async Task<List<MailSummary>> ListAsync(string? to, CancellationToken cancellationToken)
    {
        List<MailSummary> mails = [];
        if (!Directory.Exists(folder))
            return mails;

        // Names start with the date and time in UTC.
        foreach (var file in Directory.EnumerateFiles(folder, "*.eml").OrderByDescending(Path.GetFileName, StringComparer.Ordinal))
        {
            var mail = await SummaryAsync(file, cancellationToken);
            if (string.IsNullOrWhiteSpace(to) || mail.To.Split(", ").Contains(to.Trim(), StringComparer.OrdinalIgnoreCase))
                mails.Add(mail);

            if (mails.Count == Most)
                break;
        }

        return mails;
    }

    /// <summary>The whole mail, or null when there is none of that id.</summary>
    public async Task<MimeMessage?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (PathOf(id) is not { } file)
            return null;

        await using var stream = File.OpenRead(file);
        return await MimeMessage.LoadAsync(stream, cancellationToken);
    }

    /// <summary>Where the mail lies, or null when there is none of that id.</summary>
    public string? PathOf(string id) => Ids().IsMatch(id) && Path.Combine(folder, $"{id}.eml") is var file && File.Exists(file) ? file : null;

    private static async Task<MailSummary> SummaryAsync(string file, CancellationToken cancellationToken)
    {
        var id = Path.GetFileNameWithoutExtension(file);
        await using var stream = File.OpenRead(file);
        try
        {
            using var message = new MimeMessage(await HeaderList.LoadAsync(stream, cancellationToken));
            return new(
                id, message.From.ToString(), string.Join(", ", message.To.Mailboxes.Select(mailbox => mailbox.Address)), message.Subject ?? "", message.Date.ToUniversalTime(), file);
        }
        catch (FormatException problem)
        {
            return new(id, "", "", $"This file is not a mail: {problem.Message}", new(File.GetLastWriteTimeUtc(file)), file);
        }
    }

    // No dot at the start and no separator at all, so an id cannot lead out of the folder.
    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,199}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Ids();
}
