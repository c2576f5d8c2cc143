using System.Globalization;
using Aerona.Contracts.Users;
using Aerona.Notifications.Notices;

namespace Aerona.Notifications.Accounts;

/// <summary>What somebody is told about his account; English, or Vietnamese for whoever asked for it.</summary>
internal static class AccountNotice
{
    /// <param name="mail">What happened.</param>
    /// <param name="home">What links begin with.</param>
    public static NoticeContent Of(SendAccountMail mail, string home)
    {
        var isVietnamese = mail.Locale.Split('-')[0].Equals("vi", StringComparison.OrdinalIgnoreCase);
        string Say(string english, string vietnamese) => isVietnamese ? vietnamese : english;
        var (title, text, button) = Words(mail.Kind, Say);
        var (label, fact, detail) = mail.ValidUntil is { } until
            ? (Say("The link", "Liên kết"),
                Say($"Good until {At(until)}, once", $"Có hiệu lực đến {At(until)}, một lần"),
                Say("If it was not you, do nothing: without this mail nobody can go on.", "Nếu không phải bạn, đừng làm gì: không có thư này thì không ai làm tiếp được."))
            : IsWarning(mail.Kind)
                ? (Say("If it was not you", "Nếu không phải bạn"), Say("Choose a new password at once", "Hãy đổi mật khẩu ngay"),
                    Say($"Go to {home}/account/forgot. That also signs you out everywhere.", $"Truy cập {home}/account/forgot. Việc này cũng đăng xuất bạn khỏi mọi thiết bị."))
                : (Say("If it was not you", "Nếu không phải bạn"), Say("You need not do anything", "Bạn không cần làm gì"), Say("Nothing was changed.", "Không có gì bị thay đổi."));
        return new(
            "", $"Aerona: {char.ToLowerInvariant(title[0])}{title[1..]}", title, [text], fact, detail,
            [Say("This mail was sent because this address was typed at Aerona. It cannot be replied to.", "Thư này được gửi vì địa chỉ này đã được nhập tại Aerona. Không thể trả lời thư này.")])
        {
            Language = isVietnamese ? "vi" : "en",
            ReferenceLabel = Say("Your account", "Tài khoản của bạn"),
            MoneyLabel = label,
            Link = mail.Path is { } path && button is not null ? new(button, home + path) : null,
        };
    }

    private static (string Title, string Text, string? Button) Words(AccountMail kind, Func<string, string, string> say) => kind switch
    {
        AccountMail.ConfirmAddress => (
            say("Confirm your address", "Xác nhận địa chỉ của bạn"),
            say("Somebody, most likely you, wants an Aerona account with this address. Follow the link and type the password you chose.",
                "Ai đó, rất có thể là bạn, muốn tạo tài khoản Aerona với địa chỉ này. Hãy mở liên kết và nhập mật khẩu bạn đã chọn."),
            say("Confirm the address", "Xác nhận địa chỉ")),
        AccountMail.AddressInUse => (
            say("You have an account already", "Bạn đã có tài khoản"),
            say("Somebody, most likely you, wanted to make an account with this address. There is one: sign in with it, or choose a new password if you have forgotten yours.",
                "Ai đó, rất có thể là bạn, muốn tạo tài khoản với địa chỉ này. Tài khoản đã có sẵn: hãy đăng nhập, hoặc chọn mật khẩu mới nếu bạn quên."), null),
        AccountMail.ResetPassword => (
            say("Choose a new password", "Chọn mật khẩu mới"),
            say("Somebody, most likely you, has forgotten the password of this account. The link lets you choose a new one.",
                "Ai đó, rất có thể là bạn, đã quên mật khẩu của tài khoản này. Liên kết cho phép bạn chọn mật khẩu mới."),
            say("Choose a password", "Chọn mật khẩu")),
        AccountMail.NoAccount => (
            say("There is no account with this address", "Không có tài khoản với địa chỉ này"),
            say("Somebody, most likely you, wanted a new password for this address. There is no account with it; perhaps you used another address.",
                "Ai đó, rất có thể là bạn, muốn đổi mật khẩu cho địa chỉ này. Không có tài khoản nào; có thể bạn đã dùng địa chỉ khác."), null),
        AccountMail.PasswordChanged => (
            say("Your password was changed", "Mật khẩu của bạn đã được đổi"),
            say("Other browsers and applications were signed out.", "Các trình duyệt và ứng dụng khác đã được đăng xuất."), null),
        AccountMail.SecondFactorAdded => (
            say("A way to sign in was added", "Đã thêm một cách đăng nhập"),
            say("An authenticator app or a passkey was added to your account.", "Một ứng dụng xác thực hoặc khóa truy cập đã được thêm vào tài khoản của bạn."), null),
        AccountMail.SecondFactorRemoved => (
            say("A way to sign in was removed", "Đã gỡ một cách đăng nhập"),
            say("An authenticator app or a passkey was removed from your account.", "Một ứng dụng xác thực hoặc khóa truy cập đã được gỡ khỏi tài khoản của bạn."), null),
        AccountMail.RecoveryCodeUsed => (
            say("A recovery code was used", "Một mã khôi phục đã được dùng"),
            say("Somebody signed in with your password and one of your recovery codes.", "Có người đã đăng nhập bằng mật khẩu của bạn và một mã khôi phục."), null),
        AccountMail.TokenReused => (
            say("We signed you out of one place", "Chúng tôi đã đăng xuất bạn khỏi một nơi"),
            say("A key that keeps an application signed in was used a second time, which happens when it was copied. That sign-in was ended; sign in there again.",
                "Khóa giữ đăng nhập của một ứng dụng đã bị dùng lần thứ hai, điều này xảy ra khi khóa bị sao chép. Phiên đó đã kết thúc; hãy đăng nhập lại ở đó."), null),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "there are no words for it"),
    };

    private static bool IsWarning(AccountMail kind) =>
        kind is AccountMail.PasswordChanged or AccountMail.SecondFactorAdded or AccountMail.SecondFactorRemoved or AccountMail.RecoveryCodeUsed or AccountMail.TokenReused;

    private static string At(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
