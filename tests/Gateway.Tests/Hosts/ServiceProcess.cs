using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Aerona.LocalServers;

namespace Aerona.Gateway.Tests.Hosts;

/// <summary>A service's own executable, as it was built, started with nothing but environment variables.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process process;
    private readonly DirectoryInfo data;
    private readonly StringBuilder output = new();

    private ServiceProcess(Process process, DirectoryInfo data, Uri address)
    {
        this.process = process;
        this.data = data;
        Address = address;
        Http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = Patience };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public int Id => process.Id;

    /// <summary>What it has said so far.</summary>
    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    /// <summary>Resident memory in bytes.</summary>
    public long Memory
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    /// <summary>The assembly of a service, in its own output folder and not in the tests'.</summary>
    public static string Assembly(string service)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);   // tests/Gateway.Tests/bin/Debug/net10.0
        var root = output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, "services", service, "bin", output.Parent!.Name, output.Name, $"Aerona.{service}.dll");
    }

    public static ServiceProcess Start(string service, params (string Key, string? Value)[] variables)
    {
        var data = Directory.CreateTempSubdirectory("aerona-host-");
        var address = new Uri($"http://127.0.0.1:{Ports.Free()}");
        var start = new ProcessStartInfo("dotnet", [Assembly(service)]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = data.FullName };
        foreach (var (key, value) in (ReadOnlySpan<(string, string?)>)[("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", address.ToString()), ("Data__Folder", data.FullName), .. variables])
        {
            start.Environment[key] = value;
        }

        var process = new Process { StartInfo = start };
        var running = new ServiceProcess(process, data, address);
        process.OutputDataReceived += (_, line) => running.Note(line.Data);
        process.ErrorDataReceived += (_, line) => running.Note(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return running;
    }

    /// <summary>Waits until it answers that path with success.</summary>
    public async Task<string> AnswersAsync(string path)
    {
        var answer = "";
        await RunningGateway.EventuallyAsync(
            async () =>
            {
                if (process.HasExited)
                {
                    throw new InvalidOperationException($"it ended with {process.ExitCode}:\n{Output}");
                }

                try
                {
                    using var response = await Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
                    answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                    return response.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;   // not listening yet
                }
            },
            $"{path} of {Address} answers; it said\n{Output}");
        return answer;
    }

    /// <summary>As a container runtime does.</summary>
    public void Terminate() => _ = Kill(process.Id, 15);

    public async Task<int> ExitCodeAsync()
    {
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
        data.Delete(recursive: true);
    }

    private void Note(string? line)
    {
        lock (output)
        {
            output.AppendLine(line);
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
