using System.ComponentModel.DataAnnotations;

namespace Aerona.Sagas.Booking;

/// <summary>How long a booking waits for what; section <c>Booking</c>.</summary>
public sealed class BookingTimes
{
    /// <summary>Between the two times the price is asked for, and from the second one to giving up.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan PricingRepeat { get; init; } = TimeSpan.FromSeconds(20);

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

    /// <summary>Tries to pay, the first included.</summary>
    [Range(1, 50)] public int PaymentAttempts { get; init; } = 5;

    /// <summary>For an answer to an authorisation, before it is looked up.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan Authorisation { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>At least, for the look-ups of an authorisation.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan PaymentUnknown { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>For an answer to an airline order, before it is looked up.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan Commit { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>After this long past the pivot without an answer people are asked.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")] public TimeSpan Case { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>At most, for the look-ups of an airline order before it is urgent; the same again for every reminder.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3.00:00:00")] public TimeSpan CommitUnknown { get; init; } = TimeSpan.FromHours(24);

    /// <summary>An unknown airline order is urgent this long before departure.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3.00:00:00")] public TimeSpan BeforeDeparture { get; init; } = TimeSpan.FromHours(3);

    /// <summary>Missing tickets are urgent this long before the airline's limit.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")] public TimeSpan BeforeTicketingLimit { get; init; } = TimeSpan.FromHours(2);

    /// <summary>For a capture, before people are asked; the same again for every reminder.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3.00:00:00")] public TimeSpan Capture { get; init; } = TimeSpan.FromHours(24);

    /// <summary>For everything to be undone, before people are asked; the same again for every reminder.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")] public TimeSpan Undo { get; init; } = TimeSpan.FromHours(1);
}
