using System.Text.RegularExpressions;
using Aerona.Contracts.Bookings;

namespace Aerona.Notifications.Notices;

/// <summary>What a traveller is told about a booking that ended without a purchase: why, and the truth about the money.</summary>
internal static partial class FailureNotice
{
    public static NoticeContent Of(BookingFailed booking)
    {
        var (title, why, next) = Reason(booking);
        var (money, moneyDetail) = Money(booking.Money);
        List<string> paragraphs = [why];
        if (booking.Detail is { Length: > 0 } detail && !Codes().IsMatch(detail))
            paragraphs.Add(detail);

        paragraphs.Add(next);
        return new(booking.Locator, $"Booking {booking.Locator}: {char.ToLowerInvariant(title[0])}{title[1..]}. {money}", title, paragraphs, money, moneyDetail, NoticeContent.SmallPrint(booking.Locator));
    }

    private static (string Money, string Detail) Money(MoneyState state) => state switch
    {
        MoneyState.NotCharged => ("You were not charged", "No money was reserved and none was taken."),
        MoneyState.AuthorisationVoided => (
            "No money was taken; its reservation was released",
            "The price had been reserved at PayPal. We released the reservation in full. Your bank may show it for some days until it disappears; it never becomes a charge."),
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "nobody has said what to tell about this"),
    };

    private static (string Title, string Why, string Next) Reason(BookingFailed booking) => booking.Reason switch
    {
        "booking.cancelled" => ("Your booking was cancelled", "You asked us to cancel before anything was bought. The seats were given back.", "You need not do anything."),
        "payment.expired" => ("Your booking expired", "The payment was not approved in time, so the seats were given back.", "You can search again; prices and seats may have changed."),
        "payment.declined" => (
            "Your booking was not completed", "The payment was declined, so nothing was bought and the seats were given back.",
            "Please book again with another way to pay; whoever issued the one you used can tell why it was declined."),
        "payment.not_possible" => ("Your booking was not completed", "No payment could be made for this booking, so nothing was bought.", "Please book again, or choose another flight."),
        "payment.unavailable" => ("Your booking was not completed", "PayPal did not answer in time, so nothing was bought and the seats were given back.", "Please try again in a while."),
        "seats.lost" => ("Your booking was not completed", "The last seats were sold to somebody else before yours could be bought.", "Please choose another flight or cabin."),
        "price.changed" => ("Your booking was not completed", "The price changed before anything was bought, and the new one was not accepted in time.", "Please book again if the new price suits you."),
        "offer.gone" => ("Your booking was not completed", "The offer expired or its flight is not sold any more, so nothing was bought.", "Please search again."),
        "order.refused" => ("Your booking was not completed", "The airline refused the order, so nothing was bought.", "Please choose another flight."),
        "airline.unavailable" => ("Your booking was not completed", "The airline did not answer in time, so nothing was bought.", "Please try again in a while."),
        _ => ("Your booking was not completed", "It could not be completed, so nothing was bought and what had been held was given back.", "Please search again."),
    };

    // A supplier's stable code (order.sold_out) is for programs; the sentences above say it to people.
    [GeneratedRegex(@"\A[a-z0-9_]+(\.[a-z0-9_]+)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Codes();
}
