using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Reference;
using Aerona.Wording;

namespace Aerona.Tickets.Invoicing;

/// <summary>
/// Lines of invoices and credit notes with their tax. An agent's are out of scope: all of it is passed on. A principal's carriage is taxed at nought when the journey crosses a
/// border, else at the country's rate; what governments and airports levy on the passenger is passed on either way.
/// </summary>
internal static class Taxes
{
    public static IReadOnlyList<InvoiceLine> LinesOf(TicketedOrder order, InvoiceOptions options) =>
    [
        .. from passenger in order.Passengers
           from line in new Receipt.Receipt(order, order.Offer.Total, "").LinesOf(passenger.Id)
           let tax = Of(line.Kind, order.Offer.Segments, options)
           select Line(passenger.PrintedName(), line.Kind, line.Code, line.Country, line.Amount, tax.Category, tax.Rate),
    ];

    /// <summary>
    /// What a cancellation gives back, taxed as it was on the original. Where the quote's lines do not add up to what goes back (the airline gave another sum, or none for some),
    /// it is one line of what was taxed alike, in proportion.
    /// </summary>
    public static IReadOnlyList<InvoiceLine> LinesOf(CreditNoteRequested request, TicketedOrder order, Invoice original)
    {
        var currency = request.Amount.Currency;
        if (request.Lines.All(line => line.Back is { } back && back.Currency == currency) && request.Lines.Sum(line => line.Back!.Value.MinorUnits) == request.Amount.MinorUnits)
        {
            return
            [
                .. from line in request.Lines
                   where line.Back!.Value.MinorUnits != 0
                   group line by (line.PassengerId, line.Kind, line.Code) into same
                   let passenger = order.Passengers.FirstOrDefault(passenger => passenger.Id == same.Key.PassengerId)?.PrintedName()
                   let invoiced = original.Lines.FirstOrDefault(line => line.Passenger == passenger && line.Kind == same.Key.Kind && line.Code == same.Key.Code)
                       ?? original.Lines.FirstOrDefault(line => line.Kind == PriceLineKind.BaseFare)
                   let amount = new Money(same.Sum(line => line.Back!.Value.MinorUnits), currency)
                   where amount.MinorUnits != 0
                   select Line(passenger, same.Key.Kind, same.Key.Code, invoiced?.Country, amount, invoiced?.Category ?? TaxCategory.OutOfScope, invoiced?.Rate ?? 0),
            ];
        }

        var groups = original.Lines.GroupBy(line => (line.Category, line.Rate)).Select(group => (group.Key.Category, group.Key.Rate, Sum: group.Sum(line => line.Amount.MinorUnits)))
            .OrderBy(group => group.Sum).ToList();
        var (left, whole) = (request.Amount.MinorUnits, groups.Sum(group => group.Sum));
        List<InvoiceLine> lines = [];
        foreach (var (category, rate, sum) in groups)
        {
            var part = category == groups[^1].Category && rate == groups[^1].Rate ? left : (long)((decimal)request.Amount.MinorUnits * sum / whole);
            left -= part;
            if (part != 0)
                lines.Add(Line(null, PriceLineKind.BaseFare, "REFUND", null, new(part, currency), category, rate));
        }

        return lines;
    }

    private static (TaxCategory Category, decimal Rate) Of(PriceLineKind kind, IReadOnlyList<Segment> segments, InvoiceOptions options)
    {
        if (options.Role == SellerRole.Agent || kind == PriceLineKind.Tax)
            return (TaxCategory.OutOfScope, 0);

        var countries = segments.SelectMany(segment => new[] { segment.Origin, segment.Destination }).Select(airport => Airports.Find(airport)?.Country).Distinct().ToList();
        return countries is not [{ } country] ? (TaxCategory.ZeroRated, 0)
            : options.DomesticRates.TryGetValue(country, out var rate) ? (TaxCategory.Standard, rate)
            : (TaxCategory.OutOfScope, 0);
    }

    private static InvoiceLine Line(string? passenger, PriceLineKind kind, string code, string? country, Money amount, TaxCategory category, decimal rate)
    {
        var net = decimal.Round(amount.MinorUnits / (1 + (rate / 100)), MidpointRounding.AwayFromZero);
        return new(passenger, kind, code, country, amount, category, rate, new(amount.MinorUnits - (long)net, amount.Currency));
    }
}
