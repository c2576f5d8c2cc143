using System.Globalization;
using Aerona.Contracts;
using Aerona.Tickets.Invoicing;
using Aerona.Wording;

namespace Aerona.Tickets.Documents;

/// <summary>Vietnamese. Days and numbers are written here: not every machine has the language's data.</summary>
internal sealed class VietnamesePhrases : Phrases
{
    private static readonly string[] Days = ["Chủ nhật", "Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy"];
    private static readonly string[] ShortDays = ["CN", "T2", "T3", "T4", "T5", "T6", "T7"];

    private static readonly NumberFormatInfo Format = new() { NumberDecimalSeparator = ",", NumberGroupSeparator = ".", NumberNegativePattern = 1 };

    private static readonly CultureInfo Culture = new("") { NumberFormat = Format };

    // As people there call them; the reference data is English.
    private static readonly Dictionary<string, (string City, string Airport)> Places = new()
    {
        ["SGN"] = ("TP. Hồ Chí Minh", "Sân bay quốc tế Tân Sơn Nhất"),
        ["HAN"] = ("Hà Nội", "Sân bay quốc tế Nội Bài"),
        ["DAD"] = ("Đà Nẵng", "Sân bay quốc tế Đà Nẵng"),
        ["CXR"] = ("Nha Trang", "Sân bay quốc tế Cam Ranh"),
        ["PQC"] = ("Phú Quốc", "Sân bay quốc tế Phú Quốc"),
        ["HPH"] = ("Hải Phòng", "Sân bay quốc tế Cát Bi"),
        ["HUI"] = ("Huế", "Sân bay quốc tế Phú Bài"),
        ["VII"] = ("Vinh", "Sân bay quốc tế Vinh"),
        ["VCA"] = ("Cần Thơ", "Sân bay quốc tế Cần Thơ"),
        ["DLI"] = ("Đà Lạt", "Sân bay quốc tế Liên Khương"),
        ["VDO"] = ("Hạ Long", "Sân bay quốc tế Vân Đồn"),
        ["THD"] = ("Thanh Hóa", "Sân bay Thọ Xuân"),
        ["UIH"] = ("Quy Nhơn", "Sân bay Phù Cát"),
        ["BMV"] = ("Buôn Ma Thuột", "Sân bay Buôn Ma Thuột"),
        ["PXU"] = ("Pleiku", "Sân bay Pleiku"),
        ["VCS"] = ("Côn Đảo", "Sân bay Côn Đảo"),
        ["VDH"] = ("Đồng Hới", "Sân bay Đồng Hới"),
        ["VCL"] = ("Tam Kỳ", "Sân bay Chu Lai"),
    };

    public override string Language => "vi";

    protected override CultureInfo Numbers => Culture;

    public override string ReceiptTitle => "Vé điện tử – hành trình và biên nhận";
    public override string BookingReference => "Mã đặt chỗ";
    public override string IssuedOn => "Ngày xuất vé";
    public override string IssuedBy => "Nơi xuất vé";
    public override string TicketOf => "Vé của hãng";
    public override string ScanToVerify => "Quét để kiểm tra vé";
    public override string PassengersAndTickets => "Hành khách và vé";
    public override string NameOnTicket => "Tên trên vé";
    public override string PassengerColumn => "Hành khách";
    public override string TicketNumberColumn => "Số vé điện tử";
    public override string InConjunction => "vé nối";
    public override string YourFlight => "Chuyến bay";
    public override string YourFlights => "Các chuyến bay";
    public override string Seat => "Ghế";
    public override string Seats => "Ghế";
    public override string CabinLabel => "Hạng ghế";
    public override string BookingClass => "Hạng đặt chỗ";
    public override string FareBasis => "Loại giá vé";
    public override string CheckedBaggage => "Hành lý ký gửi";
    public override string Status => "Tình trạng";
    public override string Confirmed => "đã xác nhận";
    public override string RefundableMark => "R: được hoàn nếu hành khách không bay";
    public override string Total => "Tổng";
    public override string Fares => "Giá vé";
    public override string CarrierCharges => "Phụ phí của hãng";
    public override string TaxesAndCharges => "Thuế và phí sân bay";
    public override string ChosenSeats => "Ghế đã chọn";
    public override string TotalPrice => "Tổng cộng";
    public override string FormOfPayment => "Hình thức thanh toán";
    public override string ToBeAgreed => "Sẽ thỏa thuận";
    public override string PaidLabel => "Đã thanh toán";
    public override string NotIncluded => "Không bao gồm";
    public override string ExtrasLater => "Hành lý thêm và dịch vụ khác mua sau.";
    public override string FareConditionsTitle => "Điều kiện giá vé";
    public override string BeforeYouFly => "Trước chuyến bay";

    public override IReadOnlyList<string> Advice =>
    [
        "Mọi giờ ghi trên vé là giờ địa phương tại sân bay ghi bên cạnh.",
        "Họ tên phải đúng với giấy tờ tùy thân. Hãy mang theo hộ chiếu hoặc căn cước còn hiệu lực và kiểm tra quy định thị thực, quá cảnh trước khi đi.",
        "Hãy bay các chặng theo thứ tự đã in. Nếu bỏ một chặng, hãng có thể hủy các chặng tiếp theo.",
        "Làm thủ tục bằng mã đặt chỗ và họ. Hãy có mặt tại cửa ra máy bay trước giờ đóng cửa do hãng quy định.",
        "Không được mang chất nổ, nhiên liệu, pin lithium rời và hàng nguy hiểm khác. Nếu chưa rõ, hãy hỏi hãng hàng không.",
        "Việc vận chuyển tuân theo điều lệ vận chuyển của hãng khai thác và, khi áp dụng, Công ước Montreal hoặc Warsaw, trong đó giới hạn trách nhiệm đối với tử vong, thương tích, chậm trễ và mất hành lý.",
    ];

    public override string InvoiceTitle => "Hóa đơn";
    public override string CreditNoteTitle => "Phiếu giảm trừ hóa đơn";
    public override string NumberLabel => "Số";
    public override string From => "Bên bán";
    public override string BilledTo => "Bên mua";
    public override string Date => "Ngày";
    public override string TaxNumber => "Mã số thuế";
    public override string TravelDate => "Chuyến bay đầu tiên";
    public override string OriginalInvoice => "Giảm trừ hóa đơn";
    public override string What => "Nội dung";
    public override string TaxColumn => "Thuế";
    public override string AmountColumn => "Số tiền";
    public override string NetColumn => "Chưa thuế";
    public override string TaxSummary => "Thuế theo loại";
    public override string AmountDue => "Còn phải thanh toán";
    public override string PaidByPayPal => "Đã thanh toán qua PayPal";
    public override string TotalCredited => "Tổng giảm trừ";
    public override string GoesBack => "Số tiền được hoàn theo cách đã thanh toán. Ngân hàng ghi có sau vài ngày.";
    public override string Everybody => "Tất cả hành khách";
    public override string CalendarName => "Chuyến bay Aerona";
    public override string Arrives => "Đến";
    public override string Cancelled => "Chuyến bay này đã bị hủy.";

    public override string Page(int number, int of) => string.Create(Culture, $"Trang {number} / {of}");

    public override string FareBreakdown(string currency) => $"Chi tiết giá vé ({currency})";

    public override string With(string adult) => $"đi cùng {adult}";

    public override string FromTo(string from, string to) => $"{from} đến {to}";

    public override string RoleOf(SellerRole role, string airline) => role == SellerRole.Agent
        ? $"Xuất thay mặt và cho {airline}, bên cung cấp dịch vụ vận chuyển. Toàn bộ số tiền được chuyển lại; không có thuế của chúng tôi trong đó."
        : $"Dịch vụ vận chuyển do chúng tôi bán dưới tên mình và do {airline} hoặc các hãng ghi trên biên nhận hành trình thực hiện.";

    public override string Of(TaxCategory category, decimal rate) => category switch
    {
        TaxCategory.Standard => $"S   {rate.ToString("0.##", Culture)} %",
        TaxCategory.ZeroRated => "Z   0 %, vận chuyển quốc tế",
        _ => "O   không thuộc diện chịu thuế",
    };

    public override string Of(InvoiceLine line) => line.Code switch
    {
        "PENALTY" => "Hãng giữ lại",
        "REFUND" => "Vận chuyển đã hủy",
        _ => base.Of(line),
    };

    public override string City(string airport) => Places.TryGetValue(airport, out var place) ? place.City : base.City(airport);

    public override string AirportName(string airport) => Places.TryGetValue(airport, out var place) ? place.Airport : base.AirportName(airport);

    public override string Of(Cabin cabin) => cabin switch
    {
        Cabin.Economy => "Phổ thông",
        Cabin.PremiumEconomy => "Phổ thông đặc biệt",
        Cabin.Business => "Thương gia",
        _ => "Hạng nhất",
    };

    public override string Of(PassengerType type) => type switch
    {
        PassengerType.Adult => "Người lớn",
        PassengerType.Child => "Trẻ em",
        _ => "Em bé",
    };

    public override string Day(DateTime local) => string.Create(Culture, $"{ShortDays[(int)local.DayOfWeek]} {local.Day:00}/{local.Month:00}/{local.Year:0000}");

    public override string LongDay(DateTime local) => string.Create(Culture, $"{Days[(int)local.DayOfWeek]}, ngày {local.Day} tháng {local.Month} năm {local.Year:0000}");

    public override string DayOffset(Segment segment) => (segment.ArrivesLocal.Date - segment.DepartsLocal.Date).Days switch
    {
        0 => "",
        var days => string.Create(Culture, $"{(days < 0 ? "−" : "+")}{Math.Abs(days)} ngày"),
    };

    public override string Duration(Segment segment)
    {
        var flown = segment.ArrivesAt - segment.DepartsAt;
        return string.Create(Culture, $"{(int)flown.TotalHours} giờ {flown.Minutes:00} phút");
    }

    public override string Baggage(string allowance) => allowance switch
    {
        "NIL" => "Không (NIL)",
        [.. var pieces, 'P', 'C'] => $"{pieces} kiện ({allowance})",
        [.. var kilograms, 'K'] => $"{kilograms} kg ({allowance})",
        _ => allowance,
    };

    public override string Of(PriceLine line) => line.Kind switch
    {
        PriceLineKind.BaseFare => "Giá vé",
        PriceLineKind.CarrierCharge => "Phụ phí của hãng",
        PriceLineKind.Seat => "Ghế đã chọn",
        _ => line.Country is null ? "Thuế hoặc phí sân bay" : $"Thuế hoặc phí sân bay, {line.Country}",
    };

    public override string Of(ChosenSeat seat)
    {
        var known = seat.Characteristics.Select(WordOf).OfType<string>().ToList();
        return known.Count == 0 ? seat.Seat : $"{seat.Seat} ({string.Join(", ", known)})";
    }

    public override string Carriage(Segment segment) => segment.OperatingCarrier == segment.Flight.Carrier
        ? $"{Words.Airline(segment.OperatingCarrier)} bán và khai thác"
        : $"{Words.Airline(segment.Flight.Carrier)} bán, {Words.Airline(segment.OperatingCarrier)} ({segment.OperatingCarrier}) khai thác";

    public override IReadOnlyList<string> AirlineReferences(IReadOnlyList<Locator> locators)
    {
        var airlines = locators.Where(locator => locator.System.Length == 2).Select(locator => $"Mã của {Words.Airline(locator.System)}: {locator.Code}").Distinct().ToList();
        return airlines.Count > 0 ? airlines : [.. locators.Where(locator => locator.System != "aerona").Select(locator => $"Mã của hãng: {locator.Code}").Distinct()];
    }

    public override IEnumerable<string> Of(FareConditions conditions)
    {
        yield return conditions.Refundable switch
        {
            true when conditions.RefundPenalty is { MinorUnits: > 0 } penalty => $"Hoàn vé trước giờ khởi hành: được phép; hãng giữ lại {AmountWithCurrency(penalty)} mỗi hành khách.",
            true when conditions.RefundPenalty is { MinorUnits: 0 } => "Hoàn vé trước giờ khởi hành: được phép, không mất phí.",
            true => "Hoàn vé trước giờ khởi hành: được phép; hãng không cho biết mức phí.",
            false => "Hoàn vé trước giờ khởi hành: giá vé không được hoàn. Các khoản có dấu R trong chi tiết giá vé được hoàn nếu quý khách không bay.",
            null => "Hoàn vé trước giờ khởi hành: hãng không cho biết có được phép hay không.",
        };
        yield return conditions.Changeable switch
        {
            true when conditions.ChangePenalty is { MinorUnits: > 0 } penalty => $"Đổi vé trước giờ khởi hành: {AmountWithCurrency(penalty)} mỗi hành khách mỗi lần đổi, cộng chênh lệch giá vé.",
            true when conditions.ChangePenalty is { MinorUnits: 0 } => "Đổi vé trước giờ khởi hành: được phép, không mất phí, cộng chênh lệch giá vé.",
            true => "Đổi vé trước giờ khởi hành: được phép; hãng không cho biết mức phí.",
            false => "Đổi vé trước giờ khởi hành: không được phép.",
            null => "Đổi vé trước giờ khởi hành: hãng không cho biết có được phép hay không.",
        };
    }

    private static string? WordOf(SeatCharacteristic characteristic) => characteristic switch
    {
        SeatCharacteristic.Window => "cửa sổ",
        SeatCharacteristic.Middle => "giữa",
        SeatCharacteristic.Aisle => "lối đi",
        SeatCharacteristic.ExitRow => "hàng thoát hiểm",
        SeatCharacteristic.ExtraLegroom => "chỗ để chân rộng",
        SeatCharacteristic.LimitedRecline => "ngả hạn chế",
        SeatCharacteristic.NoWindow => "không có cửa sổ",
        _ => null,
    };
}
