using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Aerona.Notifications.Push;
using CsCheck;
using Xunit;

namespace Aerona.Notifications.Tests.Push;

public sealed class EncryptionTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public void RFC_8188_section_3_1_one_record()
    {
        var body = Aes128Gcm.Encrypt("I am the walrus"u8, Bytes("yqdlZ-tYemfogSmv7Ws5PQ"), Bytes("I1BsxtFttlv3u_Oo94xnmw"), [], 4096);

        Assert.Equal("I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg", Base64Url.EncodeToString(body));
    }

    [Fact]
    public void RFC_8188_section_3_2_two_records_the_first_padded()
    {
        var body = Aes128Gcm.Encrypt("I am the walrus"u8, Bytes("BO3ZVPxUlnLORbVGMpbT1Q"), Bytes("uNCkWiNYzKTnBN9ji3-qWA"), "a1"u8, 25, 1);

        Assert.Equal("uNCkWiNYzKTnBN9ji3-qWAAAABkCYTHOG8chz_gnvgOqdGYovxyjuqRyJFjEDyoF1Fvkj6hQPdPHI51OEUKEpgz3SsLWIqS_uA", Base64Url.EncodeToString(body));
    }

    [Fact]
    public void RFC_8291_section_5_a_message_for_a_browser()
    {
        using var sender = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = Bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw") });

        var body = PushEncryption.Encrypt(
            "When I grow up, I want to be a watermelon"u8,
            Bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"), Bytes("BTBZMqHH6r4Tts7J_aSIgg"), 0, sender, Bytes("DGv6ra1nlYgDCS1FRnbzlw"));

        Assert.Equal(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
            Base64Url.EncodeToString(body));
    }

    [Fact]
    public async Task What_is_sealed_is_read_by_an_implementation_that_is_not_ours_whatever_its_length_and_never_looks_the_same_twice()
    {
        var (p256dh, auth) = await browser.SubscribeAsync();
        foreach (var text in new[] { "", "a", new string('x', 255), new string('x', 256), new string('é', 1000), new string('x', 4079) })
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var (one, other) = (PushEncryption.Encrypt(bytes, Bytes(p256dh), Bytes(auth), 256), PushEncryption.Encrypt(bytes, Bytes(p256dh), Bytes(auth), 256));

            Assert.Equal(text, await browser.DecryptAsync(p256dh, one));
            Assert.NotEqual(one, other);
            Assert.Equal(16 + 4 + 1 + 65 + Math.Max(256, bytes.Length) + 17, one.Length);
        }
    }

    [Fact]
    public void Records_of_any_size_come_to_an_end_and_have_the_length_that_the_RFC_says() =>
        Gen.Select(Gen.Byte.Array[0, 400], Gen.Int[18, 200]).Sample((text, size) =>
        {
            var body = Aes128Gcm.Encrypt(text, new byte[16], new byte[16], [], size);
            var records = Math.Max(1, (text.Length + size - 18) / (size - 17));
            return body.Length == 21 + text.Length + (records * 17);
        });

    [Theory]
    [InlineData("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", true)]
    [InlineData("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw8", false)]   // beside the curve
    [InlineData("BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false)]
    [InlineData("AyVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx", false)]                                                // compressed
    [InlineData("", false)]
    public void Only_points_on_the_curve_are_keys(string key, bool isOne) => Assert.Equal(isOne, PushEncryption.IsPoint(Bytes(key)));

    private static byte[] Bytes(string base64Url) => Base64Url.DecodeFromChars(base64Url);
}
