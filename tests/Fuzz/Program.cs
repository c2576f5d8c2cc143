using System.Globalization;
using Aerona.AllInOne.Commands;
using Aerona.Fuzz;

// ./aerona fuzz: an Aerona of its own on a free port, called in all the ways nobody should.
try
{
    var arguments = new Arguments(args, ["minutes", "seed", "gateway", "workers"], []);
    var minutes = double.Parse(arguments["minutes"] ?? "5", CultureInfo.InvariantCulture);
    var seed = int.Parse(arguments["seed"] ?? "1", CultureInfo.InvariantCulture);
    var workers = int.Parse(arguments["workers"] ?? "4", CultureInfo.InvariantCulture);
    var folder = Directory.CreateTempSubdirectory("aerona-fuzz-");
    try
    {
        var port = Aerona.LocalServers.Ports.Free().ToString(CultureInfo.InvariantCulture);
        await using var aerona = await AeronaProcess.FindOrStartAsync(arguments["gateway"], port, folder.FullName, Console.WriteLine, CancellationToken.None);
        // One program that may do what staff may; travellers are guests here.
        var staff = await Staff.TokenAsync(aerona.Http, null, folder.FullName, CancellationToken.None);
        var fuzzer = new Fuzzer(aerona.Http, (role, _) => role == "traveller" ? null : staff, seed);
        var report = await fuzzer.RunAsync(TimeSpan.FromMinutes(minutes), workers, CancellationToken.None);
        foreach (var finding in report.Findings)
        {
            Console.WriteLine($"\n{finding.Operation} {finding.What}\n  {finding.Curl}\n  {finding.Answer}");
        }

        Console.WriteLine($"\n{report.Calls} calls with seed {seed}: {report.Operations} operations, {report.Reached} reached with success, {report.Pairs} operations by status; {report.Findings.Count} faults");
        Console.WriteLine(report.Never.Count == 0 ? "" : $"never with success: {string.Join(", ", report.Never)}");
        return report.Findings.Count == 0 ? 0 : 1;
    }
    finally
    {
        if (File.Exists(Path.Combine(folder.FullName, "aerona.log")))
        {
            Directory.CreateDirectory("artifacts");
            File.Copy(Path.Combine(folder.FullName, "aerona.log"), Path.Combine("artifacts", "fuzz.log"), overwrite: true);
        }

        folder.Delete(recursive: true);
    }
}
catch (Exception problem) when (problem is FormatException or OverflowException or UsageException or CommandFailedException)
{
    Console.Error.WriteLine($"aerona fuzz: {problem.Message}");
    return 2;
}
