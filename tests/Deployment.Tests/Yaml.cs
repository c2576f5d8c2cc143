using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Aerona.Deployment.Tests;

/// <summary>YAML read strictly: a key that the type does not have, or a key twice, is an error.</summary>
internal static class Yaml
{
    private static readonly IDeserializer Strict = new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).WithDuplicateKeyChecking().Build();
    private static readonly IDeserializer StrictCamel = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).WithDuplicateKeyChecking().Build();

    /// <summary>One document, its merges (<c>&lt;&lt;</c>) carried out, top-level keys that <paramref name="drop"/> names left out.</summary>
    /// <exception cref="YamlException">It is not of this form.</exception>
    public static T Read<T>(string text, Func<string, bool>? drop = null)
    {
        var root = Merged(Load(text));
        foreach (var key in root.Children.Keys.Where(key => drop?.Invoke(key.ToString()) == true).ToList())
        {
            root.Children.Remove(key);
        }

        return Strict.Deserialize<T>(Text(root));
    }

    public static T ReadCamel<T>(string text) => StrictCamel.Deserialize<T>(Text(Load(text)));

    public static YamlMappingNode Load(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents is [{ RootNode: YamlMappingNode root }] ? root : throw new YamlException("one document, a mapping");
    }

    public static string Text(YamlNode node)
    {
        using var text = new StringWriter();
        new YamlStream(new YamlDocument(node)).Save(text, assignAnchors: false);
        return text.ToString();
    }

    /// <summary>A copy in which every merge key is replaced by what it brings; a mapping's own keys win, then the first of several.</summary>
    public static YamlMappingNode Merged(YamlMappingNode node)
    {
        var merged = new YamlMappingNode();
        foreach (var (key, value) in node.Children.Where(child => child.Key.ToString() != "<<"))
        {
            merged.Add(key, Copy(value));
        }

        if (node.Children.TryGetValue(new YamlScalarNode("<<"), out var merge))
        {
            foreach (var source in merge is YamlSequenceNode several ? [.. several.Children] : (IReadOnlyList<YamlNode>)[merge])
            {
                foreach (var (key, value) in Merged((YamlMappingNode)source).Children.Where(child => !merged.Children.ContainsKey(child.Key)))
                {
                    merged.Add(key, value);
                }
            }
        }

        return merged;
    }

    private static YamlNode Copy(YamlNode node) => node switch
    {
        YamlMappingNode mapping => Merged(mapping),
        YamlSequenceNode sequence => new YamlSequenceNode(sequence.Children.Select(Copy)),
        YamlScalarNode scalar => new YamlScalarNode(scalar.Value) { Style = scalar.Style },
        _ => node,
    };
}
