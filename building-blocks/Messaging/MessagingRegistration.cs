using Aerona.Contracts;
using Aerona.Persistence;
using MassTransit;
using MassTransit.Configuration;
using MassTransit.Middleware;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aerona.Messaging;

/// <summary>Puts the one bus of a process together.</summary>
public static class MessagingRegistration
{
    /// <summary>Adds the bus with what the services register; called once, by the host, after the services' own Add methods.</summary>
    public static void AddMessaging(this IHostApplicationBuilder builder, Action<BusRegistration> register)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddOptions<MessagingOptions>().BindConfiguration("Messaging")
            .PostConfigure(options =>
                options.RedeliveryIntervals = options.RedeliveryIntervals is [] ? MessagingOptions.DefaultRedeliveryIntervals : options.RedeliveryIntervals)
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<RabbitMqOptions>().BindConfiguration("RabbitMq").ValidateDataAnnotations().ValidateOnStart();
        var onRabbitMq = builder.Configuration["RabbitMq:Host"] is not null;
        services.AddSingleton(new Transport(KeepsMessages: onRabbitMq));
        services.AddOptions<MassTransitHostOptions>().Configure<IOptions<MessagingOptions>>((host, options) =>
        {
            host.StopTimeout = options.Value.StopTimeout;
            host.ConsumerStopTimeout = options.Value.StopTimeout;
        });
        services.AddSingleton<Endpoints>();
        services.AddSingleton<Deliveries>();
        services.AddSingleton<MessagingMetrics>();
        services.AddSingleton<OutboxWriter>();
        services.AddSingleton<Relays>();
        services.AddSingleton<Groups>();
        services.AddSingleton<IInterceptor, OutboxInterceptor>();
        services.AddSingleton(provider => new DeadLetters(
            provider.GetServices<RegisteredDatabase>(), provider.GetRequiredService<IServiceScopeFactory>(), provider.GetRequiredService<TimeProvider>()));

        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();   // reports to nobody outside
            var registration = new BusRegistration(bus);
            register(registration);
            if (onRabbitMq)
            {
                bus.UsingRabbitMq((context, transport) =>
                {
                    var service = context.GetServices<RegisteredDatabase>().FirstOrDefault()?.Name ?? "aerona";
                    transport.Connect(
                        context.GetRequiredService<IOptions<RabbitMqOptions>>().Value, context.GetRequiredService<IOptions<MessagingOptions>>().Value, service);
                    registration.Configure(context, transport);
                });
            }
            else
            {
                bus.UsingInMemory((context, transport) =>
                {
                    registration.Configure(context, transport);
                    transport.ConnectReceiveObserver(context.GetRequiredService<Deliveries>());
                });
            }
        });
        services.RemoveMassTransitHostedService();
        services.AddSingleton<BusWatch>();
        services.PostConfigure<HealthCheckServiceOptions>(checks =>
        {
            // MassTransit's own says that the bus is not ready, ours says why.
            foreach (var own in checks.Registrations.Where(check => check.Name == "masstransit-bus").ToList())
            {
                checks.Registrations.Remove(own);
            }
        });
        services.AddHealthChecks().AddCheck<BusWatch>("bus", tags: ["ready"]);
        services.AddHostedService(provider => provider.GetRequiredService<BusWatch>());
        services.AddHostedService<BusService>();
        services.AddHostedService<RelayService>();   // after the bus: stopped before it
    }
}

/// <summary>What a service hangs onto the bus. Each gets a queue <c>{service}-{kebab-class}</c> with the outbox, inbox and retries of its own context.</summary>
public sealed class BusRegistration
{
    private readonly IBusRegistrationConfigurator _bus;
    private readonly List<Action<IBusRegistrationContext, IBusFactoryConfigurator>> _endpoints = [];
    private readonly HashSet<string> _services = new(StringComparer.Ordinal);

    internal BusRegistration(IBusRegistrationConfigurator bus) => _bus = bus;

    internal void Configure(IBusRegistrationContext context, IBusFactoryConfigurator transport)
    {
        transport.ConcurrentMessageLimit = context.GetRequiredService<IOptions<MessagingOptions>>().Value.ConcurrentMessageLimit;
        transport.Publish<ICommand>(topology => topology.Exclude = true);   // a mark, not a message
        transport.ConfigureJsonSerializerOptions(json => new(json) { WriteIndented = false });   // for machines: a third less to store and send
        _endpoints.ForEach(endpoint => endpoint(context, transport));
    }

    /// <summary>A consumer whose work is one database transaction with inbox and outbox.</summary>
    public void AddConsumer<TConsumer, TDbContext>() where TConsumer : class, IConsumer where TDbContext : DbContext
    {
        _bus.AddConsumer<TConsumer>();
        AddEndpoint<TConsumer, TDbContext>(outbox: true, (context, endpoint) => endpoint.ConfigureConsumer<TConsumer>(context));
    }

    /// <summary>A consumer that reaches outside: <see cref="EffectConsumer{TCommand,TAnswer,TDbContext}"/>.</summary>
    public void AddEffectConsumer<TConsumer, TDbContext>() where TConsumer : class, IConsumer where TDbContext : DbContext
    {
        _bus.AddConsumer<TConsumer>();
        AddEndpoint<TConsumer, TDbContext>(outbox: false, (context, endpoint) => endpoint.ConfigureConsumer<TConsumer>(context));
    }

    /// <summary>A state machine whose instances are rows of that context. An event without its instance comes again later, and is never lost.</summary>
    /// <param name="othersHearToo">Events that others bring about as well: without an instance they are none of this machine's business.</param>
    public void AddSaga<TMachine, TState, TDbContext>(params IReadOnlyCollection<Type> othersHearToo)
        where TMachine : class, SagaStateMachine<TState> where TState : class, SagaStateMachineInstance where TDbContext : DbContext
    {
        var own = _bus.LastOrDefault(service => service.ServiceType == typeof(TMachine));
        _bus.AddSagaStateMachine<TMachine, TState>().Repository(repository =>
        {
            repository.RegisterSagaRepository<TState, TDbContext, SagaConsumeContextFactory<TDbContext, TState>, SagaRepository<TDbContext, TState>>();
            repository.RegisterLoadSagaRepository<TState, SagaRepository<TDbContext, TState>>();
            repository.RegisterQuerySagaRepository<TState, SagaRepository<TDbContext, TState>>();
        });
        _bus.AddSingleton(new OthersEvents<TState>([.. othersHearToo]));
        if (own is not null)
        {
            _bus.Add(own);   // the service built its machine itself, with observers; MassTransit registered the bare type over it
        }

        AddEndpoint<TMachine, TDbContext>(outbox: true, (context, endpoint) => endpoint.ConfigureSaga<TState>(context));
    }

    private void AddEndpoint<T, TDbContext>(bool outbox, Action<IBusRegistrationContext, IReceiveEndpointConfigurator> configure) where TDbContext : DbContext
    {
        var service = ServiceName.Of<TDbContext>();
        if (_bus.All(registered => registered.ServiceType != typeof(IOutboxContextFactory<TDbContext>)))
        {
            _bus.AddScoped<IOutboxContextFactory<TDbContext>, ConsumeOutboxFactory<TDbContext>>();
            _bus.AddScoped<IOutboxContextFactory<SagasOf<TDbContext>>, SagaOutboxFactory<TDbContext>>();
            if (_services.Add(service))
            {
                AddUndelivered<TDbContext>(service);
            }
        }

        var queue = $"{service}-{KebabCaseEndpointNameFormatter.Instance.SanitizeName(typeof(T).Name)}";
        _endpoints.Add((context, transport) => transport.ReceiveEndpoint(queue, endpoint =>
        {
            var scopes = context.GetRequiredService<IServiceScopeFactory>();
            var time = context.GetRequiredService<TimeProvider>();
            var metrics = context.GetRequiredService<MessagingMetrics>();
            var deadLetters = new DeadLetterFilter<TDbContext>(queue, scopes, time, metrics);

            (endpoint as IRabbitMqReceiveEndpointConfigurator)?.KeepSafe(service, context.GetRequiredService<IOptions<RabbitMqOptions>>().Value);
            context.GetRequiredService<Endpoints>().Watch(queue, endpoint);
            endpoint.ConfigureError(error =>
            {
                error.UseFilter(new GenerateFaultFilter());
                error.UseFilter(deadLetters);
            });
            endpoint.ConfigureDeadLetter(skipped => skipped.UseFilter(deadLetters));

            // The order matters, the first is the outermost: whoever repeats must not see the failed transaction, each attempt must get a fresh scope and context.
            endpoint.UseFilter(new SchedulerFilter());
            endpoint.UseFilter(new RedeliveryFilter<TDbContext>(
                queue, scopes, time, metrics, context.GetRequiredService<IOptions<MessagingOptions>>(), context.GetRequiredService<ILogger<Redeliveries>>()));
            if (outbox)
            {
                endpoint.ConnectConsumerConfigurationObserver(new OutboxConsumePipeSpecificationObserver<TDbContext>(endpoint, context));
                endpoint.ConnectSagaConfigurationObserver(new OutboxConsumePipeSpecificationObserver<SagasOf<TDbContext>>(endpoint, context));
            }

            configure(context, endpoint);
        }));
    }

    private void AddUndelivered<TDbContext>(string service) where TDbContext : DbContext => _endpoints.Add((context, transport) =>
    {
        if (transport is IRabbitMqBusFactoryConfigurator rabbitMq)
        {
            rabbitMq.ReceiveEndpoint(RabbitMqTopology.Undelivered(service), endpoint =>
            {
                endpoint.KeepUndelivered();
                var deadLetters = new DeadLetterFilter<TDbContext>(
                    RabbitMqTopology.Undelivered(service), context.GetRequiredService<IServiceScopeFactory>(), context.GetRequiredService<TimeProvider>(),
                    context.GetRequiredService<MessagingMetrics>());
                endpoint.ConfigureError(error => error.UseFilter(deadLetters.Undelivered<ExceptionReceiveContext>()));
                endpoint.ConfigureDeadLetter(skipped => skipped.UseFilter(deadLetters.Undelivered<ReceiveContext>()));
            });
        }
    });
}

internal static class ServiceName
{
    /// <summary>The last part of the assembly's name in lower case: <c>payments</c> for Aerona.Payments.</summary>
    public static string Of<TDbContext>() => Name<TDbContext>.Value;

    private static class Name<TDbContext>
    {
        public static readonly string Value = typeof(TDbContext).Assembly.GetName().Name!.Split('.')[^1].ToLowerInvariant();
    }
}
