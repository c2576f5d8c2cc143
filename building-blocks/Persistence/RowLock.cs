using System.Collections.Concurrent;
using System.Data.Common;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Aerona.Persistence;

/// <summary>
/// Reads a row by its key and locks it. EF Core writes the statement, compiled once, so that every mapping works (money in two columns, JSON, keys of several
/// parts); what it cannot say is added when the statement goes out.
/// </summary>
internal sealed class RowLock : DbCommandInterceptor
{
    private const string Tag = "for update";

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

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        if (command.CommandText.StartsWith($"-- {Tag}", StringComparison.Ordinal))
        {
            command.CommandText += "\nFOR UPDATE";
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
