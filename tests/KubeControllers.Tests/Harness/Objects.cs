using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Objects.Meta;

namespace Sealos.KubeControllers_Tests.Harness;

/// <summary>Builds the objects that tests start from.</summary>
internal static class Make
{
    public static PodTemplateSpec Template(string app, string image = "hello:1", string cpu = "10m") => new()
    {
        Metadata = new ObjectMeta { Labels = new() { ["app"] = app } },
        Spec = PodSpec(image, cpu),
    };

    public static PodSpec PodSpec(string image = "hello:1", string cpu = "10m") => new()
    {
        Containers = [new Container { Name = "main", Image = image, Resources = new ResourceRequirements { Requests = new() { ["cpu"] = Quantity.Parse(cpu) } }, Ports = [new ContainerPort { Name = "web", ContainerPortValue = 8080 }] }],
        TerminationGracePeriodSeconds = 1,
    };

    public static Deployment Deployment(string ns, string name, int replicas) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = ns, Labels = new() { ["app"] = name } },
        Spec = new DeploymentSpec { Replicas = replicas, Selector = new LabelSelector { MatchLabels = new() { ["app"] = name } }, Template = Template(name) },
    };

    public static Pod Pod(string ns, string name, string app = "x") => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = ns, Labels = new() { ["app"] = app } },
        Spec = PodSpec(),
    };

    public static Service Service(string ns, string name, IntOrString? targetPort = null) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = ns, Labels = new() { ["team"] = "a" } },
        Spec = new ServiceSpec { Selector = new() { ["app"] = name }, Ports = [new ServicePort { Name = "http", Port = 80, TargetPort = targetPort ?? "web" }] },
    };

    public static PersistentVolumeClaim Claim(string ns, string name, string? storageClass = null, string size = "1Gi", string mode = "ReadWriteOnce") => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = ns },
        Spec = new PersistentVolumeClaimSpec
        {
            AccessModes = [mode],
            StorageClassName = storageClass ?? ns,
            Resources = new VolumeResourceRequirements { Requests = new() { ["storage"] = Quantity.Parse(size) } },
        },
    };

    public static PersistentVolume Volume(string name, string storageClass, string size = "1Gi", Action<PersistentVolumeSpec>? change = null)
    {
        var spec = new PersistentVolumeSpec
        {
            Capacity = new() { ["storage"] = Quantity.Parse(size) },
            AccessModes = ["ReadWriteOnce"],
            StorageClassName = storageClass,
            Local = new LocalVolumeSource { Path = "/srv/" + name },
            NodeAffinity = new VolumeNodeAffinity { Required = new NodeSelector { NodeSelectorTerms = [new NodeSelectorTerm { MatchExpressions = [new NodeSelectorRequirement { Key = "kubernetes.io/hostname", Operator = "In", Values = ["n1"] }] }] } },
        };
        change?.Invoke(spec);
        return new PersistentVolume { Metadata = new ObjectMeta { Name = name, Uid = "uid-" + name }, Spec = spec };
    }

    public static void Use(this PodSpec spec, string claim) =>
        (spec.Volumes ??= []).Add(new Volume { Name = "v-" + claim, PersistentVolumeClaim = new PersistentVolumeClaimVolumeSource { ClaimName = claim } });
}
