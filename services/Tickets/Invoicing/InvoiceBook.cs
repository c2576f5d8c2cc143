using System.Globalization;
using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Persistence;
using Aerona.Tickets.Data;
using Aerona.Wording;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Tickets.Invoicing;

/// <summary>
/// Writes invoices and credit notes under numbers without gaps. Everything else is made first; then the series' row is locked, the number taken, and both are saved with the
/// caller's transaction or not at all: whoever rolls back leaves the number to the next. Asked again it gives what there is.
/// </summary>
internal sealed class InvoiceBook(IOptions<InvoiceOptions> options, TimeProvider clock)
{
    /// <summary>The order's invoice; made when there is none.</summary>
    /// <param name="db">In a transaction that the caller commits soon: the series is locked until then.</param>
    /// <param name="order">What was sold.</param>
    /// <param name="paid">What was taken.</param>
    /// <param name="locale">BCP 47.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<Invoice> InvoiceAsync(TicketsDbContext db, TicketedOrder order, Money paid, string locale, CancellationToken cancellationToken)
    {
        if (await FindAsync(db, InvoiceKind.Invoice, order.OrderId, cancellationToken) is { } known)
            return known;

        return await NumberAsync(db, InvoiceKind.Invoice, order.OrderId, order, null, Taxes.LinesOf(order, options.Value), paid, locale, cancellationToken);
    }

    /// <summary>The cancellation's credit note; made when there is none. Throws when an invoice would be credited with more than it was about.</summary>
    /// <param name="db">In a transaction that the caller commits soon.</param>
    /// <param name="order">What was sold.</param>
    /// <param name="request">What is credited.</param>
    /// <param name="locale">BCP 47.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<Invoice> CreditAsync(TicketsDbContext db, TicketedOrder order, CreditNoteRequested request, string locale, CancellationToken cancellationToken)
    {
        if (await FindAsync(db, InvoiceKind.CreditNote, request.CancellationId, cancellationToken) is { } known)
            return known;

        // Money goes back, so money was taken: a sale from before there were invoices gets its own now.
        var number = (await InvoiceAsync(db, order, order.Offer.Total, locale, cancellationToken)).Number;
        await db.SaveChangesAsync(cancellationToken);
        db.ChangeTracker.Clear();
        var original = await db.LockAsync<Invoice>(number, cancellationToken);   // two notes about one invoice see each other
        var earlier = await db.Invoices.AsNoTracking().Where(note => note.OriginalNumber == number).ToListAsync(cancellationToken);
        var left = original.Total - earlier.Select(note => note.Total).Sum(original.Total.Currency);
        if (request.Amount > left)
            throw new InvalidOperationException($"cancellation {request.CancellationId} gives back {request.Amount}, but of invoice {number} only {left} is left");

        return await NumberAsync(
            db, InvoiceKind.CreditNote, request.CancellationId, order, original, Taxes.LinesOf(request, order, original), Money.Zero(request.Amount.Currency), locale, cancellationToken);
    }

    private static Task<Invoice?> FindAsync(TicketsDbContext db, InvoiceKind kind, Guid occasion, CancellationToken cancellationToken) =>
        db.Invoices.AsNoTracking().SingleOrDefaultAsync(invoice => invoice.Kind == kind && invoice.Occasion == occasion, cancellationToken);

    private async Task<Invoice> NumberAsync(
        TicketsDbContext db, InvoiceKind kind, Guid occasion, TicketedOrder order, Invoice? original, IReadOnlyList<InvoiceLine> lines, Money paid, string locale,
        CancellationToken cancellationToken)
    {
        var seller = original?.Seller ?? new(options.Value.LegalEntity, options.Value.Name, options.Value.Address, options.Value.TaxId, options.Value.Role);
        var buyer = order.Passengers.FirstOrDefault(passenger => passenger.Type == PassengerType.Adult) ?? order.Passengers[0];
        var day = Today().Day;
        var year = string.Create(CultureInfo.InvariantCulture, $"{(kind == InvoiceKind.CreditNote ? "C" : "")}{day.Year:0000}");
        var series = await LockAsync(db, $"{seller.LegalEntity}/{year}", cancellationToken);
        series.LastNumber++;

        // Days ascend with the numbers: who waited for the lock over midnight dates as of now, unless it is another year's by then.
        var (now, today) = Today();
        day = today.Year == day.Year ? today : day;
        var invoice = new Invoice
        {
            Number = string.Create(CultureInfo.InvariantCulture, $"{seller.LegalEntity}-{year}-{series.LastNumber:000000}"),
            Series = series.Id,
            Sequence = series.LastNumber,
            Kind = kind,
            Occasion = occasion,
            OriginalNumber = original?.Number,
            OrderId = order.OrderId,
            BookingId = order.BookingId,
            Locator = order.Locator,
            IssuedAt = now,
            IssuedOn = day,
            Seller = seller,
            Buyer = original?.Buyer ?? $"{buyer.GivenName} {buyer.Surname}".Trim(),
            BuyerOnTicket = original?.BuyerOnTicket ?? buyer.PrintedName(),
            Carrier = order.Offer.ValidatingCarrier,
            Lines = lines,
            Total = lines.Select(line => line.Amount).Sum(order.Offer.Total.Currency),
            Paid = paid,
            Locale = locale,
        };
        db.Invoices.Add(invoice);
        return invoice;
    }

    private (DateTimeOffset Now, DateOnly Day) Today()
    {
        var now = clock.GetUtcNow();
        return (now, DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, TimeZoneInfo.FindSystemTimeZoneById(options.Value.TimeZone)).DateTime));
    }

    private static async Task<InvoiceSeries> LockAsync(TicketsDbContext db, string id, CancellationToken cancellationToken)
    {
        if (await db.TryLockAsync<InvoiceSeries>(id, cancellationToken) is { } series)
            return series;

        // The first of the year: who loses the race for the row waits here for who won it.
        await db.Database.ExecuteSqlAsync($"INSERT INTO invoice_series (id, last_number) VALUES ({id}, 0) ON CONFLICT DO NOTHING", cancellationToken);
        return await db.LockAsync<InvoiceSeries>(id, cancellationToken);
    }
}
