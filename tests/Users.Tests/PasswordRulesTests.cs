using System.Security.Cryptography;
using System.Text;
using Aerona.Users.Passwords;
using CsCheck;
using Microsoft.Extensions.Options;

namespace Aerona.Users.Tests;

public sealed class PasswordRulesTests
{
    private static readonly PasswordRules Rules = new(Options.Create(new UsersOptions()));

    [Theory]
    [InlineData("password")]
    [InlineData("P@ssw0rd!")]
    [InlineData("Passwort123")]
    [InlineData("12345678")]
    [InlineData("87654321")]
    [InlineData("qwertyui")]
    [InlineData("1qaz2wsx3edc")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("abcabcabcabc")]
    [InlineData("Summer2026!")]
    [InlineData("iloveyou2")]
    [InlineData("Matkhau123")]
    [InlineData("asdfqwer1234")]
    [InlineData("Vietnam2025")]
    public void What_is_tried_first_is_refused(string password) => Assert.Equal(PasswordProblem.Common, Rules.Check(password));

    [Theory]
    [InlineData("alice.example1")]
    [InlineData("Example2026")]
    [InlineData("AliceExample!")]
    public void What_is_like_name_or_address_is_refused(string password) => Assert.NotNull(Rules.Check(password, "alice.example@example.org", "Alice Example"));

    [Theory]
    [InlineData("four green bananas fly")]
    [InlineData("đi chợ mua rau muống")]
    [InlineData("xK9#vLq2")]
    [InlineData("ppppppppppppppppppppppq7Z")]
    [InlineData("correct horse battery staple")]
    public void Others_are_taken_whatever_they_are_made_of(string password) => Assert.Null(Rules.Check(password, "alice@example.org"));

    [Fact]
    public void Short_ones_are_refused_by_what_one_sees_and_long_ones_by_what_is_hashed()
    {
        Assert.Equal(PasswordProblem.TooShort, Rules.Check("xK9#vLq"));
        Assert.Equal(PasswordProblem.TooShort, Rules.Check("👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦"));
        Assert.Null(Rules.Check(new string([.. Enumerable.Range(0, PasswordRules.Longest).Select(at => (char)('!' + at * 7 % 90))])));
        Assert.Equal(PasswordProblem.TooLong, Rules.Check(new string([.. Enumerable.Range(0, PasswordRules.Longest + 1).Select(at => (char)('!' + at * 7 % 90))])));
    }

    [Fact]
    public void Any_text_is_judged_without_a_fault() => Gen.String.Sample(text => _ = Rules.Check(text, text, "alice@example.org"), iter: 2_000);

    [Fact]
    public void Every_password_in_the_file_of_breached_ones_is_found_and_no_other()
    {
        var folder = Directory.CreateTempSubdirectory("aerona-breached-");
        try
        {
            var file = Path.Combine(folder.FullName, "sha1.txt");
            Gen.Int[0, 40].Select(Gen.Bool).Sample(
                (count, windows) =>
                {
                    var known = Enumerable.Range(0, count).Select(at => $"violet engine {at} wanders").ToList();
                    File.WriteAllText(file, string.Concat(known.Select(Sha1).Order(StringComparer.Ordinal).Select((hash, at) => $"{hash}:{at * 37}{(windows ? "\r\n" : "\n")}")));
                    var rules = new PasswordRules(Options.Create(new UsersOptions { BreachedPasswordsFile = file }));

                    Assert.All(known, password => Assert.Equal(PasswordProblem.Breached, rules.Check(password)));
                    Assert.All(Enumerable.Range(100, 10), at => Assert.Null(rules.Check($"violet engine {at} wanders")));
                },
                iter: 40, threads: 1);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Sha1(string password) => Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(password)));
}
