using Aerona.Contracts;
using Aerona.Contracts.Payments;
using Aerona.Notifications.Data;
using Aerona.Notifications.Preferences;
using Aerona.Notifications.Sending;
using Aerona.Notifications.Texts;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Notices;

/// <summary>What a mail about a dispute is written from.</summary>
internal sealed record DisputeMail(Guid BookingId, string DisputeId, Money Amount, DisputeStanding Standing, DateTimeOffset At, string Locator, string Email, string Locale);

/// <summary>Tells the traveller what a dispute means for the booking, once for each standing.</summary>
internal sealed class DisputeLetter(Stationery stationery) : Letter<DisputeMail>
{
    public override string Name => "dispute";

    public override DueMail Due(DisputeMail content) => new(
        $"dispute-{content.Standing.ToString().ToLowerInvariant()}", content.BookingId, content.Email, content.At, NoticeKind.Payment)
    {
        Occasion = string.Concat(content.DisputeId.Where(char.IsAsciiLetterOrDigit)),
        Topic = $"dispute/{content.DisputeId}",
        Order = content.At.UtcTicks,
        MayBeOvertaken = true,
    };

    protected override async Task<WrittenMail?> WriteAsync(DisputeMail content, CancellationToken cancellationToken)
    {
        var texts = MailTexts.Of(content.Locale);
        return await stationery.WriteAsync(stationery.About(texts, content.Locator, texts.Dispute(content.Standing, content.Amount.ToString()), content.BookingId, content.At));
    }
}

/// <summary>A payment is disputed, or that was decided: the traveller is told.</summary>
internal sealed class SendDisputeNewsConsumer(NotificationsDbContext db, DueMails mails, DisputeLetter letter) : IConsumer<PaymentDisputed>
{
    public async Task Consume(ConsumeContext<PaymentDisputed> context)
    {
        var disputed = context.Message;
        // A payment of no booking of ours has nobody to be told.
        if (await db.Recipients.AsNoTracking().SingleOrDefaultAsync(row => row.BookingId == disputed.BookingId, context.CancellationToken) is { } to)
        {
            await mails.NoteAsync(
                letter, new(disputed.BookingId, disputed.DisputeId, disputed.Amount, disputed.Standing, disputed.At, to.Locator, to.Email, to.Locale), context.CancellationToken);
        }
    }
}
