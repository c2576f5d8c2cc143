namespace Aerona.Users.Pages;

/// <summary>The pages' style and their one script, from the assembly.</summary>
internal static class Assets
{
    private static readonly (string Name, string Type)[] Files = [("account.css", "text/css; charset=utf-8"), ("passkeys.js", "text/javascript; charset=utf-8")];

    public static void MapAssets(this RouteGroupBuilder account)
    {
        foreach (var (name, type) in Files)
        {
            using var stream = typeof(Assets).Assembly.GetManifestResourceStream(name)!;
            using var reader = new StreamReader(stream);
            var content = reader.ReadToEnd();
            account.MapGet($"/assets/{name}", (HttpResponse response) =>
            {
                response.Headers.CacheControl = "public, max-age=300";
                return TypedResults.Content(content, type);
            });
        }
    }
}
