using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Aerona.LocalServers;
using Xunit;

namespace Aerona.PayPalSpecs;

/// <summary>
/// Checks requests against an API description that nobody here wrote: the checker lies beside the descriptions, in the folder AERONA_SPECS names.
/// </summary>
internal sealed class SpecMock : IAsyncDisposable
{
    private readonly Process process;

    private SpecMock(Process process, HttpClient http) => (this.process, Http) = (process, http);

    /// <summary>Speaks to the mock.</summary>
    public HttpClient Http { get; }

    /// <summary>The folder of descriptions; the test is skipped where there is none.</summary>
    public static string Folder()
    {
        var folder = Environment.GetEnvironmentVariable("AERONA_SPECS");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "AERONA_SPECS is not set: requests are not checked against PayPal's API descriptions");
        return folder!;
    }

    /// <summary>Starts a mock of one description on a free loopback port.</summary>
    /// <param name="description">File under the folder, such as <c>paypal/checkout_orders_v2.json</c>.</param>
    /// <param name="examples">Answers to give, each checked against the description first: one that breaks it fails the start.</param>
    /// <param name="more">Further arguments of the checker.</param>
    public static async Task<SpecMock> StartAsync(string description, string examples, params IEnumerable<string> more)
    {
        var folder = Folder();
        var packages = await PackagesAsync();
        var port = Ports.Free();
        var node = Start(
            "node", packages,
            [Path.Combine(folder, "spec-mock.mjs"), Path.Combine(folder, description), "--port", port.ToString(CultureInfo.InvariantCulture), "--strict", "--examples", examples, .. more]);
        var complaints = node.StandardError.ReadToEndAsync();
        var line = await node.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2));
        if (line?.StartsWith("listening", StringComparison.Ordinal) != true)
        {
            Assert.Fail($"{description}: {line} {await complaints}");
        }

        return new(node, new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") });
    }

    /// <summary>Every request so far with what is wrong with it.</summary>
    public async Task<IReadOnlyList<(string Operation, IReadOnlyList<string> Violations)>> VerdictsAsync() =>
        [.. (await Http.GetFromJsonAsync<JsonElement>("/__verdicts")).EnumerateArray().Select(verdict => (
            verdict.TryGetProperty("operationId", out var operation) ? operation.GetString()! : verdict.GetProperty("url").GetString()!,
            (IReadOnlyList<string>)[.. verdict.GetProperty("violations").EnumerateArray().Select(violation => violation.GetString()!)]))];

    public Task ForgetAsync() => Http.DeleteAsync("/__verdicts");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>The checker's own packages, installed once a machine and version; each attempt in a folder of its own, the first one done is kept.</summary>
    private static async Task<string> PackagesAsync()
    {
        var source = Path.Combine(AppContext.BaseDirectory, "spec-mock");
        var version = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(source, "package-lock.json"))))[..12];
        var folder = Path.Combine(Path.GetTempPath(), $"aerona-spec-mock-{version}");
        var complete = Path.Combine(folder, "installed");
        if (File.Exists(complete))
        {
            return folder;
        }

        var making = Directory.CreateTempSubdirectory($"aerona-spec-mock-{version}-").FullName;
        foreach (var file in new[] { "package.json", "package-lock.json" })
        {
            File.Copy(Path.Combine(source, file), Path.Combine(making, file));
        }

        using var npm = Start("npm", making, "ci", "--no-audit", "--no-fund", "--ignore-scripts");
        var output = npm.StandardOutput.ReadToEndAsync();
        var errors = npm.StandardError.ReadToEndAsync();
        await npm.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
        Assert.True(npm.ExitCode == 0, $"npm ci: {await output} {await errors}");
        await File.WriteAllTextAsync(Path.Combine(making, "installed"), "");
        try
        {
            Directory.Move(making, folder);
        }
        catch (IOException) when (File.Exists(complete))
        {
            Directory.Delete(making, recursive: true);   // somebody else was faster
        }

        return folder;
    }

    private static Process Start(string program, string folder, params IReadOnlyList<string> arguments) => Process.Start(
        new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
}
