using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace Aerona.AllInOne.Tests.ApiLint;

/// <summary>The API description as a tool that nobody here wrote reads it: npm's Redocly, its version and hash in the lock file.</summary>
public sealed class ApiLintTests(RunningAerona aerona)
{
    private static readonly string Settings = Path.Combine(AppContext.BaseDirectory, "ApiLint");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_api_description_has_no_errors_and_every_operation_a_name_a_summary_and_answers()
    {
        var folder = Directory.CreateTempSubdirectory("aerona-api-lint-");
        try
        {
            foreach (var file in Directory.EnumerateFiles(Settings, "*.*").Where(file => Path.GetExtension(file) is ".json" or ".yaml"))
            {
                File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
            }

            var text = await aerona.Http.GetStringAsync("/openapi/v1.json", Stop);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "openapi.json"), text, Stop);
            await RunAsync(folder.FullName, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts");
            var found = JsonNode.Parse(await RunAsync(folder.FullName, "npx", "--no-install", "redocly", "lint", "openapi.json", "--format=json", "--max-problems=1000"))!;

            Assert.Empty(found["problems"]!.AsArray().Where(problem => (string?)problem!["severity"] == "error").Select(problem => $"{problem!["ruleId"]}: {problem["message"]} {problem["location"]?.ToJsonString()}"));
            var description = JsonNode.Parse(text)!;
            Assert.StartsWith("3.1", (string?)description["openapi"], StringComparison.Ordinal);
            Assert.All(Fuzz.Operation.Read(description), operation =>
            {
                Assert.DoesNotContain(' ', operation.Id);
                Assert.NotEmpty(operation.Responses);
            });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>What it printed on standard output; that its code says it found something is for the reader of that.</summary>
    private static async Task<string> RunAsync(string folder, string program, params IReadOnlyList<string> arguments)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromMinutes(5));
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["REDOCLY_TELEMETRY"] = "off", ["CI"] = "true" },
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        await process.WaitForExitAsync(limit.Token);
        Assert.True(program == "npx" ? (await output).Contains("\"problems\"", StringComparison.Ordinal) : process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {await output} {await errors}");
        return await output;
    }
}
