using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Objects.Meta;

namespace Sealos.KubeControllers_Tests.Harness;

/// <summary>A node whose pods run at once: what a node agent writes, without containers.</summary>
internal sealed class FakeNodeAgent : IAsyncDisposable
{
    private readonly KubeClient _client;
    private readonly string _name;
    private readonly InformerFactory _informers;
    private readonly Informer<Pod> _pods;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _changed = new(0);
    private Task _running = Task.CompletedTask;
    private int _address;

    private FakeNodeAgent(TestServer server, string name)
    {
        _client = server.Client;
        _name = name;
        _informers = new InformerFactory(_client, server.Loggers);
        _pods = _informers.For<Pod>($"spec.nodeName={name}");
        _pods.OnChange((_, _) => _changed.Release());
    }

    /// <summary>Whether pods become ready; those that are stay so.</summary>
    public Func<Pod, bool> MakesReady { get; set; } = _ => true;

    public static async Task<FakeNodeAgent> StartAsync(TestServer server, string name, CancellationToken ct)
    {
        var agent = new FakeNodeAgent(server, name);
        await RegisterAsync(server.Client, name, ct);
        agent._informers.Start();
        agent._running = Task.Run(() => agent.RunAsync(agent._stop.Token), CancellationToken.None);
        return agent;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _informers.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>Makes the node alone: pods are bound to it, and nobody runs them.</summary>
    public static async Task RegisterAsync(KubeClient client, string name, CancellationToken ct)
    {
        await client.CreateAsync(new Node { Metadata = new ObjectMeta { Name = name, Labels = new() { ["kubernetes.io/hostname"] = name } } }, ct);
        await ReportReadyAsync(client, name, ct);
    }

    /// <summary>Says that the node lives and is ready.</summary>
    public Task ReportReadyAsync(CancellationToken ct) => ReportReadyAsync(_client, _name, ct);

    private static async Task ReportReadyAsync(KubeClient client, string name, CancellationToken ct)
    {
        var node = await client.GetAsync<Node>(null, name, ct);
        node.Metadata.ResourceVersion = null;
        var now = DateTimeOffset.UtcNow;
        node.Status = new NodeStatus
        {
            Capacity = new() { ["cpu"] = Quantity.Parse("100"), ["memory"] = Quantity.Parse("100Gi"), ["pods"] = Quantity.Parse("2000") },
            Allocatable = new() { ["cpu"] = Quantity.Parse("100"), ["memory"] = Quantity.Parse("100Gi"), ["pods"] = Quantity.Parse("2000") },
            Conditions = [new NodeCondition { Type = "Ready", Status = "True", Reason = "KubeletReady", LastHeartbeatTime = now, LastTransitionTime = now }],
        };
        await client.UpdateStatusAsync(node, ct);
    }

    private async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                foreach (var pod in _pods.List())
                {
                    await SyncAsync(pod, ct);
                }

                await _changed.WaitAsync(ct);
                while (_changed.Wait(0, CancellationToken.None))
                {
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task SyncAsync(Pod pod, CancellationToken ct)
    {
        try
        {
            if (pod.Metadata.DeletionTimestamp is not null)
            {
                await _client.DeleteAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name!, new DeleteOptions { GracePeriodSeconds = 0 }, ct);
            }
            else if (pod.Status?.Phase is null or "Pending" || (!IsReady(pod) && MakesReady(pod) && pod.Status.Phase == "Running"))
            {
                await _client.UpdateStatusAsync(new Pod { Metadata = pod.Metadata, Spec = pod.Spec, Status = Running(pod) }, ct);
            }
        }
        catch (ApiException)
        {
            // The next event brings it back.
            _changed.Release();
            await Task.Delay(5, ct);
        }
    }

    private static bool IsReady(Pod pod) => pod.Status?.Conditions?.Exists(c => c is { Type: "Ready", Status: "True" }) == true;

    private PodStatus Running(Pod pod)
    {
        var now = DateTimeOffset.UtcNow;
        var number = pod.Status?.PodIP is null ? Interlocked.Increment(ref _address) : 0;
        var ip = pod.Status?.PodIP ?? $"10.208.{number / 250}.{(number % 250) + 2}";
        var status = pod.Status is null ? new PodStatus() : KubeJson.Clone(pod.Status);
        status.Phase = "Running";
        status.PodIP = ip;
        status.PodIPs = [new PodIP { Ip = ip }];
        status.StartTime ??= now;
        status.Conditions = [.. (status.Conditions ?? []).Where(c => c.Type != "Ready"), new PodCondition { Type = "Ready", Status = MakesReady(pod) ? "True" : "False", LastTransitionTime = now }];
        return status;
    }
}
