using Aerona.Contracts.Bookings;

namespace Aerona.Notifications.Notices;

/// <summary>What a traveller is told when a booking needs a person. Most cases are for staff alone: a mail about them would only worry, or
/// says what a piece of news (<see cref="News.NewsNotice"/>) has said.</summary>
internal static class CaseNotice
{
    private const string WeAreOnIt = "Our staff are on it and you will hear from us as soon as it is decided. You need not do anything; please do not book the same flight again meanwhile.";

    /// <summary>The mail, or null when the case is not for the traveller.</summary>
    public static NoticeContent? Of(BookingCaseOpened opened, string locator) => opened.Kind switch
    {
        "ticketing-urgent" => Notice(
            locator, "Your tickets take longer than usual", "The airline has confirmed your booking and has not issued the tickets yet. We keep asking.",
            "Reserved, not taken", "The price is reserved at PayPal. It is taken only once your tickets are issued."),
        "undo-overdue" => Notice(
            locator, "We are still undoing your booking", "Your booking was not completed, and giving back what was held or reserved for it takes longer than usual.",
            "Nothing was taken", "A reservation at PayPal may show until we have released it; it does not become a charge."),
        "late-capture" => Notice(
            locator, "You get your money back", "Money was taken for a booking that had already ended. That should not have happened.",
            "A full refund is on its way", "We have asked PayPal to give back all of it. Banks show a refund after some days."),
        _ => null,
    };

    private static NoticeContent Notice(string locator, string title, string why, string money, string moneyDetail) => new(
        locator, $"Booking {locator}: {char.ToLowerInvariant(title[0])}{title[1..]}", title, [why, WeAreOnIt], money, moneyDetail, NoticeContent.SmallPrint(locator));
}
