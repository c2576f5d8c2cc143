using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Aerona.Bookings.Cancellation;
using Aerona.Bookings.Status;
using Aerona.Wording;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aerona.Bookings.Manage;

/// <summary>A booking's own page as HTML. No names: whoever got the mail may have passed it on.</summary>
internal static partial class ManagePage
{
    // While something is asked of others: the page looks again by itself.
    private const int LookAgainSeconds = 3;

    public static ContentHttpResult Unknown() => Page(PageWords.English, PageWords.English.UnknownTitle, $"<p>{Safe(PageWords.English.UnknownText)}</p>", 404, null);

    /// <summary>What a mailed link shows first: nothing about any booking, and a button.</summary>
    public static ContentHttpResult AskToOpen(string code, PageWords words) =>
        Page(words, words.OpenTitle, $"<p>{Safe(words.OpenText)}</p>{Button($"/manage/open/{Uri.EscapeDataString(code)}", words.Open)}", 200, null);

    /// <param name="view">The booking.</param>
    /// <param name="cancellation">The newest that was asked for; null: none.</param>
    /// <param name="locale">The traveller's, BCP 47.</param>
    /// <param name="code">The link's; its forms lead back to it.</param>
    /// <param name="justSent">Whether the traveller has pressed a button this moment, so that what is shown is about to change.</param>
    public static ContentHttpResult Of(BookingView view, CancellationView? cancellation, string locale, string code, bool justSent)
    {
        var words = PageWords.In(locale);
        var (title, body, looksAgain) = justSent ? (words.OneMoment, "", true) : Now(view, cancellation, words, code);
        return Page(words, title, body + Facts(view, words), 200, looksAgain ? $"/manage/{code}" : null);
    }

    private static (string Title, string Body, bool LooksAgain) Now(BookingView view, CancellationView? cancellation, PageWords words, string code)
    {
        if (view.PriceChange is { } change && view.AvailableActions.Contains(BookingAction.DecidePrice))
        {
            var decision = $"/manage/{code}/price-decisions/{change.OfferId}";
            return (words.Decide, $"""
                <table><tr><td>{Safe(words.OldPrice)}</td><td>{Safe(change.OldTotal.ToString())}</td></tr><tr><td>{Safe(words.NewPrice)}</td><td><b>{Safe(change.NewTotal.ToString())}</b></td></tr></table>
                <p>{Until(words.DecideBefore, change.Until, view)} {Safe(words.LeaveMeans)}</p>
                {Button($"{decision}/accept", words.Take)} {Button($"{decision}/decline", words.Leave, "quiet")}
                """, false);
        }

        var title = view.State == BookingStage.CaptureRecovery ? words.Ticketed : words.NotPaid;
        if (view.ApprovalLink is { } link)
        {
            return (title, $"<p>{Until(words.PayBefore, view.Until, view)}</p><p><a class=\"button\" href=\"{Safe(link)}\">{Safe(words.PayLink)}</a></p>", false);
        }

        if (view.AvailableActions.Contains(BookingAction.RetryPayment))
        {
            return (title, $"<p>{Until(words.PayBefore, view.Until, view)}</p>{Button($"/manage/{code}/payments", words.PayAgain)}", false);
        }

        if (view.State is BookingStage.Confirmed or BookingStage.Cancelled)
        {
            var (about, body, looksAgain) = Cancelling(view, cancellation, words, code);
            return (about ?? (view.State == BookingStage.Cancelled ? words.Over : words.Confirmed), body, looksAgain);
        }

        return view.State switch
        {
            BookingStage.Completed => (words.Over, "", false),
            BookingStage.Rejected or BookingStage.Expired or BookingStage.PaymentFailed or BookingStage.CancelledBeforePurchase => (words.Ended, "", false),
            BookingStage.Compensating => (words.Undoing, "", false),
            BookingStage.ParkedForStaff => (words.WithStaff, $"<p>{Safe(words.NothingToDo)}</p>", false),
            _ => (words.OneMoment, $"<p>{Safe(words.NothingToDo)}</p>", true),
        };
    }

    private static string Facts(BookingView view, PageWords words)
    {
        var html = new StringBuilder($"<dl><dt>{Safe(words.Reference)}</dt><dd>{Safe(view.Locator)}</dd>");
        foreach (var flight in view.Segments)
        {
            html.Append($"<dt>{Safe(flight.Flight.ToString())}</dt><dd>{Safe(Words.City(flight.Origin))} – {Safe(Words.City(flight.Destination))}<br>")
                .Append($"{Safe(Words.Time(flight.DepartsLocal))} {Safe(Day(flight.DepartsLocal, words))}</dd>");
        }

        return html.Append($"<dt>{Safe(words.Price)}</dt><dd>{Safe(view.Money.Total.ToString())}</dd></dl>").ToString();
    }

    /// <summary>By the clock where the journey begins, with its zone.</summary>
    private static string Until(string sentence, DateTimeOffset? until, BookingView view)
    {
        if (until is not { } end)
        {
            return "";
        }

        var first = view.Segments[0];
        var zone = TimeZoneInfo.FindSystemTimeZoneById(first.DepartureZone);
        var local = DateTime.SpecifyKind(TimeZoneInfo.ConvertTime(end, zone).DateTime, DateTimeKind.Unspecified);
        return Safe(string.Format(
            CultureInfo.InvariantCulture, sentence, $"{Words.Time(local)} {local.ToString("dd/MM/yyyy", CultureInfo.InvariantCulture)} ({Words.Zone(first.DepartureZone, local, end)})"));
    }

    private static string Day(DateTime local, PageWords words) =>
        words == PageWords.English ? Words.Day(local) : local.ToString("dd/MM/yyyy", CultureInfo.InvariantCulture);

    private static string Button(string address, string text, string kind = "button") =>
        $"<form method=\"post\" action=\"{Safe(address)}\"><button class=\"{kind}\">{Safe(text)}</button></form>";

    private static string Safe(string text) => HtmlEncoder.Default.Encode(text);

    private static ContentHttpResult Page(PageWords words, string title, string body, int status, string? lookAgain) => TypedResults.Content(
        $$"""
        <!doctype html><html lang="{{words.Language}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">{{(lookAgain is null ? "" : $"<meta http-equiv=\"refresh\" content=\"{LookAgainSeconds};url={Safe(lookAgain)}\">")}}<title>{{Safe(title)}} · Aerona</title><style>
        body{font:17px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;margin:0;background:light-dark(#eef2f7,#0d1621);color:light-dark(#16202e,#eaf0f7)}
        header{background:#0b2545;color:#fff;border-bottom:3px solid #d94a1e;padding:18px 24px;font-weight:700;font-size:20px}
        main{max-width:34rem;margin:1.5rem auto;padding:1.5rem 2rem 2rem;background:light-dark(#fff,#15202e);border-radius:12px;box-sizing:border-box}h1{font-size:1.5rem;line-height:1.25;margin:.2em 0 .6em}
        .button{display:inline-block;background:#1f5fa8;color:#fff;border:0;border-radius:8px;padding:.7em 1.3em;font:inherit;font-weight:700;text-decoration:none;cursor:pointer}
        .quiet{background:none;color:inherit;border:1px solid light-dark(#b9c6d8,#3c5069);border-radius:8px;padding:.7em 1.3em;font:inherit;cursor:pointer}form{display:inline-block;margin:.4em .6em .4em 0}
        td{padding:.2em 1.5em .2em 0}.wide{overflow-x:auto}.lines{font-size:.85em;border-collapse:collapse;margin:.5em 0 1em}.lines th{text-align:left;font-weight:600}.lines td,.lines th{padding:.25em 1em .25em 0;border-bottom:1px solid light-dark(#dde4ed,#2c3e54)}
        .lines td:nth-child(2),.lines td:nth-child(3){white-space:nowrap}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.4rem 1.25rem;margin:1.5rem 0 0;padding-top:1.25rem;border-top:1px solid light-dark(#dde4ed,#2c3e54)}
        dt{color:light-dark(#5c6b7f,#a3b4c8)}dd{margin:0;font-weight:600}@media(max-width:520px){main{margin:0;border-radius:0;padding:1.2rem} }
        </style></head><body><header>Aerona</header><main><h1>{{Safe(title)}}</h1>{{body}}</main></body></html>
        """, "text/html; charset=utf-8", statusCode: status);
}
