using System.Diagnostics;
using Aerona.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aerona.BuildingBlocks.Tests.Hosting;

public sealed class LogTests
{
    private readonly FakeTimeProvider clock = new(new(2026, 12, 1, 8, 30, 0, 125, TimeSpan.Zero));

    [Fact]
    public void An_entry_is_one_line_with_time_level_category_and_trace()
    {
        using var activity = new Activity("test").Start();

        var line = Write(LogLevel.Warning, "seat 12A is gone", null);

        Assert.Equal($"2026-12-01T08:30:00.125Z warn  Aerona.Seats trace={activity.TraceId} seat 12A is gone\n", line);
    }

    [Fact]
    public void Nobodys_input_makes_a_line_of_its_own()
    {
        var line = Write(LogLevel.Information, "name: a\r\n2026-12-01T08:30:00.125Z info  Forged \u001b[2J\u2028x", null);

        Assert.Equal(1, line.Count(character => character is '\n' or '\r' or '\u2028' or '\u001b'));
        Assert.Contains("name: a | 2026-12-01", line, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_stands_on_the_same_line()
    {
        var line = Write(LogLevel.Error, "it failed", new InvalidOperationException("first\nsecond"));

        Assert.Contains("ERROR Aerona.Seats it failed | System.InvalidOperationException: first | second", line, StringComparison.Ordinal);
        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
    }

    private string Write(LogLevel level, string message, Exception? exception)
    {
        using var to = new StringWriter();
        new LineFormatter(clock).Write(new LogEntry<string>(level, "Aerona.Seats", default, message, exception, (state, _) => state), null, to);
        return to.ToString();
    }
}
