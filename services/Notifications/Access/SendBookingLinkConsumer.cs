using System.Globalization;
using Aerona.Contracts.Bookings;
using Aerona.Notifications.Mail;
using Aerona.Notifications.Notices;
using Aerona.Notifications.Templates;
using Microsoft.Extensions.Options;

namespace Aerona.Notifications.Access;

/// <summary>Mails a link that opens a booking once, to the address that the booking gives. The kind of delivery and the address are noted; the link is not.</summary>
internal sealed class SendBookingLinkConsumer(MailComposer composer, IMailer mailer, MailTemplates templates, IOptions<MailOptions> options, TimeProvider clock)
    : SendMailConsumer<SendBookingLink>(composer, mailer, clock)
{
    private readonly TimeProvider _clock = clock;

    protected override Guid BookingId(SendBookingLink happened) => happened.BookingId;

    protected override string Kind(SendBookingLink happened) => "booking-link";

    // Each link is a mail of its own.
    protected override string Occasion(SendBookingLink happened) => happened.AccessId.ToString("N");

    protected override async Task<Mail.Mail?> ComposeAsync(SendBookingLink happened, CancellationToken cancellationToken)
    {
        // After minutes without a mail server: a link that has expired opens nothing.
        if (happened.ValidUntil <= _clock.GetUtcNow())
        {
            return null;
        }

        var content = Notice(happened, options.Value.PublicBaseUrl);
        return new(Kind(happened), happened.BookingId, happened.Email, null, happened.At, content.Subject, await templates.RenderAsync<NoticeMail>(content), content.ToText(), [])
        {
            Occasion = Occasion(happened),
            Language = content.Language,
        };
    }

    private static NoticeContent Notice(SendBookingLink link, string home)
    {
        var isVietnamese = link.Locale.Split('-')[0].Equals("vi", StringComparison.OrdinalIgnoreCase);
        string Say(string english, string vietnamese) => isVietnamese ? vietnamese : english;
        var until = link.ValidUntil.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        return new(
            link.Locator, Say($"Aerona: open your booking {link.Locator}", $"Aerona: mở đặt chỗ {link.Locator}"), Say("Open your booking", "Mở đặt chỗ của bạn"),
            [
                Say("Somebody, most likely you, asked for a way into this booking. The link lets its reader see it, pay for it, change it and cancel it.",
                    "Ai đó, rất có thể là bạn, đã yêu cầu mở đặt chỗ này. Người có liên kết có thể xem, thanh toán, thay đổi và hủy đặt chỗ."),
            ],
            Say($"Good until {until}, once", $"Có hiệu lực đến {until}, một lần"),
            Say("If it was not you, do nothing and do not pass this mail on: without it nobody can go on.", "Nếu không phải bạn, đừng làm gì và đừng chuyển tiếp thư này: không có thư này thì không ai làm tiếp được."),
            NoticeContent.SmallPrint(link.Locator))
        {
            Language = isVietnamese ? "vi" : "en",
            MoneyLabel = Say("The link", "Liên kết"),
            Link = new(Say("Open the booking", "Mở đặt chỗ"), home + link.Path),
        };
    }
}
