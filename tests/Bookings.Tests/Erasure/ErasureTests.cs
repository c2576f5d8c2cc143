using System.Net;
using Aerona.Bookings.Data;
using Aerona.Bookings.Erasure;
using Aerona.Contracts.Users;
using Aerona.TestKit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Tests.Erasure;

public sealed class ErasureTests
{
    private static readonly string[] OfThePerson = ["an@example.org", "84901234567", "1990-01-31", "C\\u00FAc", "Cúc"];

    [Fact]
    public async Task Bookings_of_an_account_are_found_open_until_flown_exported_and_made_nameless()
    {
        await using var desk = await BookingDesk.StartAsync();
        var account = Guid.NewGuid();
        var (id, token) = await desk.BookAsync(desk.TokenFor(account.ToString(), "traveller"));
        await desk.BookAsync();   // a guest's, which is nobody's
        var request = Guid.NewGuid();

        await desk.Service.ConsumeAsync(new FindAccountBookings(request, account, "an@example.org"));
        await desk.UntilPaymentAsync(id);
        await desk.UntilCommitAsync(id);
        await desk.UntilConfirmedAsync(id);
        await desk.Service.ConsumeAsync(new FindAccountBookings(request, account, "an@example.org"));
        await desk.Service.ConsumeAsync(new AccountExportBegun(request, account, "an@example.org", [id]));

        var found = await desk.Service.Published<AccountBookingsFound>();
        Assert.Equal(["booking.under_way", "booking.not_flown"], found.Select(one => Assert.Single(one.Bookings).OpenBecause));
        Assert.All(found, one => Assert.Equal((request, account, id), (one.RequestId, one.AccountId, one.Bookings[0].BookingId)));
        Assert.True(found[1].Bookings[0].OpenUntil > desk.Now);
        Assert.Contains("an@example.org", Assert.Single(await desk.Service.Published<AccountDataExported>()).Json, StringComparison.Ordinal);
        var mine = (await desk.GetAsync("/v1/me/bookings", token)).StatusCode;

        await desk.Service.ConsumeAsync(new AccountErasureBegun(request, account, "an@example.org", [id], desk.Now));
        await desk.Service.ConsumeAsync(new AccountErasureBegun(request, account, "an@example.org", [id], desk.Now));

        Assert.Equal(HttpStatusCode.OK, mine);
        Assert.All(await desk.Service.Published<AccountDataErased>(), erased => Assert.Contains(new("booking.passengers", Retention.Anonymised, 1), erased.Fields));
        Assert.DoesNotContain(id.ToString(), await (await desk.GetAsync("/v1/me/bookings", token)).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        // The guest's booking still says who flies, so finding nothing means something.
        await desk.Service.Query<BookingsDbContext, int>(async db =>
        {
            Assert.NotEmpty(await Canaries.FindAsync(db.Database.GetDbConnection(), OfThePerson));
            return 0;
        });
        await desk.Service.Query<BookingsDbContext, int>(db => db.Bookings.Where(row => row.Id != id).ExecuteDeleteAsync());
        await desk.Service.Query<BookingsDbContext, int>(db => db.Sagas.Where(row => row.CorrelationId != id).ExecuteDeleteAsync());
        await desk.Service.Query<BookingsDbContext, int>(db => db.SearchKeys.Where(row => row.BookingId != id).ExecuteDeleteAsync());
        await desk.Service.Query<BookingsDbContext, int>(async db =>
        {
            Assert.Empty(await Canaries.FindAsync(db.Database.GetDbConnection(), OfThePerson));
            return 0;
        });
        Assert.Equal(PersonalData.Mark, (await desk.SagaAsync(id)).Passengers[0].Surname);
    }
}
