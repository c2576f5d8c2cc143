using System.IO.Compression;
using System.Net;
using Aerona.Contracts.Users;
using Aerona.TestKit;
using Aerona.Users.Data;
using Aerona.Users.Leaving;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Users.Tests;

public sealed class LeavingTests
{
    private const string Email = "canary-seven@example.org";
    private const string Name = "Canaria Siebenstern";

    [Fact]
    public async Task An_erasure_waits_for_what_is_open_goes_on_when_all_have_answered_and_leaves_nothing_of_the_person()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync(Email, Name);
        await world.AddAuthenticatorAsync(browser);
        await world.TokensAsync(browser);
        Assert.NotEmpty(await FindAsync(world));   // or finding nothing would prove nothing

        var unsure = await browser.SubmitAsync(await browser.GetAsync("/account"), "/account/erasure");
        var asked = await browser.SubmitAsync(await browser.GetAsync("/account"), "/account/erasure", ("sure", "yes"));
        var find = Assert.Single(await world.Service.Published<FindAccountBookings>());
        var booking = Guid.NewGuid();
        await world.Service.ConsumeAsync(new AccountBookingsFound(find.RequestId, find.AccountId, [new(booking, "K7QM2P", "booking.not_flown", world.Clock.GetUtcNow().AddDays(3))]));

        Assert.Equal([HttpStatusCode.BadRequest, HttpStatusCode.SeeOther], [unsure.Status, asked.Status]);
        Assert.Equal(Email, find.Email);
        Assert.Contains("K7QM2P", (await browser.GetAsync("/account")).Body, StringComparison.Ordinal);
        Assert.Empty(await world.Service.Published<AccountErasureBegun>());

        await browser.SubmitAsync(await browser.GetAsync("/account"), "/account/erasure", ("sure", "yes"));
        Assert.Equal([find, find], await world.Service.Published<FindAccountBookings>());
        await world.Service.ConsumeAsync(new AccountBookingsFound(find.RequestId, find.AccountId, [new(booking, "K7QM2P", null, null)]));
        var begun = Assert.Single(await world.Service.Published<AccountErasureBegun>());
        Assert.Equal((find.AccountId, Email, booking), (begun.AccountId, begun.Email, Assert.Single(begun.BookingIds)));
        foreach (var service in Requests.Answering.SkipLast(1))
        {
            await world.Service.ConsumeAsync(new AccountDataErased(find.RequestId, service, []));
            await world.Service.ConsumeAsync(new AccountDataErased(find.RequestId, service, []));   // said twice counts once
        }

        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/account")).Status);
        await world.Service.ConsumeAsync(new AccountDataErased(find.RequestId, Requests.Answering[^1], [new("price_alert.email", Retention.Erased, 1)]));

        Assert.Equal("/account/sign-in?return=%2Faccount", (await browser.GetAsync("/account")).Location);
        Assert.Equal(HttpStatusCode.BadRequest, (await World.SignInAsync(world.NewBrowser(), Email)).Status);
        Assert.Equal(find.AccountId, Assert.Single(await world.Service.Published<AccountErased>()).AccountId);
        Assert.Empty(await FindAsync(world));
    }

    [Fact]
    public async Task What_all_services_know_is_one_archive_that_can_be_fetched_for_minutes_by_its_owner()
    {
        await using var world = await World.StartAsync();
        var browser = await world.SignedUpAsync(Email, Name);
        await browser.SubmitAsync(await browser.GetAsync("/account"), "/account/export");
        var find = Assert.Single(await world.Service.Published<FindAccountBookings>());
        await world.Service.ConsumeAsync(new AccountBookingsFound(find.RequestId, find.AccountId, [new(Guid.NewGuid(), "K7QM2P", "booking.under_way", null)]));   // holds nothing up
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/account/export")).Status);   // not yet
        foreach (var service in Requests.Answering)
        {
            await world.Service.ConsumeAsync(new AccountDataExported(find.RequestId, service, service == "bookings" ? """{"locator":"K7QM2P"}""" : null));
        }

        Assert.Contains("/account/export\"", (await browser.GetAsync("/account")).Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/account/export")).Status);
        Assert.Equal(["account.json", "bookings.json"], await NamesAsync(world, find.AccountId));
        Assert.DoesNotContain(await world.Service.Query<UsersDbContext, List<AccountAnswer>>(db => db.AccountAnswers.ToListAsync()), answer =>
            answer.Content is { } content && System.Text.Encoding.UTF8.GetString(content).Contains("K7QM2P", StringComparison.Ordinal));   // sealed
        var other = await world.SignedUpAsync("other@example.org", "Olga Other");
        Assert.Equal(HttpStatusCode.SeeOther, (await other.GetAsync("/account/export")).Status);
        world.Clock.Advance(TimeSpan.FromMinutes(14));
        Assert.NotNull(await NamesAsync(world, find.AccountId));
        world.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(await NamesAsync(world, find.AccountId));
    }

    private static async Task<IReadOnlyList<string>?> NamesAsync(World world, Guid accountId)
    {
        await using var scope = world.Service.Services.CreateAsyncScope();
        var account = await scope.ServiceProvider.GetRequiredService<UsersDbContext>().Users.Include(row => row.Roles).SingleAsync(row => row.Id == accountId);
        if (await scope.ServiceProvider.GetRequiredService<Requests>().ArchiveAsync(account, TestContext.Current.CancellationToken) is not { } archive)
        {
            return null;
        }

        await using var zip = new ZipArchive(new MemoryStream(archive));
        return [.. zip.Entries.Select(entry => entry.FullName)];
    }

    private static Task<IReadOnlyList<string>> FindAsync(World world) =>
        world.Service.Query<UsersDbContext, IReadOnlyList<string>>(db => Canaries.FindAsync(db.Database.GetDbConnection(), "canary-seven", "Canaria", "Siebenstern"));
}
