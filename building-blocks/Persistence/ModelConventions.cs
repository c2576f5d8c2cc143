using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Aerona.Persistence;

/// <summary>What every context of Aerona maps alike.</summary>
public static class ModelConventions
{
    /// <summary>
    /// For <c>ConfigureConventions</c>: snake_case names, Money as two columns (minor units, currency), enums as text, instants as UTC (ticks on SQLite),
    /// local times and days as such.
    /// </summary>
    public static void UseAeronaConventions(this ModelConfigurationBuilder conventions) => throw new NotImplementedException();

    /// <summary>Keeps a value as JSON text in one column, compared by that text.</summary>
    public static PropertyBuilder<T> HasJson<T>(this PropertyBuilder<T> property) => throw new NotImplementedException();
}
