using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Options;

namespace Aerona.Notifications.Hooks;

/// <summary>Calls to addresses that others gave us (webhooks, push services); section <c>Egress</c>.</summary>
internal sealed class EgressOptions
{
    /// <summary>For tests and a sandbox: plain http and addresses that are not public are called too. Refused in Production.</summary>
    public bool AllowPrivateAddresses { get; init; }

    /// <summary>Networks refused beside those that are never public, such as a NAT64 prefix of one's own: <c>2001:67c:2e8:64::/96</c>.</summary>
    public string[] AlsoRefuse { get; init; } = [];
}

/// <summary>Looks names up.</summary>
internal interface INames
{
    /// <summary>Every address of a host, at least one; of an address itself.</summary>
    /// <exception cref="SocketException">There is no such name, or no name server answers.</exception>
    Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken);
}

internal sealed class SystemNames : INames
{
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken) =>
        IPAddress.TryParse(host, out var address) ? [address] : await Dns.GetHostAddressesAsync(host, cancellationToken);
}

/// <summary>The address of a host is none that we call for others.</summary>
internal sealed class AddressRefusedException(string host) : IOException($"{host} is not on the public internet");

/// <summary>Which addresses are on the public internet. What is not known to be is not.</summary>
internal static class PublicAddresses
{
    /// <summary>IANA's special-purpose registries (RFC 6890) and what was added to them since, and addresses that clouds answer on from inside.</summary>
    private static readonly IPNetwork[] NeverPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24",
            "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "168.63.129.16/32",   // Azure's own, for its machines alone
            "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>The only part of IPv6 that is given out: no loopback, link-local, unique local, multicast, v4-mapped, v4-compatible or NAT64 address is in it.</summary>
    private static readonly IPNetwork Unicast = IPNetwork.Parse("2000::/3");

    public static bool Has(IPAddress address, IReadOnlyList<IPNetwork> alsoRefused) =>
        (address.AddressFamily == AddressFamily.InterNetwork || (address.AddressFamily == AddressFamily.InterNetworkV6 && Unicast.Contains(address)))
        && !NeverPublic.Any(network => network.Contains(address)) && !alsoRefused.Any(network => network.Contains(address));
}

/// <summary>
/// The one client for addresses that others gave us. The name is looked up when a connection is made, what was found is judged, and those very addresses are
/// connected to: a name that changes its mind in between (DNS rebinding) changes nothing. Redirects are not followed, no proxy and no cookies are used.
/// </summary>
internal sealed class EgressGuard : IDisposable
{
    private readonly INames names;
    private readonly bool allowPrivate;
    private readonly List<IPNetwork> alsoRefused;
    private readonly Func<IPEndPoint, CancellationToken, Task<Stream>> dial;

    public EgressGuard(INames names, IOptions<EgressOptions> options)
        : this(names, options, DialAsync)
    {
    }

    /// <param name="names">Looks names up.</param>
    /// <param name="options">What is allowed.</param>
    /// <param name="dial">Connects to an address.</param>
    internal EgressGuard(INames names, IOptions<EgressOptions> options, Func<IPEndPoint, CancellationToken, Task<Stream>> dial)
    {
        (this.names, this.dial, allowPrivate) = (names, dial, options.Value.AllowPrivateAddresses);
        alsoRefused = [.. options.Value.AlsoRefuse.Select(IPNetwork.Parse)];
        Http = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, cancellationToken),
            ConnectTimeout = TimeSpan.FromSeconds(10),
            MaxConnectionsPerServer = 16,
            MaxResponseHeadersLength = 16,   // KiB
            MaxResponseDrainSize = 0,        // a body that nobody reads is not waited for either
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,   // each call has its own limit
        };
    }

    public HttpClient Http { get; }

    /// <summary>What is wrong with an address somebody gave us, as far as can be seen without looking its name up; null: nothing.</summary>
    public string? ProblemOf(string url)
    {
        if (url.Length > 2000 || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.IsFile || uri.HostNameType is UriHostNameType.Unknown or UriHostNameType.Basic)
        {
            return "An absolute https address of at most 2000 characters.";
        }

        if (uri.Scheme != Uri.UriSchemeHttps && !(allowPrivate && uri.Scheme == Uri.UriSchemeHttp))
        {
            return "It begins with https://.";
        }

        if (uri.UserInfo.Length > 0 || uri.Fragment.Length > 0 || url.Any(char.IsControl))
        {
            return "No user name, no password, no fragment, no control characters.";
        }

        return allowPrivate || IsPossible(uri) ? null : "A host on the public internet.";
    }

    /// <summary>Connects to an address that was looked up and judged here, to no other.</summary>
    /// <exception cref="AddressRefusedException">One of the host's addresses is not public.</exception>
    internal async ValueTask<Stream> ConnectAsync(DnsEndPoint host, CancellationToken cancellationToken)
    {
        var addresses = await names.ResolveAsync(host.Host, cancellationToken);
        // One that must not be called makes all of them suspect: whoever mixes them wants one of us to be wrong.
        if (!allowPrivate && !addresses.All(address => PublicAddresses.Has(address, alsoRefused)))
        {
            throw new AddressRefusedException(host.Host);
        }

        Exception? problem = null;
        foreach (var address in addresses.OrderBy(address => address.AddressFamily == AddressFamily.InterNetworkV6))
        {
            try
            {
                return await dial(new(address, host.Port), cancellationToken);
            }
            catch (SocketException unreachable)
            {
                problem = unreachable;   // the next one may answer
            }
        }

        throw problem ?? new SocketException((int)SocketError.HostNotFound);
    }

    public void Dispose() => Http.Dispose();

    private bool IsPossible(Uri uri) => uri.HostNameType == UriHostNameType.Dns
        ? uri.IdnHost.TrimEnd('.') is var host && host.Contains('.', StringComparison.Ordinal)
            && !IsWithin(host, "localhost") && !IsWithin(host, "local") && !IsWithin(host, "internal") && !IsWithin(host, "home.arpa")
        : PublicAddresses.Has(IPAddress.Parse(uri.IdnHost), alsoRefused);

    private static bool IsWithin(string host, string domain) => host.EndsWith($".{domain}", StringComparison.OrdinalIgnoreCase);

    private static async Task<Stream> DialAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>What came of a call that got no answer, as a stable code.</summary>
internal static class CallProblem
{
    public const string Timeout = "call.timeout";

    public static string Of(Exception problem)
    {
        for (var inner = problem; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case AddressRefusedException:
                    return "call.address_refused";
                case AuthenticationException:
                    return "call.tls_failed";
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return "call.name_unknown";
                case SocketException or IOException when inner.InnerException is null:
                    return "call.unreachable";
                default:
                    break;
            }
        }

        return "call.unreachable";
    }
}
