using System.Text;
using System.Xml.Linq;

namespace Aerona.Architecture.Tests;

/// <summary>The working copy these tests were built from.</summary>
internal static class SourceTree
{
    public static string Root { get; } = FindRoot();

    /// <summary>Projects by path from the root, with slashes.</summary>
    public static IReadOnlyList<Project> Projects { get; } = [.. Files("*.csproj").Where(IsOurs).Select(path => new Project(path, XDocument.Load(Path.Combine(Root, path))))];

    /// <summary>C# files by path from the root.</summary>
    public static IReadOnlyList<Source> Sources { get; } = [.. Files("*.cs").Where(IsOurs).Select(path => new Source(path, File.ReadAllText(Path.Combine(Root, path))))];

    /// <summary>Paths from the root, with slashes, of what is not made by a build.</summary>
    public static IEnumerable<string> Files(string pattern) => Directory.EnumerateFiles(Root, pattern, SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
        .Where(file => !file.Split('/').Any(part => part is "bin" or "obj" or "artifacts" or "data" or ".git"))
        .Order(StringComparer.Ordinal);

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Not what the bench compares with: written as others would, apart from the solution.</summary>
    private static bool IsOurs(string path) => !path.StartsWith("bench/peers/", StringComparison.Ordinal);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Aerona.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Aerona.sln is in no folder above the tests");
    }
}

/// <summary>A project file.</summary>
internal sealed record Project(string Path, XDocument Xml)
{
    /// <summary>Folder from the root: <c>services/Payments</c>.</summary>
    public string Folder => Path[..Path.LastIndexOf('/')];

    /// <summary>Folders of the projects it references.</summary>
    public IEnumerable<string> References => Xml.Descendants("ProjectReference").Select(reference =>
    {
        var parts = new List<string>(Folder.Split('/'));
        foreach (var part in reference.Attribute("Include")!.Value.Replace('\\', '/').Split('/')[..^1])
        {
            if (part == "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    });
}

/// <summary>A C# file.</summary>
internal sealed record Source(string Path, string Text)
{
    private readonly Lazy<string> code = new(() => Mask(Text, keepComments: false));
    private readonly Lazy<string> commented = new(() => Mask(Text, keepComments: true));

    /// <summary>The text with comments and the insides of strings blanked; places stay where they are.</summary>
    public string Code => code.Value;

    /// <summary>The same with comments kept.</summary>
    public string CodeAndComments => commented.Value;

    /// <summary>For messages: <c>services/Payments/Payment.cs:12</c>.</summary>
    public string Place(int index) => $"{Path}:{Text.AsSpan(0, index).Count('\n') + 1}";

    private static string Mask(string text, bool keepComments)
    {
        var masked = new StringBuilder(text);
        for (var at = 0; at < text.Length;)
        {
            var (end, isComment) = Skip(text, at);
            if (end == at)
            {
                at++;
                continue;
            }

            for (; at < end; at++)
            {
                if (text[at] is not ('\n' or '\r') && !(isComment && keepComments))
                {
                    masked[at] = ' ';
                }
            }
        }

        return masked.ToString();
    }

    /// <summary>Where a comment or literal that begins here ends; here when none begins.</summary>
    private static (int End, bool IsComment) Skip(string text, int at)
    {
        var rest = text.AsSpan(at);
        if (rest.StartsWith("//"))
        {
            return (EndOf(text, "\n", at), true);
        }

        if (rest.StartsWith("/*"))
        {
            return (EndOf(text, "*/", at + 2) + 2, true);
        }

        if (rest.StartsWith("\"\"\""))
        {
            var quotes = rest.Length - rest.TrimStart('"').Length;
            return (EndOf(text, new string('"', quotes), at + quotes) + quotes, false);
        }

        if (rest[0] == '\'')
        {
            return (EndOfQuoted(text, at, '\'', verbatim: false), false);
        }

        return rest[0] == '"' ? (EndOfQuoted(text, at, '"', verbatim: IsVerbatim(text, at)), false) : (at, false);
    }

    private static bool IsVerbatim(string text, int quote) =>
        (quote > 0 && text[quote - 1] == '@') || (quote > 1 && text[quote - 1] == '$' && text[quote - 2] == '@');

    private static int EndOf(string text, string mark, int from) =>
        text.IndexOf(mark, from, StringComparison.Ordinal) is >= 0 and var found ? found : text.Length - mark.Length;

    private static int EndOfQuoted(string text, int at, char quote, bool verbatim)
    {
        for (var end = at + 1; end < text.Length; end++)
        {
            if (!verbatim && text[end] == '\\')
            {
                end++;
            }
            else if (text[end] == quote)
            {
                if (!verbatim || end + 1 >= text.Length || text[end + 1] != quote)
                {
                    return end + 1;
                }

                end++;
            }
            else if (!verbatim && text[end] == '\n')
            {
                return end;   // not a literal after all
            }
        }

        return text.Length;
    }
}
