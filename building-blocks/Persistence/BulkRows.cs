using System.Collections.Concurrent;
using System.Globalization;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using SQLitePCL;

namespace Aerona.Persistence;

/// <summary>
/// Rows written by the thousand, past the change tracker and past a parameter a value: on SQLite one prepared statement that every row is bound to, on PostgreSQL an
/// array a column and one statement for all rows.
/// </summary>
public static class BulkRows
{
    /// <summary>
    /// Writes the rows in the context's transaction; one whose key exists replaces what is there only if its <paramref name="version"/> is higher.
    /// The keys must differ from each other.
    /// </summary>
    /// <param name="db">The context, in a transaction; tracked entities are not touched.</param>
    /// <param name="rows">Any number, none included.</param>
    /// <param name="version">The property that grows with each change; null leaves existing rows alone.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="kept">A property that a row keeps from when it was new; null: none.</param>
    /// <returns>How many rows are new or were replaced.</returns>
    public static async Task<int> UpsertAsync<T>(
        this DbContext db, IReadOnlyList<T> rows, string? version, CancellationToken cancellationToken, string? kept = null) where T : class
    {
        var transaction = db.RequireTransaction().GetDbTransaction();
        if (rows.Count == 0)
        {
            return 0;
        }

        var table = BulkTable<T>.Of(db);
        if (db.Database.GetDbConnection() is SqliteConnection file)
        {
            return table.Write(file, rows, version, kept, cancellationToken);
        }

        await using var command = (NpgsqlCommand)transaction.Connection!.CreateCommand();
        command.Transaction = (NpgsqlTransaction)transaction;
        table.Fill(command, rows, version, kept);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>An entity's table as the model has it, with compiled ways from a property to what the database takes.</summary>
internal sealed class BulkTable<T> where T : class
{
    private const int RowsBetweenLooks = 256;

    private static readonly ConditionalWeakTable<IModel, BulkTable<T>> Tables = [];

    private readonly string table;

    private readonly Column[] columns;

    private readonly ConcurrentDictionary<(string?, string?, bool), string> statements = [];

    private BulkTable(IEntityType entity, ISqlGenerationHelper sql)
    {
        table = sql.DelimitIdentifier(entity.GetTableName()!);
        columns = [.. entity.GetProperties().Select(property => Column.Of(property, sql))];
    }

    public static BulkTable<T> Of(DbContext db) => Tables.GetValue(db.Model, model => new(
        model.FindEntityType(typeof(T)) ?? throw new InvalidOperationException($"{typeof(T).Name} is not mapped"), db.GetService<ISqlGenerationHelper>()));

    public int Write(SqliteConnection connection, IReadOnlyList<T> rows, string? version, string? kept, CancellationToken cancellationToken)
    {
        var file = connection.Handle!;
        var before = raw.sqlite3_total_changes(file);
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(file, Statement(version, kept, isServer: false), out var statement), file);
        using (statement)
        {
            for (var row = 0; row < rows.Count; row++)
            {
                if (row % RowsBetweenLooks == 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                }

                for (var column = 0; column < columns.Length; column++)
                {
                    columns[column].Bind(statement, column + 1, rows[row]);
                }

                var result = raw.sqlite3_step(statement);
                if (result != raw.SQLITE_DONE)
                {
                    SqliteException.ThrowExceptionForRC(result, file);
                }

                _ = raw.sqlite3_reset(statement);
            }
        }

        return raw.sqlite3_total_changes(file) - before;
    }

    public void Fill(NpgsqlCommand command, IReadOnlyList<T> rows, string? version, string? kept)
    {
        command.CommandText = Statement(version, kept, isServer: true);
        foreach (var column in columns)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = column.Values(rows) });
        }
    }

    private string Statement(string? version, string? kept, bool isServer) => statements.GetOrAdd((version, kept, isServer), _ =>
    {
        var values = isServer
            ? $"SELECT * FROM unnest({string.Join(", ", columns.Select((column, at) => $"${at + 1}::{column.StoreType}[]"))})"
            : $"VALUES ({string.Join(", ", columns.Select((_, at) => $"?{at + 1}"))})";
        var keys = columns.Where(column => column.IsKey).Select(column => column.Name);
        var others = columns.Where(column => !column.IsKey && column.Property != kept).Select(column => $"{column.Name} = excluded.{column.Name}");
        var newer = version is null ? null : Array.Find(columns, column => column.Property == version)?.Name
            ?? throw new InvalidOperationException($"{typeof(T).Name} has no {version}");
        return $"INSERT INTO {table} ({string.Join(", ", columns.Select(column => column.Name))}) {values} ON CONFLICT ({string.Join(", ", keys)}) DO "
            + (newer is null ? "NOTHING" : $"UPDATE SET {string.Join(", ", others)} WHERE {table}.{newer} < excluded.{newer}");
    });

    /// <summary>A mapped property, with its column.</summary>
    private abstract class Column(IProperty property, ISqlGenerationHelper sql)
    {
        public string Property { get; } = property.Name;

        public string Name { get; } = sql.DelimitIdentifier(property.GetColumnName());

        public string StoreType { get; } = property.GetRelationalTypeMapping().StoreTypeNameBase;

        public bool IsKey { get; } = property.IsPrimaryKey();

        /// <summary>For SQLite: as its provider would write it.</summary>
        public abstract void Bind(sqlite3_stmt statement, int at, T row);

        /// <summary>For PostgreSQL: the column's values, an array of what its provider takes.</summary>
        public abstract Array Values(IReadOnlyList<T> rows);

        public static Column Of(IProperty property, ISqlGenerationHelper sql)
        {
            var row = Expression.Parameter(typeof(T));
            Expression value = Expression.Property(row, property.PropertyInfo ?? throw new InvalidOperationException($"{typeof(T).Name}.{property.Name} is no property"));
            Expression? isThere = null;
            if (Nullable.GetUnderlyingType(value.Type) is not null)
            {
                (isThere, value) = (Expression.Property(value, "HasValue"), Expression.Property(value, "Value"));
            }
            else if (!value.Type.IsValueType)
            {
                isThere = Expression.NotEqual(value, Expression.Constant(null, value.Type));
            }

            if (property.GetRelationalTypeMapping().Converter is { } converter)
            {
                var convert = converter.ConvertToProviderExpression;
                value = Expression.Invoke(convert, value.Type == convert.Parameters[0].Type ? value : Expression.Convert(value, convert.Parameters[0].Type));
            }

            var has = isThere is null ? null : Expression.Lambda<Func<T, bool>>(isThere, row).Compile();
            var kind = (value.Type.IsValueType ? typeof(ValueColumn<>) : typeof(ReferenceColumn<>)).MakeGenericType(typeof(T), value.Type);
            return (Column)Activator.CreateInstance(kind, property, sql, has, Expression.Lambda(value, row).Compile())!;
        }
    }

    private sealed class ValueColumn<TValue>(IProperty property, ISqlGenerationHelper sql, Func<T, bool>? has, Func<T, TValue> get) : Column(property, sql)
        where TValue : struct
    {
        public override void Bind(sqlite3_stmt statement, int at, T row)
        {
            if (has is null || has(row))
            {
                SqliteValues.Bind(statement, at, get(row));
            }
            else
            {
                _ = raw.sqlite3_bind_null(statement, at);
            }
        }

        public override Array Values(IReadOnlyList<T> rows)
        {
            if (has is null)
            {
                var values = new TValue[rows.Count];
                for (var row = 0; row < values.Length; row++)
                {
                    values[row] = get(rows[row]);
                }

                return values;
            }

            var some = new TValue?[rows.Count];
            for (var row = 0; row < some.Length; row++)
            {
                some[row] = has(rows[row]) ? get(rows[row]) : null;
            }

            return some;
        }
    }

    private sealed class ReferenceColumn<TValue>(IProperty property, ISqlGenerationHelper sql, Func<T, bool>? has, Func<T, TValue> get) : Column(property, sql)
        where TValue : class
    {
        public override void Bind(sqlite3_stmt statement, int at, T row)
        {
            if (has is null || has(row))
            {
                SqliteValues.Bind(statement, at, get(row));
            }
            else
            {
                _ = raw.sqlite3_bind_null(statement, at);
            }
        }

        public override Array Values(IReadOnlyList<T> rows)
        {
            var values = new TValue?[rows.Count];
            for (var row = 0; row < values.Length; row++)
            {
                values[row] = has is null || has(rows[row]) ? get(rows[row]) : null;
            }

            return values;
        }
    }
}

/// <summary>Values as Microsoft.Data.Sqlite writes them, straight into a statement.</summary>
internal static class SqliteValues
{
    public static void Bind<TValue>(sqlite3_stmt statement, int at, TValue value)
    {
        // The JIT keeps one of these branches for each type of value.
        if (typeof(TValue) == typeof(string))
        {
            BindText(statement, at, (string)(object)value!);
        }
        else if (typeof(TValue) == typeof(long))
        {
            _ = raw.sqlite3_bind_int64(statement, at, (long)(object)value!);
        }
        else if (typeof(TValue) == typeof(int))
        {
            _ = raw.sqlite3_bind_int64(statement, at, (int)(object)value!);
        }
        else if (typeof(TValue) == typeof(bool))
        {
            _ = raw.sqlite3_bind_int64(statement, at, (bool)(object)value! ? 1 : 0);
        }
        else if (typeof(TValue) == typeof(double))
        {
            _ = raw.sqlite3_bind_double(statement, at, (double)(object)value!);
        }
        else if (typeof(TValue) == typeof(byte[]))
        {
            _ = raw.sqlite3_bind_blob(statement, at, (byte[])(object)value!);
        }
        else if (typeof(TValue) == typeof(DateTime))
        {
            Span<byte> text = stackalloc byte[32];
            _ = ((DateTime)(object)value!).TryFormat(text, out var length, @"yyyy\-MM\-dd HH\:mm\:ss.FFFFFFF", CultureInfo.InvariantCulture);
            _ = raw.sqlite3_bind_text(statement, at, text[..length]);
        }
        else if (typeof(TValue) == typeof(DateOnly))
        {
            Span<byte> text = stackalloc byte[16];
            _ = ((DateOnly)(object)value!).TryFormat(text, out var length, @"yyyy\-MM\-dd", CultureInfo.InvariantCulture);
            _ = raw.sqlite3_bind_text(statement, at, text[..length]);
        }
        else if (typeof(TValue) == typeof(Guid))
        {
            BindText(statement, at, ((Guid)(object)value!).ToString().ToUpperInvariant());
        }
        else
        {
            throw new NotSupportedException($"{typeof(TValue).Name} is not written in bulk on SQLite");
        }
    }

    private static void BindText(sqlite3_stmt statement, int at, string value)
    {
        if (value.Length <= 128)
        {
            Span<byte> text = stackalloc byte[3 * 128];
            _ = raw.sqlite3_bind_text(statement, at, text[..Encoding.UTF8.GetBytes(value, text)]);
        }
        else
        {
            _ = raw.sqlite3_bind_text(statement, at, value);
        }
    }
}
