using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sealos.Node.Storage;

/// <summary>
/// The volumes that lie on this node already. They are reachable whether or not anything makes new ones, so that pods which have some
/// start after a reboot, too.
/// </summary>
public sealed partial class NodeVolumes : IHostedService, IDisposable
{
    private static readonly TimeSpan OpenAgain = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private Task _opening = Task.CompletedTask;

    /// <summary>The volumes below the options' folders.</summary>
    public NodeVolumes(NodeOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        _time = time;
        _logger = loggers.CreateLogger<NodeVolumes>();
        Pool = new VolumePool(options, loggers.CreateLogger<VolumePool>());
    }

    internal VolumePool Pool { get; }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (Pool.HasVolumes && !await TryOpenAsync(cancellationToken).ConfigureAwait(false))
        {
            _opening = Task.Run(() => OpenAsync(_stop.Token), CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    private async Task OpenAsync(CancellationToken ct)
    {
        do
        {
            await Task.Delay(OpenAgain, _time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        while (!ct.IsCancellationRequested && !await TryOpenAsync(ct).ConfigureAwait(false));
    }

    // What a crash has left half made is whoever makes volumes to remove: here nothing is known of claims.
    private async Task<bool> TryOpenAsync(CancellationToken ct)
    {
        try
        {
            await Pool.OpenAsync(_ => Task.FromResult(true), ct).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is StorageException or IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            LogNotOpen(_logger, e.Message);
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "the volumes of this node cannot be reached: {Reason}")]
    private static partial void LogNotOpen(ILogger logger, string reason);
}
