using Microsoft.Extensions.Logging;
using Sealos.ApiServer.Admission;
using Sealos.ApiServer.Admission.PodSecurity;
using Sealos.ApiServer.Admission.Quota;
using Sealos.ApiServer.Admission.Webhooks;
using Sealos.ApiServer.Audit;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Authorization;
using Sealos.ApiServer.Computed;
using Sealos.ApiServer.CustomKinds;
using Sealos.ApiServer.Discovery;
using Sealos.ApiServer.Fairness;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Proxy;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Reviews;
using Sealos.ApiServer.Strategies;
using Sealos.ApiServer.Subresources;
using Sealos.ApiServer.Verbs;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Schema;
using Sealos.Store;

namespace Sealos.ApiServer.Bootstrap;

/// <summary>The server's parts put together, in the order in which they depend on each other.</summary>
internal sealed class ServerParts : IAsyncDisposable
{
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(30);

    private readonly KeyValueStore _store;
    private readonly CacheSet _caches;
    private readonly TokenIssuer _issuer;
    private readonly EventExpiry _expiry;
    private readonly QuotaStatusWriter _quotaStatus;
    private readonly WebhookParts _webhooks;
    private readonly DefinitionController _definitions;
    private readonly KubeletClient _kubelets;
    private readonly AuditLog? _audit;
    private readonly UsageSource _usage;

    private ServerParts(ApiServerOptions options, ILoggerFactory logs, KeyValueStore store)
    {
        var time = options.Time;
        _store = store;
        _caches = new CacheSet(store, time, State, logs.CreateLogger<CacheSet>());
        var services = new ServiceStrategy(new AddressPool(options.ServiceRange, options.DnsAddress), new PortPool(options.NodePorts.First, options.NodePorts.Last));
        var namespaces = new NamespaceStrategy(options.RootCertificatesPem);
        var names = new DefinitionNames();
        Registry = new ResourceRegistry(KubeSchema.Default, _caches, new StrategySet(services, namespaces, new DefinitionStrategy(names, time), time), options.Withheld);
        var kinds = new CustomKindSet(Registry, _caches, logs.CreateLogger<CustomKindSet>());
        Registry.Get("", "services").Cache.Changed += services.Follow;

        var rbac = new RbacFeed(Registry);
        var roles = new RbacAuthorizer(rbac.Index);
        var references = new NodeReferences(Registry.Get("", "pods").Cache, Registry.Find("", "v1", "persistentvolumes")?.Cache);
        var authorizer = new Authorizer(roles, new NodeAuthorizer(references, BootstrapRbac.NodeRules));
        _issuer = TokenIssuer.LoadOrCreate(new TokenIssuerOptions(options.ServiceAccountKeyFile), time);
        var tokens = new TokenAuthenticator(_issuer, new TokenBindings(Registry).Find, time);
        var gatekeeper = new Gatekeeper(
            new Authenticator(new ClientCertificateAuthenticator(options.ClientAuthorities, time), tokens),
            new Impersonation(authorizer),
            authorizer,
            new CertificateReaders(options.CertificateReaders));

        var objects = new ObjectStore(store, _caches);
        var quotas = new QuotaLedger(Registry, time);
        var nodes = new NodeLocator(Registry);
        var targets = new ProxyTargets(nodes, Registry);
        _webhooks = new WebhookParts(Registry, targets, time, logs);
        var admission = new AdmissionChain(AdmissionPlugins(new EscalationCheck(rbac.Index, roles), authorizer, references, options.CertificateReaders), quotas);
        var ownership = new FieldOwnership(time);
        Creator = new ObjectCreator(Registry, objects, admission, ownership, time);
        var updater = new ObjectUpdater(objects, Creator, admission, ownership);
        var deleter = new ObjectDeleter(objects, admission, time);
        _quotaStatus = new QuotaStatusWriter(quotas, Registry.Get("", "resourcequotas"), updater, time, logs.CreateLogger<QuotaStatusWriter>());
        _expiry = new EventExpiry(Registry.Get("", "events"), objects, options.EventLifetime, time, logs.CreateLogger<EventExpiry>());
        _definitions = new DefinitionController(Registry, kinds, names, (updater, deleter), time, logs.CreateLogger<DefinitionController>());
        _kubelets = new KubeletClient(options.KubeletClientCertificate, options.KubeletAuthorities, time);

        var freshness = new Freshness(_caches, time);
        var binding = new Binding(updater, admission, Registry, time);
        var list = new List(_caches, store, freshness);
        _usage = new UsageSource(Registry, _kubelets, time);
        var verbs = new VerbSet(new Get(freshness), list, new WatchVerb(_caches, freshness, references, new WatchPatience(options.Limits.Request, time), Stopping.Token), new Create(Creator), new Update(updater, authorizer))
        {
            Patch = new Patch(updater, new Apply(updater, ownership, authorizer)),
            Delete = new Delete(deleter),
            DeleteCollection = new DeleteCollection(deleter, list, objects),
            Computed = new ComputedSet(new ComponentStatuses(State), new ApiServices(Registry), new UsageMetrics(_usage, Registry)),
            Reviews = new ReviewSet(new AccessReviews(authorizer), new IdentityReviews(tokens), binding),
        };
        var tunnel = new UpgradeTunnel(_kubelets, time);
        var subresources = new SubresourceSet(verbs, new Scale(updater, ownership), binding, new Eviction(updater, deleter, admission, new DisruptionBudgets(updater, Registry.Get("policy", "poddisruptionbudgets"), time), time), new Token(_issuer, admission, Registry, time))
        {
            Admission = admission,
            Streams = new NodeStreams(nodes, _kubelets, tunnel),
            Proxy = new ProxyVerb(targets, _kubelets, tunnel),
        };
        var metrics = new Metrics(Registry);
        var discovery = new DiscoveryEndpoints(Registry, time);
        var system = new SystemEndpoints(Registry, _caches, metrics, _issuer, State);
        _audit = options.Audit is { } audit ? new AuditLog(audit, time, logs.CreateLogger<AuditLog>()) : null;
        if (_audit is not null)
        {
            metrics.Add(_audit.WriteMetrics);
        }

        var guards = new RequestGuards(gatekeeper, new FairGate(new FairGateOptions(), time), new Flows(options.UsersNamespace), _audit) { Intake = new BodyIntake(time), Limits = options.Limits };
        Handler = new RequestHandler(guards, new Router(Registry, verbs, subresources, discovery, system, time), metrics, time, logs.CreateLogger<RequestHandler>());
        Bootstrap = new ClusterBootstrap(Creator, updater, namespaces, services, options);
    }

    public CancellationTokenSource Stopping { get; } = new();

    public ServerState State { get; } = new();

    public ResourceRegistry Registry { get; }

    public ObjectCreator Creator { get; }

    public RequestHandler Handler { get; }

    public ClusterBootstrap Bootstrap { get; }

    public long Revision => _caches.Applied;

    /// <summary>Opens the store, loads the caches and puts the parts together.</summary>
    public static async Task<ServerParts> BuildAsync(ApiServerOptions options, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var store = await KeyValueStore.OpenAsync(new StoreOptions(options.StorePath) { Time = options.Time, HistoryKept = options.HistoryKept, CompactionInterval = CompactionInterval(options.HistoryKept) }, cancellationToken).ConfigureAwait(false);
        try
        {
            var parts = new ServerParts(options, logs, store);
            await parts._caches.StartAsync(cancellationToken).ConfigureAwait(false);
            parts._expiry.Start();
            parts._quotaStatus.Start();
            parts._definitions.Start();
            return parts;
        }
        catch
        {
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Often enough that little is kept for much longer than it shall be.
    private static TimeSpan CompactionInterval(TimeSpan kept) => kept / 4 < LongestInterval ? kept / 4 : LongestInterval;

    /// <summary>Serves a group or withholds it; what was kept for it goes.</summary>
    public void Serve(string group, bool isServed)
    {
        Registry.Serve(group, isServed);
        _usage.Forget();
    }

    public async ValueTask DisposeAsync()
    {
        await _definitions.DisposeAsync().ConfigureAwait(false);
        await _expiry.DisposeAsync().ConfigureAwait(false);
        await _quotaStatus.DisposeAsync().ConfigureAwait(false);
        await _caches.DisposeAsync().ConfigureAwait(false);
        await _store.DisposeAsync().ConfigureAwait(false);
        if (_audit is not null)
        {
            await _audit.DisposeAsync().ConfigureAwait(false);
        }

        _kubelets.Dispose();
        _webhooks.Dispose();
        _issuer.Dispose();
        Stopping.Dispose();
    }

    /// <summary>The rules about writes, in the order they run.</summary>
    private IReadOnlyList<AdmissionPlugin> AdmissionPlugins(EscalationCheck escalation, Authorizer authorizer, NodeReferences references, string? certificateReaders) =>
    [
        new NamespaceLifecycle(Registry.Get("", "namespaces").Cache),
        new LimitRanger(Registry.Get("", "limitranges").Cache),
        new ServiceAccountAdmission(Registry.Get("", "serviceaccounts").Cache),
        new NodeRestriction(references, Registry.Get("", "nodes").Cache, Registry.Get("", "pods").Cache),
        new TaintNodesByCondition(),
        new PodSecurityAdmission(Registry.Get("", "namespaces").Cache, Registry.Get("", "pods").Cache),
        new RuntimeClassAdmission(Registry.Get("node.k8s.io", "runtimeclasses").Cache),
        new PriorityAdmission(Registry.Get("scheduling.k8s.io", "priorityclasses").Cache),
        new DefaultTolerationSeconds(),
        new DefaultStorageClass(Registry.Get("storage.k8s.io", "storageclasses").Cache),
        new StorageProtection(),
        new ClaimResize(Registry.Get("storage.k8s.io", "storageclasses").Cache),
        new CertificateAdmission(authorizer, certificateReaders),
        new DefaultIngressClass(Registry.Get("networking.k8s.io", "ingressclasses").Cache),
        _webhooks.Mutating,
        new RbacEscalation(escalation),
        new OwnerReferencesPermission(authorizer, Registry),
        new UnbuiltFields(new RuntimeOffer(Registry.Get("", "nodes").Cache)),
        new NetworkPolicySums(Registry.Get("networking.k8s.io", "networkpolicies").Cache),
        _webhooks.Validating,
    ];
}
