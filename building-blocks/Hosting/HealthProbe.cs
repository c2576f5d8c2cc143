using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Aerona.Hosting;

/// <summary>How a container without a shell asks its own service whether it is ready: <c>dotnet Aerona.Payments.dll healthcheck</c>.</summary>
public static class HealthProbe
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// First line of every host. With the single argument <c>healthcheck</c> no host is made: the process asks the one that listens on its
    /// <c>ASPNETCORE_URLS</c> or <c>ASPNETCORE_HTTP_PORTS</c> for <c>/health/ready</c> and ends with 0 when that is ready, else with 1 and a line that says why.
    /// </summary>
    public static async Task ExitWhenAskedAsync(string[] args)
    {
        if (args is ["healthcheck"])
        {
            Environment.Exit(await AskAsync(new ConfigurationBuilder().AddEnvironmentVariables("ASPNETCORE_").Build(), Console.Error) ? 0 : 1);
        }
    }

    /// <param name="configuration">Has <c>URLS</c> (as in ASPNETCORE_URLS) or <c>HTTP_PORTS</c>.</param>
    /// <param name="problems">Gets one line when the service is not ready.</param>
    /// <param name="timeout">The longest wait for the answer; five seconds unless given.</param>
    internal static async Task<bool> AskAsync(IConfiguration configuration, TextWriter problems, TimeSpan? timeout = null)
    {
        if (Address(configuration) is not { } address)
        {
            await problems.WriteLineAsync("healthcheck: ASPNETCORE_URLS or ASPNETCORE_HTTP_PORTS must name an http address or port");
            return false;
        }

        using var http = new HttpClient { Timeout = timeout ?? Timeout };
        try
        {
            using var answer = await http.GetAsync(new Uri(address, "health/ready"));
            if (answer.IsSuccessStatusCode)
            {
                return true;
            }

            await problems.WriteLineAsync($"healthcheck: {address} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        }
        catch (Exception problem) when (problem is HttpRequestException or OperationCanceledException)
        {
            await problems.WriteLineAsync($"healthcheck: {address} does not answer: {problem.Message}");
        }

        return false;
    }

    private static Uri? Address(IConfiguration configuration)
    {
        foreach (var url in Listed(configuration["URLS"]))
        {
            if (Uri.TryCreate(url.Replace("://*", "://localhost", StringComparison.Ordinal).Replace("://+", "://localhost", StringComparison.Ordinal), UriKind.Absolute, out var address)
                && address.Scheme == Uri.UriSchemeHttp)
            {
                // An address that stands for every interface cannot be called; the loopback one is among them.
                var host = address.Host is "0.0.0.0" or "[::]" ? "localhost" : address.Host;
                return new UriBuilder(Uri.UriSchemeHttp, host, address.Port).Uri;
            }
        }

        return Listed(configuration["HTTP_PORTS"])
            .Select(port => int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 65535
                ? new UriBuilder(Uri.UriSchemeHttp, "localhost", number).Uri
                : null)
            .FirstOrDefault(address => address is not null);
    }

    private static string[] Listed(string? setting) => (setting ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
