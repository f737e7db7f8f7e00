using Microsoft.Extensions.Logging;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using Sealos.Kinds.Networking;
using Sealos.Network.Gateway.Routing;
using Sealos.Network.Gateway.Tls;

namespace Sealos.Network.Gateway;

/// <summary>
/// Leads the watches into the tables. When the API server is away nothing is taken back: the tables keep what they were last told.
/// </summary>
internal sealed partial class GatewayFeed(InformerFactory informers, RouteTable routes, BackendTable backends, EventRecorder events, ILogger logger) : IDisposable
{
    private static readonly TimeSpan News = TimeSpan.FromMinutes(10);

    private readonly Informer<Ingress> _ingresses = informers.For<Ingress>();
    private readonly Informer<IngressClass> _classes = informers.For<IngressClass>();
    private readonly Informer<Service> _services = informers.For<Service>();
    private readonly Informer<EndpointSlice> _slices = informers.For<EndpointSlice>();
    private readonly Informer<Secret> _secrets = informers.For<Secret>("type=kubernetes.io/tls");

    private readonly List<IDisposable> _following = [];

    public Informer<Ingress> Ingresses => _ingresses;

    public Secret? FindSecret(SecretName name) => _secrets.Get(name.Namespace, name.Name);

    public void Connect(CertificateSelector certificates, TimeProvider time)
    {
        routes.Report = (ingress, problems, ignored) => Tell(ingress, problems, ignored, time);
        _following.AddRange(
        [
            _classes.OnChange(routes.OnClass),
            _services.OnChange(backends.OnService),
            _slices.OnChange(backends.OnSlice),
            _secrets.OnChange(certificates.OnSecret),
            _ingresses.OnChange(routes.OnIngress),
        ]);
    }

    /// <summary>Has a controller look at each ingress that comes or changes.</summary>
    public void Follow(Controller status) => _following.Add(_ingresses.OnChange((_, now) =>
    {
        if (now is not null)
        {
            status.Enqueue(ObjectKey.Of(now));
        }
    }));

    /// <summary>Hears no more; others may go on with the same watches.</summary>
    public void Dispose() => _following.ForEach(f => f.Dispose());

    /// <summary>Completes when everything that exists has been taken in.</summary>
    public async Task CompleteAsync(CancellationToken ct)
    {
        await Task.WhenAll(
            _classes.WaitForSyncAsync(ct),
            _services.WaitForSyncAsync(ct),
            _slices.WaitForSyncAsync(ct),
            _secrets.WaitForSyncAsync(ct),
            _ingresses.WaitForSyncAsync(ct)).ConfigureAwait(false);
        routes.IsComplete = true;
        LogComplete(logger, routes.HostCount);
    }

    // Called for each ingress whenever the gateway starts; what is old has been told before.
    private void Tell(Ingress ingress, IReadOnlyList<string> problems, IReadOnlyList<string> ignored, TimeProvider time)
    {
        if (ignored.Count > 0)
        {
            LogIgnored(logger, ingress.Metadata.Namespace, ingress.Metadata.Name, string.Join(", ", ignored));
        }

        if (problems.Count == 0)
        {
            return;
        }

        var text = string.Join("; ", problems);
        LogProblems(logger, ingress.Metadata.Namespace, ingress.Metadata.Name, text);
        if (routes.IsComplete || time.GetUtcNow() - ingress.Metadata.CreationTimestamp < News)
        {
            events.Warning(ingress, "NotServedAsAsked", text);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "all routes are known, {Hosts} hosts")]
    private static partial void LogComplete(ILogger logger, int hosts);

    [LoggerMessage(2, LogLevel.Warning, "ingress {Namespace}/{Name} is not served as it asks: {Problems}")]
    private static partial void LogProblems(ILogger logger, string? @namespace, string? name, string problems);

    [LoggerMessage(3, LogLevel.Information, "ingress {Namespace}/{Name} has annotations without meaning here: {Annotations}")]
    private static partial void LogIgnored(ILogger logger, string? @namespace, string? name, string annotations);
}
