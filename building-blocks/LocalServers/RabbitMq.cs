namespace Aerona.LocalServers;

/// <summary>RabbitMQ, one node with a name, a cookie and an epmd of its own.</summary>
public sealed class RabbitMq : LocalServer
{
    /// <summary>Starts it and waits until it takes connections.</summary>
    /// <exception cref="InvalidOperationException">It is not installed or does not start; the message says which and shows the end of its log.</exception>
    public static Task<RabbitMq> StartAsync(string folder, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Makes the virtual host unless it is there.</summary>
    public Task AddVirtualHostAsync(string name, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Makes the user unless it is there, and sets its permissions (regular expressions over queues and exchanges) in that virtual host.</summary>
    public Task AddUserAsync(string virtualHost, string user, string password, string configure, string write, string read, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>What <c>rabbitmqctl</c> prints to standard output with these arguments; throws when it fails.</summary>
    public Task<string> ControlAsync(CancellationToken cancellationToken, params string[] arguments) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override Task KillAsync() => throw new NotImplementedException();

    /// <inheritdoc/>
    public override Task StartAgainAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => throw new NotImplementedException();
}
