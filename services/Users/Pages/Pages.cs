using Aerona.Users.Data;
using Aerona.Users.SigningIn;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Primitives;

namespace Aerona.Users.Pages;

/// <summary>Renders a page: HTML alone, forms and links, nothing that needs a script but passkeys.</summary>
internal sealed class Pages(IServiceProvider services, ILoggerFactory logs, FormTokens tokens, Sessions sessions, UsersDbContext db)
{
    private const string LanguageCookie = "__Host-aerona-language";

    /// <param name="context">The request.</param>
    /// <param name="model">The page's model.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="goingTo">Where its form leads in the end, when that is an application's request: browsers check what a form is redirected to.</param>
    public async Task<IResult> ShowAsync<TPage>(HttpContext context, object model, int status = 200, string? goingTo = null) where TPage : IComponent
    {
        var signedIn = await sessions.CurrentAsync(context);
        var language = Language(context, signedIn?.Account.Locale);
        var frame = new PageFrame(language, tokens.For(context), signedIn?.Account.Email, OtherLanguage(context, language));
        await using var renderer = new HtmlRenderer(services, logs);
        var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<TPage>(ParameterView.FromDictionary(
            new Dictionary<string, object?> { ["Frame"] = frame, ["Model"] = model }))).ToHtmlString());

        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'{await FormTargetAsync(goingTo, context.RequestAborted)}; base-uri 'none'; frame-ancestors 'none'";
        // A link in a mail is a secret, and some browsers send the address of a page to the next one.
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        return TypedResults.Content(html, "text/html; charset=utf-8", statusCode: status);
    }

    public async Task<IResult> MessageAsync(HttpContext context, (string English, string Vietnamese) title, (string English, string Vietnamese) text, Link? link = null, int status = 200) =>
        await ShowAsync<MessagePage>(
            context, new MessageView(Say(context, title.English, title.Vietnamese), [Say(context, text.English, text.Vietnamese)], link is null ? [] : [link]), status);

    /// <summary>In the language of whoever looks.</summary>
    public static string Say(HttpContext context, string english, string vietnamese) => Language(context) == "vi" ? vietnamese : english;

    /// <summary>As asked for, chosen before, the account's, or the browser's; <c>en</c> or <c>vi</c>.</summary>
    public static string Language(HttpContext context, string? account = null)
    {
        var asked = context.Request.Query["lang"].ToString();
        if (asked is "en" or "vi")
        {
            context.Response.Cookies.Append(LanguageCookie, asked, new() { Secure = true, HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/", MaxAge = TimeSpan.FromDays(400) });
            return asked;
        }

        return context.Request.Cookies[LanguageCookie] is "en" or "vi" ? context.Request.Cookies[LanguageCookie]!
            : account ?? (context.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(language => language.Quality ?? 1).FirstOrDefault() is { Value: var first }
                && first.StartsWith("vi", StringComparison.OrdinalIgnoreCase) ? "vi" : "en");
    }

    /// <summary>Only our own pages, and the request of an application that is judged again when it comes back.</summary>
    public static string SafeReturn(StringValues asked) =>
        asked is [{ } path] && (path.StartsWith("/connect/authorize?", StringComparison.Ordinal) || path == "/account" || path.StartsWith("/account/", StringComparison.Ordinal))
        && !path.Contains('\\', StringComparison.Ordinal) && !path.Any(char.IsControl)
            ? path
            : "/account";

    /// <summary>303: the browser goes on with a GET.</summary>
    public static IResult SeeOther(HttpContext context, string path)
    {
        context.Response.Headers.Location = path;
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.StatusCode(StatusCodes.Status303SeeOther);
    }

    private static string OtherLanguage(HttpContext context, string language)
    {
        // What was posted cannot be asked for again; its page can.
        var query = HttpMethods.IsGet(context.Request.Method) ? context.Request.Query.Where(pair => pair.Key != "lang") : [];
        return context.Request.Path + QueryString.Create(query.Append(new("lang", language == "vi" ? "en" : "vi")));
    }

    private async Task<string> FormTargetAsync(string? goingTo, CancellationToken cancellationToken)
    {
        if (goingTo?.Split('?', 2) is not ["/connect/authorize", var query])
        {
            return "";
        }

        var asked = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(query);
        var (id, redirect) = (asked["client_id"].ToString(), asked["redirect_uri"].ToString());
        var registered = await db.Clients.Where(client => client.ClientId == id).Select(client => client.RedirectUris).SingleOrDefaultAsync(cancellationToken);
        return registered is not null && System.Text.Json.JsonSerializer.Deserialize<string[]>(registered)!.Contains(redirect) && Uri.TryCreate(redirect, UriKind.Absolute, out var target)
            ? $" {(target.Scheme is "http" or "https" ? target.GetLeftPart(UriPartial.Authority) : $"{target.Scheme}:")}"
            : "";
    }
}
