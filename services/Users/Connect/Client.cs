using System.Text.Json.Serialization;
using Aerona.Contracts;
using OpenIddict.EntityFrameworkCore.Models;

namespace Aerona.Users.Connect;

/// <summary>An application that may ask for tokens.</summary>
internal sealed class Client : OpenIddictEntityFrameworkCoreApplication<Guid, Grant, Token>
{
    /// <summary>Whether what it does is real. A test client's tokens say so, and no service takes real money for one.</summary>
    public ClientMode Mode { get; set; } = ClientMode.Live;

    /// <summary>What its tokens say it is: names of roles, blanks between; none for most.</summary>
    public string Roles { get; set; } = "";

    /// <summary>Set by an administrator: no more tokens.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    public List<ClientSecret> Secrets { get; init; } = [];
}

/// <summary>Whether what a client does is real.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<ClientMode>))]
internal enum ClientMode
{
    Live,
    Test,
}

/// <summary>One of at most two that a client may show, so that it can be changed without an interruption.</summary>
internal sealed class ClientSecret
{
    public required Guid Id { get; init; }

    public required Guid ClientId { get; init; }

    /// <summary>SHA-256 of 256 random bits; there is nothing to guess, so nothing slower is needed.</summary>
    public required byte[] Hash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? EndsAt { get; set; }
}

/// <summary>
/// What a person let a client do. One that is permanent is the consent itself; each sign-in at a client has one of its own beside it, and all the tokens made
/// from that: the family that is ended together.
/// </summary>
internal sealed class Grant : OpenIddictEntityFrameworkCoreAuthorization<Guid, Client, Token>
{
    /// <summary>Whose it is.</summary>
    public Guid? ApplicationId { get; set; }

    /// <summary>Of the sign-in whose end it does not outlive; null for a consent.</summary>
    public Guid? SessionId { get; set; }
}

internal sealed class Scope : OpenIddictEntityFrameworkCoreScope<Guid>;

/// <summary>A code, a refresh token, or the trace of an access token.</summary>
internal sealed class Token : OpenIddictEntityFrameworkCoreToken<Guid, Client, Grant>;
