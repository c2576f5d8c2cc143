using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.TestKit;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.BuildingBlocks.Tests.Hosting;

public sealed class DeadLetterTests : IAsyncLifetime
{
    private static readonly Guid Parcel = Guid.NewGuid();
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly Customs customs = new();
    private TestService service = null!;

    public async ValueTask InitializeAsync() => service = await TestService.StartAsync(
        builder =>
        {
            builder.AddDatabase<HarbourDbContext>("harbour");
            builder.TakeTokensFor("shop", typeof(DeadLetterTests).Assembly);
            builder.Services.AddSingleton(customs);
        },
        bus => bus.AddConsumer<ClearParcelConsumer, HarbourDbContext>(),
        app => app.MapPost("/v1/parcels", (ParcelRequest request, HarbourDbContext db) =>
        {
            db.Parcels.Add(new Landed { Id = request.Id });
            db.Publish(new ClearParcel(request.Id));
            return request.Refuse ? Problems.Refused(409, "parcel.refused", "No.") : Results.Accepted();
        }).Idempotent<HarbourDbContext>(),
        new Dictionary<string, string?>
        {
            ["Messaging:RelayEnabled"] = "true",
            ["Messaging:RedeliveryIntervals:0"] = "00:00:01",
            ["Logging:LogLevel:Default"] = "None",
            ["Logging:LogLevel:MassTransit"] = "None",
        });

    public ValueTask DisposeAsync() => service.DisposeAsync();

    [Fact]
    public async Task Dead_letters_are_for_staff_and_sent_again_by_those_who_answer_for_it()
    {
        await (await service.Http.GetAsync("/v1/support/dead-letters")).ProblemAsync(401, "auth.required");
        await (await SendAsync(HttpMethod.Get, "/v1/support/dead-letters", "traveller")).ProblemAsync(403, "auth.forbidden");
        await (await SendAsync(HttpMethod.Post, "/v1/support/dead-letters/harbour-1/replay", "support")).ProblemAsync(403, "auth.forbidden");
    }

    [Fact]
    public async Task A_message_given_up_is_listed_and_replayed_once_its_cause_is_gone()
    {
        customs.OnStrike = true;
        Assert.Equal(HttpStatusCode.Accepted, (await LandAsync(refuse: false)).StatusCode);

        var letter = await FirstAsync("/v1/support/dead-letters");
        Assert.Single((await (await SendAsync(HttpMethod.Get, "/v1/support/dead-letters", "support")).JsonAsync())["deadLetters"]!.AsArray());
        Assert.Equal(("harbour", "tests-clear-parcel-consumer"), ((string?)letter["service"], (string?)letter["queue"]));
        Assert.Contains("on strike", (string?)letter["reason"], StringComparison.Ordinal);
        Assert.Contains(nameof(ClearParcel), (string?)letter["messageType"], StringComparison.Ordinal);

        customs.OnStrike = false;
        var replay = await SendAsync(HttpMethod.Post, $"/v1/support/dead-letters/{letter["id"]}/replay", "senior-support");

        Assert.Equal(HttpStatusCode.Accepted, replay.StatusCode);
        Assert.Equal(Parcel, await customs.Cleared.Task.WaitAsync(Patience));
        Assert.Empty((await (await SendAsync(HttpMethod.Get, "/v1/support/dead-letters", "support")).JsonAsync())["deadLetters"]!.AsArray());
        Assert.NotNull((await FirstAsync("/v1/support/dead-letters?replayed=true"))["replayedAt"]);
    }

    [Theory]
    [InlineData("harbour-7")]
    [InlineData("nowhere-1")]
    [InlineData("harbour")]
    [InlineData("-1")]
    public async Task An_unknown_dead_letter_is_not_found(string id) =>
        await (await SendAsync(HttpMethod.Post, $"/v1/support/dead-letters/{id}/replay", "operations")).ProblemAsync(404, "dead_letter.not_found");

    [Theory]
    [InlineData(0)]
    [InlineData(201)]
    public async Task A_list_has_its_limits(int limit) =>
        await (await SendAsync(HttpMethod.Get, $"/v1/support/dead-letters?limit={limit}", "support")).ProblemAsync(400, "request.out_of_range");

    [Fact]
    public async Task A_refused_call_publishes_nothing_and_an_accepted_one_its_message_once()
    {
        customs.OnStrike = false;
        await (await LandAsync(refuse: true)).ProblemAsync(409, "parcel.refused");
        Assert.Empty(await service.Published<ClearParcel>());

        await LandAsync(refuse: false);
        var again = await LandAsync(refuse: false);

        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(Parcel, await customs.Cleared.Task.WaitAsync(Patience));
        Assert.Equal(1, await service.Query<HarbourDbContext, int>(db => db.Parcels.CountAsync()));
        Assert.Equal(1, customs.Seen);
    }

    [Fact]
    public async Task Aerona_s_own_database_keeps_and_forgets_answers_too()
    {
        await LandAsync(refuse: false);
        service.Clock.Advance(TimeSpan.FromDays(7) + TimeSpan.FromHours(2));
        var cleanUp = service.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<KeptAnswersCleanUp>().Single();

        await cleanUp.ForgetOldAsync(CancellationToken.None);

        Assert.Equal(0, await service.Query<HarbourDbContext, int>(db => db.Set<KeptAnswer>().CountAsync()));
    }

    private async Task<JsonNode> FirstAsync(string path)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!limit.IsCancellationRequested)
        {
            if ((await (await SendAsync(HttpMethod.Get, path, "support")).JsonAsync())["deadLetters"]!.AsArray() is [{ } first, ..])
            {
                return first;
            }

            service.Clock.Advance(TimeSpan.FromSeconds(1));   // redelivery and relay go by the clock, the bus does not
            await pause.WaitForNextTickAsync(CancellationToken.None);
        }

        throw new Xunit.Sdk.XunitException($"no dead letter came within {Patience}");
    }

    private async Task<HttpResponseMessage> LandAsync(bool refuse) => await service.Http.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/parcels")
    {
        Content = JsonContent.Create(new { id = Parcel, refuse }),
        Headers = { { "Idempotency-Key", "landing-1" } },
    });

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string role)
    {
        var token = service.Services.TokenFor("sue", [role], TimeSpan.FromDays(30));
        return await service.Http.SendAsync(new HttpRequestMessage(method, path) { Headers = { Authorization = new("Bearer", token) } });
    }
}

public sealed record ClearParcel(Guid ParcelId) : ICommand;

internal sealed record ParcelRequest(Guid Id, bool Refuse);

internal sealed class Landed
{
    public Guid Id { get; init; }
}

internal sealed class HarbourDbContext(DbContextOptions<HarbourDbContext> options) : DbContext(options)
{
    public DbSet<Landed> Parcels => Set<Landed>();

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions) => conventions.UseAeronaConventions();

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.AddMessaging();
        model.AddIdempotency();
    }
}

internal sealed class Customs
{
    private int seen;

    public volatile bool OnStrike;

    public TaskCompletionSource<Guid> Cleared { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Seen => seen;

    public void Clear(Guid parcel)
    {
        Interlocked.Increment(ref seen);
        if (OnStrike)
        {
            throw new InvalidOperationException("customs are on strike");
        }

        Cleared.TrySetResult(parcel);
    }
}

internal sealed class ClearParcelConsumer(Customs customs) : IConsumer<ClearParcel>
{
    public Task Consume(ConsumeContext<ClearParcel> context)
    {
        customs.Clear(context.Message.ParcelId);
        return Task.CompletedTask;
    }
}
