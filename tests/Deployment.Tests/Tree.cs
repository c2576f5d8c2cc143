namespace Aerona.Deployment.Tests;

/// <summary>The working copy these tests were built from.</summary>
internal static class Tree
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static bool Has(string path) => File.Exists(Path.Combine(Root, path)) || Directory.Exists(Path.Combine(Root, path));

    /// <summary>Names of the files of a folder, in order.</summary>
    public static IReadOnlyList<string> FilesIn(string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, folder)).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Aerona.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Aerona.sln is in no folder above the tests");
    }
}

/// <summary>A service as it is deployed.</summary>
/// <param name="Folder">Under services/, and the value of the Dockerfile's SERVICE: <c>Bookings</c>.</param>
/// <param name="Name">In compose, Kubernetes and logs: <c>booking-service</c>.</param>
internal sealed record Service(string Folder, string Name)
{
    /// <summary>Every service that runs as a process of its own; the names are the architecture's.</summary>
    public static IReadOnlyList<Service> All { get; } =
    [
        new("Gateway", "gateway"),
        new("Operations", "operations-service"),
        new("Airlines", "airline-integration-service"),
        new("Search", "flight-search-service"),
        new("Bookings", "booking-service"),
        new("Payments", "payment-service"),
        new("Tickets", "ticket-service"),
        new("Notifications", "notification-service"),
        new("Users", "user-service"),
        new("Sandbox", "sandbox"),
    ];

    /// <summary>Database, role and broker user: <c>bookings</c>.</summary>
    public string Module => Folder.ToLowerInvariant();

    public static Service? Named(string name) => All.FirstOrDefault(service => service.Name == name);
}

/// <summary>A change to a file that some rule must find.</summary>
internal static class Mutation
{
    /// <param name="text">The file.</param>
    /// <param name="find">What stands there; once at least, or the test itself is wrong.</param>
    /// <param name="replace">What comes in its place, the first time it stands there.</param>
    public static string Of(string text, string find, string replace)
    {
        var at = text.IndexOf(find, StringComparison.Ordinal);
        Assert.True(at >= 0, $"'{find}' does not stand there any more");
        return string.Concat(text.AsSpan(0, at), replace, text.AsSpan(at + find.Length));
    }
}
