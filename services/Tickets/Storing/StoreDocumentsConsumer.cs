using Aerona.Contracts;
using Aerona.Contracts.Tickets;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Tickets.Data;
using Aerona.Tickets.Documents;
using Aerona.Tickets.Invoicing;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Tickets.Storing;

/// <summary>What was put into the file store.</summary>
/// <param name="Documents">What who booked is sent.</param>
/// <param name="Parts">What is only fetched; null: nothing.</param>
internal sealed record DocumentsWritten(IReadOnlyList<StoredDocument> Documents, IReadOnlyList<WrittenDocument>? Parts = null);

/// <summary>
/// Numbers the invoice, makes receipts, invoice and calendar and puts them into the file store. Killed anywhere they are simply made again: the same invoice, the same bytes
/// under the same keys. A store that does not answer is thrown, so that the command comes again.
/// </summary>
internal sealed class StoreDocumentsConsumer(IServiceScopeFactory scopes, InvoiceBook invoices, DocumentMaker make, DocumentStore store)
    : EffectConsumer<StoreDocuments, DocumentsWritten, TicketsDbContext>
{
    protected override string Key(StoreDocuments command) => $"documents/{command.OrderId}";

    // Nothing closes these intents: documents are never undone, only replaced by a credit note.
    protected override DocumentsWritten ClosedAnswer(StoreDocuments command) => new([]);

    protected override async Task<DocumentsWritten> CallAsync(StoreDocuments command, EffectIntent intent, CancellationToken cancellationToken)
    {
        var (order, invoice) = await InvoiceAsync(command, cancellationToken);

        // The files are made when the number stands: no transaction waits for them.
        var receipt = (await store.PutAsync(make.Receipt(order, invoice), intent.RequestId, cancellationToken)).Document;
        var others = await Task.WhenAll(new[] { make.Invoice(order, invoice), make.Calendar(order, invoice.Locale) }.Concat(make.PassengerReceipts(order, invoice))
            .Select(made => store.PutAsync(made, intent.RequestId, cancellationToken)));
        return new([receipt, others[0].Document, others[1].Document], others[2..]);
    }

    protected override bool IsFinal(DocumentsWritten answer) => true;

    protected override async Task RecordAsync(TicketsDbContext db, StoreDocuments command, DocumentsWritten answer, CancellationToken cancellationToken)
    {
        await store.RecordAsync(db, command.BookingId, command.OrderId, [.. answer.Documents.Select(document => new WrittenDocument(document, "")), .. answer.Parts ?? []], cancellationToken);
        db.Publish(new DocumentsStored(command.BookingId, command.OrderId, answer.Documents));
    }

    private async Task<(TicketedOrder Order, Invoice Invoice)> InvoiceAsync(StoreDocuments command, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TicketsDbContext>();
        var order = await db.Orders.AsNoTracking().SingleOrDefaultAsync(order => order.OrderId == command.OrderId, cancellationToken)
            ?? throw new InvalidOperationException($"order {command.OrderId} has no tickets yet, so it can have no documents");
        await using var transaction = await db.BeginAsync(cancellationToken);
        var invoice = await invoices.InvoiceAsync(db, order, command.Paid, command.Locale, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (order, invoice);
    }
}
