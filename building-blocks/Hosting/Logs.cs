using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Aerona.Hosting;

internal static class Logs
{
    /// <summary>One readable line an entry; levels can be set as usual, by <c>Logging:LogLevel:…</c>.</summary>
    public static void AddLogs(this WebApplicationBuilder builder)
    {
        // Lowest of all sources, so that files and environment still decide.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                ["Logging:LogLevel:Default"] = "Information",
                ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
                ["Logging:LogLevel:Microsoft.EntityFrameworkCore"] = "Warning",
                // A failed command comes as an exception to somebody who handles it or logs it; once is enough.
                ["Logging:LogLevel:Microsoft.EntityFrameworkCore.Database.Command"] = "Critical",
                ["Logging:LogLevel:Microsoft.EntityFrameworkCore.Update"] = "Critical",
                ["Logging:LogLevel:Microsoft.EntityFrameworkCore.Query"] = "Critical",
                ["Logging:LogLevel:Microsoft.EntityFrameworkCore.Database.Connection"] = "Critical",
                ["Logging:LogLevel:Microsoft.EntityFrameworkCore.Database.Transaction"] = "Critical",
                ["Logging:LogLevel:Microsoft.Extensions.Http"] = "Warning",
                ["Logging:LogLevel:System.Net.Http.HttpClient"] = "Warning",
                ["Logging:LogLevel:Polly"] = "Warning",
                ["Logging:LogLevel:MassTransit"] = "Error",   // its warnings are every single try to connect; the bus says once what is wrong
                ["Logging:LogLevel:Yarp"] = "Warning",
                ["Logging:LogLevel:Yarp.ReverseProxy.Health.ActiveHealthCheckMonitor"] = "Error",   // every single probe; a change is told once, by the next
                ["Logging:LogLevel:Yarp.ReverseProxy.Health.DestinationHealthUpdater"] = "Information",
                // A host that does not start says so itself (AeronaHost), or ends with the exception.
                ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "Critical",
            },
        });
        builder.Logging.ClearProviders();
        builder.Logging.AddConsole(console => console.FormatterName = LineFormatter.Id).AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
    }
}

/// <summary><c>2026-12-01T00:00:00.000Z info  Aerona.Payments trace=… request=… what happened</c></summary>
internal sealed class LineFormatter(TimeProvider clock) : ConsoleFormatter(Id)
{
    public const string Id = "aerona";

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopes, TextWriter to)
    {
        if (entry.Formatter(entry.State, entry.Exception) is not { } message || (message.Length == 0 && entry.Exception is null))
        {
            return;
        }

        to.Write(clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        to.Write(' ');
        to.Write(Level(entry.LogLevel));
        to.Write(' ');
        to.Write(entry.Category);
        if (Activity.Current is { } activity)
        {
            to.Write(" trace=");
            to.Write(activity.TraceId.ToHexString());
        }

        if (RequestIds.Current is { } request)
        {
            to.Write(" request=");
            to.Write(request);
        }

        to.Write(' ');
        WriteOnOneLine(message, to);
        if (entry.Exception is { } exception)
        {
            to.Write(" | ");
            WriteOnOneLine(exception.ToString(), to);
        }

        to.Write('\n');
    }

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "warn ",
        LogLevel.Error => "ERROR",
        _ => "FATAL",
    };

    /// <summary>Line ends become bars and other control characters blanks: nobody's input may forge a line of its own or steer a terminal.</summary>
    private static void WriteOnOneLine(string text, TextWriter to)
    {
        var atLineEnd = false;
        foreach (var character in text)
        {
            var isLineEnd = character is '\n' or '\r' or '\u2028' or '\u2029' or '\u0085';
            if (isLineEnd && !atLineEnd)
            {
                to.Write(" | ");
            }
            else if (!isLineEnd)
            {
                to.Write(char.IsControl(character) ? ' ' : character);
            }

            atLineEnd = isLineEnd;
        }
    }
}
