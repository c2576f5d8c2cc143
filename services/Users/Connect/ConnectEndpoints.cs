using System.Collections.Immutable;
using System.Security.Claims;
using System.Text.Json;
using Aerona.Hosting;
using Aerona.Users.Accounts;
using Aerona.Users.Data;
using Aerona.Users.Pages;
using Aerona.Users.SigningIn;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using PageSet = Aerona.Users.Pages.Pages;

namespace Aerona.Users.Connect;

/// <summary>
/// OAuth 2.1 and OpenID Connect: OpenIddict speaks the protocol, here is decided who gets what. Every refresh looks again: at the account, its roles, and the sign-in
/// that the tokens come from.
/// </summary>
internal static class ConnectEndpoints
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;
    private const string SessionClaim = "sid";
    private const string ModeClaim = "mode";

    public static void MapConnect(this WebApplication app)
    {
        var connect = app.MapGroup("/connect").ExcludeFromDescription().WithForeignAuthorization();
        connect.MapGet("/authorize", AuthorizeAsync);
        connect.MapPost("/authorize", AuthorizeAsync);
        connect.MapPost("/token", ExchangeAsync);
        connect.MapGet("/logout", LogOutAsync);
        connect.MapPost("/logout", LogOutAsync);
        connect.MapGet("/userinfo", TellAsync);
        connect.MapPost("/userinfo", TellAsync);
    }

    private static async Task<IResult> AuthorizeAsync(
        HttpContext context, PageSet pages, FormTokens forms, Sessions sessions, UsersDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (context.GetOpenIddictServerResponse() is { } refused)
        {
            return await RefusedAsync(context, pages, refused);
        }

        var request = context.GetOpenIddictServerRequest()!;
        var client = await db.Clients.AsNoTracking().SingleAsync(row => row.ClientId == request.ClientId, cancellationToken);
        if (client.DisabledAt is not null)
        {
            return Refuse(Errors.UnauthorizedClient, "This application is disabled.");
        }

        var current = await sessions.CurrentAsync(context);
        if (current is null || IsTooOld(current.Session, request, clock.GetUtcNow()))
        {
            return request.HasPromptValue(PromptValues.None)
                ? Refuse(Errors.LoginRequired, "Nobody is signed in.")
                : PageSet.SeeOther(context, $"/account/sign-in{QueryString.Create("return", Again(request))}");
        }

        if (current.Account.IsStaff && !current.Session.HasSecondFactor)
        {
            return request.HasPromptValue(PromptValues.None) ? Refuse(Errors.InteractionRequired, "Staff need a second factor.") : PageSet.SeeOther(context, "/account");
        }

        var scopes = request.GetScopes();
        if (client.ConsentType != ConsentTypes.Implicit && !await HasAgreedAsync(db, current.Account.Id, client.Id, scopes, cancellationToken))
        {
            var answer = HttpMethods.IsPost(context.Request.Method) && forms.IsOurs(context, context.Request.Form) ? context.Request.Form.Value("decision") : "";
            switch (answer)
            {
                case "allow":
                    db.Grants.Add(NewGrant(current, client.Id, AuthorizationTypes.Permanent, scopes, clock.GetUtcNow()));
                    break;
                case "deny":
                    return Refuse(Errors.AccessDenied, "The person said no.");
                default:
                    return request.HasPromptValue(PromptValues.None)
                        ? Refuse(Errors.ConsentRequired, "The person was not asked yet.")
                        : await AskAsync(context, pages, request, client, scopes);
            }
        }

        return await AllowAsync(context, current, client, scopes, db, clock);
    }

    /// <summary>A grant of its own for each sign-in at a client: the family of the tokens that come from it.</summary>
    private static async Task<IResult> AllowAsync(HttpContext context, SignedIn current, Client client, ImmutableArray<string> scopes, UsersDbContext db, TimeProvider clock)
    {
        var grant = NewGrant(current, client.Id, AuthorizationTypes.AdHoc, scopes, clock.GetUtcNow());
        grant.SessionId = current.Session.Id;
        db.Grants.Add(grant);
        await db.SaveChangesAsync(context.RequestAborted);
        var principal = Person(current.Account, current.Session, client, scopes);
        principal.SetAuthorizationId(grant.Id.ToString());
        return Results.SignIn(principal, null, Scheme);
    }

    private static async Task<IResult> ExchangeAsync(HttpContext context, UsersDbContext db, Sessions sessions, CancellationToken cancellationToken)
    {
        var request = context.GetOpenIddictServerRequest()!;
        var client = await db.Clients.AsNoTracking().SingleAsync(row => row.ClientId == request.ClientId, cancellationToken);
        if (client.DisabledAt is not null)
        {
            return Refuse(Errors.UnauthorizedClient, "This application is disabled.");
        }

        if (request.IsClientCredentialsGrantType())
        {
            return Results.SignIn(Program(client, request.GetScopes()), null, Scheme);
        }

        var asked = (await context.AuthenticateAsync(Scheme)).Principal!;
        if (!Guid.TryParse(asked.GetClaim(Claims.Subject), out var accountId) || !Guid.TryParse(asked.GetClaim(SessionClaim), out var sessionId)
            || await db.Sessions.AsNoTracking().SingleOrDefaultAsync(row => row.Id == sessionId, cancellationToken) is not { } session || !sessions.IsOpen(session)
            || await db.Users.AsNoTracking().Include(row => row.Roles).SingleOrDefaultAsync(row => row.Id == accountId, cancellationToken) is not { LockedAt: null } account)
        {
            return Refuse(Errors.InvalidGrant, "That sign-in has ended.");
        }

        // A refresh may ask for less, so that each service gets a token for itself alone.
        var granted = asked.GetScopes();
        var scopes = request.IsRefreshTokenGrantType() && request.GetScopes() is { Length: > 0 } fewer ? fewer : granted;
        var principal = Person(account, session, client, scopes);
        principal.SetAuthorizationId(asked.GetAuthorizationId());
        await sessions.SeenAsync(session, cancellationToken);
        return Results.SignIn(principal, null, Scheme);
    }

    private static async Task<IResult> LogOutAsync(HttpContext context, PageSet pages, FormTokens forms, Sessions sessions, CancellationToken cancellationToken)
    {
        if (context.GetOpenIddictServerResponse() is { } refused)
        {
            return await RefusedAsync(context, pages, refused);
        }

        var request = context.GetOpenIddictServerRequest()!;
        if (await sessions.CurrentAsync(context) is { } current)
        {
            // Whoever holds a token of this very sign-in may end it; from anybody else it could be a trick.
            var hint = (await context.AuthenticateAsync(Scheme)).Principal?.GetClaim(SessionClaim);
            var isAgreed = hint == current.Session.Id.ToString() || (HttpMethods.IsPost(context.Request.Method) && forms.IsOurs(context, context.Request.Form));
            if (!isAgreed)
            {
                return await pages.ShowAsync<FormPage>(context, new FormView(
                    PageSet.Say(context, "Sign out?", "Đăng xuất?"), PageSet.Say(context, "An application asks to sign you out.", "Một ứng dụng yêu cầu đăng xuất."), "/connect/logout",
                    [.. request.GetParameters().Select(parameter => new Field(parameter.Key, "", "hidden", Value: (string?)parameter.Value))],
                    PageSet.Say(context, "Sign out", "Đăng xuất"), [new(PageSet.Say(context, "Stay signed in", "Tiếp tục đăng nhập"), "/account")], null));
            }

            await sessions.EndAsync(current.Session.Id, "signed-out", cancellationToken);
            Sessions.Forget(context);
        }

        return Results.SignOut(new() { RedirectUri = "/account/sign-in" }, [Scheme]);
    }

    private static async Task<IResult> TellAsync(HttpContext context, UsersDbContext db, CancellationToken cancellationToken)
    {
        var principal = (await context.AuthenticateAsync(Scheme)).Principal!;
        if (!Guid.TryParse(principal.GetClaim(Claims.Subject), out var id)
            || await db.Users.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { LockedAt: null } account)
        {
            return Results.Challenge(Because(Errors.InvalidToken, "There is nobody of that name any more."), [Scheme]);
        }

        var told = new Dictionary<string, object?> { [Claims.Subject] = account.Id.ToString() };
        if (principal.HasScope(Scopes.Profile))
        {
            (told[Claims.Name], told[Claims.Locale]) = (account.Name, account.Locale);
        }

        if (principal.HasScope(Scopes.Email))
        {
            (told[Claims.Email], told[Claims.EmailVerified]) = (account.Email, account.EmailConfirmed);
        }

        return Results.Json(told);
    }

    private static ClaimsPrincipal Person(Account account, Session session, Client client, ImmutableArray<string> scopes)
    {
        var identity = NewIdentity();
        identity.SetClaim(Claims.Subject, account.Id.ToString()).SetClaim(SessionClaim, session.Id.ToString()).SetClaim(ModeClaim, Mode(client));
        identity.SetClaim(Claims.AuthenticationTime, session.AuthenticatedAt.ToUnixTimeSeconds());
        // Staff rights only from a sign-in with a second factor, whatever happened to the roles since.
        var roles = account.Roles.Select(held => held.Role).Where(role => !role.IsStaff() || session.HasSecondFactor);
        identity.SetClaims(Claims.Role, [.. roles.Select(role => role.Name()).Order(StringComparer.Ordinal)]);
        identity.SetClaims(Claims.AuthenticationMethodReference, [.. session.Methods.Split(' ')]);
        if (scopes.Contains(Scopes.Profile))
        {
            identity.SetClaim(Claims.Name, account.Name);
        }

        if (scopes.Contains(Scopes.Email))
        {
            identity.SetClaim(Claims.Email, account.Email);
        }

        return Bound(identity, scopes);
    }

    private static ClaimsPrincipal Program(Client client, ImmutableArray<string> scopes)
    {
        var identity = NewIdentity();
        identity.SetClaim(Claims.Subject, client.ClientId).SetClaim(ModeClaim, Mode(client));
        identity.SetClaims(Claims.Role, [.. client.Roles.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        return Bound(identity, scopes);
    }

    private static ClaimsIdentity NewIdentity() => new(TokenValidationParameters.DefaultAuthenticationType, Claims.Name, Claims.Role);

    private static ClaimsPrincipal Bound(ClaimsIdentity identity, ImmutableArray<string> scopes)
    {
        identity.SetScopes(scopes);
        identity.SetResources(Audiences.Of(scopes));
        identity.SetDestinations(claim => claim.Type switch
        {
            // Services need no names and addresses; applications get them in the identity token.
            Claims.Name or Claims.Email => [Destinations.IdentityToken],
            SessionClaim or Claims.AuthenticationTime or Claims.AuthenticationMethodReference => [Destinations.AccessToken, Destinations.IdentityToken],
            _ => [Destinations.AccessToken],
        });
        return new(identity);
    }

    private static string Mode(Client client) => client.Mode == ClientMode.Test ? "test" : "live";

    private static bool IsTooOld(Session session, OpenIddictRequest request, DateTimeOffset now) =>
        request.HasPromptValue(PromptValues.Login) || (request.MaxAge is { } seconds && now - session.AuthenticatedAt > TimeSpan.FromSeconds(seconds));

    /// <summary>The same request, to be made again after the sign-in that it asked for.</summary>
    private static string Again(OpenIddictRequest request) => "/connect/authorize" + QueryString.Create(
        request.GetParameters().Where(parameter => parameter.Key != Parameters.Prompt).Select(parameter => new KeyValuePair<string, string?>(parameter.Key, (string?)parameter.Value)));

    private static async Task<bool> HasAgreedAsync(UsersDbContext db, Guid accountId, Guid clientId, ImmutableArray<string> scopes, CancellationToken cancellationToken)
    {
        var subject = accountId.ToString();
        var given = await db.Grants.Where(row => row.Subject == subject && row.ApplicationId == clientId && row.Type == AuthorizationTypes.Permanent && row.Status == Statuses.Valid)
            .Select(row => row.Scopes).ToListAsync(cancellationToken);
        return given.Any(one => !scopes.Except(JsonSerializer.Deserialize<string[]>(one ?? "[]")!).Any());
    }

    private static Grant NewGrant(SignedIn current, Guid clientId, string type, ImmutableArray<string> scopes, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        ApplicationId = clientId,
        ConcurrencyToken = Guid.NewGuid().ToString(),
        CreationDate = now.UtcDateTime,
        Scopes = JsonSerializer.Serialize(scopes),
        Status = Statuses.Valid,
        Subject = current.Account.Id.ToString(),
        Type = type,
    };

    private static Task<IResult> AskAsync(HttpContext context, PageSet pages, OpenIddictRequest request, Client client, ImmutableArray<string> scopes) => pages.ShowAsync<ConsentPage>(
        context,
        new ConsentView(
            client.DisplayName ?? client.ClientId!, new Uri(request.RedirectUri!).Host, client.Mode == ClientMode.Test,
            [.. scopes.Select(Audiences.Wants).Select(wants => PageSet.Say(context, wants.English, wants.Vietnamese))],
            [.. request.GetParameters().Select(parameter => new KeyValuePair<string, string>(parameter.Key, (string?)parameter.Value ?? ""))]),
        goingTo: Again(request));

    /// <summary>A request so wrong that the application cannot be told: the person is.</summary>
    private static Task<IResult> RefusedAsync(HttpContext context, PageSet pages, OpenIddictResponse refused) => pages.MessageAsync(
        context, ("That application asked for something impossible", "Ứng dụng đã gửi yêu cầu không hợp lệ"),
        ($"Go back to it and try again. If it happens again, tell its makers: {refused.Error}. {refused.ErrorDescription}",
            $"Hãy quay lại ứng dụng và thử lại. Nếu lỗi lặp lại, hãy báo cho nhà phát triển: {refused.Error}. {refused.ErrorDescription}"), status: 400);

    private static IResult Refuse(string error, string description) => Results.Forbid(Because(error, description), [Scheme]);

    private static AuthenticationProperties Because(string error, string description) => new(new Dictionary<string, string?>
    {
        [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
        [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
    });
}
