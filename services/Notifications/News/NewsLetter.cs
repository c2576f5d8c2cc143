using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Notifications.Confirmation;
using Aerona.Notifications.Preferences;
using Aerona.Notifications.Sending;
using Aerona.Notifications.Templates;
using Aerona.Notifications.Texts;
using Aerona.Wording;
using MassTransit;

namespace Aerona.Notifications.News;

/// <summary>Tells the traveller what should be known or done while the booking is under way, once for each piece of news.</summary>
internal sealed class NewsLetter(Stationery stationery) : Letter<BookingNews>
{
    public override string Name => "news";

    public override DueMail Due(BookingNews content) => new(
        $"news-{JsonNamingPolicy.KebabCaseLower.ConvertName(content.Kind.ToString())}", content.BookingId, content.Contact.Email, content.At,
        IsProgress(content.Kind) ? NoticeKind.Progress : NoticeKind.Payment)
    {
        // The same may happen twice: another new price, another payment that failed.
        Occasion = BookingTopic.Occasion(content.At),
        IsCritical = !IsProgress(content.Kind),
        // After days without a mail server nobody is asked to do what is too late. How it ended is told by a mail of its own.
        UselessAfter = content.Until,
        Zone = content.Segments is [var first, ..] ? first.DepartureZone : null,
        Topic = BookingTopic.Of(content.BookingId),
        Order = content.At.UtcTicks,
        MayBeOvertaken = true,
        MustArrive = !IsProgress(content.Kind),
    };

    protected override async Task<WrittenMail?> WriteAsync(BookingNews content, CancellationToken cancellationToken)
    {
        var written = await stationery.WriteAsync(ContentOf(content));
        return IsProgress(content.Kind) ? written with { Unsubscribe = PreferencesPage.End(stationery.Choose(content.BookingId, content.At, content.Until), NoticeKind.Progress) } : written;
    }

    public MailContent ContentOf(BookingNews news)
    {
        var texts = MailTexts.Of(news.Contact.Locale);
        return stationery.About(texts, news.Locator, texts.News(news.Kind, FactsOf(texts, news)), news.BookingId, news.At, null, news.Until, news.Segments);
    }

    private static bool IsProgress(BookingNewsKind kind) => kind is BookingNewsKind.PaymentUnderReview or BookingNewsKind.ConfirmingWithAirline;

    private static NewsFacts FactsOf(MailTexts texts, BookingNews news)
    {
        var change = news is { Total: { } now, OldTotal: { } before } ? now - before : (Money?)null;
        return new(
            news.Segments is { Count: > 0 } segments ? Words.Route(segments) : null, news.Total?.ToString() ?? "", news.OldTotal?.ToString() ?? "",
            change is { } difference ? new Money(Math.Abs(difference.MinorUnits), difference.Currency).ToString() : "", change is { MinorUnits: >= 0 },
            news.Until is { } until ? texts.Moment(until, news.Segments is [var first, ..] ? first.DepartureZone : null) : null);
    }
}

/// <summary>Something is to be known or done while a booking is under way: that is to be told.</summary>
internal sealed class SendNewsConsumer(DueMails mails, NewsLetter letter) : IConsumer<BookingNews>
{
    public Task Consume(ConsumeContext<BookingNews> context) => mails.NoteAsync(letter, context.Message, context.CancellationToken);
}
