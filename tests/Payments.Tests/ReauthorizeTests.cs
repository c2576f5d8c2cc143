using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Messaging;
using Aerona.Payments.Data;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Payments.Tests;

public sealed class ReauthorizeTests
{
    private static readonly TimeSpan FourDays = TimeSpan.FromDays(4);

    [Fact]
    public async Task A_reservation_no_longer_honoured_is_renewed_once_and_the_renewal_is_what_is_taken()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();
        var first = await world.SaidAsync<PaymentAuthorized>();
        world.Advance(FourDays);

        await world.ReauthorizeAsync();
        await world.ReauthorizeAsync();
        var renewed = await world.SaidAsync<PaymentAuthorized>();
        await world.CaptureAsync();

        Assert.Equal(3, await world.CountAsync<PaymentAuthorized>());
        Assert.NotEqual(first.AuthorizationId, renewed.AuthorizationId);
        Assert.Equal(first.HonouredUntil + FourDays, renewed.HonouredUntil);   // by the time PayPal gives the renewal
        Assert.Equal(first.ExpiresAt, renewed.ExpiresAt);
        Assert.Equal(World.Price, (await world.SaidAsync<PaymentCaptured>()).Amount);
        Assert.Equal(("199.90", "0.00", "199.90", "0.00", "0.00"), await world.BooksAsync());
        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
        Assert.Single(await world.Payments.Published<BookingNoted>(), note => note.Kind == "payment.renewed" && note.Reference == renewed.AuthorizationId);
    }

    [Fact]
    public async Task While_it_is_honoured_nothing_is_asked_and_what_stands_is_said()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();
        var first = await world.SaidAsync<PaymentAuthorized>();
        world.Advance(TimeSpan.FromDays(3) - TimeSpan.FromSeconds(1));

        await world.ReauthorizeAsync();

        Assert.Equal(first, await world.SaidAsync<PaymentAuthorized>());
        Assert.Equal(2, await world.CountAsync<PaymentAuthorized>());
        Assert.False(await world.Payments.Query<PaymentsDbContext, bool>(db => db.Set<EffectIntent>().AnyAsync(one => one.Key.StartsWith("reauthorize"))));
    }

    [Fact]
    public async Task A_clock_ahead_of_PayPals_asks_too_soon_and_again_later()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();
        var first = await world.SaidAsync<PaymentAuthorized>();
        world.Payments.Clock.AdjustTime(world.Payments.Clock.GetUtcNow().AddDays(3));   // PayPal's stands still

        await world.ReauthorizeAsync();
        var tooSoon = await world.SaidAsync<PaymentAuthorized>();
        world.Advance(TimeSpan.FromDays(3));
        await world.ReauthorizeAsync();

        Assert.Equal(first, tooSoon);
        Assert.NotEqual(first.AuthorizationId, (await world.SaidAsync<PaymentAuthorized>()).AuthorizationId);
    }

    [Fact]
    public async Task A_second_renewal_is_not_to_be_had()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();
        world.Advance(FourDays);
        await world.ReauthorizeAsync();
        world.Advance(FourDays);

        await world.ReauthorizeAsync();
        await world.SettleAsync();

        Assert.Contains(await world.Payments.Published<PaymentDeclined>(), declined => declined.Reason == "payment.declined");
        Assert.Equal(World.Price, (await world.SaidAsync<PaymentVoided>()).Voided);
        Assert.Equal("0.00", (await world.BooksAsync()).Open);
        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
    }

    [Fact]
    public async Task What_PayPal_does_not_renew_is_declined_and_given_back_and_nothing_is_taken_any_more()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync("reauthorize-declined");

        await world.ReauthorizeAsync();
        var declined = await world.SaidAsync<PaymentDeclined>();
        await world.CaptureAsync();
        await world.SettleAsync();

        Assert.Equal("payment.declined", declined.Reason);
        Assert.Equal("payment.closed", (await world.SaidAsync<CaptureRefused>()).Reason);
        Assert.Equal(World.Price, (await world.SaidAsync<PaymentVoided>()).Voided);
        Assert.Equal(("199.90", "199.90", "0.00", "0.00", "0.00"), await world.BooksAsync());
        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
    }

    [Theory]
    [InlineData("timeout-before-reauthorize", false)]
    [InlineData("timeout-after-reauthorize", false)]
    [InlineData("error-after-reauthorize", false)]
    [InlineData("busy-reauthorize", false)]
    [InlineData("timeout-before-reauthorize", true)]
    [InlineData("timeout-after-reauthorize", true)]
    [InlineData("error-after-reauthorize", true)]
    public async Task A_renewal_whose_answer_is_lost_is_had_once_by_the_repeat_or_by_a_look_up(string payer, bool byLookUp)
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync(payer);
        var first = await world.SaidAsync<PaymentAuthorized>();

        await world.ReauthorizeAsync();
        var silent = await world.CountAsync<PaymentAuthorized>();
        await (byLookUp ? world.LookUpAsync() : world.ReauthorizeAsync());
        await world.CaptureAsync();

        Assert.Equal(1, silent);
        var renewed = await world.SaidAsync<PaymentAuthorized>();
        Assert.NotEqual(first.AuthorizationId, renewed.AuthorizationId);
        Assert.True(renewed.HonouredUntil > world.Payments.Clock.GetUtcNow());
        Assert.Equal(1, await world.CountAsync<PaymentCaptured>());
        Assert.Equal(("199.90", "0.00", "199.90", "0.00", "0.00"), await world.BooksAsync());
        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
    }

    [Theory]
    [InlineData("timeout-after-capture", 1)]
    [InlineData("timeout-before-capture", 0)]
    public async Task A_capture_whose_answer_was_lost_is_found_before_anything_is_renewed(string payer, int taken)
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync(payer);
        await world.CaptureAsync();
        world.Advance(FourDays);

        await world.ReauthorizeAsync();
        var found = await world.CountAsync<PaymentCaptured>();
        await world.CaptureAsync();

        Assert.Equal(taken, found);
        Assert.Equal("199.90", (await world.BooksAsync()).Captured);
        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
    }

    [Fact]
    public async Task While_a_capture_may_still_be_running_nothing_is_renewed()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();
        world.Advance(FourDays);
        await world.NotedAsync(Effects.Capture(world.PaymentId, renewed: false), Guid.NewGuid(), leaseLeft: TimeSpan.FromSeconds(30));

        await world.ReauthorizeAsync();

        Assert.Equal(1, await world.CountAsync<PaymentAuthorized>());
        Assert.Null((await world.PaymentAsync())!.RenewedAuthorizationId);
    }

    [Fact]
    public async Task Whoever_asks_for_a_renewal_of_what_went_on_meanwhile_hears_how_it_stands()
    {
        await using var world = await World.StartAsync();
        await world.ReauthorizeAsync();
        var never = await world.SaidAsync<PaymentDeclined>();
        await world.GivenAuthorizedAsync();
        await world.CaptureAsync();
        world.Advance(FourDays);

        await world.ReauthorizeAsync();

        Assert.Equal("payment.closed", never.Reason);
        Assert.Equal(2, await world.CountAsync<PaymentCaptured>());
    }

    [Theory]
    [InlineData("day-four")]
    [InlineData("timeout-after-reauthorize")]
    [InlineData("timeout-before-reauthorize")]
    public async Task A_renewed_reservation_is_given_back_by_its_first_id(string payer)
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync(payer);
        await world.ReauthorizeAsync();

        await world.VoidAsync();
        await world.ReauthorizeAsync();

        Assert.Equal(World.Price, (await world.SaidAsync<PaymentVoided>()).Voided);
        Assert.Equal("payment.closed", (await world.SaidAsync<PaymentDeclined>()).Reason);
        Assert.Equal(("199.90", "199.90", "0.00", "0.00", "0.00"), await world.BooksAsync());
        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
    }

    [Fact]
    public async Task A_void_waits_for_a_renewal_that_may_still_be_running()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync("day-four");
        await world.NotedAsync(Effects.Reauthorize(world.PaymentId), Guid.NewGuid(), leaseLeft: TimeSpan.FromSeconds(30));

        await world.VoidAsync();

        Assert.Equal(0, await world.CountAsync<PaymentVoided>());
        Assert.Equal("199.90", (await world.BooksAsync()).Open);
    }

    [Fact]
    public async Task A_capture_waits_for_a_renewal_that_may_still_be_running()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();
        await world.NotedAsync(Effects.Reauthorize(world.PaymentId), Guid.NewGuid(), leaseLeft: TimeSpan.FromSeconds(30));

        await world.CaptureAsync();
        var meanwhile = await world.BooksAsync();
        world.Advance(TimeSpan.FromSeconds(31));
        await world.CaptureAsync();

        Assert.Equal("0.00", meanwhile.Captured);
        Assert.Equal(1, await world.CountAsync<PaymentCaptured>());
        Assert.Equal(("199.90", "0.00", "199.90", "0.00", "0.00"), await world.BooksAsync());
    }

    [Fact]
    public async Task What_is_not_honoured_any_more_and_not_renewed_is_refused_at_the_capture()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync("day-four");

        await world.CaptureAsync();

        Assert.Equal("payment.capture_refused", (await world.SaidAsync<CaptureRefused>()).Reason);
        Assert.Equal("199.90", (await world.BooksAsync()).Open);
    }

    [Fact]
    public async Task After_29_days_the_reservation_has_lapsed_and_a_look_up_says_so()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();
        world.Advance(TimeSpan.FromDays(29));

        await world.LookUpAsync();

        Assert.Equal("payment.voided", (await world.SaidAsync<PaymentDeclined>()).Reason);
        Assert.Equal(World.Price, (await world.SaidAsync<PaymentVoided>()).Voided);
        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
    }
}
