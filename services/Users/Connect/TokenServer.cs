using Aerona.Contracts.Users;
using Aerona.Hosting;
using Aerona.Users.Accounts;
using Aerona.Users.Data;
using Aerona.Users.Keys;
using Aerona.Users.SigningIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers.Protection;

namespace Aerona.Users.Connect;

/// <summary>The protocol's settings.</summary>
internal static class TokenServer
{
    /// <summary>Two requests with the same refresh token within this are one client racing itself; later it is a thief, or the owner after one.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan CodesLive = TimeSpan.FromMinutes(1);

    public static void AddTokenServer(this WebApplicationBuilder builder)
    {
        builder.Services.AddOpenIddict()
            .AddCore(core =>
            {
                core.UseEntityFrameworkCore().UseDbContext<UsersDbContext>().ReplaceDefaultEntities<Client, Grant, Scope, Token, Guid>();
                core.ReplaceApplicationManager<Client, ClientManager>();
            })
            .AddServer(server =>
            {
                server.SetAuthorizationEndpointUris("connect/authorize").SetTokenEndpointUris("connect/token").SetEndSessionEndpointUris("connect/logout")
                    .SetUserInfoEndpointUris("connect/userinfo").SetRevocationEndpointUris("connect/revoke");
                server.AllowAuthorizationCodeFlow().AllowClientCredentialsFlow().AllowRefreshTokenFlow().RequireProofKeyForCodeExchange();
                server.RegisterScopes([.. Audiences.Scopes]);
                server.RegisterClaims(Claims.Name, Claims.Email, Claims.Role);
                // Access tokens are read by services, refresh tokens by nobody but us: those are random names of rows, of which only the hash is kept.
                server.DisableAccessTokenEncryption().UseReferenceRefreshTokens();
                server.SetRefreshTokenReuseLeeway(Grace).DisableSlidingRefreshTokenExpiration().SetAuthorizationCodeLifetime(CodesLive);
                server.AddEventHandler<GenerateTokenContext>(handler => handler.UseSingletonHandler<SignWithActiveKey>().SetOrder(AttachSecurityCredentials.Descriptor.Order + 1));
                server.AddEventHandler<ApplyTokenResponseContext>(handler => handler.UseScopedHandler<ReuseAlarm>().SetOrder(int.MinValue + 1_000));
                // TLS ends at the gateway, and at nothing on a developer's machine; which of the two it is PublicBaseUrl says.
                server.UseAspNetCore().EnableAuthorizationEndpointPassthrough().EnableTokenEndpointPassthrough().EnableEndSessionEndpointPassthrough().EnableUserInfoEndpointPassthrough()
                    .EnableErrorPassthrough().DisableTransportSecurityRequirement();
            });
        builder.Services.AddSingleton<IConfigureOptions<OpenIddictServerOptions>, ServerSettings>();
        builder.Services.AddSingleton<SignWithActiveKey>();
        builder.Services.AddScoped<ReuseAlarm>();
    }
}

/// <summary>What settings and keys say; made anew whenever the keys change.</summary>
internal sealed class ServerSettings(KeyRing ring, MasterKey master, IOptions<UsersOptions> users, IConfiguration configuration) : IConfigureOptions<OpenIddictServerOptions>
{
    public void Configure(OpenIddictServerOptions options)
    {
        options.Issuer = new(SignIn.Issuer(configuration));
        options.AccessTokenLifetime = users.Value.AccessTokenLifetime;
        options.IdentityTokenLifetime = users.Value.AccessTokenLifetime;
        options.RefreshTokenLifetime = users.Value.SessionLifetime;
        options.CodeChallengeMethods.Clear();
        options.CodeChallengeMethods.Add(CodeChallengeMethods.Sha256);

        options.EncryptionCredentials.Add(new(new SymmetricSecurityKey(master.Derive("token encryption")), SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512));
        // What only we read is signed by a key that never changes, or a change of the others would sign everybody out.
        options.SigningCredentials.Add(new(new SymmetricSecurityKey(master.Derive("token signature")), SecurityAlgorithms.HmacSha256));
        foreach (var key in ring.Current.Keys)
        {
            options.SigningCredentials.Add(new(key.Key, SecurityAlgorithms.EcdsaSha256));
        }
    }
}

/// <summary>What others read is signed by the active key; the rest by ours alone.</summary>
internal sealed class SignWithActiveKey(KeyRing ring) : IOpenIddictServerHandler<GenerateTokenContext>
{
    public ValueTask HandleAsync(GenerateTokenContext context)
    {
        context.SigningCredentials = context.TokenType is TokenTypeIdentifiers.AccessToken or TokenTypeIdentifiers.IdentityToken
            ? new(ring.Current.Active, SecurityAlgorithms.EcdsaSha256)
            : context.Options.SigningCredentials.Find(credentials => credentials.Key is SymmetricSecurityKey);
        return ValueTask.CompletedTask;
    }
}

/// <summary>A refresh token came that was used up before. OpenIddict has ended its family; here the sign-in ends too, and its owner is told.</summary>
internal sealed partial class ReuseAlarm(IOpenIddictTokenManager tokens, UsersDbContext db, Sessions sessions, MailedLinks mails, ILogger<ReuseAlarm> log) : IOpenIddictServerHandler<ApplyTokenResponseContext>
{
    public async ValueTask HandleAsync(ApplyTokenResponseContext context)
    {
        if (context.Response?.Error is not (Errors.InvalidToken or Errors.InvalidGrant) || context.Request?.IsRefreshTokenGrantType() != true || context.Request.RefreshToken is not { Length: > 0 } presented
            || await tokens.FindByReferenceIdAsync(presented, context.CancellationToken) is not Token { RedemptionDate: not null } token)
        {
            return;
        }

        var sessionId = await db.Tokens.Where(row => row.Id == token.Id).Select(row => row.Authorization!.SessionId).SingleAsync(context.CancellationToken);
        if (sessionId is not { } id || !await sessions.EndAsync(id, "token-reused", context.CancellationToken))
        {
            return;
        }

        var session = await db.Sessions.AsNoTracking().SingleAsync(row => row.Id == id, context.CancellationToken);
        LogReused(id, session.AccountId);
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(row => row.Id == session.AccountId, context.CancellationToken) is { } account)
        {
            mails.Tell(account, AccountMail.TokenReused);
            await db.SaveChangesAsync(context.CancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A refresh token of session {Session} of account {Account} was used twice: the session was ended")]
    private partial void LogReused(Guid session, Guid account);
}
