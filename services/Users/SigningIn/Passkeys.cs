using System.Text.Json;
using Aerona.Users.Accounts;
using Aerona.Users.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Users.SigningIn;

/// <summary>For the script of our pages.</summary>
/// <param name="Challenge">Names the question; sent back with the answer.</param>
/// <param name="Options">What the browser is given.</param>
internal sealed record PasskeyQuestion(Guid Challenge, JsonElement Options);

/// <summary>Passkeys by ASP.NET Core Identity; what it must remember between question and answer stands in a row that is good once.</summary>
internal sealed class Passkeys(IPasskeyHandler<Account> handler, UserManager<Account> accounts, UsersDbContext db, TimeProvider clock)
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromMinutes(5);

    /// <summary>A question for the browser (JSON) that makes a passkey for this account, and the name of the question.</summary>
    public async Task<(Guid Challenge, string Json)> AskNewAsync(HttpContext context, Account account)
    {
        var asked = await handler.MakeCreationOptionsAsync(new() { Id = account.Id.ToString(), Name = account.Email!, DisplayName = account.Name }, context);
        return (await KeepAsync(account.Id, asked.AttestationState ?? "", context.RequestAborted), asked.CreationOptionsJson);
    }

    /// <summary>Null when it is not an answer to that question.</summary>
    public async Task<UserPasskeyInfo?> AddAsync(HttpContext context, Account account, Guid challenge, string credential, string name)
    {
        if (await TakeAsync(challenge, context.RequestAborted) is not { } asked || asked.AccountId != account.Id)
        {
            return null;
        }

        var answer = await handler.PerformAttestationAsync(new() { HttpContext = context, CredentialJson = credential, AttestationState = asked.State });
        if (!answer.Succeeded)
        {
            return null;
        }

        answer.Passkey.Name = name;
        return (await accounts.AddOrUpdatePasskeyAsync(account, answer.Passkey)).Succeeded ? answer.Passkey : null;
    }

    /// <summary>A question that any passkey of ours answers, so that it gives away no account.</summary>
    public async Task<(Guid Challenge, string Json)> AskAsync(HttpContext context)
    {
        var asked = await handler.MakeRequestOptionsAsync(null, context);
        return (await KeepAsync(null, asked.AssertionState ?? "", context.RequestAborted), asked.RequestOptionsJson);
    }

    /// <summary>Whose passkey answered; null when none did.</summary>
    public async Task<Account?> AnswerAsync(HttpContext context, Guid challenge, string credential)
    {
        if (await TakeAsync(challenge, context.RequestAborted) is not { AccountId: null } asked)
        {
            return null;
        }

        var answer = await handler.PerformAssertionAsync(new() { HttpContext = context, CredentialJson = credential, AssertionState = asked.State });
        return answer.Succeeded && (await accounts.AddOrUpdatePasskeyAsync(answer.User, answer.Passkey)).Succeeded
            ? await db.Users.Include(row => row.Roles).SingleAsync(row => row.Id == answer.User.Id, context.RequestAborted)
            : null;
    }

    public async Task<IReadOnlyList<UserPasskeyInfo>> OfAsync(Account account) => [.. await accounts.GetPasskeysAsync(account)];

    public async Task<bool> RemoveAsync(Account account, byte[] id) =>
        await accounts.GetPasskeyAsync(account, id) is not null && (await accounts.RemovePasskeyAsync(account, id)).Succeeded;

    private async Task<Guid> KeepAsync(Guid? accountId, string state, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var row = new PasskeyChallenge { Id = Guid.NewGuid(), AccountId = accountId, State = state, ExpiresAt = now + AnswerWithin };
        db.PasskeyChallenges.Add(row);
        await db.SaveChangesAsync(cancellationToken);
        return row.Id;
    }

    private async Task<PasskeyChallenge?> TakeAsync(Guid id, CancellationToken cancellationToken)
    {
        var row = await db.PasskeyChallenges.AsNoTracking().SingleOrDefaultAsync(asked => asked.Id == id, cancellationToken);
        return await db.PasskeyChallenges.Where(asked => asked.Id == id).ExecuteDeleteAsync(cancellationToken) == 1 && row!.ExpiresAt > clock.GetUtcNow() ? row : null;
    }
}
