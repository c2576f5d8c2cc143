using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Tickets;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Tickets.Data;
using Aerona.Tickets.Documents;
using Aerona.Tickets.Invoicing;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Tickets.Storing;

/// <summary>Numbers a cancellation's credit note, makes it and puts it into the file store; as with the documents of a booking, a repeat is the same note.</summary>
internal sealed class StoreCreditNoteConsumer(IServiceScopeFactory scopes, InvoiceBook invoices, DocumentMaker make, DocumentStore store)
    : EffectConsumer<CreditNoteRequested, WrittenDocument, TicketsDbContext>
{
    protected override string Key(CreditNoteRequested requested) => $"credit-note/{requested.CancellationId}";

    protected override WrittenDocument ClosedAnswer(CreditNoteRequested requested) => throw new InvalidOperationException($"nothing closes credit note {requested.CancellationId}");

    protected override async Task<WrittenDocument> CallAsync(CreditNoteRequested requested, EffectIntent intent, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TicketsDbContext>();
        var order = await db.Orders.AsNoTracking().SingleOrDefaultAsync(order => order.OrderId == requested.OrderId, cancellationToken)
            ?? throw new InvalidOperationException($"order {requested.OrderId} has no tickets, so nothing of it can be credited");
        var locale = await Locales.OfAsync(db, order.OrderId, cancellationToken);
        await using var transaction = await db.BeginAsync(cancellationToken);
        var note = await invoices.CreditAsync(db, order, requested, locale, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return await store.PutAsync(make.Invoice(order, note), intent.RequestId, cancellationToken);
    }

    protected override bool IsFinal(WrittenDocument answer) => true;

    protected override async Task RecordAsync(TicketsDbContext db, CreditNoteRequested requested, WrittenDocument answer, CancellationToken cancellationToken)
    {
        await store.RecordAsync(db, requested.BookingId, requested.OrderId, [answer], cancellationToken);
        db.Publish(new CancellationDocumentsStored(requested.BookingId, requested.CancellationId, requested.OrderId, [answer.Document]));
    }
}

internal static class Locales
{
    /// <summary>The language of an order's documents: its invoice's, English before there is one.</summary>
    public static async Task<string> OfAsync(TicketsDbContext db, Guid orderId, CancellationToken cancellationToken) =>
        await db.Invoices.AsNoTracking().Where(invoice => invoice.Kind == InvoiceKind.Invoice && invoice.Occasion == orderId).Select(invoice => invoice.Locale).SingleOrDefaultAsync(cancellationToken) ?? "en";
}
