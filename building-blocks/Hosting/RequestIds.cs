using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Hosting;

/// <summary>The id of a request: the caller's <c>X-Request-Id</c> when it is 1-64 letters, digits, dots, dashes or underscores, else one of our own.</summary>
public static partial class RequestIds
{
    /// <summary>The header, in requests and answers.</summary>
    public const string Header = "X-Request-Id";

    private static readonly AsyncLocal<string?> OfThisFlow = new();

    /// <summary>The id of the request being served, or null outside one.</summary>
    public static string? Current => OfThisFlow.Value;

    internal static void UseRequestIds(this WebApplication app)
    {
        var clock = app.Services.GetRequiredService<TimeProvider>();
        app.Use((context, next) =>
        {
            var given = context.Request.Headers[Header];
            var id = given.Count == 1 && Sane().IsMatch(given[0] ?? "") ? given[0]! : Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
            context.TraceIdentifier = id;
            OfThisFlow.Value = id;
            // On starting, because an exception on the way clears the headers set so far.
            context.Response.OnStarting(() =>
            {
                context.Response.Headers[Header] = id;
                return Task.CompletedTask;
            });
            return next(context);
        });
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex Sane();
}
