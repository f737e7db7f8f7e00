using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;

namespace Sealos.Testing;

/// <summary>
/// A whole cloud for tests, started with the product's own <c>sealos up</c> under an instance name, folders and ports of its own.
/// It must run inside network and mount namespaces of its own (<c>./test</c> makes them), so that nothing can reach the host.
/// </summary>
public sealed class Cloud : IAsyncDisposable
{
    private readonly string _home;
    private readonly bool _hasOwnDisk;
    private readonly CloudTraces _traces;
    private IReadOnlyList<string> _more = [];

    private Cloud(string home, string instance, bool hasOwnDisk, CloudTraces traces)
    {
        _home = home;
        Instance = instance;
        _hasOwnDisk = hasOwnDisk;
        _traces = traces;
    }

    /// <summary>The instance's name.</summary>
    public string Instance { get; }

    /// <summary>The domain of its apps.</summary>
    public string Domain => "sealos.localhost";

    /// <summary>The HTTPS port of its gateway.</summary>
    public int HttpsPort => 8443;

    /// <summary>The port of its API.</summary>
    public int ApiPort => 7443;

    /// <summary>The admin's password.</summary>
    public string Password { get; private set; } = "";

    /// <summary>The operator's kubeconfig.</summary>
    public string KubeConfigPath => Path.Combine(DataFolder, "pki", "admin.kubeconfig");

    /// <summary>What must survive a reboot.</summary>
    public string DataFolder => Path.Combine(DiskOf(_home), "data");

    /// <summary>Where the cloud's processes log.</summary>
    public string LogFolder => Path.Combine(DiskOf(_home), "log");

    /// <summary>What does not survive a reboot.</summary>
    public string RunFolder => Path.Combine(_home, "run");

    /// <summary>Starts a cloud; it is removed again, whole, when disposed.</summary>
    /// <param name="ct">Ends the waiting.</param>
    /// <param name="diskMegabytes">Puts data and logs on a disk of their own of this size.</param>
    /// <param name="more">Options of its first <c>sealos up</c> besides the usual ones, which later ones have as well.</param>
    public static async Task<Cloud> StartAsync(CancellationToken ct, int? diskMegabytes = null, params IReadOnlyList<string> more)
    {
        if (Environment.GetEnvironmentVariable("SEALOS_TEST_NAMESPACES") != "1")
        {
            throw new InvalidOperationException("tests that start containers need root and namespaces of their own: run them with ./test e2e");
        }

        // Where ./test has put runsc; what sealos starts looks for it there.
        var tools = Path.Combine(Repository.Root, "artifacts", "tools", "runsc");
        if (Environment.GetEnvironmentVariable("PATH") is { } path && !path.StartsWith(tools, StringComparison.Ordinal))
        {
            Environment.SetEnvironmentVariable("PATH", $"{tools}:{path}");
        }

        var instance = "t" + RandomNumberGenerator.GetHexString(6, lowercase: true);
        var home = Path.Combine(Path.GetTempPath(), "sealos-" + instance);
        Directory.CreateDirectory(DiskOf(home));
        if (diskMegabytes is { } size)
        {
            await Command.RunAsync("mount", ["-t", "tmpfs", "-o", $"size={size}m", "disk", DiskOf(home)], ct: ct).OutputAsync().ConfigureAwait(false);
        }

        var cloud = new Cloud(home, instance, diskMegabytes is not null, await CloudTraces.BeforeAsync(instance, home, ct).ConfigureAwait(false)) { _more = more };
        var up = await cloud.UpAsync(ct).ConfigureAwait(false);
        if (up.ExitCode != 0)
        {
            await cloud.DisposeAsync().ConfigureAwait(false);
            throw new InvalidOperationException($"sealos up failed: {up}");
        }

        cloud.Password = (string?)JsonNode.Parse(up.Output)!["password"] ?? "";
        return cloud;
    }

    /// <summary>
    /// Runs <c>sealos up</c> again, as an operator would after a crash, maybe with more options. History is short, so that stories
    /// need not wait long to see it end. When it fails, its error tells the ends of the logs, too.
    /// </summary>
    public async Task<CommandResult> UpAsync(CancellationToken ct, params IReadOnlyList<string> more)
    {
        var up = await SealosAsync(
            ["up", "--no-install", "-o", "json", "--http-port", "8080", "--https-port", "8443", "--api-port", "7443", "--kubelet-port", "11250", "--node-name", "node-1", "--history", "20s", "--run-dir", RunFolder, "--log-dir", LogFolder, .. _more, .. more], ct).ConfigureAwait(false);
        return up.ExitCode == 0 || !Directory.Exists(LogFolder) ? up
            : up with { Error = string.Join('\n', Directory.GetFiles(LogFolder, "*.log").Select(f => $"--- {f}\n{string.Join('\n', File.ReadLines(f).TakeLast(40))}").Prepend(up.Error)) };
    }

    /// <summary>Runs the product's CLI on this cloud.</summary>
    public Task<CommandResult> SealosAsync(IEnumerable<string> arguments, CancellationToken ct, string? input = null) =>
        SealosAsync(arguments, TimeSpan.FromMinutes(4), input, ct);

    private Task<CommandResult> SealosAsync(IEnumerable<string> arguments, TimeSpan limit, string? input, CancellationToken ct) =>
        Command.RunAsync("dotnet", [Repository.Program, .. arguments, "--instance", Instance, "--data-dir", DataFolder], input, limit, ct);

    /// <summary>Gives the admin a new password.</summary>
    public async Task ResetPasswordAsync(CancellationToken ct)
    {
        var reset = await SealosAsync(["admin", "reset-password"], ct).ConfigureAwait(false);
        Password = reset.ExitCode == 0 ? reset.Output.Trim() : throw new InvalidOperationException($"reset-password failed: {reset}");
    }

    /// <summary>Runs an unmodified kubectl as the operator.</summary>
    public Task<CommandResult> KubectlAsync(IEnumerable<string> arguments, CancellationToken ct, string? input = null, string version = "1.32") =>
        Command.RunAsync(Repository.Kubectl(version), ["--kubeconfig", KubeConfigPath, "--cache-dir", Path.Combine(_home, "kubectl-" + version), .. arguments], input, TimeSpan.FromMinutes(2), ct);

    /// <summary>A client with the operator's credential.</summary>
    public async Task<KubeClient> ConnectAsync(CancellationToken ct) => new(await KubeConfig.LoadAsync(KubeConfigPath, ct).ConfigureAwait(false), "test");

    /// <summary>A browser-like client: trusts the cloud's own authority and finds every host of the domain on loopback.</summary>
    public HttpClient OpenBrowser(bool followRedirects = true)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = followRedirects,
            UseProxy = false,
            ConnectCallback = async (context, token) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(System.Net.IPAddress.Loopback, context.DnsEndPoint.Port, token).ConfigureAwait(false);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        };
        handler.SslOptions = new KubeConfig { Server = new Uri($"https://{Domain}"), CertificateAuthorityPem = File.ReadAllText(Path.Combine(DataFolder, "apps-ca.crt")) }.CreateTlsOptions();
        handler.SslOptions.TargetHost = null;
        return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>The pid of one of the cloud's processes: <c>server</c>, <c>edge</c> or <c>containerd</c>.</summary>
    public async Task<int> PidAsync(string process, CancellationToken ct)
    {
        var status = await SealosAsync(["status", "-o", "json"], ct).ConfigureAwait(false);
        return (int?)JsonNode.Parse(status.Output)!["processes"]!.AsArray().First(p => (string?)p!["name"] == process)!["pid"]
            ?? throw new InvalidOperationException($"{process} does not run: {status}");
    }

    /// <summary>Pids of everything that runs for the cloud, containers too.</summary>
    public IReadOnlyList<int> Processes() => _traces.Processes();

    /// <summary>What a power cut and the boot after it leave: data and logs. Nothing runs until the next <see cref="UpAsync"/>.</summary>
    public Task LosePowerAsync(CancellationToken ct) => _traces.LosePowerAsync(RunFolder, ct);

    /// <summary>Removes the cloud as an operator would, and tells what is left of it, which should be nothing.</summary>
    public async Task<IReadOnlyList<string>> ResetAsync(CancellationToken ct)
    {
        // Of a thousand apps, in benchmarks.
        await SealosAsync(["reset", "--yes"], TimeSpan.FromMinutes(20), null, ct).OutputAsync().ConfigureAwait(false);
        return await _traces.FindAsync([DataFolder, LogFolder, RunFolder], ct).ConfigureAwait(false);
    }

    /// <summary>Removes the cloud; fails when anything of it is left.</summary>
    public async ValueTask DisposeAsync()
    {
        var left = await ResetAsync(CancellationToken.None).ConfigureAwait(false);
        if (left.Count > 0)
        {
            throw new InvalidOperationException($"sealos reset has left:\n{string.Join('\n', left)}");
        }

        if (_hasOwnDisk)
        {
            await Command.RunAsync("umount", [DiskOf(_home)]).OutputAsync().ConfigureAwait(false);
        }

        Directory.Delete(_home, recursive: true);
    }

    private static string DiskOf(string home) => Path.Combine(home, "disk");
}
