using Aerona.Hosting;
using Aerona.Persistence;
using Aerona.Sandbox.PayPal;
using Aerona.Sandbox.Zz;

namespace Aerona.Sandbox;

/// <summary>The outside world, played: a PayPal and an airline ZZ, both with durable books, and a mailbox. Never in production.</summary>
public static class SandboxModule
{
    /// <summary>Adds it; throws <see cref="SettingException"/> in environment Production.</summary>
    public static void AddSandbox(this WebApplicationBuilder builder)
    {
        if (builder.Environment.IsProduction())
        {
            throw new SettingException("ASPNETCORE_ENVIRONMENT", "the sandbox plays PayPal and moves no money: it does not start in environment Production");
        }

        builder.AddDatabase<SandboxDbContext>("sandbox");
        builder.AddPayPalSandbox();
        builder.AddZzSandbox();
    }

    /// <summary>Maps everything under <c>/sandbox</c>.</summary>
    public static void MapSandbox(this WebApplication app)
    {
        var sandbox = app.MapGroup("/sandbox").ExcludeFromDescription();
        sandbox.MapPayPalSandbox();
        sandbox.MapZzSandbox();
    }
}
