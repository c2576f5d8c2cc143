using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Aerona.TestKit;

/// <summary>
/// Runs a <c>.http</c> file as editors know it: requests divided by <c>###</c>, <c>@name = value</c>, <c>{{name}}</c>, <c>{{$guid}}</c>,
/// <c>{{$datetime 'yyyy-MM-dd' 17 d}}</c> and, of a request with <c># @name search</c>, <c>{{search.response.body.$.nextCursor}}</c>. What an answer must be like stands in
/// comments before the request:
/// <code>
/// # expect: 200                                  its status; without one 200 to 299
/// # expect: $.trips.length &gt; 0                   ==, !=, &gt;, &gt;=, &lt;, &lt;=, contains; [*] is every one, and there has to be one
/// # expect: $.trips[0].price exists
/// # within: 30 s                                 asked again until it is so
/// </code>
/// </summary>
public sealed partial class HttpFile
{
    private readonly Dictionary<string, string> variables = [];

    private readonly List<HttpExample> examples = [];

    private HttpFile()
    {
    }

    /// <summary>The requests in their order.</summary>
    public IReadOnlyList<HttpExample> Examples => examples;

    /// <summary>Reads a file's text. Throws <see cref="FormatException"/> naming the line.</summary>
    public static HttpFile Parse(string text)
    {
        var file = new HttpFile();
        HttpExample? example = null;
        var isBody = false;
        foreach (var (index, raw) in text.ReplaceLineEndings("\n").Split('\n').Index())
        {
            var line = raw.TrimEnd();
            if (line.StartsWith("###", StringComparison.Ordinal))
            {
                file.Add(example);
                (example, isBody) = (new(line.TrimStart('#').Trim()), false);
            }
            else if (isBody)
            {
                example!.Body.Append(line).Append('\n');
            }
            else if (Comment().Match(line) is { Success: true } comment)
            {
                (example ??= new("")).Say(comment.Groups[1].Value, index + 1);
            }
            else if (Variable().Match(line) is { Success: true } variable)
            {
                file.variables[variable.Groups[1].Value] = variable.Groups[2].Value.Trim();
            }
            else if (line.Length == 0)
            {
                isBody = example?.Method is not null;
            }
            else if (example?.Method is null)
            {
                example ??= new("");
                (example.Method, example.Address, example.Line) = RequestLine().Match(line) is { Success: true } request
                    ? (request.Groups[1].Value, request.Groups[2].Value, index + 1)
                    : throw new FormatException($"line {index + 1}: '{line}' is no request");
            }
            else if (line.Split(':', 2) is [var name, var value])
            {
                example.Headers.Add((name.Trim(), value.Trim()));
            }
            else
            {
                throw new FormatException($"line {index + 1}: '{line}' is no header");
            }
        }

        file.Add(example);
        return file;
    }

    /// <summary>Sends every request. Throws <see cref="HttpExampleException"/> naming request, line and what was not as expected.</summary>
    /// <param name="http">Addresses may be absolute or below its own.</param>
    /// <param name="given">Values in place of the file's own variables, such as the host.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(HttpClient http, IReadOnlyDictionary<string, string> given, CancellationToken cancellationToken)
    {
        var answers = new Dictionary<string, JsonElement>();
        foreach (var example in examples)
        {
            var began = TimeProvider.System.GetTimestamp();
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
            string? problem;
            do
            {
                using var request = example.Request(text => Fill(text, given, answers, example));
                using var answer = await http.SendAsync(request, cancellationToken);
                var body = await answer.Content.ReadAsStringAsync(cancellationToken);
                problem = example.Problem((int)answer.StatusCode, body, text => Fill(text, given, answers, example), out var json);
                if (problem is null && example.Name is { } name)
                {
                    answers[name] = json;
                }
            }
            while (problem is not null && TimeProvider.System.GetElapsedTime(began) < example.Within && await tick.WaitForNextTickAsync(cancellationToken));

            if (problem is not null)
            {
                throw new HttpExampleException($"{example}: {problem}");
            }
        }
    }

    private void Add(HttpExample? example)
    {
        if (example?.Method is not null)
        {
            examples.Add(example);
        }
    }

    private string Fill(string text, IReadOnlyDictionary<string, string> given, Dictionary<string, JsonElement> answers, HttpExample example) => Placeholder().Replace(text, match =>
    {
        var name = match.Groups[1].Value.Trim();
        if (name == "$guid")
        {
            return Guid.NewGuid().ToString();
        }

        if (DateTimeText().Match(name) is { Success: true } date)
        {
            var days = date.Groups[2].Success ? int.Parse(date.Groups[2].Value, CultureInfo.InvariantCulture) : 0;
            return TimeProvider.System.GetUtcNow().AddDays(days).ToString(date.Groups[1].Value, CultureInfo.InvariantCulture);
        }

        if (Answer().Match(name) is { Success: true } answer)
        {
            return answers.TryGetValue(answer.Groups[1].Value, out var json) && JsonPath.Find(json, answer.Groups[2].Value) is [var found]
                ? JsonPath.Text(found)
                : throw new HttpExampleException($"{example}: there is no {{{{{name}}}}}");
        }

        return given.GetValueOrDefault(name) ?? (variables.TryGetValue(name, out var own) ? Fill(own, given, answers, example) : throw new HttpExampleException($"{example}: nothing says what {{{{{name}}}}} is"));
    });

    [GeneratedRegex(@"^(?:#|//)\s*(.*)$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"^@(\w+)\s*=(.*)$")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\s+(\S+)(?:\s+HTTP/\S+)?$")]
    private static partial Regex RequestLine();

    [GeneratedRegex(@"\{\{([^{}]+)\}\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"^\$datetime\s+['""]([^'""]+)['""](?:\s+(-?\d+)\s+d)?$")]
    private static partial Regex DateTimeText();

    [GeneratedRegex(@"^(\w+)\.response\.body\.(\$.*)$")]
    private static partial Regex Answer();
}

/// <summary>A request of a <see cref="HttpFile"/>, with what its answer must be like.</summary>
public sealed partial class HttpExample(string title)
{
    private readonly List<(string Path, string Operator, string Value)> expected = [];

    private int? status;

    internal string? Name { get; private set; }

    internal string? Method { get; set; }

    internal string Address { get; set; } = "";

    internal int Line { get; set; }

    internal List<(string Name, string Value)> Headers { get; } = [];

    internal StringBuilder Body { get; } = new();

    internal TimeSpan Within { get; private set; }

    /// <summary>Whether anything but the status is looked at.</summary>
    public bool ExpectsSomething => expected.Count > 0 || status is not null;

    /// <inheritdoc/>
    public override string ToString() => $"line {Line}, {(title.Length > 0 ? title : $"{Method} {Address}")}";

    internal void Say(string comment, int line)
    {
        if (Named().Match(comment) is { Success: true } named)
        {
            Name = named.Groups[1].Value;
        }
        else if (Waits().Match(comment) is { Success: true } waits)
        {
            Within = TimeSpan.FromSeconds(int.Parse(waits.Groups[1].Value, CultureInfo.InvariantCulture));
        }
        else if (comment.StartsWith("expect:", StringComparison.Ordinal) || comment.StartsWith("within:", StringComparison.Ordinal))
        {
            var text = comment[7..].Trim();
            if (comment[0] == 'e' && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code))
            {
                status = code;
            }
            else if (comment[0] == 'e' && Expected().Match(text) is { Success: true } match)
            {
                expected.Add((match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value.Trim()));
            }
            else
            {
                throw new FormatException($"line {line}: '{comment}' is nothing that can be expected");
            }
        }
    }

    internal HttpRequestMessage Request(Func<string, string> fill)
    {
        var request = new HttpRequestMessage(new(Method!), fill(Address));
        if (Body.ToString().Trim() is { Length: > 0 } body)
        {
            request.Content = new StringContent(fill(body), Encoding.UTF8);
            request.Content.Headers.ContentType = null;
        }

        foreach (var (name, value) in Headers)
        {
            if (!name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            {
                request.Headers.TryAddWithoutValidation(name, fill(value));
            }
            else if (request.Content is not null)
            {
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(fill(value));
            }
        }

        return request;
    }

    /// <summary>What is not as expected; null: nothing.</summary>
    internal string? Problem(int answered, string body, Func<string, string> fill, out JsonElement json)
    {
        json = default;
        if (status is { } code ? answered != code : answered is < 200 or > 299)
        {
            return $"answered {answered}: {body}";
        }

        if (body.Length > 0 && body[0] is '{' or '[')
        {
            using var document = JsonDocument.Parse(body);
            json = document.RootElement.Clone();
        }

        foreach (var (path, comparison, text) in expected)
        {
            var found = JsonPath.Find(json, path);
            var value = fill(text).Trim('"');
            if (found.Count == 0 || !found.TrueForAll(one => Holds(one, comparison, value)))
            {
                return $"expected {path} {comparison} {value}, found {(found.Count == 0 ? "nothing" : string.Join(", ", found.Take(5).Select(JsonPath.Text)))} in {(body.Length > 2_000 ? body[..2_000] + " ..." : body)}";
            }
        }

        return null;
    }

    private static bool Holds(JsonElement found, string comparison, string value)
    {
        var text = JsonPath.Text(found);
        var by = decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var left) && decimal.TryParse(value, NumberStyles.Number, CultureInfo.InvariantCulture, out var right)
            ? left.CompareTo(right)
            : string.CompareOrdinal(text, value);
        return comparison switch
        {
            "exists" => found.ValueKind != JsonValueKind.Null,
            "contains" => text.Contains(value, StringComparison.Ordinal),
            "==" => by == 0,
            "!=" => by != 0,
            ">" => by > 0,
            ">=" => by >= 0,
            "<" => by < 0,
            _ => by <= 0,
        };
    }

    [GeneratedRegex(@"^@name\s*=?\s*(\w+)$")]
    private static partial Regex Named();

    [GeneratedRegex(@"^within:\s*(\d+)\s*s$")]
    private static partial Regex Waits();

    [GeneratedRegex(@"^(\$\S*)\s+(exists|contains|==|!=|>=|>|<=|<)(.*)$")]
    private static partial Regex Expected();
}

/// <summary>An example whose answer is not as the file says.</summary>
public sealed class HttpExampleException(string message) : Exception(message);

/// <summary><c>$.trips[0].legs[*].stops</c>, <c>.length</c> of a list or text.</summary>
internal static partial class JsonPath
{
    /// <summary>What is there; several with <c>[*]</c>, none where there is nothing.</summary>
    public static List<JsonElement> Find(JsonElement root, string path)
    {
        List<JsonElement> found = root.ValueKind == JsonValueKind.Undefined ? [] : [root];
        foreach (Match step in Step().Matches(path[1..]))
        {
            found = [.. found.SelectMany(one => Next(one, step))];
        }

        return found;
    }

    public static string Text(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText();

    private static IEnumerable<JsonElement> Next(JsonElement from, Match step) => (from.ValueKind, step) switch
    {
        (JsonValueKind.Array, { Value: ".length" }) => [JsonSerializer.SerializeToElement(from.GetArrayLength())],
        (JsonValueKind.String, { Value: ".length" }) => [JsonSerializer.SerializeToElement(from.GetString()!.Length)],
        (JsonValueKind.Array, { Value: "[*]" }) => from.EnumerateArray(),
        (JsonValueKind.Array, _) when step.Groups[2].Success => from.EnumerateArray().Skip(int.Parse(step.Groups[2].Value, CultureInfo.InvariantCulture)).Take(1),
        (JsonValueKind.Object, _) when step.Groups[1].Success && from.TryGetProperty(step.Groups[1].Value, out var value) => [value],
        _ => [],
    };

    [GeneratedRegex(@"\.(\w+)|\[(\d+)\]|\[\*\]")]
    private static partial Regex Step();
}
