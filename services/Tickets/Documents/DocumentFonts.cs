using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Aerona.Tickets.Documents;

/// <summary>How documents are made.</summary>
internal sealed class DocumentOptions : IValidatableObject
{
    /// <summary>A folder with TrueType fonts (a regular and a bold); null looks where the platform keeps its own.</summary>
    public string? Fonts { get; init; }

    /// <summary>How often files and records are compared.</summary>
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromDays(1);

    /// <summary>What is younger is left alone: a file stands before its record, and who was killed between the two comes back to it.</summary>
    public TimeSpan SweepGrace { get; init; } = TimeSpan.FromDays(2);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (SweepEvery < TimeSpan.FromMinutes(1) || SweepEvery > TimeSpan.FromDays(365))
            yield return new($"Documents:SweepEvery: {SweepEvery} is not between a minute and a year", [nameof(SweepEvery)]);

        if (SweepGrace < TimeSpan.FromHours(1) || SweepGrace > TimeSpan.FromDays(365))
            yield return new($"Documents:SweepGrace: {SweepGrace} is not between an hour and a year", [nameof(SweepGrace)]);

        if (Fonts is not null && !Directory.Exists(Fonts))
            yield return new($"Documents:Fonts: the folder '{Fonts}' does not exist", [nameof(Fonts)]);
    }
}

/// <summary>A regular and a bold cut of one design.</summary>
internal sealed record FontFamily(string Name, FontFace Regular, FontFace Bold)
{
    public bool Covers(string text) => Regular.Covers(text) && Bold.Covers(text);
}

/// <summary>
/// The fonts of this machine, found once: Noto Sans, Liberation Sans, DejaVu Sans or Arial. Without any, the standard Helvetica of every PDF reader, which
/// can do no more than unaccented Latin here.
/// </summary>
internal sealed partial class DocumentFonts
{
    private static readonly (string Name, string[] Regular, string[] Bold)[] Known =
    [
        ("Noto Sans", ["NotoSans-Regular.ttf"], ["NotoSans-Bold.ttf"]),
        ("Liberation Sans", ["LiberationSans-Regular.ttf"], ["LiberationSans-Bold.ttf"]),
        ("DejaVu Sans", ["DejaVuSans.ttf"], ["DejaVuSans-Bold.ttf"]),
        ("Arial", ["Arial.ttf", "arial.ttf"], ["Arial Bold.ttf", "arialbd.ttf"]),
    ];

    public DocumentFonts(IOptions<DocumentOptions> options, ILogger<DocumentFonts> log)
    {
        var files = Files(options.Value.Fonts is { } folder ? [folder] : PlatformFolders());
        foreach (var (name, regular, bold) in Known)
        {
            if (Load(files, regular, log) is { } regularFace && Load(files, bold, log) is { } boldFace)
                Families.Add(new(name, regularFace, boldFace));
        }

        if (Families.Count == 0)
        {
            NoFonts(log, options.Value.Fonts ?? string.Join(", ", PlatformFolders()));
            Families.Add(new("Helvetica", new StandardFace(bold: false), new StandardFace(bold: true)));
        }
    }

    /// <summary>Best first, at least one.</summary>
    public List<FontFamily> Families { get; } = [];

    /// <summary>The first family that has every character of a document, so that it looks of a piece; else the one that lacks the fewest.</summary>
    public FontFamily For(IReadOnlyCollection<string> texts) =>
        Families.Find(family => texts.All(family.Covers)) ?? Families.MaxBy(family => texts.Count(family.Covers))!;

    private static Dictionary<string, string> Files(IEnumerable<string> folders)
    {
        var search = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, MaxRecursionDepth = 5 };
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*.ttf", search)))
            files.TryAdd(Path.GetFileName(file), file);

        return files;
    }

    private static TrueTypeFace? Load(Dictionary<string, string> files, string[] names, ILogger log)
    {
        if (names.Select(files.GetValueOrDefault).FirstOrDefault(file => file is not null) is not { } path)
            return null;

        if (TrueTypeFace.TryLoad(path, out var problem) is { } face)
            return face;

        Unusable(log, path, problem);
        return null;
    }

    private static IEnumerable<string> PlatformFolders()
    {
        if (OperatingSystem.IsWindows())
            return [Environment.GetFolderPath(Environment.SpecialFolder.Fonts)];

        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return OperatingSystem.IsMacOS()
            ? ["/Library/Fonts", "/System/Library/Fonts", Path.Combine(home, "Library/Fonts")]
            : ["/usr/share/fonts", "/usr/local/share/fonts", Path.Combine(home, ".local/share/fonts"), Path.Combine(home, ".fonts")];
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "No usable font in {Folders}: documents will be set in Helvetica and names printed as on the ticket only. Install DejaVu or Noto Sans, or set Documents:Fonts")]
    private static partial void NoFonts(ILogger log, string folders);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The font {Path} cannot be used: {Problem}")]
    private static partial void Unusable(ILogger log, string path, string problem);
}
