using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Policy;
using Sealos.KubeControllers.Scheduler;
using Sealos.Objects.Meta;

namespace Sealos.KubeControllers_Tests.Scheduler;

/// <summary>A cluster in memory for tests of placing.</summary>
internal sealed class Cluster
{
    private int _number;

    public Cluster() => State = new ClusterState(ns => ns == "red" ? new Dictionary<string, string> { ["colour"] = "red" } : null) { BudgetsOf = pod => BudgetsOf(pod), KindOf = pod => KindOf(pod) };

    public Func<Pod, IEnumerable<PodDisruptionBudget>> BudgetsOf { get; set; } = _ => [];

    public Func<Pod, LabelSelector?> KindOf { get; set; } = _ => null;

    public ClusterState State { get; }

    public Cluster Node(string name, string cpu = "4", string memory = "8Gi", string pods = "110", Action<Node>? change = null)
    {
        var node = new Node
        {
            Metadata = new ObjectMeta { Name = name, Labels = new() { ["kubernetes.io/hostname"] = name, ["zone"] = name[..1] } },
            Spec = new NodeSpec(),
            Status = new NodeStatus { Allocatable = new() { ["cpu"] = Quantity.Parse(cpu), ["memory"] = Quantity.Parse(memory), ["pods"] = Quantity.Parse(pods) } },
        };
        change?.Invoke(node);
        State.SetNode(name, node);
        return this;
    }

    public Cluster Place(string node, Pod pod)
    {
        State.Place(new PlacedPod(pod), node);
        return this;
    }

    public Placement Find(Pod pod) => Placing.Find(new PlacedPod(pod), State);

    public Pod Pod(string? cpu = null, string app = "x", string ns = "ns", Action<PodSpec>? change = null)
    {
        var spec = new PodSpec { Containers = [Container(cpu)] };
        change?.Invoke(spec);
        return new Pod { Metadata = new ObjectMeta { Name = $"p{_number}", Uid = $"u{_number++}", Namespace = ns, Labels = new() { ["app"] = app } }, Spec = spec, Status = new PodStatus() };
    }

    public static Container Container(string? cpu = null, string? memory = null, string? restart = null)
    {
        var requests = new Dictionary<string, Quantity>();
        if (cpu is not null)
        {
            requests["cpu"] = Quantity.Parse(cpu);
        }

        if (memory is not null)
        {
            requests["memory"] = Quantity.Parse(memory);
        }

        return new Container { Name = "c", Image = "i", RestartPolicy = restart, Resources = new ResourceRequirements { Requests = requests } };
    }

    public static LabelSelector App(string app) => new() { MatchLabels = new() { ["app"] = app } };
}
