using System.Reflection;

[assembly: AssemblyFixture(typeof(Aerona.Deployment.Tests.SecretFiles))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]   // hosts are started in this process, and the console is everybody's

namespace Aerona.Deployment.Tests;

/// <summary>What <c>./aerona secrets</c> makes, in a temporary folder.</summary>
public sealed class SecretFiles : IDisposable
{
    public SecretFiles() => Assert.Equal(0, Make(Folder));

    public string Folder { get; } = Path.Combine(Directory.CreateTempSubdirectory("aerona-secrets-").FullName, ".secrets");

    /// <summary>For each file the variables it sets; none for a file that is no list of variables.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Variables => Read(Folder);

    /// <summary>Runs the command in this process; its exit code.</summary>
    public static int Make(string folder)
    {
        var console = Console.Out;
        Console.SetOut(TextWriter.Null);
        try
        {
            return (int)Assembly.Load("Aerona.AllInOne").EntryPoint!.Invoke(null, [new[] { "secrets", "--folder", folder }])!;
        }
        finally
        {
            Console.SetOut(console);
        }
    }

    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Read(string folder) => Directory.EnumerateFiles(folder).ToDictionary(
        file => Path.GetFileName(file),
        file => (IReadOnlyDictionary<string, string>)(file.EndsWith(".env", StringComparison.Ordinal)
            ? File.ReadLines(file).Select(line => line.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1])
            : []));

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(Folder)!, recursive: true);
}
