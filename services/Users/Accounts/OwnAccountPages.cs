using Aerona.Hosting;
using System.Buffers.Text;
using System.Collections;
using System.Text;
using System.Text.Json;
using Aerona.Contracts.Users;
using Aerona.Users.Data;
using Aerona.Users.Leaving;
using Aerona.Users.Pages;
using Aerona.Users.Passwords;
using Aerona.Users.SigningIn;
using Microsoft.EntityFrameworkCore;
using QRCoder;
using PageSet = Aerona.Users.Pages.Pages;

namespace Aerona.Users.Accounts;

/// <summary>Somebody's own account: second factor, passkeys, sign-ins, password.</summary>
internal static class OwnAccountPages
{
    /// <summary>Whoever changes what protects the account has just proved who it is.</summary>
    private static readonly TimeSpan Recently = TimeSpan.FromMinutes(15);

    public static void MapOwnAccountPages(this RouteGroupBuilder account)
    {
        var own = account.MapGroup("").AddEndpointFilter(async (call, next) =>
            await call.HttpContext.RequestServices.GetRequiredService<Sessions>().CurrentAsync(call.HttpContext) is null ? SignInFirst(call.HttpContext) : await next(call));
        own.MapGet("", (HttpContext context, Own mine) => mine.ShowAsync(context, Notice(context), null, 200));
        own.MapPost("/sessions/{id:guid}/end", EndSessionAsync);
        own.MapPost("/sessions/end", EndSessionsAsync);
        own.MapPost("/password", ChangePasswordAsync);

        var guarded = own.MapGroup("").AddEndpointFilter(MustBeSureAsync);
        guarded.MapGet("/authenticator", ShowAuthenticatorAsync);
        guarded.MapPost("/authenticator", ConfirmAuthenticatorAsync);
        guarded.MapPost("/authenticator/removal", RemoveAuthenticatorAsync);
        guarded.MapPost("/recovery-codes", NewCodesAsync);
        guarded.MapPost("/passkeys/challenge", AskPasskeyAsync);
        guarded.MapPost("/passkeys", AddPasskeyAsync);
        guarded.MapPost("/passkeys/{id}/removal", RemovePasskeyAsync);
        guarded.MapLeavingPages();
    }

    private static IResult SignInFirst(HttpContext context) => PageSet.SeeOther(
        context, $"/account/sign-in{QueryString.Create("return", HttpMethods.IsGet(context.Request.Method) ? context.Request.Path + context.Request.QueryString : "/account")}");

    /// <summary>A fresh sign-in, and with the second factor where the account has one: else a stolen password could exchange it.</summary>
    private static async ValueTask<object?> MustBeSureAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var context = call.HttpContext;
        var services = context.RequestServices;
        var current = (await services.GetRequiredService<Sessions>().CurrentAsync(context))!;
        return services.GetRequiredService<TimeProvider>().GetUtcNow() - current.Session.AuthenticatedAt > Recently
            || (!current.Session.HasSecondFactor && await services.GetRequiredService<SecondFactor>().IsNeededAsync(current.Account, context.RequestAborted))
                ? SignInFirst(context)
                : await next(call);
    }

    private static async Task<IResult> EndSessionAsync(Guid id, HttpContext context, Sessions sessions, CancellationToken cancellationToken)
    {
        var mine = (await sessions.CurrentAsync(context))!;
        if ((await sessions.OpenOfAsync(mine.Account.Id, cancellationToken)).Any(session => session.Id == id))
        {
            await sessions.EndAsync(id, "ended-by-owner", cancellationToken);
        }

        if (id == mine.Session.Id)
        {
            Sessions.Forget(context);
        }

        return PageSet.SeeOther(context, "/account?done=session-ended");
    }

    private static async Task<IResult> EndSessionsAsync(HttpContext context, Sessions sessions, CancellationToken cancellationToken)
    {
        await sessions.EndAllAsync((await sessions.CurrentAsync(context))!.Account.Id, "ended-by-owner", null, cancellationToken);
        Sessions.Forget(context);
        return PageSet.SeeOther(context, "/account/sign-in");
    }

    private static async Task<IResult> ChangePasswordAsync(
        HttpContext context, Own own, Sessions sessions, Throttles throttles, PasswordRules rules, PasswordHashes hashes, MailedLinks mails, UsersDbContext db, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var form = await context.Request.ReadFormAsync(cancellationToken);
        var mine = (await sessions.CurrentAsync(context))!;
        var begun = await throttles.BeginAsync(context, mine.Account.Email!, cancellationToken);
        if (begun.Wait is not null)
        {
            return await own.ShowAsync(context, null, PageSet.Say(context, "That went wrong too often. Try again later.", "Đã sai quá nhiều lần. Hãy thử lại sau."), 429);
        }

        var account = await db.Users.SingleAsync(row => row.Id == mine.Account.Id, cancellationToken);
        if (!(await hashes.VerifyAsync(account.PasswordHash, form.Value("current"), cancellationToken)).IsRight)
        {
            return await own.ShowAsync(context, null, PageSet.Say(context, "The current password is wrong.", "Mật khẩu hiện tại không đúng."), 400);
        }

        await throttles.SucceededAsync(begun, cancellationToken);
        if (SignUpPages.Problem(context, rules, form.Value("password"), account.Email!, account.Name) is { } weak)
        {
            return await own.ShowAsync(context, null, weak, 400);
        }

        (account.PasswordHash, account.PasswordChangedAt) = (await hashes.HashAsync(form.Value("password"), cancellationToken), clock.GetUtcNow());
        mails.Tell(account, AccountMail.PasswordChanged);
        await db.SaveChangesAsync(cancellationToken);
        await sessions.EndAllAsync(account.Id, "password-changed", mine.Session.Id, cancellationToken);
        return PageSet.SeeOther(context, "/account?done=password");
    }

    private static async Task<IResult> ShowAuthenticatorAsync(HttpContext context, PageSet pages, Sessions sessions, SecondFactor factor, UsersDbContext db, CancellationToken cancellationToken)
    {
        var mine = (await sessions.CurrentAsync(context))!;
        var secret = factor.Begin(mine.Account);
        await db.SaveChangesAsync(cancellationToken);
        return await ShowAsync(context, pages, mine.Account, secret, PageSet.SafeReturn(context.Request.Query["return"]), null, 200);
    }

    private static async Task<IResult> ConfirmAuthenticatorAsync(HttpContext context, PageSet pages, Sessions sessions, SecondFactor factor, UsersDbContext db, CancellationToken cancellationToken)
    {
        var form = await context.Request.ReadFormAsync(cancellationToken);
        var mine = (await sessions.CurrentAsync(context))!;
        var back = PageSet.SafeReturn(form["return"]);
        if (await factor.ConfirmAsync(mine.Account, form.Value("code"), cancellationToken) is not { } codes)
        {
            return await ShowAsync(context, pages, mine.Account, factor.Begin(mine.Account), back, PageSet.Say(context, "That code is wrong. Type the one that is shown now.", "Mã không đúng. Hãy nhập mã đang hiện."), 400);
        }

        mine.Session.Methods = "pwd otp mfa";
        await db.SaveChangesAsync(cancellationToken);
        return await pages.ShowAsync<RecoveryCodesPage>(context, new RecoveryCodesView(codes, back));
    }

    private static async Task<IResult> RemoveAuthenticatorAsync(HttpContext context, Sessions sessions, SecondFactor factor, UsersDbContext db, CancellationToken cancellationToken)
    {
        factor.Remove((await sessions.CurrentAsync(context))!.Account);
        await db.SaveChangesAsync(cancellationToken);
        return PageSet.SeeOther(context, "/account?done=authenticator-removed");
    }

    private static async Task<IResult> NewCodesAsync(HttpContext context, PageSet pages, Sessions sessions, SecondFactor factor, UsersDbContext db, CancellationToken cancellationToken)
    {
        var codes = await factor.NewRecoveryCodesAsync((await sessions.CurrentAsync(context))!.Account, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return await pages.ShowAsync<RecoveryCodesPage>(context, new RecoveryCodesView(codes, "/account"));
    }

    private static async Task<IResult> AskPasskeyAsync(HttpContext context, Sessions sessions, Passkeys passkeys)
    {
        var (challenge, json) = await passkeys.AskNewAsync(context, (await sessions.CurrentAsync(context))!.Account);
        return TypedResults.Json(new PasskeyQuestion(challenge, JsonElement.Parse(json)));
    }

    private static async Task<IResult> AddPasskeyAsync(HttpContext context, Own own, Sessions sessions, Passkeys passkeys, MailedLinks mails, UsersDbContext db, CancellationToken cancellationToken)
    {
        var form = await context.Request.ReadFormAsync(cancellationToken);
        var mine = (await sessions.CurrentAsync(context))!;
        var name = form.Value("name").Trim() is { Length: > 0 and <= 60 } given && !given.Any(char.IsControl) ? given : "Passkey";
        if (!Guid.TryParse(form.Value("challenge"), out var challenge) || await passkeys.AddAsync(context, mine.Account, challenge, form.Value("credential"), name) is null)
        {
            return await own.ShowAsync(context, null, PageSet.Say(context, "The passkey could not be added. Try again.", "Không thêm được khóa truy cập. Hãy thử lại."), 400);
        }

        mails.Tell(mine.Account, AccountMail.SecondFactorAdded);
        mine.Session.Methods = "pwd hwk user mfa";
        await db.SaveChangesAsync(cancellationToken);
        return PageSet.SeeOther(context, "/account?done=passkey");
    }

    private static async Task<IResult> RemovePasskeyAsync(string id, HttpContext context, Sessions sessions, Passkeys passkeys, MailedLinks mails, UsersDbContext db, CancellationToken cancellationToken)
    {
        var mine = (await sessions.CurrentAsync(context))!;
        if (Base64Url.IsValid(id) && await passkeys.RemoveAsync(mine.Account, Base64Url.DecodeFromChars(id)))
        {
            mails.Tell(mine.Account, AccountMail.SecondFactorRemoved);
            await db.SaveChangesAsync(cancellationToken);
        }

        return PageSet.SeeOther(context, "/account?done=passkey-removed");
    }

    private static Task<IResult> ShowAsync(HttpContext context, PageSet pages, Account account, byte[] secret, string back, string? error, int status)
    {
        using var generator = new QRCodeGenerator();
        using var code = generator.CreateQrCode(Totp.Uri(secret, account.Email!), QRCodeGenerator.ECCLevel.M);
        return pages.ShowAsync<AuthenticatorPage>(
            context, new AuthenticatorView(Path(code.ModuleMatrix), code.ModuleMatrix.Count, string.Join(' ', Totp.Text(secret).Chunk(4).Select(part => new string(part))), back, error), status);
    }

    private static string Path(List<BitArray> modules)
    {
        var path = new StringBuilder();
        for (var y = 0; y < modules.Count; y++)
        {
            for (var x = 0; x < modules[y].Count; x++)
            {
                if (modules[y][x])
                {
                    path.Append('M').Append(x).Append(' ').Append(y).Append("h1v1h-1z");
                }
            }
        }

        return path.ToString();
    }

    private static string? Notice(HttpContext context) => context.Request.Query["done"].ToString() switch
    {
        "session-ended" => PageSet.Say(context, "That sign-in is ended.", "Đã kết thúc phiên đăng nhập đó."),
        "password" => PageSet.Say(context, "Your password is changed.", "Mật khẩu đã được đổi."),
        "authenticator-removed" => PageSet.Say(context, "The authenticator app is removed.", "Đã gỡ ứng dụng xác thực."),
        "passkey" => PageSet.Say(context, "The passkey is added.", "Đã thêm khóa truy cập."),
        "export" => PageSet.Say(context, "We collect what is known of you; reload this page in a moment.", "Chúng tôi đang thu thập dữ liệu về bạn; hãy tải lại trang sau giây lát."),
        "erasure" => PageSet.Say(context, "Your account is being erased.", "Tài khoản của bạn đang được xóa."),
        "passkey-removed" => PageSet.Say(context, "The passkey is removed.", "Đã gỡ khóa truy cập."),
        _ => null,
    };
}

/// <summary>The page about one's own account.</summary>
internal sealed class Own(PageSet pages, Sessions sessions, Passkeys passkeys, Requests requests, UsersDbContext db)
{
    public async Task<IResult> ShowAsync(HttpContext context, string? notice, string? error, int status)
    {
        var mine = (await sessions.CurrentAsync(context))!;
        var id = mine.Account.Id;
        var open = await sessions.OpenOfAsync(id, context.RequestAborted);
        return await pages.ShowAsync<AccountPage>(
            context,
            new AccountView(
                mine.Account.Name, [.. mine.Account.Roles.Select(held => held.Role.Name()).Order(StringComparer.Ordinal)], mine.Account.IsStaff && !mine.Session.HasSecondFactor,
                mine.Account.TotpSecret is not null, await db.RecoveryCodes.CountAsync(row => row.AccountId == id, context.RequestAborted),
                [.. (await passkeys.OfAsync(mine.Account)).OrderBy(passkey => passkey.CreatedAt).Select(passkey => new PasskeyRow(Base64Url.EncodeToString(passkey.CredentialId), passkey.Name ?? "Passkey", passkey.CreatedAt))],
                [.. open.Select(session => new SessionRow(session.Id, session.Device, session.Address, session.CreatedAt, session.SeenAt, session.Id == mine.Session.Id)).OrderByDescending(row => row.IsThis)],
                notice, error)
            {
                Export = Row(await requests.LastAsync(id, RequestKind.Export, context.RequestAborted)),
                Erasure = Row(await requests.LastAsync(id, RequestKind.Erasure, context.RequestAborted)),
            },
            status);
    }

    private static RequestRow? Row(AccountRequest? request) => request is null ? null : new(
        request.State == RequestState.Done, [.. request.Open.Select(open => new OpenRow(open.Locator, open.Because, open.Until))]);
}
