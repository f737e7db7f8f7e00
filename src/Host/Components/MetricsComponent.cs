using Microsoft.Extensions.Hosting;
using Sealos.ApiServer;

namespace Sealos.Host.Components;

/// <summary>metrics.k8s.io, which the API server answers itself: there while it is started.</summary>
internal sealed class MetricsComponent(ApiServerComponent server) : IHostedService
{
    /// <summary>The group that is unknown without it.</summary>
    public const string Group = "metrics.k8s.io";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        server.Serve(Group, isServed: true);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        server.Serve(Group, isServed: false);
        return Task.CompletedTask;
    }
}
