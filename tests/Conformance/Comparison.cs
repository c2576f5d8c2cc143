using Aerona.Simulation.Services;
using Aerona.TestKit;

namespace Aerona.Conformance;

/// <summary>A model and what it is a model of went apart.</summary>
internal sealed class DifferenceException(string what) : Exception(what);

/// <summary>
/// A model and the consumers it is a model of, taken through the same history: after every step both must have said the same and must keep the same.
/// </summary>
/// <param name="model">The simulator's.</param>
/// <param name="service">The consumers, with their database.</param>
/// <param name="outside">Whom they call.</param>
internal abstract class Comparison(IService model, TestService service, OutsideWorld outside)
{
    private readonly List<(object Message, object Plan, TaskCompletionSource<Verdict> Call, Task Handled)> calls = [];
    private long seen;

    /// <summary>What was done, a line a step.</summary>
    public required List<string> Done { get; init; }

    /// <summary>How often the service has ever said what: histories are worth something only while they come to everything.</summary>
    public required Dictionary<Type, int> Heard { get; init; }

    protected DateTimeOffset Now => service.Clock.GetUtcNow();

    protected int UnderWay => calls.Count;

    /// <summary>Of an outgoing message: its name and all of it that anybody looks at, the same for both; null for what the saga does not hear.</summary>
    protected abstract string? Words(object message);

    /// <summary>Whether the service sends it to itself again more and more slowly, which no model follows: that it comes again is all that matters.</summary>
    protected virtual bool IsPaced(object message) => false;

    /// <summary>What the model keeps, a line a thing.</summary>
    protected abstract IEnumerable<string> ModelKeeps();

    /// <summary>What the service keeps, the same lines.</summary>
    protected abstract Task<List<string>> ServiceKeepsAsync();

    /// <summary>Whether a consumer may fail so: its message comes again, which is seen in the outbox.</summary>
    protected virtual bool ComesAgainAfter(Exception problem) => false;

    /// <summary>To be called before the first step.</summary>
    public async Task BeginAsync() => seen = await service.LastOutgoingAsync();

    /// <summary>Lets time pass; nothing happens by itself.</summary>
    protected void Pass(TimeSpan span)
    {
        Done.Add($"{span} passes");
        service.Clock.AdjustTime(Now + span);
    }

    /// <summary>Hands both the same message.</summary>
    /// <param name="message">To the model.</param>
    /// <param name="toService">To the service, where the two know something by different ids.</param>
    protected async Task DeliverAsync(object message, object? toService = null)
    {
        Done.Add($"deliver {Words(message) ?? message.ToString()}");
        var taken = model.Take(message, Now);
        var handled = service.ConsumeAsync(toService ?? message);
        if (await CalledAsync(handled) is { } call)
        {
            if (taken is not Taken.Calls calling)
            {
                await outside.AnswerAsync(call, new(Outcome.LostBefore), handled);
                throw new DifferenceException($"the consumer calls, the model does not: {taken}");
            }

            calls.Add((message, calling.Plan, call, handled));
            await SameAsync([]);
            return;
        }

        await SameAsync(taken switch
        {
            Taken.Done done => done.Sent,
            Taken.Later later => [new(message, later.Until)],
            _ => throw new DifferenceException($"the model calls, the consumer does not; it says {string.Join(", ", await HeardAsync())}"),
        });
    }

    /// <summary>What the call under way may be answered.</summary>
    protected IReadOnlyList<Outcome> Answers(int at) => model.Answers(calls[at].Message, calls[at].Plan);

    protected object MessageOf(int at) => calls[at].Message;

    /// <summary>The call under way is answered.</summary>
    protected async Task AnswerAsync(int at, Outcome outcome)
    {
        var (message, plan, call, handled) = calls[at];
        Done.Add($"answer {outcome} to {Words(message) ?? message.ToString()}");
        calls.RemoveAt(at);
        var sent = model.Finish(message, plan, outcome, Now);
        try
        {
            await outside.AnswerAsync(call, new(outcome), handled);
        }
        catch (Exception problem) when (ComesAgainAfter(problem))
        {
            // The bus would bring it again; so does the history.
        }

        await SameAsync(sent);
    }

    /// <summary>The process dies during the call under way.</summary>
    /// <param name="at">Which.</param>
    /// <param name="reached">Whether it had its effect.</param>
    protected async Task DieAsync(int at, bool reached)
    {
        var (message, plan, call, handled) = calls[at];
        Done.Add($"die {(reached ? "after" : "before")} the call of {Words(message) ?? message.ToString()}");
        calls.RemoveAt(at);
        model.Die(message, plan, reached, Now);
        if (!await outside.AnswerAsync(call, new(reached ? Outcome.Ok : Outcome.LostBefore, Dies: true), handled))
        {
            throw new InvalidOperationException("the process was to die and did not");
        }

        seen = await service.LastOutgoingAsync();   // whatever killed it sends it again; when is the history's to say
        await SameBooksAsync();
    }

    /// <summary>Ends what is under way, so that nothing is left for the next history.</summary>
    public async Task EndAsync()
    {
        foreach (var (_, _, call, handled) in calls)
        {
            await outside.AnswerAsync(call, new(Outcome.LostBefore, Dies: true), handled);
        }

        calls.Clear();
    }

    /// <summary>Something was done to both otherwise.</summary>
    protected async Task SameAsync(IReadOnlyList<Sent> sent)
    {
        var said = sent.Select(one => Line(one.Message, one.Due)).OfType<string>().Order(StringComparer.Ordinal).ToList();
        var heard = await HeardAsync();
        if (!said.SequenceEqual(heard))
        {
            throw new DifferenceException($"the model says\n    {string.Join("\n    ", said)}\n  and the service\n    {string.Join("\n    ", heard)}");
        }

        await SameBooksAsync();
    }

    private async Task<TaskCompletionSource<Verdict>?> CalledAsync(Task handled)
    {
        try
        {
            return await outside.NextAsync(handled, CancellationToken.None);
        }
        catch (Exception problem) when (ComesAgainAfter(problem))
        {
            return null;
        }
    }

    private async Task SameBooksAsync()
    {
        var (ours, theirs) = (ModelKeeps().ToList(), await ServiceKeepsAsync());
        if (!ours.SequenceEqual(theirs))
        {
            throw new DifferenceException(
                $"the model keeps\n    {string.Join("\n    ", ours.Except(theirs))}\n  and the service\n    {string.Join("\n    ", theirs.Except(ours))}");
        }
    }

    private async Task<List<string>> HeardAsync()
    {
        var rows = await service.OutgoingAsync(seen);
        seen = rows.Count > 0 ? rows[^1].Id : seen;
        foreach (var row in rows)
        {
            Heard[row.Message.GetType()] = Heard.GetValueOrDefault(row.Message.GetType()) + 1;
        }

        return [.. rows.Select(row => Line(row.Message, row.DueAt)).OfType<string>().Order(StringComparer.Ordinal)];
    }

    private string? Line(object message, DateTimeOffset? due) =>
        Words(message) is { } words ? due is { } at ? $"{words}, due {(IsPaced(message) ? "later" : at.ToString("O"))}" : words : null;
}
