using System.Text.Json;
using Aerona.Contracts.Cancellations;
using Aerona.Notifications.Confirmation;
using Aerona.Notifications.Preferences;
using Aerona.Notifications.Sending;
using Aerona.Notifications.Templates;
using Aerona.Notifications.Texts;
using Aerona.Wording;
using MassTransit;

namespace Aerona.Notifications.Cancellations;

/// <summary>Tells the traveller what became of a cancellation, once for each piece of news.</summary>
internal sealed class CancellationLetter(Stationery stationery) : Letter<CancellationNews>
{
    public override string Name => "cancellation";

    public override DueMail Due(CancellationNews content) => new(
        $"cancellation-{JsonNamingPolicy.KebabCaseLower.ConvertName(content.Kind.ToString())}", content.BookingId, content.Contact.Email, content.At, NoticeKind.Cancellation)
    {
        // A booking may be cancelled part by part.
        Occasion = BookingTopic.Occasion(content.At),
        IsCritical = content.Kind == CancellationNewsKind.QuoteReady,
        UselessAfter = content.Kind == CancellationNewsKind.QuoteReady ? content.Until : null,
        Zone = content.Segments is [var first, ..] ? first.DepartureZone : null,
        Topic = $"cancellation/{content.CancellationId:n}",
        Order = content.At.UtcTicks,
        MayBeOvertaken = content.Kind is CancellationNewsKind.QuoteReady or CancellationNewsKind.ConfirmingWithAirline,
        MustArrive = content.Kind != CancellationNewsKind.ConfirmingWithAirline,
    };

    protected override async Task<WrittenMail?> WriteAsync(CancellationNews content, CancellationToken cancellationToken) => await stationery.WriteAsync(ContentOf(content));

    public MailContent ContentOf(CancellationNews news)
    {
        var texts = MailTexts.Of(news.Contact.Locale);
        // What is gone is named, not shown as if it were to be flown.
        var segments = news.Kind is CancellationNewsKind.QuoteReady or CancellationNewsKind.NotCancelled ? news.Segments : null;
        return stationery.About(texts, news.Locator, texts.Cancellation(news.Kind, FactsOf(texts, news)), news.BookingId, news.At, null, null, segments);
    }

    private static CancellationFacts FactsOf(MailTexts texts, CancellationNews news)
    {
        var flights = news.IsWhole
            ? ""
            : string.Join(", ", news.Segments.Where(segment => news.Coupons.Any(coupon => coupon.SegmentOrdinal == segment.Ordinal)).Select(segment =>
                texts.FlightForPassengers(segment.Flight.ToString(), news.Coupons.Count(coupon => coupon.SegmentOrdinal == segment.Ordinal))));
        return new(
            flights.Length == 0 ? null : flights, news.Segments.Count > 0 ? $" ({Words.Route(news.Segments)})" : "", UntilOf(texts, news), news.Refund?.ToString(),
            news.Refund is { MinorUnits: 0 }, news.IsWhole, news.Reason);
    }

    // A quote ends by the clock where the journey begins; money is seen on a day.
    private static string? UntilOf(MailTexts texts, CancellationNews news)
    {
        if (news.Until is not { } until)
        {
            return null;
        }

        var name = news.Segments is [var first, ..] ? first.DepartureZone : null;
        var zone = name is not null && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var known) ? known : TimeZoneInfo.Utc;
        return news.Kind == CancellationNewsKind.QuoteReady ? texts.Moment(until, name) : texts.Day(MailTexts.Local(until, zone));
    }
}

/// <summary>Something is to be known about a cancellation: that is to be told.</summary>
internal sealed class SendCancellationNewsConsumer(DueMails mails, CancellationLetter letter) : IConsumer<CancellationNews>
{
    public Task Consume(ConsumeContext<CancellationNews> context) => mails.NoteAsync(letter, context.Message, context.CancellationToken);
}
