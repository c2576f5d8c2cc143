using System.Buffers.Text;
using Aerona.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.BuildingBlocks.Tests.Hosting;

public sealed class BookingLinkTests
{
    private static readonly Guid Booking = Guid.Parse("0198c5f2-6d0e-7f5e-9a55-3c1d2b4f6a70");

    [Fact]
    public async Task A_code_opens_its_booking_until_its_end_and_is_the_same_every_time()
    {
        await using var shop = await Shop.StartAsync();
        var links = shop.Services.GetRequiredService<IBookingLinks>();
        var end = shop.Clock.GetUtcNow().AddDays(7);

        var code = links.Code(Booking, end);

        Assert.Equal(code, links.Code(Booking, end));
        Assert.Equal(Booking, links.BookingOf(code));
        shop.Clock.SetUtcNow(end.AddMinutes(-1));
        Assert.Equal(Booking, links.BookingOf(code));
        shop.Clock.SetUtcNow(end);
        Assert.Null(links.BookingOf(code));
    }

    [Fact]
    public async Task A_code_with_any_bit_changed_opens_nothing()
    {
        await using var shop = await Shop.StartAsync();
        var links = shop.Services.GetRequiredService<IBookingLinks>();
        var code = Base64Url.DecodeFromChars(links.Code(Booking, shop.Clock.GetUtcNow().AddDays(7)));

        for (var bit = 0; bit < code.Length * 8; bit++)
        {
            var other = code.ToArray();
            other[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(links.BookingOf(Base64Url.EncodeToString(other)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("AA1-20261205")]
    [InlineData("++++++++++++++++++++++++++++++++++++++++++++++++")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ")]
    public async Task What_is_no_code_opens_nothing(string code)
    {
        await using var shop = await Shop.StartAsync();

        Assert.Null(shop.Services.GetRequiredService<IBookingLinks>().BookingOf(code));
    }

    [Fact]
    public async Task Another_installation_makes_other_codes()
    {
        await using var shop = await Shop.StartAsync();
        await using var other = await Shop.StartAsync();

        var code = other.Services.GetRequiredService<IBookingLinks>().Code(Booking, shop.Clock.GetUtcNow().AddDays(7));

        Assert.Null(shop.Services.GetRequiredService<IBookingLinks>().BookingOf(code));
    }
}
