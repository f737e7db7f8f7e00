using Microsoft.Extensions.Hosting;
using Sealos.Desktop.Shell;

namespace Sealos.Desktop.Apps.Launchpad;

/// <summary>The App Launchpad on a desktop that runs: there while it is started, gone from every open page when stopped.</summary>
public sealed class LaunchpadComponent(DesktopAppSet apps) : IHostedService
{
    internal const string Id = "launchpad";

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        apps.Add(Id);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        apps.Remove(Id);
        return Task.CompletedTask;
    }
}
