using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Coordination;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Node.Cri;
using Sealos.Node.Pressure;
using V1 = Sealos.Node.Cri.Messages;

namespace Sealos.Node.Registration;

/// <summary>Keeps the Node object and its lease: registers the node, renews the lease, and reports what changes.</summary>
internal sealed partial class NodeRegistrar(NodeOptions options, MachineInfo machine, KubeClient client, CriClient cri, TimeProvider time, ILogger<NodeRegistrar> logger)
{
    private const string LeaseNamespace = "kube-node-lease";
    private const int LeaseSeconds = 40;
    private const int FreeConflicts = 3;
    private const int InsufficientStorage = 507;

    private static readonly TimeSpan RenewInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan UrgentInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RuntimePatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SemaphoreSlim _reporting = new(1);
    private NodeFindings? _seen;
    private long _seenAt;
    private string _reported = "";
    private DateTimeOffset _reportedAt;

    /// <summary>What is short on the machine.</summary>
    public Func<NodePressure> Pressure { get; init; } = () => NodePressure.None;

    /// <summary>Tells of the node: whether it is ordinary, a reason and a message.</summary>
    public Action<bool, string, string> Tell { get; init; } = (_, _, _) => { };

    /// <summary>Why the node takes no pods although it could run them; null when it does.</summary>
    public string? Closed { get; set; }

    /// <summary>What the runtime can do, as it said last.</summary>
    public RuntimeAbilities Abilities { get; set; } = RuntimeAbilities.None;

    /// <summary>Has the node looked at again now.</summary>
    public void Wake() => _wakes.Writer.TryWrite(true);

    /// <summary>Reports the node's state now.</summary>
    public Task ReportNowAsync(CancellationToken ct) => ReportAsync(ct);

    /// <summary>Registers the node; tries until the API server takes it, unless it knows the node and has no room to write.</summary>
    public async Task RegisterAsync(CancellationToken ct)
    {
        var conflicts = 0;
        for (var retry = FirstRetry; ; retry = retry * 2 < LastRetry ? retry * 2 : LastRetry)
        {
            var isKnown = false;
            try
            {
                isKnown = await EnsureNodeAsync(ct).ConfigureAwait(false);
                await ReportAsync(ct).ConfigureAwait(false);
                await RenewAsync(ct).ConfigureAwait(false);
                return;
            }
            catch (ApiException e) when (e.IsConflict && conflicts++ < FreeConflicts)
            {
                // Controllers give a new node its pod range and take its taints at the same time.
                retry = FirstRetry / 2;
            }
            catch (ApiException e) when (isKnown && e.Code == InsufficientStorage)
            {
                // Its pods need their agent all the more; reporting is tried again and again anyway.
                LogNotReported(logger, options.NodeName, e.Message);
                return;
            }
            catch (Exception e) when (IsPassing(e, ct))
            {
                LogNotRegistered(logger, options.NodeName, e.Message);
                await Task.Delay(retry, time, ct).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Renews the lease and reports changes until cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                var isReady = await ReportAsync(ct).ConfigureAwait(false);
                await RenewAsync(ct).ConfigureAwait(false);

                // A node that is not ready is looked at more often: its network or runtime is just coming up.
                await WaitAsync(isReady ? RenewInterval : UrgentInterval, ct).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (IsPassing(e, ct))
            {
                LogNotReported(logger, options.NodeName, e.Message);
                await Task.Delay(UrgentInterval, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WaitAsync(TimeSpan interval, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(interval, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            await _wakes.Reader.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The time is up, and nobody has called.
        }
    }

    private static bool IsPassing(Exception e, CancellationToken ct) =>
        e is ApiException or HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested);

    // Whether the API server knew the node already.
    private async Task<bool> EnsureNodeAsync(CancellationToken ct)
    {
        var wanted = NodeObject.Labels(options);
        if (await client.FindAsync<Kinds.Core.Node>(null, options.NodeName, ct).ConfigureAwait(false) is not { } node)
        {
            await client.CreateAsync(NodeObject.Create(options), ct).ConfigureAwait(false);
            return false;
        }

        if (wanted.Any(l => node.Metadata.Labels?.GetValueOrDefault(l.Key) != l.Value))
        {
            node = KubeJson.Clone(node);
            node.Metadata.Labels ??= [];
            foreach (var (key, value) in wanted)
            {
                node.Metadata.Labels[key] = value;
            }

            await client.UpdateAsync(node, ct).ConfigureAwait(false);
        }

        return true;
    }

    // Whether the node is ready. One at a time: what was found out first must not be written last.
    private async Task<bool> ReportAsync(CancellationToken ct)
    {
        await _reporting.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            return await ReportNewsAsync(ct).ConfigureAwait(false);
        }
        finally
        {
            _reporting.Release();
        }
    }

    private async Task<bool> ReportNewsAsync(CancellationToken ct)
    {
        var findings = await LookAsync(ct).ConfigureAwait(false);
        var text = JsonSerializer.Serialize(NodeObject.Status(options, machine, findings with { Now = default }, null), KubeJson.Options);
        if (text == _reported && findings.Now - _reportedAt < ReportInterval)
        {
            return findings.NotReady is null;
        }

        var node = KubeJson.Clone(await client.GetAsync<Kinds.Core.Node>(null, options.NodeName, ct).ConfigureAwait(false));
        var before = node.Status;
        node.Status = NodeObject.Status(options, machine, findings, before);
        await client.UpdateStatusAsync(node, ct).ConfigureAwait(false);
        TellChanges(before, node.Status);
        (_reported, _reportedAt) = (text, findings.Now);
        return findings.NotReady is null;
    }

    private void TellChanges(NodeStatus? before, NodeStatus after)
    {
        if (NodeChanges.IsRebooted(before, after))
        {
            Tell(false, "Rebooted", $"Node {options.NodeName} has been rebooted, boot id: {after.NodeInfo!.BootID}");
        }

        foreach (var reason in NodeChanges.Between(before, after))
        {
            Tell(true, reason, $"Node {options.NodeName} status is now: {reason}");
        }
    }

    private async Task<NodeFindings> LookAsync(CancellationToken ct)
    {
        var pressure = Pressure();
        try
        {
            var answer = await cri.StatusAsync(ct).ConfigureAwait(false);
            Abilities = RuntimeAbilities.Of(answer);
            var bad = answer.Status.Conditions.FirstOrDefault(c => !c.Status);
            var why = bad is null ? null : $"container runtime {(bad.Type == "NetworkReady" ? "network " : "")}not ready: {bad.Type}=false reason:{bad.Reason} message:{bad.Message}";
            _seen = new NodeFindings(pressure, why ?? Closed, await cri.ListImagesAsync(ct).ConfigureAwait(false), time.GetUtcNow()) { Abilities = Abilities };
            _seenAt = time.GetTimestamp();
            return _seen;
        }
        catch (CriException) when (_seen is { NotReady: null } && time.GetElapsedTime(_seenAt) < RuntimePatience)
        {
            // It is being started again. Containers run without it, and traffic should not leave them meanwhile.
            return _seen with { Pressure = pressure, NotReady = Closed, Now = time.GetUtcNow() };
        }
        catch (CriException e)
        {
            return new NodeFindings(pressure, $"container runtime is down: {e.Message}", Array.Empty<V1.Image>(), time.GetUtcNow()) { Abilities = Abilities };
        }
    }

    private async Task RenewAsync(CancellationToken ct)
    {
        var lease = await client.FindAsync<Lease>(LeaseNamespace, options.NodeName, ct).ConfigureAwait(false);
        if (lease is null)
        {
            var node = await client.GetAsync<Kinds.Core.Node>(null, options.NodeName, ct).ConfigureAwait(false);
            await client.CreateAsync(
                new Lease
                {
                    Metadata = new ObjectMeta
                    {
                        Name = options.NodeName,
                        Namespace = LeaseNamespace,
                        OwnerReferences = [new OwnerReference { ApiVersion = "v1", Kind = "Node", Name = options.NodeName, Uid = node.Metadata.Uid }],
                    },
                    Spec = new LeaseSpec { HolderIdentity = options.NodeName, LeaseDurationSeconds = LeaseSeconds, RenewTime = time.GetUtcNow() },
                },
                ct).ConfigureAwait(false);
            return;
        }

        lease = KubeJson.Clone(lease);
        lease.Spec ??= new LeaseSpec();
        (lease.Spec.HolderIdentity, lease.Spec.LeaseDurationSeconds, lease.Spec.RenewTime) = (options.NodeName, LeaseSeconds, time.GetUtcNow());
        await client.UpdateAsync(lease, ct).ConfigureAwait(false);
    }

    [LoggerMessage(1, LogLevel.Information, "node {Name} is not registered yet: {Reason}")]
    private static partial void LogNotRegistered(ILogger logger, string name, string reason);

    [LoggerMessage(2, LogLevel.Warning, "the state of node {Name} could not be reported: {Reason}")]
    private static partial void LogNotReported(ILogger logger, string name, string reason);
}
