using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Aerona.Reference;

namespace Aerona.Operations.Imports;

/// <summary>A row of the US on-time file that can be flown.</summary>
/// <param name="Departs">Wall clock at the origin.</param>
/// <param name="Origin">From.</param>
/// <param name="Destination">To.</param>
/// <param name="Kilometres">As the file says.</param>
internal sealed record OnTimeRow(DateTime Departs, Airport Origin, Airport Destination, double Kilometres);

/// <summary>The file cannot be read at all, or not further.</summary>
/// <param name="code">Stable: <c>import.empty</c>, <c>import.unreadable</c>, <c>import.header_unexpected</c>.</param>
/// <param name="message">What is wrong.</param>
internal sealed class UnreadableFileException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;
}

/// <summary>
/// Reads the US on-time file (<c>departure_local,origin,destination,distance_mi,arrival_delay_min</c>, sorted by departure), plain or gzip, a row at a time.
/// </summary>
internal sealed class OnTimeFile : IDisposable
{
    public const string Format = "us-on-time";

    private const string Heading = "departure_local,origin,destination,distance_mi,arrival_delay_min";

    private const int LongestLine = 512;

    private const long LargestUnpacked = 1L << 32;

    private const double KilometresAMile = 1.609344;

    private readonly StreamReader reader;

    private readonly StringBuilder line = new();

    private readonly char[] buffer = new char[16 * 1024];

    private int position;

    private int filled;

    private bool tooLong;

    private OnTimeFile(StreamReader reader) => this.reader = reader;

    /// <summary>
    /// Unpacks a gzip file to its end before a row of it is used, since .NET takes one torn in the middle for complete; throws
    /// <see cref="UnreadableFileException"/>. A plain file passes.
    /// </summary>
    public static async Task CheckPackingAsync(Stream stream, CancellationToken cancellationToken)
    {
        if (!await IsGzipAsync(stream, cancellationToken))
        {
            return;
        }

        var length = 0L;
        try
        {
            await using var unpacked = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
            var buffer = new byte[64 * 1024];
            while (await unpacked.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                length += count;
                if (length > LargestUnpacked)
                {
                    throw new UnreadableFileException("import.too_large", "Unpacked, the file has more than 4 GiB.");
                }
            }
        }
        catch (InvalidDataException broken)
        {
            throw Broken(broken);
        }

        // RFC 1952: the last four bytes are the length unpacked, modulo 2^32.
        var trailer = new byte[4];
        stream.Position = Math.Max(0, stream.Length - 4);
        await stream.ReadAtLeastAsync(trailer, 4, throwOnEndOfStream: false, cancellationToken);
        stream.Position = 0;
        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) != (uint)length)
        {
            throw Broken(null);
        }
    }

    /// <summary>Opens it and reads the heading; throws <see cref="UnreadableFileException"/>. Takes the stream over, which must be able to seek.</summary>
    public static async Task<OnTimeFile> OpenAsync(Stream stream, CancellationToken cancellationToken)
    {
        var isGzip = await IsGzipAsync(stream, cancellationToken);
        var file = new OnTimeFile(new StreamReader(isGzip ? new GZipStream(stream, CompressionMode.Decompress) : stream, new UTF8Encoding(false)));
        try
        {
            var heading = await file.ReadLineAsync(cancellationToken) ?? throw new UnreadableFileException("import.empty", "The file is empty.");
            return heading == Heading ? file : throw new UnreadableFileException("import.header_unexpected", $"The first line must be {Heading}.");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The next row: what it says, or why it cannot be flown; null at the end. Throws <see cref="UnreadableFileException"/> when the packing is broken.</summary>
    /// <param name="row">Its number, for the reason.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<(OnTimeRow? Row, RejectedRow? Rejected)?> ReadAsync(int row, CancellationToken cancellationToken) =>
        await ReadLineAsync(cancellationToken) is { } text ? Parse(row, text, tooLong) : null;

    public void Dispose() => reader.Dispose();

    private static (OnTimeRow?, RejectedRow?) Parse(int row, string text, bool tooLong)
    {
        (OnTimeRow?, RejectedRow?) Rejected(string code, string detail, string? airport = null) => (null, new(row, code, detail, airport));

        if (tooLong)
        {
            return Rejected("row.too_long", $"A row has at most {LongestLine} characters.");
        }

        var fields = text.Split(',');
        if (fields.Length != 5)
        {
            return Rejected("row.malformed", $"A row has 5 fields, this one {fields.Length}.");
        }

        if (!DateTime.TryParseExact(fields[0], "yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var departs))
        {
            return Rejected("time.invalid", "departure_local must look like 2001-03-01T06:35.");
        }

        if (!double.TryParse(fields[3], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var miles) || miles is not (> 0 and < 12_500))
        {
            return Rejected("distance.invalid", "distance_mi must be a number of miles, more than 0.");
        }

        if (fields[4].Length > 0 && !int.TryParse(fields[4], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        {
            return Rejected("delay.invalid", "arrival_delay_min must be whole minutes or nothing.");
        }

        if (Airports.Find(fields[1]) is not { } origin)
        {
            return Rejected("airport.unknown", $"Airport {Short(fields[1])} is not known here.", Short(fields[1]));
        }

        if (Airports.Find(fields[2]) is not { } destination)
        {
            return Rejected("airport.unknown", $"Airport {Short(fields[2])} is not known here.", Short(fields[2]));
        }

        if (origin == destination)
        {
            return Rejected("route.same_place", "Origin and destination are the same airport.");
        }

        var kilometres = miles * KilometresAMile;
        var apart = Airports.KilometresBetween(origin, destination);
        return Math.Abs(kilometres - apart) > Math.Max(50, apart / 10)
            ? Rejected("distance.implausible", $"{origin.Code} and {destination.Code} lie {apart / KilometresAMile:F0} miles apart, not {miles:F0}.")
            : (new(departs, origin, destination, kilometres), null);
    }

    private static async Task<bool> IsGzipAsync(Stream stream, CancellationToken cancellationToken)
    {
        var magic = new byte[2];
        stream.Position = 0;
        var read = await stream.ReadAtLeastAsync(magic, 2, throwOnEndOfStream: false, cancellationToken);
        stream.Position = 0;
        return read == 2 && magic is [0x1f, 0x8b];
    }

    private static UnreadableFileException Broken(Exception? cause) =>
        new("import.unreadable", "The gzip packing is broken or torn off; it must be one gzip member.", cause);

    private static string Short(string text) => text.Length <= 8 ? text : text[..8] + "…";

    // StreamReader would keep a line of any length in memory; this one drops what is beyond the limit.
    private async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        line.Clear();
        tooLong = false;
        while (true)
        {
            if (position == filled)
            {
                (position, filled) = (0, await FillAsync(cancellationToken));
                if (filled == 0)
                {
                    return line.Length > 0 || tooLong ? line.ToString() : null;
                }
            }

            var rest = buffer.AsSpan(position, filled - position);
            var end = rest.IndexOf('\n');
            var part = end < 0 ? rest : rest[..end];
            var room = Math.Min(part.Length, LongestLine - line.Length);
            line.Append(part[..room]);
            tooLong |= room < part.Length;
            position += end < 0 ? part.Length : end + 1;
            if (end >= 0)
            {
                return line.Length > 0 && line[^1] == '\r' ? line.ToString(0, line.Length - 1) : line.ToString();
            }
        }
    }

    private async Task<int> FillAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(buffer, cancellationToken);
        }
        catch (InvalidDataException broken)
        {
            throw Broken(broken);
        }
    }
}
