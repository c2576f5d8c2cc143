using Aerona.Hosting;

namespace Aerona.AllInOne.Commands;

/// <summary><c>./aerona token --role support [--subject NAME] [--data FOLDER] [--port N]</c>: a token for development, signed with the data folder's key.</summary>
internal static class Token
{
    private static readonly string[] Roles = ["traveller", "support", "operations"];

    public static int Run(string[] args)
    {
        try
        {
            var arguments = new Arguments(args, ["role", "subject", "data", "port"], []);
            var role = arguments["role"] ?? throw new UsageException($"--role is missing: {string.Join(", ", Roles)}");
            if (!Roles.Contains(role))
            {
                throw new UsageException($"--role is one of {string.Join(", ", Roles)}, not '{role}'");
            }

            Console.WriteLine(For(arguments["subject"] ?? $"{role}@aerona.example", role, arguments["data"], arguments["port"]));
            return 0;
        }
        catch (UsageException problem)
        {
            Console.Error.WriteLine($"aerona token: {problem.Message}");
            return 2;
        }
    }

    /// <summary>A token for twelve hours.</summary>
    public static string For(string subject, string role, string? dataFolder, string? port)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Configuration["Data:Folder"] = dataFolder;
        builder.Configuration["Port"] = port;
        builder.UseEmbeddedDefaults();
        builder.AddAeronaDefaults();
        using var app = builder.Build();
        return app.Services.GetRequiredService<ITokens>().ForPerson(subject, [role], TimeSpan.FromHours(12));
    }
}
