using System.Text;

namespace Aerona.Fuzz;

/// <summary>A request as it is sent.</summary>
/// <param name="Operation">What it was made for.</param>
/// <param name="Method">May be another than the operation's.</param>
/// <param name="Target">Path and query as they are written on the wire.</param>
/// <param name="Headers">In order; a name may stand there twice.</param>
/// <param name="Body">Null: none.</param>
/// <param name="Mutations">What was done to it, in words; none for a call as the description wants it.</param>
internal sealed record Call(
    Operation Operation, string Method, string Target, IReadOnlyList<(string Name, string Value)> Headers, byte[]? Body, IReadOnlyList<string> Mutations)
{
    public bool HasToken => Headers.Any(header => header.Name == "Authorization");

    public HttpRequestMessage ToRequest(Uri address)
    {
        var request = new HttpRequestMessage(new(Method), new Uri($"{address.GetLeftPart(UriPartial.Authority)}{Target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (Body is not null)
        {
            request.Content = new ByteArrayContent(Body);
        }

        foreach (var (name, value) in Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }

    /// <summary>The same as a command line; what a shell would not take stands there as printf writes it.</summary>
    public string ToCurl(Uri address)
    {
        var line = new StringBuilder($"curl -i --path-as-is -X {Method} {Quote(address.GetLeftPart(UriPartial.Authority) + Target)}");
        foreach (var (name, value) in Headers)
        {
            line.Append($" -H {Quote($"{name}: {value}")}");
        }

        return Body is null ? line.ToString()
            : Body.Length <= 4000 && Body.All(value => value >= ' ' && value < 127) ? line.Append($" --data-binary {Quote(Encoding.ASCII.GetString(Body))}").ToString()
            : $"printf %s {Convert.ToBase64String(Body.AsSpan(..Math.Min(Body.Length, 4000)))} | base64 -d | {line} --data-binary @-";
    }

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
