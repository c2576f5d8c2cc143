namespace Aerona.Users.Accounts;

/// <summary>What somebody is to us. A person may be several.</summary>
internal enum Role
{
    Traveller,
    Agent,
    Support,
    SeniorSupport,
    Finance,
    Operations,
    Admin,
}

/// <summary>What somebody may do: one for each kind of action, named <c>area.action</c>.</summary>
internal enum Permission
{
    BookForSelf,
    BookForOthers,
    SeeAnyBooking,
    HandleCases,
    CancelAnyBooking,
    RefundUpToLimit,
    RefundAny,
    ApproveRefund,
    SeeLedger,
    Reconcile,
    RunFleet,
    ImportFlights,
    ReplayDeadLetters,
    SeeAccounts,
    EndSessions,
    LockAccounts,
    GiveRoles,
    ManageClients,
    RotateKeys,
}

/// <summary>Who may do what: the one table. Tokens carry roles, services ask for permissions.</summary>
internal static class Roles
{
    private static readonly Permission[] OfSupport =
        [Permission.SeeAnyBooking, Permission.HandleCases, Permission.CancelAnyBooking, Permission.RefundUpToLimit, Permission.SeeAccounts, Permission.EndSessions];

    private static readonly Dictionary<Role, (string Name, Permission[] Permissions)> Table = new()
    {
        [Role.Traveller] = ("traveller", [Permission.BookForSelf]),
        [Role.Agent] = ("agent", [Permission.BookForSelf, Permission.BookForOthers]),
        [Role.Support] = ("support", OfSupport),
        [Role.SeniorSupport] = ("senior-support", [.. OfSupport, Permission.RefundAny, Permission.ApproveRefund, Permission.ReplayDeadLetters, Permission.LockAccounts]),
        [Role.Finance] = ("finance", [Permission.SeeAnyBooking, Permission.SeeLedger, Permission.Reconcile, Permission.ApproveRefund]),
        [Role.Operations] = ("operations", [Permission.RunFleet, Permission.ImportFlights, Permission.ReplayDeadLetters]),
        [Role.Admin] = ("admin", [Permission.SeeAccounts, Permission.EndSessions, Permission.LockAccounts, Permission.GiveRoles, Permission.ManageClients, Permission.RotateKeys]),
    };

    public static IReadOnlyList<Role> All { get; } = [.. Table.Keys.Order()];

    /// <summary>As it stands in tokens and addresses: <c>senior-support</c>.</summary>
    public static string Name(this Role role) => Table[role].Name;

    public static IReadOnlyList<Permission> Permissions(this Role role) => Table[role].Permissions;

    /// <summary>Staff reach what is not theirs, so they need a second factor.</summary>
    public static bool IsStaff(this Role role) => role is not (Role.Traveller or Role.Agent);

    public static Role? Named(string name) => All.Where(role => role.Name() == name).Select(role => (Role?)role).SingleOrDefault();

    /// <summary>Whether any of the roles, by their names in a token, permits it. A senior of support is support too, so tokens of seniors carry both.</summary>
    public static bool Permit(IEnumerable<string> names, Permission permission) => names.Any(name => Named(name) is { } role && role.Permissions().Contains(permission));
}
