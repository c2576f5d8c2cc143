using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Aerona.Contracts.Operations;
using Aerona.Operations.Data;
using Aerona.Operations.Tracking;
using Aerona.Reference;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;

namespace Aerona.Operations.DeparturesBoard;

/// <summary>
/// <c>GET /departures/{airport}</c>: the flights that leave an airport in the next hours, as a page for anybody. It looks again every few seconds; without
/// scripts the browser loads it again. <c>GET /departures</c> asks for the airport. In Vietnamese or English, as <c>?locale=</c> or the browser says.
/// </summary>
internal static class DeparturesBoard
{
    private const int Rows = 40;

    private const int RefreshSeconds = 30;

    private static readonly TimeSpan Behind = TimeSpan.FromMinutes(45);

    private static readonly TimeSpan Ahead = TimeSpan.FromHours(24);

    private static readonly string Script = Resource("board.js");

    private static readonly string Style = Resource("board.css");

    public static void MapDeparturesBoard(this WebApplication app)
    {
        var board = app.MapGroup("/departures").AllowAnonymous().ExcludeFromDescription();
        board.MapGet("", (string? airport, HttpContext http) => Ask(airport, BoardWords.For(http.Request), http));
        board.MapGet("/board.js", () => Results.Text(Script, "text/javascript; charset=utf-8"));
        board.MapGet("/board.css", () => Results.Text(Style, "text/css; charset=utf-8"));
        board.MapGet("/{airport}", Show);
    }

    /// <summary>Where an airport's board is.</summary>
    public static string AddressOf(string airport) => $"/departures/{airport}";

    private static IResult Ask(string? airport, BoardWords words, HttpContext http)
    {
        if (airport is not null && Airports.Find(airport.Trim().ToUpperInvariant()) is { } known)
        {
            return Results.Redirect(AddressOf(known.Code) + (http.Request.Query.ContainsKey("locale") ? $"?locale={words.Language}" : ""));
        }

        var problem = airport is null ? "" : $"<p>{Safe(Filled(words.NoSuchAirport, airport))}</p>";
        return Page(http.Response, words, words.Departures, airport is null ? 200 : 404, $"""
            <main><header><h1>{words.Departures}</h1>{OtherLanguage(words, AddressOf("").TrimEnd('/'))}</header>{problem}
            <form action="/departures" method="get"><label for="airport">{words.AskForAirport}</label> <input id="airport" name="airport" maxlength="3" required autocomplete="off" autocapitalize="characters"><input type="hidden" name="locale" value="{words.Language}"> <button>{words.Show}</button></form></main>
            """);
    }

    private static async Task<IResult> Show(string airport, HttpContext http, OperationsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        var words = BoardWords.For(http.Request);
        if (Airports.Find(airport) is not { } origin)
        {
            return Ask(airport, words, http);
        }

        var now = time.GetUtcNow();
        var board = await BoardAsync(origin, words, now, db, cancellationToken);
        http.Response.Headers.Vary = HeaderNames.AcceptLanguage;

        // The board alone decides, not the clock above it: a browser that looks again is told when nothing has changed.
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(board)).AsSpan(0, 12))}\"");
        http.Response.GetTypedHeaders().ETag = tag;
        if (http.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false)))
        {
            return Results.StatusCode(304);
        }

        return Page(http.Response, words, $"{words.Departures} {origin.Code}", 200, $"""
            <main><header><h1>{words.Departures} <span>{Safe(origin.City)} {origin.Code}</span></h1>{OtherLanguage(words, AddressOf(origin.Code))}</header><p class="soft">{Safe(origin.Name)} · {words.LocalTimes} ({Safe(origin.Zone)})</p>
            <div id="board" aria-live="polite" data-again="5">{board}</div></main>
            """, refresh: true);
    }

    private static string OtherLanguage(BoardWords words, string address) =>
        $"<a href=\"{address}?locale={words.OtherLanguage}\" hreflang=\"{words.OtherLanguage}\" lang=\"{words.OtherLanguage}\">{words.OtherName}</a>";

    private static async Task<string> BoardAsync(Airport origin, BoardWords words, DateTimeOffset now, OperationsDbContext db, CancellationToken cancellationToken)
    {
        // By the local dates too, which is what the index knows; a late flight stays while it is on its blocks.
        var (from, until) = (now - TimeSpan.FromDays(1), now + Ahead);
        var (first, last) = (DateOnly.FromDateTime(FlightRules.LocalTime(from, origin.TimeZone)), DateOnly.FromDateTime(FlightRules.LocalTime(until, origin.TimeZone)));
        var since = now - Behind;
        var flights = await db.Flights.AsNoTracking()
            .Where(flight => flight.Origin == origin.Code && flight.DepartsOn >= first && flight.DepartsOn <= last && flight.WasOnSale && flight.DepartsAt < until
                && (flight.DepartsAt > since || (flight.DepartsAt > from && db.Tracks.Any(track => track.FlightId == flight.Id))))
            .OrderBy(flight => flight.DepartsAt).ThenBy(flight => flight.Id).Take(3 * Rows).ToListAsync(cancellationToken);
        var tracks = await db.TracksAsync(flights, cancellationToken);
        var rows = flights.Select(flight => (flight, track: tracks[flight.Id])).Where(row => IsShown(row.track.Status(row.flight), since)).Take(Rows).ToList();
        return rows.Count == 0
            ? $"<p>{words.Nothing}</p>"
            : $"<table><thead><tr><th>{words.Time}</th><th>{words.To}</th><th>{words.Flight}</th><th>{words.Gate}</th><th>{words.Status}</th></tr></thead><tbody>{string.Concat(rows.Select(row => Row(row.flight, row.track, origin, words)))}</tbody></table>";
    }

    private static bool IsShown(FlightStatus status, DateTimeOffset since) =>
        (status.ActualOffBlock ?? status.EstimatedOffBlock ?? status.ScheduledOffBlock) > since;

    private static string Row(DatedFlight flight, FlightTrack track, Airport origin, BoardWords words)
    {
        var status = track.Status(flight);
        var late = status.State is FlightState.Scheduled && status.EstimatedOffBlock - status.ScheduledOffBlock >= TimeSpan.FromMinutes(5);
        var (css, state) = status.State switch
        {
            FlightState.Cancelled => ("bad", words.Cancelled + Because(status)),
            FlightState.Returned => ("bad", words.Returned + Because(status)),
            FlightState.Diverted => ("bad", Filled(words.DivertedTo, status.DivertedTo)),
            FlightState.Scheduled when late => ("late", Filled(words.Now, Clock(status.EstimatedOffBlock!.Value, origin)) + Because(status)),
            FlightState.Scheduled => ("good", words.OnTime),
            _ => ("gone", Filled(words.Departed, Clock(status.ActualOffBlock ?? status.ScheduledOffBlock, origin))),
        };
        var gate = string.Join(" ", new[] { status.DepartureTerminal is { } terminal ? $"T{terminal.TrimStart('T')}" : null, status.DepartureGate }.Where(part => part is not null));
        return $"""
            <tr class="{css}"><td><time datetime="{status.ScheduledOffBlock.UtcDateTime:yyyy-MM-dd'T'HH:mm'Z'}">{flight.DepartsLocal.ToString("HH:mm", CultureInfo.InvariantCulture)}</time></td><td>{Safe(Airports.All[flight.Destination].City)} <span class="soft">{flight.Destination}</span></td><td>{status.Flight}</td><td>{Safe(gate)}</td><td>{Safe(state)}</td></tr>
            """;
    }

    private static string Filled(string words, string? with) => words.Replace("{0}", with, StringComparison.Ordinal);

    private static string Because(FlightStatus status) => status.Reason is { } reason ? $" · {reason}" : "";

    private static string Clock(DateTimeOffset at, Airport airport) => FlightRules.LocalTime(at, airport.TimeZone).ToString("HH:mm", CultureInfo.InvariantCulture);

    private static IResult Page(HttpResponse response, BoardWords words, string title, int status, string body, bool refresh = false)
    {
        response.Headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        response.Headers.CacheControl = "no-cache";
        response.Headers.ContentLanguage = words.Language;
        var again = refresh ? $"<noscript><meta http-equiv=\"refresh\" content=\"{RefreshSeconds}\"></noscript><script src=\"/departures/board.js\" defer></script>" : "";
        return Results.Text($"""
            <!DOCTYPE html>
            <html lang="{words.Language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{Safe(title)}</title><link rel="stylesheet" href="/departures/board.css">{again}</head><body>{body}</body></html>
            """, "text/html; charset=utf-8", Encoding.UTF8, status);
    }

    private static string Safe(string text) => HtmlEncoder.Default.Encode(text);

    private static string Resource(string name)
    {
        using var text = new StreamReader(typeof(DeparturesBoard).Assembly.GetManifestResourceStream(name)!);
        return text.ReadToEnd();
    }
}
