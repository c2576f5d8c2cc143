using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.Notifications.Tests.Hooks;
using Xunit;

namespace Aerona.Notifications.Tests.Push;

/// <summary>The page in a real browser, driven over its own protocol.</summary>
public sealed class PushPageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact, Trait("long", "yes")]
    public async Task A_real_browser_registers_the_worker_and_the_worker_shows_what_is_fetched_for_a_message()
    {
        var program = new[] { "chromium", "chromium-browser", "google-chrome" }
            .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "no Chromium is installed: the page is not opened in a browser");
        await using var place = await Place.StartAsync();
        await using var browser = await Chromium.StartAsync(program!);
        var origin = place.Service.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        await browser.CallAsync("Browser.grantPermissions", new() { ["origin"] = origin, ["permissions"] = new JsonArray("notifications") });

        await browser.OpenAsync($"{origin}/push");
        await browser.UntilAsync("document.getElementById('worker').dataset.value", "ready");
        Assert.Equal("yes", await browser.EvaluateAsync("document.getElementById('browser').dataset.value"));
        Assert.Equal("granted", await browser.EvaluateAsync("document.getElementById('permission').dataset.value"));
        Assert.Equal("off", await browser.EvaluateAsync("document.getElementById('state').dataset.value"));
        Assert.Contains("link of your booking", await browser.EvaluateAsync("document.getElementById('hint').textContent"), StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("AERONA_PICTURES") is { Length: > 0 } pictures)
        {
            var picture = await browser.CallAsync("Page.captureScreenshot", new() { ["format"] = "png" }, browser.Session);
            await File.WriteAllBytesAsync(Path.Combine(pictures, "push.png"), Convert.FromBase64String(picture["data"]!.GetValue<string>()), TestContext.Current.CancellationToken);
        }

        await using var push = await Receiver.StartAsync();
        var keys = new { p256dh = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", auth = "BTBZMqHH6r4Tts7J_aSIgg" };
        await place.AskAsync(HttpMethod.Post, "/v1/push-subscriptions", new { endpoint = $"{push.Url}/mine", keys }, expected: System.Net.HttpStatusCode.Created);
        await place.BookAsync();
        var code = await place.Service.Query<Data.NotificationsDbContext, string>(db => Task.FromResult(db.PushNotices.Single().Code));

        // The browser's own service hands over what it decrypted; that it can is what the other tests show.
        var registration = await browser.RegistrationAsync(origin);
        await browser.CallAsync("ServiceWorker.deliverPushMessage", new()
        {
            ["origin"] = origin,
            ["registrationId"] = registration,
            ["data"] = JsonSerializer.Serialize(new { v = 1, kind = "booking.confirmed", id = Guid.NewGuid(), link = $"/v1/push-notices/{code}" }),
        }, browser.Session);

        await browser.UntilAsync("navigator.serviceWorker.getRegistration('/push/').then(r => r.getNotifications()).then(all => all.map(one => one.title).join())", "Your booking is confirmed");
        Assert.StartsWith("/manage/", await browser.EvaluateAsync("navigator.serviceWorker.getRegistration('/push/').then(r => r.getNotifications()).then(all => all[0].data.path)"), StringComparison.Ordinal);
    }

    /// <summary>A headless browser with a profile of its own.</summary>
    private sealed class Chromium : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly DirectoryInfo _profile;
        private readonly ClientWebSocket _socket = new();
        private readonly List<JsonObject> _events = [];
        private int _calls;

        private Chromium(Process process, DirectoryInfo profile) => (_process, _profile) = (process, profile);

        /// <summary>Of the page that is open.</summary>
        public string Session { get; private set; } = "";

        public static async Task<Chromium> StartAsync(string program)
        {
            var profile = Directory.CreateTempSubdirectory("aerona-browser-");
            var process = Process.Start(new ProcessStartInfo(
                program,
                ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--lang=en-US", "--remote-debugging-port=0", $"--user-data-dir={profile.FullName}", "about:blank"])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!;
            const string listening = "DevTools listening on ";
            var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            process.ErrorDataReceived += (_, line) =>
            {
                if (line.Data?.StartsWith(listening, StringComparison.Ordinal) == true)
                {
                    address.TrySetResult(line.Data[listening.Length..]);
                }
            };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            var browser = new Chromium(process, profile);
            try
            {
                await browser._socket.ConnectAsync(new(await address.Task.WaitAsync(Patience)), TestContext.Current.CancellationToken);
                return browser;
            }
            catch
            {
                await browser.DisposeAsync();
                throw;
            }
        }

        public async Task OpenAsync(string address)
        {
            var target = await CallAsync("Target.createTarget", new() { ["url"] = "about:blank" });
            var attached = await CallAsync("Target.attachToTarget", new() { ["targetId"] = target["targetId"]!.GetValue<string>(), ["flatten"] = true });
            Session = attached["sessionId"]!.GetValue<string>();
            await CallAsync("ServiceWorker.enable", [], Session);
            await CallAsync("Page.navigate", new() { ["url"] = address }, Session);
        }

        public async Task<string> EvaluateAsync(string expression) =>
            (await CallAsync("Runtime.evaluate", new() { ["expression"] = expression, ["awaitPromise"] = true, ["returnByValue"] = true }, Session))["result"]?["value"]?.ToString() ?? "";

        public async Task UntilAsync(string expression, string expected)
        {
            using var limit = new CancellationTokenSource(Patience);
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            var last = "";
            while ((last = await EvaluateAsync(expression)) != expected)
            {
                Assert.False(limit.IsCancellationRequested, $"{expression} stays {last}");
                await pause.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            }
        }

        /// <summary>The browser's id of the worker's registration.</summary>
        public async Task<string> RegistrationAsync(string origin)
        {
            await EvaluateAsync("0");   // what the browser said meanwhile has been read
            return _events.Where(each => each["method"]?.GetValue<string>() == "ServiceWorker.workerRegistrationUpdated")
                .SelectMany(each => each["params"]!["registrations"]!.AsArray()).Last(each => each!["scopeURL"]!.GetValue<string>().StartsWith(origin, StringComparison.Ordinal))!["registrationId"]!
                .GetValue<string>();
        }

        public async Task<JsonObject> CallAsync(string method, JsonObject parameters, string? session = null)
        {
            var id = ++_calls;
            var call = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
            if (session is not null)
            {
                call["sessionId"] = session;
            }

            using var limit = new CancellationTokenSource(Patience);
            await _socket.SendAsync(Encoding.UTF8.GetBytes(call.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
            while (true)
            {
                var answer = await ReceiveAsync(limit.Token);
                if (answer["id"]?.GetValue<int>() == id)
                {
                    Assert.True(answer["error"] is null, $"{method}: {answer["error"]}");
                    return answer["result"]!.AsObject();
                }

                _events.Add(answer);
            }
        }

        public async ValueTask DisposeAsync()
        {
            _socket.Dispose();
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
            for (var tries = 0; _profile.Exists; tries++)
            {
                try
                {
                    _profile.Delete(recursive: true);
                    _profile.Refresh();
                }
                catch (IOException) when (tries < 100)
                {
                    using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));   // its children write until they have gone too
                    await pause.WaitForNextTickAsync();
                }
            }
        }

        private async Task<JsonObject> ReceiveAsync(CancellationToken cancellationToken)
        {
            using var message = new MemoryStream();
            var buffer = new byte[64 * 1024];
            ValueWebSocketReceiveResult part;
            do
            {
                part = await _socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
                message.Write(buffer, 0, part.Count);
            }
            while (!part.EndOfMessage);

            return JsonNode.Parse(message.ToArray())!.AsObject();
        }
    }
}
