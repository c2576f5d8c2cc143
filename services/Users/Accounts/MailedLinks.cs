using System.Buffers.Text;
using System.Security.Cryptography;
using Aerona.Contracts.Users;
using Aerona.Messaging;
using Aerona.Users.Data;
using Aerona.Users.SigningIn;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Users.Accounts;

/// <summary>Mails about accounts, and the one-time links in them. All add to the context, to be saved by the caller.</summary>
internal sealed class MailedLinks(UsersDbContext db, TimeProvider clock)
{
    private static readonly TimeSpan ConfirmWithin = TimeSpan.FromHours(24);
    private static readonly TimeSpan ResetWithin = TimeSpan.FromMinutes(30);

    /// <summary>A mail to the address of a sign-up. Whether there is an account already is told to that address alone; the work is the same.</summary>
    public void Confirm(string email, string name, string locale, string passwordHash, bool isTaken)
    {
        var (row, code) = Make(LinkPurpose.ConfirmAddress, email, locale, ConfirmWithin, isTaken ? null : (name, passwordHash), null);
        if (isTaken)
        {
            Send(AccountMail.AddressInUse, email, locale);
        }
        else
        {
            Send(AccountMail.ConfirmAddress, email, locale, $"/account/confirm/{code}", row.ExpiresAt);
        }
    }

    /// <summary>The same for a forgotten password.</summary>
    public void Reset(string email, string locale, Account? account)
    {
        var (row, code) = Make(LinkPurpose.ResetPassword, email, account?.Locale ?? locale, ResetWithin, null, account?.Id);
        if (account is null)
        {
            Send(AccountMail.NoAccount, email, locale);
        }
        else
        {
            Send(AccountMail.ResetPassword, account.Email!, account.Locale, $"/account/reset/{code}", row.ExpiresAt);
        }
    }

    /// <summary>News of an account to its owner.</summary>
    public void Tell(Account account, AccountMail kind) => Send(kind, account.Email!, account.Locale);

    /// <summary>Null when it is not known, used, over, or leads to nothing.</summary>
    public async Task<MailedLink?> FindAsync(string code, LinkPurpose purpose, CancellationToken cancellationToken)
    {
        var hash = Sessions.Hash(code);
        var row = await db.MailedLinks.SingleOrDefaultAsync(link => link.CodeHash == hash && link.Purpose == purpose, cancellationToken);
        return row is { UsedAt: null } && row.ExpiresAt > clock.GetUtcNow() && (row.AccountId is not null || row.PasswordHash is not null) ? row : null;
    }

    /// <summary>Takes it, once: false for whoever comes second.</summary>
    public async Task<bool> TakeAsync(MailedLink link, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await db.MailedLinks.Where(row => row.Id == link.Id && row.UsedAt == null).ExecuteUpdateAsync(set => set.SetProperty(row => row.UsedAt, now), cancellationToken) == 1;
    }

    private (MailedLink Row, string Code) Make(LinkPurpose purpose, string email, string locale, TimeSpan within, (string Name, string PasswordHash)? account, Guid? accountId)
    {
        var now = clock.GetUtcNow();
        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var row = new MailedLink
        {
            Id = Guid.CreateVersion7(now),
            Purpose = purpose,
            CodeHash = Sessions.Hash(code),
            Email = email,
            AccountId = accountId,
            Name = account?.Name,
            Locale = locale,
            PasswordHash = account?.PasswordHash,
            ExpiresAt = now + within,
        };
        db.MailedLinks.Add(row);
        return (row, code);
    }

    private void Send(AccountMail kind, string email, string locale, string? path = null, DateTimeOffset? until = null)
    {
        var now = clock.GetUtcNow();
        db.Publish(new SendAccountMail(Guid.CreateVersion7(now), kind, email, locale, path, until, now));
    }
}
