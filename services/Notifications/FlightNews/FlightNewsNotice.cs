using Aerona.Contracts.Operations;
using Aerona.Notifications.News;
using Aerona.Notifications.Notices;
using Aerona.Wording;

namespace Aerona.Notifications.FlightNews;

/// <summary>What a follower of a flight is told; English, or Vietnamese for whoever asked for it.</summary>
internal static class FlightNewsNotice
{
    /// <summary>A shift of the departure by less than this is no news.</summary>
    private static readonly TimeSpan WorthTelling = TimeSpan.FromMinutes(10);

    /// <summary>Whether what is new is worth a mail: it does not fly or not there, leaves at another time, or from another gate while that can still be of use.</summary>
    public static bool Matters(FlightStatus told, FlightStatus now) => News(told, now, vietnamese: false).Count > 0;

    /// <param name="told">What the last mail said; null for the first one.</param>
    /// <param name="now">What is known.</param>
    /// <param name="language"><c>en</c> or <c>vi</c>.</param>
    /// <param name="end">The page that ends these mails.</param>
    public static NoticeContent Of(FlightStatus? told, FlightStatus now, string language, string end)
    {
        var vietnamese = language == "vi";
        var news = told is null ? First(now, vietnamese) : News(told, now, vietnamese);
        var (title, _) = news[0];
        var route = $"{Words.City(now.Origin)} – {Words.City(now.Destination)}";
        var paragraphs = news.Select(each => each.Text).Append(now.Reason is { } reason && told is not null ? vietnamese ? $"Lý do: {reason}." : $"Reason given: {reason}." : null);
        return new(
            now.Flight.ToString(), $"{now.Flight} {route}: {char.ToLowerInvariant(title[0])}{title[1..]}", title, [.. paragraphs.OfType<string>()],
            vietnamese ? $"Khởi hành {At(Departure(now), now.DepartureZone, true)}" : $"Departure {At(Departure(now), now.DepartureZone, false)}", Where(now, vietnamese),
            [vietnamese ? $"Thư này được gửi vì địa chỉ này theo dõi chuyến bay {now.Flight}. Không thể trả lời thư này." : $"This mail was sent because this address follows flight {now.Flight}. It cannot be replied to.",
             vietnamese ? $"Ngừng nhận tin: {end}" : $"To end these mails: {end}"])
        {
            Language = language,
            ReferenceLabel = vietnamese ? "Chuyến bay" : "Flight",
            MoneyLabel = route,
            Link = new(vietnamese ? "Ngừng nhận tin về chuyến bay này" : "End these mails", end),
        };
    }

    private static List<(string Title, string Text)> First(FlightStatus now, bool vietnamese) =>
        now.State == FlightState.Cancelled ? [Cancelled(now, vietnamese)]
        : vietnamese ? [("Bạn đang theo dõi chuyến bay này", "Chúng tôi sẽ gửi thư cho bạn khi chuyến bay bị chậm, đổi cửa ra máy bay hoặc bị hủy.")]
        : [("You follow this flight", "We write to you when it is delayed, leaves from another gate or is cancelled.")];

    private static List<(string Title, string Text)> News(FlightStatus told, FlightStatus now, bool vietnamese)
    {
        var news = new List<(string, string)>();
        if (now.State != told.State && now.State is FlightState.Cancelled)
        {
            return [Cancelled(now, vietnamese)];
        }

        if (now.DivertedTo is { } other && other != told.DivertedTo)
        {
            news.Add(vietnamese
                ? ("Chuyến bay chuyển hướng", $"Chuyến bay {now.Flight} đến {Words.City(other)} thay vì {Words.City(now.Destination)}.")
                : ("The flight is diverted", $"{now.Flight} goes to {Words.City(other)} instead of {Words.City(now.Destination)}."));
        }

        if (now.State == FlightState.Returned && told.State != FlightState.Returned)
        {
            news.Add(vietnamese ? ("Chuyến bay quay lại", $"Chuyến bay {now.Flight} quay lại {Words.City(now.Origin)}.") : ("The flight came back", $"{now.Flight} came back to {Words.City(now.Origin)}."));
        }

        if (now.State == FlightState.Scheduled)
        {
            AddTimeAndGate(told, now, vietnamese, news);
        }

        return news;
    }

    private static void AddTimeAndGate(FlightStatus told, FlightStatus now, bool vietnamese, List<(string, string)> news)
    {
        if (told.State == FlightState.Cancelled)
        {
            news.Add(vietnamese ? ("Chuyến bay được khai thác trở lại", $"Chuyến bay {now.Flight} không còn bị hủy.") : ("The flight is flown after all", $"{now.Flight} is not cancelled any more."));
        }

        var shift = Departure(now) - Departure(told);
        if (shift.Duration() >= WorthTelling)
        {
            var (leaves, left) = (At(Departure(now), now.DepartureZone, vietnamese), Clock(Departure(told), told.DepartureZone));
            var isLate = Departure(now) > now.ScheduledOffBlock;
            news.Add(vietnamese
                ? (isLate ? "Chuyến bay bị chậm" : "Giờ khởi hành mới", $"Chuyến bay {now.Flight} dự kiến khởi hành lúc {leaves}; trước đó là {left}.")
                : (isLate ? "The flight is delayed" : "The flight leaves at another time", $"{now.Flight} now leaves at {leaves}; it was {left}."));
        }

        if ((now.DepartureGate is not null && now.DepartureGate != told.DepartureGate) || (now.DepartureTerminal is not null && now.DepartureTerminal != told.DepartureTerminal))
        {
            var was = Place(told, vietnamese);
            news.Add(vietnamese
                ? (was is null ? "Cửa ra máy bay" : "Đổi cửa ra máy bay", $"Chuyến bay {now.Flight} khởi hành từ {Place(now, true)}{(was is null ? "" : $", không phải {was}")}.")
                : (was is null ? "The gate is known" : "The gate has changed", $"{now.Flight} leaves from {Place(now, false)}{(was is null ? "" : $", not {was}")}."));
        }
    }

    private static (string, string) Cancelled(FlightStatus now, bool vietnamese) => vietnamese
        ? ("Chuyến bay bị hủy", $"Chuyến bay {now.Flight} ngày {VietnameseNews.Day(Local(now.ScheduledOffBlock, now.DepartureZone))} không được khai thác.")
        : ("The flight is cancelled", $"{now.Flight} of {Words.Day(Local(now.ScheduledOffBlock, now.DepartureZone))} is not flown.");

    private static string Where(FlightStatus now, bool vietnamese) => Place(now, vietnamese) is not { } place
        ? vietnamese ? "Cửa ra máy bay chưa được công bố." : "The gate is not known yet."
        : $"{char.ToUpperInvariant(place[0])}{place[1..]}.";

    private static string? Place(FlightStatus status, bool vietnamese) => (status.DepartureTerminal, status.DepartureGate) switch
    {
        (null, null) => null,
        ({ } terminal, null) => vietnamese ? $"nhà ga {terminal}" : $"terminal {terminal}",
        (null, { } gate) => vietnamese ? $"cửa {gate}" : $"gate {gate}",
        ({ } terminal, { } gate) => vietnamese ? $"cửa {gate}, nhà ga {terminal}" : $"gate {gate}, terminal {terminal}",
    };

    private static DateTimeOffset Departure(FlightStatus status) => status.EstimatedOffBlock ?? status.ScheduledOffBlock;

    private static DateTime Local(DateTimeOffset at, string zone) =>
        DateTime.SpecifyKind(TimeZoneInfo.ConvertTime(at, TimeZoneInfo.FindSystemTimeZoneById(zone)).DateTime, DateTimeKind.Unspecified);

    private static string Clock(DateTimeOffset at, string zone) => Words.Time(Local(at, zone));

    private static string At(DateTimeOffset at, string zone, bool vietnamese) =>
        Local(at, zone) is var local && vietnamese ? $"{Words.Time(local)} {VietnameseNews.Day(local)}" : $"{Words.Time(local)}, {Words.Day(local)}";
}
