using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Aerona.AllInOne.Commands;

/// <summary>
/// <c>./aerona import FILE</c>: streams the file to Operations and shows the progress it streams back; rows that were left out are written beside it, as
/// <c>FILE.rejected.csv</c>.
/// </summary>
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
            var arguments = new Arguments(args, ["days", "shift", "format", "gateway", "port", "data", "token"], []);
            var file = arguments.Words is [var only] ? only : throw new UsageException("name one file: ./aerona import FILE [--days N] [--shift auto|N] [--format NAME]");
            if (!File.Exists(file))
            {
                throw new UsageException($"there is no file {file}");
            }

            var query = $"days={Number(arguments, "days", "31", 1, 366, "how many days of the file to load")}&format={Uri.EscapeDataString(arguments["format"] ?? "auto")}";
            if (arguments["shift"] is not (null or "auto"))
            {
                query += $"&weeks={Number(arguments, "shift", "0", 0, 2_000, "by how many weeks to move it on, or auto: to begin after today")}";
            }

            var data = Path.GetFullPath(arguments["data"] ?? "data");
            await using var aerona = await AeronaProcess.FindOrStartAsync(arguments["gateway"], arguments["port"] ?? "5080", data, Console.WriteLine, stop.Token);
            var token = await Staff.TokenAsync(aerona.Http, arguments["token"], data, stop.Token);
            return await SendAsync(aerona.Http, file, query, token, stop.Token);
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

    private static int Number(Arguments arguments, string name, string usual, int least, int most, string what) =>
        int.TryParse(arguments[name] ?? usual, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new UsageException($"--{name} is a number from {least} to {most}: {what}");

    private static async Task<int> SendAsync(HttpClient http, string file, string query, string token, CancellationToken cancellationToken)
    {
        await using var content = File.OpenRead(file);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/operations/imports?{query}") { Content = new StreamContent(content) };
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
                Console.WriteLine($"  {last.GetProperty("rows")} of {last.GetProperty("rowsInFile")} rows, {last.GetProperty("flights")} flights, {last.GetProperty("flightsASecond")} a second, at most {last.GetProperty("secondsLeft")} s left");
            }
        }

        if (last.TryGetProperty("importId", out var import) && last.GetProperty("rejected").EnumerateObject().Any())
        {
            await KeepRejectedAsync(http, import.GetString()!, file, token, cancellationToken);
        }

        return Report(last) ? 0 : 1;
    }

    /// <summary>All rows left out so far, by earlier runs too.</summary>
    private static async Task KeepRejectedAsync(HttpClient http, string importId, string file, string token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/operations/imports/{importId}/rejected-rows");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new CommandFailedException($"the rows left out were refused with {(int)response.StatusCode}");
        }

        var path = file + ".rejected.csv";
        try
        {
            await using var rejected = File.Create(path);
            await response.Content.CopyToAsync(rejected, cancellationToken);
            Console.WriteLine($"Rows left out, with their reasons: {path}");
        }
        catch (Exception problem) when (problem is UnauthorizedAccessException or IOException)
        {
            Console.WriteLine($"{path} cannot be written ({problem.Message}); rows left out: GET /v1/operations/imports/{importId}/rejected-rows");
        }
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
        if (result.TryGetProperty("endIsKnown", out var known) && known.ValueKind == JsonValueKind.False)
        {
            Console.WriteLine("Whether the file was whole nobody can know: its form does not say how many rows there are. Packed with gzip it says so.");
        }

        return true;
    }
}
