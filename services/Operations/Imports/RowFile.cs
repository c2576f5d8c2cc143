using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Aerona.Operations.Imports;

/// <summary>The file cannot be read at all, or not further.</summary>
/// <param name="code">Stable: <c>import.empty</c>, <c>import.unreadable</c>, <c>import.truncated</c>, <c>import.header_unexpected</c>.</param>
/// <param name="message">What is wrong.</param>
internal sealed class UnreadableFileException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;
}

/// <summary>What a file is, before a row of it is used.</summary>
/// <param name="Sha256">Of what it says: unpacked, each line with a line feed, without byte order mark; lower-case hexadecimal. The same packed or with other line ends.</param>
/// <param name="Rows">Without heading and end line.</param>
/// <param name="EndIsKnown">Whether it is sure that nothing is missing at its end.</param>
internal sealed record FileContent(string Sha256, int Rows, bool EndIsKnown);

/// <summary>Counts and hashes what a file says, piece by piece.</summary>
internal sealed class ContentReading : IDisposable
{
    private const int Longest = 2_048;

    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private readonly List<byte> line = [];

    private bool carriageReturn;

    public long Length { get; private set; }

    /// <summary>One without its end counts.</summary>
    public int Lines => ended + (EndsWithALine ? 0 : 1);

    /// <summary>At most its first 2,048 bytes; so is the last.</summary>
    public string First { get; private set; } = "";

    public string Last => line.Count > 0 ? Text() : last;

    public bool EndsWithALine { get; private set; } = true;

    private int ended;

    private string last = "";

    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (Length == 0 && bytes.StartsWith(Encoding.UTF8.Preamble))
        {
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        }

        Length += bytes.Length;
        while (bytes.Length > 0)
        {
            var end = bytes.IndexOf((byte)'\n');
            Append(end < 0 ? bytes : bytes[..end]);
            if (end < 0)
            {
                return;
            }

            carriageReturn = false;   // belongs to the end of the line
            hash.AppendData("\n"u8);
            End();
            bytes = bytes[(end + 1)..];
        }
    }

    public string Sha256()
    {
        if (carriageReturn)
        {
            hash.AppendData("\r"u8);
        }

        if (!EndsWithALine)
        {
            First = ended == 0 ? Text() : First;
            hash.AppendData("\n"u8);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose() => hash.Dispose();

    private void Append(ReadOnlySpan<byte> part)
    {
        if (part.Length == 0)
        {
            return;
        }

        EndsWithALine = false;
        if (carriageReturn)
        {
            hash.AppendData("\r"u8);
        }

        carriageReturn = part[^1] == '\r';
        part = carriageReturn ? part[..^1] : part;
        hash.AppendData(part);
        line.AddRange(part[..Math.Min(part.Length, Longest - line.Count)]);
    }

    private void End()
    {
        last = Text();
        First = ended == 0 ? last : First;
        line.Clear();
        ended++;
        EndsWithALine = true;
    }

    private string Text() => Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(line));
}

/// <summary>Reads a file of flights, plain or gzip, a row at a time.</summary>
internal sealed class RowFile : IDisposable
{
    private const int LongestLine = 1024;

    private const long LargestUnpacked = 1L << 32;

    private readonly StreamReader reader;

    private readonly StringBuilder line = new();

    private readonly char[] buffer = new char[16 * 1024];

    private int position;

    private int filled;

    private bool tooLong;

    /// <summary>The first line of a form without heading, which is a row already.</summary>
    private string? first;

    private RowFile(StreamReader reader) => this.reader = reader;

    /// <summary>What it is read as.</summary>
    public ImportFormat Format { get; private set; } = null!;

    /// <summary>
    /// Reads the file to its end before a row of it is used, and throws <see cref="UnreadableFileException"/> when it was torn off: .NET takes a gzip file torn in the middle
    /// for complete, and a plain one may end anywhere. A packed one says how long it is. A plain one of our own forms ends with a line that says how many rows it has; one
    /// of another form must at least end with the end of a line, and whether more was to come nobody knows.
    /// </summary>
    /// <param name="stream">Must be able to seek; left at an undefined place.</param>
    /// <param name="format">Null: the file's first line says.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<FileContent> InspectAsync(Stream stream, ImportFormat? format, CancellationToken cancellationToken)
    {
        var isGzip = await IsGzipAsync(stream, cancellationToken);
        using var reading = new ContentReading();
        try
        {
            await using var unpacked = isGzip ? new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true) : stream;
            var buffer = new byte[64 * 1024];
            while (await unpacked.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                reading.Add(buffer.AsSpan(0, count));
                if (reading.Length > LargestUnpacked)
                {
                    throw new UnreadableFileException("import.too_large", "Unpacked, the file has more than 4 GiB.");
                }
            }

            if (isGzip)
            {
                await CheckTrailerAsync(stream, reading.Length, cancellationToken);
            }
        }
        catch (InvalidDataException broken)
        {
            throw Broken(broken);
        }

        return Judge(reading, format ?? ImportFormats.Guess(reading.First), isGzip);
    }

    /// <summary>Opens it and reads the heading, if the form has one; throws <see cref="UnreadableFileException"/>. Takes the stream over, which must be able to seek.</summary>
    public static async Task<RowFile> OpenAsync(Stream stream, ImportFormat? format, CancellationToken cancellationToken)
    {
        var isGzip = await IsGzipAsync(stream, cancellationToken);
        var file = new RowFile(new StreamReader(isGzip ? new GZipStream(stream, CompressionMode.Decompress) : stream, new UTF8Encoding(false)));
        try
        {
            var line = await file.ReadLineAsync(cancellationToken) ?? throw new UnreadableFileException("import.empty", "The file is empty.");
            file.Format = format ?? ImportFormats.Guess(line)
                ?? throw new UnreadableFileException("import.header_unexpected", "The first line speaks for no form known here; name the format.");
            if (file.Format.Heading is null)
            {
                file.first = line;
            }
            else if (line != file.Format.Heading)
            {
                throw new UnreadableFileException("import.header_unexpected", $"The first line must be {file.Format.Heading}.");
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The next row: what it says, or why it cannot be flown; null at the end. Throws <see cref="UnreadableFileException"/> when the packing is broken.</summary>
    public async Task<Parsed?> ReadAsync(CancellationToken cancellationToken)
    {
        var text = first ?? await ReadLineAsync(cancellationToken);
        first = null;
        if (text is not null && Format.RowsAtEnd?.Invoke(text) is not null)
        {
            first = await ReadLineAsync(cancellationToken);
            return first is null ? null : Parsed.Rejected("row.malformed", "The line that says how many rows there are is the last.");
        }

        return text is null ? null : tooLong ? Parsed.Rejected("row.too_long", $"A row has at most {LongestLine} characters.") : Format.Parse(text);
    }

    public void Dispose() => reader.Dispose();

    private static FileContent Judge(ContentReading content, ImportFormat? format, bool isGzip)
    {
        var rows = content.Lines - (format?.Heading is null ? 0 : 1);
        var said = format?.RowsAtEnd?.Invoke(content.Last);
        if (said is { } number)
        {
            rows--;
            return number == rows
                ? new(content.Sha256(), rows, EndIsKnown: true)
                : throw new UnreadableFileException("import.truncated", $"The last line says that there are {number} rows, and there are {rows}. Send all of the file: nothing of this one is used.");
        }

        if (!isGzip && content.Lines > 1)
        {
            if (!content.EndsWithALine)
            {
                throw new UnreadableFileException(
                    "import.truncated", $"The file ends in the middle of line {content.Lines}, or that line has no end. Send all of the file: nothing of this one is used.");
            }

            if (format?.RowsAtEnd is not null)
            {
                throw new UnreadableFileException(
                    "import.truncated", $"The last line is not the one that says how many rows there are ({format.EndLine(rows)}). Send all of the file, or packed with gzip: nothing of this one is used.");
            }
        }

        return new(content.Sha256(), rows, EndIsKnown: isGzip);
    }

    // RFC 1952: the last four bytes are the length unpacked, modulo 2^32.
    private static async Task CheckTrailerAsync(Stream stream, long length, CancellationToken cancellationToken)
    {
        var trailer = new byte[4];
        stream.Position = Math.Max(0, stream.Length - 4);
        await stream.ReadAtLeastAsync(trailer, 4, throwOnEndOfStream: false, cancellationToken);
        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) != (uint)length)
        {
            throw Broken(null);
        }
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
        new("import.unreadable", "The gzip packing is broken or torn off; it must be one gzip member. Send all of the file: nothing of this one is used.", cause);

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
