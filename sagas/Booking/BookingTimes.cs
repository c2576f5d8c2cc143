using System.ComponentModel.DataAnnotations;

namespace Aerona.Sagas.Booking;

/// <summary>How long a booking waits for what; section <c>Booking</c>.</summary>
public sealed class BookingTimes
{
    /// <summary>Between the two times the price is asked for, and from the second one to giving up.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan PricingRepeat { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>For the traveller to take or decline a new price; never longer than that price is good, nor than the time to pay.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan PriceDecision { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>For an answer to a hold, before it is looked up.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For a hold's look-ups.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] public TimeSpan HoldUnknown { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Between repeats of opening a payment and of pinning seats.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan Repeat { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For a payment to be opened, and for seats to be pinned.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] public TimeSpan GiveUp { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>For the payer, counted from the moment the seats are held.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")] public TimeSpan PaymentWindow { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The payer's time ends this long before the seats may lapse.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")] public TimeSpan SpaceMargin { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The payer is reminded this long before the time to pay ends.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan Reminder { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The same for travellers who pay later.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")] public TimeSpan PayLaterReminder { get; init; } = TimeSpan.FromHours(3);

    /// <summary>The first look at an approval after the payer got the link; the others come after two and five times as long.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan ApprovalLookUp { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The last look at an approval comes this long before the time to pay ends.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan LastLookUp { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>To the first look-up of something unknown; the others come after two, four, eight and twenty times as long, counted from the one before.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan LookUp { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Between look-ups that can wait: of a payment under review, of a parked booking.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan SlowLookUp { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// To the first repeat of what is asked for until it is done: a capture, documents. The others come after 2, 4, 10, 30 and 120 times as long, counted from
    /// the one before.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan PatientRepeat { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Tries to pay, the first included; as many again when the money could not be taken after the tickets were issued.</summary>
    [Range(1, 50)] public int PaymentAttempts { get; init; } = 5;

    /// <summary>For an answer to an authorisation, before it is looked up.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan Authorisation { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>At least, for the look-ups of an authorisation.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan PaymentUnknown { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>At most, for PayPal to examine a payment.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3.00:00:00")] public TimeSpan PaymentReview { get; init; } = TimeSpan.FromHours(24);

    /// <summary>For an answer to an airline order, before it is looked up.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan Commit { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>After this long past the pivot without an answer people are asked.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan Case { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>At most, for the look-ups of an airline order before the booking is parked for staff; never less than <see cref="Case"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3.00:00:00")] public TimeSpan CommitUnknown { get; init; } = TimeSpan.FromHours(24);

    /// <summary>An unknown airline order is parked, and a payment under review given up, this long before departure.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3.00:00:00")] public TimeSpan BeforeDeparture { get; init; } = TimeSpan.FromHours(3);

    /// <summary>Missing tickets are urgent this long before the airline's limit.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")] public TimeSpan BeforeTicketingLimit { get; init; } = TimeSpan.FromHours(2);

    /// <summary>So long the same capture is sent again while nothing is heard; afterwards it is looked up first.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3.00:00:00")] public TimeSpan Capture { get; init; } = TimeSpan.FromHours(24);

    /// <summary>For a capture, before people are asked.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3.00:00:00")] public TimeSpan CaptureAlarm { get; init; } = TimeSpan.FromHours(48);

    /// <summary>For the traveller to pay again when the money could not be taken, before the booking is parked for staff.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3.00:00:00")] public TimeSpan CaptureRecovery { get; init; } = TimeSpan.FromHours(12);

    /// <summary>That time ends at the latest this long before the airline's free cancellation does.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")] public TimeSpan BeforeVoidableUntil { get; init; } = TimeSpan.FromHours(1);

    /// <summary>For staff to decide about a parked booking, before they are asked again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3.00:00:00")] public TimeSpan StaffDecision { get; init; } = TimeSpan.FromHours(4);

    /// <summary>A confirmed booking is complete this long after its last arrival.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")] public TimeSpan AfterArrival { get; init; } = TimeSpan.FromHours(24);

    /// <summary>For everything to be undone, before people are asked; the same again for every reminder.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan Undo { get; init; } = TimeSpan.FromHours(1);
}
