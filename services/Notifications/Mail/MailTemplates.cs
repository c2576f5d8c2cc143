using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Aerona.Notifications.Mail;

/// <summary>Renders a template to an HTML document; everything put in is encoded.</summary>
internal sealed class MailTemplates(IServiceProvider services, ILoggerFactory logs)
{
    /// <summary>The template has one parameter, <c>Model</c>.</summary>
    public async Task<string> RenderAsync<TTemplate>(object model) where TTemplate : IComponent
    {
        await using var renderer = new HtmlRenderer(services, logs);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var output = await renderer.RenderComponentAsync<TTemplate>(ParameterView.FromDictionary(new Dictionary<string, object?> { ["Model"] = model }));
            return output.ToHtmlString();
        });
    }
}
