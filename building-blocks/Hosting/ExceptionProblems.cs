using Aerona.Persistence;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Aerona.Hosting;

/// <summary>Turns what a request threw into a problem: the caller's fault with its place, our own without a word about our insides.</summary>
internal sealed partial class ExceptionProblems(ILogger<ExceptionProblems> log) : IExceptionHandler
{
    private const int ClientClosedRequest = 499;
    private const string RetryAfterSeconds = "2";

    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = ClientClosedRequest;   // nobody is there to read more
            return true;
        }

        var problem = exception switch
        {
            BadHttpRequestException bad => BadRequests.Explain(context, bad),
            DbUpdateConcurrencyException => Idempotency.Conflict(),
            _ when DatabaseErrors.IsDuplicate(exception) => Idempotency.Conflict(),   // somebody else made the same at the same moment
            _ when DatabaseErrors.IsUnreachable(exception) => DatabaseUnavailable(context, exception),
            _ => null,
        };
        if (problem is null)
        {
            LogUnhandled(exception, context.Request.Method, PathsThatOpen.Noted(context.Request.Path));
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            problem = Problems.OfStatus(context);
        }

        await problem.ExecuteAsync(context);
        return true;
    }

    private ProblemHttpResult DatabaseUnavailable(HttpContext context, Exception exception)
    {
        LogNoDatabase(context.Request.Method, PathsThatOpen.Noted(context.Request.Path), exception.GetBaseException().Message);
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return Problems.Refused(
            StatusCodes.Status503ServiceUnavailable, "database.unavailable", "Our database cannot be reached right now; the same request may succeed shortly.", true);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path}: the database cannot be reached: {Reason}")]
    private partial void LogNoDatabase(string method, string path, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private partial void LogUnhandled(Exception exception, string method, string path);
}
