using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Aerona.Operations.Imports;

/// <summary>The file cannot be read at all, or not further.</summary>
/// <param name="code">Stable: <c>import.empty</c>, <c>import.unreadable</c>, <c>import.truncated</c>, <c>import.header_unexpected</c>.</param>
/// <param name="message">What is wrong.</param>
internal sealed class UnreadableFileException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;
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
    /// Reads the file to its end before a row of it is used: .NET takes a gzip file torn in the middle for complete, and a plain one may end in the middle of
    /// a row. Throws <see cref="UnreadableFileException"/>.
    /// </summary>
    /// <param name="stream">Must be able to seek; left at an undefined place.</param>
    /// <param name="format">Null: the file's first line says.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>How many lines there are, the heading counted in.</returns>
    public static async Task<int> InspectAsync(Stream stream, ImportFormat? format, CancellationToken cancellationToken)
    {
        var isGzip = await IsGzipAsync(stream, cancellationToken);
        var (length, lines, tail) = (0L, 0, new StringBuilder());
        try
        {
            await using var unpacked = isGzip ? new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true) : stream;
            var buffer = new byte[64 * 1024];
            while (await unpacked.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                length += count;
                lines += buffer.AsSpan(0, count).Count((byte)'\n');
                Keep(tail, buffer.AsSpan(0, count));
                if (length > LargestUnpacked)
                {
                    throw new UnreadableFileException("import.too_large", "Unpacked, the file has more than 4 GiB.");
                }
            }

            if (isGzip)
            {
                await CheckTrailerAsync(stream, length, cancellationToken);
            }
        }
        catch (InvalidDataException broken)
        {
            throw Broken(broken);
        }

        return tail.Length == 0 ? lines : CheckEnd(format, lines + 1, tail.ToString());
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
        return text is null ? null : tooLong ? Parsed.Rejected("row.too_long", $"A row has at most {LongestLine} characters.") : Format.Parse(text);
    }

    public void Dispose() => reader.Dispose();

    private static void Keep(StringBuilder tail, ReadOnlySpan<byte> bytes)
    {
        if (bytes.LastIndexOf((byte)'\n') is >= 0 and var end)
        {
            tail.Clear();
            bytes = bytes[(end + 1)..];
        }

        if (tail.Length < 2 * LongestLine)
        {
            tail.Append(Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 2 * LongestLine)]));
        }
    }

    /// <summary>A last line without its end is a row or a part of one: what cannot be read says that the file was torn off, and nothing of it is used.</summary>
    private static int CheckEnd(ImportFormat? format, int lines, string last) =>
        lines > 1 && (format ?? ImportFormats.Guess(last))?.Parse(last) is not { Row: not null } and not { Code: not "row.malformed" }
            ? throw new UnreadableFileException("import.truncated", $"The file ends in the middle of line {lines}. Send all of it: nothing of this one is used.")
            : lines;

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
