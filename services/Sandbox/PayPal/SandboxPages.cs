using System.Text;
using System.Text.Encodings.Web;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Sandbox.PayPal;

/// <summary>The pages people see: approve, list of orders, one order. One style sheet inside, nothing loaded from elsewhere.</summary>
internal static class SandboxPages
{
    private const int Listed = 200;

    public static void MapSandboxPages(this RouteGroupBuilder paypal)
    {
        paypal.MapGet("/", async (SandboxDbContext db, PayPalSandboxOptions options, CancellationToken cancellationToken) => Html(await IndexAsync(db, options, cancellationToken)));
        paypal.MapGet("/orders/{orderId}", async (string orderId, SandboxDbContext db, CancellationToken cancellationToken) =>
            await OrderAsync(db, orderId, cancellationToken) is { } page ? Html(page) : Html(Sorry("There is no such order."), 404));
    }

    public static IResult Html(string page, int status = 200) => Results.Content(page, "text/html; charset=utf-8", statusCode: status);

    /// <summary>A page with one sentence.</summary>
    public static string Sorry(string sentence) => Page("PayPal sandbox", $"""<section class="card narrow"><h1>{Safe(sentence)}</h1><p><a href="/sandbox/paypal">All orders</a></p></section>""");

    /// <summary>Where the payer approves, as whoever she likes to be.</summary>
    public static string Checkout(PayPalOrder order, bool lapsed)
    {
        if (order.Status == "COMPLETED" || lapsed)
        {
            return Sorry(lapsed ? "This order has lapsed: nobody approved it for three hours." : "This order is paid.");
        }

        var personas = new StringBuilder();
        foreach (var persona in Persona.All)
        {
            personas.Append($"""
                <label class="persona"><input type="radio" name="payer" value="{persona.Code}"{(persona.Code == (order.Payer ?? "happy") ? " checked" : "")}>
                <span><b>{persona.Code}</b><small>{Safe(persona.Says)}</small></span></label>
                """);
        }

        return Page("Pay with PayPal (sandbox)", $"""
            <form class="card narrow" method="post" action="/sandbox/paypal/checkoutnow">
              <p class="muted">You pay</p>
              <h1 class="amount">{Safe(order.Amount.ToString())}</h1>
              <p>{Safe(order.Description ?? "An order")}</p>
              <dl><dt>Reference</dt><dd>{Safe(order.ReferenceId)}</dd><dt>Order</dt><dd><code>{order.Id}</code></dd></dl>
              <h2>Who is paying?</h2>
              <p class="muted">The payer decides what happens next. No real money moves.</p>
              <input type="hidden" name="token" value="{order.Id}">
              <div class="personas">{personas}</div>
              <div class="actions">
                <button name="decision" value="approve">Approve</button>
                <button name="decision" value="cancel" class="quiet">Cancel and go back</button>
              </div>
            </form>
            """);
    }

    private static async Task<string> IndexAsync(SandboxDbContext db, PayPalSandboxOptions options, CancellationToken cancellationToken)
    {
        var orders = await db.Orders.AsNoTracking().OrderByDescending(order => order.CreatedAt).Take(Listed).ToListAsync(cancellationToken);
        var ids = orders.Select(order => order.Id).ToList();
        var authorizations = await db.Authorizations.AsNoTracking().Where(one => one.ParentId == null && ids.Contains(one.OrderId)).ToDictionaryAsync(one => one.OrderId, cancellationToken);
        var captures = (await db.Captures.AsNoTracking().Where(one => ids.Contains(one.OrderId)).ToListAsync(cancellationToken)).ToLookup(one => one.OrderId);
        var sums = new StringBuilder();
        foreach (var books in await BooksApi.SumsAsync(db, cancellationToken))
        {
            sums.Append($"""
                <tr><th>{books.Authorised.Currency}</th><td>{books.Authorised.ToAmountString()}</td><td>{books.Voided.ToAmountString()}</td>
                <td>{books.Captured.ToAmountString()}</td><td>{books.Refunded.ToAmountString()}</td><td>{books.Open.ToAmountString()}</td></tr>
                """);
        }

        var rows = new StringBuilder();
        foreach (var order in orders)
        {
            var money = captures[order.Id].LastOrDefault()?.Status is { } taken ? "capture " + taken
                : authorizations.GetValueOrDefault(order.Id)?.Status is { } held ? "authorisation " + held : "";
            rows.Append($"""
                <tr><td><a href="/sandbox/paypal/orders/{order.Id}"><code>{order.Id}</code></a></td><td>{Safe(order.ReferenceId)}</td><td class="right">{order.Amount}</td>
                <td>{State(order.Status)}</td><td>{Safe(money.ToLowerInvariant())}</td><td>{order.Payer}</td><td>{PayPalViews.Time(order.CreatedAt)}</td></tr>
                """);
        }

        return Page("PayPal sandbox", $"""
            <section class="card"><h1>Books</h1><p class="muted">What this PayPal says it holds and took. No real money moves.</p>
            <div class="scroll"><table class="figures"><thead><tr><th></th><th>authorised</th><th>voided</th><th>captured</th><th>refunded</th><th>open</th></tr></thead>
            <tbody>{(sums.Length == 0 ? "<tr><td colspan=6>Nothing yet.</td></tr>" : sums)}</tbody></table></div></section>
            <section class="card"><h1>Orders</h1><p class="muted">The last {Listed}, newest first.</p><div class="scroll"><table>
            <thead><tr><th>order</th><th>reference</th><th class="right">amount</th><th>state</th><th>money</th><th>payer</th><th>made (UTC)</th></tr></thead>
            <tbody>{(rows.Length == 0 ? "<tr><td colspan=7>No orders yet.</td></tr>" : rows)}</tbody></table></div></section>
            <section class="card"><h1>Payers</h1><p class="muted">Chosen on the approval page, or by
            <code>POST /sandbox/paypal/checkout/{"{order}"}/approve {"{\"payer\":\"happy\"}"}</code>.</p>
            <dl>{string.Concat(Persona.All.Select(persona => $"<dt>{persona.Code}</dt><dd>{Safe(persona.Says)}</dd>"))}</dl></section>
            <section class="card"><h1>What PayPal does by itself</h1><p class="muted">On the page of an order, or by a script; its webhook goes out with it.</p>
            <dl><dt>decide</dt><dd>What <b>review</b>, <b>capture-pending</b> and <b>refund-pending</b> leave open is accepted or denied:
            <code>POST /sandbox/paypal/checkout/{"{order}"}/decision {"{\"accept\":true}"}</code> or <code>false</code>.</dd>
            <dt>void</dt><dd>The reservation is given back, as when it lapses: <code>POST /sandbox/paypal/checkout/{"{order}"}/void</code>.</dd>
            <dt>lapse</dt><dd>A reservation is honoured for {Span(options.HonourPeriod)} (<code>Sandbox:PayPal:HonourPeriod</code>); from then on it can be renewed, once, and is honoured as
            long again. PayPal still tries to capture one that is not honoured any more; of payers whose reservation is four days old at once the money is gone by then. After 29 days
            PayPal voids it.</dd>
            <dt>fail</dt><dd>The next call of an operation fails, whoever pays: <code>POST /sandbox/paypal/faults {"{\"operation\":\"orders.create\",\"fault\":\"timeoutAfter\"}"}</code>;
            faults are <code>slow</code>, <code>timeoutBefore</code>, <code>timeoutAfter</code>, <code>errorAfter</code>, <code>busy</code>.</dd></dl></section>
            """);
    }

    private static async Task<string?> OrderAsync(SandboxDbContext db, string orderId, CancellationToken cancellationToken)
    {
        var order = await db.Orders.AsNoTracking().SingleOrDefaultAsync(order => order.Id == orderId, cancellationToken);
        if (order is null || await BooksApi.OfOrderAsync(db, orderId, cancellationToken) is not { } view)
        {
            return null;
        }

        var authorizations = await db.Authorizations.AsNoTracking().Where(one => one.OrderId == orderId).OrderBy(one => one.CreatedAt).ToListAsync(cancellationToken);
        var pending = authorizations.Any(one => one.Status == "PENDING")
            || await db.Captures.AnyAsync(one => one.OrderId == orderId && one.Status == "PENDING", cancellationToken)
            || await db.Refunds.AnyAsync(one => view.RefundIds.Contains(one.Id) && one.Status == "PENDING", cancellationToken);
        var sent = new StringBuilder();
        foreach (var delivery in await db.Deliveries.AsNoTracking().Where(one => one.OrderId == orderId).OrderBy(one => one.Id).ToListAsync(cancellationToken))
        {
            sent.Append($"<tr><td>{delivery.EventType}</td><td>{delivery.Attempts}</td><td>{Safe(delivery.LastAnswer ?? "waiting")}</td><td>{(delivery.DoneAt is { } at ? PayPalViews.Time(at) : "")}</td></tr>");
        }

        var decide = pending
            ? $"""
               <form method="post" action="/sandbox/paypal/decision" class="actions"><input type="hidden" name="token" value="{order.Id}">
               <button name="decision" value="accept">Accept what waits</button><button name="decision" value="deny" class="quiet">Deny it</button></form>
               """
            : "";
        var giveBack = authorizations.Any(one => one.IsLive)
            ? $"""
               <form method="post" action="/sandbox/paypal/decision" class="actions"><input type="hidden" name="token" value="{order.Id}">
               <button name="decision" value="void" class="quiet">Void the reservation, as PayPal does when it lapses</button></form>
               """
            : "";
        var reserved = string.Join("<br>", authorizations.Select(one =>
            $"{(one.ParentId is null ? "" : "renewed: ")}{one.Status} <code>{one.Id}</code>, honoured until {PayPalViews.Time(one.HonouredUntil)}, lapses {PayPalViews.Time(one.ExpiresAt)}"));
        var approve = order.Status is "CREATED" or "PAYER_ACTION_REQUIRED" ? $"""<p><a href="/sandbox/paypal/checkoutnow?token={order.Id}">Approve or cancel it</a></p>""" : "";
        return Page($"Order {order.Id}", $"""
            <section class="card"><p><a href="/sandbox/paypal">All orders</a></p><h1>{Safe(order.ReferenceId)} · {order.Amount}</h1>{State(order.Status)}{approve}{decide}{giveBack}
            <dl><dt>Order</dt><dd><code>{order.Id}</code></dd><dt>Description</dt><dd>{Safe(order.Description ?? "")}</dd><dt>Custom id</dt><dd><code>{Safe(order.CustomId ?? "")}</code></dd>
            <dt>Payer</dt><dd>{order.Payer}</dd><dt>Authorisation</dt><dd>{reserved}</dd>
            <dt>Captures</dt><dd><code>{string.Join(' ', view.CaptureIds)}</code></dd><dt>Authorised</dt><dd>{view.Books.Authorised}</dd><dt>Voided</dt><dd>{view.Books.Voided}</dd>
            <dt>Captured</dt><dd>{view.Books.Captured}</dd><dt>Refunded</dt><dd>{view.Books.Refunded}</dd><dt>Open</dt><dd>{view.Books.Open}</dd></dl></section>
            <section class="card"><h1>Webhooks</h1><div class="scroll"><table><thead><tr><th>event</th><th>tries</th><th>last answer</th><th>done (UTC)</th></tr></thead>
            <tbody>{(sent.Length == 0 ? "<tr><td colspan=4>None.</td></tr>" : sent)}</tbody></table></div></section>
            """);
    }

    private static string State(string status) => $"""<span class="state {status.ToLowerInvariant().Replace('_', '-')}">{status.ToLowerInvariant().Replace('_', ' ')}</span>""";

    private static string Span(TimeSpan span) => span == TimeSpan.FromDays(3) ? "three days" : span.ToString("c", System.Globalization.CultureInfo.InvariantCulture);

    private static string Safe(string text) => HtmlEncoder.Default.Encode(text);

    private static string Page(string title, string body) => $$$"""
        <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{{Safe(title)}}}</title>
        <style>
        :root{--ink:#10213a;--muted:#5b6b82;--line:#dde4ee;--blue:#0b5cad;--paper:#fff;--ground:#f3f6fb}
        *{box-sizing:border-box}body{margin:0;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:var(--ink);background:var(--ground)}
        header{background:#06294f;color:#fff;padding:.9rem 1.25rem;display:flex;gap:.75rem;align-items:baseline}header a{color:#fff;text-decoration:none;font-weight:700;font-size:1.1rem}
        header small{background:#ffd24a;color:#3d2e00;border-radius:99px;padding:.1rem .6rem;font-weight:600}
        main{max-width:1180px;margin:1.5rem auto;padding:0 1rem;display:grid;gap:1.25rem}.card{background:var(--paper);border:1px solid var(--line);border-radius:14px;padding:1.5rem;min-width:0}
        .narrow{max-width:34rem;width:100%;margin:0 auto}h1{font-size:1.35rem;margin:.1rem 0 .5rem}h2{font-size:1.05rem;margin:1.5rem 0 .2rem}.amount{font-size:2.2rem;letter-spacing:-.02em}
        .muted,small{color:var(--muted)}a{color:var(--blue)}code{font-size:.9em;overflow-wrap:anywhere}dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.2rem;margin:1rem 0}
        dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.93rem}
        th,td{text-align:left;padding:.5rem .8rem .5rem 0;border-bottom:1px solid var(--line);white-space:nowrap}thead th{color:var(--muted);font-weight:600}
        .right,.figures td,.figures thead th{text-align:right}.figures td,.right{font-variant-numeric:tabular-nums}
        .personas{max-height:20rem;overflow-y:auto;border:1px solid var(--line);border-radius:10px;margin-top:.6rem}
        .persona{display:flex;gap:.75rem;padding:.6rem .9rem;border-bottom:1px solid var(--line);cursor:pointer}.persona:last-child{border:0}.persona:has(:checked){background:#eaf3ff}
        .persona small{display:block}.persona input{margin-top:.35rem;accent-color:var(--blue)}
        .actions{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.25rem}button{flex:1 1 12rem;font:inherit;font-weight:600;padding:.8rem 1rem;border-radius:99px;border:1px solid var(--blue);background:var(--blue);color:#fff;cursor:pointer}
        button.quiet{background:#fff;color:var(--blue)}button:focus-visible,a:focus-visible{outline:3px solid #ffd24a;outline-offset:2px}
        .state{display:inline-block;border-radius:99px;padding:.05rem .65rem;font-size:.85rem;background:#e7ecf4}.state.completed{background:#d9f2e3;color:#0c5a31}.state.approved{background:#fff1cc;color:#6a4a00}
        @media(max-width:480px){main{margin:1rem auto}.card{padding:1.1rem}dl{grid-template-columns:1fr;gap:0 0}dd{margin-bottom:.6rem}}
        </style></head><body><header><a href="/sandbox/paypal">PayPal</a><small>sandbox</small></header><main>{{{body}}}</main></body></html>
        """;
}
