using Aerona.Hosting;
using System.Globalization;
using System.Net.Mail;
using Aerona.Contracts.Users;
using Aerona.Persistence;
using Aerona.Users.Data;
using Aerona.Users.Pages;
using Aerona.Users.Passwords;
using Aerona.Users.SigningIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PageSet = Aerona.Users.Pages.Pages;

namespace Aerona.Users.Accounts;

/// <summary>Sign-up with a confirmed address, and forgotten passwords. What is answered and done does not depend on whether there is such an account.</summary>
internal static class SignUpPages
{
    private const int LongestName = 100;
    private const int LongestEmail = 254;

    public static void MapSignUpPages(this RouteGroupBuilder account)
    {
        account.MapGet("/sign-up", (HttpContext context, PageSet pages) => ShowSignUpAsync(context, pages, "", "", null, 200));
        account.MapPost("/sign-up", SignUpAsync);
        account.MapGet("/confirm/{code}", ShowConfirmAsync);
        account.MapPost("/confirm/{code}", ConfirmAsync);
        account.MapGet("/forgot", (HttpContext context, PageSet pages) => ShowForgotAsync(context, pages, null, 200));
        account.MapPost("/forgot", ForgotAsync);
        account.MapGet("/reset/{code}", ShowResetAsync);
        account.MapPost("/reset/{code}", ResetAsync);
    }

    private static async Task<IResult> SignUpAsync(
        HttpContext context, PageSet pages, PasswordRules rules, PasswordHashes hashes, Throttles throttles, MailedLinks links, UsersDbContext db, CancellationToken cancellationToken)
    {
        var form = await context.Request.ReadFormAsync(cancellationToken);
        var (name, email, password) = (form.Value("name").Trim(), form.Value("email").Trim(), form.Value("password"));
        if ((Problem(context, name, email) ?? Problem(context, rules, password, email, name)) is { } wrong)
        {
            return await ShowSignUpAsync(context, pages, name, email, wrong, 400);
        }

        if ((await throttles.BeginMailAsync(context, email, cancellationToken)).Wait is { } wait)
        {
            return await ShowSignUpAsync(context, pages, name, email, LaterPlease(context, wait), 429);
        }

        var normalized = Account.Normalize(email);
        var isTaken = await db.Users.AnyAsync(row => row.NormalizedUserName == normalized, cancellationToken);
        var hash = await hashes.HashAsync(password, cancellationToken);
        links.Confirm(email, name, PageSet.Language(context), hash, isTaken);
        await db.SaveChangesAsync(cancellationToken);
        return await MailIsOnItsWayAsync(context, pages);
    }

    private static async Task<IResult> ShowConfirmAsync(string code, HttpContext context, PageSet pages, MailedLinks links, CancellationToken cancellationToken) =>
        await links.FindAsync(code, LinkPurpose.ConfirmAddress, cancellationToken) is { } link ? await AskPasswordAsync(context, pages, code, link.Email, null, 200) : await DeadLinkAsync(context, pages);

    private static async Task<IResult> ConfirmAsync(
        string code, HttpContext context, PageSet pages, MailedLinks links, PasswordHashes hashes, Throttles throttles, Completion completion, UsersDbContext db, IOptions<UsersOptions> options,
        TimeProvider clock, CancellationToken cancellationToken)
    {
        var form = await context.Request.ReadFormAsync(cancellationToken);
        if (await links.FindAsync(code, LinkPurpose.ConfirmAddress, cancellationToken) is not { } link)
        {
            return await DeadLinkAsync(context, pages);
        }

        var begun = await throttles.BeginAsync(context, link.Email, cancellationToken);
        if (begun.Wait is { } wait)
        {
            return await AskPasswordAsync(context, pages, code, link.Email, LaterPlease(context, wait), 429);
        }

        if (!(await hashes.VerifyAsync(link.PasswordHash, form.Value("password"), cancellationToken)).IsRight)
        {
            return await AskPasswordAsync(context, pages, code, link.Email, PageSet.Say(context, "That is not the password of this sign-up.", "Đây không phải mật khẩu của lần đăng ký này."), 400);
        }

        if (!await links.TakeAsync(link, cancellationToken))
        {
            return await DeadLinkAsync(context, pages);
        }

        await throttles.SucceededAsync(begun, cancellationToken);
        var account = Account.Open(link.Email, link.Name!, link.Locale, link.PasswordHash!, clock.GetUtcNow());
        if (Account.Normalize(options.Value.FirstAdministrator ?? "") == account.NormalizedEmail && !await db.AccountRoles.AnyAsync(held => held.Role == Role.Admin, cancellationToken))
        {
            account.Roles.Add(new() { AccountId = account.Id, Role = Role.Admin });
        }

        db.Users.Add(account);
        try
        {
            return await completion.FinishAsync(context, account, "pwd", "/account");
        }
        catch (DbUpdateException problem) when (DatabaseErrors.IsDuplicate(problem))
        {
            // Two sign-ups of one address, both confirmed: the first is the account.
            db.ChangeTracker.Clear();
            Sessions.Forget(context);
            return await DeadLinkAsync(context, pages);
        }
    }

    private static async Task<IResult> ForgotAsync(HttpContext context, PageSet pages, Throttles throttles, MailedLinks links, UsersDbContext db, CancellationToken cancellationToken)
    {
        var form = await context.Request.ReadFormAsync(cancellationToken);
        var email = form.Value("email").Trim();
        if (!IsEmail(email))
        {
            return await ShowForgotAsync(context, pages, NoEmail(context), 400);
        }

        if ((await throttles.BeginMailAsync(context, email, cancellationToken)).Wait is { } wait)
        {
            return await ShowForgotAsync(context, pages, LaterPlease(context, wait), 429);
        }

        var normalized = Account.Normalize(email);
        var account = await db.Users.SingleOrDefaultAsync(row => row.NormalizedUserName == normalized, cancellationToken);
        links.Reset(email, PageSet.Language(context), account);
        await db.SaveChangesAsync(cancellationToken);
        return await MailIsOnItsWayAsync(context, pages);
    }

    private static async Task<IResult> ShowResetAsync(string code, HttpContext context, PageSet pages, MailedLinks links, CancellationToken cancellationToken) =>
        await links.FindAsync(code, LinkPurpose.ResetPassword, cancellationToken) is null ? await DeadLinkAsync(context, pages) : await AskNewPasswordAsync(context, pages, code, null, 200);

    private static async Task<IResult> ResetAsync(
        string code, HttpContext context, PageSet pages, MailedLinks links, PasswordRules rules, PasswordHashes hashes, Sessions sessions, UsersDbContext db, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var form = await context.Request.ReadFormAsync(cancellationToken);
        if (await links.FindAsync(code, LinkPurpose.ResetPassword, cancellationToken) is not { AccountId: { } id } link)
        {
            return await DeadLinkAsync(context, pages);
        }

        var account = await db.Users.SingleAsync(row => row.Id == id, cancellationToken);
        if (Problem(context, rules, form.Value("password"), account.Email!, account.Name) is { } weak)
        {
            return await AskNewPasswordAsync(context, pages, code, weak, 400);
        }

        var hash = await hashes.HashAsync(form.Value("password"), cancellationToken);
        if (!await links.TakeAsync(link, cancellationToken))
        {
            return await DeadLinkAsync(context, pages);
        }

        // Whoever else is signed in may be the reason for this. The second factor stays: a mailbox is only the first.
        (account.PasswordHash, account.PasswordChangedAt) = (hash, clock.GetUtcNow());
        links.Tell(account, AccountMail.PasswordChanged);
        await db.SaveChangesAsync(cancellationToken);
        await sessions.EndAllAsync(account.Id, "password-reset", null, cancellationToken);
        return await pages.MessageAsync(
            context, ("Your password is changed", "Mật khẩu đã được đổi"),
            ("You are signed out everywhere. Sign in with the new password.", "Bạn đã được đăng xuất khỏi mọi thiết bị. Hãy đăng nhập bằng mật khẩu mới."),
            new(PageSet.Say(context, "Sign in", "Đăng nhập"), "/account/sign-in"));
    }

    /// <summary>What is wrong with a password, for the person who chose it; null when nothing is.</summary>
    public static string? Problem(HttpContext context, PasswordRules rules, string password, params string[] about) => rules.Check(password, about) switch
    {
        null => null,
        PasswordProblem.TooShort => PageSet.Say(context, $"The password needs at least {PasswordRules.Shortest} characters.", $"Mật khẩu cần ít nhất {PasswordRules.Shortest} ký tự."),
        PasswordProblem.TooLong => PageSet.Say(context, $"The password may have at most {PasswordRules.Longest} characters.", $"Mật khẩu tối đa {PasswordRules.Longest} ký tự."),
        PasswordProblem.AboutYou => PageSet.Say(context, "The password is too much like your name or address.", "Mật khẩu quá giống tên hoặc địa chỉ của bạn."),
        PasswordProblem.Breached => PageSet.Say(context, "This password is known from a theft of data elsewhere. Choose another.", "Mật khẩu này đã bị lộ ở nơi khác. Hãy chọn mật khẩu khác."),
        _ => PageSet.Say(context, "This password is among the first that are tried. Choose another; a few words are good.", "Mật khẩu này quá phổ biến. Hãy chọn mật khẩu khác; vài từ ghép lại là tốt."),
    };

    private static string? Problem(HttpContext context, string name, string email) =>
        name.Length is 0 or > LongestName || name.Any(char.IsControl) ? PageSet.Say(context, "Tell us your name, in up to 100 characters.", "Hãy cho biết tên của bạn, tối đa 100 ký tự.")
        : IsEmail(email) ? null
        : NoEmail(context);

    private static string NoEmail(HttpContext context) => PageSet.Say(context, "That is no e-mail address.", "Đây không phải địa chỉ e-mail.");

    /// <summary>One mailbox and nothing else; whether it exists shows when the mail arrives.</summary>
    private static bool IsEmail(string email) =>
        email.Length <= LongestEmail && !email.Any(character => char.IsWhiteSpace(character) || char.IsControl(character)) && MailAddress.TryCreate(email, out var address) && address.Address == email
        && address.Host.Contains('.', StringComparison.Ordinal);

    private static string LaterPlease(HttpContext context, TimeSpan wait)
    {
        var seconds = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.RetryAfter = seconds;
        return PageSet.Say(context, $"That was often. Try again in {seconds} seconds.", $"Quá nhiều lần. Hãy thử lại sau {seconds} giây.");
    }

    private static Task<IResult> ShowSignUpAsync(HttpContext context, PageSet pages, string name, string email, string? error, int status) => pages.ShowAsync<FormPage>(
        context,
        new FormView(
            PageSet.Say(context, "Make an account", "Tạo tài khoản"), PageSet.Say(context, "We send you a mail to confirm the address.", "Chúng tôi sẽ gửi thư để xác nhận địa chỉ."), "/account/sign-up",
            [
                new("name", PageSet.Say(context, "Name", "Họ tên"), "text", "name", name),
                new("email", PageSet.Say(context, "E-mail address", "Địa chỉ e-mail"), "email", "username", email),
                new("password", PageSet.Say(context, "Password", "Mật khẩu"), "password", "new-password", Hint: PasswordHint(context)),
            ],
            PageSet.Say(context, "Make the account", "Tạo tài khoản"), [new(PageSet.Say(context, "I have an account", "Tôi đã có tài khoản"), "/account/sign-in")], error),
        status);

    private static string PasswordHint(HttpContext context) => PageSet.Say(
        context, "At least 8 characters, better 15; a few words are easy to remember.", "Ít nhất 8 ký tự, tốt hơn là 15; vài từ ghép lại rất dễ nhớ.");

    private static Task<IResult> AskPasswordAsync(HttpContext context, PageSet pages, string code, string email, string? error, int status) => pages.ShowAsync<FormPage>(
        context,
        new FormView(
            PageSet.Say(context, "Confirm your address", "Xác nhận địa chỉ"),
            PageSet.Say(
                context, $"Type the password that you chose for {email}: so nobody can make an account in your name. If you did not sign up, close this page.",
                $"Nhập mật khẩu bạn đã chọn cho {email}: như vậy không ai có thể tạo tài khoản thay bạn. Nếu bạn không đăng ký, hãy đóng trang này."),
            $"/account/confirm/{code}", [new("username", "", "hidden", "username", email), new("password", PageSet.Say(context, "Password", "Mật khẩu"), "password", "current-password")],
            PageSet.Say(context, "Confirm and sign in", "Xác nhận và đăng nhập"), [], error),
        status);

    private static Task<IResult> ShowForgotAsync(HttpContext context, PageSet pages, string? error, int status) => pages.ShowAsync<FormPage>(
        context,
        new FormView(
            PageSet.Say(context, "Password forgotten?", "Quên mật khẩu?"), PageSet.Say(context, "We send you a mail with a link to choose a new one.", "Chúng tôi sẽ gửi thư có liên kết để chọn mật khẩu mới."),
            "/account/forgot", [new("email", PageSet.Say(context, "E-mail address", "Địa chỉ e-mail"), "email", "username")], PageSet.Say(context, "Send the mail", "Gửi thư"),
            [new(PageSet.Say(context, "Back to sign-in", "Quay lại đăng nhập"), "/account/sign-in")], error),
        status);

    private static Task<IResult> AskNewPasswordAsync(HttpContext context, PageSet pages, string code, string? error, int status) => pages.ShowAsync<FormPage>(
        context,
        new FormView(
            PageSet.Say(context, "Choose a new password", "Chọn mật khẩu mới"), PageSet.Say(context, "You are then signed out everywhere.", "Sau đó bạn sẽ được đăng xuất khỏi mọi thiết bị."),
            $"/account/reset/{code}", [new("password", PageSet.Say(context, "New password", "Mật khẩu mới"), "password", "new-password", Hint: PasswordHint(context))],
            PageSet.Say(context, "Change password", "Đổi mật khẩu"), [], error),
        status);

    private static Task<IResult> MailIsOnItsWayAsync(HttpContext context, PageSet pages) => pages.MessageAsync(
        context, ("Look into your mailbox", "Hãy kiểm tra hộp thư"),
        ("We have sent you a mail that says how to go on. If none arrives within a few minutes, look into the folder for spam.",
            "Chúng tôi đã gửi thư hướng dẫn bước tiếp theo. Nếu sau vài phút chưa thấy thư, hãy xem trong mục thư rác."));

    private static Task<IResult> DeadLinkAsync(HttpContext context, PageSet pages) => pages.MessageAsync(
        context, ("This link does not lead anywhere any more", "Liên kết không còn hiệu lực"),
        ("It was used already, is too old, or was cut short. Begin again.", "Liên kết đã được dùng, quá hạn hoặc bị cắt ngắn. Hãy bắt đầu lại."),
        new(PageSet.Say(context, "Sign in", "Đăng nhập"), "/account/sign-in"), 404);
}
