using Aerona.Contracts.Bookings;

namespace Aerona.Notifications.News;

internal static class EnglishNews
{
    private const string NotCharged = "You were not charged";
    private const string Expires = "If it is not paid by then, the booking expires, the seats are given back and nothing is charged.";
    private const string TakenLast = "Nothing is taken before the airline has confirmed your seats and your tickets are issued.";

    public static NewsWords Of(BookingNewsKind kind, NewsFacts facts) => kind switch
    {
        BookingNewsKind.PriceChanged => new(
            "The price of your flights has changed",
            [
                $"The airline now asks {facts.Total}{For(facts)}; it was {facts.OldTotal}. That is {facts.Difference} {(facts.IsMore ? "more" : "less")}.",
                $"You decide: take the new price or leave it. Please do so{Before(facts)}.",
                "If you do nothing, the booking ends, what is held for you is given back and nothing is charged.",
            ],
            "See the new price and decide", NotCharged, "Nothing is reserved or taken before you have agreed to a price."),
        BookingNewsKind.PayLater => new(
            "Your seats are held; there is time to pay",
            [
                $"Your seats{For(facts)} are held for you. Please pay {facts.Total}{Before(facts)}.",
                "If you wait long, the airline may ask for another price. You would see it before you pay anything, and decide.",
                Expires,
            ],
            "Pay for your booking", NotCharged, TakenLast),
        BookingNewsKind.PaymentDue => new(
            "Your time to pay ends soon",
            [
                $"Your seats{For(facts)} are still held for you. Please pay {facts.Total}{Before(facts)}.",
                "If you have approved the payment this moment, you need not do anything.",
                Expires,
            ],
            "Pay now", NotCharged, TakenLast),
        BookingNewsKind.PaymentUnderReview => new(
            "Your payment is being examined",
            [
                "PayPal is examining your payment. This takes hours, at most a day; your seats are kept meanwhile.",
                "You need not do anything, and we write to you as soon as it is decided. Please do not book the same flight again meanwhile.",
            ],
            "See your booking", "Nothing has been taken", "The price is taken only once PayPal agrees and your tickets are issued."),
        BookingNewsKind.ConfirmingWithAirline => new(
            "We are waiting for the airline",
            [
                "We have sent your order to the airline and it has not said yet whether it was made. We keep asking.",
                "You need not do anything, and we write to you as soon as it is decided. Please do not book the same flight again meanwhile.",
            ],
            "See your booking", "Reserved, not taken",
            "The price is reserved at PayPal. It is taken only once your tickets are issued; if the airline says no, the reservation is released."),
        BookingNewsKind.PayAgain => new(
            "Your tickets are issued, and the payment failed",
            [
                $"Your tickets{For(facts)} are issued, and the {facts.Total} that you had approved could not be taken at PayPal.",
                $"Please pay another way{Before(facts)}. Your tickets stay valid meanwhile.",
                "If it is not paid by then, our staff decide about the booking, and the tickets may be cancelled.",
            ],
            "Pay another way", "Nothing has been taken", "What was reserved is released in full. Your bank may show it for some days until it disappears."),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "nobody has said what to tell about this"),
    };

    private static string For(NewsFacts facts) => facts.Route is { } route ? $" for {route}" : "";

    private static string Before(NewsFacts facts) => facts.Until is { } until ? $" before {until}" : " soon";
}
