using System.Text.Json.Serialization;

namespace Aerona.Contracts.Users;

/// <summary>What somebody is told about his account.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<AccountMail>))]
public enum AccountMail
{
    /// <summary>A link that opens the account asked for.</summary>
    ConfirmAddress,

    /// <summary>Somebody asked for an account, and there is one.</summary>
    AddressInUse,

    /// <summary>A link that lets choose a new password.</summary>
    ResetPassword,

    /// <summary>Somebody wanted a new password, and there is no account.</summary>
    NoAccount,

    /// <summary>The password was changed.</summary>
    PasswordChanged,

    /// <summary>A code generator or a passkey was added.</summary>
    SecondFactorAdded,

    /// <summary>A code generator or a passkey was removed.</summary>
    SecondFactorRemoved,

    /// <summary>A recovery code was used to sign in.</summary>
    RecoveryCodeUsed,

    /// <summary>A refresh token was used twice, so that one of the two was stolen; that sign-in was ended.</summary>
    TokenReused,
}

/// <summary>Command to Notifications: mail somebody about his account.</summary>
/// <param name="MailId">One for each mail; sent again it is the same mail.</param>
/// <param name="Kind">What about.</param>
/// <param name="Email">Whom.</param>
/// <param name="Locale">BCP 47.</param>
/// <param name="Path">Of the link, below our own address; null without one. It lets its reader act, so it is nobody else's business.</param>
/// <param name="ValidUntil">UTC; the end of the link, null without one.</param>
/// <param name="At">UTC; when it happened.</param>
public sealed record SendAccountMail(Guid MailId, AccountMail Kind, string Email, string Locale, string? Path, DateTimeOffset? ValidUntil, DateTimeOffset At) : ICommand;
