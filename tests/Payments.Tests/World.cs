using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.Channels;
using Aerona.Contracts;
using Aerona.Contracts.Payments;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Payments.Data;
using Aerona.Payments.Ledger;
using Aerona.Payments.PayPal;
using Aerona.Persistence;
using Aerona.Sandbox;
using Aerona.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(Aerona.Payments.Tests.SharedWorlds))]

namespace Aerona.Payments.Tests;

/// <summary>
/// Payments against the sandbox's PayPal, over HTTP, each with its own clock and books. Starting two hosts takes longer than most tests: those without settings of their own
/// are used again with empty books.
/// </summary>
internal sealed class World : IAsyncDisposable
{
    private static readonly ConcurrentBag<World> Idle = [];

    private readonly TestService payPal;
    private bool mayBeUsedAgain;
    private readonly Postbox? postbox;
    private readonly Dictionary<Type, int> delivered = [];

    private World(TestService payPal, TestService payments, Postbox? postbox) => (this.payPal, Payments, this.postbox) = (payPal, payments, postbox);

    public TestService Payments { get; }

    public Guid BookingId { get; private set; } = Guid.NewGuid();

    public Guid PaymentId { get; set; } = Guid.NewGuid();

    public static Money Price { get; } = new(19990, "EUR");

    /// <summary>Where the clocks start.</summary>
    public static DateTimeOffset? Now { get; } = new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Starts both; with webhooks PayPal's events arrive in <see cref="WebhookAsync"/> for the test to pass on.</summary>
    public static async Task<World> StartAsync(bool webhooks = false, IReadOnlyDictionary<string, string?>? settings = null)
    {
        if (!webhooks && settings is null && Idle.TryTake(out var idle))
        {
            return idle;
        }

        var payPal = await TestService.StartAsync(builder => builder.AddSandbox(), _ => { }, app => app.MapSandbox());
        var postbox = webhooks ? await Postbox.StartAsync() : null;
        var payments = await TestService.StartAsync(
            builder => builder.AddPayments(), bus => bus.AddPaymentsConsumers(), app => app.MapPayments(),
            new Dictionary<string, string?>(settings ?? new Dictionary<string, string?>())
            {
                ["PayPal:BaseUrl"] = new Uri(payPal.Http.BaseAddress!, "/sandbox/paypal").AbsoluteUri,
                ["PayPal:ClientId"] = "aerona-sandbox",
                ["PayPal:ClientSecret"] = "aerona-sandbox-secret",
                ["PayPal:WebhookUrl"] = postbox?.Url,
                ["PublicBaseUrl"] = "https://aerona.example",
            });
        if (webhooks)
        {
            Assert.NotNull(await payments.Services.GetRequiredService<OurWebhook>().IdAsync(CancellationToken.None));
        }

        return new(payPal, payments, postbox) { mayBeUsedAgain = !webhooks && settings is null };
    }

    public async ValueTask DisposeAsync()
    {
        if (mayBeUsedAgain)
        {
            await EmptyAsync(Payments);
            await EmptyAsync(payPal, "paypal_access_token", "paypal_signing_key");   // what they know of each other stays
            (BookingId, PaymentId) = (Guid.NewGuid(), Guid.NewGuid());
            delivered.Clear();
            Idle.Add(this);
            return;
        }

        await EndAsync();
    }

    /// <summary>Ends those that wait to be used again.</summary>
    public static async Task EndAllAsync()
    {
        while (Idle.TryTake(out var world))
        {
            await world.EndAsync();
        }
    }

    private async Task EndAsync()
    {
        await Payments.DisposeAsync();
        await payPal.DisposeAsync();
        if (postbox is not null)
        {
            await postbox.DisposeAsync();
        }
    }

    /// <summary>Empty books and the clock at its start. What the books do not let go of by themselves, being append-only, is told to.</summary>
    private static async Task EmptyAsync(TestService service, params string[] but)
    {
        service.Clock.AdjustTime(Now!.Value);
        await using var scope = service.Services.CreateAsyncScope();
        var db = (DbContext)scope.ServiceProvider.GetRequiredService(service.Services.GetServices<RegisteredDatabase>().Single().Context);
        var triggers = await db.Database.SqlQueryRaw<string>("SELECT sql AS Value FROM sqlite_master WHERE type = 'trigger'").ToListAsync();
        var names = await db.Database.SqlQueryRaw<string>("SELECT name AS Value FROM sqlite_master WHERE type = 'trigger'").ToListAsync();
        var tables = await db.Database.SqlQueryRaw<string>("SELECT name AS Value FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%schema%'").ToListAsync();
        IEnumerable<string> all =
        [
            "PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE", .. names.Select(name => $"DROP TRIGGER \"{name}\""),
            .. tables.Except(but).Select(table => $"DELETE FROM \"{table}\""), .. triggers, "COMMIT", "PRAGMA foreign_keys = ON",
        ];
        await db.Database.ExecuteSqlRawAsync(string.Concat(all.Select(one => $"{one};\n")).Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
    }

    // --- what the saga asks

    public Task OpenAsync(Money? price = null, string? returnUrl = null) =>
        Payments.ConsumeAsync(new OpenPayment(BookingId, PaymentId, price ?? Price, "R7KX2M", "HAN-SGN, 5 December 2026", returnUrl));

    public Task AuthorizeAsync() => Payments.ConsumeAsync(new AuthorizePayment(BookingId, PaymentId));

    public Task LookUpAsync(int number = 1, bool closeIfAbsent = false) => Payments.ConsumeAsync(new LookUpPayment(BookingId, PaymentId, number, closeIfAbsent));

    public Task CaptureAsync(Money? price = null) => Payments.ConsumeAsync(new CapturePayment(BookingId, PaymentId, price ?? Price));

    public Task ReauthorizeAsync() => Payments.ConsumeAsync(new ReauthorizePayment(BookingId, PaymentId));

    public Task VoidAsync() => Payments.ConsumeAsync(new VoidPayment(BookingId, PaymentId));

    public Task RefundAsync(Guid refundId, Money amount) => Payments.ConsumeAsync(new RefundPayment(BookingId, PaymentId, refundId, amount, "test"));

    // --- what the payer and PayPal do

    public async Task ApproveAsync(string payer = "happy")
    {
        using var answer = await payPal.Http.PostAsJsonAsync($"/sandbox/paypal/checkout/{await OrderIdAsync()}/approve", new { payer });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Opens, is approved by this payer, and the saga is told to authorise.</summary>
    public async Task GivenAuthorizedAsync(string payer = "happy", Money? price = null)
    {
        await OpenAsync(price);
        await ApproveAsync(payer);
        await AuthorizeAsync();
    }

    public async Task DecideAsync(bool accept) => Assert.True(await TryDecideAsync(accept));

    /// <summary>False when nothing waits for a decision.</summary>
    public async Task<bool> TryDecideAsync(bool accept)
    {
        using var answer = await payPal.Http.PostAsJsonAsync($"/sandbox/paypal/checkout/{await OrderIdAsync()}/decision", new { accept });
        return answer.StatusCode == System.Net.HttpStatusCode.Conflict ? false : answer.EnsureSuccessStatusCode().IsSuccessStatusCode;
    }

    /// <summary>PayPal gives back what is reserved, by itself.</summary>
    public async Task PayPalVoidsAsync() => Assert.True(await TryPayPalVoidsAsync());

    /// <summary>False when nothing is reserved.</summary>
    public async Task<bool> TryPayPalVoidsAsync()
    {
        using var answer = await payPal.Http.PostAsync($"/sandbox/paypal/checkout/{await OrderIdAsync()}/void", null);
        return answer.StatusCode == System.Net.HttpStatusCode.Conflict ? false : answer.EnsureSuccessStatusCode().IsSuccessStatusCode;
    }

    /// <summary>Somebody does it in PayPal's own pages, or the payer's bank does; false when there is not so much to be had.</summary>
    public async Task<bool> AtPayPalAsync(string what, object body)
    {
        using var answer = await payPal.Http.PostAsJsonAsync($"/sandbox/paypal/checkout/{await OrderIdAsync()}/{what}", body);
        return answer.StatusCode == System.Net.HttpStatusCode.Conflict ? false : answer.EnsureSuccessStatusCode().IsSuccessStatusCode;
    }

    /// <summary>Money that PayPal takes for us and that nobody here knows of; PayPal's id of the capture.</summary>
    public async Task<string> TakenByNobodyAsync(string amount)
    {
        using var token = await payPal.Http.SendAsync(new(HttpMethod.Post, "/sandbox/paypal/v1/oauth2/token")
        {
            Headers = { Authorization = new("Basic", Convert.ToBase64String("aerona-sandbox:aerona-sandbox-secret"u8)) },
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]),
        });
        var bearer = (await token.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString();
        async Task<JsonElement> PostAsync(string path, object body)
        {
            using var answer = await payPal.Http.SendAsync(new(HttpMethod.Post, "/sandbox/paypal" + path)
            {
                Headers = { Authorization = new("Bearer", bearer) },
                Content = JsonContent.Create(body),
            });
            return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        }

        var order = (await PostAsync("/v2/checkout/orders", new { intent = "CAPTURE", purchase_units = new[] { new { amount = new { currency_code = "EUR", value = amount } } } })).GetProperty("id").GetString();
        using var approved = await payPal.Http.PostAsJsonAsync($"/sandbox/paypal/checkout/{order}/approve", new { payer = "happy" });
        approved.EnsureSuccessStatusCode();
        await PostAsync($"/v2/checkout/orders/{order}/capture", new { });
        var books = await payPal.Http.GetFromJsonAsync<JsonElement>($"/sandbox/paypal/books/orders/{order}");
        return books.GetProperty("captureIds")[0].GetString()!;
    }

    /// <summary>An event of PayPal's about this payment lies stored and was found to be PayPal's; it is looked at as often as it comes.</summary>
    public async Task HintAsync(int times = 1)
    {
        var order = await OrderIdAsync();
        var books = await payPal.Http.GetFromJsonAsync<JsonElement>($"/sandbox/paypal/books/orders/{order}");
        List<string> bodies = [$$$"""{"event_type":"CHECKOUT.ORDER.APPROVED","resource_type":"checkout-order","resource":{"id":"{{{order}}}"}}"""];
        foreach (var reversal in books.GetProperty("reversalIds").EnumerateArray())
        {
            bodies.Insert(0, JsonSerializer.Serialize(new
            {
                event_type = "PAYMENT.CAPTURE.REVERSED",
                resource_type = "refund",
                resource = new { id = reversal.GetString(), supplementary_data = new { related_ids = new { order_id = order } } },
            }));
        }

        foreach (var body in bodies)
        {
            var id = $"WH-{Guid.NewGuid():N}";
            await Payments.Query<PaymentsDbContext, int>(db =>
            {
                db.Add(new WebhookEvent
                {
                    EventId = id,
                    EventType = "",
                    Body = body,
                    AuthAlgo = "",
                    CertUrl = "",
                    TransmissionId = "",
                    TransmissionSig = "",
                    TransmissionTime = "",
                    ReceivedAt = Payments.Clock.GetUtcNow(),
                    State = WebhookState.Genuine,
                });
                return db.SaveChangesAsync();
            });
            for (var time = 0; time < times; time++)
            {
                await LookAtAsync(id);
            }
        }
    }

    /// <summary>Asks as finance.</summary>
    public async Task<HttpResponseMessage> AsStaffAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new("Bearer", Payments.Services.TokenFor("staff", ["finance"], TimeSpan.FromHours(1)));
        return await Payments.Http.SendAsync(request);
    }

    /// <summary>The next call of that operation fails so: <c>timeoutBefore</c>, <c>timeoutAfter</c>, <c>errorAfter</c>, <c>busy</c>.</summary>
    public async Task NextFailsAsync(string operation, string fault)
    {
        mayBeUsedAgain = false;   // it may not come to that call
        using var answer = await payPal.Http.PostAsJsonAsync("/sandbox/paypal/faults", new { operation, fault });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>The state a kill leaves behind: the intent is committed, nothing else.</summary>
    public Task NotedAsync(string effect, Guid requestId, TimeSpan leaseLeft) => Payments.Query<PaymentsDbContext, int>(db =>
    {
        var now = Payments.Clock.GetUtcNow();
        db.Add(new EffectIntent { Key = effect, RequestId = requestId, NotedAt = now, LeaseUntil = now + leaseLeft });
        return db.SaveChangesAsync();
    });

    // --- what is true

    /// <summary>With all that belongs to it; null when there is none.</summary>
    public Task<Payment?> PaymentAsync() => Payments.Query<PaymentsDbContext, Payment?>(async db =>
    {
        await using var transaction = await db.BeginAsync(CancellationToken.None);
        return await db.TryLockPaymentAsync(PaymentId, CancellationToken.None);
    });

    public async Task<string> OrderIdAsync() => (await PaymentAsync())!.OrderId!;

    /// <summary>What PayPal's books say: authorised, voided, captured, refunded, open.</summary>
    public async Task<(string Authorised, string Voided, string Captured, string Refunded, string Open)> BooksAsync()
    {
        var books = (await payPal.Http.GetFromJsonAsync<JsonElement>($"/sandbox/paypal/books/orders/{await OrderIdAsync()}")).GetProperty("books");
        return (Of(books, "authorised"), Of(books, "voided"), Of(books, "captured"), Of(books, "refunded"), Of(books, "open"));
    }

    /// <summary>What our ledger says of this payment, in the words of <see cref="BooksAsync"/>.</summary>
    public async Task<(string Authorised, string Voided, string Captured, string Refunded, string Open)> LedgerAsync()
    {
        var payment = (await PaymentAsync())!;
        var balances = await Payments.Query<PaymentsDbContext, Balances>(db => db.BalancesAsync(PaymentId, CancellationToken.None));
        string Text(long minor) => Balances.Amount(minor, payment.Currency);
        return (Text(balances.Of(LedgerKind.Authorised)), Text(balances.Of(LedgerKind.Voided)), Text(balances.Of(LedgerKind.Captured)), Text(balances.GivenBack),
            Text(balances.Of(Account.Reserved)));
    }

    /// <summary>What PayPal kept of this payment, by its books and by our ledger.</summary>
    public async Task<(string Theirs, string Ours)> FeesAsync()
    {
        var books = (await payPal.Http.GetFromJsonAsync<JsonElement>($"/sandbox/paypal/books/orders/{await OrderIdAsync()}")).GetProperty("books");
        var balances = await Payments.Query<PaymentsDbContext, Balances>(db => db.BalancesAsync(PaymentId, CancellationToken.None));
        return (Of(books, "fees"), Balances.Amount(balances.Of(Account.Fees), (await PaymentAsync())!.Currency));
    }

    /// <summary>Lets that much time pass, here and at PayPal, in one leap: whatever wakes up every second does not do so for all of them.</summary>
    public void Advance(TimeSpan span)
    {
        Payments.Clock.AdjustTime(Payments.Clock.GetUtcNow() + span);
        payPal.Clock.AdjustTime(payPal.Clock.GetUtcNow() + span);
    }

    /// <summary>
    /// What goes on by itself: whatever Payments sends to itself is delivered when it is due, and the saga asks where the payment stands; until nothing new comes,
    /// for two hours at most.
    /// </summary>
    public async Task SettleAsync()
    {
        for (var (round, news) = (0, true); round < 8 && (news || round < 2); round++)
        {
            Advance(TimeSpan.FromMinutes(15));   // the longest pause of ours
            await LookUpAsync(100 + round);   // first: what it brings up is to be delivered too
            news = await DeliverAsync<RefundPayment>() | await DeliverAsync<VoidPayment>() | await DeliverAsync<ProcessPayPalEvent>();
        }
    }

    /// <summary>Another payment, and an empty outbox.</summary>
    public async Task BeginAnewAsync()
    {
        PaymentId = Guid.NewGuid();
        await Payments.Query<PaymentsDbContext, int>(db => db.Database.ExecuteSqlRawAsync("DELETE FROM outbox"));
        delivered.Clear();
    }

    /// <summary>Delivers what waits in the outbox of that type and was not delivered here yet; false when there was none.</summary>
    private async Task<bool> DeliverAsync<T>() where T : class
    {
        var all = await Payments.Published<T>();
        var waiting = all.Skip(delivered.GetValueOrDefault(typeof(T))).ToList();
        delivered[typeof(T)] = all.Count;
        foreach (var message in waiting)
        {
            await Payments.ConsumeAsync(message);
        }

        return waiting.Count > 0;
    }

    /// <summary>Invariants of money by SQL, against both databases.</summary>
    public async Task CheckInvariantsAsync()
    {
        await using var ours = Payments.Services.CreateAsyncScope();
        await using var theirs = payPal.Services.CreateAsyncScope();
        var sandbox = (DbContext)theirs.ServiceProvider.GetRequiredService(payPal.Services.GetServices<RegisteredDatabase>().Single().Context);
        await MoneyInvariants.CheckAsync(ours.ServiceProvider.GetRequiredService<PaymentsDbContext>().Database.GetDbConnection(), sandbox.Database.GetDbConnection());
    }

    /// <summary>PayPal's sums and ours, as text a line a currency.</summary>
    public async Task<(string Theirs, string Ours)> TotalsAsync()
    {
        var theirs = (await payPal.Http.GetFromJsonAsync<JsonElement>("/sandbox/paypal/books")).GetProperty("currencies");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/support/payments/totals");
        request.Headers.Authorization = new("Bearer", Payments.Services.TokenFor("staff", ["finance"], TimeSpan.FromHours(1)));
        using var answer = await Payments.Http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        var ours = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("currencies");
        return (Text(theirs), Text(ours));

        static string Text(JsonElement currencies) => string.Join('\n', currencies.EnumerateArray().Select(one =>
            $"{one.GetProperty("authorised").GetProperty("currency").GetString()} {Of(one, "authorised")} {Of(one, "voided")} {Of(one, "captured")} {Of(one, "refunded")} {Of(one, "open")} {Of(one, "fees")}"));
    }

    public async Task<T> SaidAsync<T>() where T : class => (await Payments.Published<T>())[^1];

    public async Task<int> CountAsync<T>() where T : class => (await Payments.Published<T>()).Count;

    /// <summary>The next event PayPal sent.</summary>
    public Task<Letter> WebhookAsync() => postbox!.NextAsync();

    /// <summary>Brings an event to our webhook.</summary>
    public async Task<int> BringAsync(Letter letter)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/webhooks/paypal") { Content = new ByteArrayContent(letter.Body) };
        request.Content.Headers.ContentType = new("application/json");
        foreach (var (name, value) in letter.Headers)
        {
            request.Headers.Add(name, value);
        }

        using var answer = await Payments.Http.SendAsync(request);
        return (int)answer.StatusCode;
    }

    /// <summary>Delivers the command that storing an event, or an unsettled look at it, left in the outbox.</summary>
    public Task LookAtAsync(string eventId) => Payments.ConsumeAsync(new ProcessPayPalEvent(eventId));

    private static string Of(JsonElement books, string name) => books.GetProperty(name).GetProperty("amount").GetString()!;
}

/// <summary>Ends what the tests have shared.</summary>
public sealed class SharedWorlds : IAsyncLifetime
{
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await World.EndAllAsync();
}

/// <summary>An event as PayPal sent it.</summary>
internal sealed record Letter(byte[] Body, IReadOnlyDictionary<string, string> Headers)
{
    public string EventId => JsonDocument.Parse(Body).RootElement.GetProperty("id").GetString()!;

    public string Type => JsonDocument.Parse(Body).RootElement.GetProperty("event_type").GetString()!;
}

/// <summary>Where PayPal thinks our webhook is.</summary>
internal sealed class Postbox : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Channel<Letter> letters = Channel.CreateUnbounded<Letter>();

    private Postbox(WebApplication app) => this.app = app;

    public string Url { get; private set; } = "";

    public static async Task<Postbox> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var postbox = new Postbox(builder.Build());
        postbox.app.MapPost("/hook", async (HttpContext http) =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            await postbox.letters.Writer.WriteAsync(new(
                body.ToArray(),
                http.Request.Headers.Where(one => one.Key.StartsWith("PAYPAL-", StringComparison.OrdinalIgnoreCase)).ToDictionary(one => one.Key, one => one.Value.ToString())));
            return Results.Ok();
        });
        await postbox.app.StartAsync();
        postbox.Url = postbox.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/hook";
        return postbox;
    }

    public Task<Letter> NextAsync() => letters.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2));

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
