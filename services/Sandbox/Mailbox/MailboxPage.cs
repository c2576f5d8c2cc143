using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using MimeKit;

namespace Aerona.Sandbox.Mailbox;

/// <summary>The mailbox as a page: a list at the left, the open mail at the right. No script.</summary>
internal static class MailboxPage
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public static string Encode(string text) => Encoder.Encode(text);

    public static string Render(IReadOnlyList<MailSummary> mails, string? to, (string Id, MimeMessage Message)? open) =>
        $$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Mailbox · Aerona sandbox</title>
        <style>{{Style}}</style>
        </head>
        <body>
        <header>
          <a class="brand" href="/sandbox/mailbox">Aerona <span>sandbox mailbox</span></a>
          <form action="/sandbox/mailbox" method="get" role="search">
            <label class="hidden" for="to">Recipient</label>
            <input id="to" name="to" type="search" placeholder="Recipient’s address" value="{{Encode(to ?? "")}}">
            <button>Show</button>
          </form>
        </header>
        <div class="panes">
          <nav aria-label="Mails">{{List(mails, to, open?.Id)}}</nav>
          <main>{{(open is var (id, message) ? Mail(id, message) : Nothing)}}</main>
        </div>
        </body>
        </html>
        """;

    private const string Nothing = """<div class="empty"><h1>No mail here</h1><p>What Aerona sends to travellers appears on this page instead of leaving the machine. Book a flight with <code>./aerona demo</code>, then reload.</p></div>""";

    private static string List(IReadOnlyList<MailSummary> mails, string? to, string? openId)
    {
        var html = new StringBuilder($"<p class=\"count\">{(mails.Count == MailFolder.Most ? $"Newest {mails.Count}" : mails.Count == 1 ? "1 mail" : $"{mails.Count} mails")} · <a href=\"{Address(to, null)}\">Reload</a></p><ul>");
        foreach (var mail in mails)
        {
            html.Append(CultureInfo.InvariantCulture, $"""
                <li><a href="{Address(to, mail.Id)}"{(mail.Id == openId ? " aria-current=\"true\"" : "")}><span class="who">{Encode(mail.To)}</span><time datetime="{mail.At:O}">{mail.At:d MMM HH:mm}</time><span class="what">{Encode(mail.Subject)}</span></a></li>
                """);
        }

        return html.Append("</ul>").ToString();
    }

    private static string Mail(string id, MimeMessage message)
    {
        var address = $"/sandbox/mailbox/messages/{Uri.EscapeDataString(id)}";
        var attachments = message.Attachments.OfType<MimePart>().Select((part, index) =>
            $"<a class=\"file\" href=\"{address}/attachments/{index + 1}\">{Encode(part.FileName ?? "attachment")} <span>{Size(part)}</span></a>").ToList();
        return $"""
            <article>
            <h1>{Encode(message.Subject ?? "")}</h1>
            <dl><dt>From</dt><dd>{Encode(message.From.ToString())}</dd><dt>To</dt><dd>{Encode(message.To.ToString())}</dd><dt>Date</dt><dd>{message.Date.UtcDateTime.ToString("dddd, d MMMM yyyy, HH:mm:ss", CultureInfo.InvariantCulture)} UTC</dd></dl>
            <p class="tools">{string.Concat(attachments)}<a href="{address}" target="_blank" rel="noopener">HTML alone</a><a href="{address}/text" target="_blank" rel="noopener">Text</a><a href="{address}/source" target="_blank" rel="noopener">Source</a></p>
            <iframe title="The mail as HTML" sandbox="" src="{address}"></iframe>
            </article>
            """;
    }

    private static string Address(string? to, string? id)
    {
        var query = string.Join('&', new[] { ("to", to), ("message", id) }.Where(part => !string.IsNullOrEmpty(part.Item2)).Select(part => $"{part.Item1}={Uri.EscapeDataString(part.Item2!)}"));
        return Encode(query.Length == 0 ? "/sandbox/mailbox" : $"/sandbox/mailbox?{query}");
    }

    private static string Size(MimePart part)
    {
        using var measured = new MimeKit.IO.MeasuringStream();
        part.Content?.DecodeTo(measured);
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, measured.Length / 1024)} KB");
    }

    private const string Style = """
        *{box-sizing:border-box}
        body{margin:0;height:100vh;display:flex;flex-direction:column;font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;color:light-dark(#16202e,#e6edf5);background:light-dark(#eef2f7,#0d1621)}
        header{display:flex;gap:16px;align-items:center;justify-content:space-between;flex-wrap:wrap;background:#0b2545;border-bottom:3px solid #d94a1e;padding:12px 20px}
        .brand{color:#fff;text-decoration:none;font-weight:700;font-size:19px}.brand span{font-weight:400;color:#b9cfe8;margin-left:6px}
        form{display:flex;gap:8px}input,button{font:inherit;border-radius:8px;padding:7px 12px;border:1px solid #3b5a80}
        input{background:#14335b;color:#fff;width:min(260px,56vw)}input::placeholder{color:#b9cfe8}button{background:#fff;color:#0b2545;font-weight:600;border-color:#fff;cursor:pointer}
        .panes{flex:1;min-height:0;display:grid;grid-template-columns:minmax(250px,340px) 1fr}
        nav{overflow:auto;border-right:1px solid light-dark(#d6dee8,#26384d);background:light-dark(#f8fafc,#111d2a)}
        .count{margin:0;padding:10px 20px;color:light-dark(#5c6b7f,#9db0c6);font-size:13px}.count a{color:inherit}
        ul{list-style:none;margin:0;padding:0}
        li a{display:grid;grid-template-columns:1fr auto;gap:2px 10px;padding:12px 20px;border-top:1px solid light-dark(#e3e9f0,#1f3042);border-left:3px solid transparent;text-decoration:none;color:inherit}
        li a:hover{background:light-dark(#eef3f9,#182738)}li a[aria-current]{background:light-dark(#fff,#1c2d41);border-left-color:#d94a1e}
        .who{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;font-weight:600;font-size:14px}time{color:light-dark(#5c6b7f,#9db0c6);font-size:12.5px}.what{grid-column:1/-1;font-size:13.5px;color:light-dark(#3d4b5e,#bccadb)}
        main{min-width:0;overflow:auto;display:flex}article{flex:1;display:flex;flex-direction:column;padding:22px 26px 0;min-height:100%}
        h1{font-size:21px;line-height:1.3;margin:0 0 10px}dl{display:grid;grid-template-columns:auto 1fr;gap:2px 12px;margin:0;font-size:14px}dt{color:light-dark(#5c6b7f,#9db0c6)}dd{margin:0;overflow-wrap:anywhere}
        .tools{display:flex;flex-wrap:wrap;gap:8px;margin:14px 0}.tools a{font-size:13.5px;text-decoration:none;padding:5px 12px;border-radius:8px;border:1px solid light-dark(#c8d3e0,#31465f);color:light-dark(#1f5fa8,#8fc0f5);background:light-dark(#fff,#152232)}
        .tools .file{font-weight:600}.file span{font-weight:400;color:light-dark(#5c6b7f,#9db0c6)}
        iframe{flex:1;min-height:560px;width:100%;border:1px solid light-dark(#d6dee8,#26384d);border-bottom:0;border-radius:12px 12px 0 0;background:light-dark(#fff,#0d1621)}
        .empty{margin:auto;max-width:440px;text-align:center;padding:40px;color:light-dark(#5c6b7f,#9db0c6)}code{background:light-dark(#e3e9f0,#1f3042);padding:2px 6px;border-radius:5px}
        a:focus-visible,input:focus-visible,button:focus-visible{outline:3px solid #f2a285;outline-offset:1px}
        .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        @media (max-width:720px){body{height:auto}.panes{grid-template-columns:1fr}nav{border-right:0;max-height:38vh;border-bottom:1px solid light-dark(#d6dee8,#26384d)}article{padding:18px 14px 0}iframe{min-height:75vh}}
        """;
}
