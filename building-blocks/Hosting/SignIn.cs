using System.Reflection;
using Aerona.Persistence;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Microsoft.Net.Http.Headers;

namespace Aerona.Hosting;

/// <summary>
/// Tokens in, callers out. Two issuers, told apart by <c>iss</c> before anything is believed: Users, for people and programs, by its published keys and for the
/// audience of the service that serves the endpoint; and this installation's own key for guests, who have one booking each.
/// </summary>
public static class SignIn
{
    private const string Users = "users";
    private const string Guests = "guests";

    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    /// <summary>Of the tokens that are for a service.</summary>
    /// <param name="service">The module's name in lower case: <c>bookings</c>.</param>
    public static string Audience(string service) => $"aerona-{service}";

    /// <summary>Issuer of the tokens of Users: the public address with a slash at its end.</summary>
    public static string Issuer(IConfiguration configuration) => $"{(configuration["PublicBaseUrl"] ?? TokensOptions.DefaultAddress).TrimEnd('/')}/";

    /// <summary>The endpoints of this assembly take tokens for this service and no other.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="service">The module's name in lower case: <c>bookings</c>.</param>
    /// <param name="endpoints">Where their handlers are.</param>
    /// <param name="stillHolds">Whether a token that is good by itself still is, for a service that can tell; null: it is until it runs out.</param>
    public static void TakeTokensFor(this IHostApplicationBuilder builder, string service, Assembly endpoints, Func<HttpContext, System.Security.Claims.ClaimsPrincipal, Task<bool>>? stillHolds = null) =>
        builder.Services.AddSingleton(new ServiceAudience(Audience(service), endpoints, stillHolds));

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
            .Configure<IConfiguration>((tokens, configuration) => tokens.PublicAddress = configuration["PublicBaseUrl"] ?? tokens.PublicAddress)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddOptions<UsersAddressOptions>()
            .Configure<IConfiguration>((users, configuration) => users.Address = configuration["Services:Users"] ?? configuration["PublicBaseUrl"] ?? users.Address)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddOptions<DataOptions>().BindConfiguration("Data").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<SigningKey>();
        builder.Services.AddSingleton<ITokens, Tokens>();
        builder.Services.AddSingleton<IBookingLinks, BookingLinks>();
        builder.Services.AddSingleton<UsersClient>();
        builder.Services.AddSingleton<IServiceTokens, ServiceTokens>();
        builder.Services.AddSingleton<IAccessTokenKeys, FetchedKeys>();
        builder.Services.AddHostedService<KeepKeys>();
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme)
            .AddPolicyScheme(JwtBearerDefaults.AuthenticationScheme, null, either => either.ForwardDefaultSelector = IssuersScheme)
            .AddJwtBearer(Users)
            .AddJwtBearer(Guests);
        // Keys for cookies come along, which tokens do not use: making them at start takes an XML reader and a folder to write to.
        foreach (var keys in builder.Services.Where(service => service.ImplementationType?.FullName == "Microsoft.AspNetCore.DataProtection.Internal.DataProtectionHostedService").ToList())
        {
            builder.Services.Remove(keys);
        }

        builder.Services.AddOptions<JwtBearerOptions>(Users).Configure<IAccessTokenKeys, IEnumerable<ServiceAudience>, IConfiguration, TimeProvider>(TakeUsersTokens);
        builder.Services.AddOptions<JwtBearerOptions>(Guests).Configure<SigningKey, IOptions<TokensOptions>, TimeProvider>((bearer, key, tokens, clock) =>
            bearer.AcceptAccessTokens(tokens.Value.GuestIssuer, [Tokens.Audience], id => id == key.Key.KeyId ? key.Key : null, clock));
        builder.AddPermissions();
    }

    /// <summary>
    /// Answers 401 for a token that is there and does not hold, even where none is needed: whoever sends one means to be somebody, and must not be
    /// served as nobody.
    /// </summary>
    internal static void UseTokenCheck(this WebApplication app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<ForeignAuthorization>() is null && BearerToken(context.Request) is not null && !(await context.AuthenticateAsync()).Succeeded)
        {
            // A good token must not be called bad only because nobody could be asked for the keys yet.
            if (IssuersScheme(context) == Users && !context.RequestServices.GetRequiredService<IAccessTokenKeys>().AreKnown)
            {
                context.Response.Headers.RetryAfter = "2";
                await Problems.Refused(503, "auth.keys_unavailable", "The keys that tokens are signed with are not known yet; the same request may succeed shortly.", true).ExecuteAsync(context);
                return;
            }

            await context.ChallengeAsync();
            return;
        }

        await next(context);
    });

    /// <summary>
    /// Takes access tokens (RFC 9068) signed by ES256 with one of these keys, of exactly this issuer and for one of these audiences, valid now by this clock; anything
    /// else is answered 401 with a problem.
    /// </summary>
    /// <param name="bearer">The scheme's options.</param>
    /// <param name="issuer">As it stands in tokens, to the letter.</param>
    /// <param name="audiences">Whoever may be asked with it.</param>
    /// <param name="keyOf">The key of that id; null when it is none of the issuer's.</param>
    /// <param name="clock">Says when now is.</param>
    public static void AcceptAccessTokens(this JwtBearerOptions bearer, string issuer, IReadOnlyList<string> audiences, Func<string, SecurityKey?> keyOf, TimeProvider clock)
    {
        bearer.MapInboundClaims = false;
        bearer.TokenValidationParameters = new()
        {
            ValidTypes = [Tokens.Type],
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidIssuer = issuer,
            ValidAudiences = audiences,
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
                var invalid = BearerToken(challenge.Request) is not null;
                challenge.Response.Headers[HeaderNames.WWWAuthenticate] = invalid ? "Bearer error=\"invalid_token\"" : "Bearer";
                var problem = invalid
                    ? Refused("auth.token_invalid", "The token is expired, not ours, not for this service, or broken.")
                    : Refused("auth.required", "Sign in first: this needs a token.");
                await problem.ExecuteAsync(challenge.HttpContext);
            },
            OnForbidden = forbidden =>
                Problems.Refused(403, "auth.forbidden", "You are signed in, but may not do this.").ExecuteAsync(forbidden.HttpContext),
        };
    }

    private static void TakeUsersTokens(JwtBearerOptions bearer, IAccessTokenKeys keys, IEnumerable<ServiceAudience> audiences, IConfiguration configuration, TimeProvider clock)
    {
        var ours = audiences.ToList();
        bearer.AcceptAccessTokens(Issuer(configuration), ours.ConvertAll(audience => audience.Name), keys.Find, clock);
        bearer.Events.OnMessageReceived = async received =>
        {
            // A key that is not known may be a new one. The keys say how often that is worth asking.
            if (BearerToken(received.Request) is { } token && Read(token) is { Kid: { Length: > 0 } id } && keys.Find(id) is null)
            {
                await keys.LookForAsync(id, received.HttpContext.RequestAborted);
            }
        };
        bearer.Events.OnTokenValidated = async validated =>
        {
            // Several services may share a process (AllInOne); their tokens are not shared.
            var principal = validated.Principal!;
            var serving = AudienceOf(validated.HttpContext, ours);
            if (serving is not null && !principal.HasClaim("aud", serving.Name))
            {
                validated.Fail("the token is for another service");
            }
            else if (principal.IsInRole(Callers.Guest))
            {
                validated.Fail("guests have tokens of their own");
            }
            else if (serving?.StillHolds is { } stillHolds && !await stillHolds(validated.HttpContext, principal))
            {
                validated.Fail("the sign-in behind the token has ended");
            }
        };
    }

    /// <summary>Null for what no service in particular answers: dead letters, the API's description.</summary>
    private static ServiceAudience? AudienceOf(HttpContext context, List<ServiceAudience> ours) =>
        context.GetEndpoint()?.Metadata.GetMetadata<MethodInfo>()?.DeclaringType?.Assembly is { } assembly ? ours.Find(audience => audience.Endpoints == assembly) : null;

    /// <summary>By what the token says of itself; whether that is true the scheme finds out.</summary>
    private static string IssuersScheme(HttpContext context) =>
        BearerToken(context.Request) is { } token && Read(token)?.Issuer == context.RequestServices.GetRequiredService<IOptions<TokensOptions>>().Value.GuestIssuer ? Guests : Users;

    private static JsonWebToken? Read(string token)
    {
        try
        {
            return new(token);
        }
        catch (Exception problem) when (problem is ArgumentException or SecurityTokenMalformedException)
        {
            return null;   // no token at all; refused where it is validated
        }
    }

    /// <summary>Null when there is none; empty when one was meant.</summary>
    private static string? BearerToken(HttpRequest request) => request.Headers.Authorization
        .Select(value => value?.Split(' ', 2)).Where(parts => parts?[0].Equals("Bearer", StringComparison.OrdinalIgnoreCase) == true)
        .Select(parts => parts is [_, var token] ? token.Trim() : "").FirstOrDefault();

    private static ProblemHttpResult Refused(string code, string detail) =>
        Problems.Refused(StatusCodes.Status401Unauthorized, code, detail, false, new FieldProblem("header:Authorization", code, detail));

    private static bool IsNow(DateTime now, DateTime? from, DateTime? until) =>
        until is { } end && now < end + ClockSkew && (from is not { } start || now >= start - ClockSkew);

    private sealed class ForeignAuthorization;
}

/// <summary>A service in this process, and which endpoints are its own.</summary>
internal sealed record ServiceAudience(string Name, Assembly Endpoints, Func<HttpContext, System.Security.Claims.ClaimsPrincipal, Task<bool>>? StillHolds);
