using System.Text.Json;
using Aerona.Notifications.Data;
using Aerona.Notifications.Mail;
using Aerona.Notifications.Preferences;

namespace Aerona.Notifications.Sending;

/// <summary>What is known of a mail before it is written.</summary>
/// <param name="Code">Stable code of the delivery: lower-case letters, digits and hyphens.</param>
/// <param name="BookingId">The booking; else what it is about.</param>
/// <param name="Email">One address.</param>
/// <param name="At">UTC; when it happened. The mail's date.</param>
/// <param name="Kind">What travellers choose it by.</param>
internal sealed record DueMail(string Code, Guid BookingId, string Email, DateTimeOffset At, NoticeKind Kind)
{
    /// <summary>Where a booking may get several mails of a kind, what tells them apart: letters and digits. Null: it gets one.</summary>
    public string? Occasion { get; init; }

    /// <summary>False for a mail that belongs to no booking: no booking's timeline hears of it.</summary>
    public bool IsOfBooking { get; init; } = true;

    /// <summary>Goes out in quiet hours too.</summary>
    public bool IsCritical { get; init; }

    /// <summary>UTC; quiet hours that last longer do not hold it up. Null: it can wait.</summary>
    public DateTimeOffset? NeededBy { get; init; }

    /// <summary>UTC; later it is of no use. Null: it always is.</summary>
    public DateTimeOffset? UselessAfter { get; init; }

    /// <summary>IANA zone where the journey begins; null when not known.</summary>
    public string? Zone { get; init; }

    /// <summary>See <see cref="Delivery.Topic"/>.</summary>
    public string? Topic { get; init; }

    /// <summary>See <see cref="Delivery.TopicOrder"/>.</summary>
    public long Order { get; init; }

    /// <summary>A newer one of the topic makes this one useless.</summary>
    public bool MayBeOvertaken { get; init; }

    /// <summary>
    /// Whoever does not get it is worse off than whoever gets it twice: when the server's answer is lost it is sent again, under the same Message-ID and byte for byte.
    /// Others are not.
    /// </summary>
    public bool MustArrive { get; init; } = true;

    /// <summary>Holds a link that lets its reader act: what it was written from is forgotten when it is sent, and it is never sent again.</summary>
    public bool IsSecret { get; init; }
}

/// <summary>A mail as written.</summary>
/// <param name="Name">The recipient's, as typed; null when not known.</param>
/// <param name="Subject">One line.</param>
/// <param name="Html">A whole document.</param>
/// <param name="Text">Plain text, lines ending in \n.</param>
/// <param name="Language">BCP 47.</param>
/// <param name="Attachments">May be empty.</param>
internal sealed record WrittenMail(string? Name, string Subject, string Html, string Text, string Language, IReadOnlyList<Attachment> Attachments)
{
    /// <summary>Where a POST ends mails like this one (RFC 8058); null where there is nothing to end.</summary>
    public string? Unsubscribe { get; init; }

    /// <summary>Handed to <see cref="ILetter.SentAsync"/>.</summary>
    public string? Memo { get; init; }
}

/// <summary>One kind of mail: what is known of it, and how it is written.</summary>
internal interface ILetter
{
    /// <summary>Stable.</summary>
    string Name { get; }

    DueMail Due(string content);

    /// <summary>The mail, or null when it tells nothing any more. What cannot be had now (a document) is thrown.</summary>
    Task<WrittenMail?> WriteAsync(string content, CancellationToken cancellationToken);

    /// <summary>In the transaction that notes that it was sent.</summary>
    Task SentAsync(NotificationsDbContext db, string content, string? memo, CancellationToken cancellationToken);
}

/// <inheritdoc/>
/// <typeparam name="T">What it is written from; kept as JSON.</typeparam>
internal abstract class Letter<T> : ILetter where T : class
{
    public abstract string Name { get; }

    public abstract DueMail Due(T content);

    protected abstract Task<WrittenMail?> WriteAsync(T content, CancellationToken cancellationToken);

    protected virtual Task SentAsync(NotificationsDbContext db, T content, string? memo, CancellationToken cancellationToken) => Task.CompletedTask;

    public static string Json(T content) => JsonSerializer.Serialize(content, JsonSerializerOptions.Web);

    DueMail ILetter.Due(string content) => Due(Parsed(content));

    Task<WrittenMail?> ILetter.WriteAsync(string content, CancellationToken cancellationToken) => WriteAsync(Parsed(content), cancellationToken);

    Task ILetter.SentAsync(NotificationsDbContext db, string content, string? memo, CancellationToken cancellationToken) => SentAsync(db, Parsed(content), memo, cancellationToken);

    private static T Parsed(string content) => JsonSerializer.Deserialize<T>(content, JsonSerializerOptions.Web)!;
}
