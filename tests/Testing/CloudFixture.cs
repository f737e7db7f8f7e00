using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Xunit;

namespace Sealos.Testing;

/// <summary>One cloud for many stories, which may run side by side.</summary>
public class CloudFixture : IAsyncLifetime
{
    /// <summary>The image that stories launch.</summary>
    public const string Hello = "sealos.hub/library/hello:1";

    /// <summary>An image with a shell and small tools, once <see cref="LoadToolsAsync"/> has loaded it.</summary>
    public const string Tools = "registry.test/tools:1";

    /// <summary>An image of the same files whose program is <c>echo image</c> and whose arguments are <c>default arguments</c>, once <see cref="LoadEchoAsync"/> has loaded it.</summary>
    public const string Echo = "registry.test/echo:1";

    private readonly ConcurrentDictionary<string, Lazy<Task>> _loaded = new();

    /// <summary>The cloud.</summary>
    public Cloud Cloud { get; private set; } = null!;

    /// <summary>Size of a disk of the cloud's own, where its stories need one.</summary>
    protected virtual int? DiskMegabytes => null;

    /// <summary>Options of <c>sealos up</c> besides the usual ones.</summary>
    protected virtual IReadOnlyList<string> More => [];

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => Cloud = await Cloud.StartAsync(CancellationToken.None, DiskMegabytes, More).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Cloud.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Loads <see cref="Tools"/> with the product's own command, unless it is there.</summary>
    public Task LoadToolsAsync() => LoadAsync(Tools, (file, ct) => ToolsImage.WriteOciArchiveAsync(file, Tools, ct));

    /// <summary>Loads <see cref="Echo"/> likewise.</summary>
    public Task LoadEchoAsync() => LoadAsync(Echo, (file, ct) => ToolsImage.WriteOciArchiveAsync(file, Echo, ["/bin/echo", "image"], ["default", "arguments"], ct));

    /// <summary>The cloud is another one by now: nothing is loaded.</summary>
    public void ForgetImages() => _loaded.Clear();

    /// <summary>Runs a pod of <see cref="Tools"/> in namespace default and waits until it is ready.</summary>
    /// <param name="name">The pod's name.</param>
    /// <param name="script">What its shell runs.</param>
    /// <param name="volumes">Volumes and where they are mounted, each with the volume's own field as JSON.</param>
    public async Task RunToolsAsync(string name, string script, params (string Path, string Source)[] volumes)
    {
        var ct = TestContext.Current.CancellationToken;
        await LoadToolsAsync().ConfigureAwait(false);
        var pod = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                ["terminationGracePeriodSeconds"] = 0,
                ["volumes"] = new JsonArray([.. volumes.Select((v, i) => (JsonNode)Volume($"v{i}", v.Source))]),
                ["containers"] = new JsonArray(new JsonObject
                {
                    ["name"] = "tools",
                    ["image"] = Tools,
                    ["command"] = new JsonArray("sh", "-c", script),
                    ["volumeMounts"] = new JsonArray([.. volumes.Select((v, i) => (JsonNode)new JsonObject { ["name"] = $"v{i}", ["mountPath"] = v.Path })]),
                }),
            },
        };
        await Cloud.KubectlAsync(["create", "-n", "default", "-f", "-"], ct, pod.ToJsonString()).OutputAsync().ConfigureAwait(false);
        await Cloud.KubectlAsync(["wait", "-n", "default", "--for=condition=Ready", "pod/" + name, "--timeout=30s"], ct).OutputAsync().ConfigureAwait(false);
    }

    /// <summary>Runs a command in a pod of namespace default.</summary>
    public Task<CommandResult> ExecAsync(string pod, params string[] command) =>
        Cloud.KubectlAsync(["exec", "-n", "default", pod, "--", .. command], TestContext.Current.CancellationToken);

    /// <summary>Launches hello under a public address and returns that once it answers.</summary>
    public async Task<string> LaunchAsync(string name, params string[] more)
    {
        var ct = TestContext.Current.CancellationToken;
        var create = await Cloud.SealosAsync(["app", "create", name, "--image", Hello, "--port", "8080", "--public", "--wait", "-o", "json", .. more], ct).OutputAsync().ConfigureAwait(false);
        var address = (string)JsonNode.Parse(create)!["address"]!;
        using var browser = Cloud.OpenBrowser();
        // That it answers was waited for already.
        await AnswersAsync(browser, address, TimeSpan.FromSeconds(30)).ConfigureAwait(false);
        return address;
    }

    /// <summary>Waits until an address answers with 200.</summary>
    public static Task AnswersAsync(HttpClient browser, string address, TimeSpan? timeout = null)
    {
        var ct = TestContext.Current.CancellationToken;
        return Eventually.TrueAsync($"200 at {address}", async () =>
        {
            using var answer = await browser.GetAsync(new Uri(address), ct).ConfigureAwait(false);
            return answer.IsSuccessStatusCode;
        }, timeout, ct);
    }

    /// <summary>Takes an app away again.</summary>
    public Task DeleteAsync(string app) => Cloud.SealosAsync(["app", "delete", app, "--yes"], TestContext.Current.CancellationToken).OutputAsync();

    // Once for all stories, so no single one's end may cancel it.
    private Task LoadAsync(string image, Func<string, CancellationToken, Task<string>> write) =>
        _loaded.GetOrAdd(image, _ => new Lazy<Task>(async () =>
        {
            var file = await write(Path.GetTempFileName(), CancellationToken.None).ConfigureAwait(false);
            await Cloud.SealosAsync(["image", "load", file], CancellationToken.None).OutputAsync().ConfigureAwait(false);
            File.Delete(file);
        })).Value;

    private static JsonObject Volume(string name, string source)
    {
        var volume = (JsonObject)JsonNode.Parse(source)!;
        volume["name"] = name;
        return volume;
    }
}
