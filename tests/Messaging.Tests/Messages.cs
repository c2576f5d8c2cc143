// Messages of tests, under the name that the broker's rights give to everybody: the tests on servers run with a user who has those rights and no others.
namespace Aerona.Contracts.Trips;

public sealed record TripSubmitted(Guid TripId, string Mode);

public sealed record HoldSeat(Guid TripId, string Mode) : ICommand;

public sealed record SeatHeld(Guid TripId);

public sealed record TripConfirmed(Guid TripId);

public sealed record HoldExpired(Guid TripId);

public sealed record TripTouched(Guid TripId);

public sealed record TripCancelled(Guid TripId);

/// <summary>An event that the seats' service takes down, and fails to when told so.</summary>
public sealed record NoteTaken(Guid Id, string Text);

/// <summary>A command that nobody here consumes.</summary>
public sealed record FeedCat(string Name) : ICommand;

public sealed record ChargeCard(Guid PaymentId) : ICommand;

public sealed record CardCharged(Guid PaymentId, string Outcome);
