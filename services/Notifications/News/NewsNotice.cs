using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Notifications.Notices;
using Aerona.Wording;

namespace Aerona.Notifications.News;

/// <summary>What is said about a piece of news; in the traveller's language.</summary>
/// <param name="Title">What happened.</param>
/// <param name="Paragraphs">What to do, and what happens otherwise.</param>
/// <param name="Button">Where the link leads.</param>
/// <param name="Money">Where the money stands, in one sentence.</param>
/// <param name="MoneyDetail">What that means for the payer's account.</param>
internal sealed record NewsWords(string Title, IReadOnlyList<string> Paragraphs, string Button, string Money, string MoneyDetail);

/// <summary>What the sentences are about, as printed.</summary>
/// <param name="Route">The cities flown; null when not known.</param>
/// <param name="Total">What the booking costs now; empty when not known.</param>
/// <param name="OldTotal">What it cost before; empty when that did not change.</param>
/// <param name="Difference">Without a sign; empty when the price did not change.</param>
/// <param name="IsMore">Whether it costs more than before.</param>
/// <param name="Until">By when something is to be done; null when nothing is.</param>
internal sealed record NewsFacts(string? Route, string Total, string OldTotal, string Difference, bool IsMore, string? Until);

/// <summary>What a traveller is told while a booking is under way: English, or Vietnamese for whoever asked for it.</summary>
internal static class NewsNotice
{
    /// <param name="news">What happened.</param>
    /// <param name="link">The booking's own page, where it is decided or paid.</param>
    public static NoticeContent Of(BookingNews news, string link)
    {
        var vietnamese = news.Contact.Locale.Split('-')[0].Equals("vi", StringComparison.OrdinalIgnoreCase);
        var facts = FactsOf(news, vietnamese);
        var words = vietnamese ? VietnameseNews.Of(news.Kind, facts) : EnglishNews.Of(news.Kind, facts);
        var title = char.ToLowerInvariant(words.Title[0]) + words.Title[1..];
        return new(
            news.Locator, vietnamese ? $"Đặt chỗ {news.Locator}: {title}" : $"Booking {news.Locator}: {title}", words.Title, words.Paragraphs, words.Money, words.MoneyDetail,
            vietnamese ? [$"Thư này được gửi vì đặt chỗ {news.Locator} ghi địa chỉ này. Không thể trả lời thư này."] : NoticeContent.SmallPrint(news.Locator))
        {
            Language = vietnamese ? "vi" : "en",
            Link = new(words.Button, link),
        };
    }

    private static NewsFacts FactsOf(BookingNews news, bool vietnamese)
    {
        var change = news is { Total: { } now, OldTotal: { } before } ? now - before : (Money?)null;
        return new(
            news.Segments is { Count: > 0 } segments ? Words.Route(segments) : null, news.Total?.ToString() ?? "", news.OldTotal?.ToString() ?? "",
            change is { } difference ? new Money(Math.Abs(difference.MinorUnits), difference.Currency).ToString() : "", change is { MinorUnits: >= 0 },
            news.Until is { } until ? Local(until, news.Segments?.FirstOrDefault(), vietnamese) : null);
    }

    /// <summary>By the clock where the journey begins, with its zone; UTC when that is not known. Seconds are left out, so it is never later than it is.</summary>
    private static string Local(DateTimeOffset until, Segment? first, bool vietnamese)
    {
        var zone = first is not null && TimeZoneInfo.TryFindSystemTimeZoneById(first.DepartureZone, out var known) ? known : TimeZoneInfo.Utc;
        var local = DateTime.SpecifyKind(TimeZoneInfo.ConvertTime(until, zone).DateTime, DateTimeKind.Unspecified);
        var clock = zone == TimeZoneInfo.Utc ? "UTC" : Words.Zone(first!.DepartureZone, local, until);
        return vietnamese ? $"{Words.Time(local)} {VietnameseNews.Day(local)} ({clock})" : $"{Words.Day(local)}, {Words.Time(local)} ({clock})";
    }
}
