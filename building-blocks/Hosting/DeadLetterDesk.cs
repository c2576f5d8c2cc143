using Aerona.Messaging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Hosting;

/// <summary>A message that was given up, as support sees it.</summary>
/// <param name="Id">Service and number: <c>payments-12</c>.</param>
/// <param name="Service">Whose.</param>
/// <param name="At">UTC; when it was given up.</param>
/// <param name="Queue">The queue it failed at; null when it could not even be sent.</param>
/// <param name="MessageId">Kept when it is replayed.</param>
/// <param name="MessageType">The contract's full name.</param>
/// <param name="Reason">The last failure, for people.</param>
/// <param name="Detail">Its whole text; null when nothing was thrown.</param>
/// <param name="ReplayedAt">UTC; null when it was not replayed.</param>
internal sealed record DeadLetterEntry(
    string Id, string Service, DateTimeOffset At, string? Queue, Guid MessageId, string MessageType, string Reason, string? Detail, DateTimeOffset? ReplayedAt);

/// <param name="DeadLetters">Newest first.</param>
internal sealed record DeadLetterList(IReadOnlyList<DeadLetterEntry> DeadLetters);

/// <summary>What could not be handled, for support to read and to send once more. Not there in a process without a bus.</summary>
internal static class DeadLetterDesk
{
    private const int MostListed = 200;

    public static void MapDeadLetters(this WebApplication app)
    {
        if (app.Services.GetService<DeadLetters>() is null)
        {
            return;
        }

        var letters = app.MapGroup("/v1/support/dead-letters").WithTags("Support").Requires(Permission.SeeDeadLetters);
        letters.MapGet("/", List).WithName("ListDeadLetters").WithSummary("Messages that were given up, newest first");
        // Without Idempotency-Key: the message keeps its own id, so whoever has handled it drops it however often it is sent.
        letters.MapPost("/{id}/replay", Replay).WithName("ReplayDeadLetter").WithSummary("Sends a message once more to the queue it failed at").Requires(Permission.ReplayDeadLetters);
    }

    private static async Task<Results<Ok<DeadLetterList>, ProblemHttpResult>> List(
        DeadLetters deadLetters, CancellationToken cancellationToken, bool replayed = false, int limit = 50)
    {
        if (limit is < 1 or > MostListed)
        {
            return Problems.Invalid(new FieldProblem("query:limit", "request.out_of_range", $"limit must be 1 to {MostListed}."));
        }

        var views = await deadLetters.ListAsync(replayed, limit, cancellationToken);
        return TypedResults.Ok(new DeadLetterList([.. views.Select(view => new DeadLetterEntry(
            $"{view.Service}-{view.Id}", view.Service, view.At, view.Queue, view.MessageId, view.MessageType, view.Reason, view.Detail, view.ReplayedAt))]));
    }

    private static async Task<Results<Accepted, ProblemHttpResult>> Replay(string id, DeadLetters deadLetters, CancellationToken cancellationToken) =>
        id.LastIndexOf('-') is > 0 and var dash && long.TryParse(id.AsSpan(dash + 1), out var number)
        && await deadLetters.ReplayAsync(id[..dash], number, cancellationToken)
            ? TypedResults.Accepted((string?)null)
            : Problems.NotFound("dead_letter.not_found", "There is no such dead letter.");
}
