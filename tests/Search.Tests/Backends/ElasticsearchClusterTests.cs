using Aerona.Search.Backends;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Aerona.Search.Tests.Backends;

/// <summary>The contract on a cluster: <c>AERONA_TEST_ELASTICSEARCH</c> says where, user and password in the address where it wants them.</summary>
public sealed class ElasticsearchClusterTests : FlightBackEndContract
{
    private protected override Task<IFlightBackEnd> MakeAsync(Guid table)
    {
        var address = Environment.GetEnvironmentVariable("AERONA_TEST_ELASTICSEARCH");
        Assert.SkipWhen(string.IsNullOrEmpty(address), "AERONA_TEST_ELASTICSEARCH is not set: Elasticsearch is checked against its description only");
        var uri = new UriBuilder(address!);
        var options = new ElasticsearchOptions
        {
            Url = $"{uri.Scheme}://{uri.Host}:{uri.Port}/",
            Username = uri.UserName.Length > 0 ? uri.UserName : null,
            Password = uri.UserName.Length > 0 ? Uri.UnescapeDataString(uri.Password) : null,
            Alias = $"aerona-test-{Guid.NewGuid():N}",
            Replicas = 0,
            Timeout = TimeSpan.FromMinutes(2),
        };
        var http = new HttpClient { BaseAddress = new(options.Url), Timeout = options.Timeout };
        return Task.FromResult<IFlightBackEnd>(new Tested(new(http, options, TimeProvider.System), options));
    }

    private protected override async ValueTask EndAsync(IFlightBackEnd backEnd) => await ((Tested)backEnd).RemoveAsync();

    /// <summary>Takes away what it has made.</summary>
    private sealed class Tested(ElasticsearchClient client, ElasticsearchOptions options) : IFlightBackEnd
    {
        private readonly ElasticsearchFlights flights = new(client, options, NullLogger<ElasticsearchFlights>.Instance);

        private readonly HashSet<Guid> tables = [];

        public string Kind => flights.Kind;

        public bool IsReady => flights.IsReady;

        public TimeSpan BetweenViews => flights.BetweenViews;

        public Task<long> OpenAsync(Guid epoch, CancellationToken cancellationToken)
        {
            tables.Add(epoch);
            return flights.OpenAsync(epoch, cancellationToken);
        }

        public Task StartAnewAsync(Guid epoch, CancellationToken cancellationToken) => flights.StartAnewAsync(epoch, cancellationToken);

        public Task WriteAsync(IReadOnlyList<SellableFlight> written, CancellationToken cancellationToken) => flights.WriteAsync(written, cancellationToken);

        public Task ShowAsync(CancellationToken cancellationToken) => flights.ShowAsync(cancellationToken);

        public Task CommitAsync(long row, CancellationToken cancellationToken) => flights.CommitAsync(row, cancellationToken);

        public Task SwitchAsync(CancellationToken cancellationToken) => flights.SwitchAsync(cancellationToken);

        public Task<Held> SumAsync(CancellationToken cancellationToken) => flights.SumAsync(cancellationToken);

        public Task<FlightList> ListAsync(FlightQuestion question, ListFilters filters, ListPage page, CancellationToken cancellationToken) =>
            flights.ListAsync(question, filters, page, cancellationToken);

        public async Task RemoveAsync()
        {
            foreach (var table in tables)
            {
                for (var number = 1; number <= 8; number++)
                {
                    await client.SendAsync(HttpMethod.Delete, $"{options.Alias}-{FlightDocument.Shape}-{table:N}-{number}", null, CancellationToken.None, System.Net.HttpStatusCode.NotFound);
                }
            }

            await client.SendAsync(HttpMethod.Delete, $"_index_template/{options.Alias}-{FlightDocument.Shape}", null, CancellationToken.None, System.Net.HttpStatusCode.NotFound);
        }
    }
}
