namespace Aerona.Hosting;

/// <summary>A setting that keeps the process from starting. Each line names the key and the rule, for whoever set it; the host prints it and nothing else.</summary>
/// <param name="lines">At least one: <c>Tokens:SigningKeyFile: …</c>.</param>
/// <param name="inner">What it was found out by, if anything.</param>
public sealed class SettingException(IReadOnlyList<string> lines, Exception? inner = null) : InvalidOperationException(string.Join('\n', lines), inner)
{
    /// <summary>A single setting.</summary>
    public SettingException(string key, string rule, Exception? inner = null)
        : this([$"{key}: {rule}"], inner)
    {
    }

    /// <summary>One a setting.</summary>
    public IReadOnlyList<string> Lines => lines;
}
