using System.Text.Encodings.Web;
using Aerona.Notifications.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.FlightNews;

/// <summary>
/// The page behind the link in every mail. Opening it ends nothing, since mail scanners open links; its button does, and so does the POST of a mail program
/// (RFC 8058).
/// </summary>
internal static class EndFlightNews
{
    public static void MapEndFlightNews(this WebApplication app)
    {
        var page = app.MapGroup("/flight-news/{code}").ExcludeFromDescription();
        page.MapGet("", ShowAsync);
        page.MapPost("", EndAsync);
    }

    private static async Task<ContentHttpResult> ShowAsync(string code, HttpResponse response, NotificationsDbContext db, CancellationToken cancellationToken)
    {
        var row = await db.FlightSubscriptions.AsNoTracking().SingleOrDefaultAsync(known => known.Code == code, cancellationToken);
        return Page(response, row, row is { State: SubscriptionState.Following or SubscriptionState.Asked }
            ? $"<form method=\"post\" action=\"/flight-news/{Safe(code)}\"><button>{(row.Language == "vi" ? "Ngừng nhận tin" : "End these mails")}</button></form>"
            : "");
    }

    private static async Task<ContentHttpResult> EndAsync(string code, HttpResponse response, NotificationsDbContext db, CancellationToken cancellationToken)
    {
        var row = await db.FlightSubscriptions.SingleOrDefaultAsync(known => known.Code == code, cancellationToken);
        if (row is { State: SubscriptionState.Following or SubscriptionState.Asked })
        {
            row.State = SubscriptionState.Ended;
            await db.SaveChangesAsync(cancellationToken);
        }

        return Page(response, row, "");
    }

    private static ContentHttpResult Page(HttpResponse response, FlightSubscription? row, string body)
    {
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        response.Headers.CacheControl = "no-store";
        var vietnamese = row?.Language == "vi";
        var title = (row, vietnamese) switch
        {
            (null, _) => "This link is not known",
            ({ State: SubscriptionState.Ended or SubscriptionState.FlightUnknown }, false) => $"You get no more mails about {Flight(row)}",
            ({ State: SubscriptionState.Ended or SubscriptionState.FlightUnknown }, true) => $"Bạn sẽ không nhận thêm thư về {Flight(row)}",
            (_, false) => $"You get mails about {Flight(row)}",
            (_, true) => $"Bạn đang nhận thư về {Flight(row)}",
        };
        return TypedResults.Content(
            $$"""
            <!doctype html><html lang="{{(vietnamese ? "vi" : "en")}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="robots" content="noindex"><title>{{Safe(title)}} · Aerona</title><style>
            body{font:17px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;margin:0;background:light-dark(#eef2f7,#0d1621);color:light-dark(#16202e,#eaf0f7)}
            header{background:#0b2545;color:#fff;border-bottom:3px solid #d94a1e;padding:18px 24px;font-weight:700;font-size:20px}
            main{max-width:34rem;margin:1.5rem auto;padding:1.5rem 2rem 2rem;background:light-dark(#fff,#15202e);border-radius:12px}h1{font-size:1.5rem;line-height:1.25;margin:.2em 0 .6em}
            button{background:#1f5fa8;color:#fff;border:0;border-radius:8px;padding:.7em 1.3em;font:inherit;font-weight:700;cursor:pointer}
            </style></head><body><header>Aerona</header><main><h1>{{Safe(title)}}</h1>{{body}}</main></body></html>
            """, "text/html; charset=utf-8", statusCode: row is null ? 404 : 200);
    }

    private static string Flight(FlightSubscription row) => row.FlightId.Split('-')[0];

    private static string Safe(string text) => HtmlEncoder.Default.Encode(text);
}
