namespace Aerona.Sandbox.Zz;

/// <summary>What ZZ does on a route; everywhere else all is well, and space can be held or bought at once.</summary>
internal enum ZzScenario
{
    None,

    /// <summary>No offers.</summary>
    NoFlights,

    /// <summary>Space is held first and paid for later; an instant order is refused.</summary>
    HoldOnly,

    /// <summary>Everything is paid at once; nothing is held.</summary>
    InstantOnly,

    /// <summary>No direct flights; the connection changes airports in London and arrives on the next day.</summary>
    Connecting,

    /// <summary>Offers take <c>SlowAnswer</c>.</summary>
    Slow,

    /// <summary>Orders are made and paid, and the answer is lost.</summary>
    TimeoutAfter,

    /// <summary>The answer to an order is lost, and there is none.</summary>
    TimeoutBefore,

    /// <summary>An offer asked for again is a tenth dearer.</summary>
    PriceChange,

    /// <summary>A while after the purchase the airline cancels the flights.</summary>
    Cancellation,

    /// <summary>A while after the purchase the airline moves the flights by 95 minutes.</summary>
    ScheduleChange,

    /// <summary>The same, and no webhook tells of it.</summary>
    SilentChange,

    /// <summary>Ticket numbers come a while after the purchase.</summary>
    TicketsLater,

    /// <summary>The seats are gone when the order is made.</summary>
    SoldOut,

    /// <summary>Calls for offers are answered 429.</summary>
    Busy,

    /// <summary>Calls for offers are answered 200 with an error in the body.</summary>
    ErrorInSuccess,

    /// <summary>A quote for a cancellation takes <c>SlowAnswer</c>.</summary>
    QuoteSlow,

    /// <summary>A quote for a cancellation has expired when it is given.</summary>
    QuoteExpires,

    /// <summary>The order is cancelled and the answer is lost.</summary>
    CancelTimeoutAfter,

    /// <summary>The answer to a cancellation is lost, and the order stands.</summary>
    CancelTimeoutBefore,

    /// <summary>A cancellation is quoted, and refused when it is wanted.</summary>
    CancelRefused,

    /// <summary>A tenth less comes back than was quoted.</summary>
    RefundLess,

    /// <summary>Neither the quote nor the cancellation says what comes back.</summary>
    RefundUnknown,
}

internal static class ZzScenarios
{
    private static readonly Dictionary<(string, string), ZzScenario> ByRoute = new()
    {
        [("PVD", "KRK")] = ZzScenario.NoFlights,
        [("JFK", "EWR")] = ZzScenario.HoldOnly,
        [("LHR", "AMS")] = ZzScenario.InstantOnly,
        [("EDI", "DXB")] = ZzScenario.Connecting,
        [("LTN", "STN")] = ZzScenario.Slow,
        [("LHR", "STN")] = ZzScenario.TimeoutAfter,
        [("LHR", "LTN")] = ZzScenario.TimeoutBefore,
        [("LGW", "LHR")] = ZzScenario.PriceChange,
        [("CDG", "LYS")] = ZzScenario.Cancellation,
        [("CDG", "NCE")] = ZzScenario.ScheduleChange,
        [("CDG", "MRS")] = ZzScenario.SilentChange,
        [("BCN", "MAD")] = ZzScenario.TicketsLater,
        [("FRA", "MUC")] = ZzScenario.SoldOut,
        [("FRA", "BER")] = ZzScenario.Busy,
        [("FRA", "HAM")] = ZzScenario.ErrorInSuccess,
        [("MAD", "LIS")] = ZzScenario.QuoteSlow,
        [("LIS", "MAD")] = ZzScenario.QuoteExpires,
        [("VIE", "ZRH")] = ZzScenario.CancelTimeoutAfter,
        [("ZRH", "VIE")] = ZzScenario.CancelTimeoutBefore,
        [("PRG", "VIE")] = ZzScenario.CancelRefused,
        [("ARN", "OSL")] = ZzScenario.RefundLess,
        [("OSL", "ARN")] = ZzScenario.RefundUnknown,
    };

    /// <summary>The scenario of a route, in that direction only.</summary>
    public static ZzScenario Of(string origin, string destination) => ByRoute.GetValueOrDefault((origin, destination));
}
