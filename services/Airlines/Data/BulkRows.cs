using System.Data.Common;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Aerona.Airlines.Data;

/// <summary>Rows written by the hundred, past the change tracker. The SQL is common to SQLite and PostgreSQL.</summary>
internal static class BulkRows
{
    // Some 1,500 parameters a statement: both databases take more, but longer statements are no faster.
    private const int RowsInAStatement = 100;

    /// <summary>
    /// Writes the rows in the context's transaction; one whose key exists replaces what is there only if its <paramref name="version"/> is higher.
    /// The keys must differ from each other.
    /// </summary>
    /// <param name="db">The context; tracked entities are not touched.</param>
    /// <param name="rows">Any number, none included.</param>
    /// <param name="version">The property that grows with each change; null leaves existing rows alone.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task UpsertAsync<T>(this DbContext db, IReadOnlyList<T> rows, string? version, CancellationToken cancellationToken) where T : class
    {
        var entity = db.Model.FindEntityType(typeof(T)) ?? throw new InvalidOperationException($"{typeof(T).Name} is not mapped");
        var table = StoreObjectIdentifier.Create(entity, StoreObjectType.Table) ?? throw new InvalidOperationException($"{typeof(T).Name} has no table");
        var sql = db.GetService<ISqlGenerationHelper>();
        var columns = entity.GetProperties()
            .Select(property => (Property: property, Name: sql.DelimitIdentifier(property.GetColumnName(table)!), Mapping: property.GetRelationalTypeMapping()))
            .ToList();
        string Delimited(IReadOnlyProperty property) => sql.DelimitIdentifier(property.GetColumnName(table)!);
        var into = sql.DelimitIdentifier(table.Name);
        var keys = entity.FindPrimaryKey()!.Properties;
        var onConflict = $" ON CONFLICT ({string.Join(", ", keys.Select(Delimited))}) DO " + (version is null
            ? "NOTHING"
            : "UPDATE SET " + string.Join(", ", columns.Where(column => !keys.Contains(column.Property)).Select(column => $"{column.Name} = excluded.{column.Name}"))
                + $" WHERE {into}.{Delimited(entity.FindProperty(version)!)} < excluded.{Delimited(entity.FindProperty(version)!)}");

        await using var factory = db.Database.GetDbConnection().CreateCommand();
        foreach (var chunk in rows.Chunk(RowsInAStatement))
        {
            var statement = new StringBuilder($"INSERT INTO {into} ({string.Join(", ", columns.Select(column => column.Name))}) VALUES ");
            var parameters = new List<DbParameter>(chunk.Length * columns.Count);
            for (var row = 0; row < chunk.Length; row++)
            {
                statement.Append(row == 0 ? "(" : ", (");
                for (var column = 0; column < columns.Count; column++)
                {
                    var (property, _, mapping) = columns[column];
                    var name = $"@p{parameters.Count}";
                    statement.Append(column == 0 ? "" : ", ").Append(name);
                    parameters.Add(mapping.CreateParameter(factory, name, property.PropertyInfo!.GetValue(chunk[row]), property.IsNullable));
                }

                statement.Append(')');
            }

            await db.Database.ExecuteSqlRawAsync(statement.Append(onConflict).ToString(), parameters, cancellationToken);
        }
    }
}
