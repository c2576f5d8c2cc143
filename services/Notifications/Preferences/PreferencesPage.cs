using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Aerona.Hosting;
using Aerona.Notifications.Data;
using Aerona.Notifications.Texts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Preferences;

/// <summary>
/// The page behind a link in every mail: what is told about one booking or followed flight, and when not. The code is that of the booking's own page (decision 12). Opening it
/// changes nothing, since mail scanners open links; its button does, and so does the POST of a mail program that ends one kind (RFC 8058).
/// </summary>
internal static class PreferencesPage
{
    public const string Path = "/mail-preferences";

    /// <summary>Where a POST ends that kind.</summary>
    /// <param name="page">This page's address.</param>
    /// <param name="kind">One that may be ended.</param>
    public static string End(string page, NoticeKind kind) => $"{page}/{CamelCase(kind)}";

    public static void MapPreferencesPage(this WebApplication app)
    {
        var page = app.MapGroup($"{Path}/{{code}}").ExcludeFromDescription();
        page.MapGet("", (string code, HttpResponse response, Desk desk, CancellationToken cancellationToken) => desk.ShowAsync(code, response, cancellationToken));
        page.MapPost("", (string code, HttpRequest request, Desk desk, CancellationToken cancellationToken) => desk.SetAsync(code, request, cancellationToken));
        page.MapGet("/{kind}", (string code, string kind, HttpResponse response, Desk desk, CancellationToken cancellationToken) => desk.ShowAsync(code, response, cancellationToken));
        page.MapPost("/{kind}", (string code, string kind, HttpResponse response, Desk desk, CancellationToken cancellationToken) => desk.EndAsync(code, kind, response, cancellationToken));
    }

    /// <summary>Answers for one request.</summary>
    internal sealed class Desk(NotificationsDbContext db, IBookingLinks links, TimeProvider clock)
    {
        public async Task<ContentHttpResult> ShowAsync(string code, HttpResponse response, CancellationToken cancellationToken)
        {
            if (links.BookingOf(code) is not { } subject)
            {
                return Unknown(response);
            }

            var row = await db.Preferences.AsNoTracking().SingleOrDefaultAsync(known => known.Scope == Preference.Of(subject), cancellationToken);
            return Form(response, await TextsAsync(subject, cancellationToken), code, row, saved: false);
        }

        public async Task<ContentHttpResult> SetAsync(string code, HttpRequest request, CancellationToken cancellationToken)
        {
            if (links.BookingOf(code) is not { } subject)
            {
                return Unknown(request.HttpContext.Response);
            }

            var form = request.HasFormContentType ? await request.ReadFormAsync(cancellationToken) : FormCollection.Empty;
            var row = await RowAsync(subject, cancellationToken);
            row.Off = [.. Choices().Where(choice => !form.ContainsKey(Preference.Key(choice.Kind, choice.Channel))).Select(choice => Preference.Key(choice.Kind, choice.Channel))];
            var (from, until) = (MyPreferences.ClockOf(form["from"]), MyPreferences.ClockOf(form["until"]));
            (row.QuietFrom, row.QuietUntil) = from is not null && until is not null && from != until ? (from, until) : (null, null);
            await db.SaveChangesAsync(cancellationToken);
            return Form(request.HttpContext.Response, await TextsAsync(subject, cancellationToken), code, row, saved: true);
        }

        public async Task<ContentHttpResult> EndAsync(string code, string kind, HttpResponse response, CancellationToken cancellationToken)
        {
            var ended = Enum.GetValues<NoticeKind>().Where(known => CamelCase(known) == kind && !Preference.IsRequired(known, Channel.Email)).ToList();
            if (links.BookingOf(code) is not { } subject || ended is not [var one])
            {
                return Unknown(response);
            }

            var row = await RowAsync(subject, cancellationToken);
            row.Off = [.. row.Off.Append(Preference.Key(one, Channel.Email)).Distinct()];
            await db.SaveChangesAsync(cancellationToken);
            var texts = await TextsAsync(subject, cancellationToken);
            return Page(response, texts, texts.MailsEnded(texts.Of(one).Name), $"<p><a href=\"{Path}/{Safe(code)}\">{Safe(texts.ChooseMails)}</a></p>", 200);
        }

        private async Task<Preference> RowAsync(Guid subject, CancellationToken cancellationToken)
        {
            var scope = Preference.Of(subject);
            if (await db.Preferences.FindAsync([scope], cancellationToken) is not { } row)
            {
                db.Preferences.Add(row = new() { Scope = scope, Off = [], ChangedAt = clock.GetUtcNow() });
            }

            row.ChangedAt = clock.GetUtcNow();
            return row;
        }

        /// <summary>In the language of the mails that this page stands behind.</summary>
        private async Task<MailTexts> TextsAsync(Guid subject, CancellationToken cancellationToken) => MailTexts.Of(
            await db.Recipients.Where(row => row.BookingId == subject).Select(row => row.Locale)
                .Concat(db.FlightSubscriptions.Where(row => row.Id == subject).Select(row => row.Language)).FirstOrDefaultAsync(cancellationToken));
    }

    /// <summary>What may be chosen: accounts have nothing to do with a booking.</summary>
    private static IEnumerable<(NoticeKind Kind, Channel Channel)> Choices() =>
        from kind in Enum.GetValues<NoticeKind>()
        where kind != NoticeKind.Account
        from channel in Enum.GetValues<Channel>()
        where !Preference.IsRequired(kind, channel)
        select (kind, channel);

    private static ContentHttpResult Form(HttpResponse response, MailTexts texts, string code, Preference? row, bool saved)
    {
        var html = new StringBuilder(saved ? $"<p class=\"saved\" role=\"status\">{Safe(texts.Saved)}</p>" : "")
            .Append($"<p>{Safe(texts.PreferencesPage.Why)}</p><form method=\"post\" action=\"{Path}/{Safe(code)}\">");
        foreach (var kind in Enum.GetValues<NoticeKind>().Where(kind => kind != NoticeKind.Account))
        {
            var (name, what) = texts.Of(kind);
            html.Append($"<fieldset><legend>{Safe(name)}</legend><p>{Safe(what)}</p>");
            foreach (var channel in Enum.GetValues<Channel>())
            {
                var key = Preference.Key(kind, channel);
                html.Append(Preference.IsRequired(kind, channel)
                    ? $"<label><input type=\"checkbox\" checked disabled> {Safe(texts.AlwaysByMail)}</label>"
                    : $"<label><input type=\"checkbox\" name=\"{Safe(key)}\"{(row?.Wants(kind, channel) ?? true ? " checked" : "")}> {Safe(texts.Of(channel))}</label>");
            }

            html.Append("</fieldset>");
        }

        var (heading, words, from, until) = texts.QuietHours;
        html.Append($"<fieldset><legend>{Safe(heading)}</legend><p>{Safe(words)}</p>")
            .Append($"<label>{Safe(from)} <input type=\"time\" name=\"from\" value=\"{(row?.QuietFrom is { } begins ? MyPreferences.Clock(begins) : "")}\"></label>")
            .Append($"<label>{Safe(until)} <input type=\"time\" name=\"until\" value=\"{(row?.QuietUntil is { } ends ? MyPreferences.Clock(ends) : "")}\"></label></fieldset>")
            .Append($"<button>{Safe(texts.Save)}</button></form>");
        return Page(response, texts, texts.PreferencesPage.Title, html.ToString(), 200);
    }

    private static ContentHttpResult Unknown(HttpResponse response) => Page(response, MailTexts.All[0], MailTexts.All[0].UnknownLink, "", 404);

    private static ContentHttpResult Page(HttpResponse response, MailTexts texts, string title, string body, int status)
    {
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
        return TypedResults.Content(
            $$"""
            <!doctype html><html lang="{{texts.Language}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="robots" content="noindex"><title>{{Safe(title)}} · Aerona</title><style>
            body{font:17px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;margin:0;background:light-dark(#eef2f7,#0d1621);color:light-dark(#16202e,#eaf0f7)}
            header{background:#0b2545;color:#fff;border-bottom:3px solid #d94a1e;padding:18px 24px;font-weight:700;font-size:20px}
            main{max-width:36rem;margin:1.5rem auto;padding:1.5rem 2rem 2rem;background:light-dark(#fff,#15202e);border-radius:12px;box-sizing:border-box}h1{font-size:1.5rem;line-height:1.25;margin:.2em 0 .6em}
            fieldset{border:0;border-top:1px solid light-dark(#dde4ed,#2c3e54);margin:0;padding:.9rem 0 1rem}legend{font-weight:700;float:left;width:100%}fieldset p{clear:both;margin:0 0 .4rem;color:light-dark(#5c6b7f,#a3b4c8);font-size:.92rem}
            label{display:inline-block;margin-right:1.6rem;padding:.25rem 0}input[type=checkbox]{width:1.15rem;height:1.15rem;vertical-align:-.2rem;accent-color:#1f5fa8}input[type=time]{font:inherit;padding:.2rem .4rem}
            button{background:#1f5fa8;color:#fff;border:0;border-radius:8px;padding:.7em 1.6em;font:inherit;font-weight:700;cursor:pointer}a{color:light-dark(#1f5fa8,#8fc0f5)}
            .saved{background:light-dark(#e2f3ea,#14402a);color:light-dark(#14633b,#a5e6c3);padding:.6rem 1rem;border-radius:8px}:focus-visible{outline:3px solid #f2a285;outline-offset:2px}@media(max-width:520px){main{margin:0;border-radius:0;padding:1.2rem} }
            </style></head><body><header>Aerona</header><main><h1>{{Safe(title)}}</h1>{{body}}</main></body></html>
            """, "text/html; charset=utf-8", statusCode: status);
    }

    private static string CamelCase(NoticeKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());

    private static string Safe(string text) => HtmlEncoder.Default.Encode(text);
}
