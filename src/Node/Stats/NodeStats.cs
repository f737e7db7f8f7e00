using Sealos.Node.Cri;
using Sealos.Node.Cri.Messages;
using Sealos.Node.Volumes;

namespace Sealos.Node.Stats;

/// <summary>Measures when asked, and at most every few seconds however many ask.</summary>
internal sealed class NodeStats(CriClient cri, NodeOptions options, Func<IEnumerable<UsedClaim>> claims, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    // Long enough for a rate of processor time, short enough for somebody who waits for it.
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _measuring = new(1);
    private readonly CpuRates _rates = new();
    private Summary? _last;
    private long _measuredAt;

    /// <summary>What the machine and its pods use. What was not measured lately has no rates.</summary>
    public Task<Summary> SummaryAsync(CancellationToken ct) => SummaryAsync(withRates: false, ct);

    /// <summary>The same with the rates of everything that runs: where one is missing, it is waited for.</summary>
    public Task<Summary> RatedSummaryAsync(CancellationToken ct) => SummaryAsync(withRates: true, ct);

    /// <inheritdoc/>
    public void Dispose() => _measuring.Dispose();

    private async Task<Summary> SummaryAsync(bool withRates, CancellationToken ct)
    {
        await _measuring.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (_last is null || time.GetElapsedTime(_measuredAt) > Freshness)
            {
                await RefreshAsync(ct).ConfigureAwait(false);
            }

            if (withRates && !_last!.HasAllRates)
            {
                await Task.Delay(RateWindow, time, ct).ConfigureAwait(false);
                await RefreshAsync(ct).ConfigureAwait(false);
            }

            return _last!;
        }
        finally
        {
            _measuring.Release();
        }
    }

    private async Task RefreshAsync(CancellationToken ct)
    {
        _last = await MeasureAsync(ct).ConfigureAwait(false);
        _measuredAt = time.GetTimestamp();
    }

    private async Task<Summary> MeasureAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var traffic = await options.Network.ReadTrafficAsync(ct).ConfigureAwait(false);
        var volumes = ClaimStats.Measure(claims(), now);
        var pods = (await SandboxesAsync(ct).ConfigureAwait(false)).Where(s => s.Attributes?.Metadata is not null)
            .Select(s => ToPod(s, traffic, now) with { Volumes = volumes.GetValueOrDefault(s.Attributes.Metadata.Uid) }).ToList();
        var node = MachineUsage.Measure(options.NodeName, options.DataRoot, now, _rates);
        _rates.Forget(now);
        return new Summary(node, pods) { Namespaces = traffic.Namespaces };
    }

    private async Task<IReadOnlyList<PodSandboxStats>> SandboxesAsync(CancellationToken ct)
    {
        try
        {
            return await cri.ListPodSandboxStatsAsync(null, ct).ConfigureAwait(false);
        }
        catch (CriException e) when (!e.IsUnavailable)
        {
            // One pod that stops at this very moment fails the whole list; ask one by one instead.
            var filter = new PodSandboxFilter { State = new PodSandboxStateValue { State = PodSandboxState.Ready } };
            var found = new List<PodSandboxStats>();
            foreach (var sandbox in await cri.ListPodSandboxAsync(filter, ct).ConfigureAwait(false))
            {
                if (await FindAsync(sandbox.Id, ct).ConfigureAwait(false) is { } stats)
                {
                    found.Add(stats);
                }
            }

            return found;
        }
    }

    private async Task<PodSandboxStats?> FindAsync(string sandbox, CancellationToken ct)
    {
        try
        {
            return await cri.PodSandboxStatsAsync(sandbox, ct).ConfigureAwait(false);
        }
        catch (CriException e) when (!e.IsUnavailable)
        {
            return null;
        }
    }

    private PodUsage ToPod(PodSandboxStats stats, NodeTraffic traffic, DateTimeOffset now)
    {
        var name = stats.Attributes.Metadata;
        var linux = stats.Linux;

        // The runtime lists what has ended too, with nothing but its disk space, and beside what runs in its place.
        var containers = (linux?.Containers ?? []).Where(c => c.Attributes?.Metadata is not null).Select(c => ToContainer(c, now)).ToLookup(c => c.Cpu is not null || c.Memory is not null);
        return new PodUsage(
            new PodReference(name.Name, name.Namespace, name.Uid),
            [.. containers[true]],
            ToCpu(stats.Attributes.Id, linux?.Cpu, now),
            ToMemory(linux?.Memory, now),
            ToNetwork(linux?.Network, traffic.Pods.GetValueOrDefault(name.Uid), now))
        {
            NotRunning = [.. containers[false]],
            ProcessStats = NotZero(linux?.Process?.ProcessCount) is { } count ? new ProcessStats(count) : null,
        };
    }

    private ContainerUsage ToContainer(ContainerStats stats, DateTimeOffset now) => new(
        stats.Attributes.Metadata.Name,
        ToCpu(stats.Attributes.Id, stats.Cpu, now),
        ToMemory(stats.Memory, now),
        stats.WritableLayer is { } layer ? new FileSystem(Moment(layer.Timestamp, now), null, null, layer.UsedBytes?.Value ?? 0, NotZero(layer.InodesUsed)) : null);

    private Cpu? ToCpu(string id, CpuUsage? usage, DateTimeOffset now) => usage?.UsageCoreNanoSeconds is { } total
        ? new Cpu(Moment(usage.Timestamp, now), _rates.Next(id, total.Value, Moment(usage.Timestamp, now)), total.Value)
        : null;

    private static Memory? ToMemory(MemoryUsage? usage, DateTimeOffset now) => usage?.WorkingSetBytes is { } workingSet
        ? new Memory(Moment(usage.Timestamp, now), NotZero(usage.AvailableBytes), NotZero(usage.UsageBytes), workingSet.Value, NotZero(usage.RssBytes))
        : null;

    private static Network? ToNetwork(NetworkUsage? usage, PodTraffic? traffic, DateTimeOffset now) => usage?.DefaultInterface is { } link
        ? new Network(Moment(usage.Timestamp, now), link.Name, link.RxBytes?.Value ?? 0, link.RxErrors?.Value ?? 0, link.TxBytes?.Value ?? 0, link.TxErrors?.Value ?? 0)
        {
            Inside = traffic?.Inside,
            Outside = traffic?.Outside,
        }
        : null;

    // The runtime leaves out what it does not know, or says nothing of it.
    private static ulong? NotZero(UInt64Value? value) => value is { Value: > 0 } known ? known.Value : null;

    private static DateTimeOffset Moment(long nanoseconds, DateTimeOffset now) =>
        nanoseconds > 0 ? DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100) : now;
}
