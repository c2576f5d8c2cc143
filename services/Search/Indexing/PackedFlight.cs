using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Operations;

namespace Aerona.Search.Indexing;

/// <summary>
/// A published flight as Search keeps it, in its table and in the index: some fifty bytes. First byte 1 (another form is another number, and is read beside this one;
/// an opening brace is JSON, as all were once); then, numbers little-endian and texts as a byte of length and UTF-8:
/// <code>
/// version                 8   departs, seconds from 1970 UTC   8   clock ahead of UTC at departure, minutes   2
/// seconds to arrival      4   clock ahead of UTC at arrival    2   flight number                              2   suffix   1 (0: none)
/// carrier, operating carrier, origin, destination, aircraft, supplier (length 0: the house), currency of the fares (length 0: no cabin)
/// cabins                  1   and for each: cabin 1, seats authorised 4, fare in minor units 8, booking class
/// </code>
/// What else a <see cref="PublishedFlight"/> may say is not kept: searches do not need it.
/// </summary>
internal static class PackedFlight
{
    private const byte Form = 1;

    private static readonly ConcurrentDictionary<long, string> Codes = [];

    /// <summary>Packs it. Throws <see cref="ArgumentException"/> for a text of more than 255 bytes.</summary>
    public static byte[] Write(PublishedFlight flight)
    {
        var currency = flight.Cabins.Count == 0 ? "" : flight.Cabins[0].Fare.Currency;
        Span<byte> buffer = stackalloc byte[1024];
        var writer = new Writer(buffer);
        writer.Byte(Form);
        writer.Long(flight.Version);
        writer.Long(flight.DepartsAt.ToUnixTimeSeconds());
        writer.Short((short)(flight.DepartsLocal - flight.DepartsAt.UtcDateTime).TotalMinutes);
        writer.Int((int)(flight.ArrivesAt - flight.DepartsAt).TotalSeconds);
        writer.Short((short)(flight.ArrivesLocal - flight.ArrivesAt.UtcDateTime).TotalMinutes);
        writer.Short((short)flight.Flight.Number);
        writer.Byte((byte)(flight.Flight.Suffix ?? '\0'));
        writer.Text(flight.Flight.Carrier);
        writer.Text(flight.OperatingCarrier);
        writer.Text(flight.Origin);
        writer.Text(flight.Destination);
        writer.Text(flight.Aircraft);
        writer.Text(flight.Supplier ?? "");
        writer.Text(currency);
        writer.Byte((byte)flight.Cabins.Count);
        foreach (var cabin in flight.Cabins)
        {
            if (cabin.Fare.Currency != currency)
            {
                throw new ArgumentException($"{flight.FlightId} has fares in two currencies", nameof(flight));
            }

            writer.Byte((byte)cabin.Cabin);
            writer.Int(cabin.Authorised);
            writer.Long(cabin.Fare.MinorUnits);
            writer.Text(cabin.BookingClass);
        }

        return buffer[..writer.Length].ToArray();
    }

    /// <summary>The flight again. Throws <see cref="InvalidDataException"/> for bytes that are none.</summary>
    public static PublishedFlight Read(ReadOnlySpan<byte> packed)
    {
        if (packed is [(byte)'{', ..])
        {
            return JsonSerializer.Deserialize<PublishedFlight>(packed, JsonSerializerOptions.Web)!;
        }

        var reader = new Reader(packed);
        if (reader.Byte() != Form)
        {
            throw new InvalidDataException("These bytes are no packed flight");
        }

        var version = reader.Long();
        var departsAt = DateTimeOffset.FromUnixTimeSeconds(reader.Long());
        var departsLocal = Local(departsAt, reader.Short());
        var arrivesAt = departsAt.AddSeconds(reader.Int());
        var arrivesLocal = Local(arrivesAt, reader.Short());
        int number = reader.Short();
        var suffix = reader.Byte() is not 0 and var letter ? (char?)letter : null;
        var flight = new FlightDesignator(reader.Text(), number, suffix);
        var (operating, origin, destination, aircraft) = (reader.Text(), reader.Text(), reader.Text(), reader.Text());
        var (supplier, currency) = (reader.Text(), reader.Text());
        var cabins = new PublishedCabin[reader.Byte()];
        for (var at = 0; at < cabins.Length; at++)
        {
            var (cabin, authorised, fare) = ((Cabin)reader.Byte(), reader.Int(), reader.Long());
            cabins[at] = new(cabin, authorised, reader.Text(), new(fare, currency));
        }

        return new(
            flight.OnDate(DateOnly.FromDateTime(departsLocal)), version, flight, operating, origin, destination, departsLocal, departsAt, arrivesLocal, arrivesAt, aircraft,
            cabins, supplier.Length == 0 ? null : supplier);
    }

    private static DateTime Local(DateTimeOffset at, int offset) => DateTime.SpecifyKind(at.UtcDateTime.AddMinutes(offset), DateTimeKind.Unspecified);

    private ref struct Writer(Span<byte> buffer)
    {
        private readonly Span<byte> buffer = buffer;

        public int Length { get; private set; }

        public void Byte(byte value) => buffer[Length++] = value;

        public void Short(short value)
        {
            BinaryPrimitives.WriteInt16LittleEndian(buffer[Length..], value);
            Length += 2;
        }

        public void Int(int value)
        {
            BinaryPrimitives.WriteInt32LittleEndian(buffer[Length..], value);
            Length += 4;
        }

        public void Long(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(buffer[Length..], value);
            Length += 8;
        }

        public void Text(string value)
        {
            var length = Encoding.UTF8.GetBytes(value, buffer.Slice(Length + 1, Math.Min(255, buffer.Length - Length - 1)));
            Byte((byte)length);
            Length += length;
        }
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> rest = bytes;

        public byte Byte() => Take(1)[0];

        public short Short() => BinaryPrimitives.ReadInt16LittleEndian(Take(2));

        public int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

        public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

        /// <summary>The same few codes come again and again: one string each.</summary>
        public string Text()
        {
            var text = Take(Byte());
            if (text.Length > 3)
            {
                return Encoding.UTF8.GetString(text);
            }

            var code = 0L;
            foreach (var letter in text)
            {
                code = (code << 8) | letter;
            }

            return Codes.TryGetValue(code, out var known) ? known : Codes.GetOrAdd(code, Encoding.UTF8.GetString(text));
        }

        private ReadOnlySpan<byte> Take(int count)
        {
            if (count > rest.Length)
            {
                throw new InvalidDataException("The bytes of a packed flight end too soon");
            }

            var taken = rest[..count];
            rest = rest[count..];
            return taken;
        }
    }
}
