using Aerona.Hosting;
using Microsoft.AspNetCore.Identity;

namespace Aerona.Users.Accounts;

/// <summary>Somebody who can sign in: the e-mail address is confirmed before there is an account. Its id is the subject of tokens and the owner of bookings.</summary>
internal sealed class Account : IdentityUser<Guid>
{
    /// <summary>As given at sign-up; may be anything a person calls himself.</summary>
    public required string Name { get; set; }

    /// <summary>BCP 47: <c>en</c> or <c>vi</c>.</summary>
    public required string Locale { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset PasswordChangedAt { get; set; }

    /// <summary>Set by staff; a stranger's wrong passwords never lock an account.</summary>
    public DateTimeOffset? LockedAt { get; set; }

    /// <summary>For staff.</summary>
    public string? LockReason { get; set; }

    /// <summary>The shared secret of the code generator, sealed by the master key; null without one.</summary>
    public byte[]? TotpSecret { get; set; }

    /// <summary>One that is being set up; it counts once a code of it was given.</summary>
    public byte[]? NewTotpSecret { get; set; }

    /// <summary>The last 30-second step of which a code was taken: no code of it or before it is taken again.</summary>
    public long TotpStep { get; set; }

    public List<AccountRole> Roles { get; init; } = [];

    public bool IsStaff => Roles.Exists(held => held.Role.IsStaff());

    /// <summary>An account, its address confirmed at that moment.</summary>
    public static Account Open(string email, string name, string locale, string passwordHash, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        return new()
        {
            Id = id,
            UserName = email,
            NormalizedUserName = Normalize(email),
            Email = email,
            NormalizedEmail = Normalize(email),
            EmailConfirmed = true,
            PasswordHash = passwordHash,
            SecurityStamp = Guid.NewGuid().ToString("N"),
            Name = name,
            Locale = locale,
            CreatedAt = now,
            PasswordChangedAt = now,
            Roles = [new() { AccountId = id, Role = Role.Traveller }],
        };
    }

    /// <summary>Addresses that differ only so are the same account.</summary>
    public static string Normalize(string email) => email.Trim().Normalize().ToUpperInvariant();
}

/// <summary>A role that somebody holds.</summary>
internal sealed class AccountRole
{
    public required Guid AccountId { get; init; }

    public required Role Role { get; init; }
}

/// <summary>One of ten codes that stand in for the code generator, each once.</summary>
internal sealed class RecoveryCode
{
    public required Guid AccountId { get; init; }

    /// <summary>SHA-256: with 80 random bits there is nothing to guess.</summary>
    public required byte[] Hash { get; init; }
}

/// <summary>A one-time link sent to an address, which proves that whoever follows it reads that mailbox.</summary>
internal sealed class MailedLink
{
    public required Guid Id { get; init; }

    public required LinkPurpose Purpose { get; init; }

    /// <summary>SHA-256 of the code in the link; the code itself, 256 bits, is only in the mail.</summary>
    public required byte[] CodeHash { get; init; }

    public required string Email { get; init; }

    /// <summary>Whose password it resets; null where there is no such account, so that asking for one that does not exist is the same work.</summary>
    public Guid? AccountId { get; init; }

    /// <summary>Of a sign-up: what the account will be. The password is asked again before it is opened, or a stranger could sign somebody else up with a password of his own.</summary>
    public string? Name { get; init; }

    public required string Locale { get; init; }

    public string? PasswordHash { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? UsedAt { get; set; }
}

internal enum LinkPurpose
{
    ConfirmAddress,
    ResetPassword,
}
