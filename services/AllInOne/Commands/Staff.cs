using System.Net;
using System.Text.Json;

namespace Aerona.AllInOne.Commands;

/// <summary>
/// Tokens for what commands do in the name of staff (compare the books, load flights), asked for at <c>/connect/token</c> as the program <c>aerona-demo</c>. Only
/// environment Sandbox takes a program for staff; elsewhere a command needs <c>--token</c>, of a person who signed in.
/// </summary>
internal static class Staff
{
    public const string ClientId = "aerona-demo";

    /// <summary>Of an Aerona in one process in environment Sandbox, as all its secrets of the played world; the others draw their own.</summary>
    public const string SandboxSecret = "aerona-sandbox-demo-secret-that-is-no-secret";

    public static readonly IReadOnlyList<string> Roles = ["support", "finance", "operations"];

    public static readonly IReadOnlyList<string> Scopes = ["operations", "airlines", "search", "bookings", "payments", "tickets", "notifications"];

    /// <summary>The token that was given, else one for the program.</summary>
    /// <param name="http">Speaks to Aerona.</param>
    /// <param name="given">By the option --token; null without it.</param>
    /// <param name="data">Aerona's data folder, which may hold the secret of <c>up --local</c>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="CommandFailedException">It knows the program under none of the secrets at hand.</exception>
    public static async Task<string> TokenAsync(HttpClient http, string? given, string data, CancellationToken cancellationToken) =>
        given ?? await FindTokenAsync(http, data, cancellationToken)
        ?? throw new CommandFailedException("this Aerona takes no program for staff: give the access token of somebody who signed in (--token)");

    /// <summary>Null when it knows the program under none of the secrets at hand.</summary>
    public static async Task<string?> FindTokenAsync(HttpClient http, string data, CancellationToken cancellationToken)
    {
        foreach (var secret in Secrets(data))
        {
            if (await AskAsync(http, ClientId, secret, cancellationToken) is { } token)
            {
                return token;
            }
        }

        return null;
    }

    /// <summary>A token for a program; null when its name or secret is not known.</summary>
    public static async Task<string?> AskAsync(HttpClient http, string clientId, string secret, CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = clientId,
            ["client_secret"] = secret,
            ["scope"] = string.Join(' ', Scopes),
        });
        using var answer = await http.PostAsync("/connect/token", form, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized)
        {
            return null;
        }

        if (!answer.IsSuccessStatusCode)
        {
            throw new CommandFailedException($"/connect/token answered {(int)answer.StatusCode}: {text}") { Status = (int)answer.StatusCode };
        }

        using var tokens = JsonDocument.Parse(text);
        return tokens.RootElement.GetProperty("access_token").GetString()!;
    }

    /// <summary>The embedded one's, that of <c>up --local</c>, that of docker-compose.yml.</summary>
    private static IEnumerable<string> Secrets(string data)
    {
        yield return SandboxSecret;
        foreach (var file in new[] { data, Path.Combine(data, "local") }.Select(folder => Path.Combine(folder, "secrets", LocalServers.LocalAerona.DemoSecret)).Where(File.Exists))
        {
            yield return File.ReadAllText(file).Trim();
        }

        var values = Path.Combine(".secrets", Commands.Secrets.Values);
        foreach (var line in (File.Exists(values) ? File.ReadLines(values) : []).Where(line => line.StartsWith($"{Commands.Secrets.DemoClient}=", StringComparison.Ordinal)))
        {
            yield return line[(Commands.Secrets.DemoClient.Length + 1)..];
        }
    }
}
