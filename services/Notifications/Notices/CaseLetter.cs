using Aerona.Contracts.Bookings;
using Aerona.Notifications.Data;
using Aerona.Notifications.Preferences;
using Aerona.Notifications.Sending;
using Aerona.Notifications.Templates;
using Aerona.Notifications.Texts;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Notices;

/// <summary>What a mail about a case is written from.</summary>
internal sealed record CaseMail(Guid BookingId, string Kind, DateTimeOffset OpenedAt, string Locator, string Email, string Locale);

/// <summary>
/// Tells the traveller that a person looks after the booking. Most cases are for staff alone: a mail about them would only worry, or says what a piece of news has said.
/// </summary>
internal sealed class CaseLetter(Stationery stationery) : Letter<CaseMail>
{
    public override string Name => "case";

    public override DueMail Due(CaseMail content) => new(
        $"case-{content.Kind}", content.BookingId, content.Email, content.OpenedAt, content.Kind == "late-capture" ? NoticeKind.Payment : NoticeKind.Progress)
    {
        Topic = $"case/{content.BookingId:n}/{content.Kind}",
        Order = content.OpenedAt.UtcTicks,
        MustArrive = content.Kind == "late-capture",
    };

    /// <summary>Whether a case of that kind is for the traveller.</summary>
    public static bool IsForTraveller(string kind) => MailTexts.All[0].Case(kind) is not null;

    protected override async Task<WrittenMail?> WriteAsync(CaseMail content, CancellationToken cancellationToken)
    {
        var texts = MailTexts.Of(content.Locale);
        return texts.Case(content.Kind) is { } words
            ? await stationery.WriteAsync(stationery.About(texts, content.Locator, words, content.BookingId, content.OpenedAt))
            : null;
    }
}

/// <summary>The saga needs a person: where that is worth a mail, it is due.</summary>
internal sealed class SendCaseNoticeConsumer(NotificationsDbContext db, DueMails mails, CaseLetter letter) : IConsumer<BookingCaseOpened>
{
    public async Task Consume(ConsumeContext<BookingCaseOpened> context)
    {
        var opened = context.Message;
        if (!CaseLetter.IsForTraveller(opened.Kind))
        {
            return;
        }

        var to = await Recipients.OfAsync(db, opened.BookingId, context.CancellationToken);
        await mails.NoteAsync(letter, new(opened.BookingId, opened.Kind, opened.OpenedAt, to.Locator, to.Email, to.Locale), context.CancellationToken);
    }
}

internal static class Recipients
{
    /// <summary>Whom a booking belongs to. Its start crosses another event only in a storm of repeats: thrown, that event comes again after it.</summary>
    public static async Task<Recipient> OfAsync(NotificationsDbContext db, Guid bookingId, CancellationToken cancellationToken) =>
        await db.Recipients.AsNoTracking().SingleOrDefaultAsync(row => row.BookingId == bookingId, cancellationToken)
        ?? throw new InvalidOperationException($"whom booking {bookingId} belongs to is not known yet");
}
