using System.Text.RegularExpressions;

namespace Aerona.Architecture.Tests;

/// <summary>What may not stand in the sources.</summary>
public sealed partial class SourceRules
{
    private static readonly (string Name, Regex Pattern, Func<string, bool> Where)[] Words =
    [
        ("the clock of the machine instead of TimeProvider", MachineClock(), _ => true),
        ("waiting for time instead of an event", Sleeping(), _ => true),
        ("the transaction asked of EF Core, which does not know one that is deferred: RequireTransaction", CurrentTransaction(),
            path => path.StartsWith("services/", StringComparison.Ordinal) || path.StartsWith("sagas/", StringComparison.Ordinal)),
        ("a transaction begun outside Persistence", Transaction(), path => !path.StartsWith("building-blocks/Persistence/", StringComparison.Ordinal)),
        ("the bus in a service; db.Publish is saved with the data", Bus(), path => path.Split('/')[0] is "services" or "sagas"),
        ("blocking on a task", Blocking(), path => !path.StartsWith("tests/", StringComparison.Ordinal)),
        ("async void", AsyncVoid(), _ => true),
    ];

    [Fact]
    public void Nothing_forbidden_stands_in_the_sources() => None(SourceTree.Sources.SelectMany(Found));

    [Theory]
    [InlineData("services/X/A.cs", "var now = DateTime.UtcNow;")]
    [InlineData("tests/X/A.cs", "var now = System.DateTimeOffset . Now;")]
    [InlineData("building-blocks/X/A.cs", "var day = DateTime.Today;")]
    [InlineData("services/X/A.cs", "await Task.Delay(100);")]
    [InlineData("tests/X/A.cs", "Thread.Sleep(1);")]
    [InlineData("services/X/A.cs", "await db.Database.BeginTransactionAsync(token);")]
    [InlineData("building-blocks/Hosting/A.cs", "db.Database.BeginTransaction();")]
    [InlineData("services/X/A.cs", "var transaction = db.Database.CurrentTransaction;")]
    [InlineData("services/X/A.cs", "class A(IPublishEndpoint publish);")]
    [InlineData("services/X/A.cs", "(IBus bus) => bus.Publish(x)")]
    [InlineData("sagas/A.cs", "class A(ISendEndpointProvider send);")]
    [InlineData("services/X/A.cs", "var x = GetAsync().GetAwaiter().GetResult();")]
    [InlineData("services/X/A.cs", "private async void Fire()")]
    [InlineData("services/X/A.cs", "try { F(); } catch { }")]
    [InlineData("services/X/A.cs", "try { F(); } catch (IOException) when (x > (1)) {\n}")]
    [InlineData("services/X/A.cs", "try { F(); } catch (Exception e) {}")]
    public void What_is_forbidden_is_found(string path, string text) => Assert.Single(Found(new(path, text)));

    [Theory]
    [InlineData("services/X/A.cs", "// DateTime.UtcNow\nvar a = \"Task.Delay(\"; /* Thread.Sleep */ var b = @\"\\\"; var c = '\"'; var d = \"\"\"DateTime.Now\"\"\"; var e = $\"x\";")]
    [InlineData("building-blocks/Persistence/A.cs", "await db.Database.BeginTransactionAsync(token);")]
    [InlineData("building-blocks/Messaging/A.cs", "class A(IBus bus);")]
    [InlineData("services/X/A.cs", "var at = time.GetUtcNow(); var x = TaskDelayed; IBusiness b;")]
    [InlineData("services/X/A.cs", "try { F(); } catch (IOException) { // the other was faster\n }")]
    public void What_is_allowed_is_not(string path, string text) => Assert.Empty(Found(new(path, text)));

    [Fact]
    public void A_changing_call_takes_a_key_or_is_known_to_need_none() => None(SourceTree.Sources.SelectMany(KeylessCalls));

    [Fact]
    public void What_is_known_to_need_no_key_is_still_there() =>
        Assert.All(Keyless, path => Assert.NotEmpty(ChangingCall().Matches(SourceTree.Sources.Single(source => source.Path == path).Code)));

    [Theory]
    [InlineData("app.MapPost(\"/v1/things\", Make).WithName(\"x\");", 1)]
    [InlineData("app.MapDelete(\"/v1/things\", (int a) => { F(a); return 1; }).WithName(\"x\");", 1)]
    [InlineData("app.MapPost(\"/v1/things\", (int a) => { F(a); return 1; }).WithName(\"x\")\n.Idempotent<XDbContext>();", 0)]
    [InlineData("app.MapGet(\"/v1/things\", Make);", 0)]
    public void A_changing_call_without_one_is_found(string text, int found) => Assert.Equal(found, KeylessCalls(new("services/X/A.cs", text)).Count());

    [Fact]
    public void Every_options_class_is_checked_when_the_host_starts() => None(UncheckedOptions(SourceTree.Sources));

    [Fact]
    public void Options_that_nobody_checks_are_found()
    {
        Source options = new("services/X/XOptions.cs", "internal sealed class XOptions { }");

        Assert.NotEmpty(UncheckedOptions([options]));
        Assert.NotEmpty(UncheckedOptions([options, new("services/X/M.cs", "services.AddOptions<XOptions>().ValidateDataAnnotations(); F().ValidateOnStart();")]));
        Assert.Empty(UncheckedOptions([options, new("services/X/M.cs", "services.AddOptions<XOptions>().Configure(x => { x.A = 1; }).ValidateOnStart();")]));
    }

    [Fact]
    public void Links_in_the_documents_lead_somewhere() => None(SourceTree.Files("*.md").SelectMany(file => DeadLinks(file, SourceTree.Read(file))));

    [Fact]
    public void A_link_that_leads_nowhere_is_found()
    {
        Assert.Single(DeadLinks("README.md", "[a](nothing/here.md)"));
        Assert.Single(DeadLinks("README.md", "![a](nothing.png)"));
        Assert.Single(DeadLinks("README.md", "# One thing\n[a](#another-thing)"));
        Assert.Empty(DeadLinks("README.md", "# One thing: `x`!\n[a](#one-thing-x) [b](https://example.org/x) [c](Aerona.sln)"));
        Assert.Empty(DeadLinks("README.md", "`[d](code)`\n```\n[e](code)\n```"));
    }

    private static IEnumerable<string> Found(Source source) => Words.Where(word => word.Where(source.Path))
        .SelectMany(word => word.Pattern.Matches(source.Code).Select(match => $"{source.Place(match.Index)}: {word.Name}"))
        // A catch that does nothing must at least say why.
        .Concat(EmptyCatch().Matches(source.CodeAndComments).Select(match => $"{source.Place(match.Index)}: an empty catch"));

    /// <summary>The sandbox plays others, who have rules of their own.</summary>
    private static IEnumerable<string> KeylessCalls(Source source) =>
        source.Path.StartsWith("services/Sandbox/", StringComparison.Ordinal) || source.Path.StartsWith("tests/", StringComparison.Ordinal)
        || Keyless.Contains(source.Path)
            ? []
            : ChangingCall().Matches(source.Code).Where(match => !Statement(source.Code, match.Index).Contains(".Idempotent<", StringComparison.Ordinal))
                .Select(match => $"{source.Place(match.Index)}: a changing call without Idempotency-Key");

    private static readonly string[] Keyless =
    [
        "services/Search/SearchFlights/SearchFlights.cs",          // changes nothing
        "services/Search/FareCalendar/FareCalendar.cs",            // changes nothing
        "services/Bookings/LookUp/LookUpBooking.cs",               // changes nothing
        "services/Bookings/LookUp/MailBookingLink.cs",             // asked twice it is a mail more, of few in an hour
        "services/Bookings/LookUp/OpenBooking.cs",                 // a form in a browser; its link is good once (the API's call has a key)
        "services/Bookings/Manage/ManageBooking.cs",               // a form in a browser; pressed twice it says the same
        "services/Payments/Webhooks/ReceiveWebhook.cs",            // an event has an id of its own
        "services/Payments/Reconciliation/GetReconciliation.cs",   // compares; a difference found twice is one
        "services/Airlines/Webhooks/ReceiveSupplierEvent.cs",      // an event has an id of its own
        "services/Airlines/Offers/FindLiveOffers.cs",              // a search; what it finds is stored as offers that lapse by themselves
        "services/Operations/Imports/ImportFlights.cs",            // the file's fingerprint is the key
        "services/Notifications/FlightNews/EndFlightNews.cs",      // a form in a browser or a mail program; pressed twice it says the same
        "services/Notifications/Preferences/PreferencesPage.cs",   // a form in a browser or a mail program; pressed twice it says the same
        "services/Search/PriceAlerts/EndPriceAlert.cs",            // a form in a browser or a mail program; pressed twice it says the same
        "services/Users/SigningIn/SignInPages.cs",                 // forms in a browser, each good for what the page shows
        "services/Users/Accounts/SignUpPages.cs",                  // forms in a browser; the links behind them are good once
        "services/Users/Accounts/OwnAccountPages.cs",              // forms in a browser; pressed twice they say the same
        "services/Users/Leaving/LeavingPages.cs",                  // forms in a browser; asked twice it is one request
        "services/Users/Connect/ConnectEndpoints.cs",              // OAuth: codes and refresh tokens are good once
        "building-blocks/Hosting/DeadLetterDesk.cs",               // the message keeps its id, and its consumer's inbox knows it
    ];

    /// <summary>From there to the semicolon that ends the statement, past the ones in lambdas.</summary>
    private static string Statement(string code, int from)
    {
        var depth = 0;
        for (var at = from; at < code.Length; at++)
        {
            depth += code[at] switch { '(' or '{' or '[' => 1, ')' or '}' or ']' => -1, _ => 0 };
            if (code[at] == ';' && depth <= 0)
            {
                return code[from..at];
            }
        }

        return code[from..];
    }

    private static IEnumerable<string> UncheckedOptions(IReadOnlyCollection<Source> sources)
    {
        var product = sources.Where(source => !source.Path.StartsWith("tests/", StringComparison.Ordinal)).ToList();
        var isChecked = product.SelectMany(source => Binding().Matches(source.Code)
                .Where(match => Statement(source.Code, match.Index).Contains(".ValidateOnStart()", StringComparison.Ordinal))
                .Select(match => match.Groups["name"].Value))
            .ToHashSet();
        return product.SelectMany(source => OptionsClass().Matches(source.Code).Where(match => !isChecked.Contains(match.Groups["name"].Value))
            .Select(match => $"{source.Place(match.Index)}: {match.Groups["name"].Value} is not validated on start"));
    }

    private static IEnumerable<string> DeadLinks(string file, string markdown)
    {
        var text = InlineCode().Replace(CodeBlock().Replace(markdown, ""), "");
        foreach (Match match in Link().Matches(text))
        {
            var target = match.Groups["target"].Value;
            if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
            {
                continue;
            }

            var (path, anchor) = target.Split('#') is [var before, var after] ? (before, after) : (target, "");
            var folder = Path.GetDirectoryName(Path.Combine(SourceTree.Root, file))!;
            var full = path.Length == 0 ? Path.Combine(SourceTree.Root, file) : Path.GetFullPath(Path.Combine(folder, Uri.UnescapeDataString(path)));
            var leadsSomewhere = (File.Exists(full) || Directory.Exists(full)) && (anchor.Length == 0 || !full.EndsWith(".md", StringComparison.Ordinal)
                || Anchors(path.Length == 0 ? markdown : File.ReadAllText(full)).Contains(anchor));
            if (!leadsSomewhere)
            {
                yield return $"{file}: {target}";
            }
        }
    }

    private static HashSet<string> Anchors(string markdown) => [.. Heading().Matches(markdown).Select(match =>
        NotInAnchors().Replace(match.Groups["title"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'))];

    private static void None(IEnumerable<string> violations) => Assert.True(!violations.Any(), string.Join('\n', violations));

    [GeneratedRegex(@"\bDateTime(Offset)?\s*\.\s*(UtcNow|Now|Today)\b")]
    private static partial Regex MachineClock();

    [GeneratedRegex(@"\bTask\s*\.\s*Delay\s*\(|\bThread\s*\.\s*Sleep\s*\(")]
    private static partial Regex Sleeping();

    [GeneratedRegex(@"\.CurrentTransaction\b")]
    private static partial Regex CurrentTransaction();

    [GeneratedRegex(@"\bBeginTransaction(Async)?\s*\(")]
    private static partial Regex Transaction();

    [GeneratedRegex(@"\b(IBus|IBusControl|IPublishEndpoint|ISendEndpointProvider)\b")]
    private static partial Regex Bus();

    [GeneratedRegex(@"\.GetAwaiter\(\)\s*\.GetResult\(\)")]
    private static partial Regex Blocking();

    [GeneratedRegex(@"\basync\s+void\b")]
    private static partial Regex AsyncVoid();

    [GeneratedRegex(@"\bcatch\s*(\((?:[^()]|\([^()]*\))*\))?\s*(when\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?\s*\{\s*\}")]
    private static partial Regex EmptyCatch();

    [GeneratedRegex(@"\.Map(Post|Put|Patch|Delete)\(")]
    private static partial Regex ChangingCall();

    [GeneratedRegex(@"\bclass\s+(?<name>\w+Options)\b")]
    private static partial Regex OptionsClass();

    [GeneratedRegex(@"\bAddOptions<(?<name>\w+)>")]
    private static partial Regex Binding();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)[^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"^#+\s+(?<title>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchors();
}
