using System.Net;
using System.Net.Sockets;

namespace ChatMvc.Shared;

/// <summary>Who asks, as limits count it: an IPv4 address, or the /64 network of an IPv6 one, of which one line has plenty.</summary>
public static class ClientAddress
{
    private const int NetworkBytes = 8;

    /// <summary>Of the client, where a known proxy forwards it, else of whoever is connected.</summary>
    public static string Of(HttpContext http) => http.Connection.RemoteIpAddress is { } address ? InLimits(address) : "";

    /// <summary>
    /// What the addresses of one owner begin with: half of an IPv4 address, or the first 32 bits of an IPv6 one, as a provider has them.
    /// </summary>
    /// <param name="address">As limits have it.</param>
    public static string NetworkOf(string address)
    {
        var separator = address.Contains(':', StringComparison.Ordinal) ? ':' : '.';
        return address.Split(separator) is [var first, var second, ..] ? $"{first}{separator}{second}{separator}" : address;
    }

    public static string InLimits(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address.ToString();
        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, NetworkBytes, bytes.Length - NetworkBytes);
        return new IPAddress(bytes).ToString();
    }
}
