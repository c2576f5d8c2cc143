using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Operations;
using Aerona.Notifications.FlightNews;
using Aerona.Notifications.Preferences;

namespace Aerona.Notifications.Push;

/// <summary>What a notice says, before it is somebody's.</summary>
/// <param name="Kind">Stable code, which the message itself carries.</param>
/// <param name="About">What it is about; newer news of the same replaces it.</param>
/// <param name="IsUrgent">Wakes a telephone that saves its battery.</param>
/// <param name="ExpiresAt">UTC; later it is of no use.</param>
internal sealed record PushNews(string Kind, string About, bool IsUrgent, DateTimeOffset ExpiresAt)
{
    /// <summary>Title and text in <c>en</c> or <c>vi</c>. No names, no locator.</summary>
    public required Func<string, (string Title, string Text)> Words { get; init; }
}

internal static class PushWords
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>A gate that was changed when the flight should be gone may still be of use.</summary>
    private static readonly TimeSpan AtLeast = TimeSpan.FromMinutes(15);

    public static PushNews Of(BookingConfirmed booking) => Booking("booking.confirmed", booking.BookingId, booking.ConfirmedAt,
        ("Your booking is confirmed", "The tickets are issued; the receipt was mailed."), ("Đặt chỗ đã được xác nhận", "Vé đã được xuất; biên nhận đã được gửi qua thư."));

    public static PushNews Of(BookingFailed booking) => Booking("booking.failed", booking.BookingId, booking.FailedAt,
        booking.Money == MoneyState.NotCharged
            ? ("Your booking was not completed", "Nothing was bought and you were not charged.")
            : ("Your booking was not completed", "Nothing was bought; what was reserved at your bank is released."),
        booking.Money == MoneyState.NotCharged
            ? ("Đặt chỗ không hoàn tất", "Không có gì được mua và bạn không bị trừ tiền.")
            : ("Đặt chỗ không hoàn tất", "Không có gì được mua; khoản tạm giữ tại ngân hàng đã được giải tỏa."));

    public static PushNews Of(BookingNews news) => news.Kind switch
    {
        BookingNewsKind.PriceChanged => Urgent("booking.price_changed", news, ("The price of your booking changed", "Take the new price or leave it."), ("Giá đặt chỗ đã thay đổi", "Hãy chấp nhận giá mới hoặc từ chối.")),
        BookingNewsKind.PayLater => Urgent("booking.payment_due", news, ("Your seats are held", "Pay in time to keep them."), ("Chỗ của bạn đã được giữ", "Hãy thanh toán đúng hạn để giữ chỗ.")),
        BookingNewsKind.PaymentDue => Urgent("booking.payment_due", news, ("The time to pay ends soon", "Your seats are given back if it is not paid."), ("Sắp hết hạn thanh toán", "Chỗ sẽ bị trả lại nếu chưa thanh toán.")),
        BookingNewsKind.PayAgain => Urgent("booking.payment_due", news, ("Another payment is needed", "Your tickets are issued, and the money could not be taken."), ("Cần thanh toán lại", "Vé đã được xuất nhưng chưa thu được tiền.")),
        BookingNewsKind.PaymentUnderReview => Booking("booking.payment_under_review", news.BookingId, news.At,
            ("PayPal examines your payment", "We go on when that is done."), ("PayPal đang kiểm tra khoản thanh toán", "Chúng tôi sẽ tiếp tục khi hoàn tất.")),
        _ => Booking("booking.confirming", news.BookingId, news.At,
            ("The airline has not answered yet", "We keep asking; nothing is to be done."), ("Hãng bay chưa trả lời", "Chúng tôi vẫn đang hỏi; bạn không cần làm gì.")),
    };

    public static PushNews Of(CancellationNews news) => news.Kind switch
    {
        CancellationNewsKind.QuoteReady => Booking("cancellation.quoted", news.BookingId, news.At,
            ("What comes back is known", "Nothing is cancelled until you say so."), ("Đã có số tiền hoàn", "Chưa có gì bị hủy cho đến khi bạn xác nhận.")),
        CancellationNewsKind.Cancelled or CancellationNewsKind.CancelledUnpaid => Booking("booking.cancelled", news.BookingId, news.At,
            (news.IsWhole ? "Your booking is cancelled" : "A part of your booking is cancelled", "The mail says what comes back."),
            (news.IsWhole ? "Đặt chỗ đã được hủy" : "Một phần đặt chỗ đã được hủy", "Thư cho biết số tiền được hoàn.")),
        CancellationNewsKind.NotCancelled => Booking("booking.cancellation_failed", news.BookingId, news.At,
            ("Your booking is not cancelled", "It stays as it was."), ("Đặt chỗ không được hủy", "Đặt chỗ vẫn như cũ.")),
        CancellationNewsKind.RefundDelayed => Booking("booking.refund_delayed", news.BookingId, news.At,
            ("Your refund takes longer", "It is cancelled, and the money is on its way."), ("Hoàn tiền chậm hơn dự kiến", "Đã hủy, và tiền đang được hoàn.")),
        _ => Booking("cancellation.confirming", news.BookingId, news.At,
            ("The airline has not answered yet", "We keep asking whether it cancelled."), ("Hãng bay chưa trả lời", "Chúng tôi vẫn đang hỏi việc hủy.")),
    };

    /// <param name="told">What the last notice was about.</param>
    /// <param name="now">What is known.</param>
    /// <param name="at">UTC; when that was reported.</param>
    public static PushNews Of(FlightStatus told, FlightStatus now, DateTimeOffset at)
    {
        var leaves = now.EstimatedOffBlock ?? now.ScheduledOffBlock;
        var expires = Kind(told, now) == "flight.gate_changed" && leaves < at + Day ? leaves : at + Day;
        return new(Kind(told, now), $"flight {now.FlightId}", IsUrgent: true, expires > at + AtLeast ? expires : at + AtLeast)
        {
            Words = language => FlightNewsLetter.Headline(told, now, language),
        };
    }

    /// <summary>What travellers choose a notice by.</summary>
    public static NoticeKind NoticeKindOf(string kind) => kind switch
    {
        "booking.confirmed" or "booking.failed" => NoticeKind.Booking,
        "booking.price_changed" or "booking.payment_due" => NoticeKind.Payment,
        "booking.payment_under_review" or "booking.confirming" => NoticeKind.Progress,
        _ when kind.StartsWith("flight.", StringComparison.Ordinal) => NoticeKind.FlightChanges,
        _ => NoticeKind.Cancellation,
    };

    private static string Kind(FlightStatus told, FlightStatus now) => (told, now) switch
    {
        (_, { State: FlightState.Cancelled }) => "flight.cancelled",
        (_, { DivertedTo: { } other }) when other != told.DivertedTo => "flight.diverted",
        (_, { State: FlightState.Returned }) => "flight.returned",
        _ when (told.EstimatedOffBlock ?? told.ScheduledOffBlock) is var before && (now.EstimatedOffBlock ?? now.ScheduledOffBlock) - before is var shift
            && shift.Duration() >= TimeSpan.FromMinutes(10) => "flight.time_changed",
        _ => "flight.gate_changed",
    };

    private static PushNews Urgent(string kind, BookingNews news, (string, string) english, (string, string) vietnamese) =>
        Booking(kind, news.BookingId, news.At, english, vietnamese) with { IsUrgent = true, ExpiresAt = news.Until < news.At + Day ? news.Until.Value : news.At + Day };

    private static PushNews Booking(string kind, Guid bookingId, DateTimeOffset at, (string Title, string Text) english, (string Title, string Text) vietnamese) =>
        new(kind, $"booking {bookingId}", IsUrgent: false, at + Day) { Words = language => language == "vi" ? vietnamese : english };
}
