using System.ComponentModel;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.Host.Configuration;
using Sealos.Node.Processes;

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
    private readonly ILogger _logger;
    private readonly PeriodicCheck _check;

    public EdgeSupervisor(CloudOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _paths = new CloudPaths(options);
        _daemon = new Daemon("edge", _paths.EdgePid);
        _logger = loggers.CreateLogger<EdgeSupervisor>();
        _check = new PeriodicCheck(CheckInterval, time, CheckAsync);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(_paths.EdgeStatus)!;
        Directory.CreateDirectory(folder);
        Ownership.Give(folder, _options.EdgeUser);
        Ensure();
        _check.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _check.StopAsync(cancellationToken);

    public void Dispose() => _check.Dispose();

    private Task CheckAsync(CancellationToken ct)
    {
        try
        {
            if (Ensure())
            {
                LogRestarted(_logger);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
        {
            // On a full disk, for one; the next look tries again.
            LogNotStarted(_logger, e.Message);
        }

        return Task.CompletedTask;
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

    [LoggerMessage(2, LogLevel.Error, "the edge has ended and could not be started again: {Reason}")]
    private static partial void LogNotStarted(ILogger logger, string reason);
}
