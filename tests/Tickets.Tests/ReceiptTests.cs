using System.Reflection;
using System.Text;
using Aerona.Contracts;
using Aerona.Contracts.Tickets;
using Aerona.TestKit;
using Aerona.Tickets.Documents;
using Aerona.Tickets.Receipt;
using Aerona.Wording;
using CsCheck;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using QRCoder;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using Xunit;

namespace Aerona.Tickets.Tests;

/// <summary>The receipt is read back with a PDF reader. Machines without any font of those looked for cannot print other than Latin letters: the tests say so by failing.</summary>
public sealed class ReceiptTests
{
    private const string Address = "http://localhost:5080/verify/K7QM2P-0012400000017-Zm9vYmFyZm9vYmFyZm9vYg";

    private static readonly DateTimeOffset IssuedAt = new(2026, 12, 1, 9, 30, 0, TimeSpan.Zero);
    private static readonly DocumentFonts Fonts = new(Options.Create(new DocumentOptions()), NullLogger<DocumentFonts>.Instance);

    [Fact]
    public void It_says_who_flies_when_and_where_what_each_passenger_paid_and_for_what()
    {
        var order = Orders.Family();

        var text = TextOf(Render(order));

        Assert.Contains("Electronic ticket itinerary and receipt", text, StringComparison.Ordinal);
        foreach (var said in new[] { "K7QM2P", "American Airlines reference V6GZCS", "New York", "Los Angeles", "John F Kennedy International", "AA101", "American Airlines", "18:25", "21:11", "Sat 5 Dec 2026",
            "America/New York, UTC−5", "America/Los Angeles, UTC−8", "5 h 46 min", "Economy", "YOW14NR", "1 piece (1PC)", "OK", "PayPal", "Page 1 of 2", "Page 2 of 2" })
        {
            Assert.Contains(said, text, StringComparison.Ordinal);
        }

        AssertEverybodyAndEverySumIsIn(text, order);
        Assert.Contains("75.00 USD per passenger and change", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Chosen_seats_are_printed_with_their_flight_and_what_was_paid_for_them()
    {
        var order = Orders.Family().WithSeats(("p1", 1, "15A", 45m, [SeatCharacteristic.Window, SeatCharacteristic.ExitRow]), ("p2", 1, "20C", 0m, [SeatCharacteristic.Aisle]));

        var text = TextOf(Render(order));

        AssertEverybodyAndEverySumIsIn(text, order);
        Assert.Contains("NGUYEN/ALICE MARIE 15A (window, exit row)", text, StringComparison.Ordinal);
        Assert.Contains("SMITH/JOHN 20C (aisle)", text, StringComparison.Ordinal);
        Assert.Contains("Chosen seats", text, StringComparison.Ordinal);
        Assert.Contains("45.00", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Chosen seats", TextOf(Render(Orders.Family())), StringComparison.Ordinal);
    }

    [Fact]
    public void Nine_passengers_all_with_seats_on_eight_segments_lose_none_and_cross_no_edge()
    {
        var nine = NinePassengers().ToList();
        var order = Orders.Of(Orders.Route(Orders.LongRoute), nine).WithSeats(
            [.. from segment in Enumerable.Range(1, 8) from passenger in nine where passenger.Type != PassengerType.Infant select (passenger.Id, segment, $"{segment + 10}{"ABCDEFGHJ"[nine.IndexOf(passenger)]}", 12.50m, new[] { SeatCharacteristic.ExtraLegroom })]);

        var bytes = Render(order);

        using var pdf = PdfDocument.Open(bytes);
        var text = TextOf(bytes).Replace(" ", "");
        Assert.All(order.Offer.Seats!, seat => Assert.Contains($"{seat.Seat}(extralegroom)", text, StringComparison.Ordinal));
        Assert.All(pdf.GetPages(), page => Assert.All(page.Letters, letter =>
        {
            Assert.InRange(letter.BoundingBox.Right, 40, page.Width - 40);
            Assert.InRange(letter.BoundingBox.Bottom, 20, page.Height - 10);
        }));
    }

    [Fact]
    public void Nine_passengers_on_eight_segments_flow_over_pages_with_nothing_lost_and_nothing_over_the_edge()
    {
        var order = Orders.Of(Orders.Route(Orders.LongRoute), [.. NinePassengers()]);

        var bytes = Render(order);

        using var pdf = PdfDocument.Open(bytes);
        Assert.InRange(pdf.NumberOfPages, 4, 7);
        var text = TextOf(bytes);
        AssertEverybodyAndEverySumIsIn(text, order);
        Assert.All(order.Offer.Segments, segment => Assert.Contains(Words.Day(segment.ArrivesLocal), text, StringComparison.Ordinal));
        Assert.Contains("+1 day", text, StringComparison.Ordinal);
        Assert.Contains("operated by British Airways (BA)", text, StringComparison.Ordinal);
        foreach (var page in pdf.GetPages())
        {
            Assert.Contains($"Page {page.Number} of {pdf.NumberOfPages}", text, StringComparison.Ordinal);
            Assert.All(page.Letters, letter =>
            {
                Assert.InRange(letter.BoundingBox.Left, 40, page.Width - 40);
                Assert.InRange(letter.BoundingBox.Right, 40, page.Width - 40);
                Assert.InRange(letter.BoundingBox.Bottom, 20, page.Height - 10);
            });
        }

        Assert.InRange(bytes.Length, 1, 200_000);
    }

    [Theory]
    [InlineData("Nguyễn Thị Ánh Tuyết", "Đặng")]
    [InlineData("Αλέξανδρος", "Παπαδόπουλος")]
    [InlineData("Фёдор Михайлович", "Достоевский")]
    [InlineData("Łukasz", "Żółć-O’Brien")]
    public void A_name_is_printed_as_typed_beside_the_one_on_the_ticket(string given, string surname)
    {
        var text = TextOf(Render(Orders.Of(Orders.Route("JFK", "LAX"), [Orders.Someone("p1", PassengerType.Adult, given, surname, "ANY", "BODY")])));

        Assert.Contains("BODY/ANY", text, StringComparison.Ordinal);
        Assert.Contains($"{given} {surname}", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_in_letters_that_no_font_has_is_printed_as_on_the_ticket_alone()
    {
        var text = TextOf(Render(Orders.Of(Orders.Route("JFK", "LAX"), [Orders.Someone("p1", PassengerType.Adult, "𐍈", "🛫王", "MING", "WANG")])));

        Assert.Contains("WANG/MING", text, StringComparison.Ordinal);
        Assert.DoesNotContain("?", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_receipt_is_the_same_file_and_another_one_has_another_identity()
    {
        var first = Render(Orders.Family());

        Assert.Equal(first, Render(Orders.Family()));
        Assert.NotEqual(IdentityOf(first), IdentityOf(Render(Orders.Family() with { Locator = "K7QM2R" })));
    }

    [Fact]
    public void The_code_is_that_of_the_verification_address_module_by_module()
    {
        using var pdf = PdfDocument.Open(Render(Orders.Family()));
        using var expected = new QRCodeGenerator().CreateQrCode(Address, QRCodeGenerator.ECCLevel.M);
        var modules = expected.ModuleMatrix;

        // The one path of the page made of more than a hundred rectangles.
        var drawn = pdf.GetPage(1).Paths.Single(path => path.Count > 100);
        var box = drawn.Select(part => part.GetBoundingRectangle()!.Value).ToList();
        var (left, top) = (box.Min(part => part.Left), box.Max(part => part.Top));
        var inside = modules.Count - 8;   // without the quiet zone
        var module = (box.Max(part => part.Right) - left) / inside;
        for (var row = 0; row < inside; row++)
        {
            for (var column = 0; column < inside; column++)
            {
                var (x, y) = (left + (column + 0.5) * module, top - (row + 0.5) * module);
                Assert.Equal(modules[row + 4][column + 4], box.Exists(part => part.Left < x && x < part.Right && part.Bottom < y && y < part.Top));
            }
        }
    }

    [Fact]
    public void Without_any_font_it_is_set_in_Helvetica_with_base_letters_and_a_warning_is_logged()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var log = new Warnings();
            var fonts = new DocumentFonts(Options.Create(new DocumentOptions { Fonts = folder.FullName }), log);
            Assert.Contains(folder.FullName, Assert.Single(log.Messages), StringComparison.Ordinal);

            var text = TextOf(Render(Orders.Of(Orders.Route("JFK", "ZRH"), [Orders.Someone("p1", PassengerType.Adult, "Zoë", "Đặng"), Orders.Someone("p2", PassengerType.Adult, "Фёдор", "Достоевский", "FEDOR", "DOSTOEVSKII")]), fonts));

            Assert.Contains("Zoe Dang", text, StringComparison.Ordinal);
            Assert.Contains("DOSTOEVSKII/FEDOR", text, StringComparison.Ordinal);
            Assert.Contains("New York - Zurich", text, StringComparison.Ordinal);
            Assert.DoesNotContain("?", text, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_broken_font_file_is_named_and_passed_over()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "DejaVuSans.ttf"), "no font");
            var log = new Warnings();

            var fonts = new DocumentFonts(Options.Create(new DocumentOptions { Fonts = folder.FullName }), log);

            Assert.Equal("Helvetica", Assert.Single(fonts.Families).Name);
            Assert.Contains(log.Messages, message => message.Contains("DejaVuSans.ttf", StringComparison.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Whatever_was_typed_as_a_name_the_receipt_comes_out_with_the_name_on_the_ticket() =>
        Gen.Select(Gen.String[Gen.Char, 0, 40], Gen.String[Gen.Char.AlphaNumeric, 0, 200]).Sample(
            (given, surname) =>
            {
                var text = TextOf(Render(Orders.Of(Orders.Route("JFK", "LAX"), [Orders.Someone("p1", PassengerType.Adult, given, surname, "ANY", "BODY")])));
                Assert.Contains("BODY/ANY", text, StringComparison.Ordinal);
            },
            iter: 60, threads: 1);

    [Fact]
    public void Vietnamese_says_everything_in_its_own_words_and_every_letter_is_printed()
    {
        var english = typeof(Phrases).GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(member => member is PropertyInfo { GetMethod.IsVirtual: true } or MethodInfo { IsVirtual: true, IsSpecialName: false }).Select(member => member.ToString()).Order();
        var vietnamese = typeof(VietnamesePhrases).GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(member => member is PropertyInfo or MethodInfo { IsSpecialName: false }).Select(member => member.ToString()).Order();
        Assert.Equal(english, vietnamese);

        var order = TicketedOrder.Of(Orders.Of(Orders.Route("SGN", "NRT"), [Orders.Someone("p1", PassengerType.Adult, "Ánh Tuyết", "Đặng", "ANH TUYET", "DANG")]), IssuedAt)!;
        var bytes = ReceiptPdf.Render(new(order, order.Offer.Total, Address), Phrases.For("vi-VN"), Fonts);
        var text = TextOf(bytes);
        foreach (var said in new[] { "Vé điện tử – hành trình và biên nhận", "Mã đặt chỗ", "TP. Hồ Chí Minh – Tokyo", "Thứ bảy, ngày 5 tháng 12 năm 2026", "Phổ thông", "1 kiện (1PC)", "Trang 1 / 2", "Ánh Tuyết Đặng", "219,00" })
            Assert.Contains(said, text, StringComparison.Ordinal);

        Assert.DoesNotContain("?", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Booking reference", text, StringComparison.Ordinal);
        using var pdf = PdfDocument.Open(bytes);
        Assert.Equal("Vé điện tử – hành trình và biên nhận K7QM2P", pdf.Information.Title);
        Assert.Contains("/Lang (vi)", Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
        Assert.Contains("/Lang (en)", Encoding.Latin1.GetString(Render(Orders.Family())), StringComparison.Ordinal);
    }

    [Fact]
    public void One_passengers_receipt_says_nothing_of_the_others()
    {
        var order = TicketedOrder.Of(Orders.Family(), IssuedAt)!;
        var receipt = new Receipt.Receipt(order, Money.Zero("USD"), Address, "p2");

        var text = TextOf(ReceiptPdf.Render(receipt with { Paid = receipt.Total }, Phrases.For("en"), Fonts));

        Assert.Contains("SMITH/JOHN", text, StringComparison.Ordinal);
        Assert.Contains("278.53 USD", text, StringComparison.Ordinal);
        Assert.DoesNotContain("NGUYEN", text, StringComparison.Ordinal);
        Assert.DoesNotContain("001-2400000017", text, StringComparison.Ordinal);
        Assert.DoesNotContain(order.Offer.Total.ToAmountString(), text, StringComparison.Ordinal);
    }

    [Fact]
    public void Conditions_that_the_airline_did_not_state_are_said_to_be_unknown()
    {
        var order = Orders.Family();

        var text = TextOf(Render(order with { Offer = order.Offer with { Conditions = new(null, null, null, null) } }));

        Assert.Contains("the airline did not state whether it is allowed", text, StringComparison.Ordinal);
    }

    [Fact]
    public void More_different_characters_than_one_font_entry_holds_are_all_printed()
    {
        var letters = string.Concat(Enumerable.Range(0x00C0, 0x180 - 0xC0).Concat(Enumerable.Range(0x0410, 0x50)).Concat(Enumerable.Range(0x1EA0, 0x5A)).Select(code => (char)code)
            .Where(letter => Fonts.For(["Ắ"]).Covers(letter.ToString())));
        Assert.True(letters.Distinct().Count() > 255);
        var passengers = letters.Chunk(40).Select((part, index) => Orders.Someone($"p{index + 1}", PassengerType.Adult, new string(part), "X", "ANY", "BODY")).ToList();

        var text = TextOf(Render(Orders.Of(Orders.Route("JFK", "LAX"), passengers)));

        Assert.All(letters.Where(char.IsLetter), letter => Assert.Contains(letter, text));
    }

    private static void AssertEverybodyAndEverySumIsIn(string text, IssueTickets order)
    {
        var receipt = new Receipt.Receipt(TicketedOrder.Of(order, IssuedAt)!, order.Offer.Total, Address);
        foreach (var passenger in order.Passengers)
        {
            Assert.Contains(passenger.PrintedName().Replace(" ", ""), text.Replace(" ", ""), StringComparison.Ordinal);   // long ones are wrapped
            Assert.Contains(Phrases.For("en").Amount(receipt.TotalOf(passenger.Id)), text, StringComparison.Ordinal);
            Assert.All(receipt.LinesOf(passenger.Id), line => Assert.Contains(Phrases.For("en").Amount(line.Amount), text, StringComparison.Ordinal));
        }

        Assert.All(order.TicketNumbers, number => Assert.Contains(Words.TicketNumber(number.Number), text, StringComparison.Ordinal));
        Assert.Contains(Phrases.For("en").AmountWithCurrency(order.Offer.Total), text, StringComparison.Ordinal);
        Assert.Equal(order.Offer.Total, order.Passengers.Select(passenger => receipt.TotalOf(passenger.Id)).Sum("USD"));
    }

    private static IEnumerable<Passenger> NinePassengers() =>
    [
        Orders.Someone("p1", PassengerType.Adult, "Nguyễn Thị Ánh Tuyết", "Đặng", "NGUYEN THI ANH TUYET", "DANG"),
        Orders.Someone("p2", PassengerType.Adult, "Αλέξανδρος", "Παπαδόπουλος", "ALEXANDROS", "PAPADOPOULOS"),
        Orders.Someone("p3", PassengerType.Adult, "Фёдор Михайлович", "Достоевский", "FEDOR MIKHAILOVICH", "DOSTOEVSKII"),
        Orders.Someone("p4", PassengerType.Adult, "Maximiliana Wilhelmina Alexandrina", "Hohenlohe-Waldenburg-Schillingsfuerst"),
        Orders.Someone("p5", PassengerType.Child, "Łukasz", "Żółć", "LUKASZ", "ZOLC"),
        Orders.Someone("p6", PassengerType.Child, "明", "王", "MING", "WANG"),
        Orders.Someone("p7", PassengerType.Infant, "Bé", "Nguyễn", "BE", "NGUYEN") with { AccompaniedBy = "p1" },
        Orders.Someone("p8", PassengerType.Adult, "", "Suharto"),
        Orders.Someone("p9", PassengerType.Adult, new string('W', 30), new string('M', 30)),
    ];

    private static byte[] Render(IssueTickets order, DocumentFonts? fonts = null) =>
        ReceiptPdf.Render(new(TicketedOrder.Of(order, IssuedAt)!, order.Offer.Total, Address), Phrases.For("en"), fonts ?? Fonts);

    /// <summary>The letters in the order drawn, a blank wherever a piece of text ends.</summary>
    private static string TextOf(byte[] file)
    {
        using var pdf = PdfDocument.Open(file);
        var text = new StringBuilder();
        foreach (var page in pdf.GetPages())
        {
            Letter? last = null;
            foreach (var letter in page.Letters)
            {
                if (last is not null && (Math.Abs(letter.StartBaseLine.Y - last.StartBaseLine.Y) > 0.5 || letter.StartBaseLine.X - last.EndBaseLine.X > 3 || letter.StartBaseLine.X < last.StartBaseLine.X))
                    text.Append(' ');

                text.Append(letter.Value);
                last = letter;
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static string IdentityOf(byte[] file)
    {
        var text = Encoding.Latin1.GetString(file);
        return text[text.LastIndexOf("/ID", StringComparison.Ordinal)..].Split('<', '>')[1];
    }

    private sealed class Warnings : ILogger<DocumentFonts>
    {
        public List<string> Messages { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Messages.Add(formatter(state, exception));
    }
}
