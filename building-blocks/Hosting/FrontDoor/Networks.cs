using System.Net;

namespace Aerona.Hosting;

/// <summary>Addresses as they are counted.</summary>
public static class Networks
{
    private const int Ipv6Bytes = 8;   // /64: what one household or machine is given

    /// <summary>The network that an address stands in, as text; all that are unknown have one in common.</summary>
    /// <param name="address">IPv4, also as IPv6 writes it; IPv6; null: unknown.</param>
    /// <param name="ipv4Bits">How much of an IPv4 address counts: 8, 16, 24 or 32. Of IPv6 64 bits do.</param>
    public static string Of(IPAddress? address, int ipv4Bits)
    {
        if (address is null)
        {
            return "unknown";
        }

        var bytes = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetAddressBytes();
        return bytes.Length == 4 ? $"4:{Convert.ToHexStringLower(bytes.AsSpan(..(ipv4Bits / 8)))}" : $"6:{Convert.ToHexStringLower(bytes.AsSpan(..Ipv6Bytes))}";
    }
}
