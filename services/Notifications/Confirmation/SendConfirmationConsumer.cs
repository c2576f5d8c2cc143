using System.Security.Cryptography;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Files;
using Aerona.Notifications.Mail;
using Aerona.Notifications.Templates;

namespace Aerona.Notifications.Confirmation;

/// <summary>Tells the traveller that the booking is bought, with the receipt attached.</summary>
internal sealed class SendConfirmationConsumer(MailComposer composer, IMailer mailer, MailTemplates templates, IFileStore files, TimeProvider clock)
    : SendMailConsumer<BookingConfirmed>(composer, mailer, clock)
{
    protected override Guid BookingId(BookingConfirmed happened) => happened.BookingId;

    protected override string Kind(BookingConfirmed happened) => "booking-confirmed";

    protected override async Task<Mail.Mail?> ComposeAsync(BookingConfirmed happened, CancellationToken cancellationToken)
    {
        var content = ConfirmationContent.Of(happened);
        List<Attachment> attachments = [];
        foreach (var document in happened.Documents)
            attachments.Add(new(document.FileName, "application/pdf", await Fetch(document, cancellationToken)));

        var traveller = happened.Passengers.FirstOrDefault(passenger => passenger.Type == PassengerType.Adult);
        return new(
            Kind(happened), happened.BookingId, happened.Contact.Email, traveller is null ? null : $"{traveller.GivenName} {traveller.Surname}", happened.ConfirmedAt,
            content.Subject, await templates.RenderAsync<ConfirmationMail>(content), content.ToText(), attachments);
    }

    private async Task<byte[]> Fetch(StoredDocument document, CancellationToken cancellationToken)
    {
        var bytes = await files.GetAsync(document.Key, cancellationToken) ?? throw new FileNotFoundException($"{document.Kind} is not in the file store", document.Key);
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == document.Sha256
            ? bytes
            : throw new InvalidDataException($"{document.Kind} {document.Key} is not what was stored: its digest differs");
    }
}
