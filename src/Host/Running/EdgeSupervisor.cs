using System.ComponentModel;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Sealos.Host.Configuration;
using Sealos.Node.Processes;

namespace Sealos.Host.Running;

/// <summary>
/// Starts the edge, while it is wanted, as an unprivileged user whose one right is to bind low ports, and again when it ends. Stopping
/// the server leaves it running, so that apps are reached while the server restarts.
/// </summary>
internal sealed partial class EdgeSupervisor : IDisposable
{
    /// <summary>Its name on the server's board, where it stands while it is wanted.</summary>
    public const string Name = "edge";

    private const string OnlyBind = "-all,+net_bind_service";
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(12);

    private readonly CloudOptions _options;
    private readonly CloudPaths _paths;
    private readonly Daemon _daemon;
    private readonly ComponentBoard _board;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private PeriodicCheck? _check;

    public EdgeSupervisor(CloudOptions options, ComponentBoard board, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _paths = new CloudPaths(options);
        _daemon = new Daemon(Name, _paths.EdgePid);
        _board = board;
        _time = time;
        _logger = loggers.CreateLogger<EdgeSupervisor>();
    }

    /// <summary>Anonymous memory of the process; 0 when it does not run.</summary>
    public long Memory => _daemon.FindPid() is { } pid ? Daemon.Memory(pid).Anonymous : 0;

    /// <summary>What the process says of itself, or null when it does not run or has not said anything yet.</summary>
    public ProcessReport? Report => _daemon.FindPid() is { } pid && ComponentBoard.Read(_paths.EdgeStatus) is { } report && report.Pid == pid ? report : null;

    /// <summary>Has the edge run from now on, or not.</summary>
    public async Task WantAsync(bool isWanted, CancellationToken ct)
    {
        if (isWanted && _check is null)
        {
            Start();
        }
        else if (!isWanted)
        {
            await StopWatchingAsync(ct).ConfigureAwait(false);
            if (_daemon.FindPid() is not null)
            {
                await _daemon.StopAsync(StopGrace, ct).ConfigureAwait(false);
                LogStopped(_logger);
            }

            AtomicFile.Remove(_paths.EdgeStatus);
            _board.Remove(Name);
        }
    }

    /// <summary>Looks after the edge no more, and leaves it as it is.</summary>
    public async Task StopWatchingAsync(CancellationToken ct)
    {
        if (_check is { } check)
        {
            _check = null;
            await check.StopAsync(ct).ConfigureAwait(false);
            check.Dispose();
        }
    }

    public void Dispose() => _check?.Dispose();

    private void Start()
    {
        _board.Set(Name, "starting");
        var folder = Path.GetDirectoryName(_paths.EdgeStatus)!;
        Directory.CreateDirectory(folder);
        Ownership.Give(folder, _options.EdgeUser);
        Ensure();
        _check = new PeriodicCheck(CheckInterval, _time, CheckAsync);
        _check.Start();
        _board.Set(Name, "running");
    }

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

    [LoggerMessage(3, LogLevel.Information, "nothing is to run in the edge any more; it has stopped")]
    private static partial void LogStopped(ILogger logger);
}
