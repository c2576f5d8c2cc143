using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Aerona.Contracts;
using MassTransit;

namespace Aerona.Architecture.Tests;

/// <summary>Who sends, who consumes, and what messages look like.</summary>
public sealed class MessageRules
{
    /// <summary>Everything of Aerona that AllInOne brings along.</summary>
    private static readonly Assembly[] All = [.. Directory.GetFiles(AppContext.BaseDirectory, "Aerona.*.dll")
        .Where(file => !file.EndsWith(".Tests.dll", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Assembly.LoadFrom)];

    private static readonly Assembly Contracts = typeof(ICommand).Assembly;

    private static readonly Type[] Product = [.. All.SelectMany(assembly => assembly.GetTypes())];

    [Fact]
    public void The_whole_product_is_looked_at() => Assert.Equal(
        SourceTree.Projects.Where(project => !project.Folder.StartsWith("tests/", StringComparison.Ordinal) && !project.Folder.StartsWith("bench/", StringComparison.Ordinal))
            .Select(project => $"Aerona.{Path.GetFileNameWithoutExtension(project.Path)}").Order(StringComparer.Ordinal),
        All.Select(assembly => assembly.GetName().Name!).Order(StringComparer.Ordinal));

    [Fact]
    public void Consumer_class_names_are_unique_or_two_services_would_share_a_queue() => None(SharedNames(Consumers(Product)));

    [Fact]
    public void A_shared_name_is_found() => Assert.Equal(
        ["TakeSampleConsumer"],
        SharedNames(Consumers([typeof(OneService.TakeSampleConsumer), typeof(OtherService.TakeSampleConsumer), typeof(OneService.TakeOtherConsumer)])));

    [Fact]
    public void Each_command_has_exactly_one_consumer() => None(WrongCommands(Contracts.GetTypes(), Product));

    [Fact]
    public void A_command_with_none_or_two_is_found()
    {
        Type[] commands = [typeof(TakeSample), typeof(TakeOther)];

        Assert.Empty(WrongCommands(commands, [typeof(OneService.TakeSampleConsumer), typeof(OneService.TakeOtherConsumer)]));
        Assert.Equal(["TakeOther has no consumer"], WrongCommands(commands, [typeof(OneService.TakeSampleConsumer)]));
        Assert.Equal(
            ["TakeSample has OneService+TakeSampleConsumer, OtherService+TakeSampleConsumer"],
            WrongCommands(commands, [typeof(OneService.TakeSampleConsumer), typeof(OtherService.TakeSampleConsumer), typeof(OneService.TakeOtherConsumer)])
                .Select(line => line.Replace("MessageRules+", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_consumer_is_hung_onto_the_bus() => None(Unregistered(Consumers(Product).Select(type => type.Name), SourceTree.Sources));

    [Fact]
    public void A_consumer_that_nobody_registers_is_found()
    {
        Source[] module =
        [
            new("services/X/XModule.cs", """
                bus.AddConsumer<AConsumer, XDbContext>();
                // bus.AddConsumer<BConsumer, XDbContext>();
                bus.AddEffectConsumer<CConsumer, XDbContext>();
                """),
        ];

        Assert.Equal(["BConsumer"], Unregistered(["AConsumer", "BConsumer", "CConsumer"], module));
    }

    [Fact]
    public void Messages_are_sealed_records_with_a_namespace_of_their_own() =>
        None(WrongMessages(Consumers(Product).SelectMany(Consumed).Concat(Contracts.GetTypes().Where(IsCommand)).Where(type => type.Assembly == Contracts)));

    [Fact]
    public void What_contracts_hold_is_sealed_records_values_and_choices() => None(Contracts.GetExportedTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false } && !type.IsSubclassOf(typeof(Exception)) && !type.IsSubclassOf(typeof(JsonConverter)))
        .Where(type => !IsSealedRecord(type)).Select(type => type.FullName!));

    [Fact]
    public void A_message_of_the_wrong_form_is_found()
    {
        Assert.Equal(3, WrongMessages([typeof(OpenMessage), typeof(ClassMessage), typeof(NoNamespaceMessage), typeof(ProperMessage)]).Count());
    }

    [Fact]
    public void Every_event_of_a_saga_is_correlated_with_a_booking() => None(Product.Where(IsMachine).SelectMany(Consumed)
        .Where(message => message.Assembly == Contracts && message.GetProperty("BookingId")?.PropertyType != typeof(Guid))
        .Select(message => message.FullName!));

    private static IEnumerable<Type> Consumers(IEnumerable<Type> types) =>
        types.Where(type => type is { IsClass: true, IsAbstract: false } && Consumed(type).Any());

    private static bool IsMachine(Type type) => type is { IsClass: true, IsAbstract: false } && typeof(StateMachine).IsAssignableFrom(type);

    private static IEnumerable<Type> Consumed(Type consumer) => consumer.GetInterfaces()
        .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IConsumer<>)).Select(type => type.GetGenericArguments()[0])
        .Concat(IsMachine(consumer)
            ? consumer.GetProperties().Select(property => property.PropertyType)
                .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Event<>)).Select(type => type.GetGenericArguments()[0])
            : []);

    private static IEnumerable<string> SharedNames(IEnumerable<Type> consumers) =>
        consumers.GroupBy(type => type.Name).Where(group => group.Count() > 1).Select(group => group.Key);

    private static bool IsCommand(Type type) => type.IsClass && typeof(ICommand).IsAssignableFrom(type);

    private static IEnumerable<string> WrongCommands(IEnumerable<Type> commands, IEnumerable<Type> types)
    {
        var consumers = Consumers(types).SelectMany(type => Consumed(type).Select(message => (message, type)))
            .ToLookup(pair => pair.message, pair => pair.type);
        return commands.Where(IsCommand).Where(command => consumers[command].Count() != 1).Select(command => consumers[command].Any()
            ? $"{command.Name} has {string.Join(", ", consumers[command].Select(type => type.FullName!.Split('.')[^1]))}"
            : $"{command.Name} has no consumer");
    }

    private static IEnumerable<string> Unregistered(IEnumerable<string> consumers, IEnumerable<Source> sources)
    {
        var registered = sources.Where(source => !source.Path.StartsWith("tests/", StringComparison.Ordinal))
            .SelectMany(source => Regex.Matches(source.Code, @"\.Add(Effect)?(Consumer|Saga)<\s*(?<name>\w+)")
                .Select(match => match.Groups["name"].Value)).ToHashSet();
        return consumers.Where(consumer => !registered.Contains(consumer));
    }

    private static IEnumerable<string> WrongMessages(IEnumerable<Type> messages) => messages.Distinct()
        .Where(type => !IsSealedRecord(type) || string.IsNullOrEmpty(type.Namespace) || type.Namespace == "Aerona.Contracts").Select(type => type.FullName!);

    private static bool IsSealedRecord(Type type) => type.IsSealed && type.GetMethod("<Clone>$") is not null;

    private static void None(IEnumerable<string> violations) => Assert.True(!violations.Any(), string.Join('\n', violations));

    private sealed record TakeSample : ICommand;

    private sealed record TakeOther : ICommand;

    private sealed record ProperMessage;

    private record OpenMessage;

    private sealed class ClassMessage;

    private static class OneService
    {
        internal sealed class TakeSampleConsumer : IConsumer<TakeSample>
        {
            public Task Consume(ConsumeContext<TakeSample> context) => Task.CompletedTask;
        }

        internal sealed class TakeOtherConsumer : IConsumer<TakeOther>
        {
            public Task Consume(ConsumeContext<TakeOther> context) => Task.CompletedTask;
        }
    }

    private static class OtherService
    {
        internal sealed class TakeSampleConsumer : IConsumer<TakeSample>
        {
            public Task Consume(ConsumeContext<TakeSample> context) => Task.CompletedTask;
        }
    }
}
