using System.Security.Cryptography;
using Aerona.Contracts.Users;
using Aerona.Persistence;
using Aerona.Users.Accounts;
using Aerona.Users.Data;
using Aerona.Users.Keys;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Users.SigningIn;

/// <summary>Codes of an authenticator app and the recovery codes that stand in for it; each is taken once.</summary>
internal sealed class SecondFactor(UsersDbContext db, MasterKey master, MailedLinks mails, TimeProvider clock)
{
    private const string SealPurpose = "totp";
    private const int RecoveryCodes = 10;
    private const int RecoveryBytes = 10;

    /// <summary>Whether a password alone does not let this account in. Staff with a passkey must use it: a stolen password must not get around it.</summary>
    public async Task<bool> IsNeededAsync(Account account, CancellationToken cancellationToken) =>
        account.TotpSecret is not null || (account.IsStaff && await HasPasskeyAsync(account.Id, cancellationToken));

    public Task<bool> HasPasskeyAsync(Guid accountId, CancellationToken cancellationToken) =>
        db.Set<IdentityUserPasskey<Guid>>().AnyAsync(row => row.UserId == accountId, cancellationToken);

    /// <summary>The names of the methods (RFC 8176) when the code is right, and it is used up then; else null.</summary>
    public async Task<string?> TakeAsync(Guid accountId, string code, CancellationToken cancellationToken)
    {
        code = string.Concat(code.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        db.ChangeTracker.Clear();
        await using var transaction = await db.BeginAsync(cancellationToken);
        var account = await db.LockAsync<Account>(accountId, cancellationToken);
        string? methods = null;
        if (account.TotpSecret is { } secret && Totp.StepOf(Open(secret), code, account.TotpStep, clock.GetUtcNow()) is { } step)
        {
            account.TotpStep = step;
            methods = "pwd otp mfa";
        }
        else if (await db.RecoveryCodes.Where(row => row.AccountId == accountId && row.Hash == Sessions.Hash(code)).ExecuteDeleteAsync(cancellationToken) == 1)
        {
            methods = "pwd kba mfa";
            mails.Tell(account, AccountMail.RecoveryCodeUsed);
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        db.ChangeTracker.Clear();
        return methods;
    }

    /// <summary>A secret for an app, to be proved by <see cref="ConfirmAsync"/>; the one begun before, if any.</summary>
    public byte[] Begin(Account account)
    {
        if (account.NewTotpSecret is { } begun)
        {
            return Open(begun);
        }

        var secret = RandomNumberGenerator.GetBytes(Totp.SecretLength);
        account.NewTotpSecret = master.Seal(SealPurpose, secret);
        return secret;
    }

    /// <summary>The account's new recovery codes when the code is the new secret's; else null. To be saved by the caller.</summary>
    public async Task<IReadOnlyList<string>?> ConfirmAsync(Account account, string code, CancellationToken cancellationToken)
    {
        code = string.Concat(code.Where(char.IsAsciiDigit));
        if (account.NewTotpSecret is not { } begun || Totp.StepOf(Open(begun), code, 0, clock.GetUtcNow()) is not { } step)
        {
            return null;
        }

        (account.TotpSecret, account.NewTotpSecret, account.TotpStep, account.TwoFactorEnabled) = (begun, null, step, true);
        mails.Tell(account, AccountMail.SecondFactorAdded);
        return await NewRecoveryCodesAsync(account, cancellationToken);
    }

    /// <summary>To be saved by the caller.</summary>
    public void Remove(Account account)
    {
        (account.TotpSecret, account.NewTotpSecret, account.TwoFactorEnabled) = (null, null, false);
        mails.Tell(account, AccountMail.SecondFactorRemoved);
    }

    /// <summary>Ten, in groups of four letters and digits; the old ones are void. To be saved by the caller.</summary>
    public async Task<IReadOnlyList<string>> NewRecoveryCodesAsync(Account account, CancellationToken cancellationToken)
    {
        db.RecoveryCodes.RemoveRange(await db.RecoveryCodes.Where(row => row.AccountId == account.Id).ToListAsync(cancellationToken));
        var codes = Enumerable.Range(0, RecoveryCodes).Select(_ => Totp.Text(RandomNumberGenerator.GetBytes(RecoveryBytes))).ToList();
        db.RecoveryCodes.AddRange(codes.Select(code => new RecoveryCode { AccountId = account.Id, Hash = Sessions.Hash(code) }));
        return codes.ConvertAll(code => string.Join('-', code.Chunk(4).Select(part => new string(part))));
    }

    private byte[] Open(byte[] secret) => master.Open(SealPurpose, secret)
        ?? throw new InvalidOperationException("Users:MasterSecret: does not open this account's secret; it is not the one it was sealed with");
}
