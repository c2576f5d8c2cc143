using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Aerona.Persistence;

/// <summary>Rows written by the thousand, past the change tracker. The SQL is common to SQLite and PostgreSQL.</summary>
public static class BulkRows
{
    // SQLite looks parameters up by name one after the other, so longer statements are slower there; shorter ones cost PostgreSQL round trips.
    private const int RowsInAStatement = 20;

    /// <summary>
    /// Writes the rows in the context's transaction; one whose key exists replaces what is there only if its <paramref name="version"/> is higher.
    /// The keys must differ from each other.
    /// </summary>
    /// <param name="db">The context, in a transaction; tracked entities are not touched.</param>
    /// <param name="rows">Any number, none included.</param>
    /// <param name="version">The property that grows with each change; null leaves existing rows alone.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task UpsertAsync<T>(this DbContext db, IReadOnlyList<T> rows, string? version, CancellationToken cancellationToken) where T : class
    {
        var transaction = db.RequireTransaction();
        var entity = db.Model.FindEntityType(typeof(T)) ?? throw new InvalidOperationException($"{typeof(T).Name} is not mapped");
        var sql = db.GetService<ISqlGenerationHelper>();
        var columns = entity.GetProperties().Select(property => new Column(property, sql)).ToList();

        foreach (var chunks in rows.Chunk(RowsInAStatement).GroupBy(chunk => chunk.Length))
        {
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.Transaction = transaction.GetDbTransaction();
            command.CommandText = Statement(entity, columns, version, chunks.Key, sql);
            foreach (var chunk in chunks)
            {
                Fill(command, columns, chunk);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
        }
    }

    private static string Statement(IEntityType entity, List<Column> columns, string? version, int rows, ISqlGenerationHelper sql)
    {
        var table = sql.DelimitIdentifier(entity.GetTableName()!);
        var keys = columns.Where(column => column.Property.IsPrimaryKey()).Select(column => column.Name);
        var others = columns.Where(column => !column.Property.IsPrimaryKey()).Select(column => $"{column.Name} = excluded.{column.Name}");
        var values = Enumerable.Range(0, rows).Select(row => $"({string.Join(", ", columns.Select((_, column) => Parameter(row, column, columns.Count)))})");
        var newer = columns.Find(column => column.Property.Name == version)?.Name;
        return $"INSERT INTO {table} ({string.Join(", ", columns.Select(column => column.Name))}) VALUES {string.Join(", ", values)} ON CONFLICT ({string.Join(", ", keys)}) DO "
            + (newer is null ? "NOTHING" : $"UPDATE SET {string.Join(", ", others)} WHERE {table}.{newer} < excluded.{newer}");
    }

    private static void Fill<T>(DbCommand command, List<Column> columns, T[] rows)
    {
        var first = command.Parameters.Count == 0;
        for (var row = 0; row < rows.Length; row++)
        {
            for (var column = 0; column < columns.Count; column++)
            {
                var value = columns[column].Value(command, Parameter(row, column, columns.Count), rows[row]!);
                if (first)
                {
                    command.Parameters.Add(value);
                }
                else
                {
                    command.Parameters[(row * columns.Count) + column].Value = value.Value;
                }
            }
        }
    }

    private static string Parameter(int row, int column, int columns) => $"@p{(row * columns) + column}";

    /// <summary>A mapped property with its column, and values as the database takes them.</summary>
    private sealed class Column(IProperty property, ISqlGenerationHelper sql)
    {
        private readonly RelationalTypeMapping mapping = property.GetRelationalTypeMapping();

        public IProperty Property { get; } = property;

        public string Name { get; } = sql.DelimitIdentifier(property.GetColumnName());

        public DbParameter Value(DbCommand command, string name, object row) =>
            mapping.CreateParameter(command, name, Property.PropertyInfo!.GetValue(row), Property.IsNullable);
    }
}
