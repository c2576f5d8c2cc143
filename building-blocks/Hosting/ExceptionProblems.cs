using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Aerona.Hosting;

/// <summary>Turns what a request threw into a problem: the caller's fault with its place, our own without a word about our insides.</summary>
internal sealed partial class ExceptionProblems(ILogger<ExceptionProblems> log) : IExceptionHandler
{
    private const int ClientClosedRequest = 499;

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
            _ => null,
        };
        if (problem is null)
        {
            LogUnhandled(exception, context.Request.Method, context.Request.Path);
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            problem = Problems.OfStatus(context);
        }

        await problem.ExecuteAsync(context);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private partial void LogUnhandled(Exception exception, string method, string path);
}
