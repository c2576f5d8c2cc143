using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Aerona.Hosting;
using Aerona.TestKit;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aerona.BuildingBlocks.Tests.Hosting;

public sealed class IdempotencyTests : IAsyncLifetime
{
    private const string Body = """{"name":"first","size":1}""";
    private Shop shop = null!;

    public async ValueTask InitializeAsync() => shop = await Shop.StartAsync();

    public ValueTask DisposeAsync() => shop.DisposeAsync();

    [Fact]
    public async Task A_call_without_a_key_is_refused_before_anything_is_done()
    {
        var problem = await (await shop.PostAsync("/v1/orders", Body)).ProblemAsync(400, "idempotency.key_missing");

        Assert.Equal(["header:Idempotency-Key"], problem.Pointers());
        Assert.Equal(0, await shop.CountOrdersAsync());
    }

    [Theory]
    [InlineData(256)]
    [InlineData(1)]
    public async Task A_key_that_is_too_long_or_not_printable_is_refused(int length)
    {
        var key = length == 1 ? "a\tb" : new string('k', length);

        var problem = await (await shop.PostAsync("/v1/orders", Body, key)).ProblemAsync(400, "idempotency.key_invalid");

        Assert.Equal(["header:Idempotency-Key"], problem.Pointers());
        Assert.Equal(0, await shop.CountOrdersAsync());
    }

    [Fact]
    public async Task Two_keys_are_none()
    {
        using var connection = new TcpClient("127.0.0.1", shop.Http.BaseAddress!.Port);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nIdempotency-Key: one\r\nIdempotency-Key: two\r\n"
            + $"Content-Length: {Body.Length}\r\n\r\n{Body}"));

        var answer = await new StreamReader(stream).ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("idempotency.key_invalid", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repeat_gets_the_same_answer_and_does_nothing()
    {
        var first = await shop.PostAsync("/v1/orders", Body, "key-1");
        var again = await shop.PostAsync("/v1/orders", Body, "key-1");

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(first.Headers.Location, again.Headers.Location);
        Assert.Equal(first.Content.Headers.ContentType, again.Content.Headers.ContentType);
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(), await again.Content.ReadAsByteArrayAsync());
        Assert.Equal(1, await shop.CountOrdersAsync());
    }

    [Fact]
    public async Task An_answer_without_a_body_is_repeated_too()
    {
        var order = await PlacedAsync("key-1");

        var first = await shop.PostAsync($"/v1/orders/{order.Id}/notes", """{"name":"x","size":1}""", "key-2");
        var again = await shop.PostAsync($"/v1/orders/{order.Id}/notes", """{"name":"x","size":1}""", "key-2");

        Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.NoContent], [first.StatusCode, again.StatusCode]);
        Assert.Equal(1, await shop.QueryAsync(db => db.Orders.Select(row => row.Version).SingleAsync()));
    }

    [Fact]
    public async Task A_repeat_survives_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("aerona-hosting-").FullName;
        var kept = Directory.CreateTempSubdirectory("aerona-hosting-").FullName;
        Guid id;
        await using (var before = await Shop.StartAsync(folder))
        {
            id = (await (await before.PostAsync("/v1/orders", Body, "key-1")).Content.ReadFromJsonAsync<OrderView>())!.Id;
            var copy = Path.Combine(kept, "shop.db");
            await before.QueryAsync(db => db.Database.ExecuteSqlAsync($"VACUUM INTO {copy}"));   // with what still stands in the write-ahead log
        }

        await using var after = await Shop.StartAsync(kept);
        var again = await after.PostAsync("/v1/orders", Body, "key-1");

        Assert.Equal(id, (await again.Content.ReadFromJsonAsync<OrderView>())!.Id);
        Assert.Equal(1, await after.CountOrdersAsync());
    }

    [Fact]
    public async Task The_same_key_with_another_body_or_address_is_refused_and_does_nothing()
    {
        var order = await PlacedAsync("key-1");
        await shop.PostAsync($"/v1/orders/{order.Id}/notes", Body, "key-1");   // another endpoint: another call

        await (await shop.PostAsync("/v1/orders", """{"name":"other","size":1}""", "key-1")).ProblemAsync(422, "idempotency.key_reused");
        await (await shop.PostAsync("/v1/orders?really=yes", Body, "key-1")).ProblemAsync(422, "idempotency.key_reused");
        await (await shop.PostAsync($"/v1/orders/{Guid.NewGuid()}/notes", Body, "key-1")).ProblemAsync(422, "idempotency.key_reused");

        Assert.Equal(1, await shop.CountOrdersAsync());
        Assert.Equal(2, await shop.CountKeysAsync());
    }

    [Fact]
    public async Task Keys_are_each_callers_own()
    {
        var tokens = new[]
        {
            null, Person("ann"), Person("bob"), Person("address:127.0.0.1"), shop.Tokens.ForGuest(Guid.NewGuid()), shop.Tokens.ForGuest(Guid.NewGuid()),
        };
        var ids = new List<Guid>();

        foreach (var token in tokens)
        {
            ids.Add((await (await shop.PostAsync("/v1/orders", Body, "key-1", token)).Content.ReadFromJsonAsync<OrderView>())!.Id);
        }

        Assert.Equal(tokens.Length, ids.Distinct().Count());
    }

    [Fact]
    public async Task Anonymous_callers_of_two_addresses_share_no_keys()
    {
        var answers = new List<HttpResponseMessage>();
        foreach (var from in new[] { "127.0.0.1", "127.0.0.2" })
        {
            using var handler = new SocketsHttpHandler { ConnectCallback = (context, token) => ConnectFromAsync(from, context, token) };
            using var http = new HttpClient(handler) { BaseAddress = shop.Http.BaseAddress };
            answers.Add(await http.SendAsync(Order("key-1")));
        }

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
        Assert.NotEqual(answers[0].Headers.Location, answers[1].Headers.Location);
        Assert.Equal(2, await shop.CountOrdersAsync());
    }

    [Fact]
    public async Task A_refusal_saves_nothing_and_leaves_the_key_free()
    {
        await (await shop.PostAsync("/v1/orders", """{"name":"first","size":-1}""", "key-1")).ProblemAsync(400, "order.size");
        await (await shop.PostAsync("/v1/orders", """{"nome":"first"}""", "key-1")).ProblemAsync(400, "request.unknown_field");
        Assert.Equal((0, 0), (await shop.CountOrdersAsync(), await shop.CountKeysAsync()));

        Assert.Equal(HttpStatusCode.Created, (await shop.PostAsync("/v1/orders", Body, "key-1")).StatusCode);
    }

    [Fact]
    public async Task A_fault_saves_nothing_and_leaves_the_key_free()
    {
        shop.Gate.Meanwhile = _ => throw new InvalidOperationException("the lights went out");
        await (await shop.PostAsync("/v1/orders", Body, "key-1")).ProblemAsync(500, "internal");
        Assert.Equal((0, 0), (await shop.CountOrdersAsync(), await shop.CountKeysAsync()));

        Assert.Equal(HttpStatusCode.Created, (await shop.PostAsync("/v1/orders", Body, "key-1")).StatusCode);
    }

    [Fact]
    public async Task A_twin_is_told_to_wait_while_the_first_runs()
    {
        shop.Gate.Close();
        var first = shop.PostAsync("/v1/orders", Body, "key-1");
        await shop.Gate.SomebodyWaitsAsync();

        var twin = await shop.PostAsync("/v1/orders", Body, "key-1");
        shop.Gate.Open();

        var problem = await twin.ProblemAsync(409, "idempotency.in_progress");
        Assert.True((bool)problem["retryable"]!);
        Assert.Equal("1", twin.Headers.GetValues("Retry-After").Single());
        Assert.Equal(HttpStatusCode.Created, (await first).StatusCode);
        Assert.Equal((await first).Headers.Location, (await shop.PostAsync("/v1/orders", Body, "key-1")).Headers.Location);
    }

    [Fact]
    public async Task Another_process_that_was_faster_gives_its_answer_to_both()
    {
        await using var other = await Shop.StartAsync(shop.Folder);
        OrderView? others = null;
        shop.Gate.Meanwhile = async _ => others = await (await other.PostAsync("/v1/orders", Body, "key-1")).Content.ReadFromJsonAsync<OrderView>();

        var mine = await shop.PostAsync("/v1/orders", Body, "key-1");

        Assert.Equal(HttpStatusCode.Created, mine.StatusCode);
        Assert.Equal("true", mine.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal($"/v1/orders/{others!.Id}", mine.Headers.Location!.ToString());
        Assert.Equal(others, await mine.Content.ReadFromJsonAsync<OrderView>());
        Assert.Equal(1, await shop.CountOrdersAsync());
    }

    [Fact]
    public async Task Another_process_that_used_the_key_for_another_body_leaves_a_refusal()
    {
        await using var other = await Shop.StartAsync(shop.Folder);
        shop.Gate.Meanwhile = _ => other.PostAsync("/v1/orders", """{"name":"other","size":1}""", "key-1");

        await (await shop.PostAsync("/v1/orders", Body, "key-1")).ProblemAsync(422, "idempotency.key_reused");

        Assert.Equal("other", await shop.QueryAsync(db => db.Orders.Select(row => row.Name).SingleAsync()));
    }

    [Fact]
    public async Task A_row_changed_meanwhile_is_a_conflict_that_saves_nothing()
    {
        var order = await PlacedAsync("key-1");
        shop.Gate.Meanwhile = _ => shop.PostAsync($"/v1/orders/{order.Id}/notes", """{"name":"faster","size":1}""", "key-2");

        var problem = await (await shop.PostAsync($"/v1/orders/{order.Id}/notes", """{"name":"slower","size":1}""", "key-3")).ProblemAsync(409, "conflict");

        Assert.True((bool)problem["retryable"]!);
        Assert.Equal("faster", await shop.QueryAsync(db => db.Orders.Select(row => row.Name).SingleAsync()));
        Assert.Equal(HttpStatusCode.NoContent, (await shop.PostAsync($"/v1/orders/{order.Id}/notes", """{"name":"slower","size":1}""", "key-3")).StatusCode);
    }

    [Fact]
    public async Task What_somebody_else_made_meanwhile_is_a_conflict_and_keeps_no_answer()
    {
        await shop.PostAsync("/v1/orders", """{"name":"a","size":1,"label":"taken"}""", "key-1");

        await (await shop.PostAsync("/v1/orders", """{"name":"b","size":1,"label":"taken"}""", "key-2")).ProblemAsync(409, "conflict");

        Assert.Equal((1, 1), (await shop.CountOrdersAsync(), await shop.CountKeysAsync()));
    }

    [Fact]
    public async Task A_caller_who_hangs_up_before_the_answer_has_changed_nothing()
    {
        using var patience = new CancellationTokenSource();
        var hungUp = new TaskCompletionSource();
        shop.Gate.Meanwhile = async aborted =>
        {
            await patience.CancelAsync();
            await new TaskCompletionSource().Task.WaitAsync(aborted).ContinueWith(_ => hungUp.SetResult(), TaskScheduler.Default);
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => shop.Http.SendAsync(Order("key-1"), patience.Token));
        await hungUp.Task;

        HttpResponseMessage again;
        while ((again = await shop.PostAsync("/v1/orders", Body, "key-1")).StatusCode == HttpStatusCode.Conflict)
        {
            await again.ProblemAsync(409, "idempotency.in_progress");   // the aborted call is just ending
        }

        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        Assert.False(again.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(1, await shop.CountOrdersAsync());
    }

    [Fact]
    public async Task Many_at_once_do_it_once()
    {
        var answers = new ConcurrentBag<HttpResponseMessage>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 60), new ParallelOptions { MaxDegreeOfParallelism = 12 }, async (_, _) => answers.Add(await shop.PostAsync("/v1/orders", Body, "key-1")));

        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict, answer.StatusCode.ToString()));
        Assert.Single(answers.Where(answer => answer.StatusCode == HttpStatusCode.Created).Select(answer => answer.Headers.Location).Distinct());
        Assert.Equal(1, await shop.CountOrdersAsync());
    }

    [Fact]
    public async Task Any_sequence_of_calls_does_what_a_table_of_keys_says()
    {
        var call = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[-1, 2], (caller, key, size) => (caller, key, size));
        var tokens = new[] { null, Person("ann"), shop.Tokens.ForGuest(Guid.NewGuid()) };
        var round = 0;

        await call.List[1, 25].SampleAsync(
            async calls =>
            {
                var (prefix, before) = ($"round-{Interlocked.Increment(ref round)}", await shop.CountOrdersAsync());
                var table = new Dictionary<(int, int), (int Size, string Answer)>();
                foreach (var (caller, key, size) in calls)
                {
                    var answer = await shop.PostAsync("/v1/orders", $$"""{"name":"x","size":{{size}}}""", $"{prefix}-{key}", tokens[caller]);
                    var text = await answer.Content.ReadAsStringAsync();
                    var expected = table.TryGetValue((caller, key), out var kept) ? kept.Size == size ? 201 : 422 : size < 0 ? 400 : 201;
                    if (expected != (int)answer.StatusCode || (expected == 201 && kept.Answer is not null && kept.Answer != text))
                    {
                        return false;
                    }

                    if (expected == 201)
                    {
                        table[(caller, key)] = (size, text);
                    }
                }

                return await shop.CountOrdersAsync() - before == table.Count && table.Values.Select(kept => kept.Answer).Distinct().Count() == table.Count;
            },
            iter: 40, threads: 1);
    }

    [Fact]
    public async Task Keys_are_forgotten_after_seven_days_and_not_before()
    {
        await PlacedAsync("old");
        shop.Clock.Advance(TimeSpan.FromDays(3));
        await PlacedAsync("young");
        var cleanUp = shop.Services.GetServices<IHostedService>().OfType<KeptAnswersCleanUp>().Single();

        shop.Clock.Advance(TimeSpan.FromDays(4));
        Assert.Equal(0, await cleanUp.ForgetOldAsync(CancellationToken.None));
        shop.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await cleanUp.ForgetOldAsync(CancellationToken.None));

        Assert.Equal(1, await shop.CountKeysAsync());
        Assert.Equal("true", (await shop.PostAsync("/v1/orders", Body, "young")).Headers.GetValues(Idempotency.ReplayedHeader).Single());
    }

    [Fact]
    public async Task A_kept_answer_is_read_by_nobody_without_its_key()
    {
        var answer = await (await shop.PostAsync("/v1/orders", Body, "a key of 122 bits")).Content.ReadAsStringAsync();

        var row = await shop.QueryAsync(db => db.Set<KeptAnswer>().AsNoTracking().SingleAsync());

        Assert.NotEmpty(answer);
        Assert.DoesNotContain("a key of 122 bits", row.Key, StringComparison.Ordinal);
        Assert.Equal(-1, row.Body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(answer[..8])));
        Assert.Equal(answer, await (await shop.PostAsync("/v1/orders", Body, "a key of 122 bits")).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Forgetting_goes_by_batches_to_the_end()
    {
        await PlacedAsync("young");
        await shop.QueryAsync(async db =>
        {
            for (var i = 0; i < (2 * KeptAnswersCleanUp.BatchSize) + 7; i++)
            {
                var at = shop.Clock.GetUtcNow().AddDays(-8).AddSeconds(i);
                db.Add(new KeptAnswer { Caller = "user:ann", Endpoint = "POST /", Key = $"{i}", Fingerprint = [], Status = 200, Body = [], CreatedAt = at });
            }

            return await db.SaveChangesAsync();
        });
        var cleanUp = shop.Services.GetServices<IHostedService>().OfType<KeptAnswersCleanUp>().Single();

        Assert.Equal((2 * KeptAnswersCleanUp.BatchSize) + 7, await cleanUp.ForgetOldAsync(CancellationToken.None));
        Assert.Equal(1, await shop.CountKeysAsync());
    }

    private static async ValueTask<Stream> ConnectFromAsync(string from, SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private string Person(string subject) => shop.Services.TokenFor(subject, ["traveller"], TimeSpan.FromHours(1));

    private static HttpRequestMessage Order(string key) =>
        new(HttpMethod.Post, "/v1/orders") { Content = new StringContent(Body, null, "application/json"), Headers = { { "Idempotency-Key", key } } };

    private async Task<OrderView> PlacedAsync(string key) => (await (await shop.PostAsync("/v1/orders", Body, key)).Content.ReadFromJsonAsync<OrderView>())!;
}
