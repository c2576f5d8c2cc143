namespace Aerona.Contracts.Bookings;

/// <summary>Command of Bookings to itself: somebody asked for a link to a booking; whether there is one is found out here.</summary>
/// <param name="Locator">As it was typed, in capitals.</param>
/// <param name="Surname">As on tickets.</param>
/// <param name="At">UTC; when it was asked for.</param>
public sealed record MailBookingLink(string Locator, string Surname, DateTimeOffset At) : ICommand;

/// <summary>Command to Notifications: mail a link that opens a booking once.</summary>
/// <param name="AccessId">One for each link; sent again it is the same mail.</param>
/// <param name="BookingId">The booking.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="Email">The address that the booking gives.</param>
/// <param name="Locale">BCP 47.</param>
/// <param name="Path">Of the link, below our own address. It lets its reader act, so it is nobody else's business.</param>
/// <param name="ValidUntil">UTC; the end of the link.</param>
/// <param name="At">UTC; when it was asked for.</param>
public sealed record SendBookingLink(
    Guid AccessId, Guid BookingId, string Locator, string Email, string Locale, string Path, DateTimeOffset ValidUntil, DateTimeOffset At) : ICommand;
