using System.Collections.Concurrent;
using System.Data.Common;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Aerona.Persistence;

/// <summary>A row as it was read, and what it was read into.</summary>
/// <param name="Entity">The entity; may have been changed since.</param>
/// <param name="Version">PostgreSQL's own: another one once anybody has changed the row.</param>
/// <param name="Values">What stood in the columns.</param>
public sealed record LoadedRow(object Entity, uint Version, IReadOnlyList<object?> Values);

/// <summary>
/// Reads and writes the rows of an entity past the change tracker, on PostgreSQL: columns, conversions and keys are EF Core's model's, so nothing is mapped
/// twice. Commands only, that others put into batches. What the model says beyond plain columns (relations, inheritance, owned types) is left to EF Core.
/// </summary>
public sealed class RowMap
{
    private static readonly ConditionalWeakTable<IModel, ConcurrentDictionary<Type, RowMap?>> Maps = [];
    private static readonly MethodInfo ReadMethod = typeof(RowMap).GetMethod(nameof(ReadValue), BindingFlags.NonPublic | BindingFlags.Static)!;

    private readonly Column[] _columns;
    private readonly Column? _key;
    private readonly Func<object>? _make;
    private readonly string _table;
    private readonly string _insert;
    private readonly string _insertWithoutIds;
    private readonly ConcurrentDictionary<string, string> _updates = new(StringComparer.Ordinal);

    private RowMap(IEntityType type, List<Column> columns)
    {
        _columns = [.. columns];
        _table = Quoted(type.GetTableName()!, type.GetSchema());
        _insert = InsertOf(_columns);
        _insertWithoutIds = InsertOf([.. _columns.Where(column => !column.IsGenerated)]);
        _key = type.FindPrimaryKey()!.Properties is [{ ClrType: var key } property] && key == typeof(Guid) ? columns.Find(column => column.Property == property) : null;
        if (_key is not null && columns.TrueForAll(column => column.Set is not null) && type.ClrType.GetConstructor(Type.EmptyTypes) is { } constructor)
        {
            _make = Expression.Lambda<Func<object>>(Expression.New(constructor)).Compile();
        }
    }

    /// <summary>Whether rows can be read here: the key is one Guid and every property can be set.</summary>
    public bool CanBeLoaded => _make is not null;

    /// <summary>The key's column, quoted.</summary>
    public string Key => _key?.Name ?? throw new InvalidOperationException($"The rows of {_table} are not read by one id");

    /// <summary>The table, quoted.</summary>
    public string Table => _table;

    /// <summary>What <see cref="Load"/> wants to find in a row: the version, then the columns.</summary>
    public string Columns => "xmin, " + string.Join(", ", _columns.Select(column => column.Name));

    /// <summary>The map of that entity; null when EF Core has to do it.</summary>
    public static RowMap? Of(DbContext db, Type entity) =>
        Maps.GetOrCreateValue(db.Model).GetOrAdd(entity, static (entity, model) => Make(model.FindEntityType(entity)), db.Model);

    /// <summary>Reads the row from there; null when the version is.</summary>
    /// <param name="reader">Stands on the row.</param>
    /// <param name="at">Where <see cref="Columns"/> begin.</param>
    public LoadedRow? Load(DbDataReader reader, int at)
    {
        if (reader.IsDBNull(at))
        {
            return null;
        }

        var entity = _make!();
        var values = new object?[_columns.Length];
        for (var number = 0; number < values.Length; number++)
        {
            var column = _columns[number];
            values[number] = column.Read(reader, at + 1 + number);
            column.Set!(entity, column.FromProvider is { } convert ? convert(values[number]) : values[number]);
        }

        return new(entity, reader.GetFieldValue<uint>(at), values);
    }

    /// <summary>Whether the database gives the new row an id, which nobody is told.</summary>
    public bool GetsIdFromDatabase(object entity) => Array.Exists(_columns, column => column.IsGenerated && column.IsUnset(entity));

    /// <summary>Writes a new row.</summary>
    public NpgsqlBatchCommand Insert(object entity)
    {
        var withoutIds = GetsIdFromDatabase(entity);
        var insert = new NpgsqlBatchCommand(withoutIds ? _insertWithoutIds : _insert);
        foreach (var column in _columns)
        {
            if (!withoutIds || !column.IsGenerated)
            {
                insert.Parameters.Add(column.Parameter(column.Value(entity)));
            }
        }

        return insert;
    }

    /// <summary>Writes what has been changed since it was read; null when nothing has. Fails (22012) when somebody else has changed the row meanwhile.</summary>
    public NpgsqlBatchCommand? Update(LoadedRow row)
    {
        List<Column>? changed = null;
        List<NpgsqlParameter>? values = null;
        for (var number = 0; number < _columns.Length; number++)
        {
            var column = _columns[number];
            var value = column.Value(row.Entity);
            if (column != _key && !column.Comparer.Equals(value, row.Values[number]))
            {
                (changed ??= []).Add(column);
                (values ??= []).Add(column.Parameter(value));
            }
        }

        return changed is null ? null : OfVersion(_updates.GetOrAdd(string.Join(", ", changed.Select((column, number) => $"{column.Name} = ${number + 3}")), UpdateOf), row, values!);
    }

    /// <summary>Deletes the row. Fails (22012) when somebody else has changed it meanwhile.</summary>
    public NpgsqlBatchCommand Delete(LoadedRow row) => OfVersion(_updates.GetOrAdd("", _ => Guarded($"DELETE FROM {_table}")), row, []);

    private NpgsqlBatchCommand OfVersion(string sql, LoadedRow row, List<NpgsqlParameter> values)
    {
        var command = new NpgsqlBatchCommand(sql)
        {
            Parameters = { _key!.Parameter(_key.Value(row.Entity)), new NpgsqlParameter<uint> { TypedValue = row.Version, NpgsqlDbType = NpgsqlDbType.Xid } },
        };
        values.ForEach(value => command.Parameters.Add(value));
        return command;
    }

    private string UpdateOf(string set) => Guarded($"UPDATE {_table} SET {set}");

    // The commit travels with the command, so it is the server that has to refuse: nothing divides by no rows.
    private string Guarded(string change) => $"WITH changed AS ({change} WHERE {Key} = $1 AND xmin = $2 RETURNING 1) SELECT 1 / count(*) FROM changed";

    private string InsertOf(Column[] columns) =>
        $"INSERT INTO {_table} ({string.Join(", ", columns.Select(column => column.Name))}) VALUES ({string.Join(", ", columns.Select((_, number) => $"${number + 1}"))})";

    private static RowMap? Make(IEntityType? type)
    {
        if (type is null || type.BaseType is not null || type.GetDerivedTypes().Any() || type.IsOwned() || type.FindPrimaryKey() is null || type.GetTableName() is null
            || type.GetTableMappings().Count() != 1 || type.GetForeignKeys().Any() || type.GetReferencingForeignKeys().Any() || type.GetSkipNavigations().Any())
        {
            return null;
        }

        var entity = Expression.Parameter(typeof(object), "entity");
        List<Column> columns = [];
        return AddColumns(type, Expression.Convert(entity, type.ClrType), entity, columns, settable: true) ? new(type, columns) : null;
    }

    /// <summary>False when there is one that only EF Core can fill.</summary>
    private static bool AddColumns(ITypeBase type, Expression owner, ParameterExpression entity, List<Column> columns, bool settable)
    {
        foreach (var property in type.GetProperties())
        {
            if (property.IsShadowProperty() || property.IsIndexerProperty() || property.PropertyInfo is not { GetMethod: not null } member
                || property.ValueGenerated is not (ValueGenerated.Never or ValueGenerated.OnAdd) || property.GetComputedColumnSql() is not null)
            {
                return false;
            }

            columns.Add(new Column(property, Expression.Property(owner, member), entity, settable ? Setter(property, entity) : null));
        }

        // A value in columns of its own, such as Money: written here, read by EF Core alone, which knows how it is made.
        return type.GetComplexProperties().All(complex => complex is { IsCollection: false, IsNullable: false, PropertyInfo: not null } && !complex.ComplexType.IsMappedToJson()
            && AddColumns(complex.ComplexType, Expression.Property(owner, complex.PropertyInfo), entity, columns, settable: false));
    }

    private static Action<object, object?>? Setter(IProperty property, ParameterExpression entity)
    {
        var value = Expression.Parameter(typeof(object), "value");
        MemberInfo? member = property.PropertyInfo is { SetMethod: not null } settable ? settable : property.FieldInfo;
        return member is null ? null : Expression.Lambda<Action<object, object?>>(
            Expression.Assign(Expression.MakeMemberAccess(Expression.Convert(entity, property.DeclaringType.ClrType), member), Expression.Convert(value, property.ClrType)),
            entity, value).Compile();
    }

    private static object? ReadValue<T>(DbDataReader reader, int at) => reader.IsDBNull(at) ? null : reader.GetFieldValue<T>(at);

    private static string Quoted(string name, string? schema = null) =>
        (schema is null ? "" : Quoted(schema) + ".") + '"' + name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';

    private sealed class Column
    {
        private readonly Func<object, object?> _get;
        private readonly Func<object?, object?>? _toProvider;
        private readonly object? _unset;
        private readonly NpgsqlDbType _type;

        public Column(IProperty property, Expression member, ParameterExpression entity, Action<object, object?>? set)
        {
            var mapping = property.GetRelationalTypeMapping();
            var provider = mapping.Converter?.ProviderClrType ?? property.ClrType;
            Property = property;
            Name = Quoted(property.GetColumnName());
            IsGenerated = property.ValueGenerated == ValueGenerated.OnAdd;
            Comparer = property.GetProviderValueComparer();
            Set = set;
            Read = ReadMethod.MakeGenericMethod(Nullable.GetUnderlyingType(provider) ?? provider).CreateDelegate<Func<DbDataReader, int, object?>>();
            FromProvider = mapping.Converter?.ConvertFromProvider;
            _toProvider = mapping.Converter?.ConvertToProvider;
            _get = Expression.Lambda<Func<object, object?>>(Expression.Convert(member, typeof(object)), entity).Compile();
            _unset = property.Sentinel;
            using var command = new NpgsqlCommand();
            _type = ((NpgsqlParameter)mapping.CreateParameter(command, "p", null, nullable: true)).NpgsqlDbType;
        }

        public IProperty Property { get; }

        public string Name { get; }

        /// <summary>By the database, unless it has been set.</summary>
        public bool IsGenerated { get; }

        public ValueComparer Comparer { get; }

        public Action<object, object?>? Set { get; }

        public Func<DbDataReader, int, object?> Read { get; }

        public Func<object?, object?>? FromProvider { get; }

        public bool IsUnset(object entity) => Equals(_get(entity), _unset);

        public object? Value(object entity) => _toProvider is null ? _get(entity) : _toProvider(_get(entity));

        public NpgsqlParameter Parameter(object? value) => _type == NpgsqlDbType.Unknown
            ? new() { Value = value ?? DBNull.Value }
            : new() { Value = value ?? DBNull.Value, NpgsqlDbType = _type };
    }
}
