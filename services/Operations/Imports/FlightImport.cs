namespace Aerona.Operations.Imports;

/// <summary>A file of flights read into the house's schedule. Saved with the flights it counts, so that a repeat goes on where the last one stopped.</summary>
internal sealed class FlightImport
{
    private const int MostExamples = 20;

    private const int MostAirports = 200;

    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary><see cref="FileContent.Sha256"/>: of what the file says.</summary>
    public required string FileSha256 { get; init; }

    public required string Format { get; init; }

    /// <summary>The file's first day.</summary>
    public required DateOnly FileDay { get; init; }

    /// <summary>Where that day was moved to: the same day of the week.</summary>
    public required DateOnly FirstDay { get; init; }

    /// <summary>How many days of the file are in.</summary>
    public int Days { get; set; }

    /// <summary>Rows of the file that are done, the heading not counted.</summary>
    public int Rows { get; set; }

    /// <summary>Rows that the file has, the heading not counted.</summary>
    public int RowsInFile { get; init; }

    /// <summary>Flights made of them.</summary>
    public int Flights { get; set; }

    /// <summary>Rows left out, by reason.</summary>
    public Dictionary<string, int> Rejected { get; init; } = [];

    /// <summary>Rows left out for an airport that is not known, by its code; at most <see cref="MostAirports"/> codes.</summary>
    public Dictionary<string, int> UnknownAirports { get; init; } = [];

    /// <summary>The first rows left out.</summary>
    public List<RejectedRow> Examples { get; init; } = [];

    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When the last days asked for were in; null while none ever were.</summary>
    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>Counts a row that is left out.</summary>
    public void Reject(RejectedRow row)
    {
        Rejected[row.Code] = Rejected.GetValueOrDefault(row.Code) + 1;
        if (Examples.Count < MostExamples)
        {
            Examples.Add(row);
        }

        if (row.Airport is { } airport && (UnknownAirports.ContainsKey(airport) || UnknownAirports.Count < MostAirports))
        {
            UnknownAirports[airport] = UnknownAirports.GetValueOrDefault(airport) + 1;
        }
    }
}

/// <summary>A row that became no flight.</summary>
/// <param name="Row">1 for the first below the heading.</param>
/// <param name="Code">Stable: <c>row.malformed</c>, <c>row.too_long</c>, <c>time.invalid</c>, <c>airport.unknown</c>, …</param>
/// <param name="Detail">What is wrong.</param>
/// <param name="Airport">The code that is not known, else null.</param>
internal sealed record RejectedRow(int Row, string Code, string Detail, string? Airport = null);

/// <summary>A row that became no flight, kept.</summary>
internal sealed class ImportRejection
{
    public required Guid ImportId { get; init; }

    public required int Row { get; init; }

    public required string Code { get; init; }

    public required string Detail { get; init; }

    public static ImportRejection Of(Guid importId, RejectedRow row) => new() { ImportId = importId, Row = row.Row, Code = row.Code, Detail = row.Detail };
}
