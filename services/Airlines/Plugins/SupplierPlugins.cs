using System.Reflection;
using System.Runtime.Loader;
using Aerona.Hosting;
using Aerona.Suppliers;

namespace Aerona.Airlines.Plugins;

/// <summary>Loads the assemblies of <c>Plugins:0</c>, <c>Plugins:1</c>, … and lets them add their suppliers (docs/decisions/0009-plug-ins.md).</summary>
internal static class SupplierPlugins
{
    private const string Section = "Plugins";

    /// <exception cref="SettingException">A file is not there, is no assembly, or has no plug-in.</exception>
    public static void AddSupplierPlugins(this IHostApplicationBuilder builder)
    {
        foreach (var setting in builder.Configuration.GetSection(Section).GetChildren())
        {
            var plugin = Load(setting.Path, setting.Value ?? "");
            plugin.Add(builder);
            builder.Services.AddSingleton<IHostedService>(services => new Announcement(plugin, services.GetRequiredService<ILogger<Announcement>>()));
        }
    }

    private static ISupplierPlugin Load(string key, string path)
    {
        var file = Path.GetFullPath(path);
        if (path.Length == 0 || !File.Exists(file))
        {
            throw new SettingException(key, $"there is no file {file}");
        }

        try
        {
            ResolveNeighbours(file);
            // Into the default context: what it shares with us (ISupplier first of all) must be the same types, not twins.
            var assembly = AssemblyLoadContext.Default.LoadFromAssemblyPath(file);
            return assembly.GetCustomAttributes<SupplierPluginAttribute>().FirstOrDefault()?.Make()
                ?? throw new SettingException(key, $"{file} has no [assembly: SupplierPlugin<…>]");
        }
        catch (Exception problem) when (problem is BadImageFormatException or FileLoadException or FileNotFoundException or TypeLoadException)
        {
            throw new SettingException(key, $"{file} cannot be loaded: {problem.Message}", problem);
        }
    }

    /// <summary>
    /// What only the plug-in needs is not known to this process: the plug-in's own .deps.json says where it lies, else it lies beside it. Asked only for what was
    /// not found here, so our versions win.
    /// </summary>
    private static void ResolveNeighbours(string file)
    {
        var folder = Path.GetDirectoryName(file)!;
        var resolver = File.Exists(Path.ChangeExtension(file, ".deps.json")) ? new AssemblyDependencyResolver(file) : null;
        AssemblyLoadContext.Default.Resolving += (context, name) =>
        {
            var neighbour = resolver?.ResolveAssemblyToPath(name) ?? Path.Combine(folder, $"{name.Name}.dll");
            return File.Exists(neighbour) ? context.LoadFromAssemblyPath(neighbour) : null;
        };
    }
}

/// <summary>Whoever reads the log of a process that behaves oddly must see what it was made of.</summary>
internal sealed partial class Announcement(ISupplierPlugin plugin, ILogger<Announcement> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        LogLoaded(plugin.GetType().Assembly.GetName().Name, plugin.GetType().Assembly.Location);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Information, Message = "Plug-in {Name} is loaded from {File}")]
    private partial void LogLoaded(string? name, string file);
}
