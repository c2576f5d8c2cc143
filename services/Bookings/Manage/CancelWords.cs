using Aerona.Contracts.Cancellations;

namespace Aerona.Bookings.Manage;

/// <summary>The sentences about giving a booking back.</summary>
internal sealed record CancelWords(
    string Ask, string AskMeans, string AskAgain, string Asking, string Quoted, string Unknown, string Back, string BackTo, string BackToUs, string Nothing, string Until, string What,
    string Paid, string Returned, string Why, string Confirm, string ConfirmUnknown, string Keep, string KeepMeans, string Approval, string Cancelling, string NotCancelled,
    string Unsettled, string OnItsWay, string Delayed, string Refunded)
{
    private static readonly CancelWords English = new(
        "See what cancelling brings back", "Nothing is cancelled by looking.", "Nothing was cancelled. You can ask again.", "We ask the airline what cancelling brings back",
        "If you cancel", "The airline says how much comes back only when it is done.", "comes back to you", "To the PayPal payment that you paid with.",
        "Our staff arrange how.", "Nothing comes back", "This holds until {0}.", "For", "Paid", "Back", "Why",
        "Cancel and get {0} back", "Cancel, though nobody knows how much comes back", "Keep the booking", "If you do nothing, the booking stays as it is.",
        "A second member of our staff looks at the refund before anything is cancelled.", "Your booking is being cancelled", "Nothing was cancelled; your tickets are valid.",
        "How much comes back is not settled yet; our staff see to it.", "{0} is on its way back to you.", "{0} is owed to you and takes longer; our staff see to it.", "{0} went back to you.");

    private static readonly CancelWords Vietnamese = new(
        "Xem số tiền được hoàn nếu hủy", "Xem không có nghĩa là hủy.", "Chưa có gì bị hủy. Bạn có thể yêu cầu lại.", "Chúng tôi đang hỏi hãng hàng không về số tiền được hoàn",
        "Nếu bạn hủy", "Hãng chỉ cho biết số tiền hoàn sau khi hủy.", "được hoàn cho bạn", "Hoàn về khoản thanh toán PayPal mà bạn đã dùng.",
        "Nhân viên của chúng tôi sẽ thu xếp.", "Không có khoản nào được hoàn", "Báo giá này có hiệu lực đến {0}.", "Khoản", "Đã trả", "Được hoàn", "Lý do",
        "Hủy và nhận lại {0}", "Hủy dù chưa biết số tiền được hoàn", "Giữ đặt chỗ", "Nếu bạn không làm gì, đặt chỗ vẫn giữ nguyên.",
        "Một nhân viên thứ hai của chúng tôi xem xét khoản hoàn tiền trước khi hủy.", "Đặt chỗ của bạn đang được hủy", "Chưa có gì bị hủy; vé của bạn vẫn có hiệu lực.",
        "Số tiền hoàn chưa được xác định; nhân viên của chúng tôi đang xử lý.", "{0} đang được hoàn cho bạn.", "Chúng tôi còn phải hoàn cho bạn {0}; việc này mất thêm thời gian và nhân viên đang xử lý.",
        "{0} đã được hoàn cho bạn.");

    public static CancelWords In(PageWords words) => words == PageWords.English ? English : Vietnamese;

    /// <summary>Why a line comes back, or does not.</summary>
    public string Of(RefundRule rule) => (rule, this == English) switch
    {
        (RefundRule.VoidWindow, true) => "as if never bought",
        (RefundRule.VoidWindow, false) => "như chưa từng mua",
        (RefundRule.OurPromise, true) => "our promise: 24 hours",
        (RefundRule.OurPromise, false) => "cam kết 24 giờ của chúng tôi",
        (RefundRule.FareRule, true) => "condition of the fare",
        (RefundRule.FareRule, false) => "điều kiện giá vé",
        (RefundRule.RefundableTax, true) => "owed only by who flies",
        (RefundRule.RefundableTax, false) => "chỉ người bay phải trả",
        (RefundRule.Involuntary, true) => "cancelled by the airline",
        (RefundRule.Involuntary, false) => "hãng hàng không hủy",
        (RefundRule.SupplierQuote, true) => "as the airline says",
        (RefundRule.SupplierQuote, false) => "theo hãng hàng không",
        (RefundRule.Used, true) => "has been flown",
        (RefundRule.Used, false) => "đã bay",
        (_, true) => "nobody has said",
        _ => "chưa rõ",
    };
}
