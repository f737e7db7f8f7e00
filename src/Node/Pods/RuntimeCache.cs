using System.Globalization;
using Microsoft.Extensions.Logging;
using Sealos.Node.Cri;
using Sealos.Node.Pods.Config;
using V1 = Sealos.Node.Cri.Messages;

namespace Sealos.Node.Pods;

/// <summary>
/// The runtime's state, pod by pod. Changes come from containerd's events; a full list each minute and after every reconnect finds
/// what no event told of. What has been asked once of a container that has ended is never asked again.
/// </summary>
internal sealed partial class RuntimeCache(CriClient cri, NodeOptions options, TimeProvider time, ILogger<RuntimeCache> logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (RuntimePod Pod, long Sequence)> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _owners = new(StringComparer.Ordinal);
    private long _sequence;

    /// <summary>A pod's picture has changed; the argument is the pod's uid.</summary>
    public event Action<string>? Changed;

    /// <summary>A full list has been taken: the moment for looking after what nobody owns.</summary>
    public event Action? Relisted;

    /// <summary>The runtime does not answer any more; the argument says why.</summary>
    public event Action<string>? Lost;

    /// <summary>The runtime answers again.</summary>
    public event Action? Found;

    /// <summary>The last picture of a pod; empty when the runtime has nothing of it.</summary>
    public RuntimePod Get(string uid)
    {
        lock (_lock)
        {
            return _pods.TryGetValue(uid, out var entry) ? entry.Pod : new RuntimePod(uid, "", "");
        }
    }

    /// <summary>Everything the runtime has.</summary>
    public IReadOnlyList<RuntimePod> List()
    {
        lock (_lock)
        {
            return [.. _pods.Values.Select(e => e.Pod)];
        }
    }

    /// <summary>Takes a full list and a new picture of every pod that differs from what was known.</summary>
    public async Task RelistAsync(CancellationToken ct)
    {
        var sandboxes = (await cri.ListPodSandboxAsync(null, ct).ConfigureAwait(false)).ToLookup(s => Uid(s.Labels));
        var containers = (await cri.ListContainersAsync(null, ct).ConfigureAwait(false)).ToLookup(c => Uid(c.Labels));
        var known = List().ToDictionary(p => p.Uid);
        foreach (var uid in sandboxes.Select(g => g.Key).Union(containers.Select(g => g.Key)).Union(known.Keys))
        {
            if (uid.Length > 0 && !IsSame(known.GetValueOrDefault(uid), sandboxes[uid], containers[uid]))
            {
                await RefreshAsync(uid, ct).ConfigureAwait(false);
                Changed?.Invoke(uid);
            }
        }

        Relisted?.Invoke();
    }

    /// <summary>Takes a new picture of one pod.</summary>
    public async Task<RuntimePod> RefreshAsync(string uid, CancellationToken ct)
    {
        var sequence = Interlocked.Increment(ref _sequence);
        var before = Get(uid);
        var sandboxFilter = new V1.PodSandboxFilter();
        sandboxFilter.LabelSelector[Keys.PodUid] = uid;
        var containerFilter = new V1.ContainerFilter();
        containerFilter.LabelSelector[Keys.PodUid] = uid;

        // Containers first: where both end between the two questions, none is started again in a sandbox that is gone.
        var containers = await cri.ListContainersAsync(containerFilter, ct).ConfigureAwait(false);
        var sandboxes = await cri.ListPodSandboxAsync(sandboxFilter, ct).ConfigureAwait(false);

        var newest = sandboxes.OrderByDescending(s => s.CreatedAt).ToList();
        var identity = newest.Count > 0 ? newest[0].Labels : containers.Count > 0 ? containers[0].Labels : null;
        var pod = new RuntimePod(uid, Label(identity, Keys.PodNamespace), Label(identity, Keys.PodName))
        {
            Sandboxes = await SelectAsync(newest, s => LoadAsync(s, before, ct)).ConfigureAwait(false),
            Containers = [.. (await SelectAsync(containers, c => LoadAsync(c, before, ct)).ConfigureAwait(false)).OrderByDescending(c => c.CreatedAt)],
            Annotations = newest.Count > 0 ? newest[0].Annotations : new Dictionary<string, string>(),
        };
        return Store(pod, before, sequence);
    }

    private static async Task<List<T>> SelectAsync<TSource, T>(IEnumerable<TSource> items, Func<TSource, Task<T?>> load)
        where T : class
    {
        var result = new List<T>();
        foreach (var item in items)
        {
            if (await load(item).ConfigureAwait(false) is { } loaded)
            {
                result.Add(loaded);
            }
        }

        return result;
    }

    // A picture begun later is never replaced by one begun earlier.
    private RuntimePod Store(RuntimePod pod, RuntimePod before, long sequence)
    {
        lock (_lock)
        {
            if (_pods.TryGetValue(pod.Uid, out var entry) && entry.Sequence > sequence)
            {
                return entry.Pod;
            }

            foreach (var id in Ids(before))
            {
                _owners.Remove(id);
            }

            if (pod.Sandboxes.Count == 0 && pod.Containers.Count == 0)
            {
                _pods.Remove(pod.Uid);
                return pod;
            }

            foreach (var id in Ids(pod))
            {
                _owners[id] = pod.Uid;
            }

            _pods[pod.Uid] = (pod, sequence);
            return pod;
        }
    }

    private static IEnumerable<string> Ids(RuntimePod pod) => pod.Sandboxes.Select(s => s.Id).Concat(pod.Containers.Select(c => c.Id));

    private async Task<RuntimeSandbox?> LoadAsync(V1.PodSandbox sandbox, RuntimePod before, CancellationToken ct)
    {
        var isReady = sandbox.State == V1.PodSandboxState.Ready;
        if (before.Sandboxes.FirstOrDefault(s => s.Id == sandbox.Id) is { } known && (known.IsReady == isReady || !isReady))
        {
            return known with { IsReady = isReady };
        }

        try
        {
            var status = await cri.PodSandboxStatusAsync(sandbox.Id, ct).ConfigureAwait(false);
            var isHostNetwork = status.Linux?.Namespaces?.Options?.Network == V1.NamespaceMode.Node;
            return new RuntimeSandbox(sandbox.Id, sandbox.Metadata.Attempt, status.State == V1.PodSandboxState.Ready, status.Network?.Ip ?? "", isHostNetwork, FromNanoseconds(sandbox.CreatedAt) ?? default) { Handler = status.RuntimeHandler };
        }
        catch (CriException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    private async Task<RuntimeContainer?> LoadAsync(V1.Container container, RuntimePod before, CancellationToken ct)
    {
        if (before.Containers.FirstOrDefault(c => c.Id == container.Id) is { } known && known.State == StateOf(container.State) && known.State is RunState.Running or RunState.Exited)
        {
            return known;
        }

        try
        {
            var status = await cri.ContainerStatusAsync(container.Id, ct).ConfigureAwait(false);
            var message = status.State == V1.ContainerState.Exited ? await TerminationMessages.ReadAsync(status, options.PodsRoot, ct).ConfigureAwait(false) : "";
            return Map(status, container.PodSandboxId, message.Length > 0 ? message : status.Message);
        }
        catch (CriException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    private static RuntimeContainer Map(V1.ContainerStatus status, string sandboxId, string message) => new()
    {
        Id = status.Id,
        Name = Label(status.Labels, Keys.ContainerName),
        SandboxId = sandboxId,
        State = StateOf(status.State),
        RestartCount = int.TryParse(Label(status.Annotations, Keys.RestartCount), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : (int)status.Metadata.Attempt,
        CreatedAt = FromNanoseconds(status.CreatedAt) ?? default,
        StartedAt = FromNanoseconds(status.StartedAt),
        FinishedAt = FromNanoseconds(status.FinishedAt),
        ExitCode = status.ExitCode,
        Reason = status.Reason,
        Message = message,
        Image = status.Image?.Image ?? "",
        ImageRef = status.ImageRef,
        Hash = Label(status.Annotations, Keys.Hash),
        LogPath = status.LogPath,
        Annotations = status.Annotations,
    };

    private static bool IsSame(RuntimePod? known, IEnumerable<V1.PodSandbox> sandboxes, IEnumerable<V1.Container> containers) =>
        known is not null
        && known.Sandboxes.Select(s => (s.Id, s.IsReady)).ToHashSet().SetEquals(sandboxes.Select(s => (s.Id, s.State == V1.PodSandboxState.Ready)))
        && known.Containers.Select(c => (c.Id, c.State)).ToHashSet().SetEquals(containers.Select(c => (c.Id, StateOf(c.State))));

    private static RunState StateOf(V1.ContainerState state) => state switch
    {
        V1.ContainerState.Created => RunState.Created,
        V1.ContainerState.Running => RunState.Running,
        V1.ContainerState.Exited => RunState.Exited,
        _ => RunState.Unknown,
    };

    private static string Uid(IDictionary<string, string> labels) => Label(labels, Keys.PodUid);

    private static string Label(IDictionary<string, string>? labels, string key) => labels is not null && labels.TryGetValue(key, out var value) ? value : "";

    private static DateTimeOffset? FromNanoseconds(long nanoseconds) => nanoseconds > 0 ? DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100) : null;
}
