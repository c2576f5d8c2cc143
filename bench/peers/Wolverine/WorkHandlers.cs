using Aerona.BookingsBench.Flow;
using Npgsql;
using Wolverine;
using Wolverine.Persistence.Durability;
using Wolverine.RDBMS;
using Wolverine.Runtime;

namespace WolverinePeer;

/// <summary>Each in one transaction with its row and its answer: the documented way without EF Core or Marten.</summary>
public static class WorkHandlers
{
    public static Task Handle(ReserveSeats message, IMessageContext context, NpgsqlDataSource database) =>
        WorkAsync(message.BookingId, 1, message.Data, new SeatsReserved(message.BookingId, message.Data), context, database);

    public static Task Handle(AuthorizePayment message, IMessageContext context, NpgsqlDataSource database) =>
        WorkAsync(message.BookingId, 2, message.Data, new PaymentAuthorized(message.BookingId, message.Data), context, database);

    public static Task Handle(IssueTickets message, IMessageContext context, NpgsqlDataSource database) =>
        WorkAsync(message.BookingId, 3, message.Data, new TicketsIssued(message.BookingId, message.Data), context, database);

    public static Task Handle(CapturePayment message, IMessageContext context, NpgsqlDataSource database) =>
        WorkAsync(message.BookingId, 4, message.Data, new PaymentCaptured(message.BookingId, message.Data), context, database);

    public static Task Handle(SendConfirmation message, IMessageContext context, NpgsqlDataSource database) =>
        WorkAsync(message.BookingId, 5, message.Data, new ConfirmationSent(message.BookingId, message.Data), context, database);

    public static async Task CreateTableAsync(NpgsqlDataSource database)
    {
        await using var create = database.CreateCommand(
            "CREATE TABLE work (id uuid PRIMARY KEY, booking_id uuid NOT NULL, step integer NOT NULL, data text NOT NULL)");
        await create.ExecuteNonQueryAsync();
    }

    private static async Task WorkAsync<T>(Guid bookingId, int step, string data, T answer, IMessageContext context, NpgsqlDataSource database)
    {
        var message = (MessageContext)context;
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await message.EnlistInOutboxAsync(new DatabaseEnvelopeTransaction((IMessageDatabase)message.Storage, transaction));
        await using (var insert = new NpgsqlCommand("INSERT INTO work (id, booking_id, step, data) VALUES ($1, $2, $3, $4)", connection, transaction)
        {
            Parameters = { new() { Value = Guid.CreateVersion7() }, new() { Value = bookingId }, new() { Value = step }, new() { Value = data } },
        })
        {
            await insert.ExecuteNonQueryAsync();
        }

        await message.PublishAsync(answer);
        await transaction.CommitAsync();
        await message.FlushOutgoingMessagesAsync();
    }
}
