using Aerona.Hosting;

namespace Aerona.Users.Connect;

/// <summary>What tokens are for. A scope is a service, and each service takes only tokens that name it.</summary>
internal static class Audiences
{
    /// <summary>Scopes that name a service, and what a person is told they let an application do.</summary>
    private static readonly Dictionary<string, (string English, string Vietnamese)> Services = new(StringComparer.Ordinal)
    {
        ["search"] = ("search flights, and see your searches", "tìm chuyến bay và xem các tìm kiếm của bạn"),
        ["airlines"] = ("ask airlines for offers", "hỏi giá từ các hãng hàng không"),
        ["bookings"] = ("book flights, and see and change your bookings", "đặt vé, xem và thay đổi đặt chỗ của bạn"),
        ["payments"] = ("see how your payments stand", "xem tình trạng thanh toán của bạn"),
        ["tickets"] = ("see and fetch your tickets and receipts", "xem và tải vé, biên lai của bạn"),
        ["notifications"] = ("choose what you are told, and where", "chọn thông báo bạn nhận và nơi nhận"),
        ["operations"] = ("work at the airline's desk, as far as your roles allow", "làm việc tại bộ phận khai thác, trong phạm vi vai trò của bạn"),
        ["users"] = ("see and change your account and its sign-ins", "xem và thay đổi tài khoản cùng các phiên đăng nhập của bạn"),
    };

    private static readonly Dictionary<string, (string English, string Vietnamese)> Others = new(StringComparer.Ordinal)
    {
        ["openid"] = ("know that it is you", "biết đó là bạn"),
        ["profile"] = ("learn your name", "biết tên của bạn"),
        ["email"] = ("learn your e-mail address", "biết địa chỉ e-mail của bạn"),
        ["offline_access"] = ("do all this for a while after you have left", "làm những việc trên một thời gian sau khi bạn rời đi"),
    };

    public static IReadOnlyList<string> Scopes { get; } = [.. Services.Keys, .. Others.Keys];

    /// <summary>Of the services among the scopes.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<string> scopes) => [.. scopes.Where(Services.ContainsKey).Select(SignIn.Audience)];

    public static (string English, string Vietnamese) Wants(string scope) => Services.TryGetValue(scope, out var wants) || Others.TryGetValue(scope, out wants) ? wants : (scope, scope);
}
