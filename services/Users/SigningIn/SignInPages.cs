using System.Globalization;
using System.Text.Json;
using Aerona.Users.Accounts;
using Aerona.Users.Data;
using Aerona.Users.Keys;
using Aerona.Users.Pages;
using Aerona.Users.Passwords;
using Microsoft.EntityFrameworkCore;
using PageSet = Aerona.Users.Pages.Pages;

namespace Aerona.Users.SigningIn;

/// <summary>Signing in with password and second factor, or with a passkey, and signing out. Every failure is the same answer after the same work.</summary>
internal static class SignInPages
{
    private const string StepCookie = "__Host-aerona-step";
    private const string StepPurpose = "sign-in step";

    private static readonly TimeSpan StepWithin = TimeSpan.FromMinutes(10);
    private static readonly CookieOptions StepOptions = new() { HttpOnly = true, Secure = true, SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true };

    public static void MapSignInPages(this RouteGroupBuilder account)
    {
        account.MapGet("/sign-in", (HttpContext context, PageSet pages) => ShowSignInAsync(context, pages, PageSet.SafeReturn(context.Request.Query["return"]), "", null, 200));
        account.MapPost("/sign-in", SignInAsync);
        account.MapGet("/second-factor", (HttpContext context, PageSet pages, MasterKey master, TimeProvider clock) =>
            Read(context, master, clock) is { } step ? ShowSecondFactorAsync(context, pages, step.Return, null, 200) : Task.FromResult(PageSet.SeeOther(context, "/account/sign-in")));
        account.MapPost("/second-factor", TakeSecondFactorAsync);
        account.MapPost("/passkey-sign-in/challenge", AskPasskeyAsync);
        account.MapPost("/passkey-sign-in", TakePasskeyAsync);
        account.MapGet("/sign-out", (HttpContext context, PageSet pages) => pages.ShowAsync<FormPage>(context, new FormView(
            PageSet.Say(context, "Sign out?", "Đăng xuất?"), PageSet.Say(context, "You are signed out in this browser.", "Bạn sẽ được đăng xuất khỏi trình duyệt này."), "/account/sign-out", [],
            PageSet.Say(context, "Sign out", "Đăng xuất"), [new(PageSet.Say(context, "Stay signed in", "Tiếp tục đăng nhập"), "/account")], null)));
        account.MapPost("/sign-out", SignOutAsync);
    }

    private static async Task<IResult> SignInAsync(
        HttpContext context, PageSet pages, Throttles throttles, UsersDbContext db, PasswordHashes hashes, SecondFactor factor, Completion completion, MasterKey master, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var form = await context.Request.ReadFormAsync(cancellationToken);
        var (email, password, back) = (form.Value("email").Trim(), form.Value("password"), PageSet.SafeReturn(form["return"]));
        var begun = await throttles.BeginAsync(context, email, cancellationToken);
        if (begun.Wait is { } wait)
        {
            return await TooManyAsync(context, pages, wait, back, email);
        }

        var name = Account.Normalize(email);
        var account = await db.Users.Include(row => row.Roles).SingleOrDefaultAsync(row => row.NormalizedUserName == name, cancellationToken);
        var (isRight, isOld) = await hashes.VerifyAsync(account?.PasswordHash, password.Length <= PasswordRules.Longest ? password : "", cancellationToken);
        if (!isRight || account is null)
        {
            return await ShowSignInAsync(context, pages, back, email, PageSet.Say(context, "E-mail address or password is wrong.", "Địa chỉ e-mail hoặc mật khẩu không đúng."), 400);
        }

        if (account.LockedAt is not null)
        {
            // Told only to whoever knows the password.
            return await ShowSignInAsync(context, pages, back, email, PageSet.Say(context, "This account is locked. Please write to our support.", "Tài khoản này đã bị khóa. Vui lòng liên hệ bộ phận hỗ trợ."), 403);
        }

        if (isOld)
        {
            account.PasswordHash = await hashes.HashAsync(password, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
        }

        if (await factor.IsNeededAsync(account, cancellationToken))
        {
            var step = JsonSerializer.SerializeToUtf8Bytes(new Step(account.Id, clock.GetUtcNow(), back, begun.Keys));
            context.Response.Cookies.Append(StepCookie, System.Buffers.Text.Base64Url.EncodeToString(master.Seal(StepPurpose, step)), StepOptions);
            return PageSet.SeeOther(context, "/account/second-factor");
        }

        await throttles.SucceededAsync(begun, cancellationToken);
        return await completion.FinishAsync(context, account, "pwd", back);
    }

    private static async Task<IResult> TakeSecondFactorAsync(
        HttpContext context, PageSet pages, Throttles throttles, UsersDbContext db, SecondFactor factor, Completion completion, MasterKey master, TimeProvider clock, CancellationToken cancellationToken)
    {
        var form = await context.Request.ReadFormAsync(cancellationToken);
        if (Read(context, master, clock) is not { } step || await db.Users.AsNoTracking().SingleOrDefaultAsync(row => row.Id == step.AccountId, cancellationToken) is not { LockedAt: null } found)
        {
            return PageSet.SeeOther(context, "/account/sign-in");
        }

        var begun = await throttles.BeginAsync(context, found.Email!, cancellationToken);
        if (begun.Wait is { } wait)
        {
            return await TooManyAsync(context, pages, wait, step.Return, found.Email!);
        }

        // A password that was changed since the first step makes that step worth nothing.
        if (found.PasswordChangedAt > step.At || await factor.TakeAsync(step.AccountId, form.Value("code"), cancellationToken) is not { } methods)
        {
            return await ShowSecondFactorAsync(
                context, pages, step.Return, PageSet.Say(context, "That code is wrong, or was used already. Wait for the next one.", "Mã không đúng hoặc đã được dùng. Hãy chờ mã tiếp theo."), 400);
        }

        await throttles.SucceededAsync(begun, cancellationToken);
        await throttles.SucceededAsync(new(null, step.Counted), cancellationToken);
        context.Response.Cookies.Delete(StepCookie, StepOptions);
        var account = await db.Users.Include(row => row.Roles).SingleAsync(row => row.Id == step.AccountId, cancellationToken);
        return await completion.FinishAsync(context, account, methods, step.Return);
    }

    private static async Task<IResult> AskPasskeyAsync(HttpContext context, Passkeys passkeys)
    {
        var (challenge, json) = await passkeys.AskAsync(context);
        return TypedResults.Json(new PasskeyQuestion(challenge, JsonElement.Parse(json)));
    }

    private static async Task<IResult> TakePasskeyAsync(HttpContext context, PageSet pages, Passkeys passkeys, Completion completion, CancellationToken cancellationToken)
    {
        var form = await context.Request.ReadFormAsync(cancellationToken);
        var back = PageSet.SafeReturn(form["return"]);
        if (!Guid.TryParse(form.Value("challenge"), out var challenge) || await passkeys.AnswerAsync(context, challenge, form.Value("credential")) is not { LockedAt: null } account)
        {
            return await ShowSignInAsync(
                context, pages, back, "", PageSet.Say(context, "That passkey is not known here. Try again, or sign in with your password.", "Khóa truy cập này không được nhận ra. Hãy thử lại hoặc dùng mật khẩu."), 400);
        }

        context.Response.Cookies.Delete(StepCookie, StepOptions);
        return await completion.FinishAsync(context, account, "hwk user mfa", back);
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, Sessions sessions, CancellationToken cancellationToken)
    {
        if (await sessions.CurrentAsync(context) is { } current)
        {
            await sessions.EndAsync(current.Session.Id, "signed-out", cancellationToken);
        }

        Sessions.Forget(context);
        return PageSet.SeeOther(context, "/account/sign-in");
    }

    private static Task<IResult> ShowSignInAsync(HttpContext context, PageSet pages, string back, string email, string? error, int status)
    {
        var returnQuery = QueryString.Create("return", back);
        return pages.ShowAsync<FormPage>(
            context,
            new FormView(
                PageSet.Say(context, "Sign in", "Đăng nhập"), null, "/account/sign-in",
                [
                    new("return", "", "hidden", Value: back),
                    new("email", PageSet.Say(context, "E-mail address", "Địa chỉ e-mail"), "email", "username webauthn", email),
                    new("password", PageSet.Say(context, "Password", "Mật khẩu"), "password", "current-password"),
                ],
                PageSet.Say(context, "Sign in", "Đăng nhập"),
                [
                    new(PageSet.Say(context, "Make an account", "Tạo tài khoản"), $"/account/sign-up{returnQuery}"),
                    new(PageSet.Say(context, "Password forgotten?", "Quên mật khẩu?"), "/account/forgot"),
                ],
                error)
            { PasskeyReturn = back },
            status, back);
    }

    private static Task<IResult> ShowSecondFactorAsync(HttpContext context, PageSet pages, string back, string? error, int status) => pages.ShowAsync<FormPage>(
        context,
        new FormView(
            PageSet.Say(context, "Second step", "Bước thứ hai"),
            PageSet.Say(context, "Type the code that your authenticator app shows, or one of your recovery codes.", "Nhập mã hiện trong ứng dụng xác thực, hoặc một mã khôi phục."), "/account/second-factor",
            [new("code", PageSet.Say(context, "Code", "Mã"), "text", "one-time-code")], PageSet.Say(context, "Go on", "Tiếp tục"),
            [new(PageSet.Say(context, "Sign in as somebody else", "Đăng nhập tài khoản khác"), "/account/sign-in")], error)
        { PasskeyReturn = back },
        status, back);

    private static Task<IResult> TooManyAsync(HttpContext context, PageSet pages, TimeSpan wait, string back, string email)
    {
        var seconds = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.RetryAfter = seconds;
        return ShowSignInAsync(
            context, pages, back, email,
            PageSet.Say(context, $"That went wrong too often. Try again in {seconds} seconds.", $"Đã sai quá nhiều lần. Hãy thử lại sau {seconds} giây."), StatusCodes.Status429TooManyRequests);
    }

    private static Step? Read(HttpContext context, MasterKey master, TimeProvider clock) =>
        context.Request.Cookies[StepCookie] is { Length: < 4000 } cookie && System.Buffers.Text.Base64Url.IsValid(cookie)
        && master.Open(StepPurpose, System.Buffers.Text.Base64Url.DecodeFromChars(cookie)) is { } open
        && JsonSerializer.Deserialize<Step>(open) is { } step && clock.GetUtcNow() - step.At < StepWithin
            ? step
            : null;

    /// <summary>Somebody has given the right password and not yet the second factor.</summary>
    private sealed record Step(Guid AccountId, DateTimeOffset At, string Return, IReadOnlyList<string> Counted);
}

/// <summary>The end of every sign-in.</summary>
internal sealed class Completion(UsersDbContext db, Sessions sessions, Throttles throttles)
{
    public async Task<IResult> FinishAsync(HttpContext context, Account account, string methods, string back)
    {
        await sessions.BeginAsync(context, account, methods);
        await throttles.RememberDeviceAsync(context, account, context.RequestAborted);
        await db.SaveChangesAsync(context.RequestAborted);
        return PageSet.SeeOther(context, back);
    }
}
