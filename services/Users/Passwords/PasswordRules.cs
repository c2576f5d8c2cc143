using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Aerona.Hosting;
using Microsoft.Extensions.Options;

namespace Aerona.Users.Passwords;

internal enum PasswordProblem
{
    TooShort,
    TooLong,
    Common,
    AboutYou,
    Breached,
}

/// <summary>
/// Which passwords are taken: 8 to 128 characters of any kind, none of the ones that are tried first. No rules about kinds of characters, which make people write
/// <c>Password1!</c> (ASVS V6.2).
/// </summary>
internal sealed class PasswordRules
{
    public const int Shortest = 8;
    public const int Longest = 128;

    private const int HashLength = 40;
    private const int LeastOfItsOwn = 6;

    private static readonly string[] KeyboardRows = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qsdfghjklm", "qwertzuiop", "abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb", "qazwsxedcrfvtgb"];
    private static readonly HashSet<string> Words = ReadWords();

    private readonly string? breached;

    public PasswordRules(IOptions<UsersOptions> options)
    {
        breached = options.Value.BreachedPasswordsFile;
        if (breached is not null && !File.Exists(breached))
        {
            throw new SettingException("Users:BreachedPasswordsFile", $"{breached} is not there.");
        }
    }

    /// <summary>Null when it is taken.</summary>
    /// <param name="password">As typed.</param>
    /// <param name="about">E-mail address, name: what an attacker knows.</param>
    public PasswordProblem? Check(string password, params IReadOnlyList<string> about)
    {
        var length = new StringInfo(password).LengthInTextElements;
        if (length < Shortest)
        {
            return PasswordProblem.TooShort;
        }

        if (password.Length > Longest)
        {
            return PasswordProblem.TooLong;
        }

        var (plain, core) = (Plain(password), Core(Plain(password)));
        if (IsOneThing(plain) || Words.Contains(plain) || Words.Contains(core) || IsWalk(core) || IsWalk(plain))
        {
            return PasswordProblem.Common;
        }

        // What is left when everything that is known of the person is taken out of it.
        var rest = about.SelectMany(Parts).OrderByDescending(part => part.Length).Aggregate(plain, (left, part) => left.Replace(part, "", StringComparison.Ordinal));
        if (rest.Length < plain.Length && rest.Length < LeastOfItsOwn)
        {
            return PasswordProblem.AboutYou;
        }

        return breached is not null && IsBreached(password) ? PasswordProblem.Breached : null;
    }

    /// <summary>Case, accents and the usual stand-ins for letters undone.</summary>
    private static string Plain(string password)
    {
        var plain = new StringBuilder();
        foreach (var character in password.Normalize(NormalizationForm.FormD).ToLowerInvariant())
        {
            if (CharUnicodeInfo.GetUnicodeCategory(character) != UnicodeCategory.NonSpacingMark)
            {
                plain.Append(character switch { '@' => 'a', '$' => 's', '€' => 'e', 'đ' => 'd', _ => character });
            }
        }

        return plain.ToString();
    }

    /// <summary>Without what people add to satisfy rules: digits and signs around it; and with digits in the middle read as letters.</summary>
    private static string Core(string plain)
    {
        var core = plain.Trim([.. "0123456789!?.,;:-_+*#/&%()= "]);
        return string.Concat(core.Select(character => character switch { '0' => 'o', '1' => 'i', '3' => 'e', '4' => 'a', '5' => 's', '7' => 't', '!' => 'i', _ => character }));
    }

    /// <summary>One piece of up to four characters over and over: <c>aaaaaaaa</c>, <c>abcabcabc</c>.</summary>
    private static bool IsOneThing(string plain) => Enumerable.Range(1, 4).Any(piece => plain.Length > piece && Enumerable.Range(piece, plain.Length - piece).All(at => plain[at] == plain[at - piece]));

    /// <summary>Keys side by side, forwards or backwards, on their own or one run after another of four and more.</summary>
    private static bool IsWalk(string text)
    {
        var at = 0;
        while (at < text.Length)
        {
            var run = KeyboardRows.Max(row => Math.Max(Run(text, at, row), Run(text, at, new([.. row.Reverse()]))));
            if (run < 4)
            {
                return false;
            }

            at += run;
        }

        return text.Length > 0;
    }

    private static int Run(string text, int from, string row)
    {
        var start = row.IndexOf(text[from], StringComparison.Ordinal);
        var length = 0;
        while (start >= 0 && from + length < text.Length && start + length < row.Length && text[from + length] == row[start + length])
        {
            length++;
        }

        return length;
    }

    private static IEnumerable<string> Parts(string about) =>
        about.Split('@', '.', '-', '_', '+', ' ').Select(Plain).Where(part => part.Length >= 4);

    /// <summary>By halves: the file may have a billion lines.</summary>
    private bool IsBreached(string password)
    {
        var hash = Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(password)));
        using var file = new FileStream(breached!, FileMode.Open, FileAccess.Read, FileShare.Read, 256);
        long low = 0, high = file.Length;
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            var (line, start, end) = LineAt(file, middle);
            var order = string.CompareOrdinal(hash, line.Length >= HashLength ? line[..HashLength].ToUpperInvariant() : line);
            if (order == 0)
            {
                return true;
            }

            (low, high) = order < 0 ? (low, start) : (end, high);
        }

        return false;
    }

    /// <summary>The line that this byte stands in, where it begins, and where the next one does.</summary>
    private static (string Line, long Start, long End) LineAt(FileStream file, long position)
    {
        var start = position;
        while (start > 0)
        {
            file.Position = start - 1;
            if (file.ReadByte() == '\n')
            {
                break;
            }

            start--;
        }

        file.Position = start;
        var line = new StringBuilder();
        int read;
        while ((read = file.ReadByte()) is not (-1 or '\n'))
        {
            line.Append((char)read);
        }

        return (line.ToString().TrimEnd('\r'), start, file.Position);
    }

    private static HashSet<string> ReadWords()
    {
        using var stream = typeof(PasswordRules).Assembly.GetManifestResourceStream("common-passwords.txt")!;
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)];
    }
}
