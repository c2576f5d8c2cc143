// The flow on Wolverine as its documentation has it: lightweight saga storage, durable inbox and outbox everywhere, quorum queues.
using Aerona.BookingsBench.Flow;
using Aerona.BookingsBench.Load;
using JasperFx.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wolverine;
using Wolverine.Postgresql;
using Wolverine.RabbitMQ;
using Wolverine.RDBMS;
using Wolverine.Runtime;
using WolverinePeer;

string[] work = ["reservation", "payment", "ticketing", "notification"];
var orchestrates = args is ["orchestrator"];
var database = NpgsqlDataSource.Create(Setting.Database);
var load = new LoadGenerator();

var builder = Host.CreateApplicationBuilder();
builder.Logging.ClearProviders().AddConsole().SetMinimumLevel(LogLevel.Warning);
builder.Services.AddSingleton(database);
builder.Services.AddSingleton(load);
builder.UseWolverine(options =>
{
    options.ServiceName = orchestrates ? "orchestrator" : "workers";
    options.Discovery.DisableConventionalDiscovery();
    options.PersistMessagesWithPostgresql(database, options.ServiceName);
    options.Services.AddResourceSetupOnStartup();
    options.Policies.UseDurableInboxOnAllListeners();
    options.Policies.UseDurableOutboxOnAllSendingEndpoints();
    options.Durability.Mode = DurabilityMode.Solo;   // one node a service: no election of a leader
    options.UseRabbitMq(Setting.RabbitMq).AutoProvision().UseQuorumQueues();

    void Listen(string queue) => options.ListenToRabbitQueue(queue)
        .PreFetchCount((ushort)Setting.Prefetch).MaximumParallelMessages(Setting.Concurrency).UseDurableInbox();
    if (orchestrates)
    {
        options.AddSagaType<BookingSaga>("booking_saga");
        options.Discovery.IncludeType<BookingSaga>();
        Listen("saga");
        options.PublishMessage<StartBooking>().ToRabbitQueue("saga");
        options.PublishMessage<ReserveSeats>().ToRabbitQueue("reservation");
        options.PublishMessage<AuthorizePayment>().ToRabbitQueue("payment");
        options.PublishMessage<IssueTickets>().ToRabbitQueue("ticketing");
        options.PublishMessage<CapturePayment>().ToRabbitQueue("payment");
        options.PublishMessage<SendConfirmation>().ToRabbitQueue("notification");
    }
    else
    {
        options.Discovery.IncludeType(typeof(WorkHandlers));
        foreach (var queue in work)
        {
            Listen(queue);
        }

        options.PublishMessage<SeatsReserved>().ToRabbitQueue("saga");
        options.PublishMessage<PaymentAuthorized>().ToRabbitQueue("saga");
        options.PublishMessage<TicketsIssued>().ToRabbitQueue("saga");
        options.PublishMessage<PaymentCaptured>().ToRabbitQueue("saga");
        options.PublishMessage<ConfirmationSent>().ToRabbitQueue("saga");
    }
});

using var host = builder.Build();
if (!orchestrates)
{
    await WorkHandlers.CreateTableAsync(database);
}

await host.StartAsync();
if (orchestrates)
{
    var runtime = host.Services.GetRequiredService<IWolverineRuntime>();
    await load.ServeAsync(id => new MessageBus(runtime).SendAsync(new StartBooking(id, LoadGenerator.Payload)).AsTask());
}
else
{
    Answer.Write(new Answer("ready"));
    await Console.In.ReadLineAsync();   // until the driver closes it
}

await host.StopAsync();
