using Aerona.Messaging;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace Aerona.TestKit;

/// <summary>One service's module as its users meet it: HTTP in front, bus behind, SQLite in a temporary folder, a clock that the test moves.</summary>
public sealed class TestService : IAsyncDisposable
{
    /// <summary>Starts it. Nothing that it publishes is delivered anywhere: rows stay in the outbox for <see cref="Published{T}"/>.</summary>
    /// <param name="add">The service's Add method and fakes for its ports.</param>
    /// <param name="consumers">The service's Add…Consumers method.</param>
    /// <param name="map">The service's Map method.</param>
    /// <param name="settings">Configuration.</param>
    public static Task<TestService> StartAsync(
        Action<WebApplicationBuilder> add, Action<BusRegistration> consumers, Action<WebApplication> map, IReadOnlyDictionary<string, string?>? settings = null) =>
        throw new NotImplementedException();

    /// <summary>Speaks to the service's endpoints (loopback, random port).</summary>
    public HttpClient Http => throw new NotImplementedException();

    /// <summary>The clock; starts at 2026-12-01T00:00Z.</summary>
    public FakeTimeProvider Clock => throw new NotImplementedException();

    /// <summary>The host's services.</summary>
    public IServiceProvider Services => throw new NotImplementedException();

    /// <summary>Delivers a message to the consumer of its type through the bus and waits until that is done; a consumer's exception is thrown here.</summary>
    public Task ConsumeAsync<T>(T message) where T : class => throw new NotImplementedException();

    /// <summary>What the service has put into its outbox of that type so far, in order, delivered or not.</summary>
    public Task<IReadOnlyList<T>> Published<T>() where T : class => throw new NotImplementedException();

    /// <summary>Runs on a fresh context.</summary>
    public Task<TResult> Query<TDbContext, TResult>(Func<TDbContext, Task<TResult>> query) where TDbContext : DbContext => throw new NotImplementedException();

    /// <summary>Stops the host and deletes the folder.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
