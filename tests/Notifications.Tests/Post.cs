using System.Net;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Aerona.Contracts.Notifications;
using Aerona.Hosting;
using Aerona.Notifications.Data;
using Aerona.Notifications.Mail;
using Aerona.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;

namespace Aerona.Notifications.Tests;

/// <summary>The service from an event to the mails it leads to.</summary>
internal static partial class Post
{
    private static readonly ConditionalWeakTable<TestService, HashSet<long>> Consumed = [];

    /// <param name="mailer">In place of the folder; null: the folder.</param>
    public static async Task<TestService> OpenAsync(IMailer? mailer = null, DateTimeOffset? at = null, Dictionary<string, string?>? settings = null)
    {
        var service = await TestService.StartAsync(
            builder =>
            {
                builder.AddNotifications();
                if (mailer is not null)
                {
                    builder.Services.AddSingleton(mailer);
                }
            },
            bus => bus.AddNotificationsConsumers(), app => app.MapNotifications(), new Dictionary<string, string?>(settings ?? []) { ["PublicBaseUrl"] = "https://aerona.example" });
        if (at is { } moment)
        {
            service.Clock.SetUtcNow(moment);
        }

        return service;
    }

    /// <summary>Delivers the message and everything due now that it leads to.</summary>
    public static async Task DeliverAsync<T>(this TestService service, T message) where T : class
    {
        await service.ConsumeAsync(message);
        await service.DeliverDueAsync();
    }

    /// <summary>Delivers what the service told itself to do and is due by its clock, until there is no more.</summary>
    public static async Task DeliverDueAsync(this TestService service)
    {
        var consumed = Consumed.GetOrCreateValue(service);
        while (true)
        {
            var now = service.Clock.GetUtcNow();
            var due = (await service.OutgoingAsync(0)).Where(row => row.Message is SendDueMail or SendFlightNews && (row.DueAt is null || row.DueAt <= now) && consumed.Add(row.Id)).ToList();
            if (due.Count == 0)
            {
                return;
            }

            foreach (var row in due)
            {
                await service.ConsumeAsync(row.Message);
            }
        }
    }

    /// <summary>Lets time pass, and what becomes due meanwhile happen.</summary>
    public static async Task PassAsync(this TestService service, TimeSpan time)
    {
        service.Clock.Advance(time);
        await service.DeliverDueAsync();
    }

    /// <summary>By date.</summary>
    public static IReadOnlyList<string> MailFiles(this TestService service)
    {
        var folder = Path.Combine(service.Services.GetRequiredService<IConfiguration>()["Data:Folder"]!, "mail");
        return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.eml").Order(StringComparer.Ordinal)] : [];
    }

    /// <inheritdoc cref="MailFiles"/>
    public static IReadOnlyList<MimeMessage> Mails(this TestService service) => [.. service.MailFiles().Select(file => MimeMessage.Load(new MemoryStream(File.ReadAllBytes(file))))];

    public static Task<List<Delivery>> DeliveriesAsync(this TestService service) =>
        service.Query<NotificationsDbContext, List<Delivery>>(async db => [.. (await db.Deliveries.AsNoTracking().ToListAsync()).OrderBy(row => row.NotedAt).ThenBy(row => row.MessageId, StringComparer.Ordinal)]);

    public static string Token(this TestService service, string subject, params string[] roles) => service.Services.TokenFor(subject, roles, TimeSpan.FromDays(30));

    /// <summary>What a person sees of an HTML document.</summary>
    public static string Seen(string? html) => WebUtility.HtmlDecode(Tags().Replace(Unseen().Replace(html ?? "", " "), " ")).Replace('\u00a0', ' ');

    [GeneratedRegex(@"<head>.*?</head>", RegexOptions.Singleline)]
    private static partial Regex Unseen();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();
}
