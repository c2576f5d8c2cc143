using System.Globalization;
using Aerona.Contracts.Bookings;

namespace Aerona.Notifications.News;

internal static class VietnameseNews
{
    private const string NotCharged = "Bạn chưa bị tính tiền";
    private const string Expires = "Nếu đến lúc đó chưa thanh toán, đặt chỗ sẽ hết hạn, ghế được trả lại và bạn không bị tính tiền.";
    private const string TakenLast = "Tiền chỉ được trừ sau khi hãng hàng không xác nhận ghế và vé đã được xuất.";
    private const string NothingToDo = "Bạn không cần làm gì; chúng tôi sẽ báo cho bạn ngay khi có kết quả. Trong lúc chờ, xin đừng đặt lại chuyến bay này.";

    // By hand: a process without cultures has no names of days.
    private static readonly string[] Days = ["Chủ nhật", "Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy"];

    /// <summary><c>Thứ ba 24/11/2026</c>.</summary>
    public static string Day(DateTime local) => $"{Days[(int)local.DayOfWeek]} {local.ToString("dd/MM/yyyy", CultureInfo.InvariantCulture)}";

    public static NewsWords Of(BookingNewsKind kind, NewsFacts facts) => kind switch
    {
        BookingNewsKind.PriceChanged => new(
            "Giá vé của bạn đã thay đổi",
            [
                $"Hãng hàng không hiện báo giá {facts.Total}{For(facts)}; giá trước đó là {facts.OldTotal}. Giá mới {(facts.IsMore ? "cao" : "thấp")} hơn {facts.Difference}.",
                $"Bạn quyết định: chấp nhận hoặc từ chối giá mới. Vui lòng trả lời{Before(facts)}.",
                "Nếu bạn không làm gì, đặt chỗ sẽ kết thúc, những gì đang giữ cho bạn được trả lại và bạn không bị tính tiền.",
            ],
            "Xem giá mới và quyết định", NotCharged, "Không có khoản nào bị giữ hoặc bị trừ trước khi bạn đồng ý với giá."),
        BookingNewsKind.PayLater => new(
            "Ghế của bạn đã được giữ; bạn có thể thanh toán sau",
            [
                $"Ghế{For(facts)} đã được giữ cho bạn. Vui lòng thanh toán {facts.Total}{Before(facts)}.",
                "Nếu bạn thanh toán muộn, hãng có thể báo giá khác. Bạn sẽ thấy giá đó trước khi trả tiền và tự quyết định.",
                Expires,
            ],
            "Thanh toán đặt chỗ", NotCharged, TakenLast),
        BookingNewsKind.PaymentDue => new(
            "Sắp hết thời hạn thanh toán",
            [
                $"Ghế{For(facts)} vẫn đang được giữ cho bạn. Vui lòng thanh toán {facts.Total}{Before(facts)}.",
                "Nếu bạn vừa chấp thuận thanh toán, bạn không cần làm gì thêm.",
                Expires,
            ],
            "Thanh toán ngay", NotCharged, TakenLast),
        BookingNewsKind.PaymentUnderReview => new(
            "Khoản thanh toán của bạn đang được xem xét",
            ["PayPal đang xem xét khoản thanh toán của bạn. Việc này mất vài giờ, tối đa một ngày; ghế vẫn được giữ trong thời gian đó.", NothingToDo],
            "Xem đặt chỗ", "Chưa có khoản nào bị trừ", "Tiền chỉ được trừ khi PayPal chấp thuận và vé đã được xuất."),
        BookingNewsKind.ConfirmingWithAirline => new(
            "Chúng tôi đang chờ hãng hàng không",
            ["Chúng tôi đã gửi yêu cầu đặt vé của bạn đến hãng hàng không và hãng chưa cho biết đã nhận hay chưa. Chúng tôi vẫn tiếp tục hỏi.", NothingToDo],
            "Xem đặt chỗ", "Đã giữ, chưa trừ",
            "Số tiền đang được giữ ở PayPal. Tiền chỉ bị trừ khi vé đã được xuất; nếu hãng từ chối, khoản giữ sẽ được giải phóng."),
        BookingNewsKind.PayAgain => new(
            "Vé đã được xuất nhưng thanh toán không thành công",
            [
                $"Vé của bạn{For(facts)} đã được xuất, nhưng không thể thu {facts.Total} mà bạn đã chấp thuận ở PayPal.",
                $"Vui lòng thanh toán bằng cách khác{Before(facts)}. Trong thời gian đó vé vẫn có hiệu lực.",
                "Nếu đến lúc đó chưa thanh toán, nhân viên của chúng tôi sẽ quyết định về đặt chỗ, và vé có thể bị hủy.",
            ],
            "Thanh toán bằng cách khác", "Chưa có khoản nào bị trừ", "Khoản đã giữ được giải phóng toàn bộ. Ngân hàng của bạn có thể còn hiển thị khoản đó trong vài ngày."),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "nobody has said what to tell about this"),
    };

    private static string For(NewsFacts facts) => facts.Route is { } route ? $" cho hành trình {route}" : "";

    private static string Before(NewsFacts facts) => facts.Until is { } until ? $" trước {until}" : " sớm";
}
