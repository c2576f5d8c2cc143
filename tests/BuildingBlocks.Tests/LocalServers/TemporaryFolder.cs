namespace Aerona.BuildingBlocks.Tests.LocalServers;

/// <summary>A folder that is gone after the test, closed to other users like every temporary one.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("aerona-servers-");

    public string Path => folder.FullName;

    public void Dispose() => folder.Delete(recursive: true);
}
