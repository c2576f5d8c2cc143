using System.Globalization;
using System.Text.Json;

namespace Aerona.AllInOne.Commands;

/// <summary>
/// <c>./aerona reconcile [--grace SECONDS] [--csv FILE] [--gateway ADDRESS --token TOKEN]</c>: compares PayPal, ledger, tickets and seats now and shows what does
/// not agree. Exit code 0: nothing; 1: something, or it could not be done; 3: not everybody could be asked.
/// </summary>
internal static class Reconcile
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
            var arguments = new Arguments(args, ["grace", "csv", "gateway", "port", "data", "token"], []);
            var grace = arguments["grace"] is not { } text ? (int?)null
                : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds
                : throw new UsageException("--grace is a number of seconds: what is younger is no difference yet");
            var data = Path.GetFullPath(arguments["data"] ?? "data");
            await using var aerona = await AeronaProcess.FindOrStartAsync(arguments["gateway"], arguments["port"] ?? "5080", data, Console.WriteLine, stop.Token);
            var token = await Staff.TokenAsync(aerona.Http, arguments["token"], data, stop.Token);
            var clean = await ShowAsync(new(aerona.Http), grace, token, Console.WriteLine, stop.Token);
            if (arguments["csv"] is { } file)
            {
                using var answer = await new AeronaClient(aerona.Http).SendAsync(HttpMethod.Get, "/v1/support/reconciliation/export", null, token, null, stop.Token);
                await File.WriteAllBytesAsync(file, await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(stop.Token), stop.Token);
                Console.WriteLine($"written to {file}");
            }

            return clean;
        }
        catch (UsageException problem)
        {
            await Console.Error.WriteLineAsync($"aerona reconcile: {problem.Message}");
            return 2;
        }
        catch (Exception problem) when (problem is CommandFailedException or HttpRequestException or OperationCanceledException or IOException)
        {
            await Console.Error.WriteLineAsync($"aerona reconcile: {problem.Message}");
            return 1;
        }
    }

    /// <summary>Compares now and tells, a line for each difference; the command's exit code.</summary>
    public static async Task<int> ShowAsync(AeronaClient client, int? graceSeconds, string token, Action<string> tell, CancellationToken cancellationToken)
    {
        var view = await client.PostAsync("/v1/support/reconciliation/runs", new { graceSeconds }, token, cancellationToken);
        var run = view.GetProperty("lastRun");
        int Number(string name) => run.GetProperty(name).GetInt32();
        tell($"Compared {Number("transactions")} transactions of PayPal's, {Number("payments")} payments and {Number("bookings")} bookings since {run.Text("from")}.");
        var differences = view.GetProperty("differences").EnumerateArray().ToList();
        foreach (var one in differences)
        {
            var amount = one.GetProperty("amount").ValueKind == JsonValueKind.Object ? $" {one.MoneyText("amount")}" : "";
            tell($"  {one.Text("reason")} {one.Text("subject")}{amount}: {one.Text("detail")}");
        }

        var silent = string.Join(", ", run.GetProperty("notAsked").EnumerateArray().Select(who => who.GetString()));
        if (silent != "")
        {
            tell($"Not everybody answered: {silent}. Their books were not compared.");
        }

        tell(differences.Count == 0 ? "No difference." : $"{differences.Count} difference(s).");
        return differences.Count > 0 ? 1 : silent == "" ? 0 : 3;
    }
}
