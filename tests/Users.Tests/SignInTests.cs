using System.Net;
using Aerona.Hosting;
using Aerona.Contracts.Users;
using Aerona.Users.Accounts;
using Aerona.Users.Data;
using Aerona.Users.SigningIn;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Users.Tests;

public sealed class SignInTests
{
    [Fact]
    public async Task Whoever_signs_up_confirms_the_address_and_is_signed_in_until_signing_out()
    {
        await using var world = await World.StartAsync();

        var browser = await world.SignedUpAsync("alice@example.org");

        var page = await browser.GetAsync("/account");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("Alice Example · traveller", page.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.FillAsync("/account/sign-out")).Status);
        Assert.StartsWith("/account/sign-in", (await browser.GetAsync("/account")).Location, StringComparison.Ordinal);
        Assert.Equal("/account", (await World.SignInAsync(browser, "Alice@Example.ORG")).Location);
    }

    [Fact]
    public async Task A_stranger_who_signs_somebody_up_gets_no_account_even_when_the_mail_is_followed()
    {
        await using var world = await World.StartAsync();
        using var stranger = world.NewBrowser();
        await stranger.FillAsync("/account/sign-up", ("name", "Mallory"), ("email", "alice@example.org"), ("password", "mallory chose this one"));
        var victim = world.NewBrowser();

        var refused = await victim.FillAsync((await world.LastMailAsync("alice@example.org")).Path!, ("password", World.Password));
        await victim.FillAsync("/account/sign-up", ("name", "Alice"), ("email", "alice@example.org"), ("password", World.Password));
        var confirmed = await victim.FillAsync((await world.LastMailAsync("alice@example.org")).Path!, ("password", World.Password));

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Equal(HttpStatusCode.SeeOther, confirmed.Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await World.SignInAsync(stranger, "alice@example.org", "mallory chose this one")).Status);
    }

    [Fact]
    public async Task Links_in_mails_are_good_once_and_for_a_time_and_looking_at_one_uses_nothing_up()
    {
        await using var world = await World.StartAsync();
        var browser = world.NewBrowser();
        await browser.FillAsync("/account/sign-up", ("name", "Alice"), ("email", "alice@example.org"), ("password", World.Password));
        var link = (await world.LastMailAsync("alice@example.org")).Path!;
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(link)).Status);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(link)).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.FillAsync(link, ("password", World.Password))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(link)).Status);

        await browser.FillAsync("/account/forgot", ("email", "alice@example.org"));
        var reset = (await world.LastMailAsync("alice@example.org")).Path!;
        world.Clock.Advance(TimeSpan.FromMinutes(31));

        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(reset)).Status);
    }

    [Fact]
    public async Task A_forgotten_password_is_replaced_by_mail_everybody_is_signed_out_and_the_old_one_is_worth_nothing()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        var other = world.NewBrowser();
        await other.FillAsync("/account/forgot", ("email", "alice@example.org"));

        var weak = await other.FillAsync((await world.LastMailAsync("alice@example.org")).Path!, ("password", "Password1!"));
        var changed = await other.FillAsync((await world.LastMailAsync("alice@example.org")).Path!, ("password", "another five blue kites"));

        Assert.Equal(HttpStatusCode.BadRequest, weak.Status);
        Assert.Equal(HttpStatusCode.OK, changed.Status);
        Assert.Equal(AccountMail.PasswordChanged, (await world.LastMailAsync("alice@example.org")).Kind);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/account")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await World.SignInAsync(other, "alice@example.org")).Status);
        Assert.Equal("/account", (await World.SignInAsync(other, "alice@example.org", "another five blue kites")).Location);
    }

    [Fact]
    public async Task Names_that_exist_and_names_that_do_not_get_the_same_answers_for_the_same_hashes_and_queries()
    {
        await using var world = await World.StartAsync();
        await world.SignedUpAsync("alice@example.org");
        var wrong = ("password", "not the right one");
        await ComparedAsync(world, browser => browser.FillAsync("/account/sign-in", ("email", "alice@example.org"), wrong), browser => browser.FillAsync("/account/sign-in", ("email", "nobody@example.org"), wrong));
        await ComparedAsync(
            world, browser => browser.FillAsync("/account/sign-up", ("name", "A"), ("email", "alice@example.org"), ("password", World.Password)),
            browser => browser.FillAsync("/account/sign-up", ("name", "A"), ("email", "nobody@example.org"), ("password", World.Password)));
        await ComparedAsync(world, browser => browser.FillAsync("/account/forgot", ("email", "alice@example.org")), browser => browser.FillAsync("/account/forgot", ("email", "nobody@example.org")));
    }

    [Fact]
    public async Task Guessing_is_held_up_longer_and_longer_and_never_for_good()
    {
        await using var world = await World.StartAsync();
        await world.SignedUpAsync("alice@example.org");
        var thief = world.NewBrowser();
        List<HttpStatusCode> answers = [];
        for (var guess = 0; guess < 6; guess++)
        {
            answers.Add((await World.SignInAsync(thief, "alice@example.org", $"guess number {guess}")).Status);
        }

        var held = await World.SignInAsync(thief, "alice@example.org");
        world.Clock.Advance(TimeSpan.FromSeconds(31));
        await World.SignInAsync(thief, "alice@example.org", "another guess");
        var longer = await World.SignInAsync(thief, "alice@example.org");
        world.Clock.Advance(TimeSpan.FromMinutes(16));

        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.BadRequest, 5), HttpStatusCode.TooManyRequests], answers);
        Assert.Equal((HttpStatusCode.TooManyRequests, "30"), (held.Status, held.Headers["Retry-After"]));
        Assert.Equal("60", longer.Headers["Retry-After"]);
        Assert.Equal("/account", (await World.SignInAsync(thief, "alice@example.org")).Location);
    }

    [Fact]
    [Trait("long", "yes")]
    public async Task A_stranger_who_fails_for_hours_holds_up_nobody_in_a_browser_that_was_signed_in_before()
    {
        await using var world = await World.StartAsync();
        var owner = await world.SignedUpAsync("alice@example.org");
        await owner.FillAsync("/account/sign-out");
        var stranger = world.NewBrowser();
        for (var guess = 0; guess < 40; guess++)
        {
            await World.SignInAsync(stranger, "alice@example.org", "wrong every time");
            world.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await World.SignInAsync(stranger, "alice@example.org")).Status);
        Assert.Equal("/account", (await World.SignInAsync(owner, "alice@example.org")).Location);
    }

    [Fact]
    public async Task Names_that_nobody_has_are_held_up_alike()
    {
        await using var world = await World.StartAsync();
        var thief = world.NewBrowser();
        for (var guess = 0; guess < 5; guess++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await World.SignInAsync(thief, "nobody@example.org")).Status);
        }

        var held = await World.SignInAsync(thief, "nobody@example.org");

        Assert.Equal((HttpStatusCode.TooManyRequests, "30"), (held.Status, held.Headers["Retry-After"]));
    }

    [Fact]
    public async Task Many_guesses_at_once_are_no_way_around_the_count()
    {
        await using var world = await World.StartAsync();
        var thief = world.NewBrowser();
        var page = await thief.GetAsync("/account/sign-in");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(guess => thief.SubmitAsync(page, "/account/sign-in", ("email", "nobody@example.org"), ("password", $"guess number {guess}"))));

        Assert.Equal(5, answers.Count(answer => answer.Status == HttpStatusCode.BadRequest));
        Assert.Equal(15, answers.Count(answer => answer.Status == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task A_code_of_the_app_is_taken_once_and_a_password_alone_is_not_enough()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        var (secret, codes) = await world.AddAuthenticatorAsync(browser);
        Assert.Equal(10, codes.Count);
        world.Clock.Advance(TimeSpan.FromMinutes(2));
        var code = Totp.CodeAt(secret, world.Clock.GetUtcNow());
        var (first, second) = (world.NewBrowser(), world.NewBrowser());

        Assert.Equal("/account/second-factor", (await World.SignInAsync(first, "alice@example.org")).Location);
        Assert.StartsWith("/account/sign-in", (await first.GetAsync("/account")).Location, StringComparison.Ordinal);
        Assert.Equal("/account", (await World.SignInAsync(first, "alice@example.org", code: code)).Location);
        Assert.Equal(HttpStatusCode.BadRequest, (await World.SignInAsync(second, "alice@example.org", code: code)).Status);
        world.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("/account", (await World.SignInAsync(second, "alice@example.org", code: Totp.CodeAt(secret, world.Clock.GetUtcNow()))).Location);
    }

    [Fact]
    public async Task A_code_that_comes_many_times_at_once_lets_one_in()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        var (secret, _) = await world.AddAuthenticatorAsync(browser);
        world.Clock.Advance(TimeSpan.FromMinutes(2));
        var twins = Enumerable.Range(0, 4).Select(_ => world.NewBrowser()).ToList();
        foreach (var twin in twins)
        {
            await World.SignInAsync(twin, "alice@example.org");
        }

        var pages = await Task.WhenAll(twins.Select(twin => twin.GetAsync("/account/second-factor")));
        var code = Totp.CodeAt(secret, world.Clock.GetUtcNow());
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        var answers = await Task.WhenAll(twins.Zip(pages).Select(pair => pair.First.SubmitAsync(pair.Second, "/account/second-factor", ("code", code))));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task A_recovery_code_lets_in_once_and_its_owner_is_told()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        var (_, codes) = await world.AddAuthenticatorAsync(browser);
        var other = world.NewBrowser();

        Assert.Equal("/account", (await World.SignInAsync(other, "alice@example.org", code: codes[0].ToLowerInvariant())).Location);
        Assert.Equal(AccountMail.RecoveryCodeUsed, (await world.LastMailAsync("alice@example.org")).Kind);
        Assert.Equal(HttpStatusCode.BadRequest, (await World.SignInAsync(world.NewBrowser(), "alice@example.org", code: codes[0])).Status);
    }

    [Fact]
    public async Task Wrong_codes_count_like_wrong_passwords()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        await world.AddAuthenticatorAsync(browser);
        var thief = world.NewBrowser();
        await World.SignInAsync(thief, "alice@example.org");   // knows the password

        List<HttpStatusCode> answers = [];
        for (var guess = 0; guess < 5; guess++)
        {
            answers.Add((await thief.FillAsync("/account/second-factor", ("code", $"00000{guess}"))).Status);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, answers[^1]);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await World.SignInAsync(thief, "alice@example.org")).Status);
    }

    [Fact]
    public async Task A_stolen_password_cannot_exchange_the_second_factor()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("sue@aerona.example", roles: Role.Support);
        await world.AddAuthenticatorAsync(browser);
        var thief = world.NewBrowser();
        await World.SignInAsync(thief, "sue@aerona.example");

        Assert.StartsWith("/account/sign-in", (await thief.GetAsync("/account/authenticator")).Location, StringComparison.Ordinal);
        world.Clock.Advance(TimeSpan.FromMinutes(16));
        Assert.StartsWith("/account/sign-in", (await browser.GetAsync("/account/authenticator")).Location, StringComparison.Ordinal);   // not signed in just now
    }

    [Fact]
    public async Task Sessions_are_listed_ended_one_by_one_and_all_at_once()
    {
        await using var world = await World.StartAsync();
        var (first, second, third) = (await world.SignedUpAsync("alice@example.org"), world.NewBrowser(), world.NewBrowser());
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await World.SignInAsync(second, "alice@example.org");
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await World.SignInAsync(third, "alice@example.org");
        var ids = await world.Service.Query<UsersDbContext, List<Guid>>(db => db.Sessions.OrderBy(row => row.CreatedAt).Select(row => row.Id).ToListAsync());
        var page = await first.GetAsync("/account");
        Assert.All(ids, id => Assert.Contains($"/account/sessions/{id}/end", page.Body, StringComparison.Ordinal));

        var alive = new[] { first, second, third };
        await first.SubmitAsync(page, $"/account/sessions/{ids.Last()}/end");
        Assert.Equal(1, await CountAsync(alive, signedOut: true));

        await first.SubmitAsync(await first.GetAsync("/account"), "/account/sessions/end");
        Assert.Equal(3, await CountAsync(alive, signedOut: true));
    }

    [Fact]
    [Trait("long", "yes")]
    public async Task A_sign_in_ends_by_itself_when_it_is_not_used_and_when_it_is_old()
    {
        await using var world = await World.StartAsync();
        var idle = await world.SignedUpAsync("alice@example.org");
        world.Clock.Advance(TimeSpan.FromDays(8));
        Assert.Equal(HttpStatusCode.SeeOther, (await idle.GetAsync("/account")).Status);

        await World.SignInAsync(idle, "alice@example.org");
        for (var day = 0; day < 29; day++)
        {
            world.Clock.Advance(TimeSpan.FromDays(1));
            Assert.Equal(HttpStatusCode.OK, (await idle.GetAsync("/account")).Status);
        }

        world.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(HttpStatusCode.SeeOther, (await idle.GetAsync("/account")).Status);
    }

    [Fact]
    public async Task A_password_is_kept_as_210000_rounds_of_PBKDF2_SHA512_and_hashed_anew_when_that_is_raised()
    {
        await using var world = await World.StartAsync(realHashes: true);
        await world.SignedUpAsync("alice@example.org");
        var weak = new PasswordHasher<Account>(Microsoft.Extensions.Options.Options.Create(new PasswordHasherOptions { IterationCount = 1000 })).HashPassword(null!, World.Password);
        Assert.Equal((2u, 210_000u), Format(await HashAsync(world)));   // 2: HMAC-SHA512
        await world.Service.Query<UsersDbContext, int>(db => db.Users.ExecuteUpdateAsync(set => set.SetProperty(row => row.PasswordHash, weak)));

        await World.SignInAsync(world.NewBrowser(), "alice@example.org");

        Assert.Equal((2u, 210_000u), Format(await HashAsync(world)));
    }

    [Fact]
    public async Task A_form_that_is_not_ours_or_of_another_sign_in_does_nothing()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        var page = await browser.GetAsync("/account");
        var foreign = await browser.PostAsync("/account/sessions/end");
        browser.Headers["Sec-Fetch-Site"] = "cross-site";
        var crossSite = await browser.SubmitAsync(page, "/account/sessions/end");
        browser.Headers.Remove("Sec-Fetch-Site");
        var stranger = world.NewBrowser();
        var borrowed = await browser.SubmitAsync(await stranger.GetAsync("/account/sign-in"), "/account/sign-in", ("email", "a@b.example"), ("password", "x"));
        await World.SignInAsync(browser, "alice@example.org");
        var old = await browser.SubmitAsync(page, "/account/sessions/end");

        Assert.All([foreign, crossSite, borrowed, old], answer => Assert.Equal(HttpStatusCode.BadRequest, answer.Status));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/account")).Status);
    }

    [Fact]
    public async Task Cookies_are_the_hosts_alone_and_pages_let_nothing_foreign_in()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        var page = await browser.GetAsync("/account");

        Assert.Equal(["__Host-aerona-device", "__Host-aerona-form", "__Host-aerona-session"], browser.SetCookies.Keys.Order(StringComparer.Ordinal));
        Assert.All(browser.SetCookies.Values, cookie => Assert.All(["path=/", "secure", "samesite=lax", "httponly"], part => Assert.Contains(part, cookie, StringComparison.OrdinalIgnoreCase)));
        Assert.All(browser.SetCookies.Values, cookie => Assert.DoesNotContain("domain=", cookie, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("default-src 'none'", page.Headers["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", page.Headers["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", page.Headers["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Equal("no-store", page.Headers["Cache-Control"]);
        Assert.DoesNotContain("style=\"", page.Body, StringComparison.Ordinal);   // the policy would refuse it
    }

    [Fact]
    public async Task Signing_in_leads_nowhere_but_to_our_own_pages()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org");
        foreach (var back in new[] { "https://evil.example/", "//evil.example/account", "/\\evil.example", "/account/\\..\\evil", "/connect/authorize", "javascript:alert(1)" })
        {
            var answer = await browser.FillAsync($"/account/sign-in?return={Uri.EscapeDataString(back)}", ("email", "alice@example.org"), ("password", World.Password), ("return", back));

            Assert.Equal("/account", answer.Location);
        }
    }

    [Fact]
    public async Task Pages_and_mails_are_Vietnamese_for_whoever_wants_that()
    {
        await using var world = await World.StartAsync();
        var browser = world.NewBrowser();
        browser.Headers["Accept-Language"] = "vi-VN,vi;q=0.9,en;q=0.8";

        Assert.Contains("Đăng nhập", (await browser.GetAsync("/account/sign-in")).Text, StringComparison.Ordinal);
        await browser.FillAsync("/account/sign-up", ("name", "Nguyễn Thị Hoa"), ("email", "hoa@example.org"), ("password", World.Password));
        Assert.Equal("vi", (await world.LastMailAsync("hoa@example.org")).Locale);
        Assert.Contains("Sign in", (await browser.GetAsync("/account/sign-in?lang=en")).Text, StringComparison.Ordinal);
        Assert.Contains("Sign in", (await browser.GetAsync("/account/sign-in")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_people_type_is_shown_as_text()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync("alice@example.org", "<script>alert(1)</script>\"'&");

        var page = await browser.GetAsync("/account");

        Assert.DoesNotContain("<script>alert", page.Body, StringComparison.Ordinal);
        Assert.Contains("<script>alert(1)</script>\"'&", page.Text, StringComparison.Ordinal);
    }

    /// <summary>The same status and page (but for what was typed and the form's token), and the same work.</summary>
    private static async Task ComparedAsync(World world, Func<Browser, Task<Answer>> known, Func<Browser, Task<Answer>> unknown)
    {
        await unknown(world.NewBrowser());
        world.Clock.Advance(TimeSpan.FromMinutes(30));
        Answer? first = null, second = null;
        var (one, other) = (world.NewBrowser(), world.NewBrowser());
        var workOfKnown = await world.WorkOfAsync(async () => first = await known(one));
        var workOfUnknown = await world.WorkOfAsync(async () => second = await unknown(other));

        Assert.Equal(first!.Status, second!.Status);
        Assert.Equal(Comparable(first), Comparable(second));
        Assert.Equal(workOfKnown.Hashes, workOfUnknown.Hashes);
        Assert.Equal(workOfKnown.Commands, workOfUnknown.Commands);
    }

    private static string Comparable(Answer answer) => System.Text.RegularExpressions.Regex.Replace(
        answer.Body.Replace("alice@", "nobody@", StringComparison.Ordinal), "name=\"form-token\" value=\"[^\"]*\"", "");

    private static async Task<int> CountAsync(IEnumerable<Browser> browsers, bool signedOut)
    {
        var count = 0;
        foreach (var browser in browsers)
        {
            count += (await browser.GetAsync("/account")).Status == HttpStatusCode.SeeOther == signedOut ? 1 : 0;
        }

        return count;
    }

    private static Task<string> HashAsync(World world) => world.Service.Query<UsersDbContext, string>(db => db.Users.Select(row => row.PasswordHash!).SingleAsync());

    /// <summary>Identity's version 3: a marker, then function and rounds, each in four bytes.</summary>
    private static (uint Function, uint Rounds) Format(string hash)
    {
        var bytes = Convert.FromBase64String(hash);
        return (System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(1)), System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(5)));
    }
}
