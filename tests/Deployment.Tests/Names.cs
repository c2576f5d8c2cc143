using System.Text.RegularExpressions;

namespace Aerona.Deployment.Tests;

/// <summary>What names and values give away.</summary>
internal static partial class Names
{
    /// <summary>Whether a variable of that name holds a secret.</summary>
    public static bool IsSecret(string variable) => !variable.EndsWith("File", StringComparison.Ordinal) && !variable.EndsWith("__ClientId", StringComparison.Ordinal) && Secret().IsMatch(variable);

    /// <summary>Whether an image is pinned: a tag that says a version, or a digest; never <c>latest</c> or none.</summary>
    public static bool IsPinned(string image) => Pinned().IsMatch(image);

    [GeneratedRegex("password|secret|token|credential|access_?key|private_?key|connectionstrings", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9./_-]*(:v?[0-9]+\.[0-9]+[A-Za-z0-9._-]*|@sha256:[0-9a-f]{64}|:v?[0-9]+\.[0-9]+[A-Za-z0-9._-]*@sha256:[0-9a-f]{64})$")]
    private static partial Regex Pinned();
}
