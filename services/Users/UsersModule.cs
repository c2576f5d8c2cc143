using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Users.Accounts;
using Aerona.Users.Admin;
using Aerona.Users.Connect;
using Aerona.Users.Data;
using Aerona.Users.Keys;
using Aerona.Users.Leaving;
using Aerona.Users.Pages;
using Aerona.Users.Passwords;
using Aerona.Users.SigningIn;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using OpenIddict.Server;

namespace Aerona.Users;

/// <summary>Accounts, sign-in and tokens.</summary>
public static class UsersModule
{
    /// <summary>Database, pages, token server. Options: <c>Users</c>, <c>PublicBaseUrl</c>, <c>Data:Folder</c>.</summary>
    public static void AddUsers(this WebApplicationBuilder builder)
    {
        builder.AddDatabase<UsersDbContext>("users");
        builder.RequireInProduction("Users:MasterSecret", "keys in the database would be sealed by a file of this machine");
        var services = builder.Services;
        services.AddOptions<UsersOptions>().BindConfiguration("Users").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<UsersOptions>, OwnClientsAreUsable>();
        services.AddSingleton<MasterKey>();
        services.AddSingleton<KeyRing>();
        services.AddSingleton<IOptionsChangeTokenSource<OpenIddictServerOptions>>(provider => provider.GetRequiredService<KeyRing>());
        services.AddHostedService(provider => provider.GetRequiredService<KeyRing>());
        services.AddHostedService<OwnClients>();
        services.AddHostedService<CleanUp>();
        services.AddSingleton<IStartupFilter, NotBeforeKeys>();
        services.AddSingleton<PasswordHashes>();
        services.AddSingleton<PasswordRules>();
        services.AddSingleton<FormTokens>();
        services.AddScoped<Pages.Pages>();
        services.AddScoped<Sessions>();
        services.AddScoped<Throttles>();
        services.AddScoped<MailedLinks>();
        services.AddScoped<SecondFactor>();
        services.AddScoped<Completion>();
        services.AddScoped<Own>();
        services.AddScoped<Requests>();
        builder.AddPasskeys();
        builder.AddTokenServer();
        builder.AddOwnTokens();
    }

    /// <summary>What the other services answer when somebody wants to know or to be forgotten.</summary>
    public static void AddUsersConsumers(this BusRegistration bus)
    {
        bus.AddConsumer<GoOnWithAccountConsumer, UsersDbContext>();
        bus.AddConsumer<NoteErasureConsumer, UsersDbContext>();
        bus.AddConsumer<NoteExportConsumer, UsersDbContext>();
    }

    /// <summary>Pages below <c>/account</c>, the protocol below <c>/connect</c> and <c>/.well-known</c>, and <c>/v1/me</c>, <c>/v1/users</c>, <c>/v1/api-clients</c>, <c>/v1/signing-keys</c>.</summary>
    public static void MapUsers(this WebApplication app)
    {
        var account = app.MapGroup("/account").ExcludeFromDescription().TakingForms();
        account.MapSignInPages();
        account.MapSignUpPages();
        account.MapOwnAccountPages();
        account.MapAssets();
        app.MapConnect();
        app.MapAdmin();
    }

    private static void AddPasskeys(this WebApplicationBuilder builder)
    {
        builder.Services.AddIdentityCore<Account>(identity => identity.User.AllowedUserNameCharacters = "").AddEntityFrameworkStores<UsersDbContext>();
        builder.Services.AddScoped<IPasskeyHandler<Account>, PasskeyHandler<Account>>();
        builder.Services.AddScoped<Passkeys>();
        var home = new Uri(SignIn.Issuer(builder.Configuration));
        builder.Services.Configure<IdentityPasskeyOptions>(passkeys =>
        {
            passkeys.ServerDomain = home.Host;
            passkeys.UserVerificationRequirement = "required";
            passkeys.ResidentKeyRequirement = "required";
            passkeys.ValidateOrigin = asked => ValueTask.FromResult(!asked.CrossOrigin && asked.Origin == home.GetLeftPart(UriPartial.Authority));
        });
    }

    /// <summary>This service's own API knows at once when a sign-in has ended; and nobody need be asked for the keys.</summary>
    private static void AddOwnTokens(this WebApplicationBuilder builder)
    {
        builder.TakeTokensFor("users", typeof(UsersModule).Assembly, OwnTokens.StillHoldAsync);
        builder.Services.AddSingleton<IAccessTokenKeys>(provider => provider.GetRequiredService<KeyRing>());
        builder.Services.AddScoped<OwnTokens>();
        builder.Services.AddAuthorizationBuilder().AddPolicy(OwnTokens.Anybody, policy => policy.RequireAuthenticatedUser().RequireClaim("sid"));
    }

    /// <summary>Ahead of everything: without keys nobody can be served who needs them.</summary>
    private sealed class NotBeforeKeys(KeyRing ring) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, go) =>
            {
                if (!ring.Current.IsLoaded && (context.Request.Path.StartsWithSegments("/connect") || context.Request.Path.StartsWithSegments("/.well-known")))
                {
                    context.Response.Headers.RetryAfter = "2";
                    await Problems.Refused(503, "database.unavailable", "The signing keys are not read yet; the same request may succeed shortly.", true).ExecuteAsync(context);
                    return;
                }

                await go(context);
            });
            next(app);
        };
    }
}
