using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.Host.Configuration;

namespace Sealos.Host.Running;

/// <summary>
/// Starts the edge as an unprivileged user whose one right is to bind low ports, and again when it ends. Stopping the server
/// leaves it running, so that apps are reached while the server restarts.
/// </summary>
internal sealed partial class EdgeSupervisor : IHostedService, IDisposable
{
    private const string OnlyBind = "-all,+net_bind_service";
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private readonly CloudOptions _options;
    private readonly CloudPaths _paths;
    private readonly Daemon _daemon;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private Task _watch = Task.CompletedTask;

    public EdgeSupervisor(CloudOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _paths = new CloudPaths(options);
        _daemon = new Daemon("edge", _paths.EdgePid);
        _time = time;
        _logger = loggers.CreateLogger<EdgeSupervisor>();
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(_paths.EdgeStatus)!;
        Directory.CreateDirectory(folder);
        Ownership.Give(folder, _options.EdgeUser);
        Ensure();
        _watch = WatchAsync(_stop.Token);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watch.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _stop.Dispose();

    private async Task WatchAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(CheckInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(ct).ConfigureAwait(false))
            {
                if (Ensure())
                {
                    LogRestarted(_logger);
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private bool Ensure()
    {
        var user = _options.EdgeUser.ToString(CultureInfo.InvariantCulture);
        return _daemon.EnsureStarted(
            "/usr/bin/setpriv",
            [
                $"--reuid={user}", $"--regid={user}", "--clear-groups", $"--inh-caps={OnlyBind}", $"--ambient-caps={OnlyBind}", $"--bounding-set={OnlyBind}", "--no-new-privs",
                CloudLauncher.DotNet, Path.Combine(AppContext.BaseDirectory, "sealos.dll"), "edge", "--instance", _options.Instance, "--data-dir", _options.DataFolder,
            ],
            _paths.EdgeLog);
    }

    [LoggerMessage(1, LogLevel.Warning, "the edge had ended and was started again; its log says why")]
    private static partial void LogRestarted(ILogger logger);
}
