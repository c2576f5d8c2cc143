namespace Aerona.Bookings.Manage;

/// <summary>The sentences of a booking's own page.</summary>
internal sealed record PageWords(
    string Language, string Reference, string Price, string OldPrice, string NewPrice, string More, string Less, string Decide, string DecideBefore, string Take, string Leave,
    string LeaveMeans, string PayBefore, string PayLink, string PayAgain, string Ticketed, string NotPaid, string OneMoment, string NothingToDo, string Confirmed, string Ended,
    string Undoing, string WithStaff, string Over, string UnknownTitle, string UnknownText, string OpenTitle, string OpenText, string Open)
{
    public static PageWords English { get; } = new(
        "en", "Booking reference", "Price", "Price before", "Price now", "more", "less", "The price has changed", "Please decide before {0}.", "Take the new price",
        "Leave it", "If you leave it, or do nothing, the booking ends and nothing is charged.", "Please pay before {0}.", "Pay with PayPal", "Pay another way",
        "Your tickets are issued, and the payment failed", "Your booking is waiting for your payment", "One moment, please", "You need not do anything. This page shows how it goes on.",
        "Your booking is confirmed", "This booking has ended; nothing was bought", "This booking is being given up; nothing is charged", "Our staff look after your booking", "Your booking is over",
        "This link does not lead to a booking", "It may have expired, or the address was cut short. The newest mail about your booking has a fresh one.",
        "Open your booking", "The link works once. What you open can be changed and cancelled, so do it on a device of your own.", "Open the booking");

    public static PageWords Vietnamese { get; } = new(
        "vi", "Mã đặt chỗ", "Giá", "Giá trước đó", "Giá hiện nay", "cao hơn", "thấp hơn", "Giá đã thay đổi", "Vui lòng quyết định trước {0}.", "Chấp nhận giá mới",
        "Từ chối", "Nếu bạn từ chối hoặc không làm gì, đặt chỗ sẽ kết thúc và bạn không bị tính tiền.", "Vui lòng thanh toán trước {0}.", "Thanh toán bằng PayPal", "Thanh toán bằng cách khác",
        "Vé đã được xuất nhưng thanh toán không thành công", "Đặt chỗ đang chờ bạn thanh toán", "Xin chờ một chút", "Bạn không cần làm gì. Trang này sẽ cho biết diễn biến tiếp theo.",
        "Đặt chỗ của bạn đã được xác nhận", "Đặt chỗ này đã kết thúc; chưa có gì được mua", "Đặt chỗ này đang được hủy bỏ; bạn không bị tính tiền", "Nhân viên của chúng tôi đang xử lý đặt chỗ của bạn",
        "Đặt chỗ của bạn đã kết thúc", "Liên kết này không dẫn đến đặt chỗ nào", "Liên kết có thể đã hết hạn hoặc địa chỉ bị cắt ngắn. Thư mới nhất về đặt chỗ của bạn có liên kết mới.",
        "Mở đặt chỗ của bạn", "Liên kết chỉ dùng được một lần. Đặt chỗ đã mở có thể được thay đổi và hủy, vì vậy hãy dùng thiết bị của riêng bạn.", "Mở đặt chỗ");

    /// <summary>Vietnamese for whoever asked for it, else English.</summary>
    public static PageWords In(string locale) => locale.Split('-')[0].Equals("vi", StringComparison.OrdinalIgnoreCase) ? Vietnamese : English;
}
