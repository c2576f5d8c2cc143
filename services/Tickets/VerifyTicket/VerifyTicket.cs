using System.Text;
using System.Text.Encodings.Web;
using Aerona.Tickets.Data;
using Aerona.Wording;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Tickets.VerifyTicket;

/// <summary>
/// The page behind a receipt's QR code: whether its tickets are genuine and what they are good for now. Whoever holds the paper may see it, so names are
/// masked. 404 with a page that says so for any other code.
/// </summary>
internal static class VerifyTicket
{
    public static void MapVerifyTicket(this WebApplication app) =>
        app.MapGet("/verify/{code}", ShowVerification).AllowAnonymous().ExcludeFromDescription();

    private static async Task<ContentHttpResult> ShowVerification(
        string code, Verification verification, TicketsDbContext db, HttpResponse response, CancellationToken cancellationToken)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        var number = verification.Read(code);
        var known = number is null ? null : await db.Tickets.AsNoTracking().SingleOrDefaultAsync(ticket => ticket.Number == number, cancellationToken);
        if (known is null)
            return Page("Not a ticket of ours", "<h1 class=\"no\">Not a ticket of ours</h1><p>This code was not issued by Aerona, or was not read completely. Scan it again.</p>", 404);

        var tickets = await db.Tickets.AsNoTracking().Include(ticket => ticket.Coupons)
            .Where(ticket => ticket.OrderId == known.OrderId).OrderBy(ticket => ticket.Number).ToListAsync(cancellationToken);
        return Page($"Tickets {known.Locator}", Body(known.Locator, tickets), 200);
    }

    private static string Body(string locator, List<Ticket> tickets)
    {
        var head = tickets.Exists(ticket => ticket.IsGood) ? "<h1 class=\"yes\">Genuine</h1>" : "<h1 class=\"no\">Genuine, but not good for travel any more</h1>";
        var html = new StringBuilder($"{head}<p>Booking reference <b>{Encode(locator)}</b></p>");
        foreach (var ticket in tickets)
        {
            html.Append($"<section><h2>{Encode(Words.TicketNumber(ticket.Number))}</h2><p>{Encode(Masked(ticket.PassengerName))} · {Encode(Words.Of(ticket.PassengerType))}</p><table>");
            foreach (var coupon in ticket.Coupons.OrderBy(coupon => coupon.Number))
            {
                html.Append($"<tr><td><b>{Encode(coupon.Flight)}</b></td><td>{Encode(coupon.Origin)}–{Encode(coupon.Destination)}</td>")
                    .Append($"<td>{Encode(Words.Day(coupon.DepartsLocal))} {Encode(Words.Time(coupon.DepartsLocal))}</td><td class=\"{coupon.Status}\">{Encode(StatusText(coupon.Status))}</td></tr>");
            }

            html.Append("</table></section>");
        }

        return html.ToString();
    }

    /// <summary>First two letters of each part: <c>SM•••/JO•••</c>.</summary>
    public static string Masked(string name) => string.Join('/', name.Split('/').Select(part => $"{part[..Math.Min(2, part.Length)]}•••"));

    private static string StatusText(CouponStatus status) => status switch
    {
        CouponStatus.Open => "open for use",
        CouponStatus.CheckedIn => "checked in",
        _ => status.ToString().ToLowerInvariant(),
    };

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);

    private static ContentHttpResult Page(string title, string body, int status) => TypedResults.Content(
        $$"""
        <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
        <title>{{Encode(title)}} · Aerona</title><style>
        body{font:16px/1.5 system-ui,sans-serif;margin:0;background:light-dark(#f3f6fa,#0d1621);color:light-dark(#16202e,#e6edf5)}
        header{background:#0b2545;color:#fff;border-bottom:3px solid #d94a1e;padding:18px 24px;font-weight:700;font-size:20px}
        main{max-width:640px;margin:0 auto;padding:24px}h1{margin:.2em 0}.yes{color:light-dark(#1b7f4d,#5fd39a)}.no{color:light-dark(#b3261e,#ff8a7a)}
        section{background:light-dark(#fff,#152232);border:1px solid light-dark(#d6dee8,#26384d);border-radius:10px;padding:16px 18px;margin:16px 0}
        h2{font-size:17px;margin:0;letter-spacing:.03em}section p{margin:.2em 0 .8em;color:light-dark(#5c6b7f,#9db0c6)}
        table{width:100%;border-collapse:collapse;font-size:14.5px}td{padding:6px 10px 6px 0;border-top:1px solid light-dark(#e6ebf1,#26384d)}.Open,.CheckedIn{color:light-dark(#1b7f4d,#5fd39a)}
        </style></head><body><header>Aerona</header><main>{{body}}</main></body></html>
        """, "text/html; charset=utf-8", statusCode: status);
}
