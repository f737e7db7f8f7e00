using System.Globalization;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Networking;
using Sealos.Objects.Meta;

namespace Sealos.OsServices.Apps;

/// <summary>An app's form as Kubernetes objects; pure, with Sealos's names and labels.</summary>
public static class AppObjects
{
    // A limit is what an app may use, and most apps idle most of the time. CPU that runs short only makes all of them slower,
    // memory that runs short ends some: so much less of the one is reserved.
    private const int CpuShare = 100;
    private const int MemoryShare = 10;
    private const string BuiltInRegistry = "sealos.hub/";

    /// <summary>The workload.</summary>
    public static Deployment Deployment(string ns, AppForm form) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = form.Name,
            Namespace = ns,
            Labels = AppNames.Labels(form.Name),
            Annotations = new Dictionary<string, string>
            {
                [AppNames.ImageAnnotation] = form.Image,
                [AppNames.MinReplicasAnnotation] = form.Replicas.ToString(CultureInfo.InvariantCulture),
                [AppNames.MaxReplicasAnnotation] = form.Replicas.ToString(CultureInfo.InvariantCulture),
            },
        },
        Spec = new DeploymentSpec
        {
            Replicas = form.Replicas,
            RevisionHistoryLimit = 1,
            Selector = new LabelSelector { MatchLabels = new Dictionary<string, string> { [AppNames.AppLabel] = form.Name } },
            Strategy = new DeploymentStrategy { Type = "RollingUpdate", RollingUpdate = new RollingUpdateDeployment { MaxUnavailable = 0, MaxSurge = 1 } },
            Template = new PodTemplateSpec
            {
                Metadata = new ObjectMeta { Labels = AppNames.Labels(form.Name) },
                Spec = new PodSpec
                {
                    AutomountServiceAccountToken = false,
                    TerminationGracePeriodSeconds = 10,
                    Containers = [Container(form)],
                },
            },
        },
    };

    /// <summary>The service that the app's instances share, or null for an app without ports.</summary>
    public static Service? Service(string ns, AppForm form) => form.Ports.Count == 0 ? null : new Service
    {
        Metadata = new ObjectMeta { Name = form.Name, Namespace = ns, Labels = AppNames.Labels(form.Name) },
        Spec = new ServiceSpec
        {
            Selector = new Dictionary<string, string> { [AppNames.AppLabel] = form.Name },
            Ports = [.. form.Ports.Select(p => new ServicePort { Name = PortName(p), Port = p.Number, TargetPort = p.Number, Protocol = "TCP" })],
        },
    };

    /// <summary>An Ingress for each public port.</summary>
    public static IEnumerable<Ingress> Ingresses(string ns, AppForm form) =>
        form.Ports.Where(p => p is { IsPublic: true, Host: not null }).Select(p => Ingress(ns, form, p));

    private static Container Container(AppForm form) => new()
    {
        Name = form.Name,
        Image = form.Image,
        ImagePullPolicy = form.Image.StartsWith(BuiltInRegistry, StringComparison.Ordinal) ? "IfNotPresent" : null,
        Command = form.Command.Count == 0 ? null : [.. form.Command],
        Args = form.Arguments.Count == 0 ? null : [.. form.Arguments],
        Env = form.Environment.Count == 0 ? null : [.. form.Environment.Select(v => new EnvVar { Name = v.Name, Value = v.Value })],
        Ports = form.Ports.Count == 0 ? null : [.. form.Ports.Select(p => new ContainerPort { Name = PortName(p), ContainerPortValue = p.Number, Protocol = "TCP" })],
        Resources = Resources(Quantity.Parse(form.Cpu), Quantity.Parse(form.Memory)),
    };

    private static ResourceRequirements Resources(Quantity cpu, Quantity memory) => new()
    {
        Limits = new Dictionary<string, Quantity> { ["cpu"] = cpu, ["memory"] = memory },
        Requests = new Dictionary<string, Quantity>
        {
            ["cpu"] = Quantity.FromMilli(Math.Max(1, cpu.MilliValue / CpuShare)),
            ["memory"] = Quantity.FromLong(Math.Max(1, memory.LongValue / MemoryShare)),
        },
    };

    private static Ingress Ingress(string ns, AppForm form, AppPort port)
    {
        var labels = AppNames.Labels(form.Name);
        labels[AppNames.DomainLabel] = port.HostPrefix!;
        var backend = new IngressBackend { Service = new IngressServiceBackend { Name = form.Name, Port = new ServiceBackendPort { Number = port.Number } } };
        return new Ingress
        {
            Metadata = new ObjectMeta
            {
                Name = port.NetworkName,
                Namespace = ns,
                Labels = labels,
                Annotations = new Dictionary<string, string>
                {
                    [AppNames.IngressClassAnnotation] = AppNames.IngressClass,
                    ["nginx.ingress.kubernetes.io/proxy-body-size"] = "32m",
                    ["nginx.ingress.kubernetes.io/ssl-redirect"] = "true",
                },
            },
            Spec = new IngressSpec
            {
                Tls = [new IngressTLS { Hosts = [port.Host!], SecretName = AppNames.WildcardSecret }],
                Rules = [new IngressRule { Host = port.Host, Http = new HTTPIngressRuleValue { Paths = [new HTTPIngressPath { Path = "/", PathType = "Prefix", Backend = backend }] } }],
            },
        };
    }

    // A port's name has 15 characters at most and at least one letter.
    private static string PortName(AppPort port) => $"port-{port.Number}";
}
