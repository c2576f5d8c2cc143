using System.Net;
using System.Text.RegularExpressions;

namespace Aerona.Users.Tests;

/// <summary>A browser without scripts: keeps cookies (those for TLS alone too), follows nothing by itself, sends forms as they stand on the page.</summary>
internal sealed partial class Browser(Uri home) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = home };

    public Dictionary<string, string> Cookies { get; } = new(StringComparer.Ordinal);

    /// <summary>As the server set them last, with their attributes.</summary>
    public Dictionary<string, string> SetCookies { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Headers { get; } = new(StringComparer.Ordinal) { ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0 Safari/537.36" };

    public Task<Answer> GetAsync(string path) => SendAsync(new(HttpMethod.Get, path));

    /// <summary>Sends a form with these fields and nothing else.</summary>
    public Task<Answer> PostAsync(string path, params (string Name, string Value)[] fields) =>
        SendAsync(new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(field => new KeyValuePair<string, string>(field.Name, field.Value))) });

    /// <summary>Opens a page, fills its form in and sends it.</summary>
    public async Task<Answer> FillAsync(string page, params (string Name, string Value)[] fields) => await SubmitAsync(await GetAsync(page), null, fields);

    /// <summary>Sends the form of a page that leads there (the first, unless said), its hidden fields included.</summary>
    public Task<Answer> SubmitAsync(Answer page, string? action, params (string Name, string Value)[] fields)
    {
        var form = Form().Matches(page.Body).Single(one => action is null || WebUtility.HtmlDecode(one.Groups["action"].Value) == action, first: action is null);
        var hidden = HiddenField().Matches(form.Value).Select(input => (Name().Match(input.Value).Groups[1].Value, WebUtility.HtmlDecode(Value().Match(input.Value).Groups[1].Value)));
        return PostAsync(WebUtility.HtmlDecode(form.Groups["action"].Value), [.. hidden.Where(one => fields.All(field => field.Name != one.Item1)), .. fields]);
    }

    /// <summary>Follows redirects within our own pages.</summary>
    public async Task<Answer> FollowAsync(Answer answer)
    {
        while (answer.Location is { } next && (next.StartsWith('/') || next.StartsWith(home.ToString(), StringComparison.Ordinal)))
        {
            answer = await GetAsync(next);
        }

        return answer;
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            if (Cookies.Count > 0)
            {
                request.Headers.Add("Cookie", string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
            }

            foreach (var (name, value) in Headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using var response = await http.SendAsync(request);
            foreach (var cookie in response.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
            {
                var (name, value) = (cookie.Split('=', 2)[0], cookie.Split('=', 2)[1].Split(';')[0]);
                SetCookies[name] = cookie;
                if (value.Length == 0)
                {
                    Cookies.Remove(name);
                }
                else
                {
                    Cookies[name] = value;
                }
            }

            return new(
                response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Location?.OriginalString,
                response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase));
        }
    }

    public void Dispose() => http.Dispose();

    [GeneratedRegex("<form [^>]*action=\"(?<action>[^\"]*)\".*?</form>", RegexOptions.Singleline)]
    private static partial Regex Form();

    [GeneratedRegex("<input [^>]*type=\"hidden\"[^>]*>")]
    private static partial Regex HiddenField();

    [GeneratedRegex("name=\"([^\"]*)\"")]
    private static partial Regex Name();

    [GeneratedRegex("value=\"([^\"]*)\"")]
    private static partial Regex Value();
}

internal sealed record Answer(HttpStatusCode Status, string Body, string? Location, IReadOnlyDictionary<string, string> Headers)
{
    public string Text => WebUtility.HtmlDecode(Body);
}

internal static class Sequences
{
    public static T Single<T>(this IEnumerable<T> all, Func<T, bool> fits, bool first)
    {
        var found = all.Where(fits).ToList();
        return first || found.Count == 1 ? found[0] : throw new InvalidOperationException($"{found.Count} fit");
    }
}
