using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Tickets;
using Aerona.TestKit;
using Aerona.Tickets;
using Aerona.Tickets.Invoicing;

namespace Aerona.DocumentsBench;

/// <summary>Bookings as they come: mostly one or two people there and back, now and then a family, rarely nine on eight flights.</summary>
internal static class World
{
    private static readonly DateTimeOffset IssuedAt = new(2026, 12, 1, 9, 30, 0, TimeSpan.Zero);

    private static readonly (string Given, string Surname, string TicketGiven, string TicketSurname)[] Names =
    [
        ("Nguyễn Thị Ánh Tuyết", "Đặng", "NGUYEN THI ANH TUYET", "DANG"), ("Αλέξανδρος", "Παπαδόπουλος", "ALEXANDROS", "PAPADOPOULOS"), ("Фёдор Михайлович", "Достоевский", "FEDOR MIKHAILOVICH", "DOSTOEVSKII"),
        ("Maximiliana Wilhelmina Alexandrina", "Hohenlohe-Waldenburg-Schillingsfürst", "MAXIMILIANA WILHELMINA ALEXANDRINA", "HOHENLOHE WALDENBURG SCHILLINGSFUERST"),
        ("John", "Smith", "JOHN", "SMITH"), ("Łukasz", "Żółć", "LUKASZ", "ZOLC"), ("Zoë", "O’Brien", "ZOE", "OBRIEN"), ("", "Suharto", "", "SUHARTO"), ("José María", "Núñez", "JOSE MARIA", "NUNEZ"),
    ];

    public static IEnumerable<(TicketedOrder Order, Invoice Invoice)> Bookings(int count)
    {
        var made = new[] { Make(1, "JFK", "LAX"), Make(1, "SGN", "HAN", "SGN"), Make(2, "SGN", "NRT", "LAX"), Make(2, "LHR", "CDG", "LHR"), Make(1, "FRA", "SIN", "SYD"), Make(4, "HAN", "SGN", "HAN"), Nine() };
        return Enumerable.Range(0, count).Select(number => made[number % 50 == 49 ? 6 : number % 6]).Select((made, number) => made with { Invoice = Invoice(made.Order, number % 2 == 0 ? "vi" : "en", made.Order.Offer.Total) });
    }

    public static (TicketedOrder Order, Invoice Invoice) Make(int passengers, params string[] airports) => Make(Passengers(passengers), airports);

    public static (TicketedOrder Order, Invoice Invoice) Nine() => Make(
        [.. Passengers(9).Select((passenger, at) => at switch
        {
            6 => passenger with { Type = PassengerType.Child },
            7 => passenger with { Type = PassengerType.Infant, AccompaniedBy = "p1" },
            _ => passenger,
        })], Orders.LongRoute);

    public static (TicketedOrder Order, Invoice Invoice) Make(IReadOnlyList<Passenger> passengers, params string[] airports)
    {
        var order = TicketedOrder.Of(Orders.Of(Orders.Route(airports), passengers), IssuedAt)!;
        return (order, Invoice(order, "en", order.Offer.Total));
    }

    public static IReadOnlyList<Passenger> Passengers(int count) =>
        [.. Enumerable.Range(1, count).Select(number => Orders.Someone($"p{number}", PassengerType.Adult, Names[number - 1].Given, Names[number - 1].Surname, Names[number - 1].TicketGiven, Names[number - 1].TicketSurname))];

    public static Invoice Invoice(TicketedOrder order, string locale, Money paid, SellerRole role = SellerRole.Agent)
    {
        var options = new InvoiceOptions { Role = role, DomesticRates = new Dictionary<string, decimal> { ["US"] = 7.5m, ["VN"] = 8 } };
        return Row(order, InvoiceKind.Invoice, locale, paid, role, Taxes.LinesOf(order, options), null);
    }

    public static Invoice CreditNote(TicketedOrder order, Invoice invoice)
    {
        var lines = order.Offer.Lines.Select(line => new QuoteLine(line.PassengerId, null, line.Kind, line.Code, line.Amount, line.Amount, RefundRule.FareRule))
            .Append(new("p1", null, PriceLineKind.BaseFare, "PENALTY", Money.Zero("USD"), new(-7500, "USD"), RefundRule.FareRule)).ToList();
        var back = new Money(lines.Sum(line => line.Back!.Value.MinorUnits), "USD");
        var request = new CreditNoteRequested(order.BookingId, Guid.Empty, order.OrderId, lines, back, IssuedAt.AddDays(2));
        return Row(order, InvoiceKind.CreditNote, invoice.Locale, Money.Zero("USD"), invoice.Seller.Role, Taxes.LinesOf(request, order, invoice), invoice.Number);
    }

    private static Invoice Row(TicketedOrder order, InvoiceKind kind, string locale, Money paid, SellerRole role, IReadOnlyList<InvoiceLine> lines, string? original) => new()
    {
        Number = original is null ? "AERONA-2026-000123" : "AERONA-C2026-000007",
        Series = "AERONA/2026",
        Sequence = 123,
        Kind = kind,
        Occasion = order.OrderId,
        OriginalNumber = original,
        OrderId = order.OrderId,
        BookingId = order.BookingId,
        Locator = order.Locator,
        IssuedAt = IssuedAt,
        IssuedOn = DateOnly.FromDateTime(IssuedAt.DateTime),
        Seller = new("AERONA", "Aerona Travel Ltd", ["12 Harbour Street", "Dublin D02 X285", "Ireland"], "IE1234567T", role),
        Buyer = $"{order.Passengers[0].GivenName} {order.Passengers[0].Surname}".Trim(),
        BuyerOnTicket = order.Passengers[0].TicketSurname,
        Carrier = order.Offer.ValidatingCarrier,
        Lines = lines,
        Total = lines.Select(line => line.Amount).Sum(order.Offer.Total.Currency),
        Paid = paid,
        Locale = locale,
    };
}
