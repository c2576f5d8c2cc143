using System.Globalization;
using Aerona.Contracts;
using Aerona.Reference;
using Aerona.Tickets.Invoicing;
using Aerona.Wording;

namespace Aerona.Tickets.Documents;

/// <summary>What documents say, in one language: these are English, and every member has its like in each other language.</summary>
internal class Phrases
{
    private static readonly Phrases English = new();
    private static readonly Phrases Vietnamese = new VietnamesePhrases();

    /// <summary>Those of a locale (BCP 47); English where its language is not spoken here.</summary>
    public static Phrases For(string? locale) => locale is not null && (locale.Equals("vi", StringComparison.OrdinalIgnoreCase) || locale.StartsWith("vi-", StringComparison.OrdinalIgnoreCase)) ? Vietnamese : English;

    /// <summary>BCP 47, for a document's catalogue.</summary>
    public virtual string Language => "en";

    protected virtual CultureInfo Numbers => CultureInfo.InvariantCulture;

    // The receipt's head.
    public virtual string ReceiptTitle => "Electronic ticket itinerary and receipt";
    public virtual string BookingReference => "Booking reference";
    public virtual string IssuedOn => "Issued on";
    public virtual string IssuedBy => "Issued by";
    public virtual string TicketOf => "Ticket of";
    public virtual string ScanToVerify => "Scan to verify";
    public virtual string PassengersAndTickets => "Passengers and tickets";
    public virtual string NameOnTicket => "Name on ticket";
    public virtual string PassengerColumn => "Passenger";
    public virtual string TicketNumberColumn => "Electronic ticket number";
    public virtual string InConjunction => "in conjunction";

    // Flights.
    public virtual string YourFlight => "Your flight";
    public virtual string YourFlights => "Your flights";
    public virtual string Seat => "Seat";
    public virtual string Seats => "Seats";
    public virtual string CabinLabel => "Cabin";
    public virtual string BookingClass => "Booking class";
    public virtual string FareBasis => "Fare basis";
    public virtual string CheckedBaggage => "Checked baggage";
    public virtual string Status => "Status";
    public virtual string Confirmed => "confirmed";

    // Money.
    public virtual string RefundableMark => "R: given back if the passenger does not fly";
    public virtual string Total => "Total";
    public virtual string Fares => "Fares";
    public virtual string CarrierCharges => "Carrier-imposed charges";
    public virtual string TaxesAndCharges => "Taxes and airport charges";
    public virtual string ChosenSeats => "Chosen seats";
    public virtual string TotalPrice => "Total price";
    public virtual string FormOfPayment => "Form of payment";
    public virtual string ToBeAgreed => "To be agreed";
    public virtual string PaidLabel => "Paid";
    public virtual string NotIncluded => "Not included";
    public virtual string ExtrasLater => "Extra baggage and other services bought later.";

    // Rules.
    public virtual string FareConditionsTitle => "Fare conditions";
    public virtual string BeforeYouFly => "Before you fly";

    public virtual IReadOnlyList<string> Advice =>
    [
        "All times are local at the airport named beside them.",
        "Names must be those of the travel document. Show a valid passport or identity card; check visa and transit rules before you leave.",
        "Use your flights in the order printed. If you do not take one, the airline may cancel those that follow.",
        "Check in with the booking reference and surname. Be at the gate when boarding closes; the airline states the time.",
        "Explosives, fuels, loose lithium batteries and other dangerous goods may not be carried. Ask the airline when in doubt.",
        "Carriage is subject to the operating airline's conditions of carriage and, where they apply, to the Montreal or Warsaw Convention, which limit liability for death, injury, delay and loss of baggage.",
    ];

    // Invoices and credit notes.
    public virtual string InvoiceTitle => "Invoice";
    public virtual string CreditNoteTitle => "Credit note";
    public virtual string NumberLabel => "Number";
    public virtual string From => "From";
    public virtual string BilledTo => "Billed to";
    public virtual string Date => "Date";
    public virtual string TaxNumber => "Tax number";
    public virtual string TravelDate => "First flight";
    public virtual string OriginalInvoice => "Credits invoice";
    public virtual string What => "Description";
    public virtual string TaxColumn => "Tax";
    public virtual string AmountColumn => "Amount";
    public virtual string NetColumn => "Without tax";
    public virtual string TaxSummary => "Taxes by category";
    public virtual string AmountDue => "Still to be paid";
    public virtual string PaidByPayPal => "Paid with PayPal";
    public virtual string TotalCredited => "Total credited";
    public virtual string GoesBack => "The amount goes back the way it was paid. Banks show it after some days.";
    public virtual string Everybody => "All passengers";

    // The calendar.
    public virtual string CalendarName => "Aerona flights";
    public virtual string Arrives => "Arrives";
    public virtual string Cancelled => "This flight was cancelled.";

    public virtual string Page(int number, int of) => string.Create(Numbers, $"Page {number} of {of}");

    public virtual string FareBreakdown(string currency) => $"Fare breakdown in {currency}";

    public virtual string With(string adult) => $"with {adult}";

    public virtual string FromTo(string from, string to) => $"{from} to {to}";

    /// <summary>For whom an invoice is made out; the airline's name.</summary>
    public virtual string RoleOf(SellerRole role, string airline) => role == SellerRole.Agent
        ? $"Issued in the name and for the account of {airline}, which supplies the carriage. All amounts are passed on; no tax of ours is contained."
        : $"The carriage is sold in our own name and performed by {airline} or the carriers named in the itinerary receipt.";

    /// <summary>A category of UN/CEFACT 5305 with its rate.</summary>
    public virtual string Of(TaxCategory category, decimal rate) => category switch
    {
        TaxCategory.Standard => $"S   {rate.ToString("0.##", Numbers)} %",
        TaxCategory.ZeroRated => "Z   0 %, crosses a border",
        _ => "O   outside the scope of tax",
    };

    /// <summary>One letter, and the rate where there is one.</summary>
    public string Short(TaxCategory category, decimal rate) => category switch
    {
        TaxCategory.Standard => $"S {rate.ToString("0.##", Numbers)} %",
        TaxCategory.ZeroRated => "Z 0 %",
        _ => "O",
    };

    /// <summary>With the language's separators and the currency's decimals, without the currency.</summary>
    public string Amount(Money money) => money.Amount.ToString($"N{money.ToAmountString() switch { var text when text.Contains('.', StringComparison.Ordinal) => text.Length - text.IndexOf('.', StringComparison.Ordinal) - 1, _ => 0 }}", Numbers);

    /// <summary>With the currency's code.</summary>
    public string AmountWithCurrency(Money money) => $"{Amount(money)} {money.Currency}";

    public virtual string Of(InvoiceLine line) => line.Code switch
    {
        "PENALTY" => "Kept back by the airline",
        "REFUND" => "Cancelled carriage",
        _ => Of(new PriceLine("", line.Kind, line.Code, line.Country, false, line.Amount)),
    };

    public virtual string City(string airport) => Words.City(airport);

    public virtual string AirportName(string airport) => Words.AirportName(airport);

    public string Route(IReadOnlyList<Segment> segments) => string.Join(" – ", segments.Select(segment => segment.Origin).Append(segments[^1].Destination).Select(City));

    public virtual string Of(Cabin cabin) => Words.Of(cabin);

    public virtual string Of(PassengerType type) => Words.Of(type);

    public virtual string Day(DateTime local) => Words.Day(local);

    public virtual string LongDay(DateTime local) => Words.LongDay(local);

    public virtual string DayOffset(Segment segment) => Words.DayOffset(segment);

    public virtual string Duration(Segment segment) => Words.Duration(segment);

    public virtual string Baggage(string allowance) => Words.Baggage(allowance);

    public virtual string Of(PriceLine line) => Words.Of(line);

    public virtual string Of(ChosenSeat seat) => Words.Of(seat);

    public virtual string Carriage(Segment segment) => Words.Carriage(segment);

    public virtual IReadOnlyList<string> AirlineReferences(IReadOnlyList<Locator> locators) => Words.AirlineReferences(locators);

    public virtual IEnumerable<string> Of(FareConditions conditions) => Words.Of(conditions);
}
