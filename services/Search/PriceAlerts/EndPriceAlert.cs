using System.Text.Encodings.Web;
using Aerona.Search.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Search.PriceAlerts;

/// <summary>
/// The page behind the link in every alert. Opening it ends nothing, since mail scanners open links; its button does, and so does the POST of a mail program
/// (RFC 8058).
/// </summary>
internal static class EndPriceAlert
{
    public const string Path = "/price-alerts";

    public static void MapEndPriceAlert(this WebApplication app)
    {
        var page = app.MapGroup($"{Path}/{{code}}").ExcludeFromDescription();
        page.MapGet("", ShowAsync);
        page.MapPost("", EndAsync);
    }

    private static async Task<ContentHttpResult> ShowAsync(string code, HttpResponse response, SearchDbContext db, CancellationToken cancellationToken)
    {
        var row = await db.PriceAlerts.AsNoTracking().SingleOrDefaultAsync(known => known.Code == code, cancellationToken);
        return Page(response, row, row is { State: AlertState.Watching }
            ? $"<form method=\"post\" action=\"{Path}/{HtmlEncoder.Default.Encode(code)}\"><button>{(row.Language == "vi" ? "Ngừng nhận thư" : "End these mails")}</button></form>"
            : "");
    }

    private static async Task<ContentHttpResult> EndAsync(string code, HttpResponse response, SearchDbContext db, CancellationToken cancellationToken)
    {
        var row = await db.PriceAlerts.SingleOrDefaultAsync(known => known.Code == code, cancellationToken);
        if (row is { State: AlertState.Watching })
        {
            row.State = AlertState.Ended;
            await db.SaveChangesAsync(cancellationToken);
        }

        return Page(response, row, "");
    }

    private static ContentHttpResult Page(HttpResponse response, PriceAlert? row, string body)
    {
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        response.Headers.CacheControl = "no-store";
        var (language, title) = (row?.Language ?? "en", row?.State) switch
        {
            (_, null) => ("en", "This link is not known, or the alert was forgotten"),
            ("vi", AlertState.Watching) => ("vi", "Bạn đang nhận thư khi giá vé giảm"),
            ("vi", _) => ("vi", "Bạn sẽ không nhận thêm thư về giá vé này"),
            (_, AlertState.Watching) => ("en", "You get a mail when this price falls"),
            _ => ("en", "You get no more mails about this price"),
        };
        return TypedResults.Content(
            $$"""
            <!doctype html><html lang="{{language}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="robots" content="noindex"><title>{{HtmlEncoder.Default.Encode(title)}} · Aerona</title><style>
            body{font:17px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;margin:0;background:light-dark(#eef2f7,#0d1621);color:light-dark(#16202e,#eaf0f7)}
            header{background:#0b2545;color:#fff;border-bottom:3px solid #d94a1e;padding:18px 24px;font-weight:700;font-size:20px}
            main{max-width:34rem;margin:1.5rem auto;padding:1.5rem 2rem 2rem;background:light-dark(#fff,#15202e);border-radius:12px}h1{font-size:1.5rem;line-height:1.25;margin:.2em 0 .6em}
            button{background:#1f5fa8;color:#fff;border:0;border-radius:8px;padding:.7em 1.3em;font:inherit;font-weight:700;cursor:pointer}
            </style></head><body><header>Aerona</header><main><h1>{{HtmlEncoder.Default.Encode(title)}}</h1>{{body}}</main></body></html>
            """, "text/html; charset=utf-8", statusCode: row is null ? 404 : 200);
    }
}
