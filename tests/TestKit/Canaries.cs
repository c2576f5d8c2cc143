using System.Data.Common;
using System.Globalization;
using System.Text;

namespace Aerona.TestKit;

/// <summary>Looks for somebody in a SQLite database: every value of every row of every table but the messages on their way, which live for moments.</summary>
public static class Canaries
{
    private static readonly string[] Messages = ["outbox", "dead_letter"];

    /// <summary>Where one of the texts stands: <c>booking.contact: an@example.org</c>.</summary>
    public static async Task<IReadOnlyList<string>> FindAsync(DbConnection connection, params string[] canaries)
    {
        if (connection.State != System.Data.ConnectionState.Open)
        {
            await connection.OpenAsync();
        }

        List<string> tables = [];
        await ReadAsync(connection, "SELECT name FROM sqlite_master WHERE type = 'table'", reader => tables.Add(reader.GetString(0)));
        List<string> found = [];
        foreach (var table in tables.Except(Messages))
        {
            await ReadAsync(connection, $"SELECT * FROM \"{table}\"", reader =>
            {
                for (var column = 0; column < reader.FieldCount; column++)
                {
                    var text = reader.GetValue(column) is byte[] bytes ? Encoding.UTF8.GetString(bytes) : Convert.ToString(reader.GetValue(column), CultureInfo.InvariantCulture)!;
                    found.AddRange(canaries.Where(canary => text.Contains(canary, StringComparison.OrdinalIgnoreCase)).Select(canary => $"{table}.{reader.GetName(column)}: {canary}"));
                }
            });
        }

        return found;
    }

    private static async Task ReadAsync(DbConnection connection, string sql, Action<DbDataReader> read)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            read(reader);
        }
    }
}
