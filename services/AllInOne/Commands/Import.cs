using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Aerona.AllInOne.Commands;

/// <summary><c>./aerona import FILE --days N</c>: streams the file to Operations and shows the progress it streams back.</summary>
internal static class Import
{
    public static async Task<int> RunAsync(string[] args)
    {
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        try
        {
            var arguments = new Arguments(args, ["days", "gateway", "port", "data", "token"], []);
            var file = arguments.Words is [var only] ? only : throw new UsageException("name one file: ./aerona import FILE --days N");
            if (!File.Exists(file))
            {
                throw new UsageException($"there is no file {file}");
            }

            if (!int.TryParse(arguments["days"], NumberStyles.None, CultureInfo.InvariantCulture, out var days) || days is < 1 or > 31)
            {
                throw new UsageException("--days is a number from 1 to 31: how many days of the file to load");
            }

            var data = Path.GetFullPath(arguments["data"] ?? "data");
            await using var aerona = await AeronaProcess.FindOrStartAsync(arguments["gateway"], arguments["port"] ?? "5080", data, Console.WriteLine, stop.Token);
            var token = arguments["token"] ?? Token.For("operations@aerona.example", "operations", data, arguments["port"]);
            return await SendAsync(aerona.Http, file, days, token, stop.Token);
        }
        catch (UsageException problem)
        {
            await Console.Error.WriteLineAsync($"aerona import: {problem.Message}");
            return 2;
        }
        catch (Exception problem) when (problem is CommandFailedException or HttpRequestException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"aerona import: {problem.Message}");
            return 1;
        }
    }

    private static async Task<int> SendAsync(HttpClient http, string file, int days, string token, CancellationToken cancellationToken)
    {
        await using var content = File.OpenRead(file);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/operations/imports?days={days}&format=us-on-time") { Content = new StreamContent(content) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? "application/gzip" : "text/csv");
        request.Headers.Accept.ParseAdd("application/x-ndjson");   // a line of progress after every 500 flights
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        if (!response.IsSuccessStatusCode)
        {
            throw new CommandFailedException($"refused with {(int)response.StatusCode}: {await lines.ReadToEndAsync(cancellationToken)}");
        }

        JsonElement last = default;
        var (said, clock) = (-1000L, Stopwatch.StartNew());
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            last = JsonDocument.Parse(line).RootElement;
            if (last.Text("state") == "running" && clock.ElapsedMilliseconds - said >= 1000)
            {
                said = clock.ElapsedMilliseconds;
                Console.WriteLine($"  {last.GetProperty("rows")} rows, {last.GetProperty("flights")} flights, {last.GetProperty("flightsASecond")} a second");
            }
        }

        return Report(last) ? 0 : 1;
    }

    /// <summary>What came of it, with what was left out and why.</summary>
    private static bool Report(JsonElement result)
    {
        if (result.Text("state") != "completed")
        {
            Console.WriteLine($"Not completed: {result.Text("detail")}. The same command goes on where this one stopped.");
            return false;
        }

        var rejected = string.Join(", ", result.GetProperty("rejected").EnumerateObject().Select(reason => $"{reason.Value} {reason.Name}"));
        Console.WriteLine(
            $"{(result.GetProperty("alreadyImported").GetBoolean() ? "Imported before: " : "")}{result.GetProperty("flights")} flights of {result.GetProperty("rows")} rows, " +
            $"{result.Text("firstDay")} to {result.Text("lastDay")} (moved by {result.GetProperty("movedByDays")} days); left out: {(rejected.Length == 0 ? "none" : rejected)}");
        return true;
    }
}
