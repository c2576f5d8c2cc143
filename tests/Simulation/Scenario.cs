using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Sagas.Booking;
using Aerona.Simulation.Saga;

namespace Aerona.Simulation;

/// <summary>What is simulated, and how far.</summary>
/// <param name="Bookings">How many at once, each for one seat of the one flight.</param>
/// <param name="Seats">Seats of that flight.</param>
/// <param name="Faults">Most faults in one history.</param>
/// <param name="Turns">Most turns in one history: answers that are not yes, changes of mind.</param>
/// <param name="Bug">What is planted.</param>
/// <param name="Times">The saga's settings; short ones make few repeats.</param>
/// <param name="Retries">How often each traveller tries to pay again.</param>
/// <param name="Down">Services that may be down for a while, which is a fault; the saga's is Bookings.</param>
/// <param name="Staff">Most decisions of staff in one history.</param>
/// <param name="LongestOutage">How long a service may be down; null: for any time.</param>
/// <param name="Compared">Whether I10 is checked in every world: independent messages in both orders, and every message twice.</param>
internal sealed record Scenario(
    int Bookings = 1, int Seats = 1, int Faults = 0, int Turns = 3, Bug Bug = Bug.None, BookingTimes? Times = null, int Retries = 1, int Staff = 1, bool PayLater = false,
    IReadOnlyList<Party>? Down = null, bool Compared = false, TimeSpan? LongestOutage = null)
{
    public static readonly Party[] AllServices = [Party.Airlines, Party.Payments, Party.Tickets, Party.Saga];

    /// <summary>Of <see cref="Turns"/>: they are not counted.</summary>
    public const int AnyTurns = int.MaxValue;

    /// <summary>More turns than that can only be any.</summary>
    public const int MostTurns = 6;

    public static readonly DateTimeOffset Start = new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero);
    public static readonly Money Price = new(25900, "EUR");
    public static readonly Money DearerPrice = new(27900, "EUR");

    /// <summary>Short but in order: what is asked again is asked again once or twice.</summary>
    public static BookingTimes ShortTimes { get; } = new()
    {
        PaymentAttempts = 2,
        GiveUp = TimeSpan.FromSeconds(50),
        LookUp = TimeSpan.FromMinutes(2),
        HoldUnknown = TimeSpan.FromMinutes(5),
        ApprovalLookUp = TimeSpan.FromMinutes(4),
        PatientRepeat = TimeSpan.FromHours(6),
        CommitUnknown = TimeSpan.FromHours(1),
        PaymentReview = TimeSpan.FromHours(2),
        CaptureRecovery = TimeSpan.FromMinutes(15),
    };

    public static Guid Booking(int number) => new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b, (byte)number);

    public static Guid OfferOf(int number) => new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0f, (byte)number);

    public static OfferSnapshot Offer(int number) => new(
        OfferOf(number), "house", "VN",
        [
            new(1, "VN55-20300201", new("VN", 55), "VN", "HAN", "LHR", new(2030, 2, 1, 1, 0, 0), "Asia/Ho_Chi_Minh", new(2030, 1, 31, 18, 0, 0, TimeSpan.Zero),
                new(2030, 2, 1, 7, 0, 0), "Europe/London", new(2030, 2, 1, 7, 0, 0, TimeSpan.Zero), "789", Cabin.Economy, "Y", "YOW", "1PC"),
        ],
        [new("p1", PassengerType.Adult)],
        [new("p1", PriceLineKind.BaseFare, "FARE", null, false, Price)],
        Price, new(null, null, null, null), Start.AddMinutes(30));

    public IReadOnlyList<Party> Outages => Down ?? [];

    public BookingTimes TimesOrShort => Times ?? ShortTimes;

    public BookingSubmitted Submission(int number) => new(
        Booking(number), $"K7PQ2{number}", OfferOf(number), People, Contact, null, null, Start, PayLater);

    private static readonly Passenger[] People = [new("p1", PassengerType.Adult, "An", "Lê", "AN", "LE", new(1990, 1, 31), null)];
    private static readonly Contact Contact = new("an@example.org", null, "vi");
}

/// <summary>The product's machine, one for each thread of a search, with the clock it reads.</summary>
internal sealed class Machine
{
    public Machine(BookingTimes times)
    {
        Clock = new();
        Booking = new(Clock, times);
        Driver = new(Booking);
    }

    public HandClock Clock { get; }

    public BookingStateMachine Booking { get; }

    public SagaDriver<BookingState> Driver { get; }

    /// <summary>Told of every message that a saga heard; null: nobody listens.</summary>
    public Action<Heard>? Listener { get; set; }
}

/// <summary>A message that a saga heard, and what came of it.</summary>
/// <param name="Message">What it said.</param>
/// <param name="Token">Of a timer; else null.</param>
/// <param name="At">UTC.</param>
/// <param name="Effects">What the saga did outside.</param>
/// <param name="After">The saga then; not changed later.</param>
internal sealed record Heard(object Message, Guid? Token, DateTimeOffset At, IReadOnlyList<Effect> Effects, BookingState After);
