using System.Globalization;
using Aerona.Bookings.LookUp;
using Aerona.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Aerona.Bookings.Tests.LookUp;

/// <summary>The guard alone, against whoever has all the addresses he wants.</summary>
public sealed class LookUpGuardTests
{
    private const int Guesses = 1_000_000;
    private const int Addresses = 1_000;
    private const int Space = 481_890_304;   // 28^6
    private const int Live = 1_000_000;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_million_guesses_of_one_name_find_nothing() => A_million_guesses_from_a_thousand_addresses_find_nothing_with_the_guard_and_something_without(1, false);

    /// <summary>
    /// How the guesses are spread: one common name over many locators, or a hundred names, each as common; and whether he does the work that is asked for, which here
    /// costs him nothing.
    /// </summary>
    [Theory]
    [Trait("long", "yes")]
    [InlineData(1, true)]
    [InlineData(100, false)]
    [InlineData(100, true)]
    public async Task A_million_guesses_from_a_thousand_addresses_find_nothing_with_the_guard_and_something_without(int names, bool works)
    {
        var clock = new FakeTimeProvider(new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));
        var guard = Guard(clock, new LookUpOptions { ProofBits = 0 });
        var random = new Random(4711);
        var (without, with, came) = (0, 0, 0);
        var response = new DefaultHttpContext().Response;

        for (var guess = 0; guess < Guesses; guess++)
        {
            var (locator, name) = (random.Next(Space), random.Next(names));
            var isRight = IsLive(locator) && random.Next(1000) < 10;   // one in a hundred passengers bears such a name
            without += isRight ? 1 : 0;
            var attempt = new Attempt($"4:{guess % Addresses:x6}", locator.ToString(CultureInfo.InvariantCulture), $"NAME{name}");
            var proof = string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow().ToUnixTimeSeconds() / 60}.{guess}");
            if (await guard.EnterAsync(attempt, works ? proof : null, response, Stop) is null)
            {
                came++;
                if (isRight)
                {
                    with++;
                    await guard.FoundAsync(attempt, Stop);
                }
            }

            clock.Advance(Pace);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{names} names, {(works ? "with" : "without")} work: {without} found without the guard; with it {came} guesses came through and found {with}");
        Assert.InRange(without, 5, 60);
        Assert.Equal(0, with);
    }

    [Fact]
    public async Task One_network_guesses_ten_times_and_whoever_finds_what_he_looks_for_never_waits()
    {
        var guard = Guard(new FakeTimeProvider(), new LookUpOptions());
        var answers = new List<bool>();
        for (var guess = 0; guess < 12; guess++)
        {
            answers.Add(await guard.EnterAsync(new("4:cb0071", $"L{guess}", $"N{guess}"), null, new DefaultHttpContext().Response, Stop) is null);
        }

        Assert.Equal([.. Enumerable.Repeat(true, 10), false, false], answers);
        var own = new Attempt("4:cb0072", "BCD234", "LE");
        for (var look = 0; look < 200; look++)
        {
            Assert.Null(await guard.EnterAsync(own, null, new DefaultHttpContext().Response, Stop));
            await guard.FoundAsync(own, Stop);
        }
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(15, false)]
    public async Task Names_on_one_locator_and_locators_with_one_name_are_counted_from_everywhere_together(int allowed, bool isLocator)
    {
        var guard = Guard(new FakeTimeProvider(), new LookUpOptions());
        var came = 0;
        for (var guess = 0; guess < 50; guess++)
        {
            var attempt = isLocator ? new Attempt($"4:{guess:x6}", "BCD234", $"N{guess}") : new Attempt($"4:{guess:x6}", $"L{guess}", "SMITH");
            came += await guard.EnterAsync(attempt, null, new DefaultHttpContext().Response, Stop) is null ? 1 : 0;
        }

        Assert.Equal(allowed, came);
    }

    [Fact]
    public async Task One_network_that_goes_on_and_on_does_not_close_the_door_for_all()
    {
        var guard = Guard(new FakeTimeProvider(), new LookUpOptions { Failures = 50 });
        for (var guess = 0; guess < 1000; guess++)
        {
            await guard.EnterAsync(new("4:cb0071", $"L{guess}", $"N{guess}"), null, new DefaultHttpContext().Response, Stop);
        }

        Assert.Null(await guard.EnterAsync(new("4:cb0072", "BCD234", "LE"), null, new DefaultHttpContext().Response, Stop));
    }

    /// <summary>A million of the space, spread without order.</summary>
    private static bool IsLive(int locator) => (uint)(locator * 2654435761u) < (uint)((double)Live / Space * uint.MaxValue);

    private static LookUpGuard Guard(TimeProvider clock, LookUpOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(clock);
        builder.AddRateCounters();
        return new(builder.Build().Services.GetRequiredService<IRateCounters>(), Options.Create(options), clock);
    }
}
