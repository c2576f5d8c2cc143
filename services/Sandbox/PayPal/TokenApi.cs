using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Sandbox.PayPal;

/// <summary>OAuth 2.0 client credentials: <c>POST /v1/oauth2/token</c>.</summary>
internal static class TokenApi
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(9);

    public static void MapToken(this RouteGroupBuilder paypal) => paypal.MapPost("/v1/oauth2/token", GiveToken).DisableAntiforgery();

    private static async Task<IResult> GiveToken(
        HttpContext http, SandboxDbContext db, NextFaults faults, PayPalSandboxOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        switch (faults.Take("oauth2.token"))
        {
            case Fault.None or Fault.Slow: break;
            case Fault.Busy: return Results.Json(PayPalProblem.Busy().Body, statusCode: 429);
            case Fault.ErrorAfter: return Results.Json(PayPalProblem.ServerError().Body, statusCode: 500);
            default: http.Abort(); return Results.Empty;
        }

        if (!AuthenticationHeaderValue.TryParse(http.Request.Headers.Authorization, out var header) || header.Scheme != "Basic"
            || !IsClient(header.Parameter ?? "", options))
        {
            return Results.Json(new { error = "invalid_client", error_description = "Client Authentication failed" }, statusCode: 401);
        }

        if (!http.Request.HasFormContentType || (await http.Request.ReadFormAsync(cancellationToken))["grant_type"] != "client_credentials")
        {
            return Results.Json(new { error = "unsupported_grant_type", error_description = "Grant Type is NULL or unknown" }, statusCode: 400);
        }

        var now = time.GetUtcNow();
        var token = "A21AA" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(48)).Replace('+', '-').Replace('/', '_');
        await db.AccessTokens.Where(old => old.ExpiresAt <= now).ExecuteDeleteAsync(cancellationToken);
        db.AccessTokens.Add(new() { Sha256 = PayPalDesk.Hash(token), ExpiresAt = now + Lifetime });
        await db.SaveChangesAsync(cancellationToken);
        return Results.Json(new
        {
            scope = "https://uri.paypal.com/services/payments/payment/authcapture https://uri.paypal.com/services/payments/refund "
                + "https://uri.paypal.com/services/applications/webhooks",
            access_token = token,
            token_type = "Bearer",
            app_id = "APP-SANDBOX0000000000",
            expires_in = (int)Lifetime.TotalSeconds,
            nonce = $"{PayPalViews.Time(now)}{PayPalIds.New()}",
        });
    }

    private static bool IsClient(string basic, PayPalSandboxOptions options)
    {
        var expected = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.ClientId}:{options.ClientSecret}"));
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(basic), Encoding.UTF8.GetBytes(expected));
    }
}
