using Aerona.Hosting;
using Yarp.ReverseProxy.Forwarder;

namespace Aerona.Gateway.Forwarding;

/// <summary>What a caller gets when the service behind gave no answer.</summary>
internal static class Unanswered
{
    private const string RetryAfterSeconds = "2";

    public static async Task ExecuteAsync(HttpContext context, IForwarderErrorFeature failure, bool repeatable)
    {
        // The caller's own body was at fault: said as everywhere else.
        if (failure.Exception is { } problem && Find<BadHttpRequestException>(problem) is { } bad)
        {
            throw bad;
        }

        var answer = failure.Error switch
        {
            ForwarderError.RequestTimedOut => Problems.Refused(
                StatusCodes.Status504GatewayTimeout, "gateway.timeout", Advice("The service did not answer in time.", repeatable), repeatable ? true : null),
            ForwarderError.NoAvailableDestinations => Unavailable(),
            ForwarderError.Request when repeatable || Retry.NothingWasSent(failure.Exception) => Unavailable(),
            _ => Problems.Refused(
                StatusCodes.Status502BadGateway, "gateway.no_answer", Advice("The service broke off without an answer.", repeatable), repeatable ? true : null),
        };
        context.Response.Clear();
        if (repeatable || answer.StatusCode == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        }

        await answer.ExecuteAsync(context);
    }

    private static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult Unavailable() => Problems.Refused(
        StatusCodes.Status503ServiceUnavailable, "gateway.service_unavailable", "The service that answers this is not available right now; the same request may succeed shortly.", true);

    private static string Advice(string what, bool repeatable) =>
        repeatable ? $"{what} The same request may be sent again." : $"{what} Look whether it was done before sending it again.";

    private static T? Find<T>(Exception? problem) where T : Exception => problem switch
    {
        null => null,
        T found => found,
        _ => Find<T>(problem.InnerException),
    };
}
