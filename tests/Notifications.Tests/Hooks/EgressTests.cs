using System.Net;
using System.Net.Sockets;
using Aerona.Notifications.Hooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Aerona.Notifications.Tests.Hooks;

public sealed class EgressTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("100.100.100.200")]           // a cloud's metadata
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("168.63.129.16")]             // a cloud's own, for machines inside
    [InlineData("169.254.169.254")]           // metadata of most clouds
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.192")]               // metadata of another
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("203.0.113.9")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:93.184.215.14")]      // of a public one too: nobody needs it
    [InlineData("64:ff9b::7f00:1")]           // NAT64
    [InlineData("64:ff9b:1::7f00:1")]
    [InlineData("100::1")]
    [InlineData("2001::1")]                   // Teredo
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::")]             // 6to4
    [InlineData("3fff::1")]
    [InlineData("5f00::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]             // metadata over IPv6
    [InlineData("fe80::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    [InlineData("2606:2800:21f:cb07::1")]     // refused by configuration
    public async Task Nothing_that_is_not_public_is_connected_to(string address)
    {
        var dialled = new List<IPEndPoint>();
        using var guard = Guard([[IPAddress.Parse(address)]], dialled);

        await Assert.ThrowsAsync<AddressRefusedException>(() => guard.ConnectAsync(new("hook.example", 443), TestContext.Current.CancellationToken).AsTask());
        Assert.Empty(dialled);
    }

    [Theory]
    [InlineData("93.184.215.14")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("192.0.1.1")]
    [InlineData("2606:2800:220:1::1")]
    [InlineData("2a00:1450:4001::1")]
    public async Task What_is_public_is_connected_to(string address)
    {
        var dialled = new List<IPEndPoint>();
        using var guard = Guard([[IPAddress.Parse(address)]], dialled);

        await using var stream = await guard.ConnectAsync(new("hook.example", 8443), TestContext.Current.CancellationToken);

        Assert.Equal([new(IPAddress.Parse(address), 8443)], dialled);
    }

    [Fact]
    public async Task A_name_that_changes_its_mind_after_it_was_judged_changes_nothing_and_is_judged_anew_at_the_next_connection()
    {
        var dialled = new List<IPEndPoint>();
        var open = IPAddress.Parse("93.184.215.14");
        using var guard = Guard([[open], [IPAddress.Loopback]], dialled, out var names);

        await using (var stream = await guard.ConnectAsync(new("rebind.example", 443), TestContext.Current.CancellationToken))
        {
            Assert.Equal(["rebind.example"], names.Asked);   // asked once: what was judged is what is dialled
        }

        await Assert.ThrowsAsync<AddressRefusedException>(() => guard.ConnectAsync(new("rebind.example", 443), TestContext.Current.CancellationToken).AsTask());
        Assert.Equal([new(open, 443)], dialled);
    }

    [Fact]
    public async Task The_second_address_is_tried_when_the_first_does_not_answer()
    {
        var dialled = new List<IPEndPoint>();
        var (dead, well) = (IPAddress.Parse("93.184.215.14"), IPAddress.Parse("93.184.215.15"));
        using var guard = Guard([[dead, well]], dialled, out _, dead);

        await using var stream = await guard.ConnectAsync(new("hook.example", 443), TestContext.Current.CancellationToken);

        Assert.Equal([new(dead, 443), new(well, 443)], dialled);
    }

    [Theory]
    [InlineData("https://hook.example/path?query=1", true)]
    [InlineData("https://hook.example:8443/", true)]
    [InlineData("https://93.184.215.14/", true)]
    [InlineData("http://hook.example/", false)]
    [InlineData("ftp://hook.example/", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("/relative", false)]
    [InlineData("", false)]
    [InlineData("https://user:secret@hook.example/", false)]
    [InlineData("https://hook.example/#fragment", false)]
    [InlineData("https://hook.example/\r\nX-Header: 1", false)]
    [InlineData("https://localhost/", false)]
    [InlineData("https://shop.localhost/", false)]
    [InlineData("https://metadata.google.internal/", false)]
    [InlineData("https://printer.local/", false)]
    [InlineData("https://intranet/", false)]
    [InlineData("https://127.0.0.1/", false)]
    [InlineData("https://2130706433/", false)]
    [InlineData("https://0x7f.1/", false)]
    [InlineData("https://0177.0.0.1/", false)]
    [InlineData("https://[::1]/", false)]
    [InlineData("https://[::ffff:10.0.0.1]/", false)]
    [InlineData("https://169.254.169.254/latest/meta-data", false)]
    public void An_address_that_cannot_be_is_refused_before_it_is_looked_up(string url, bool isPossible)
    {
        using var guard = Guard([], []);

        Assert.Equal(isPossible, guard.ProblemOf(url) is null);
    }

    [Fact]
    public void Production_does_not_start_with_private_addresses_allowed()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Egress:AllowPrivateAddresses"] = "true", ["Egress:AlsoRefuse:0"] = "everything" });
        builder.AddHooks();
        using var services = builder.Services.BuildServiceProvider();

        var refused = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<EgressOptions>>().Value);

        Assert.Contains(refused.Failures, line => line.StartsWith("Egress:AllowPrivateAddresses:", StringComparison.Ordinal));
        Assert.Contains(refused.Failures, line => line.StartsWith("Egress:AlsoRefuse:", StringComparison.Ordinal));
    }

    private static EgressGuard Guard(IPAddress[][] answers, List<IPEndPoint> dialled) => Guard(answers, dialled, out _);

    private static EgressGuard Guard(IPAddress[][] answers, List<IPEndPoint> dialled, out Names names, IPAddress? dead = null)
    {
        names = new Names(new() { ["hook.example"] = answers, ["rebind.example"] = answers });
        return new(names, Options.Create(new EgressOptions { AlsoRefuse = ["2606:2800:21f:cb07::/64"] }), (address, _) =>
        {
            dialled.Add(address);
            return address.Address.Equals(dead) ? throw new SocketException((int)SocketError.ConnectionRefused) : Task.FromResult<Stream>(new MemoryStream());
        });
    }
}
