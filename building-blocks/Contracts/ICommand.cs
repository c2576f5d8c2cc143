namespace Aerona.Contracts;

/// <summary>Marks a command: exactly one consumer, published as mandatory, so that a missing queue is noticed and the message kept.</summary>
public interface ICommand;
