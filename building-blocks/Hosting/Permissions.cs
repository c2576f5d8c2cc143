using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Hosting;

/// <summary>What somebody is to us. A person may be several.</summary>
public enum Role
{
    /// <summary>Books for himself; everybody with an account.</summary>
    Traveller,

    /// <summary>Books for others.</summary>
    Agent,

    /// <summary>Helps travellers.</summary>
    Support,

    /// <summary>Helps support, and decides what costs more.</summary>
    SeniorSupport,

    /// <summary>Keeps the books.</summary>
    Finance,

    /// <summary>The airline's desk.</summary>
    Operations,

    /// <summary>Looks after accounts, programs and keys; sees no bookings.</summary>
    Admin,

    /// <summary>A service of ours that asks another one; never a person.</summary>
    Service,
}

/// <summary>What somebody may do: one for each kind of action.</summary>
public enum Permission
{
    /// <summary>Book, and have bookings of one's own.</summary>
    BookForSelf,

    /// <summary>Book for others.</summary>
    BookForOthers,

    /// <summary>See any booking with its money, tickets, mails and supplier orders.</summary>
    SeeAnyBooking,

    /// <summary>Take cases and decide on bookings that wait for somebody.</summary>
    HandleCases,

    /// <summary>Cancel for a traveller.</summary>
    CancelAnyBooking,

    /// <summary>Give money back up to the limit of support.</summary>
    RefundUpToLimit,

    /// <summary>Give back more.</summary>
    RefundAny,

    /// <summary>Agree to somebody else's refund.</summary>
    ApproveRefund,

    /// <summary>See the ledger and its sums.</summary>
    SeeLedger,

    /// <summary>Compare the books of PayPal, ledger, tickets and seats, and see what does not agree.</summary>
    Reconcile,

    /// <summary>Read what was sold in the books of a service, to compare it.</summary>
    ReadBooks,

    /// <summary>Airplanes, schedules, flights and their status.</summary>
    RunFleet,

    /// <summary>Load flights.</summary>
    ImportFlights,

    /// <summary>See messages that were given up.</summary>
    SeeDeadLetters,

    /// <summary>Send them once more.</summary>
    ReplayDeadLetters,

    /// <summary>See accounts.</summary>
    SeeAccounts,

    /// <summary>Sign somebody out everywhere.</summary>
    EndSessions,

    /// <summary>Let somebody in no more.</summary>
    LockAccounts,

    /// <summary>Say who is what.</summary>
    GiveRoles,

    /// <summary>Make programs that may ask for tokens.</summary>
    ManageClients,

    /// <summary>Change the keys that tokens are signed with.</summary>
    RotateKeys,
}

/// <summary>Who may do what: the one table. Tokens carry roles, services ask for permissions.</summary>
public static class Roles
{
    private static readonly Permission[] OfSupport =
        [Permission.SeeAnyBooking, Permission.HandleCases, Permission.CancelAnyBooking, Permission.RefundUpToLimit, Permission.SeeDeadLetters, Permission.SeeAccounts, Permission.EndSessions];

    private static readonly Dictionary<Role, (string Name, Permission[] Permissions)> Table = new()
    {
        [Role.Traveller] = ("traveller", [Permission.BookForSelf]),
        [Role.Agent] = ("agent", [Permission.BookForSelf, Permission.BookForOthers]),
        [Role.Support] = ("support", OfSupport),
        [Role.SeniorSupport] = ("senior-support", [.. OfSupport, Permission.RefundAny, Permission.ApproveRefund, Permission.ReplayDeadLetters, Permission.LockAccounts, Permission.Reconcile]),
        [Role.Finance] = ("finance", [Permission.SeeAnyBooking, Permission.SeeLedger, Permission.Reconcile, Permission.ReadBooks, Permission.ApproveRefund]),
        [Role.Operations] = ("operations", [Permission.RunFleet, Permission.ImportFlights, Permission.SeeDeadLetters, Permission.ReplayDeadLetters]),
        [Role.Admin] = ("admin", [Permission.SeeAccounts, Permission.EndSessions, Permission.LockAccounts, Permission.GiveRoles, Permission.ManageClients, Permission.RotateKeys]),
        [Role.Service] = ("service", [Permission.ReadBooks]),
    };

    private static readonly Dictionary<string, Role> Names = Table.ToDictionary(row => row.Value.Name, row => row.Key, StringComparer.Ordinal);

    /// <summary>All there are, in the order of the table.</summary>
    public static IReadOnlyList<Role> All { get; } = [.. Table.Keys.Order()];

    /// <summary>Those that a person may have.</summary>
    public static IReadOnlyList<Role> OfPeople { get; } = [.. All.Where(role => role != Role.Service)];

    /// <summary>As it stands in tokens and addresses: <c>senior-support</c>.</summary>
    public static string Name(this Role role) => Table[role].Name;

    /// <summary>What it may do.</summary>
    public static IReadOnlyList<Permission> Permissions(this Role role) => Table[role].Permissions;

    /// <summary>Staff reach what is not theirs, so they need a second factor.</summary>
    public static bool IsStaff(this Role role) => role is not (Role.Traveller or Role.Agent or Role.Service);

    /// <summary>The role of that name; null when there is none.</summary>
    public static Role? Named(string name) => Names.TryGetValue(name, out var role) ? role : null;

    /// <summary>Whether any of the roles, by their names in a token, permits it.</summary>
    public static bool Permit(IEnumerable<string> names, Permission permission) => names.Any(name => Named(name) is { } role && role.Permissions().Contains(permission));

    /// <summary>Whether the caller may.</summary>
    public static bool May(this ClaimsPrincipal user, Permission permission) => Permit(user.FindAll(Callers.RoleClaim).Select(claim => claim.Value), permission);

    /// <summary>Only for callers who may do that: 401 for nobody, 403 for others.</summary>
    public static TBuilder Requires<TBuilder>(this TBuilder endpoint, Permission permission) where TBuilder : IEndpointConventionBuilder => endpoint.RequireAuthorization(Policy(permission));

    internal static void AddPermissions(this WebApplicationBuilder builder)
    {
        var policies = builder.Services.AddAuthorizationBuilder();
        foreach (var permission in Enum.GetValues<Permission>())
        {
            policies.AddPolicy(Policy(permission), policy => policy.RequireAuthenticatedUser().RequireAssertion(asked => asked.User.May(permission)));
        }
    }

    private static string Policy(Permission permission) => $"permission:{permission}";
}
