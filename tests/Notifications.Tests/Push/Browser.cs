using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Xunit;

namespace Aerona.Notifications.Tests.Push;

/// <summary>Plays browsers with libraries that nobody here wrote (npm: http_ece, jose): makes keys, reads what came, checks who sent it.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim _turn = new(1);
    private Process? _process;

    public async ValueTask InitializeAsync()
    {
        var source = Path.Combine(AppContext.BaseDirectory, "checker");
        var packages = await PackagesAsync(source);
        // Beside its packages, where node looks for them; a name of its own, as another run may write the same.
        var script = Path.Combine(packages, $"check-{Guid.NewGuid():N}.mjs");
        File.Copy(Path.Combine(source, "check.mjs"), script);
        _process = Start("node", packages, script);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            var script = _process.StartInfo.ArgumentList[0];
            _process.StandardInput.Close();
            await _process.WaitForExitAsync().WaitAsync(Patience);
            _process.Dispose();
            File.Delete(script);
        }
    }

    /// <summary>The public keys of a new subscription.</summary>
    internal async Task<(string P256dh, string Auth)> SubscribeAsync()
    {
        var keys = await AskAsync(new() { ["does"] = "subscribe" });
        return (keys["p256dh"]!.GetValue<string>(), keys["auth"]!.GetValue<string>());
    }

    /// <summary>What a browser reads.</summary>
    internal async Task<string> DecryptAsync(string p256dh, byte[] body) =>
        (await AskAsync(new() { ["does"] = "decrypt", ["p256dh"] = p256dh, ["body"] = System.Buffers.Text.Base64Url.EncodeToString(body) }))["text"]!.GetValue<string>();

    /// <summary>What a push service reads of who sent it: key, payload, header.</summary>
    internal Task<JsonObject> VerifyAsync(string authorization, string audience, DateTimeOffset now) =>
        AskAsync(new() { ["does"] = "verify", ["authorization"] = authorization, ["audience"] = audience, ["now"] = now.ToString("O") });

    private async Task<JsonObject> AskAsync(JsonObject question)
    {
        await _turn.WaitAsync();
        try
        {
            await _process!.StandardInput.WriteLineAsync(question.ToJsonString());
            await _process.StandardInput.FlushAsync();
            var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
            Assert.True(line is not null, "the checker has ended");
            var answer = JsonNode.Parse(line)!.AsObject();
            Assert.False(answer.ContainsKey("problem"), line);
            return answer;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Its own packages, installed once a machine and version; each attempt in a folder of its own, the first one done is kept.</summary>
    private static async Task<string> PackagesAsync(string source)
    {
        var version = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(source, "package-lock.json"))))[..12];
        var folder = Path.Combine(Path.GetTempPath(), $"aerona-push-checker-{version}");
        var complete = Path.Combine(folder, "installed");
        if (File.Exists(complete))
        {
            return folder;
        }

        var making = Directory.CreateTempSubdirectory($"aerona-push-checker-{version}-").FullName;
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
        new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = program == "npm" })!;
}
