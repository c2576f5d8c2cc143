using Microsoft.Extensions.Hosting;

namespace Aerona.Suppliers;

/// <summary>What an assembly brings that Airlines loads at start (<c>Plugins:0</c>, …): suppliers of its own, or something around those that are there.</summary>
public interface ISupplierPlugin
{
    /// <summary>Adds or decorates <see cref="ISupplier"/>s; called once, when Airlines has added its own.</summary>
    void Add(IHostApplicationBuilder builder);
}

/// <summary>Names an assembly's plug-in, a class with a constructor without parameters.</summary>
/// <typeparam name="TPlugin">The class.</typeparam>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class SupplierPluginAttribute<TPlugin> : SupplierPluginAttribute where TPlugin : ISupplierPlugin, new()
{
    /// <inheritdoc/>
    public override ISupplierPlugin Make() => new TPlugin();
}

/// <summary>See <see cref="SupplierPluginAttribute{TPlugin}"/>.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public abstract class SupplierPluginAttribute : Attribute
{
    /// <summary>A new one.</summary>
    public abstract ISupplierPlugin Make();
}
