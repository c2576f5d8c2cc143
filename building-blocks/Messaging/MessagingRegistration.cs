using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace Aerona.Messaging;

/// <summary>Puts the one bus of a process together.</summary>
public static class MessagingRegistration
{
    /// <summary>Adds the bus with what the services register; called once, by the host, after the services' own Add methods.</summary>
    public static void AddMessaging(this IHostApplicationBuilder builder, Action<BusRegistration> register) => throw new NotImplementedException();
}

/// <summary>What a service hangs onto the bus. Each gets a queue <c>{service}-{kebab-class}</c> with the outbox, inbox and retries of its own context.</summary>
public sealed class BusRegistration
{
    /// <summary>A consumer whose work is one database transaction with inbox and outbox.</summary>
    public void AddConsumer<TConsumer, TDbContext>() where TConsumer : class, IConsumer where TDbContext : DbContext => throw new NotImplementedException();

    /// <summary>A consumer that reaches outside: <see cref="EffectConsumer{TCommand,TAnswer,TDbContext}"/>.</summary>
    public void AddEffectConsumer<TConsumer, TDbContext>() where TConsumer : class, IConsumer where TDbContext : DbContext => throw new NotImplementedException();

    /// <summary>A state machine whose instances are rows of that context.</summary>
    public void AddSaga<TMachine, TState, TDbContext>()
        where TMachine : class, SagaStateMachine<TState> where TState : class, SagaStateMachineInstance where TDbContext : DbContext => throw new NotImplementedException();
}
