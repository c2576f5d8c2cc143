using Aerona.Contracts;
using Aerona.Contracts.Tickets;
using Aerona.Notifications.Confirmation;
using Aerona.Notifications.Data;
using Aerona.Notifications.Notices;
using Aerona.Notifications.Preferences;
using Aerona.Notifications.Sending;
using Aerona.Notifications.Templates;
using Aerona.Notifications.Texts;
using MassTransit;

namespace Aerona.Notifications.Cancellations;

/// <summary>What a mail with documents of a cancellation is written from.</summary>
internal sealed record CancellationDocumentsMail(
    Guid BookingId, Guid CancellationId, IReadOnlyList<StoredDocument> Documents, DateTimeOffset At, string Locator, string Email, string Locale);

/// <summary>Brings the traveller the credit note of a cancellation, and the file that takes the flights out of a calendar.</summary>
internal sealed class CancellationDocumentsLetter(Stationery stationery, StoredDocuments documents) : Letter<CancellationDocumentsMail>
{
    public override string Name => "cancellation-documents";

    public override DueMail Due(CancellationDocumentsMail content) => CreditNoteOf(content) is not null
        ? new("cancellation-credit-note", content.BookingId, content.Email, content.At, NoticeKind.Cancellation) { Occasion = content.CancellationId.ToString("N") }
        : new("cancellation-calendar", content.BookingId, content.Email, content.At, NoticeKind.FlightChanges) { Occasion = content.CancellationId.ToString("N"), MustArrive = false };

    protected override async Task<WrittenMail?> WriteAsync(CancellationDocumentsMail content, CancellationToken cancellationToken)
    {
        var texts = MailTexts.Of(content.Locale);
        var about = stationery.About(texts, content.Locator, texts.CancellationDocuments(CreditNoteOf(content)?.Number), content.BookingId, content.At) with
        {
            AttachedHeading = texts.Attached,
            Attached = [.. content.Documents.Select(document => texts.DocumentName(document.Kind, document.Number))],
        };
        return await stationery.WriteAsync(about, attachments: await documents.FetchAsync(content.Documents, cancellationToken));
    }

    private static StoredDocument? CreditNoteOf(CancellationDocumentsMail content) => content.Documents.FirstOrDefault(document => document.Kind == DocumentKinds.CreditNote);
}

/// <summary>Documents of a cancellation lie in the store: the traveller gets them.</summary>
internal sealed class SendCancellationDocumentsConsumer(NotificationsDbContext db, DueMails mails, CancellationDocumentsLetter letter, TimeProvider clock)
    : IConsumer<CancellationDocumentsStored>
{
    public async Task Consume(ConsumeContext<CancellationDocumentsStored> context)
    {
        var stored = context.Message;
        var to = await Recipients.OfAsync(db, stored.BookingId, context.CancellationToken);
        await mails.NoteAsync(
            letter, new(stored.BookingId, stored.CancellationId, stored.Documents, clock.GetUtcNow(), to.Locator, to.Email, to.Locale), context.CancellationToken);
    }
}
