using System.Text.Json.Serialization;

namespace Aerona.Contracts.Users;

/// <summary>What becomes of a field when whom it speaks of asks to be erased.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<Retention>))]
public enum Retention
{
    /// <summary>It was there for the person alone: it is gone.</summary>
    Erased,

    /// <summary>The row is needed by others, so it stays and says nothing of the person any more: emptied, replaced by a mark, or its key destroyed.</summary>
    Anonymised,

    /// <summary>The law keeps it, without what names the person: amounts, tax, document and ticket numbers.</summary>
    KeptByLaw,
}

/// <summary>
/// Command to Bookings, the first step of an export or an erasure: which bookings are this account's, and which of them still need a traveller with a name and an
/// address. Answered by <see cref="AccountBookingsFound"/>.
/// </summary>
/// <param name="RequestId">The export or erasure.</param>
/// <param name="AccountId">The subject of tokens; as text the owner of rows.</param>
/// <param name="Email">The account's confirmed address.</param>
public sealed record FindAccountBookings(Guid RequestId, Guid AccountId, string Email) : ICommand;

/// <summary>Event of Bookings: what <see cref="FindAccountBookings"/> asked for.</summary>
/// <param name="RequestId">The export or erasure.</param>
/// <param name="AccountId">Whose.</param>
/// <param name="Bookings">All of them, the oldest first.</param>
public sealed record AccountBookingsFound(Guid RequestId, Guid AccountId, IReadOnlyList<AccountBooking> Bookings);

/// <summary>A booking of an account.</summary>
/// <param name="BookingId">Its id.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="OpenBecause">A stable code when an erasure must wait for it: <c>booking.under_way</c>, <c>booking.not_flown</c>, <c>case.open</c>, <c>cancellation.under_way</c>; null when nothing holds it.</param>
/// <param name="OpenUntil">UTC; when that ends by itself, null when somebody must act first.</param>
public sealed record AccountBooking(Guid BookingId, string Locator, string? OpenBecause, DateTimeOffset? OpenUntil);

/// <summary>
/// Event of Users: from now on nobody may know this person. Each service that holds something of him erases it by its own table of fields and answers with
/// <see cref="AccountDataErased"/>, with nothing in it when it held nothing. The same again is answered the same way.
/// </summary>
/// <param name="ErasureId">This erasure.</param>
/// <param name="AccountId">The subject of tokens; as text the owner of rows.</param>
/// <param name="Email">The account's confirmed address, for rows that know nothing else of him.</param>
/// <param name="BookingIds">His bookings, none of them open.</param>
/// <param name="At">UTC; when he asked.</param>
public sealed record AccountErasureBegun(Guid ErasureId, Guid AccountId, string Email, IReadOnlyList<Guid> BookingIds, DateTimeOffset At);

/// <summary>Event of a service: what it did about an <see cref="AccountErasureBegun"/>.</summary>
/// <param name="ErasureId">Which.</param>
/// <param name="Service">The module's name in lower case, such as <c>bookings</c>.</param>
/// <param name="Fields">What it held, by field.</param>
public sealed record AccountDataErased(Guid ErasureId, string Service, IReadOnlyList<ErasedField> Fields);

/// <summary>A field of a service, and what became of it.</summary>
/// <param name="Name">For people: <c>recipient.email</c>.</param>
/// <param name="Retention">What was done.</param>
/// <param name="Rows">How many.</param>
public sealed record ErasedField(string Name, Retention Retention, int Rows);

/// <summary>Event of Users: tell this person what you hold of him. Each service answers with <see cref="AccountDataExported"/>, with null when it holds nothing.</summary>
/// <param name="ExportId">This export.</param>
/// <param name="AccountId">The subject of tokens; as text the owner of rows.</param>
/// <param name="Email">The account's confirmed address.</param>
/// <param name="BookingIds">His bookings.</param>
public sealed record AccountExportBegun(Guid ExportId, Guid AccountId, string Email, IReadOnlyList<Guid> BookingIds);

/// <summary>Event of a service: what it holds of somebody.</summary>
/// <param name="ExportId">Which.</param>
/// <param name="Service">The module's name in lower case, such as <c>bookings</c>; the name of the file in the archive.</param>
/// <param name="Json">For him to read, times in UTC; null when it holds nothing.</param>
public sealed record AccountDataExported(Guid ExportId, string Service, string? Json);

/// <summary>Event of Users: an account and everything that names its owner are gone.</summary>
/// <param name="AccountId">Whose it was.</param>
/// <param name="At">UTC.</param>
public sealed record AccountErased(Guid AccountId, DateTimeOffset At);
