using System.ComponentModel.DataAnnotations;
using Aerona.Hosting;
using Aerona.Users.Connect;
using Microsoft.Extensions.Options;

namespace Aerona.Users;

/// <summary>Accounts and tokens; section <c>Users</c>.</summary>
internal sealed class UsersOptions
{
    /// <summary>Random text that seals what the database must not give away. Null: <c>keys/users.key</c> in the data folder, made when it is not there.</summary>
    [MinLength(32)] public string? MasterSecret { get; init; }

    /// <summary>Whose account becomes an administrator's when the address is confirmed while there is none; null: nobody's.</summary>
    [EmailAddress] public string? FirstAdministrator { get; init; }

    /// <summary>How long a service believes a token without asking.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "00:10:00")] public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest a sign-in lasts, used or not.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "90.00:00:00")] public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long a sign-in lasts that nobody uses.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "90.00:00:00")] public TimeSpan SessionIdle { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long a key signs.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")] public TimeSpan SigningKeyPeriod { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long a key is published after it signed for the last time; longer than any token lives.</summary>
    [Range(typeof(TimeSpan), "00:30:00", "365.00:00:00")] public TimeSpan RetiredKeysStay { get; init; } = TimeSpan.FromDays(2);

    /// <summary>PBKDF2-HMAC-SHA512 rounds of a password; more than stored makes each hash anew at its next use.</summary>
    [Range(210_000, 10_000_000)] public int PasswordRounds { get; init; } = 210_000;

    /// <summary>How many passwords are hashed at once, so that sign-ins leave processors to others; 0: half of them.</summary>
    [Range(0, 64)] public int ParallelHashes { get; init; }

    /// <summary>How many more may wait for their turn; whoever comes then is told to come back.</summary>
    [Range(1, 10_000)] public int WaitingHashes { get; init; } = 64;

    /// <summary>SHA-1 of passwords known from breaches, 40 hexadecimal digits a line in order, a count after a colon ignored: the form in which Have I Been Pwned gives them. Null: only what is built in.</summary>
    public string? BreachedPasswordsFile { get; init; }

    /// <summary>Applications of our own, brought to this state at each start.</summary>
    public List<OwnClient> Clients { get; init; } = [];
}

/// <summary>An application that may ask for tokens.</summary>
internal sealed class OwnClient
{
    /// <summary>Lower-case letters, digits and hyphens.</summary>
    [Required, RegularExpression("[a-z0-9-]{3,100}")] public string ClientId { get; init; } = "";

    /// <summary>What people are told is asking.</summary>
    [Required] public string Name { get; init; } = "";

    /// <summary>Of a service: client credentials. Null for an application that keeps no secret, such as one in a browser or on a phone.</summary>
    [MinLength(32)] public string? Secret { get; init; }

    /// <summary>Where people are sent back to, exactly; none for a service.</summary>
    public List<string> RedirectUris { get; init; } = [];

    public List<string> PostLogoutRedirectUris { get; init; } = [];

    /// <summary>Names of services (<c>bookings</c>), and <c>openid profile email offline_access</c>.</summary>
    public List<string> Scopes { get; init; } = [];

    /// <summary>Of a program: what its tokens say it is, such as <c>service</c>. Staff are people; only environment Sandbox, for its demonstrations and tests, takes a program for staff.</summary>
    public List<string> Roles { get; init; } = [];

    /// <summary>What is wrong with it, the keys named; nothing when it can be used.</summary>
    /// <param name="key">Its own: <c>Users:Clients:0</c>.</param>
    /// <param name="isSandbox">Whether nothing here is real.</param>
    public IEnumerable<string> Problems(string key, bool isSandbox)
    {
        List<ValidationResult> broken = [];
        Validator.TryValidateObject(this, new(this), broken, validateAllProperties: true);
        foreach (var problem in broken)
        {
            yield return $"{key}:{problem.MemberNames.First()}: {problem.ErrorMessage}";
        }

        foreach (var address in RedirectUris.Concat(PostLogoutRedirectUris).Where(address => !Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Fragment.Length > 0))
        {
            yield return $"{key}:RedirectUris: {address} is no absolute address without a fragment.";
        }

        foreach (var scope in Scopes.Except(Audiences.Scopes))
        {
            yield return $"{key}:Scopes: {scope} is none of {string.Join(", ", Audiences.Scopes)}.";
        }

        foreach (var role in Roles.Where(role => Hosting.Roles.Named(role) is null))
        {
            yield return $"{key}:Roles: {role} is none of {string.Join(", ", Hosting.Roles.All.Select(known => known.Name()))}.";
        }

        if (!isSandbox && Roles.Find(role => Hosting.Roles.Named(role)?.IsStaff() == true) is { } staff)
        {
            yield return $"{key}:Roles: {staff} is for people, who have a second factor; only environment Sandbox gives it to a program.";
        }

        if (Roles.Count > 0 && RedirectUris.Count > 0)
        {
            yield return $"{key}:Roles: only a program, which has no RedirectUris, has roles of its own.";
        }

        if (RedirectUris.Count == 0 && Secret is null)
        {
            yield return $"{key}:Secret: a client without RedirectUris is a program, and a program needs a secret.";
        }
    }
}

/// <summary>Looks at the clients too.</summary>
internal sealed class OwnClientsAreUsable(IHostEnvironment environment) : IValidateOptions<UsersOptions>
{
    public ValidateOptionsResult Validate(string? name, UsersOptions options) =>
        options.Clients.SelectMany((client, at) => client.Problems($"Users:Clients:{at}", environment.IsEnvironment("Sandbox"))).ToList() is { Count: > 0 } problems ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
}
