using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.OsServices.Admission.Hosts;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Admission;

/// <summary>
/// Keeps workspaces apart: a server that judges what is written in them, and the configurations that have the API server ask it.
/// Stopped, it leaves the configurations, so that what cannot be judged is refused.
/// </summary>
public sealed partial class AdmissionComponent : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(2);

    private readonly AdmissionOptions _options;
    private readonly KubeClient _client;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly InformerFactory _informers;
    private readonly Informer<WorkspaceFacts> _workspaces;
    private readonly Informer<IngressHosts> _ingresses;
    private readonly PodChoices _pods;
    private readonly AdmissionRules _rules;
    private readonly AdmissionCertificates _certificates;
    private readonly AdmissionInstaller _installer;
    private readonly DnsHostProof _proof;
    private readonly SemaphoreSlim _changed = new(0);
    private readonly CancellationTokenSource _stop = new();
    private AdmissionIdentity? _identity;
    private AdmissionServer? _server;
    private Controller? _hosts;
    private Informer<HostClaim>? _claims;
    private (string? Runtime, bool IsThere) _told = (null, true);
    private Task _running = Task.CompletedTask;

    /// <summary>A server that acts with the rights of <paramref name="client"/>.</summary>
    public AdmissionComponent(AdmissionOptions options, KubeClient client, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _client = client;
        _time = time;
        _loggers = loggers;
        _logger = loggers.CreateLogger<AdmissionComponent>();
        _informers = new InformerFactory(client, loggers);
        _workspaces = _informers.For<WorkspaceFacts>(labelSelector: UserKeys.Owner);
        _ingresses = _informers.For<IngressHosts>().AddIndex(IngressHosts.ByHost, i => i.Hosts);
        _proof = new DnsHostProof(DnsHostProof.OfMachine, time);
        _pods = new PodChoices(client, _informers, workspace => _workspaces.Get(null, workspace)?.Metadata.Annotations, options.IsSingleUser, loggers);
        _rules = new AdmissionRules(options, new HostClaims(new HostClaimParts(client, _proof, options.Domain, time)
        {
            Key = () => _identity!.Key,
            IsUsedElsewhere = IsUsedElsewhere,
            CountOf = workspace => _claims?.ByIndex(HostClaim.ByWorkspace, workspace).Count() ?? 0,
            HostsPerWorkspace = options.HostsPerWorkspace,
        }), _pods);
        _certificates = new AdmissionCertificates(client, options, time);
        _installer = new AdmissionInstaller(client, _rules);
    }

    /// <summary>How many writes it has been asked about.</summary>
    internal long Asked => _server?.Asked ?? 0;

    /// <summary>Returns when writes are judged and the API server knows where.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _informers.Start();
        var identity = _certificates.EnsureAsync(cancellationToken);
        await Task.WhenAll(identity, HostClaim.Definition.EnsureAsync(_client, cancellationToken), Task.Run(() => _informers.WaitForSyncAsync(cancellationToken), cancellationToken), _pods.StartAsync(cancellationToken)).ConfigureAwait(false);
        await EnsurePriorityAsync(cancellationToken).ConfigureAwait(false);
        _identity = await identity.ConfigureAwait(false);
        var before = _options.Service is null && _options.Port == 0 ? await _installer.PortAsync(cancellationToken).ConfigureAwait(false) : _options.Port;
        _server = await ListenAsync(before, cancellationToken).ConfigureAwait(false);
        await _installer.EnsureAsync(Address(), cancellationToken).ConfigureAwait(false);
        _running = Task.WhenAll(Task.Run(() => KeepAsync(_stop.Token), CancellationToken.None), Task.Run(() => ReleaseHostsAsync(_stop.Token), CancellationToken.None));
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_server is not null)
        {
            await _server.StopAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _informers.DisposeAsync().ConfigureAwait(false);
        await _pods.DisposeAsync().ConfigureAwait(false);
        if (_server is not null)
        {
            await _server.DisposeAsync().ConfigureAwait(false);
        }

        _hosts?.Dispose();
        _proof.Dispose();
        _identity?.Certificate.Dispose();
        _changed.Dispose();
        _stop.Dispose();
    }

    private async Task<AdmissionServer> ListenAsync(int port, CancellationToken ct)
    {
        var facts = new AdmissionFacts(_client, _workspaces, _time);
        var server = new AdmissionServer((port, _options.Service is not null), _identity!, new AdmissionJudge(_rules, facts), new Callers(facts.IsWorkspace), _loggers);
        try
        {
            await server.StartAsync(ct).ConfigureAwait(false);
            return server;
        }
        catch (IOException) when (port != _options.Port)
        {
            // Somebody else has taken the port meanwhile.
            await server.DisposeAsync().ConfigureAwait(false);
            return await ListenAsync(_options.Port, ct).ConfigureAwait(false);
        }
    }

    private AdmissionAddress Address() => new(_options.Service, _server!.Port, _identity!);

    private bool IsUsedElsewhere(string host, string workspace) => _ingresses.ByIndex(IngressHosts.ByHost, host).Any(i => i.Metadata.Namespace != workspace);

    // Whoever changes a configuration finds it put right at once; the certificate is looked at from time to time.
    private async Task KeepAsync(CancellationToken ct)
    {
        await using var watched = new InformerFactory(_client, _loggers);
        const string Mine = "metadata.name=" + AdmissionNames.Configuration;
        watched.For<ValidatingConfiguration>(fieldSelector: Mine).OnChange((_, _) => _changed.Release());
        watched.For<MutatingConfiguration>(fieldSelector: Mine).OnChange((_, _) => _changed.Release());
        watched.Start();
        _pods.OnChange(() => _changed.Release());
        var pause = LookAgain;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await _changed.WaitAsync(pause, ct).ConfigureAwait(false);
                while (_changed.CurrentCount > 0)
                {
                    // Many changes are one look.
                    await _changed.WaitAsync(ct).ConfigureAwait(false);
                }

                var identity = await _certificates.EnsureAsync(ct).ConfigureAwait(false);
                Show(identity);
                await EnsurePriorityAsync(ct).ConfigureAwait(false);
                await _installer.EnsureAsync(Address(), ct).ConfigureAwait(false);
                TellRuntime();
                pause = LookAgain;
            }
            catch (Exception e) when (!ct.IsCancellationRequested && e is ApiException or HttpRequestException or InvalidDataException)
            {
                LogNotKept(_logger, e.Message);
                pause = TryAgain;
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task EnsurePriorityAsync(CancellationToken ct)
    {
        if (!_pods.HasWorkspacePriority)
        {
            await _client.TryCreateAsync(PriorityClass.Workspace, ct).ConfigureAwait(false);
        }
    }

    private void TellRuntime()
    {
        var (runtime, isThere) = (_pods.UsualRuntimeClass, _pods.UsualRuntimeClass is not { } name || _pods.HasRuntimeClass(name));
        if (_told == (runtime, isThere))
        {
            return;
        }

        _told = (runtime, isThere);
        LogRuntime(_logger, runtime ?? "none of their own");
        if (!isThere)
        {
            LogNoRuntime(_logger, runtime!);
        }
    }

    private void Show(AdmissionIdentity identity)
    {
        if (_identity!.Certificate.Thumbprint == identity.Certificate.Thumbprint)
        {
            identity.Certificate.Dispose();
            return;
        }

        // Handshakes that are under way hold the old one until they are through; the collector takes it.
        _identity = identity;
        _server!.Show(identity);
    }

    private async Task ReleaseHostsAsync(CancellationToken ct)
    {
        var claims = _informers.For<HostClaim>().AddIndex(HostClaim.ByWorkspace, c => c.Spec is { } spec ? [spec.Namespace] : []);
        _claims = claims;
        _hosts = new Controller("host-claims", new HostClaimReconciler(_client, claims, _ingresses, _time), _logger, _time);
        claims.OnChange((_, now) => Enqueue(now?.Metadata.Name));
        _workspaces.OnChange((old, now) => (now is null ? claims.ByIndex(HostClaim.ByWorkspace, old!.Metadata.Name!) : []).ToList().ForEach(c => Enqueue(c.Metadata.Name)));
        _ingresses.OnChange((old, now) => (old?.Hosts ?? []).Except(now?.Hosts ?? []).ToList().ForEach(Enqueue));
        try
        {
            await _informers.WaitForSyncAsync(ct).ConfigureAwait(false);
            await _hosts.RunAsync(1, ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private void Enqueue(string? host)
    {
        if (host is not null)
        {
            _hosts!.Enqueue(new ObjectKey(null, host));
        }
    }

    [LoggerMessage(2, LogLevel.Information, "new pods of workspaces run with runtime class {RuntimeClass} from now on")]
    private static partial void LogRuntime(ILogger logger, string runtimeClass);

    [LoggerMessage(3, LogLevel.Warning, "new pods of workspaces are refused: there is no runtime class {RuntimeClass}; 'sealos component add gvisor' brings gvisor, and 'sealos workspace settings set runtimeClass=runc' lets them run without")]
    private static partial void LogNoRuntime(ILogger logger, string runtimeClass);

    [LoggerMessage(1, LogLevel.Warning, "the configurations of admission are not as they must be yet: {Reason}")]
    private static partial void LogNotKept(ILogger logger, string reason);
}
