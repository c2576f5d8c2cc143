using System.Net.Http.Headers;
using Aerona.Hosting;
using Microsoft.Extensions.Options;

namespace Aerona.Gateway.Forwarding;

/// <summary>Reads from the services for what the gateway answers itself.</summary>
internal sealed class ServiceClient(HttpClient http, IOptions<ServicesOptions> services) : IDisposable
{
    /// <summary>The answer of the first replica that gives one below 500; null when none does.</summary>
    /// <param name="service">One of <see cref="Routing.Services"/>.</param>
    /// <param name="path">Without a slash at its beginning; with the query.</param>
    /// <param name="authorization">The caller's own header, passed on; null when there is none.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<HttpResponseMessage?> GetAsync(string service, string path, string? authorization, CancellationToken cancellationToken)
    {
        foreach (var address in services.Value.Of(service))
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, path));
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
                request.Headers.TryAddWithoutValidation(RequestIds.Header, RequestIds.Current);
                var answer = await http.SendAsync(request, cancellationToken);
                if ((int)answer.StatusCode < StatusCodes.Status500InternalServerError)
                {
                    return answer;
                }

                answer.Dispose();
            }
            catch (Exception problem) when (problem is HttpRequestException || (problem is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // The next replica may answer; that none does is what null says.
            }
        }

        return null;
    }

    public void Dispose() => http.Dispose();
}
