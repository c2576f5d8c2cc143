using Aerona.Users.Accounts;
using Aerona.Users.Data;
using Aerona.Users.Pages;
using Aerona.Users.SigningIn;
using PageSet = Aerona.Users.Pages.Pages;

namespace Aerona.Users.Leaving;

/// <summary>Fetching what is known of oneself, and leaving.</summary>
internal static class LeavingPages
{
    /// <param name="guarded">Only for whoever proved a moment ago who it is.</param>
    public static void MapLeavingPages(this RouteGroupBuilder guarded)
    {
        guarded.MapPost("/export", async (HttpContext context, Sessions sessions, Requests requests, UsersDbContext db, CancellationToken stop) =>
        {
            await requests.AskAsync((await sessions.CurrentAsync(context))!.Account, RequestKind.Export, stop);
            await db.SaveChangesAsync(stop);
            return PageSet.SeeOther(context, "/account?done=export");
        });
        guarded.MapGet("/export", async (HttpContext context, Sessions sessions, Requests requests, CancellationToken stop) =>
        {
            context.Response.Headers.CacheControl = "no-store";
            return await requests.ArchiveAsync((await sessions.CurrentAsync(context))!.Account, stop) is { } archive
                ? TypedResults.File(archive, "application/zip", "aerona-account.zip")
                : PageSet.SeeOther(context, "/account");
        });
        guarded.MapPost("/erasure", async (HttpContext context, Own own, Sessions sessions, Requests requests, UsersDbContext db, CancellationToken stop) =>
        {
            if ((await context.Request.ReadFormAsync(stop)).Value("sure") != "yes")
            {
                return await own.ShowAsync(context, null, PageSet.Say(context, "Tick that you are sure; it cannot be taken back.", "Hãy đánh dấu xác nhận; việc này không thể hoàn tác."), 400);
            }

            await requests.AskAsync((await sessions.CurrentAsync(context))!.Account, RequestKind.Erasure, stop);
            await db.SaveChangesAsync(stop);
            return PageSet.SeeOther(context, "/account?done=erasure");
        });
    }
}
