using System.Globalization;
using Aerona.Contracts.Cancellations;
using Aerona.Notifications.News;
using Aerona.Notifications.Notices;
using Aerona.Wording;

namespace Aerona.Notifications.Cancellations;

/// <summary>What a traveller is told about a cancellation: English, or Vietnamese for whoever asked for it.</summary>
internal static class CancellationNotice
{
    /// <param name="news">What happened.</param>
    /// <param name="link">The booking's own page.</param>
    public static NoticeContent Of(CancellationNews news, string link)
    {
        var vietnamese = news.Contact.Locale.Split('-')[0].Equals("vi", StringComparison.OrdinalIgnoreCase);
        var facts = FactsOf(news, vietnamese);
        var words = vietnamese ? Vietnamese(news, facts) : English(news, facts);
        var title = char.ToLowerInvariant(words.Title[0]) + words.Title[1..];
        return new(
            news.Locator, vietnamese ? $"Đặt chỗ {news.Locator}: {title}" : $"Booking {news.Locator}: {title}", words.Title, words.Paragraphs, words.Money, words.MoneyDetail,
            vietnamese ? [$"Thư này được gửi vì đặt chỗ {news.Locator} ghi địa chỉ này. Không thể trả lời thư này."] : NoticeContent.SmallPrint(news.Locator))
        {
            Language = vietnamese ? "vi" : "en",
            Link = new(words.Button, link),
        };
    }

    private static NewsWords English(CancellationNews news, Facts facts)
    {
        const string look = "See your booking";
        var what = facts.What is { } flights ? $"{flights}{facts.Route}" : $"Your booking{facts.Route}";
        var seen = facts.Until is { } day ? $" You should see it by {day}." : "";
        return news.Kind switch
        {
            CancellationNewsKind.QuoteReady => new(
                news.Refund is null ? "Nobody can say yet what cancelling brings back" : $"Cancelling brings back {news.Refund}",
                [
                    news.Refund is null
                        ? $"You asked us to cancel. {what} can be cancelled, and the airline says how much comes back only when it is done."
                        : $"You asked us to cancel. If you confirm it, {news.Refund} comes back to you for: {what}.",
                    $"Nothing is cancelled yet. The offer is good until {facts.Until}; if you do nothing, your booking stays as it is.",
                    "To confirm, open your booking where you made it, or answer our staff.",
                ],
                look, "Nothing has changed", "Your tickets are valid, and no money moves before you confirm."),
            CancellationNewsKind.ConfirmingWithAirline => new(
                "We are waiting for the airline to cancel",
                ["We have told the airline to cancel, and it has not said yet whether it did. We keep asking.", "You need not do anything, and we write to you as soon as it is decided."],
                look, "Nothing has moved yet", "Your money goes back once the airline has cancelled."),
            CancellationNewsKind.NotCancelled => new(
                "Your booking is not cancelled",
                [$"{Why(news.Reason, vietnamese: false)} {what} stays as it is.", "You can ask again at any time; our staff help you if you answer them."],
                look, "Nothing has moved", "Your tickets are valid, and nothing was refunded."),
            CancellationNewsKind.Cancelled when news.Refund is null => new(
                news.IsWhole ? "Your booking is cancelled" : "A part of your booking is cancelled",
                [$"The airline has cancelled: {what}.", "How much comes back is not settled yet; our staff see to it and we write to you."],
                look, "Your refund is not settled yet", "We write to you as soon as the amount is known."),
            CancellationNewsKind.Cancelled when news.Refund is { MinorUnits: 0 } => new(
                news.IsWhole ? "Your booking is cancelled" : "A part of your booking is cancelled", [$"The airline has cancelled: {what}."],
                look, "Nothing comes back", "The conditions of your fare give nothing back; that is what you had confirmed."),
            CancellationNewsKind.Cancelled => new(
                news.IsWhole ? "Your booking is cancelled" : "A part of your booking is cancelled",
                [$"The airline has cancelled: {what}.", $"{news.Refund} goes back to how you paid.{seen}"],
                look, $"{news.Refund} goes back to you", "PayPal gives it back to what you paid with; banks take some days to show it."),
            CancellationNewsKind.CancelledUnpaid => new(
                "Your tickets were given back, because they were not paid for",
                ["Your payment could not be taken, and no other one came in time. We have given your tickets back; they are not valid any more."],
                look, "You were not charged", "What was reserved at PayPal is released. Your bank may show it for some days."),
            CancellationNewsKind.RefundDelayed => new(
                "Your refund takes longer",
                [$"{what} is cancelled.", $"{news.Refund?.ToString() ?? "Your money"} could not be given back yet. Our staff have it and find another way if need be; you need not do anything."],
                look, $"{news.Refund?.ToString() ?? "Your money"} is owed to you", "We write to you again when anything is needed from you."),
            _ => throw new ArgumentOutOfRangeException(nameof(news), news.Kind, "nobody has said what to tell about this"),
        };
    }

    private static NewsWords Vietnamese(CancellationNews news, Facts facts)
    {
        const string look = "Xem đặt chỗ";
        var what = facts.What is { } flights ? $"{flights}{facts.Route}" : $"Đặt chỗ của bạn{facts.Route}";
        var seen = facts.Until is { } day ? $" Bạn sẽ thấy khoản tiền này chậm nhất {day}." : "";
        return news.Kind switch
        {
            CancellationNewsKind.QuoteReady => new(
                news.Refund is null ? "Chưa biết số tiền được hoàn khi hủy" : $"Nếu hủy, bạn được hoàn {news.Refund}",
                [
                    news.Refund is null
                        ? $"Bạn đã yêu cầu hủy. {what} có thể hủy được, nhưng hãng chỉ cho biết số tiền hoàn sau khi hủy."
                        : $"Bạn đã yêu cầu hủy. Nếu bạn xác nhận, bạn được hoàn {news.Refund} cho: {what}.",
                    $"Hiện chưa có gì bị hủy. Báo giá này có hiệu lực đến {facts.Until}; nếu bạn không làm gì, đặt chỗ vẫn giữ nguyên.",
                    "Để xác nhận, vui lòng mở đặt chỗ tại nơi bạn đã đặt hoặc liên hệ nhân viên của chúng tôi.",
                ],
                look, "Chưa có gì thay đổi", "Vé của bạn vẫn có hiệu lực và không có khoản tiền nào được chuyển trước khi bạn xác nhận."),
            CancellationNewsKind.ConfirmingWithAirline => new(
                "Chúng tôi đang chờ hãng hàng không hủy vé",
                ["Chúng tôi đã yêu cầu hãng hủy vé và hãng chưa cho biết đã hủy hay chưa. Chúng tôi vẫn tiếp tục hỏi.", "Bạn không cần làm gì; chúng tôi sẽ báo ngay khi có kết quả."],
                look, "Chưa có khoản tiền nào được chuyển", "Tiền được hoàn sau khi hãng đã hủy vé."),
            CancellationNewsKind.NotCancelled => new(
                "Đặt chỗ của bạn chưa bị hủy",
                [$"{Why(news.Reason, vietnamese: true)} {what} vẫn giữ nguyên.", "Bạn có thể yêu cầu lại bất cứ lúc nào; nhân viên của chúng tôi sẵn sàng giúp bạn."],
                look, "Chưa có khoản tiền nào được chuyển", "Vé của bạn vẫn có hiệu lực và chưa có khoản nào được hoàn."),
            CancellationNewsKind.Cancelled when news.Refund is null => new(
                news.IsWhole ? "Đặt chỗ của bạn đã được hủy" : "Một phần đặt chỗ của bạn đã được hủy",
                [$"Hãng hàng không đã hủy: {what}.", "Số tiền hoàn chưa được xác định; nhân viên của chúng tôi đang xử lý và sẽ báo cho bạn."],
                look, "Số tiền hoàn chưa được xác định", "Chúng tôi sẽ báo ngay khi biết số tiền."),
            CancellationNewsKind.Cancelled when news.Refund is { MinorUnits: 0 } => new(
                news.IsWhole ? "Đặt chỗ của bạn đã được hủy" : "Một phần đặt chỗ của bạn đã được hủy", [$"Hãng hàng không đã hủy: {what}."],
                look, "Không có khoản nào được hoàn", "Điều kiện giá vé không cho hoàn tiền, như bạn đã xác nhận."),
            CancellationNewsKind.Cancelled => new(
                news.IsWhole ? "Đặt chỗ của bạn đã được hủy" : "Một phần đặt chỗ của bạn đã được hủy",
                [$"Hãng hàng không đã hủy: {what}.", $"{news.Refund} được hoàn về nguồn bạn đã thanh toán.{seen}"],
                look, $"Bạn được hoàn {news.Refund}", "PayPal hoàn về nguồn bạn đã dùng để thanh toán; ngân hàng có thể cần vài ngày để hiển thị."),
            CancellationNewsKind.CancelledUnpaid => new(
                "Vé của bạn đã được trả lại vì chưa được thanh toán",
                ["Không thể thu tiền của bạn và không có khoản thanh toán nào khác kịp thời hạn. Chúng tôi đã trả lại vé; vé không còn hiệu lực."],
                look, "Bạn không bị tính tiền", "Khoản đã giữ ở PayPal được giải phóng. Ngân hàng của bạn có thể còn hiển thị khoản đó trong vài ngày."),
            CancellationNewsKind.RefundDelayed => new(
                "Khoản hoàn tiền của bạn bị chậm",
                [$"{what} đã được hủy.", $"{news.Refund?.ToString() ?? "Khoản tiền của bạn"} chưa hoàn được. Nhân viên của chúng tôi đang xử lý và sẽ tìm cách khác nếu cần; bạn không cần làm gì."],
                look, $"Chúng tôi còn phải hoàn cho bạn {news.Refund?.ToString() ?? "khoản tiền này"}", "Chúng tôi sẽ liên hệ nếu cần thông tin từ bạn."),
            _ => throw new ArgumentOutOfRangeException(nameof(news), news.Kind, "nobody has said what to tell about this"),
        };
    }

    private static string Why(string? reason, bool vietnamese) => (reason, vietnamese) switch
    {
        ("cancellation.flown", false) => "The flight has left.",
        ("cancellation.flown", true) => "Chuyến bay đã khởi hành.",
        ("cancellation.quote_expired" or "cancellation.quote_changed" or "cancellation.approval_late", false) => "What we had offered is not good any more.",
        ("cancellation.quote_expired" or "cancellation.quote_changed" or "cancellation.approval_late", true) => "Báo giá trước đó không còn hiệu lực.",
        ("booking.being_serviced", false) => "Another cancellation came first.",
        ("booking.being_serviced", true) => "Một yêu cầu hủy khác đã được thực hiện trước.",
        ("cancellation.supplier_unavailable" or "cancellation.not_received" or "cancellation.not_locked", false) => "The airline could not be reached in time.",
        ("cancellation.supplier_unavailable" or "cancellation.not_received" or "cancellation.not_locked", true) => "Không thể liên hệ hãng hàng không kịp thời.",
        (_, false) => "It was not possible to cancel.",
        _ => "Không thể hủy được.",
    };

    private static Facts FactsOf(CancellationNews news, bool vietnamese)
    {
        var route = news.Segments.Count > 0 ? $" ({Words.Route(news.Segments)})" : "";
        var flights = news.IsWhole
            ? null
            : string.Join(", ", news.Segments.Where(segment => news.Coupons.Any(coupon => coupon.SegmentOrdinal == segment.Ordinal)).Select(segment =>
                Passengers(segment.Flight.ToString(), news.Coupons.Count(coupon => coupon.SegmentOrdinal == segment.Ordinal), vietnamese)));
        return new(string.IsNullOrEmpty(flights) ? null : flights, route, news.Until is { } until ? Day(until, news, vietnamese) : null);
    }

    private static string Passengers(string flight, int count, bool vietnamese) =>
        vietnamese ? $"chuyến {flight} của {count} hành khách" : $"flight {flight} for {count} {(count == 1 ? "passenger" : "passengers")}";

    // A quote ends by the clock where the journey begins; money is seen on a day.
    private static string Day(DateTimeOffset until, CancellationNews news, bool vietnamese)
    {
        var first = news.Segments.Count > 0 ? news.Segments[0] : null;
        var zone = first is not null && TimeZoneInfo.TryFindSystemTimeZoneById(first.DepartureZone, out var known) ? known : TimeZoneInfo.Utc;
        var local = DateTime.SpecifyKind(TimeZoneInfo.ConvertTime(until, zone).DateTime, DateTimeKind.Unspecified);
        var day = vietnamese ? VietnameseNews.Day(local) : Words.Day(local);
        if (news.Kind != CancellationNewsKind.QuoteReady)
        {
            return day;
        }

        var clock = zone == TimeZoneInfo.Utc ? "UTC" : Words.Zone(first!.DepartureZone, local, until);
        return string.Create(CultureInfo.InvariantCulture, $"{(vietnamese ? $"{Words.Time(local)} {day}" : $"{day}, {Words.Time(local)}")} ({clock})");
    }

    /// <param name="What">The flights that it is about; null: the whole booking.</param>
    /// <param name="Route">The cities flown, in brackets; empty when not known.</param>
    /// <param name="Until">As printed; null when there is no such day.</param>
    private sealed record Facts(string? What, string Route, string? Until);
}
