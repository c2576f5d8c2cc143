using System.Collections.Concurrent;
using System.Security.Cryptography;
using Aerona.AllInOne.Commands;
using Xunit;

namespace Aerona.Journeys;

/// <summary>Five programs for each role at the tested Aerona, which runs in environment Sandbox: their tokens come from <c>/connect/token</c>, as everybody's.</summary>
public static class JourneyClients
{
    private const int OfEachRole = 5;
    private static readonly string[] Roles = ["traveller", "agent", "support", "senior-support", "finance", "operations", "admin"];
    private static readonly string Secret = RandomNumberGenerator.GetHexString(64);
    private static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(8);   // they live for ten
    private static readonly ConcurrentDictionary<(Uri? Where, string Client), (string Token, DateTimeOffset Until)> Tokens = [];
    private static readonly Dictionary<(string Role, string Subject), string> Players = [];

    /// <summary>Settings of Users that make them known.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = Roles.SelectMany(role => Enumerable.Range(1, OfEachRole).Select(number => (Role: role, Id: $"journeys-{role}-{number}"))).SelectMany(Of)
        .ToDictionary(setting => setting.Key, setting => setting.Value);

    /// <summary>A token of the program that plays this subject; asked for again when it is old.</summary>
    public static string Token(HttpClient http, string role, string subject) => Task.Run(() => TokenAsync(http, PlayerOf(role, subject))).GetAwaiter().GetResult();

    private static IEnumerable<KeyValuePair<string, string>> Of((string Role, string Id) client, int at)
    {
        KeyValuePair<string, string>[] settings =
        [
            new("ClientId", client.Id), new("Name", client.Id), new("Secret", Secret), new("Roles:0", client.Role),
            .. Staff.Scopes.Select((scope, index) => KeyValuePair.Create($"Scopes:{index}", scope)),
        ];
        return settings.Select(setting => KeyValuePair.Create($"Users:Clients:{20 + at}:{setting.Key}", setting.Value));
    }

    private static string PlayerOf(string role, string subject)
    {
        lock (Players)
        {
            if (!Players.TryGetValue((role, subject), out var player))
            {
                var number = Players.Keys.Count(key => key.Role == role) + 1;
                Players[(role, subject)] = player = number <= OfEachRole ? $"journeys-{role}-{number}" : throw new InvalidOperationException($"there are only {OfEachRole} programs for {role}; give {subject} the name of one of them");
            }

            return player;
        }
    }

    private static async Task<string> TokenAsync(HttpClient http, string player)
    {
        var now = TimeProvider.System.GetUtcNow();
        if (Tokens.TryGetValue((http.BaseAddress, player), out var held) && now < held.Until)
        {
            return held.Token;
        }

        var token = await Persistently.AskAsync(() => Staff.AskAsync(http, player, Secret, TestContext.Current.CancellationToken))
            ?? throw new InvalidOperationException($"{http.BaseAddress} knows no program {player}");
        Tokens[(http.BaseAddress, player)] = (token, now + GoodFor);
        return token;
    }
}
