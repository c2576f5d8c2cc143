using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Aerona.BuildingBlocks.Tests.Hosting;

/// <summary>A small service with Aerona's defaults on a loopback port, its database a file in a temporary folder.</summary>
internal sealed class Shop : IAsyncDisposable
{
    private readonly WebApplication app;

    private Shop(WebApplication app, string folder)
    {
        this.app = app;
        Folder = folder;
        Http = new() { BaseAddress = new(app.Urls.Single()) };
    }

    public string Folder { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => app.Services;

    public FakeTimeProvider Clock => (FakeTimeProvider)Services.GetRequiredService<TimeProvider>();

    public Gate Gate => Services.GetRequiredService<Gate>();

    public ITokens Tokens => Services.GetRequiredService<ITokens>();

    public static async Task<Shop> StartAsync(
        string? folder = null, IReadOnlyDictionary<string, string?>? settings = null, Action<IServiceCollection>? also = null, FakeTimeProvider? clock = null)
    {
        folder ??= Directory.CreateTempSubdirectory("aerona-hosting-").FullName;
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(settings ?? new Dictionary<string, string?>())
        {
            ["Data:Folder"] = folder,
            ["Logging:LogLevel:Default"] = "None",
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "None",
            ["Logging:LogLevel:Microsoft.EntityFrameworkCore"] = "None",
        });
        builder.Services.AddSingleton<TimeProvider>(clock ?? new FakeTimeProvider(new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero)));
        builder.AddAeronaDefaults();
        builder.TakeTokensFor("shop", typeof(Shop).Assembly);
        builder.Services.AddTestIssuer();
        builder.Services.AddSingleton<Gate>();
        builder.Services.AddDbContext<ShopDbContext>(options => options.UseSqlite($"Data Source={Path.Combine(folder, "shop.db")};Pooling=False"));
        also?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapAeronaDefaults();
        Map(app);
        await using (var scope = app.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<ShopDbContext>().Database.EnsureCreatedAsync();
        }

        await app.StartAsync();
        return new(app, folder);
    }

    public async Task<HttpResponseMessage> PostAsync(string path, string json, string? key = null, string? token = null, string mediaType = "application/json")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, null, mediaType) };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        return await Http.SendAsync(request);
    }

    public async Task<HttpResponseMessage> GetAsync(string path, string? token = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        return await Http.SendAsync(request);
    }

    public async Task<T> QueryAsync<T>(Func<ShopDbContext, Task<T>> query)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<ShopDbContext>());
    }

    public Task<int> CountOrdersAsync() => QueryAsync(db => db.Orders.CountAsync());

    public Task<int> CountKeysAsync() => QueryAsync(db => db.Set<KeptAnswer>().CountAsync());

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.StopAsync();   // what runs in the background ends in order, and nobody writes into the folder any more
        await app.DisposeAsync();
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/v1/whoami", (ClaimsPrincipal user) => new WhoAmI(user.Owner(), user.Identity?.IsAuthenticated == true));
        app.MapGet("/v1/bookings/{id}", (Guid id, string? owner, ClaimsPrincipal user) =>
            user.MaySee(id, owner) ? Results.Ok() : Problems.NotFound("booking.not_found", "No such booking."));
        app.MapGet("/v1/members", () => "hello").RequireAuthorization();
        app.MapGet("/v1/support/desk", () => "desk").Requires(Permission.SeeAnyBooking);
        app.MapGet("/v1/operations/desk", () => "desk").Requires(Permission.RunFleet);
        app.MapGet("/played", () => "played").WithForeignAuthorization();
        app.MapGet("/v1/numbers", (int limit, DateOnly? day) => limit);
        app.MapGet("/v1/broken", string () => throw new InvalidOperationException("secret inside at Aerona.Somewhere"));
        app.MapGet("/v1/nodatabase", string () => throw new DbUpdateException("secret", new Microsoft.Data.Sqlite.SqliteException("cannot open secret place", 14)));
        app.MapGet("/v1/gone", () => Results.StatusCode(410));
        app.MapGet("/page", (HttpContext context) =>
        {
            context.Response.Headers.ContentSecurityPolicy = "default-src 'self'";
            return Results.Content("<p>page", "text/html");
        });
        app.MapPost("/v1/searches", (SearchRequest request) => request);
        app.MapPost("/v1/anything", (JsonElement anything) => anything);
        app.MapPost("/v1/uploads", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            return body.Length;
        }).WithBodyLimit(null);
        app.MapPost("/v1/orders", PlaceOrder).Idempotent<ShopDbContext>().WithName("PlaceOrder");
        app.MapPost("/v1/orders/{id}/notes", AddNote).Idempotent<ShopDbContext>();
        app.MapDelete("/v1/orders/{id}", DropOrder).Idempotent<ShopDbContext>();
    }

    private static async Task<Results<Created<OrderView>, ProblemHttpResult>> PlaceOrder(
        OrderRequest request, ShopDbContext db, Gate gate, CancellationToken cancellationToken)
    {
        var order = new Order { Id = Guid.CreateVersion7(), Name = request.Name, Size = request.Size, Label = request.Label };
        db.Orders.Add(order);
        await gate.PassAsync(cancellationToken);
        return request.Size < 0
            ? Problems.Invalid(new FieldProblem("/size", "order.size", "Not below nothing."))
            : TypedResults.Created($"/v1/orders/{order.Id}", new OrderView(order.Id, order.Name));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> AddNote(
        Guid id, OrderRequest request, ShopDbContext db, Gate gate, CancellationToken cancellationToken)
    {
        if (await db.Orders.FindAsync([id], cancellationToken) is not { } order)
        {
            return Problems.NotFound("order.not_found", "No such order.");
        }

        order.Name = request.Name;
        order.Version++;
        await gate.PassAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> DropOrder(Guid id, ShopDbContext db)
    {
        db.Remove(await db.Orders.SingleAsync(order => order.Id == id));
        return TypedResults.NoContent();
    }
}

internal sealed record WhoAmI(string? Owner, bool SignedIn);

internal enum Colour
{
    DeepRed,
    Blue,
}

internal sealed record Traveller(string Name, DateOnly BirthDate);

internal sealed record SearchRequest(
    string Origin, int Adults, IReadOnlyList<Traveller> Travellers, Money? MaxPrice, Cabin? Cabin, FlightDesignator? Flight, string? Note, string Sort = "price");

internal sealed record OrderRequest(string Name, int Size, string? Label);

internal sealed record OrderView(Guid Id, string Name);

internal sealed class Order
{
    public Guid Id { get; init; }
    public required string Name { get; set; }
    public int Size { get; init; }
    public string? Label { get; init; }
    public int Version { get; set; }
}

internal sealed class ShopDbContext(DbContextOptions<ShopDbContext> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions) =>
        conventions.Properties<DateTimeOffset>().HaveConversion<DateTimeOffsetToBinaryConverter>();

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.AddIdempotency();
        model.Entity<Order>().HasIndex(order => order.Label).IsUnique();
        model.Entity<Order>().Property(order => order.Version).IsConcurrencyToken();
    }
}

/// <summary>Lets a test hold handlers at a known place.</summary>
internal sealed class Gate
{
    private readonly SemaphoreSlim arrived = new(0);
    private TaskCompletionSource? closed;

    public void Close() => closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open() => Interlocked.Exchange(ref closed, null)?.SetResult();

    public Task SomebodyWaitsAsync() => arrived.WaitAsync(TimeSpan.FromMinutes(2));

    /// <summary>Runs while the next handler waits, in its place.</summary>
    public Func<CancellationToken, Task>? Meanwhile { get; set; }

    public async Task PassAsync(CancellationToken cancellationToken)
    {
        if (Meanwhile is { } meanwhile)
        {
            Meanwhile = null;
            await meanwhile(cancellationToken);
        }

        if (closed is { } gate)
        {
            arrived.Release();
            await gate.Task.WaitAsync(cancellationToken);
        }
    }
}

internal static class Answers
{
    public static async Task<JsonObject> JsonAsync(this HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<JsonObject>())!;

    /// <summary>Asserts that the answer is a problem of that status and code and gives its body.</summary>
    public static async Task<JsonObject> ProblemAsync(this HttpResponseMessage answer, int status, string code)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{(int)answer.StatusCode} instead of {status}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonNode.Parse(text)!.AsObject();
        Assert.True(code == (string?)problem["code"], $"{problem["code"]} instead of {code}: {text}");
        Assert.Equal(status, (int)problem["status"]!);
        Assert.Equal(answer.Headers.GetValues("X-Request-Id").Single(), (string?)problem["requestId"]);
        Assert.True(problem.ContainsKey("retryable"));
        Assert.DoesNotContain("Aerona.", text, StringComparison.Ordinal);
        return problem;
    }

    /// <summary>The pointers of a problem's errors.</summary>
    public static string[] Pointers(this JsonObject problem) => [.. (problem["errors"] as JsonArray ?? []).Select(error => (string)error!["pointer"]!)];
}
