using Aerona.Users.Passwords;

namespace Aerona.Users.Pages;

/// <summary>What all forms have in common.</summary>
internal static class Forms
{
    /// <summary>Only forms of our own pages are taken; when too many passwords wait to be hashed, the person is asked to come back.</summary>
    public static RouteGroupBuilder TakingForms(this RouteGroupBuilder group)
    {
        group.AddEndpointFilter(async (call, next) =>
        {
            var context = call.HttpContext;
            var pages = context.RequestServices.GetRequiredService<Pages>();
            if (HttpMethods.IsPost(context.Request.Method) && !await IsOursAsync(context))
            {
                return await pages.MessageAsync(
                    context, ("This form is not valid any more", "Biểu mẫu không còn hiệu lực"),
                    ("It was open for too long, or somebody signed in or out meanwhile. Go back, reload the page and send it again; your browser must take cookies.",
                        "Biểu mẫu đã mở quá lâu, hoặc trạng thái đăng nhập đã thay đổi. Hãy quay lại, tải lại trang và gửi lại; trình duyệt cần cho phép cookie."), status: 400);
            }

            try
            {
                return await next(call);
            }
            catch (TooManyHashesException)
            {
                context.Response.Headers.RetryAfter = "5";
                return await pages.MessageAsync(
                    context, ("One moment, please", "Xin chờ một chút"),
                    ("Very many people sign in right now. Try again in a few seconds.", "Hiện có rất nhiều người đăng nhập. Hãy thử lại sau vài giây."), status: 503);
            }
        });
        return group;
    }

    /// <summary>One value of a form; empty when it is not there or there several times.</summary>
    public static string Value(this IFormCollection form, string name) => form[name] is [{ } value] ? value : "";

    private static async Task<bool> IsOursAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
        {
            return false;
        }

        try
        {
            return context.RequestServices.GetRequiredService<FormTokens>().IsOurs(context, await context.Request.ReadFormAsync(context.RequestAborted));
        }
        catch (InvalidDataException)
        {
            return false;   // more fields than a form of ours has
        }
    }
}
