using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.Kinds.Core;
using Sealos.Kinds.Networking;
using Sealos.Network.Nft;
using Sealos.Network.Services;
using Sealos.Network.Traffic;

namespace Sealos.Network.Policies;

/// <summary>
/// Puts NetworkPolicies in force and counts pods' traffic, by two nftables tables kept equal to policies, pods and namespaces.
/// Stopping leaves the tables as they are, so that what is forbidden stays forbidden while the server restarts.
/// </summary>
public sealed partial class PolicyComponent : IHostedService, IDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SettleInterval = TimeSpan.FromSeconds(10);

    // Failures in a row after which the table is replaced.
    private const int MostTakeOvers = 3;

    private HashSet<string> _exhausted = [];
    private readonly PolicyOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Informer<NetworkPolicy> _policies;
    private readonly Informer<Pod> _pods;
    private readonly Informer<Namespace> _namespaces;
    private readonly NftRunner _nft;
    private readonly Conntrack _conntrack;
    private readonly NftTable _table;
    private readonly NftTable _trafficTable;
    private readonly NftTable _guardTable;
    private readonly DirtyKeys<Subject> _dirty;
    private readonly Admissions _admissions = new();
    private readonly TrafficLedger _ledger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<IDisposable> _subscriptions = [];
    private string? _fixedPart;
    private Task _run = Task.CompletedTask;
    private Task _forgetting = Task.CompletedTask;

    /// <summary>Policies fed by <paramref name="informers"/>, which the caller starts.</summary>
    public PolicyComponent(PolicyOptions options, InformerFactory informers, TimeProvider time, ILoggerFactory loggers)
        : this(options, informers, new HostCommands(), time, loggers)
    {
    }

    internal PolicyComponent(PolicyOptions options, InformerFactory informers, HostCommands commands, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _time = time;
        _logger = loggers.CreateLogger<PolicyComponent>();
        _policies = informers.For<NetworkPolicy>();
        _pods = informers.For<Pod>();
        _namespaces = informers.For<Namespace>();
        _nft = new NftRunner(commands);
        _conntrack = new Conntrack(commands, _logger);
        var names = new InstanceNames(options.Instance);
        (_table, _trafficTable, _guardTable) = (names.PolicyTable, names.TrafficTable, names.PolicyGuardTable);
        _ledger = new TrafficLedger(_trafficTable);
        _dirty = new DirtyKeys<Subject>(time);
    }

    private enum SubjectKind
    {
        Policy,
        Pod,
        Namespace,
    }

    /// <summary>Completes when the policies known at start are in force.</summary>
    public Task Ready => _ready.Task;

    /// <summary>How many lines the kernel was given since the start; grows with what changes, not with what there is.</summary>
    internal long Operations { get; private set; }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscriptions.Add(_policies.OnChange((old, @new) => Mark(SubjectKind.Policy, ObjectKey.Of((@new ?? old)!))));
        _subscriptions.Add(_pods.OnChange((old, @new) =>
        {
            if (old is not null && old.Metadata.Uid != @new?.Metadata.Uid)
            {
                Mark(SubjectKind.Pod, PodFacts.IdentityOf(old));
            }

            if (@new is not null)
            {
                Mark(SubjectKind.Pod, PodFacts.IdentityOf(@new));
            }
        }));
        _subscriptions.Add(_namespaces.OnChange((old, @new) => Mark(SubjectKind.Namespace, ObjectKey.Of((@new ?? old)!))));
        _run = Task.Run(() => RunAsync(_stop.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _ready.TrySetCanceled(CancellationToken.None);
        _subscriptions.ForEach(s => s.Dispose());
        await _run.WaitAsync(cancellationToken).ConfigureAwait(false);
        await _forgetting.WaitAsync(cancellationToken).ConfigureAwait(false);
        _admissions.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _dirty.Dispose();
        _stop.Dispose();
    }

    /// <summary>
    /// Returns once every policy that selects the pod is in force at its address: whoever starts pods waits for this between giving
    /// one its address and starting its first container.
    /// </summary>
    public async Task AdmitAsync(Pod pod, IPAddress address, CancellationToken ct)
    {
        var (done, former) = _admissions.Add(pod, address, _time.GetUtcNow());
        Mark(SubjectKind.Pod, PodFacts.IdentityOf(pod));
        if (former is not null)
        {
            Mark(SubjectKind.Pod, former.Value);
        }

        await done.WaitAsync(ct).ConfigureAwait(false);
    }

    /// <summary>
    /// Whoever stops pods says here that nothing of one is left at its address. Until then its policies stay in force, whatever becomes
    /// of the pod in the API.
    /// </summary>
    public void Release(Pod pod)
    {
        var identity = PodFacts.IdentityOf(pod);
        _admissions.Remove(identity);
        Mark(SubjectKind.Pod, identity);
    }

    /// <summary>What pods and namespaces have sent and received.</summary>
    public async Task<TrafficReport> ReadTrafficAsync(CancellationToken ct) => _ledger.Report(await ReadCountersAsync(ct).ConfigureAwait(false));

    private async Task<Dictionary<IPAddress, TrafficReading>?> ReadCountersAsync(CancellationToken ct) =>
        await _nft.ListAsync(_trafficTable, ct).ConfigureAwait(false) is { } listing ? TrafficReading.Parse(listing) : null;

    private void Mark(SubjectKind kind, ObjectKey key) => _dirty.Add(new Subject(kind, key));

    private Task RunAsync(CancellationToken ct) =>
        new TableUpkeep(_time, (seconds, reason) => Log.Failed(_logger, seconds, reason)).RunAsync(BuildAsync, FollowAsync, ct);

    // What cannot be taken over is made from nothing: what the last run left may be of another version's making.
    private async Task<PolicyCompiler> BuildAsync(int failures, CancellationToken ct)
    {
        await _policies.WaitForSyncAsync(ct).ConfigureAwait(false);
        await _pods.WaitForSyncAsync(ct).ConfigureAwait(false);
        await _namespaces.WaitForSyncAsync(ct).ConfigureAwait(false);
        _dirty.TakeAll();
        var admissions = _admissions.Take();
        try
        {
            var compiler = await RebuildAsync(takeOver: failures < MostTakeOvers, ct).ConfigureAwait(false);
            Complete(compiler, admissions);
            _ready.TrySetResult();
            return compiler;
        }
        catch (HostCommandException e)
        {
            Fail(admissions, e);
            throw;
        }
    }

    // One transaction, so no packet meets a table half full; and what an earlier run left is changed, not replaced, as between
    // old hooks and new ones the kernel lets a packet through that neither has seen.
    private async Task<PolicyCompiler> RebuildAsync(bool takeOver, CancellationToken ct)
    {
        var started = _time.GetTimestamp();
        var compiler = new PolicyCompiler(_table, _time);
        compiler.SetPod(new ObjectKey("kube-system", "\0dns"), Dns());
        _namespaces.List().ToList().ForEach(n => Apply(compiler, new Subject(SubjectKind.Namespace, ObjectKey.Of(n))));
        _policies.List().ToList().ForEach(p => Apply(compiler, new Subject(SubjectKind.Policy, ObjectKey.Of(p))));
        _pods.List().Select(PodFacts.IdentityOf).Concat(_admissions.Keys).Distinct().ToList().ForEach(p => Apply(compiler, new Subject(SubjectKind.Pod, p)));

        var rules = await RulesAsync(compiler, takeOver, ct).ConfigureAwait(false);
        var counters = await CountersAsync(compiler, takeOver, ct).ConfigureAwait(false);
        await ApplyGuardedAsync(rules + counters, isReplaced: !takeOver, ct).ConfigureAwait(false);
        _fixedPart = await ReadFixedPartAsync(ct).ConfigureAwait(false);
        Log.Rebuilt(_logger, _policies.List().Count, compiler.ClassCount, _time.GetElapsedTime(started).TotalMilliseconds);
        return compiler;
    }

    // Between the old table's hooks and the new one's the kernel lets packets through; another table holds them up meanwhile.
    private async Task ApplyGuardedAsync(string script, bool isReplaced, CancellationToken ct)
    {
        if (!isReplaced)
        {
            await ApplyAsync(_guardTable.Replace() + script, ct).ConfigureAwait(false);
            return;
        }

        try
        {
            await ApplyAsync(_guardTable.Replace() + PolicyTable.Guard(_guardTable, _options), ct).ConfigureAwait(false);
            await ApplyAsync(script, ct).ConfigureAwait(false);
        }
        finally
        {
            await _nft.RemoveAsync(_guardTable, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private Task<string?> ReadFixedPartAsync(CancellationToken ct) => _nft.ListChainsAsync(_table, PolicyTable.FixedChains, ct);

    private async Task<bool> IsWholeAsync(CancellationToken ct) =>
        _fixedPart is not null && await ReadFixedPartAsync(ct).ConfigureAwait(false) == _fixedPart && await _nft.ExistsAsync(_trafficTable, ct).ConfigureAwait(false);

    private async Task<string> RulesAsync(PolicyCompiler compiler, bool takeOver, CancellationToken ct)
    {
        var left = takeOver && await _nft.ListAsync(_table, ct).ConfigureAwait(false) is { } listing ? TableState.Parse(listing, PolicyTable.Variable) : null;
        return left is null
            ? $"{_table.Replace()}{PolicyTable.Script(_table, _options)}{compiler.Update()}"
            : $"{_table.Flush()}{PolicyTable.Script(_table, _options)}{compiler.TakeOver(left)}";
    }

    private async Task<string> CountersAsync(PolicyCompiler compiler, bool takeOver, CancellationToken ct)
    {
        var left = takeOver ? await ReadCountersAsync(ct).ConfigureAwait(false) : null;
        var script = TrafficTable.Script(_trafficTable, _options.PodRange);
        if (left is not null)
        {
            _ledger.TakeOver(left);
            return $"{_trafficTable.Flush()}{script}{_ledger.Move(compiler.TakeMoved())}";
        }

        _ledger.Move(compiler.TakeMoved());
        return $"{_trafficTable.Replace()}{script}{_ledger.Fill()}";
    }

    // Returns when the table is no longer what it was and must be built again.
    private async Task FollowAsync(PolicyCompiler compiler, CancellationToken ct)
    {
        var (@checked, settled) = (_time.GetTimestamp(), _time.GetTimestamp());
        while (true)
        {
            if (await _dirty.WaitAsync(SweepInterval < _options.CheckInterval && (compiler.HasRetired || _ledger.HasLeft) ? SweepInterval : _options.CheckInterval, ct).ConfigureAwait(false))
            {
                if (!_admissions.AnyWaits)
                {
                    await Task.Delay(_options.BatchDelay, _time, ct).ConfigureAwait(false);
                }

                await UpdateAsync(compiler, ct).ConfigureAwait(false);
            }

            if (compiler.HasRetired)
            {
                await ApplyAsync(compiler.Sweep(), ct).ConfigureAwait(false);
            }

            if (_ledger.HasLeft && _time.GetElapsedTime(settled) >= SettleInterval && await ReadCountersAsync(ct).ConfigureAwait(false) is { } readings)
            {
                settled = _time.GetTimestamp();
                await ApplyAsync(_ledger.Settle(readings), ct).ConfigureAwait(false);
            }

            if (_time.GetElapsedTime(@checked) >= _options.CheckInterval)
            {
                @checked = _time.GetTimestamp();
                _admissions.Forget(_time.GetUtcNow(), i => NamedPod(i) is not null).ToList().ForEach(i => Mark(SubjectKind.Pod, i));
                if (!await IsWholeAsync(ct).ConfigureAwait(false))
                {
                    Log.Gone(_logger, _table);
                    return;
                }
            }
        }
    }

    private async Task UpdateAsync(PolicyCompiler compiler, CancellationToken ct)
    {
        var admissions = _admissions.Take();
        try
        {
            foreach (var subject in _dirty.TakeAll().Concat(admissions.Select(a => new Subject(SubjectKind.Pod, a.Pod))))
            {
                Apply(compiler, subject);
            }

            var rules = compiler.Update();
            var moved = compiler.TakeMoved();
            TellExhausted(compiler);
            await ApplyAsync(rules + _ledger.Move(moved), ct).ConfigureAwait(false);
            Complete(compiler, admissions);
            _forgetting = ForgetFlowsAsync(_forgetting, [.. moved.Where(m => m.Holder is null).Select(m => m.Address)], ct);
        }
        catch (HostCommandException e)
        {
            Fail(admissions, e);
            throw;
        }
    }

    // Said once, when it begins.
    private void TellExhausted(PolicyCompiler compiler)
    {
        foreach (var ns in compiler.Exhausted.Except(_exhausted))
        {
            Log.Exhausted(_logger, ns);
        }

        _exhausted = [.. compiler.Exhausted];
    }

    // Beside the loop, as it takes a walk over all flows: meanwhile nobody holds the address, and so nothing passes.
    private async Task ForgetFlowsAsync(Task before, IReadOnlyCollection<IPAddress> addresses, CancellationToken ct)
    {
        await before.ConfigureAwait(false);
        await _conntrack.ForgetAsync(addresses, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static void Complete(PolicyCompiler compiler, IEnumerable<Admissions.Waiting> admissions)
    {
        foreach (var admission in admissions)
        {
            if (compiler.Holds(admission.Pod, admission.Address))
            {
                admission.Done.TrySetResult();
            }
            else
            {
                admission.Done.TrySetException(new InvalidOperationException($"address {admission.Address} is another pod's by now"));
            }
        }
    }

    // The node tries the pod again; by then the table may be in order.
    private static void Fail(IEnumerable<Admissions.Waiting> admissions, HostCommandException reason)
    {
        foreach (var admission in admissions)
        {
            admission.Done.TrySetException(reason);
        }
    }

    private void Apply(PolicyCompiler compiler, Subject subject)
    {
        var (kind, key) = subject;
        switch (kind)
        {
            case SubjectKind.Policy:
                var policy = _policies.Get(key.Namespace, key.Name);
                if (policy is not null && PolicyReader.IsTooLarge(policy))
                {
                    Log.TooLarge(_logger, key.Namespace, key.Name);
                }

                compiler.SetPolicy(key, policy is null ? null : PolicyReader.Read(policy));
                break;
            case SubjectKind.Namespace:
                var labels = _namespaces.Get(null, key.Name) is { } ns ? ns.Metadata.Labels ?? [] : null;
                compiler.SetNamespace(key.Name, labels);
                if (labels is null)
                {
                    _ledger.Forget(key.Name);
                }

                break;
            default:
                compiler.SetPod(key, _admissions.FactsOf(key, ApiPod(key)));
                break;
        }
    }

    private Pod? ApiPod(ObjectKey identity) => NamedPod(identity) is { } pod && PodFacts.IdentityOf(pod) == identity ? pod : null;

    private Pod? NamedPod(ObjectKey identity) => _pods.Get(identity.Namespace, PodFacts.NameOf(identity));

    private async Task ApplyAsync(string script, CancellationToken ct)
    {
        if (script.Length > 0)
        {
            await _nft.ApplyAsync(script, ct).ConfigureAwait(false);
            Operations += script.AsSpan().Count('\n');
        }
    }

    private PodFacts Dns() => new()
    {
        Key = new ObjectKey("kube-system", "\0dns"),
        Uid = "dns",
        Address = _options.DnsAddress,
        Labels = new Dictionary<string, string> { ["k8s-app"] = "kube-dns" },
        Ports = new Dictionary<string, int> { [PodFacts.PortKey("dns", "udp")] = 53, [PodFacts.PortKey("dns-tcp", "tcp")] = 53 },
        IsSelectable = false,
    };

    private readonly record struct Subject(SubjectKind Kind, ObjectKey Key);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Policies} network policies are in force, {Classes} classes of pods, table built in {Milliseconds} ms")]
        public static partial void Rebuilt(ILogger logger, int policies, int classes, double milliseconds);

        [LoggerMessage(2, LogLevel.Warning, "table '{Table}' was removed or changed by somebody else, building it again")]
        public static partial void Gone(ILogger logger, NftTable table);

        [LoggerMessage(4, LogLevel.Warning, "network policy {Namespace}/{Name} has more peers or ports than can be put in force: its pods are isolated and nothing is allowed")]
        public static partial void TooLarge(ILogger logger, string? @namespace, string name);

        [LoggerMessage(5, LogLevel.Warning, "the network policies of namespace {Namespace} together are more than can be put in force: pods that need more than there is room for are isolated and nothing is allowed")]
        public static partial void Exhausted(ILogger logger, string @namespace);

        [LoggerMessage(3, LogLevel.Error, "network policies cannot be put in force, trying again in {Seconds}s: {Reason}")]
        public static partial void Failed(ILogger logger, double seconds, string reason);
    }
}
