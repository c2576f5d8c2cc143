using System.Data.Common;
using System.Threading.Channels;
using Aerona.Simulation.Services;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Aerona.Conformance;

/// <summary>What becomes of a call.</summary>
/// <param name="Outcome">What is answered.</param>
/// <param name="Dies">Whether the process that called is gone before it can take the answer in.</param>
internal readonly record struct Verdict(Outcome Outcome, bool Dies = false);

/// <summary>The process died here.</summary>
internal sealed class DiedException() : Exception("the process died");

/// <summary>
/// Everything outside a service, in a history's hand: whoever calls waits until the history says what becomes of it. One call is answered at a time; what it
/// asks meanwhile belongs to it. Registered as an interceptor it ends a process: the first transaction after the call is never begun.
/// </summary>
internal sealed class OutsideWorld : DbTransactionInterceptor
{
    private readonly Channel<TaskCompletionSource<Verdict>> arrivals = Channel.CreateUnbounded<TaskCompletionSource<Verdict>>();
    private volatile TaskCompletionSource<Verdict>? answering;
    private int dead;

    /// <summary>Waits for what becomes of the call.</summary>
    public Task<Verdict> AskAsync()
    {
        if (answering is { } current)
        {
            return current.Task;
        }

        var call = new TaskCompletionSource<Verdict>(TaskCreationOptions.RunContinuationsAsynchronously);
        arrivals.Writer.TryWrite(call);
        return call.Task;
    }

    /// <summary>The call has done outside what it was to do: from here on its process may be dead.</summary>
    public void Left(Verdict verdict)
    {
        if (verdict.Dies)
        {
            Volatile.Write(ref dead, 1);
        }
    }

    /// <summary>Waits until the message is handled, or until its consumer calls somebody; then gives the call.</summary>
    public async Task<TaskCompletionSource<Verdict>?> NextAsync(Task handled, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var arrival = arrivals.Reader.ReadAsync(enough.Token).AsTask();
        if (await Task.WhenAny(handled, arrival) == arrival)
        {
            return await arrival;
        }

        await enough.CancelAsync();
        try
        {
            await arrival;
            throw new InvalidOperationException("a call arrived of which nobody knows whose it is");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It was handled without a call.
        }

        await handled;
        return null;
    }

    /// <summary>Says what becomes of a call and waits until its message is handled.</summary>
    /// <returns>Whether its process died.</returns>
    public async Task<bool> AnswerAsync(TaskCompletionSource<Verdict> call, Verdict verdict, Task handled)
    {
        answering = call;
        call.SetResult(verdict);
        try
        {
            await handled;
            return false;
        }
        catch (DiedException)
        {
            return true;
        }
        finally
        {
            answering = null;
        }
    }

    public override ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default) =>
        Interlocked.Exchange(ref dead, 0) == 1 ? throw new DiedException() : new(result);
}
