using System.Diagnostics;
using System.Threading.Channels;
using Aerona.BookingsBench.Load;

namespace Aerona.BookingsBench.Driver;

/// <summary>A process of a contestant: asked through its standard input, answers on its standard output. All else that it writes goes to its log.</summary>
internal sealed class BenchProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly string _logFile;
    private readonly Channel<Answer> _answers = Channel.CreateUnbounded<Answer>();

    private BenchProcess(Process process, string logFile)
    {
        _process = process;
        _logFile = logFile;
        _log = new(logFile, append: false) { AutoFlush = true };
    }

    public int Id => _process.Id;

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<BenchProcess> StartAsync(
        string assembly, string role, IReadOnlyDictionary<string, string> environment, string logFile, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [assembly, role])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = new BenchProcess(new Process { StartInfo = start }, logFile);
        process._process.OutputDataReceived += (_, line) => process.Heard(line.Data);
        process._process.ErrorDataReceived += (_, line) => process.Note(line.Data);
        process._process.Start();
        process._process.BeginOutputReadLine();
        process._process.BeginErrorReadLine();
        try
        {
            await process.HearAsync("ready", TimeSpan.FromSeconds(60), cancellationToken);
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks, and waits for the answer that much longer than the asked thing takes.</summary>
    public async Task<Answer> AskAsync(string question, string answer, int seconds, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(question.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return await HearAsync(answer, TimeSpan.FromSeconds(seconds + 30), cancellationToken);
    }

    /// <summary>Ends it: by closing its input, and by force when that does not help soon.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (Exception problem) when (problem is OperationCanceledException or IOException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
        finally
        {
            _process.Dispose();
            await _log.DisposeAsync();
        }
    }

    private async Task<Answer> HearAsync(string expected, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            var answer = await _answers.Reader.ReadAsync(limit.Token);
            return answer.Now == expected ? answer : throw new InvalidOperationException($"'{expected}' was expected and '{answer.Now}' came; see {_logFile}");
        }
        catch (ChannelClosedException)
        {
            throw new InvalidOperationException($"a process ended on its own; see {_logFile}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"no '{expected}' within {patience.TotalSeconds:0} s; see {_logFile}");
        }
    }

    private void Heard(string? line)
    {
        if (line is null)
        {
            _answers.Writer.TryComplete();
        }
        else if (Answer.Read(line) is { } answer)
        {
            _answers.Writer.TryWrite(answer);
        }
        else
        {
            Note(line);
        }
    }

    private void Note(string? line)
    {
        if (line is not null)
        {
            lock (_log)
            {
                _log.WriteLine(line);
            }
        }
    }
}
