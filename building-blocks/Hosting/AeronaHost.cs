using System.Net.Sockets;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Aerona.Hosting;

/// <summary>Runs a service as a process of its own.</summary>
public static partial class AeronaHost
{
    /// <summary>The exit code when a setting is wrong or an address is taken: whoever started it must change something.</summary>
    public const int WrongSetting = 2;

    /// <summary>How long requests and messages in hand may take to end after SIGTERM; below the 30 s after which Kubernetes kills.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(25);

    /// <summary>
    /// Builds the host and runs it until it is stopped. Returns 0; or 2 when a setting is wrong, each named with its rule in a line of its own on standard
    /// error. Any other failure at start is thrown. With the single argument <c>healthcheck</c> it asks instead of running (<see cref="HealthProbe"/>).
    /// </summary>
    public static async Task<int> RunAsync(string[] args, Action<WebApplicationBuilder> add, Action<WebApplication> map)
    {
        await HealthProbe.ExitWhenAskedAsync(args);
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddHostedService<AfterStart>();
        return await RunAsync(builder, add, map, Console.Error);
    }

    /// <summary>The same with a builder of the caller's own and another place for the lines.</summary>
    public static async Task<int> RunAsync(WebApplicationBuilder builder, Action<WebApplicationBuilder> add, Action<WebApplication> map, TextWriter problems)
    {
        var asked = new AskedKeys();
        WebApplication? app = null;
        try
        {
            builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
            add(builder);
            ((IConfigurationBuilder)builder.Configuration).Add(asked);
            app = builder.Build();
            Check(app, asked);
            map(app);
            await app.RunAsync();
            return 0;
        }
        catch (Exception problem) when (Lines(problem, app, asked) is { Count: > 0 } lines)
        {
            foreach (var line in lines.Distinct())
            {
                await problems.WriteLineAsync($"{builder.Environment.ApplicationName}: {line.ReplaceLineEndings(" ")}");
            }

            return WrongSetting;
        }
        finally
        {
            if (app is not null)
            {
                await app.DisposeAsync();
            }
        }
    }

    /// <summary>All settings, before anything starts: the host itself would log the first wrong one as an error of its own.</summary>
    private static void Check(WebApplication app, AskedKeys asked)
    {
        var wrong = app.Environment.IsProduction()
            ? ProductionSettings.All(app.Services).Where(setting => string.IsNullOrWhiteSpace(app.Configuration[setting.Key]))
                .Select(setting => $"{setting.Key}: must be set in environment Production: {setting.Because}")
                .Concat(ProductionSettings.KnownToEverybody(app.Configuration)
                    .Select(key => $"{key}: must not be a value of the sandbox's in environment Production: everybody knows it")).ToList()
            : [];
        try
        {
            app.Services.GetService<IStartupValidator>()?.Validate();
        }
        catch (Exception problem) when (Lines(problem, app, asked) is { Count: > 0 } lines)
        {
            wrong.AddRange(lines);
        }

        if (wrong.Count > 0)
        {
            throw new SettingException(wrong);
        }
    }

    /// <summary>What to tell whoever started it; nothing when it is not a setting that is wrong.</summary>
    private static IReadOnlyList<string> Lines(Exception problem, WebApplication? app, AskedKeys asked) => problem switch
    {
        SettingException setting => setting.Lines,
        OptionsValidationException options => [.. options.Failures.SelectMany(failure => Line(options, failure, app, asked))],
        AggregateException several when several.InnerExceptions.Select(inner => Lines(inner, app, asked)).ToList() is var each && each.TrueForAll(lines => lines.Count > 0) =>
            [.. each.SelectMany(lines => lines)],
        // A building block's own, which begins with the key.
        InvalidOperationException { Message: var message } when Key().IsMatch(message) => [message],
        // The binder's: it names the key and the type.
        InvalidOperationException { Message: var message } when message.StartsWith("Failed to convert configuration value", StringComparison.Ordinal) => [message],
        IOException when SocketErrorOf(problem) is SocketError.AddressAlreadyInUse or SocketError.AccessDenied or SocketError.AddressNotAvailable => [$"ASPNETCORE_URLS: {problem.Message}"],
        _ => [],
    };

    private static SocketError? SocketErrorOf(Exception? problem) => problem switch
    {
        null => null,
        SocketException socket => socket.SocketErrorCode,
        _ => SocketErrorOf(problem.InnerException),
    };

    /// <summary>Data annotations speak of members of our classes; whoever set them knows keys.</summary>
    private static IEnumerable<string> Line(OptionsValidationException problem, string failure, WebApplication? app, AskedKeys asked)
    {
        if (Annotation().Match(failure) is not { Success: true } annotation)
        {
            return [failure];
        }

        var (keys, sections) = app is null ? ([], []) : asked.By(() => Make(problem, app.Services));
        var rule = annotation.Groups["rule"].Value;
        return Member().Matches(annotation.Groups["members"].Value).Select(member => member.Groups[1].Value).DefaultIfEmpty("").Select(member =>
        {
            // Its own key; else where it would stand in the section (one that is not there is not looked into), and what else it is made of.
            var own = keys.Where(key => key.Split(ConfigurationPath.KeyDelimiter)[^1].Equals(member.Split('.')[^1], StringComparison.OrdinalIgnoreCase)).ToList();
            var others = keys.Where(key => !sections.Any(section => key.StartsWith(section, StringComparison.OrdinalIgnoreCase)));
            return $"{string.Join(" or ", own.Count > 0 ? own : sections.Select(section => ConfigurationPath.Combine(section, member)).Concat(others).DefaultIfEmpty($"{problem.OptionsType.Name}.{member}"))}: {rule}";
        });
    }

    /// <summary>Makes the options again, to see which keys they are made of.</summary>
    private static void Make(OptionsValidationException problem, IServiceProvider services)
    {
        var factory = typeof(IOptionsFactory<>).MakeGenericType(problem.OptionsType);
        try
        {
            factory.GetMethod(nameof(IOptionsFactory<object>.Create))!.Invoke(
                services.GetRequiredService(factory), BindingFlags.DoNotWrapExceptions, null, [problem.OptionsName], null);
        }
        catch (OptionsValidationException)
        {
            // as before: that is why we are here
        }
    }

    [GeneratedRegex("^DataAnnotation validation failed for '[^']*' members: (?<members>'.*?') with the error: '(?<rule>.*)'\\.$", RegexOptions.Singleline)]
    private static partial Regex Annotation();

    [GeneratedRegex(@"\A[A-Z]\w*(:\w+)+:? ")]
    private static partial Regex Key();

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Member();

    /// <summary>A source of no settings that notes which ones are asked for; the last of all, hence asked first.</summary>
    private sealed class AskedKeys : ConfigurationProvider, IConfigurationSource
    {
        private readonly List<string> keys = [];
        private readonly List<string> sections = [];
        private bool notes;

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public override bool TryGet(string key, out string? value)
        {
            if (notes)
            {
                keys.Add(key);
            }

            value = null;
            return false;
        }

        public override IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath)
        {
            if (notes && parentPath is not null && !sections.Exists(section => parentPath.StartsWith(section, StringComparison.OrdinalIgnoreCase)))
            {
                sections.Add(parentPath);
            }

            return earlierKeys;
        }

        /// <summary>The keys read, and the sections looked through, outermost alone.</summary>
        public (IReadOnlyList<string> Keys, IReadOnlyList<string> Sections) By(Action asking)
        {
            keys.Clear();
            sections.Clear();
            notes = true;
            asking();
            notes = false;
            return ([.. keys.Distinct(StringComparer.OrdinalIgnoreCase)], [.. sections]);
        }
    }
}
