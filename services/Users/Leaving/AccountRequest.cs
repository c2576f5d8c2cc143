namespace Aerona.Users.Leaving;

/// <summary>What somebody asked about everything that is known of him.</summary>
internal enum RequestKind
{
    Export,
    Erasure,
}

/// <summary>How far it is.</summary>
internal enum RequestState
{
    /// <summary>Bookings looks which bookings there are.</summary>
    Looking,

    /// <summary>An erasure: something is open that needs a name and an address.</summary>
    Waiting,

    /// <summary>The services answer.</summary>
    Collecting,

    /// <summary>All have answered.</summary>
    Done,
}

/// <summary>An export or an erasure. What stays of an erasure says that there was one, and of whom only a number.</summary>
internal sealed class AccountRequest
{
    public required Guid Id { get; init; }

    public required Guid AccountId { get; init; }

    public required RequestKind Kind { get; init; }

    public required DateTimeOffset AskedAt { get; init; }

    public RequestState State { get; set; }

    /// <summary>The bookings that an erasure waits for.</summary>
    public IReadOnlyList<OpenBooking> Open { get; set; } = [];

    /// <summary>UTC; null until everybody has answered.</summary>
    public DateTimeOffset? DoneAt { get; set; }

    public List<AccountAnswer> Answers { get; init; } = [];
}

/// <summary>A booking that an erasure waits for.</summary>
/// <param name="Locator">Our record locator.</param>
/// <param name="Because">Stable code.</param>
/// <param name="Until">UTC; null when somebody must act first.</param>
internal sealed record OpenBooking(string Locator, string Because, DateTimeOffset? Until);

/// <summary>What one service said.</summary>
internal sealed class AccountAnswer
{
    public required Guid RequestId { get; init; }

    /// <summary>The module's name in lower case.</summary>
    public required string Service { get; init; }

    /// <summary>Of an erasure the fields as JSON, which name nobody; of an export what is known, sealed by the master key; null for nothing.</summary>
    public byte[]? Content { get; init; }
}
