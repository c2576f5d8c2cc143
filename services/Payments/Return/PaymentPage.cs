using System.Text.Encodings.Web;

namespace Aerona.Payments.Return;

/// <summary>A plain page of our own for payers whose booking named no other.</summary>
internal static class PaymentPage
{
    public static IResult Show(string title, string sentence, Payment? payment, int status = 200)
    {
        var details = payment is null
            ? ""
            : $"<dl><dt>Booking</dt><dd>{Safe(payment.Locator)}</dd><dt>For</dt><dd>{Safe(payment.Description)}</dd><dt>Price</dt><dd>{Safe(payment.Price.ToString())}</dd></dl>";
        return Results.Content(
            $$$"""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{{Safe(title)}}}</title>
            <style>
            body{margin:0;min-height:100vh;display:grid;place-items:center;background:#eef3f8;color:#13233a;font:17px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
            main{background:#fff;border:1px solid #dbe3ee;border-radius:16px;padding:2rem;margin:1rem;max-width:32rem;box-sizing:border-box}
            p.brand{font-weight:800;letter-spacing:.02em;color:#0f4c81;margin:0 0 1.5rem}h1{font-size:1.5rem;line-height:1.25;margin:0 0 .6rem}p{margin:.4rem 0}
            dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.25rem;margin:1.5rem 0 0;padding-top:1.25rem;border-top:1px solid #dbe3ee}
            dt{color:#5c6b80}dd{margin:0;font-weight:600;overflow-wrap:anywhere}@media(max-width:480px){main{padding:1.4rem}}
            </style></head><body><main><p class="brand">Aerona</p><h1>{{{Safe(title)}}}</h1><p>{{{Safe(sentence)}}}</p>{{{details}}}</main></body></html>
            """,
            "text/html; charset=utf-8", statusCode: status);
    }

    private static string Safe(string text) => HtmlEncoder.Default.Encode(text);
}
