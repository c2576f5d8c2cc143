using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Aerona.Airlines.Data;
using Aerona.Persistence;

namespace Aerona.Airlines.Outside;

/// <summary>A call to a supplier as it was, without secrets and personal data.</summary>
internal sealed class SupplierLogEntry
{
    public long Id { get; init; }

    public required string Supplier { get; init; }

    /// <summary>UTC, when it was begun.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What it was about: a booking, a hold, an order, an offer of ours; null for a fetch.</summary>
    public string? Reference { get; init; }

    /// <summary><c>create_order</c>.</summary>
    public required string Operation { get; init; }

    /// <summary><c>POST /air/orders</c>.</summary>
    public required string Request { get; init; }

    /// <summary>JSON, masked; null for none.</summary>
    public string? RequestBody { get; init; }

    /// <summary>HTTP's; null: no answer came.</summary>
    public int? Status { get; set; }

    /// <summary>JSON, masked; or why there is none.</summary>
    public string? Answer { get; set; }

    public int Milliseconds { get; set; }

    /// <summary>The trace it belongs to, or null.</summary>
    public string? TraceId { get; init; }
}

/// <summary>
/// Keeps what was asked and answered, written behind the calls' back: a log must not slow what it tells of. When it cannot keep up, the newest entries are lost and
/// counted.
/// </summary>
internal sealed partial class SupplierLog(IServiceScopeFactory scopes, DatabaseReadiness databases, TimeProvider clock, ILogger<SupplierLog> log) : BackgroundService
{
    private const int LongestBody = 64 * 1024;
    private const int Batch = 100;

    private static readonly AsyncLocal<string?> Current = new();

    private readonly Channel<SupplierLogEntry> entries = Channel.CreateBounded<SupplierLogEntry>(new BoundedChannelOptions(2000) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Until it is disposed of, what this flow asks of suppliers is about that.</summary>
    public static IDisposable About(object? reference)
    {
        var before = Current.Value;
        Current.Value = reference?.ToString();
        return new Back(before);
    }

    /// <summary>A call begins.</summary>
    public (SupplierLogEntry Entry, long Started) Begin(string supplier, SupplierCall call) => (
        new()
        {
            Supplier = supplier,
            At = clock.GetUtcNow(),
            Reference = Current.Value,
            Operation = call.Operation,
            Request = $"{call.Method} {Masks.Query(call.Path)}",
            RequestBody = call.Body is null or HttpContent ? null : Cut(Masks.Json(SupplierJson.Write(call.Body))),
            TraceId = Activity.Current?.TraceId.ToString(),
        },
        clock.GetTimestamp());

    /// <summary>It ended.</summary>
    public void End((SupplierLogEntry Entry, long Started) begun, int? status, string answer)
    {
        begun.Entry.Status = status;
        begun.Entry.Answer = Cut(status is null ? answer : Masks.Json(answer));
        begun.Entry.Milliseconds = (int)clock.GetElapsedTime(begun.Started).TotalMilliseconds;
        if (!entries.Writer.TryWrite(begun.Entry))
        {
            LogLost(begun.Entry.Supplier, begun.Entry.Operation);
        }
    }

    /// <summary>Writes what waits; for those who want to read it now.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        while (entries.Reader.TryPeek(out _))
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<AirlinesDbContext>();
            var batch = new List<SupplierLogEntry>();
            while (batch.Count < Batch && entries.Reader.TryRead(out var entry))
            {
                batch.Add(entry);
            }

            db.SupplierLog.AddRange(batch);
            await db.SaveChangesAsync(cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await databases.WaitAsync<AirlinesDbContext>(stoppingToken);
        while (await entries.Reader.WaitToReadAsync(stoppingToken))
        {
            try
            {
                await FlushAsync(stoppingToken);
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                LogFailed(problem);   // these are lost; the booking's own books are not
            }
        }
    }

    private static string? Cut(string? text) => text is { Length: > LongestBody } ? $"{text[..LongestBody]}… ({text.Length} characters)" : text;

    private sealed class Back(string? before) : IDisposable
    {
        public void Dispose() => Current.Value = before;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The log of calls to suppliers is full: {Operation} at {Supplier} is not in it")]
    private partial void LogLost(string supplier, string operation);

    [LoggerMessage(Level = LogLevel.Error, Message = "Calls to suppliers could not be written to their log")]
    private partial void LogFailed(Exception problem);
}

/// <summary>What may not stand in a log: credentials, and whatever names a person.</summary>
internal static class Masks
{
    public const string Mask = "***";

    private static readonly HashSet<string> Hidden = new(StringComparer.OrdinalIgnoreCase)
    {
        // credentials
        "access_token", "refresh_token", "client_secret", "client_id", "secret", "authorization", "username",
        // people, in Duffel's words and in Amadeus'
        "given_name", "family_name", "born_on", "email", "phone_number", "gender", "title", "loyalty_programme_accounts", "identity_documents",
        "firstName", "lastName", "middleName", "secondLastName", "dateOfBirth", "emailAddress", "phones", "contacts", "contact", "emergencyContact", "loyaltyPrograms", "addresseeName",
        "address", "formOfPayments", "formOfIdentifications",
    };

    /// <summary>The same JSON with every value under a hidden name masked; what is no JSON is masked whole, for nobody knows what it holds.</summary>
    public static string? Json(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        try
        {
            var node = JsonNode.Parse(text);
            Hide(node);
            return node?.ToJsonString();
        }
        catch (JsonException)
        {
            return $"(no JSON, {text.Length} characters)";
        }
    }

    /// <summary>An address whose query may name somebody.</summary>
    public static string Query(string path) => path.Contains("booking_reference=", StringComparison.Ordinal) ? path[..path.IndexOf('?', StringComparison.Ordinal)] + "?" + Mask : path;

    private static void Hide(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var name in members.Select(member => member.Key).ToList())
                {
                    if (Hidden.Contains(name))
                    {
                        members[name] = members[name] is null ? null : Mask;
                    }
                    else if (name == "documents" && members[name] is JsonArray documents && documents.OfType<JsonObject>().Any(document => document.ContainsKey("documentType")))
                    {
                        members[name] = Mask;   // passports; Duffel's documents are tickets
                    }
                    else
                    {
                        Hide(members[name]);
                    }
                }

                break;
            case JsonArray list:
                foreach (var item in list)
                {
                    Hide(item);
                }

                break;
        }
    }
}
