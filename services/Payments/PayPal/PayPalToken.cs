using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Serialization;

namespace Aerona.Payments.PayPal;

/// <summary>PayPal's access token, fetched when needed and renewed a minute before it ends; one for the process.</summary>
internal sealed class PayPalTokens(IHttpClientFactory clients, PayPalOptions options, TimeProvider time)
{
    public const string Client = "paypal-token";
    private readonly SemaphoreSlim fetching = new(1, 1);
    private volatile Token? current;

    private sealed record Token(string Value, DateTimeOffset UsableUntil);

    private sealed record TokenAnswer([property: JsonPropertyName("access_token")] string? AccessToken, [property: JsonPropertyName("expires_in")] int ExpiresIn);

    /// <summary>A token that is good now; throws <see cref="HttpRequestException"/> when PayPal gives none.</summary>
    public async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        if (Usable() is { } known)
        {
            return known;
        }

        await fetching.WaitAsync(cancellationToken);
        try
        {
            return Usable() ?? (current = await FetchAsync(cancellationToken)).Value;
        }
        finally
        {
            fetching.Release();
        }
    }

    /// <summary>PayPal refused it: the next call fetches another, unless somebody did already.</summary>
    public void Forget(string token)
    {
        if (current is { } known && known.Value == token)
        {
            current = null;
        }
    }

    private string? Usable() => current is { } token && time.GetUtcNow() < token.UsableUntil ? token.Value : null;

    private async Task<Token> FetchAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, options.BaseUrl.TrimEnd('/') + "/v1/oauth2/token")
        {
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]),
        };
        request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.ClientId}:{options.ClientSecret}")));
        var asked = time.GetUtcNow();
        using var response = await clients.CreateClient(Client).SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<TokenAnswer>(cancellationToken);
        return answer?.AccessToken is { Length: > 0 } value
            ? new(value, asked.AddSeconds(Math.Max(answer.ExpiresIn - 60, answer.ExpiresIn / 2)))
            : throw new HttpRequestException("PayPal gave no access token");
    }
}

/// <summary>Puts the token on every call; a refused one is renewed once.</summary>
internal sealed class PayPalTokenHandler(PayPalTokens tokens) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var token = await tokens.GetAsync(cancellationToken);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized)
        {
            return response;
        }

        response.Dispose();
        tokens.Forget(token);   // a 401 did nothing at PayPal, so the call is sent again whatever it is
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tokens.GetAsync(cancellationToken));
        return await base.SendAsync(request, cancellationToken);
    }
}
