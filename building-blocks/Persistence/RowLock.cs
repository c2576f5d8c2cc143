using System.Collections.Concurrent;
using System.Data.Common;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Aerona.Persistence;

/// <summary>A statement that goes ahead of a locking read, in the same round trip.</summary>
/// <param name="sql">Without semicolon; its parameters by name.</param>
/// <param name="parameters">Their values.</param>
public sealed class StatementAhead(string sql, params NpgsqlParameter[] parameters)
{
    /// <summary>How many rows it touched, once it has run.</summary>
    public int Affected { get; private set; }

    internal void PutBefore(DbCommand command)
    {
        command.CommandText = $"{sql};\n{command.CommandText}";
        command.Parameters.AddRange(parameters);
    }

    internal void Ran(DbDataReader reader) => Affected = reader.RecordsAffected;   // the read touches none
}

/// <summary>
/// Reads a row by its key and locks it. EF Core writes the statement, compiled once, so that every mapping works (money in two columns, JSON, keys of several
/// parts); what it cannot say is added when the statement goes out.
/// </summary>
internal sealed class RowLock : DbCommandInterceptor
{
    private const string Tag = "for update";

    private static readonly ConditionalWeakTable<DbContext, StatementAhead> Ahead = [];
    private static readonly ConditionalWeakTable<IModel, ConcurrentDictionary<Type, object>> Queries = [];
    private static readonly MethodInfo Property = typeof(EF).GetMethod(nameof(EF.Property))!;
    private static readonly MethodInfo CompileMethod = typeof(RowLock).GetMethod(nameof(Compile), BindingFlags.NonPublic | BindingFlags.Static)!;

    public static async Task<T?> ReadAsync<T>(DbContext db, object[] key, CancellationToken cancellationToken) where T : class
    {
        var query = (Func<DbContext, object[], IAsyncEnumerable<T>>)Queries.GetOrCreateValue(db.Model).GetOrAdd(typeof(T), static (_, model) => Query<T>(model), db.Model);
        T? found = null;
        await foreach (var row in query(db, key).WithCancellation(cancellationToken))
        {
            found = row;
        }

        return found;
    }

    /// <summary>The same with another statement ahead of it.</summary>
    public static async Task<T?> ReadAsync<T>(DbContext db, object[] key, StatementAhead ahead, CancellationToken cancellationToken) where T : class
    {
        Ahead.Add(db, ahead);
        try
        {
            return await ReadAsync<T>(db, key, cancellationToken);
        }
        finally
        {
            Ahead.Remove(db);
        }
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        if (command.CommandText.StartsWith($"-- {Tag}", StringComparison.Ordinal))
        {
            command.CommandText += "\nFOR UPDATE";
            if (Ahead.TryGetValue(eventData.Context!, out var ahead))
            {
                ahead.PutBefore(command);
            }
        }

        return new(result);
    }

    public override ValueTask<DbDataReader> ReaderExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
    {
        if (Ahead.TryGetValue(eventData.Context!, out var ahead))
        {
            ahead.Ran(result);
        }

        return new(result);
    }

    private static Func<DbContext, object[], IAsyncEnumerable<T>> Query<T>(IModel model) where T : class
    {
        var type = model.FindEntityType(typeof(T)) ?? throw new InvalidOperationException($"{typeof(T).Name} is not mapped");
        var properties = type.FindPrimaryKey()!.Properties;
        return properties.Count switch
        {
            1 => Compiled<T>(properties[0].ClrType, typeof(bool), properties),
            2 => Compiled<T>(properties[0].ClrType, properties[1].ClrType, properties),
            _ => throw new NotSupportedException($"The key of {typeof(T).Name} has {properties.Count} parts; rows with keys of one or two can be locked"),
        };
    }

    private static Func<DbContext, object[], IAsyncEnumerable<T>> Compiled<T>(Type first, Type second, IReadOnlyList<IProperty> properties) =>
        (Func<DbContext, object[], IAsyncEnumerable<T>>)CompileMethod.MakeGenericMethod(typeof(T), first, second).Invoke(null, [properties])!;

    private static Func<DbContext, object[], IAsyncEnumerable<T>> Compile<T, TFirst, TSecond>(IReadOnlyList<IProperty> properties) where T : class
    {
        var (db, first, second, row) = (
            Expression.Parameter(typeof(DbContext), "db"), Expression.Parameter(typeof(TFirst), "first"), Expression.Parameter(typeof(TSecond), "second"),
            Expression.Parameter(typeof(T), "row"));
        var condition = properties.Zip([first, second], (property, value) => Equal(row, property, value)).Aggregate(Expression.AndAlso);
        // db => db.Set<T>().TagWith(..).Where(row => row.First == first && row.Second == second)
        Expression<Func<DbContext, IQueryable<T>>> rows = context => context.Set<T>().TagWith(Tag);
        var where = Expression.Call(
            typeof(Queryable), nameof(Queryable.Where), [typeof(T)], new Replaced(rows.Parameters[0], db).Visit(rows.Body),
            Expression.Quote(Expression.Lambda<Func<T, bool>>(condition, row)));
        var query = EF.CompileAsyncQuery(Expression.Lambda<Func<DbContext, TFirst, TSecond, IQueryable<T>>>(where, db, first, second));
        return (context, key) => key.Length == properties.Count
            ? query(context, (TFirst)key[0], key.Length > 1 ? (TSecond)key[1] : default!)
            : throw new ArgumentException($"The key of {typeof(T).Name} has {properties.Count} parts, not {key.Length}", nameof(key));
    }

    private static BinaryExpression Equal(ParameterExpression row, IProperty property, ParameterExpression value) =>
        Expression.Equal(Expression.Call(Property.MakeGenericMethod(property.ClrType), row, Expression.Constant(property.Name)), value);

    private sealed class Replaced(ParameterExpression from, ParameterExpression to) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : node;
    }
}
