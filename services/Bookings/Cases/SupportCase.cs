using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Aerona.Contracts.Bookings;

namespace Aerona.Bookings.Cases;

/// <summary>Something about a booking that a person has to look at, from its opening to its resolution. Never deleted.</summary>
internal sealed class SupportCase
{
    /// <summary>Of a case that the process opened it follows from what it is about, so that the event that tells of it finds the same row.</summary>
    public required Guid Id { get; init; }

    public required Guid BookingId { get; init; }

    /// <summary>The booking's, so that a list of cases needs no other row to be read out.</summary>
    public required string Locator { get; init; }

    /// <summary>Stable code: <c>commit-unknown</c>, or what staff called it.</summary>
    public required string Kind { get; init; }

    /// <summary>For people.</summary>
    public required string Detail { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>Subject of the member of staff; null when the booking's own process opened it.</summary>
    public string? OpenedBy { get; init; }

    /// <summary>UTC; null while it is open.</summary>
    public DateTimeOffset? ClosedAt { get; private set; }

    /// <summary>Subject of the member of staff; null while it is open.</summary>
    public string? ClosedBy { get; private set; }

    /// <summary>What was found and done, in their words; null while it is open.</summary>
    public string? Resolution { get; private set; }

    /// <summary>Changes; the row's version, so that of two who change it at once one is told.</summary>
    public int Changes { get; private set; }

    /// <summary>On the timeline, which the traveller reads as well: what staff called it is theirs.</summary>
    public string Reference => OpenedBy is null ? Kind : Id.ToString();

    public List<CaseNote> Notes { get; init; } = [];

    /// <summary>As the booking's own process opened it.</summary>
    public static SupportCase Of(BookingCaseOpened opened, string locator) => new()
    {
        Id = IdOf(opened),
        BookingId = opened.BookingId,
        Locator = locator,
        Kind = opened.Kind,
        Detail = opened.Detail,
        OpenedAt = opened.OpenedAt,
    };

    public static Guid IdOf(BookingCaseOpened opened) => new(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{opened.BookingId:N}/{opened.Kind}/{opened.OpenedAt.UtcTicks}"))).AsSpan(..16));

    /// <summary>Adds what somebody found out.</summary>
    public void Note(string text, string by, DateTimeOffset at)
    {
        Changes++;
        Notes.Add(new() { At = at, By = by, Text = text });
    }

    /// <summary>Ends it.</summary>
    public void Close(string resolution, string by, DateTimeOffset at)
    {
        Changes++;
        (ClosedAt, ClosedBy, Resolution) = (at, by, resolution);
    }
}

/// <summary>What somebody found out about a case.</summary>
internal sealed class CaseNote
{
    public long Id { get; init; }

    public Guid CaseId { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Subject of the member of staff.</summary>
    public required string By { get; init; }

    public required string Text { get; init; }
}
