using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Aerona.Users.Keys;
using Aerona.Users.SigningIn;

namespace Aerona.Users.Pages;

/// <summary>
/// Sees that a form was ours: a random cookie, and in the form its signature together with the session's, so that a form made for one sign-in does not hold in
/// another. Nothing is kept, and every replica can check it.
/// </summary>
internal sealed class FormTokens(MasterKey master)
{
    public const string Field = "form-token";
    public const string Cookie = "__Host-aerona-form";

    private static readonly object Made = new();

    private readonly byte[] key = master.Derive("form token");

    /// <summary>For the forms of a page; gives the browser its cookie when it has none.</summary>
    public string For(HttpContext context)
    {
        var cookie = context.Request.Cookies[Cookie];
        if (cookie is not { Length: 43 })
        {
            cookie = context.Items[Made] as string ?? Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
            context.Items[Made] = cookie;
            context.Response.Cookies.Append(Cookie, cookie, new() { Secure = true, HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true });
        }

        return Token(cookie, context);
    }

    /// <summary>Whether the form came from a page that this browser was given, in the sign-in it is in now.</summary>
    public bool IsOurs(HttpContext context, IFormCollection form) =>
        context.Request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none"
        && context.Request.Cookies[Cookie] is { Length: 43 } cookie
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Token(cookie, context)), Encoding.UTF8.GetBytes(form[Field].ToString()));

    private string Token(string cookie, HttpContext context) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{cookie}\n{context.Request.Cookies[Sessions.Cookie]}")));
}
