using Aerona.Contracts.Notifications;
using Aerona.Notifications.News;
using Aerona.Notifications.Notices;
using Aerona.Reference;
using Aerona.Wording;

namespace Aerona.Notifications.Alerts;

/// <summary>What somebody is told when a search he watches costs little; English, or Vietnamese for whoever asked for it.</summary>
internal static class PriceAlertNotice
{
    /// <param name="alert">What was seen.</param>
    /// <param name="home">What links begin with.</param>
    public static NoticeContent Of(SendPriceAlert alert, string home)
    {
        var isVietnamese = alert.Locale.Split('-')[0].Equals("vi", StringComparison.OrdinalIgnoreCase);
        string Say(string english, string vietnamese) => isVietnamese ? vietnamese : english;
        var end = home + alert.EndPath;
        var route = string.Join(", ", alert.Legs.Select(leg => $"{City(leg.Origin)} – {City(leg.Destination)}"));
        var days = alert.Legs.Select(leg => $"{City(leg.Origin)} – {City(leg.Destination)}: {Day(leg.DepartsOn, isVietnamese)}");
        var party = Say($"for {alert.Travellers} {(alert.Travellers == 1 ? "traveller" : "travellers")}", $"cho {alert.Travellers} hành khách");
        return new(
            route,
            Say($"{route}: now from {alert.Price}", $"{route}: hiện từ {alert.Price}"),
            Say("The price has fallen", "Giá vé đã giảm"),
            [
                .. days,
                alert.Was is { } was
                    ? Say($"The lowest price {party} is {alert.Price}. It was {was} when you asked us to watch it.", $"Giá thấp nhất {party} là {alert.Price}. Khi bạn nhờ chúng tôi theo dõi, giá là {was}.")
                    : Say($"The lowest price {party} is {alert.Price}.", $"Giá thấp nhất {party} là {alert.Price}."),
            ],
            Say($"{alert.Price} {party}", $"{alert.Price} {party}"),
            Say("Prices and seats change. What you pay is what an offer says when you book.", "Giá và số ghế thay đổi. Số tiền bạn trả là số tiền ghi trong báo giá khi bạn đặt chỗ."),
            [
                Say("This mail was sent because this address watches the price of these flights; there is one a day at most. It cannot be replied to.",
                    "Thư này được gửi vì địa chỉ này theo dõi giá của những chuyến bay này; mỗi ngày nhiều nhất một thư. Không thể trả lời thư này."),
                Say($"To end these mails: {end}", $"Ngừng nhận thư: {end}"),
            ])
        {
            Language = isVietnamese ? "vi" : "en",
            ReferenceLabel = Say("Price alert", "Theo dõi giá"),
            MoneyLabel = Say("Lowest price", "Giá thấp nhất"),
            Link = new(Say("End these mails", "Ngừng nhận thư"), end),
        };
    }

    // A place may be a city with several airports.
    private static string City(string place) => Airports.Named(place) is [var first, ..] ? first.City : place;

    private static string Day(DateOnly day, bool isVietnamese) => day.ToDateTime(TimeOnly.MinValue) is var local && isVietnamese ? VietnameseNews.Day(local) : Words.Day(local);
}
