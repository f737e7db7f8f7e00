using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;

namespace Sealos.ApiServer.Tests.Support;

/// <summary>An API server in a process of its own, so that it can be killed; and started again on what it left.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    public const string Command = "--serve";

    private const string AuthorityFile = "ca.pem";
    private const string AdminFile = "admin.pfx";

    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-apiserver-").FullName;
    private readonly List<ApiClient> _clients = [];
    private Process? _process;
    private Uri? _address;

    /// <summary>Starts it, and answers when it serves.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        start.ArgumentList.Add(Command);
        start.ArgumentList.Add(_folder);
        _process = Process.Start(start)!;
        _address = new Uri(await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the server ended"));
    }

    /// <summary>kill -9; answers when it is dead.</summary>
    public async Task KillAsync()
    {
        using var process = _process!;
        _process = null;
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>The memory that is the process' own, in bytes.</summary>
    public long AnonymousMemory() =>
        long.Parse(File.ReadLines($"/proc/{_process!.Id}/status").First(l => l.StartsWith("RssAnon:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;

    /// <summary>A client of the server as it runs now, on connections of its own.</summary>
    public ApiClient NewClient()
    {
        var client = ServerSetup.Client(_address!, X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_folder, AuthorityFile)), X509CertificateLoader.LoadPkcs12FromFile(Path.Combine(_folder, AdminFile), null));
        lock (_clients)
        {
            _clients.Add(client);
        }

        return client;
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(c => c.Dispose());
        if (_process is not null)
        {
            await KillAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What the process does: serves until it is killed.</summary>
    public static async Task ServeAsync(string folder)
    {
        using var certificates = new TestCertificates();
        await File.WriteAllTextAsync(Path.Combine(folder, AuthorityFile), certificates.Pem);
        await File.WriteAllBytesAsync(Path.Combine(folder, AdminFile), certificates.Client("admin", "system:masters").Export(X509ContentType.Pkcs12));
        await using var server = new ApiServerComponent(ServerSetup.Options(folder, certificates), NullLoggerFactory.Instance);
        await server.StartAsync(CancellationToken.None);
        Console.WriteLine(server.Addresses[0]);
        await Task.Delay(Timeout.Infinite);
    }
}
