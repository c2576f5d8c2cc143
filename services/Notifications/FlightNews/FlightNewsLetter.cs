using System.Globalization;
using System.Text.Json;
using Aerona.Contracts.Notifications;
using Aerona.Contracts.Operations;
using Aerona.Notifications.Data;
using Aerona.Notifications.Preferences;
using Aerona.Notifications.Sending;
using Aerona.Notifications.Templates;
using Aerona.Notifications.Texts;
using Aerona.Persistence;
using Aerona.Wording;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.FlightNews;

/// <summary>What a mail about a flight is written from.</summary>
/// <param name="Email">Of the follower.</param>
/// <param name="News">What called for it; it tells how the flight stands when it is written, which may be newer.</param>
internal sealed record FlightMail(string Email, SendFlightNews News);

/// <summary>
/// Tells a follower how the flight stands, and what is new since the last mail that was sent. Several that are due say the same: only the newest is sent, with all that is new.
/// </summary>
internal sealed class FlightNewsLetter(Stationery stationery, IServiceScopeFactory scopes) : Letter<FlightMail>
{
    /// <summary>A shift of the departure by less than this is no news.</summary>
    private static readonly TimeSpan WorthTelling = TimeSpan.FromMinutes(10);

    /// <summary>Before the departure; who is told later may be too late.</summary>
    public static readonly TimeSpan OnTheWay = TimeSpan.FromHours(6);

    public override string Name => "flight-news";

    /// <summary>Whether what is new is worth a mail: it does not fly or not there, leaves at another time, or from another gate while that can still be of use.</summary>
    public static bool Matters(FlightStatus told, FlightStatus now) => NewsOf(MailTexts.All[0], told, now).Count > 0;

    /// <summary>What matters most of what is new, in a language; there is something new.</summary>
    public static (string Title, string Text) Headline(FlightStatus told, FlightStatus now, string language) => NewsOf(MailTexts.Of(language), told, now)[0];

    public override DueMail Due(FlightMail content)
    {
        var (news, now) = (content.News, content.News.Now);
        return new(news.Told is null ? "flight-following" : "flight-news", news.SubscriptionId, content.Email, news.At, NoticeKind.FlightChanges)
        {
            // Whoever ends it and begins again gets a first mail again.
            Occasion = string.Create(CultureInfo.InvariantCulture, $"{news.Version}t{news.At.UtcDateTime:yyyyMMddHHmmss}"),
            IsOfBooking = false,
            IsCritical = now.State is FlightState.Cancelled or FlightState.Diverted or FlightState.Returned,
            NeededBy = Departure(now) - OnTheWay,
            Zone = now.DepartureZone,
            Topic = $"flight/{news.SubscriptionId:n}",
            Order = news.Version,
            MayBeOvertaken = true,
            MustArrive = false,
        };
    }

    protected override async Task<WrittenMail?> WriteAsync(FlightMail content, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<NotificationsDbContext>();
        if (await db.FlightSubscriptions.AsNoTracking().SingleOrDefaultAsync(row => row.Id == content.News.SubscriptionId, cancellationToken)
            is not { State: SubscriptionState.Following } subscription)
        {
            return null;   // ended meanwhile
        }

        var now = subscription.Latest ?? content.News.Now;
        if (subscription.Told is { } told && !Matters(told, now))
        {
            return null;   // it is again as the last mail said
        }

        var written = await stationery.WriteAsync(ContentOf(subscription, content.News, now));
        return written with { Unsubscribe = End(subscription), Memo = JsonSerializer.Serialize(now, JsonSerializerOptions.Web) };
    }

    protected override async Task SentAsync(NotificationsDbContext db, FlightMail content, string? memo, CancellationToken cancellationToken)
    {
        if (memo is not null && await db.TryLockAsync<FlightSubscription>(content.News.SubscriptionId, cancellationToken) is { State: SubscriptionState.Following } subscription)
        {
            subscription.Told = JsonSerializer.Deserialize<FlightStatus>(memo, JsonSerializerOptions.Web);
        }
    }

    private MailContent ContentOf(FlightSubscription subscription, SendFlightNews news, FlightStatus now)
    {
        var texts = MailTexts.Of(subscription.Language);
        var all = subscription.Told is { } told ? NewsOf(texts, told, now) : [now.State == FlightState.Cancelled ? texts.FlightCancelled(FactsOf(texts, now, now)) : texts.Following];
        var (title, first) = all[0];
        var route = $"{Words.City(now.Origin)} – {Words.City(now.Destination)}";
        var gate = texts.Gate(now.DepartureTerminal, now.DepartureGate);
        var known = Departure(now) + TimeSpan.FromDays(2);
        return new()
        {
            Language = texts.Language,
            Subject = $"{now.Flight} {route}: {char.ToLowerInvariant(title[0])}{title[1..]}",
            Preview = first,
            ReferenceLabel = texts.Flight,
            Reference = now.Flight.ToString(),
            Badge = now.State switch
            {
                FlightState.Cancelled => (title, Tone.Bad),
                _ when subscription.Told is not null => (title, Tone.Attention),
                _ => null,
            },
            Title = now.State == FlightState.Cancelled || subscription.Told is not null ? route : title,
            Paragraphs = [.. all.Select(each => each.Text), .. now.Reason is { } reason && subscription.Told is not null ? new[] { texts.Because(reason) } : []],
            Panel = new(route, texts.Departure(At(texts, Departure(now), now.DepartureZone)), gate is null ? texts.GateNotKnown : $"{char.ToUpperInvariant(gate[0])}{gate[1..]}."),
            Button = new(texts.SeeDepartures, $"{stationery.Home}/departures/{now.Origin}?locale={texts.Language}"),
            Footer = [texts.SentForFlight(now.Flight.ToString())],
            FooterLinks = [new(texts.EndFlightMails, End(subscription)), new(texts.ChooseMails, stationery.Choose(subscription.Id, news.At, known))],
        };
    }

    private string End(FlightSubscription subscription) => $"{stationery.Home}/flight-news/{subscription.Code}";

    private static List<(string Title, string Text)> NewsOf(MailTexts texts, FlightStatus told, FlightStatus now)
    {
        var facts = FactsOf(texts, told, now);
        if (now.State != told.State && now.State is FlightState.Cancelled)
        {
            return [texts.FlightCancelled(facts)];
        }

        var news = new List<(string, string)>();
        if (now.DivertedTo is { } other && other != told.DivertedTo)
        {
            news.Add(texts.Diverted(facts, Words.City(other)));
        }

        if (now.State == FlightState.Returned && told.State != FlightState.Returned)
        {
            news.Add(texts.CameBack(facts));
        }

        if (now.State == FlightState.Scheduled)
        {
            if (told.State == FlightState.Cancelled)
            {
                news.Add(texts.FlownAfterAll(facts));
            }

            if ((Departure(now) - Departure(told)).Duration() >= WorthTelling)
            {
                news.Add(texts.LeavesAtAnotherTime(facts, Departure(now) > now.ScheduledOffBlock));
            }

            if ((now.DepartureGate is not null && now.DepartureGate != told.DepartureGate) || (now.DepartureTerminal is not null && now.DepartureTerminal != told.DepartureTerminal))
            {
                news.Add(texts.GateKnown(facts));
            }
        }

        return news;
    }

    private static FlightFacts FactsOf(MailTexts texts, FlightStatus told, FlightStatus now) => new(
        now.Flight.ToString(), Words.City(now.Origin), Words.City(now.Destination), texts.Day(Local(now.ScheduledOffBlock, now.DepartureZone)),
        At(texts, Departure(now), now.DepartureZone), Words.Time(Local(Departure(told), told.DepartureZone)), texts.Gate(now.DepartureTerminal, now.DepartureGate),
        texts.Gate(told.DepartureTerminal, told.DepartureGate));

    private static DateTimeOffset Departure(FlightStatus status) => status.EstimatedOffBlock ?? status.ScheduledOffBlock;

    private static DateTime Local(DateTimeOffset at, string zone) => MailTexts.Local(at, TimeZoneInfo.FindSystemTimeZoneById(zone));

    private static string At(MailTexts texts, DateTimeOffset at, string zone) => texts.TimeAndDay(Local(at, zone));
}
