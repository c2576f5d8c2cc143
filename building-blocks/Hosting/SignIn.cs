using Aerona.Persistence;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Microsoft.Net.Http.Headers;

namespace Aerona.Hosting;

/// <summary>Tokens in, callers out.</summary>
public static class SignIn
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    /// <summary>
    /// For endpoints that speak somebody else's protocol (a played PayPal, a webhook): what stands in their Authorization header is not ours to judge, and
    /// the caller is nobody.
    /// </summary>
    public static TBuilder WithForeignAuthorization<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new ForeignAuthorization());

    internal static void AddSignIn(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<TokensOptions>()
            .BindConfiguration("Tokens")
            .Configure<IConfiguration>((tokens, configuration) => tokens.Issuer = configuration["PublicBaseUrl"] ?? tokens.Issuer)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddOptions<DataOptions>().BindConfiguration("Data").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<SigningKey>();
        builder.Services.AddSingleton<ITokens, Tokens>();
        builder.Services.AddSingleton<IBookingLinks, BookingLinks>();
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        // Keys for cookies come along, which tokens do not use: making them at start takes an XML reader and a folder to write to.
        foreach (var keys in builder.Services.Where(service => service.ImplementationType?.FullName == "Microsoft.AspNetCore.DataProtection.Internal.DataProtectionHostedService").ToList())
        {
            builder.Services.Remove(keys);
        }

        builder.Services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<SigningKey, IOptions<TokensOptions>, TimeProvider>(Configure);
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(Callers.Support, policy => policy.RequireRole(Callers.Support))
            .AddPolicy(Callers.Operations, policy => policy.RequireRole(Callers.Operations));
    }

    /// <summary>
    /// Answers 401 for a token that is there and does not hold, even where none is needed: whoever sends one means to be somebody, and must not be
    /// served as nobody.
    /// </summary>
    internal static void UseTokenCheck(this WebApplication app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<ForeignAuthorization>() is null && IsBearer(context.Request)
            && !(await context.AuthenticateAsync()).Succeeded)
        {
            await context.ChallengeAsync();
            return;
        }

        await next(context);
    });

    private static bool IsBearer(HttpRequest request) =>
        request.Headers.Authorization.Any(value => value?.Split(' ')[0].Equals("Bearer", StringComparison.OrdinalIgnoreCase) == true);

    private static void Configure(JwtBearerOptions bearer, SigningKey key, IOptions<TokensOptions> tokens, TimeProvider clock) =>
        bearer.AcceptAccessTokens(tokens.Value.Issuer, Tokens.Audience, id => id == key.Key.KeyId ? key.Key : null, clock);

    /// <summary>
    /// Takes access tokens (RFC 9068) signed by ES256 with one of these keys, of exactly this issuer and for this audience, valid now by this clock; anything else is
    /// answered 401 with a problem.
    /// </summary>
    /// <param name="bearer">The scheme's options.</param>
    /// <param name="issuer">As it stands in tokens, to the letter.</param>
    /// <param name="audience">The service that asks.</param>
    /// <param name="keyOf">The key of that id; null when it is none of the issuer's.</param>
    /// <param name="clock">Says when now is.</param>
    public static void AcceptAccessTokens(this JwtBearerOptions bearer, string issuer, string audience, Func<string, SecurityKey?> keyOf, TimeProvider clock)
    {
        bearer.MapInboundClaims = false;
        bearer.TokenValidationParameters = new()
        {
            ValidTypes = [Tokens.Type],
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidIssuer = issuer,
            ValidAudience = audience,
            // Only the issuer's keys, by their ids: none carried or pointed at by the token itself.
            IssuerSigningKeyResolver = (_, _, id, _) => id is not null && keyOf(id) is { } key ? [key] : [],
            TryAllIssuerSigningKeys = false,
            NameClaimType = Callers.SubjectClaim,
            RoleClaimType = Callers.RoleClaim,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ClockSkew = ClockSkew,
            LifetimeValidator = (from, until, _, _) => IsNow(clock.GetUtcNow().UtcDateTime, from, until),
        };
        bearer.Events = new()
        {
            OnChallenge = async challenge =>
            {
                challenge.HandleResponse();
                var invalid = IsBearer(challenge.Request);
                challenge.Response.Headers[HeaderNames.WWWAuthenticate] = invalid ? "Bearer error=\"invalid_token\"" : "Bearer";
                var problem = invalid
                    ? Refused("auth.token_invalid", "The token is expired, not ours, or broken.")
                    : Refused("auth.required", "Sign in first: this needs a token.");
                await problem.ExecuteAsync(challenge.HttpContext);
            },
            OnForbidden = forbidden =>
                Problems.Refused(403, "auth.forbidden", "You are signed in, but may not do this.").ExecuteAsync(forbidden.HttpContext),
        };
    }

    private static ProblemHttpResult Refused(string code, string detail) =>
        Problems.Refused(StatusCodes.Status401Unauthorized, code, detail, false, new FieldProblem("header:Authorization", code, detail));

    private static bool IsNow(DateTime now, DateTime? from, DateTime? until) =>
        until is { } end && now < end + ClockSkew && (from is not { } start || now >= start - ClockSkew);

    private sealed class ForeignAuthorization;
}
