using System.Text.Json;
using Aerona.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Persistence;

/// <summary>What every context of Aerona maps alike.</summary>
public static class ModelConventions
{
    /// <summary>
    /// For <c>ConfigureConventions</c>: snake_case names, Money as two columns (minor units, currency), enums as text, instants as UTC (ticks on SQLite),
    /// local times and days as such.
    /// </summary>
    public static void UseAeronaConventions(this ModelConfigurationBuilder conventions)
    {
        conventions.Properties<Enum>().HaveConversion<string>();
        conventions.ComplexProperties<Money>();
        conventions.Conventions.Add(_ => new MoneyConvention());
        conventions.Conventions.Add(services => new InstantConvention(services.GetRequiredService<IDatabaseProvider>()));
        conventions.Conventions.Add(_ => new SnakeCaseConvention());
    }

    /// <summary>Keeps a value as JSON text in one column, compared by that text.</summary>
    public static PropertyBuilder<T> HasJson<T>(this PropertyBuilder<T> property)
    {
        property.HasConversion(
            new ValueConverter<T, string>(value => Write(value), json => Read<T>(json)),
            new ValueComparer<T>(
                (left, right) => Write(left) == Write(right), value => StringComparer.Ordinal.GetHashCode(Write(value)), value => Read<T>(Write(value))));
        return property;
    }

    private static string Write<T>(T? value) => JsonSerializer.Serialize(value, JsonSerializerOptions.Web);

    private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, JsonSerializerOptions.Web)!;
}

/// <summary>Money's columns: it has no setters, so they are named here.</summary>
internal sealed class MoneyConvention : IComplexPropertyAddedConvention
{
    public void ProcessComplexPropertyAdded(IConventionComplexPropertyBuilder propertyBuilder, IConventionContext<IConventionComplexPropertyBuilder> context)
    {
        if (propertyBuilder.Metadata.ComplexType is { } type && type.ClrType == typeof(Money))
        {
            type.Builder.Property(typeof(long), nameof(Money.MinorUnits));
            type.Builder.Property(typeof(string), nameof(Money.Currency))?.HasMaxLength(3)?.IsRequired(true);
        }
    }
}

/// <summary>
/// SQLite has no instants to compare: ticks of UTC there. PostgreSQL's are UTC, to the microsecond, and its driver takes no others; local times are kept apart from them.
/// </summary>
internal sealed class InstantConvention(IDatabaseProvider provider) : IPropertyAddedConvention
{
    private static readonly ValueConverter<DateTimeOffset, long> UtcTicks = new(at => at.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
    private static readonly ValueConverter<DateTimeOffset, DateTimeOffset> Utc = new(at => at.ToUniversalTime(), at => at);
    private static readonly ValueConverter<DateTime, DateTime> Local = new(at => DateTime.SpecifyKind(at, DateTimeKind.Unspecified), at => at);

    private readonly bool _isSqlite = provider.Name.EndsWith("Sqlite", StringComparison.Ordinal);

    public void ProcessPropertyAdded(IConventionPropertyBuilder propertyBuilder, IConventionContext<IConventionPropertyBuilder> context)
    {
        var type = Nullable.GetUnderlyingType(propertyBuilder.Metadata.ClrType) ?? propertyBuilder.Metadata.ClrType;
        if (type == typeof(DateTimeOffset))
        {
            propertyBuilder.HasConversion(_isSqlite ? UtcTicks : Utc);
        }
        else if (type == typeof(DateTime) && !_isSqlite)
        {
            propertyBuilder.HasConversion(Local)?.HasColumnType("timestamp without time zone");
        }
    }
}

/// <summary>Tables are named after the class (<c>dead_letter</c>), columns after the property (<c>price_minor_units</c>), unless the model says otherwise.</summary>
internal sealed class SnakeCaseConvention : IModelFinalizingConvention
{
    public void ProcessModelFinalizing(IConventionModelBuilder modelBuilder, IConventionContext<IConventionModelBuilder> context)
    {
        foreach (var entity in modelBuilder.Metadata.GetEntityTypes().Where(entity => !entity.IsOwned()))
        {
            if (entity.BaseType is null)
            {
                entity.Builder.ToTable(Snake(entity.ClrType.Name));
            }

            NameColumns(entity, "");
            foreach (var index in entity.GetDeclaredIndexes())
            {
                index.Builder.HasDatabaseName(index.GetDefaultDatabaseName()?.ToLowerInvariant());
            }
        }
    }

    private static void NameColumns(IConventionTypeBase type, string prefix)
    {
        foreach (var property in type.GetDeclaredProperties())
        {
            property.Builder.HasColumnName(prefix + Snake(property.Name));
        }

        foreach (var complex in type.GetDeclaredComplexProperties())
        {
            NameColumns(complex.ComplexType, prefix + Snake(complex.Name) + "_");
        }
    }

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
