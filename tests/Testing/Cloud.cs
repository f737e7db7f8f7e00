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
    private Cloud(string folder, string instance)
    {
        Folder = folder;
        Instance = instance;
    }

    /// <summary>Holds everything of the cloud.</summary>
    public string Folder { get; }

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
    public string KubeConfigPath => Path.Combine(Folder, "data", "pki", "admin.kubeconfig");

    /// <summary>Where the cloud's processes log.</summary>
    public string LogFolder => Path.Combine(Folder, "log");

    private string RunFolder => Path.Combine(Folder, "run");

    /// <summary>Starts a cloud; it is removed again, whole, when disposed.</summary>
    public static async Task<Cloud> StartAsync(CancellationToken ct)
    {
        if (Environment.GetEnvironmentVariable("SEALOS_TEST_NAMESPACES") != "1")
        {
            throw new InvalidOperationException("tests that start containers need root and namespaces of their own: run them with ./test e2e");
        }

        var instance = "t" + RandomNumberGenerator.GetHexString(6, lowercase: true);
        var folder = Path.Combine(Path.GetTempPath(), "sealos-" + instance);
        Directory.CreateDirectory(folder);
        var cloud = new Cloud(folder, instance);
        var up = await cloud.UpAsync(ct).ConfigureAwait(false);
        if (up.ExitCode != 0)
        {
            var logs = string.Join('\n', Directory.Exists(cloud.LogFolder) ? Directory.GetFiles(cloud.LogFolder, "*.log").Select(f => $"--- {f}\n{string.Join('\n', File.ReadLines(f).TakeLast(40))}") : []);
            await cloud.DisposeAsync().ConfigureAwait(false);
            throw new InvalidOperationException($"sealos up failed: {up}\n{logs}");
        }

        cloud.Password = (string?)JsonNode.Parse(up.Output)!["password"] ?? "";
        return cloud;
    }

    /// <summary>Runs <c>sealos up</c> again, as an operator would after a crash.</summary>
    public Task<CommandResult> UpAsync(CancellationToken ct) => SealosAsync(
        ["up", "--no-install", "-o", "json", "--http-port", "8080", "--https-port", "8443", "--api-port", "7443", "--kubelet-port", "11250", "--node-name", "node-1", "--run-dir", RunFolder, "--log-dir", LogFolder], ct);

    /// <summary>Runs the product's CLI on this cloud.</summary>
    public Task<CommandResult> SealosAsync(IEnumerable<string> arguments, CancellationToken ct, string? input = null) =>
        Command.RunAsync("dotnet", [Repository.Program, .. arguments, "--instance", Instance, "--data-dir", Path.Combine(Folder, "data")], input, TimeSpan.FromMinutes(4), ct);

    /// <summary>Gives the admin a new password.</summary>
    public async Task ResetPasswordAsync(CancellationToken ct)
    {
        var reset = await SealosAsync(["admin", "reset-password"], ct).ConfigureAwait(false);
        Password = reset.ExitCode == 0 ? reset.Output.Trim() : throw new InvalidOperationException($"reset-password failed: {reset}");
    }

    /// <summary>Runs an unmodified kubectl as the operator.</summary>
    public Task<CommandResult> KubectlAsync(IEnumerable<string> arguments, CancellationToken ct, string? input = null, string version = "1.32") =>
        Command.RunAsync(Repository.Kubectl(version), ["--kubeconfig", KubeConfigPath, "--cache-dir", Path.Combine(Folder, "kubectl-" + version), .. arguments], input, TimeSpan.FromMinutes(2), ct);

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
        handler.SslOptions = new KubeConfig { Server = new Uri($"https://{Domain}"), CertificateAuthorityPem = File.ReadAllText(Path.Combine(Folder, "data", "apps-ca.crt")) }.CreateTlsOptions();
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

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var reset = await SealosAsync(["reset", "--yes"], CancellationToken.None).ConfigureAwait(false);
        if (reset.ExitCode != 0)
        {
            throw new InvalidOperationException($"sealos reset failed: {reset}");
        }

        Directory.Delete(Folder, recursive: true);
    }
}
