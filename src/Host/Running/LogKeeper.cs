using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sealos.Host.Running;

/// <summary>How far the logs of the cloud's own processes may grow.</summary>
/// <param name="Files">The logs; each is written by a process that appends to it and is never told.</param>
internal sealed record LogLimits(IReadOnlyList<string> Files)
{
    /// <summary>A log is put aside when it is longer.</summary>
    public long MaxBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>So many are kept aside of each.</summary>
    public int KeptAside { get; init; } = 2;

    /// <summary>How often the sizes are looked at.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>
/// Keeps the logs of server, edge and containerd from filling the disk. A long one is copied aside and cut to nothing in place:
/// its writer has it open for appending, as a shell or systemd gave it, and goes on at the new end.
/// </summary>
internal sealed partial class LogKeeper : IHostedService, IDisposable
{
    private readonly LogLimits _limits;
    private readonly ILogger _logger;
    private readonly PeriodicCheck _check;

    public LogKeeper(LogLimits limits, TimeProvider time, ILogger<LogKeeper> logger)
    {
        _limits = limits;
        _logger = logger;
        _check = new PeriodicCheck(limits.Interval, time, CheckAsync);
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await CheckAsync(cancellationToken).ConfigureAwait(false);
        _check.Start();
    }

    public Task StopAsync(CancellationToken cancellationToken) => _check.StopAsync(cancellationToken);

    public void Dispose() => _check.Dispose();

    /// <summary>Looks at every log once.</summary>
    internal async Task CheckAsync(CancellationToken ct)
    {
        foreach (var file in _limits.Files)
        {
            try
            {
                if (new FileInfo(file) is { Exists: true } info && info.Length > _limits.MaxBytes)
                {
                    await PutAsideAsync(file, ct).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                LogFailed(_logger, file, e.Message);
            }
        }
    }

    private async Task PutAsideAsync(string file, CancellationToken ct)
    {
        File.Delete(Aside(file, _limits.KeptAside));
        for (var i = _limits.KeptAside - 1; i > 0; i--)
        {
            if (File.Exists(Aside(file, i)))
            {
                File.Move(Aside(file, i), Aside(file, i + 1));
            }
        }

        await using var source = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        try
        {
            await CopyAsync(source, Aside(file, 1), ct).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            // On a full disk a log is worth less than the room it takes.
            LogFailed(_logger, file, e.Message);
            File.Delete(Aside(file, 1));
        }

        source.SetLength(0);
    }

    // What is written meanwhile is copied too, until the end is reached: what comes between that and the cut is lost.
    private static async Task CopyAsync(FileStream source, string target, CancellationToken ct)
    {
        await using var copy = new FileStream(target, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = File.GetUnixFileMode(source.SafeFileHandle) });
        do
        {
            await source.CopyToAsync(copy, ct).ConfigureAwait(false);
            await copy.FlushAsync(ct).ConfigureAwait(false);
        }
        while (source.Position < RandomAccess.GetLength(source.SafeFileHandle));
    }

    private static string Aside(string file, int number) => string.Create(CultureInfo.InvariantCulture, $"{file}.{number}");

    [LoggerMessage(1, LogLevel.Warning, "log {Path} was not put aside: {Reason}")]
    private static partial void LogFailed(ILogger logger, string path, string reason);
}
