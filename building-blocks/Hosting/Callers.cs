using System.Security.Claims;

namespace Aerona.Hosting;

/// <summary>Who is calling.</summary>
public static class Callers
{
    /// <summary>The claim that holds a role; one for each.</summary>
    public const string RoleClaim = "role";

    /// <summary>The claim that says who it is.</summary>
    public const string SubjectClaim = "sub";

    internal const string Guest = "guest";
    internal const string BookingClaim = "booking";

    /// <summary>The subject that owns what is created: the token's <c>sub</c>, or null for somebody not signed in or a guest.</summary>
    public static string? Owner(this ClaimsPrincipal user) => user.IsInRole(Guest) ? null : user.FindFirstValue(SubjectClaim);

    /// <summary>Whether the caller may see a booking: its owner, a guest with that booking's token, or staff who may see any.</summary>
    public static bool MaySee(this ClaimsPrincipal user, Guid bookingId, string? owner) =>
        user.May(Permission.SeeAnyBooking) || (owner is not null && user.Owner() == owner) || user.GuestBooking() == bookingId;

    /// <summary>Whether the caller may steer a booking that he may see: its owner, a guest with that booking's token, or staff who may do this to any.</summary>
    public static bool MaySteer(this ClaimsPrincipal user, Guid bookingId, string? owner, Permission permission) =>
        user.May(permission) || (owner is not null && user.Owner() == owner) || user.GuestBooking() == bookingId;

    /// <summary>The one booking a guest's token is for; null for anybody else.</summary>
    internal static Guid? GuestBooking(this ClaimsPrincipal user) =>
        user.IsInRole(Guest) && Guid.TryParse(user.FindFirstValue(BookingClaim), out var booking) ? booking : null;
}
