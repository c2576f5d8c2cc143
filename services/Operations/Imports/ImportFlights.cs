using System.Text;
using System.Text.Json;
using Aerona.Hosting;
using Aerona.Operations.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Aerona.Operations.Imports;

/// <summary>What an import has come to; with <c>Accept: application/x-ndjson</c> one such line after each batch, the last with another state.</summary>
/// <param name="ImportId">The import; the same again for the same file.</param>
/// <param name="State"><c>running</c>, <c>completed</c>, or <c>failed</c> (then <paramref name="Code"/> says why; what was read before stays, and a repeat goes on).</param>
/// <param name="FileSha256"><see cref="FileContent.Sha256"/>.</param>
/// <param name="Format">See <see cref="ImportFormats"/>.</param>
/// <param name="FirstDay">Local date that the file's first day was moved to.</param>
/// <param name="LastDay">Local date of the last day that is in; null while none is.</param>
/// <param name="MovedByDays">A multiple of seven.</param>
/// <param name="Rows">Rows done.</param>
/// <param name="RowsInFile">Rows that the file has.</param>
/// <param name="Flights">Flights made of them.</param>
/// <param name="AlreadyImported">Whether this call found nothing left to do.</param>
/// <param name="FlightsASecond">Speed of this call; 0 when there was nothing to do.</param>
/// <param name="SecondsLeft">At most, at this speed.</param>
/// <param name="Rejected">Rows left out, by reason.</param>
/// <param name="UnknownAirports">Rows left out for an airport that is not known, by code; at most 200 codes.</param>
/// <param name="Examples">The first 20 rows left out.</param>
/// <param name="Code">Null unless failed: <c>import.unreadable</c>.</param>
/// <param name="Detail">Null unless failed.</param>
/// <param name="EndIsKnown">Once completed: whether the file itself says that it is whole. Null before.</param>
internal sealed record ImportView(
    Guid ImportId, string State, string FileSha256, string Format, DateOnly FirstDay, DateOnly? LastDay, int MovedByDays, int Rows,
    int RowsInFile, int Flights, bool AlreadyImported, double FlightsASecond, double SecondsLeft, IReadOnlyDictionary<string, int> Rejected, IReadOnlyDictionary<string, int> UnknownAirports,
    IReadOnlyList<RejectedRow> Examples, string? Code = null, string? Detail = null, bool? EndIsKnown = null)
{
    public static ImportView Of(ImportProgress progress, string state, UnreadableFileException? failure = null)
    {
        var import = progress.Import;
        return new(
            import.Id, state, import.FileSha256, import.Format, import.FirstDay, import.Days > 0 ? import.FirstDay.AddDays(import.Days - 1) : null,
            import.FirstDay.DayNumber - import.FileDay.DayNumber, import.Rows, import.RowsInFile, import.Flights, state == "completed" && progress.RowsRead == 0,
            Math.Round(progress.FlightsASecond), Math.Round(progress.SecondsLeft), import.Rejected, import.UnknownAirports, import.Examples, failure?.Code, failure?.Message);
    }
}

/// <summary>
/// <c>POST /v1/operations/imports?format=us-on-time&amp;days=3</c> with the file as body, plain or gzip, for operations staff. The file itself is the key of
/// idempotency: sent again it does nothing twice. 400 <c>import.*</c> or <c>limit.out_of_range</c>, 409 <c>import.in_progress</c>.
/// <c>GET /v1/operations/imports/{id}/rejected-rows</c> is all that was left out, as CSV.
/// </summary>
internal static class ImportFlights
{
    private const long LargestFile = 1L << 30;

    private const string NdJson = "application/x-ndjson";

    public static void MapImportFlights(this RouteGroupBuilder operations)
    {
        operations.MapGet("/imports/{importId:guid}/rejected-rows", GetRejected).WithName("GetRejectedRows")
            .WithSummary("The rows left out with their reasons, as CSV: row,code,detail; 404 import.unknown").Produces<string>(200, "text/csv").ProducesProblem(404)
            .Requires(Permission.ImportFlights);
        operations.MapPost("/imports", Import)
            .WithName("ImportFlights").WithSummary("Loads flights from a file; the same file again does nothing twice")
            .WithBodyLimit(LargestFile)
            .Produces<ImportView>(200, "application/json", NdJson).ProducesProblem(400).ProducesProblem(409)
            .Requires(Permission.ImportFlights);
    }

    private static async Task<IResult> GetRejected(Guid importId, HttpResponse response, OperationsDbContext db, CancellationToken cancellationToken)
    {
        if (!await db.Imports.AnyAsync(import => import.Id == importId, cancellationToken))
        {
            return Problems.NotFound("import.unknown", $"There is no import {importId}.");
        }

        response.ContentType = "text/csv; charset=utf-8";
        await using var csv = new StreamWriter(response.Body, new UTF8Encoding(false));
        await csv.WriteAsync("row,code,detail\r\n".AsMemory(), cancellationToken);
        await foreach (var row in db.Rejections.AsNoTracking().Where(row => row.ImportId == importId).OrderBy(row => row.Row).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            await csv.WriteAsync($"{row.Row},{row.Code},\"{row.Detail.Replace("\"", "\"\"", StringComparison.Ordinal)}\"\r\n".AsMemory(), cancellationToken);   // RFC 4180
        }

        return TypedResults.Empty;
    }

    private static async Task<IResult> Import(
        HttpContext http, FlightImporter importer, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json, string? format, int days = 3, int? weeks = null,
        CancellationToken cancellationToken = default)
    {
        if (Check(http.Request, format, days, weeks) is { Count: > 0 } problems)
        {
            return Problems.Invalid(problems);
        }

        using var turn = importer.TryBegin();
        if (turn is null)
        {
            return Problems.Refused(409, "import.in_progress", "Another import is running; send the file again when it is done.", retryable: true);
        }

        await using var spool = Spool();
        await http.Request.Body.CopyToAsync(spool, cancellationToken);
        await spool.FlushAsync(cancellationToken);
        var options = new JsonSerializerOptions(json.Value.SerializerOptions) { WriteIndented = false };
        var streams = http.Request.GetTypedHeaders().Accept.Any(accept => accept.MediaType == NdJson);
        ImportProgress? last = null;

        async Task ReportAsync(ImportProgress progress)
        {
            last = progress;
            if (streams)
            {
                await WriteLineAsync(http.Response, ImportView.Of(progress, "running"), options, cancellationToken);
            }
        }

        try
        {
            var form = ImportFormats.Find(format);
            var content = await RowFile.InspectAsync(Open(spool), form, cancellationToken);
            var order = new ImportOrder(content.Sha256, content.Rows, days, weeks);
            var done = await importer.RunAsync(token => RowFile.OpenAsync(Open(spool), form, token), order, ReportAsync, cancellationToken);
            var view = ImportView.Of(done, "completed") with { EndIsKnown = content.EndIsKnown };
            if (!streams)
            {
                return TypedResults.Ok(view);
            }

            await WriteLineAsync(http.Response, view, options, cancellationToken);
            return TypedResults.Empty;
        }
        catch (UnreadableFileException broken) when (streams && last is not null)
        {
            await WriteLineAsync(http.Response, ImportView.Of(last, "failed", broken), options, cancellationToken);
            return TypedResults.Empty;
        }
        catch (UnreadableFileException broken)
        {
            return Problems.Refused(
                400, broken.Code, last is null ? broken.Message : $"{broken.Message} {last.Import.Rows} rows before that were read and stay; a repeat goes on there.");
        }
    }

    private static List<FieldProblem> Check(HttpRequest request, string? format, int days, int? weeks)
    {
        var problems = new List<FieldProblem>();
        if (format != ImportFormats.Auto && ImportFormats.Find(format) is null)
        {
            problems.Add(new("query:format", "import.format_unknown", $"The format must be {ImportFormats.Auto}, {string.Join(", ", ImportFormats.All.Select(known => known.Name))}."));
        }

        if (weeks is < 0 or > 2_000)
        {
            problems.Add(new("query:weeks", "limit.out_of_range", "weeks is 0 to 2000."));
        }

        if (days is < 1 or > 366)
        {
            problems.Add(new("query:days", "limit.out_of_range", "days is 1 to 366."));
        }

        if (request.Headers.ContentEncoding is [{ } encoding, ..] && encoding is not ("gzip" or "identity"))
        {
            problems.Add(new("header:Content-Encoding", "import.encoding_unknown", "The file is sent plain or packed with gzip."));
        }

        return problems;
    }

    // On disk, because the file is known by its hash before its first row may be read, and memory stays flat.
    private static FileStream Spool() => new(
        Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()),
        new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous });

    private static FileStream Open(FileStream spool) =>
        new(spool.Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024, FileOptions.SequentialScan);

    private static async Task WriteLineAsync(HttpResponse response, ImportView view, JsonSerializerOptions options, CancellationToken cancellationToken)
    {
        if (!response.HasStarted)
        {
            response.ContentType = NdJson;
        }

        await JsonSerializer.SerializeAsync(response.Body, view, options, cancellationToken);
        await response.Body.WriteAsync("\n"u8.ToArray(), cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
