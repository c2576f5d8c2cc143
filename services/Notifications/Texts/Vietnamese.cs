using System.Globalization;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Users;
using Aerona.Notifications.Preferences;
using Aerona.Wording;

namespace Aerona.Notifications.Texts;

/// <inheritdoc/>
internal sealed class Vietnamese : MailTexts
{
    private const string NotCharged = "Bạn chưa bị tính tiền";
    private const string Expires = "Nếu đến lúc đó chưa thanh toán, đặt chỗ sẽ hết hạn, ghế được trả lại và bạn không bị tính tiền.";
    private const string TakenLast = "Tiền chỉ được trừ sau khi hãng hàng không xác nhận ghế và vé đã được xuất.";
    private const string NothingToDo = "Bạn không cần làm gì; chúng tôi sẽ báo cho bạn ngay khi có kết quả. Trong lúc chờ, xin đừng đặt lại chuyến bay này.";
    private const string WeAreOnIt = "Nhân viên của chúng tôi đang xử lý và sẽ báo cho bạn ngay khi có kết quả. Bạn không cần làm gì; trong lúc chờ, xin đừng đặt lại chuyến bay này.";
    private const string NothingBought = "Đặt chỗ của bạn chưa hoàn tất";

    // By hand: a process without cultures has no names of days.
    private static readonly string[] Days = ["Chủ nhật", "Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy"];

    public override string Language => "vi";

    public override string Day(DateTime local) => $"{Days[(int)local.DayOfWeek]} {Iso(local, "dd/MM/yyyy")}";

    public override string LongDay(DateTime local) => string.Create(CultureInfo.InvariantCulture, $"{Days[(int)local.DayOfWeek]}, ngày {local.Day} tháng {local.Month} năm {local.Year}");

    public override string DayAndTime(DateTime local, string? clock) => $"{Words.Time(local)} {Day(local)}{(clock is null ? "" : $" ({clock})")}";

    public override string TimeAndDay(DateTime local) => DayAndTime(local, null);

    public override string Of(Cabin cabin) => cabin switch
    {
        Cabin.Economy => "Phổ thông",
        Cabin.PremiumEconomy => "Phổ thông đặc biệt",
        Cabin.Business => "Thương gia",
        Cabin.First => "Hạng nhất",
        _ => throw new ArgumentOutOfRangeException(nameof(cabin), cabin, "there are no words for it"),
    };

    public override string Of(PassengerType type) => type switch
    {
        PassengerType.Adult => "Người lớn",
        PassengerType.Child => "Trẻ em",
        PassengerType.Infant => "Em bé ngồi cùng người lớn",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "there are no words for it"),
    };

    public override string DayOffset(int days) => days == 0 ? "" : $"{(days < 0 ? "−" : "+")}{Math.Abs(days).ToString(CultureInfo.InvariantCulture)} ngày";

    public override string Duration(TimeSpan flown) => string.Create(CultureInfo.InvariantCulture, $"{(int)flown.TotalHours} giờ {flown.Minutes:00} phút");

    public override string Baggage(string allowance) => allowance == "NIL" ? "Không có (NIL)" : AllowanceOf(allowance) switch
    {
        (var pieces, true) => $"{pieces} kiện ({allowance})",
        (var kilograms, false) => $"{kilograms} kg ({allowance})",
        null => allowance,
    };

    public override string Details(string duration, string cabin, string bookingClass, string baggage, string aircraft, IReadOnlyList<string> seats) =>
        $"{duration} · {cabin}, hạng đặt chỗ {bookingClass} · Hành lý ký gửi: {baggage} · {aircraft}{(seats.Count == 0 ? "" : $" · Ghế: {string.Join(", ", seats)}")}";

    public override string Carriage(string seller, string operatedBy, string? operatorsCode) =>
        operatorsCode is null ? $"{seller} bán vé và khai thác" : $"{seller} bán vé, {operatedBy} ({operatorsCode}) khai thác";

    public override IEnumerable<string> Of(FareConditions conditions)
    {
        yield return conditions.Refundable switch
        {
            true when conditions.RefundPenalty is { MinorUnits: > 0 } penalty => $"Hoàn vé trước giờ bay: được phép; hãng giữ lại {penalty} mỗi hành khách.",
            true when conditions.RefundPenalty is { MinorUnits: 0 } => "Hoàn vé trước giờ bay: được phép, không mất phí.",
            true => "Hoàn vé trước giờ bay: được phép; hãng không cho biết mức phí.",
            false => "Hoàn vé trước giờ bay: giá vé không được hoàn. Các khoản đánh dấu R trong phần chi tiết giá của biên nhận được hoàn nếu bạn không bay.",
            null => "Hoàn vé trước giờ bay: hãng không cho biết có được phép hay không.",
        };
        yield return conditions.Changeable switch
        {
            true when conditions.ChangePenalty is { MinorUnits: > 0 } penalty => $"Đổi vé trước giờ bay: được phép, phí {penalty} mỗi hành khách và mỗi lần đổi, cộng chênh lệch giá vé nếu có.",
            true when conditions.ChangePenalty is { MinorUnits: 0 } => "Đổi vé trước giờ bay: được phép, không mất phí, cộng chênh lệch giá vé nếu có.",
            true => "Đổi vé trước giờ bay: được phép; hãng không cho biết mức phí.",
            false => "Đổi vé trước giờ bay: không được phép.",
            null => "Đổi vé trước giờ bay: hãng không cho biết có được phép hay không.",
        };
    }

    public override string AirlineReference(string? airline, string code) => airline is null ? $"mã của hãng {code}" : $"mã {code} của {airline}";

    public override string BookingReference => "Mã đặt chỗ";

    public override string YourMoney => "Tiền của bạn";

    public override string YourFlights => "Chuyến bay của bạn";

    public override string WhatNext => "Tiếp theo";

    public override string SeeBooking => "Xem đặt chỗ";

    public override string Attached => "Tệp đính kèm";

    public override string ChooseMails => "Chọn loại thư bạn muốn nhận";

    public override string EndMailsLikeThis => "Ngừng nhận loại thư này";

    public override string Subject(string locator, string title) => $"Đặt chỗ {locator}: {char.ToLowerInvariant(title[0])}{title[1..]}";

    public override string SentForBooking(string locator) => $"Thư này được gửi vì đặt chỗ {locator} ghi địa chỉ này. Không thể trả lời thư này.";

    public override string SentForFlight(string flight) => $"Thư này được gửi vì địa chỉ này theo dõi chuyến bay {flight}. Không thể trả lời thư này.";

    public override string SentForAccount => "Thư này được gửi vì địa chỉ này đã được nhập tại Aerona. Không thể trả lời thư này.";

    public override string Confirmed => "Đã xác nhận";

    public override string ConfirmationSubject(string locator, string route, string day) => $"Đặt chỗ {locator} đã được xác nhận: {route}, {day}";

    public override string ConfirmationLead(bool isPaid, string day, bool hasDocuments) =>
        $"Đặt chỗ của bạn {(isPaid ? "đã thanh toán và đã xuất vé" : "đã xuất vé nhưng chưa thanh toán")}. Bạn khởi hành {char.ToLowerInvariant(day[0])}{day[1..]}{(hasDocuments ? "; chứng từ được đính kèm" : "")}.";

    public override string Passengers => "Hành khách và vé";

    public override string Price => "Giá";

    public override string PriceRow(PriceLineKind kind) => kind switch
    {
        PriceLineKind.BaseFare => "Giá vé",
        PriceLineKind.CarrierCharge => "Phụ phí của hãng",
        PriceLineKind.Seat => "Ghế đã chọn",
        _ => "Thuế và phí sân bay",
    };

    public override string Total => "Tổng giá";

    public override string Paid => "Đã thanh toán qua PayPal";

    public override string NotPaid => "Chưa thanh toán";

    public override string NotPaidAdvice => "Chưa có khoản nào bị trừ của bạn ở PayPal. Nhân viên của chúng tôi sẽ thống nhất với bạn cách thanh toán.";

    public override string BeforeYouFly => "Trước chuyến bay";

    public override string LocalTimes => "Mọi giờ ghi theo giờ địa phương của sân bay bên cạnh.";

    public override string CheckIn(IReadOnlyList<string> references, string locator) =>
        $"Làm thủ tục với {string.Join(" hoặc ", references.Append($"mã đặt chỗ {locator}"))} và họ ghi trên vé. Hãy mang theo giấy tờ tùy thân mang đúng tên đó.";

    public override string DocumentName(string kind, string? number) => kind switch
    {
        DocumentKinds.ItineraryReceipt => "Biên nhận hành trình",
        DocumentKinds.Invoice => $"Hóa đơn {number}".TrimEnd(),
        DocumentKinds.CreditNote => $"Hóa đơn giảm trừ {number}".TrimEnd(),
        DocumentKinds.Calendar => "Tệp lịch",
        _ => "Tài liệu",
    };

    public override (string Title, string Why, string Next) Failure(string reason) => reason switch
    {
        "booking.cancelled" => ("Đặt chỗ của bạn đã được hủy", "Bạn đã yêu cầu hủy trước khi mua vé. Ghế đã được trả lại.", "Bạn không cần làm gì."),
        "payment.expired" => ("Đặt chỗ của bạn đã hết hạn", "Khoản thanh toán không được chấp thuận kịp thời nên ghế đã được trả lại.", "Bạn có thể tìm lại; giá và chỗ có thể đã thay đổi."),
        "payment.declined" => (
            NothingBought, "Khoản thanh toán bị từ chối nên chưa mua vé nào và ghế đã được trả lại.",
            "Vui lòng đặt lại với cách thanh toán khác; nơi phát hành phương tiện bạn đã dùng có thể cho biết vì sao bị từ chối."),
        "payment.not_possible" => (NothingBought, "Không thể thanh toán cho đặt chỗ này nên chưa mua vé nào.", "Vui lòng đặt lại hoặc chọn chuyến bay khác."),
        "payment.unavailable" => (NothingBought, "PayPal không trả lời kịp thời nên chưa mua vé nào và ghế đã được trả lại.", "Vui lòng thử lại sau ít lâu."),
        "seats.lost" => (NothingBought, "Những ghế cuối cùng đã được bán cho người khác trước khi chúng tôi mua được cho bạn.", "Vui lòng chọn chuyến bay hoặc hạng ghế khác."),
        "price.changed" => (NothingBought, "Giá đã thay đổi trước khi mua vé và giá mới không được chấp nhận kịp thời.", "Vui lòng đặt lại nếu giá mới phù hợp với bạn."),
        "offer.gone" => (NothingBought, "Báo giá đã hết hạn hoặc chuyến bay không còn được bán nên chưa mua vé nào.", "Vui lòng tìm lại."),
        "order.refused" => (NothingBought, "Hãng hàng không từ chối yêu cầu nên chưa mua vé nào.", "Vui lòng chọn chuyến bay khác."),
        "airline.unavailable" => (NothingBought, "Hãng hàng không không trả lời kịp thời nên chưa mua vé nào.", "Vui lòng thử lại sau ít lâu."),
        _ => (NothingBought, "Không thể hoàn tất đặt chỗ, nên chưa mua vé nào và những gì đã giữ đã được trả lại.", "Vui lòng tìm lại."),
    };

    public override (string Money, string Detail) Money(MoneyState state) => state switch
    {
        MoneyState.NotCharged => (NotCharged, "Không có khoản nào bị giữ hoặc bị trừ."),
        MoneyState.AuthorisationVoided => (
            "Không có khoản nào bị trừ; khoản đã giữ được giải phóng",
            "Số tiền đã được giữ ở PayPal. Chúng tôi đã giải phóng toàn bộ. Ngân hàng của bạn có thể còn hiển thị trong vài ngày; khoản đó không bao giờ bị trừ."),
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "nobody has said what to tell about this"),
    };

    public override ShortWords News(BookingNewsKind kind, NewsFacts facts) => kind switch
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
            SeeBooking, "Chưa có khoản nào bị trừ", "Tiền chỉ được trừ khi PayPal chấp thuận và vé đã được xuất."),
        BookingNewsKind.ConfirmingWithAirline => new(
            "Chúng tôi đang chờ hãng hàng không",
            ["Chúng tôi đã gửi yêu cầu đặt vé của bạn đến hãng hàng không và hãng chưa cho biết đã nhận hay chưa. Chúng tôi vẫn tiếp tục hỏi.", NothingToDo],
            SeeBooking, "Đã giữ, chưa trừ",
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

    public override ShortWords Cancellation(CancellationNewsKind kind, CancellationFacts facts)
    {
        var what = facts.What is { } flights ? $"{flights}{facts.Route}" : $"Đặt chỗ của bạn{facts.Route}";
        var inside = char.ToLowerInvariant(what[0]) + what[1..];
        what = char.ToUpperInvariant(what[0]) + what[1..];
        var done = facts.IsWhole ? "Đặt chỗ của bạn đã được hủy" : "Một phần đặt chỗ của bạn đã được hủy";
        return kind switch
        {
            CancellationNewsKind.QuoteReady => new(
                facts.Refund is null ? "Chưa biết số tiền được hoàn khi hủy" : $"Nếu hủy, bạn được hoàn {facts.Refund}",
                [
                    facts.Refund is null
                        ? $"Bạn đã yêu cầu hủy. {what} có thể hủy được, nhưng hãng chỉ cho biết số tiền hoàn sau khi hủy."
                        : $"Bạn đã yêu cầu hủy. Nếu bạn xác nhận, bạn được hoàn {facts.Refund} cho: {inside}.",
                    $"Hiện chưa có gì bị hủy. Báo giá này có hiệu lực đến {facts.Until}; nếu bạn không làm gì, đặt chỗ vẫn giữ nguyên.",
                    "Để xác nhận, vui lòng mở đặt chỗ tại nơi bạn đã đặt hoặc liên hệ nhân viên của chúng tôi.",
                ],
                SeeBooking, "Chưa có gì thay đổi", "Vé của bạn vẫn có hiệu lực và không có khoản tiền nào được chuyển trước khi bạn xác nhận."),
            CancellationNewsKind.ConfirmingWithAirline => new(
                "Chúng tôi đang chờ hãng hàng không hủy vé",
                ["Chúng tôi đã yêu cầu hãng hủy vé và hãng chưa cho biết đã hủy hay chưa. Chúng tôi vẫn tiếp tục hỏi.", "Bạn không cần làm gì; chúng tôi sẽ báo ngay khi có kết quả."],
                SeeBooking, "Chưa có khoản tiền nào được chuyển", "Tiền được hoàn sau khi hãng đã hủy vé."),
            CancellationNewsKind.NotCancelled => new(
                "Đặt chỗ của bạn chưa bị hủy",
                [$"{Why(facts.Reason)} {what} vẫn giữ nguyên.", "Bạn có thể yêu cầu lại bất cứ lúc nào; nhân viên của chúng tôi sẵn sàng giúp bạn."],
                SeeBooking, "Chưa có khoản tiền nào được chuyển", "Vé của bạn vẫn có hiệu lực và chưa có khoản nào được hoàn."),
            CancellationNewsKind.Cancelled when facts.Refund is null => new(
                done, [$"Hãng hàng không đã hủy: {inside}.", "Số tiền hoàn chưa được xác định; nhân viên của chúng tôi đang xử lý và sẽ báo cho bạn."],
                SeeBooking, "Số tiền hoàn chưa được xác định", "Chúng tôi sẽ báo ngay khi biết số tiền."),
            CancellationNewsKind.Cancelled when facts.IsNothing => new(
                done, [$"Hãng hàng không đã hủy: {inside}."],
                SeeBooking, "Không có khoản nào được hoàn", "Điều kiện giá vé không cho hoàn tiền, như bạn đã xác nhận."),
            CancellationNewsKind.Cancelled => new(
                done,
                [$"Hãng hàng không đã hủy: {inside}.", $"{facts.Refund} được hoàn về nguồn bạn đã thanh toán.{(facts.Until is { } day ? $" Bạn sẽ thấy khoản tiền này chậm nhất {day}." : "")}"],
                SeeBooking, $"Bạn được hoàn {facts.Refund}", "PayPal hoàn về nguồn bạn đã dùng để thanh toán; ngân hàng có thể cần vài ngày để hiển thị."),
            CancellationNewsKind.CancelledUnpaid => new(
                "Vé của bạn đã được trả lại vì chưa được thanh toán",
                ["Không thể thu tiền của bạn và không có khoản thanh toán nào khác kịp thời hạn. Chúng tôi đã trả lại vé; vé không còn hiệu lực."],
                SeeBooking, "Bạn không bị tính tiền", "Khoản đã giữ ở PayPal được giải phóng. Ngân hàng của bạn có thể còn hiển thị khoản đó trong vài ngày."),
            CancellationNewsKind.RefundDelayed => new(
                "Khoản hoàn tiền của bạn bị chậm",
                [$"{what} đã được hủy.", $"{facts.Refund ?? "Khoản tiền của bạn"} chưa hoàn được. Nhân viên của chúng tôi đang xử lý và sẽ tìm cách khác nếu cần; bạn không cần làm gì."],
                SeeBooking, $"Chúng tôi còn phải hoàn cho bạn {facts.Refund ?? "khoản tiền này"}", "Chúng tôi sẽ liên hệ nếu cần thông tin từ bạn."),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "nobody has said what to tell about this"),
        };
    }

    public override string FlightForPassengers(string flight, int passengers) => $"chuyến {flight} của {passengers} hành khách";

    public override ShortWords? Case(string kind) => kind switch
    {
        "ticketing-urgent" => new(
            "Vé của bạn được xuất chậm hơn thường lệ", ["Hãng hàng không đã xác nhận đặt chỗ của bạn nhưng chưa xuất vé. Chúng tôi vẫn tiếp tục hỏi.", WeAreOnIt],
            SeeBooking, "Đã giữ, chưa trừ", "Số tiền đang được giữ ở PayPal. Tiền chỉ bị trừ khi vé đã được xuất."),
        "undo-overdue" => new(
            "Chúng tôi vẫn đang hoàn trả đặt chỗ của bạn", ["Đặt chỗ của bạn không hoàn tất, và việc trả lại những gì đã giữ cho đặt chỗ này lâu hơn thường lệ.", WeAreOnIt],
            SeeBooking, "Không có khoản nào bị trừ", "Khoản giữ ở PayPal có thể còn hiển thị cho đến khi chúng tôi giải phóng; khoản đó không bị trừ."),
        "late-capture" => new(
            "Bạn được hoàn lại tiền", ["Một khoản tiền đã bị trừ cho đặt chỗ đã kết thúc. Điều đó lẽ ra không được xảy ra.", WeAreOnIt],
            SeeBooking, "Toàn bộ số tiền đang được hoàn lại", "Chúng tôi đã yêu cầu PayPal hoàn lại toàn bộ. Ngân hàng hiển thị khoản hoàn sau vài ngày."),
        _ => null,
    };

    public override ShortWords Seats(string flight, IReadOnlyList<(string From, string? To)> moves, string? refund) => new(
        moves.Any(move => move.To is null) ? "Có chỗ ngồi bạn đã chọn không còn nữa" : "Chỗ ngồi của bạn đã thay đổi",
        [
            $"Chuyến {flight} có sơ đồ ghế khác, nên chỗ ngồi đã chọn thay đổi: {string.Join(", ", moves.Select(move => $"{move.From} → {move.To ?? "nhận tại sân bay"}"))}.",
            "Vé của bạn vẫn có hiệu lực. Nếu chỗ mới không phù hợp, vui lòng liên hệ nhân viên của chúng tôi.",
        ],
        SeeBooking, refund is null ? "Không có thay đổi về tiền" : $"Bạn được hoàn {refund}",
        refund is null ? "Chỗ mới có mọi điều mà bạn đã trả tiền, hoặc chỗ này không mất phí." : "Đó là số tiền bạn đã trả cho các chỗ này; tiền được hoàn về nguồn bạn đã thanh toán, bạn không cần làm gì.");

    public override ShortWords Dispute(DisputeStanding standing, string amount) => standing switch
    {
        DisputeStanding.Open => new(
            "Bạn khiếu nại khoản thanh toán",
            [
                $"PayPal hoặc ngân hàng của bạn cho biết khoản {amount} trả cho đặt chỗ này đang bị khiếu nại. Chúng tôi đang xem xét và sẽ trả lời PayPal.",
                "Trong thời gian đó đặt chỗ vẫn giữ nguyên. Muốn hủy, vui lòng yêu cầu chúng tôi hủy; khiếu nại không hủy chuyến bay.",
                "Nếu không phải bạn khiếu nại, hãy báo cho PayPal.",
            ],
            SeeBooking, $"Khoản {amount} đang bị khiếu nại", "PayPal quyết định khoản đó thuộc về ai. Việc này mất vài tuần; trong lúc đó không ai phải trả gì."),
        DisputeStanding.Lost => new(
            "Khiếu nại của bạn được chấp thuận",
            [$"PayPal đã hoàn lại cho bạn {amount}.", "Nhân viên của chúng tôi sẽ quyết định về vé của đặt chỗ này. Chúng tôi báo cho bạn trước khi hủy bất cứ điều gì."],
            SeeBooking, $"Bạn được hoàn {amount}", "PayPal hoàn về nguồn bạn đã dùng để thanh toán; ngân hàng có thể cần vài ngày để hiển thị."),
        DisputeStanding.Won => new(
            "Khiếu nại của bạn đã có kết quả", [$"PayPal quyết định khoản thanh toán {amount} có hiệu lực. Đặt chỗ của bạn vẫn giữ nguyên."],
            SeeBooking, $"Khoản thanh toán {amount} có hiệu lực", "PayPal cho biết lý do và bạn có thể làm gì trong tài khoản của bạn ở đó."),
        _ => throw new ArgumentOutOfRangeException(nameof(standing), standing, "nobody has said what to tell about this"),
    };

    public override ShortWords CancellationDocuments(string? creditNote) => new(
        creditNote is null ? "Các chuyến bay đã hủy cho lịch của bạn" : "Hóa đơn giảm trừ của bạn",
        [
            creditNote is null
                ? "Mở tệp đính kèm và lịch của bạn sẽ gỡ các chuyến bay đã hủy."
                : $"Đính kèm là hóa đơn giảm trừ {creditNote} cho phần đã hủy. Hãy giữ cùng với hóa đơn của bạn.",
        ],
        SeeBooking, "Bạn không cần làm gì", "Số tiền được hoàn và thời điểm hoàn có trong thư về việc hủy.");

    public override string Flight => "Chuyến bay";

    public override string EndFlightMails => "Ngừng nhận tin về chuyến bay này";

    public override string SeeDepartures => "Xem bảng giờ khởi hành";

    public override (string Title, string Text) Following =>
        ("Bạn đang theo dõi chuyến bay này", "Chúng tôi sẽ gửi thư cho bạn khi chuyến bay bị chậm, đổi cửa ra máy bay hoặc bị hủy.");

    public override (string Title, string Text) FlightCancelled(FlightFacts facts) => ("Chuyến bay bị hủy", $"Chuyến bay {facts.Flight} ngày {facts.Day} không được khai thác.");

    public override (string Title, string Text) FlownAfterAll(FlightFacts facts) => ("Chuyến bay được khai thác trở lại", $"Chuyến bay {facts.Flight} không còn bị hủy.");

    public override (string Title, string Text) Diverted(FlightFacts facts, string to) => ("Chuyến bay chuyển hướng", $"Chuyến bay {facts.Flight} đến {to} thay vì {facts.Destination}.");

    public override (string Title, string Text) CameBack(FlightFacts facts) => ("Chuyến bay quay lại", $"Chuyến bay {facts.Flight} quay lại {facts.Origin}.");

    public override (string Title, string Text) LeavesAtAnotherTime(FlightFacts facts, bool isLate) =>
        (isLate ? "Chuyến bay bị chậm" : "Giờ khởi hành mới", $"Chuyến bay {facts.Flight} dự kiến khởi hành lúc {facts.Leaves}; trước đó là {facts.Left}.");

    public override (string Title, string Text) GateKnown(FlightFacts facts) => (
        facts.OldGate is null ? "Cửa ra máy bay" : "Đổi cửa ra máy bay",
        $"Chuyến bay {facts.Flight} khởi hành từ {facts.Gate}{(facts.OldGate is null ? "" : $", không phải {facts.OldGate}")}.");

    public override string Because(string reason) => $"Lý do: {reason}.";

    public override string Departure(string at) => $"Khởi hành {at}";

    public override string? Gate(string? terminal, string? gate) => (terminal, gate) switch
    {
        (null, null) => null,
        (not null, null) => $"nhà ga {terminal}",
        (null, not null) => $"cửa {gate}",
        _ => $"cửa {gate}, nhà ga {terminal}",
    };

    public override string GateNotKnown => "Cửa ra máy bay chưa được công bố.";

    public override string YourAccount => "Tài khoản của bạn";

    public override (string Title, string Text, string? Button) Account(AccountMail kind) => kind switch
    {
        AccountMail.ConfirmAddress => (
            "Xác nhận địa chỉ của bạn", "Ai đó, rất có thể là bạn, muốn tạo tài khoản Aerona với địa chỉ này. Hãy mở liên kết và nhập mật khẩu bạn đã chọn.", "Xác nhận địa chỉ"),
        AccountMail.AddressInUse => (
            "Bạn đã có tài khoản", "Ai đó, rất có thể là bạn, muốn tạo tài khoản với địa chỉ này. Tài khoản đã có sẵn: hãy đăng nhập, hoặc chọn mật khẩu mới nếu bạn quên.", null),
        AccountMail.ResetPassword => (
            "Chọn mật khẩu mới", "Ai đó, rất có thể là bạn, đã quên mật khẩu của tài khoản này. Liên kết cho phép bạn chọn mật khẩu mới.", "Chọn mật khẩu"),
        AccountMail.NoAccount => (
            "Không có tài khoản với địa chỉ này",
            "Ai đó, rất có thể là bạn, muốn đổi mật khẩu cho địa chỉ này. Không có tài khoản nào; có thể bạn đã dùng địa chỉ khác.", null),
        AccountMail.PasswordChanged => ("Mật khẩu của bạn đã được đổi", "Các trình duyệt và ứng dụng khác đã được đăng xuất.", null),
        AccountMail.SecondFactorAdded => ("Đã thêm một cách đăng nhập", "Một ứng dụng xác thực hoặc khóa truy cập đã được thêm vào tài khoản của bạn.", null),
        AccountMail.SecondFactorRemoved => ("Đã gỡ một cách đăng nhập", "Một ứng dụng xác thực hoặc khóa truy cập đã được gỡ khỏi tài khoản của bạn.", null),
        AccountMail.RecoveryCodeUsed => ("Một mã khôi phục đã được dùng", "Có người đã đăng nhập bằng mật khẩu của bạn và một mã khôi phục.", null),
        AccountMail.TokenReused => (
            "Chúng tôi đã đăng xuất bạn khỏi một nơi",
            "Khóa giữ đăng nhập của một ứng dụng đã bị dùng lần thứ hai, điều này xảy ra khi khóa bị sao chép. Phiên đó đã kết thúc; hãy đăng nhập lại ở đó.", null),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "there are no words for it"),
    };

    public override (string Label, string Fact, string Detail) AccountLink(string until) =>
        ("Liên kết", $"Có hiệu lực đến {until}, một lần", "Nếu không phải bạn, đừng làm gì: không có thư này thì không ai làm tiếp được.");

    public override (string Label, string Fact, string Detail) AccountWarning(string address) =>
        ("Nếu không phải bạn", "Hãy đổi mật khẩu ngay", $"Truy cập {address}. Việc này cũng đăng xuất bạn khỏi mọi thiết bị.");

    public override (string Label, string Fact, string Detail) AccountNothingToDo => ("Nếu không phải bạn", "Bạn không cần làm gì", "Không có gì bị thay đổi.");

    public override (string Title, string Text, string Button, string Warning) BookingLink => (
        "Mở đặt chỗ của bạn", "Ai đó, rất có thể là bạn, đã yêu cầu mở đặt chỗ này. Người có liên kết có thể xem, thanh toán, thay đổi và hủy đặt chỗ.", "Mở đặt chỗ",
        "Nếu không phải bạn, đừng làm gì và đừng chuyển tiếp thư này: không có thư này thì không ai làm tiếp được.");

    public override (string Title, string Why) PreferencesPage =>
        ("Chọn loại thư bạn muốn nhận", "Lựa chọn này áp dụng cho một đặt chỗ hoặc một chuyến bay được theo dõi. Ai có tài khoản thì chọn tại đó cho mọi đặt chỗ.");

    public override (string Name, string What) Of(NoticeKind kind) => kind switch
    {
        NoticeKind.Booking => ("Đặt chỗ", "Xác nhận, hoặc lý do không thành; chứng từ"),
        NoticeKind.Payment => ("Thanh toán", "Giá mới cần quyết định, khoản cần thanh toán"),
        NoticeKind.Cancellation => ("Hủy vé", "Số tiền được hoàn và kết quả"),
        NoticeKind.Progress => ("Tiến trình", "Chúng tôi đang chờ điều gì khi bạn không cần làm gì"),
        NoticeKind.FlightChanges => ("Thay đổi chuyến bay", "Chậm chuyến, cửa ra máy bay, hủy chuyến"),
        NoticeKind.Account => ("Tài khoản", "Đăng nhập và mật khẩu"),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "there are no words for it"),
    };

    public override string AlwaysByMail => "luôn gửi qua e-mail";

    public override string Of(Channel channel) => channel == Channel.Email ? "E-mail" : "Trên thiết bị này";

    public override (string Heading, string What, string From, string Until) QuietHours => (
        "Giờ yên tĩnh", "Việc chờ được sẽ gửi sau. Việc gấp gửi ngay: chuyến bay bị hủy, sắp hết hạn thanh toán. Giờ tính theo nơi hành trình bắt đầu.", "Từ", "Đến");

    public override string Save => "Lưu";

    public override string Saved => "Đã lưu.";

    public override string UnknownLink => "Liên kết này không tồn tại hoặc đã hết hạn";

    public override string MailsEnded(string kind) => $"Bạn sẽ không nhận thêm loại thư này: {kind}";

    private static string For(NewsFacts facts) => facts.Route is { } route ? $" cho hành trình {route}" : "";

    private static string Before(NewsFacts facts) => facts.Until is { } until ? $" trước {until}" : " sớm";

    private static string Why(string? reason) => reason switch
    {
        "cancellation.flown" => "Chuyến bay đã khởi hành.",
        "cancellation.quote_expired" or "cancellation.quote_changed" or "cancellation.approval_late" => "Báo giá trước đó không còn hiệu lực.",
        "booking.being_serviced" => "Một yêu cầu hủy khác đã được thực hiện trước.",
        "cancellation.supplier_unavailable" or "cancellation.not_received" or "cancellation.not_locked" => "Không thể liên hệ hãng hàng không kịp thời.",
        _ => "Không thể hủy được.",
    };
}
