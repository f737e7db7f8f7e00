using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Networking;

namespace Sealos.OsServices.Apps;

/// <summary>How an app is doing, in a word for people.</summary>
public enum AppState
{
    /// <summary>As many instances as wanted are ready.</summary>
    Running,

    /// <summary>Instances are being started or replaced.</summary>
    Starting,

    /// <summary>Nothing is wanted to run.</summary>
    Stopped,

    /// <summary>It does not get on by itself.</summary>
    Failing,
}

/// <summary>An app as it is: its form read back from the objects, and how it is doing.</summary>
public sealed record AppView(AppForm Form, string Namespace, AppState State, int Ready, DateTimeOffset? Created, string Message)
{
    /// <summary>Addresses of its public ports, without scheme.</summary>
    public IReadOnlyList<string> Hosts => [.. Form.Ports.Where(p => p.Host is not null).Select(p => p.Host!)];
}

/// <summary>Reads objects back into the form they came from, whoever wrote them; pure.</summary>
public static class AppReader
{
    /// <summary>Whether a workload is one the launchpad shows.</summary>
    public static bool IsApp(Deployment deployment) => deployment.Metadata.Labels?.ContainsKey(AppNames.ManagerLabel) == true;

    /// <summary>The app of a workload, with the services and ingresses that carry its label.</summary>
    public static AppView Read(Deployment deployment, IEnumerable<Service> services, IEnumerable<Ingress> ingresses)
    {
        var container = deployment.Spec?.Template?.Spec?.Containers?.FirstOrDefault() ?? new Container();
        var hosts = Hosts(ingresses);
        var form = new AppForm
        {
            Name = deployment.Metadata.Name!,
            Image = container.Image ?? "",
            Command = container.Command ?? [],
            Arguments = container.Args ?? [],
            Replicas = deployment.Spec?.Replicas ?? 1,
            Cpu = Limit(container, "cpu"),
            Memory = Limit(container, "memory"),
            Environment = [.. (container.Env ?? []).Where(e => e.ValueFrom is null).Select(e => new AppVariable(e.Name!, e.Value ?? ""))],
            Ports = [.. services.SelectMany(s => s.Spec?.Ports ?? []).DistinctBy(p => p.Port).Select(p => Port(p, hosts))],
        };
        var (state, message) = State(deployment);
        return new AppView(form, deployment.Metadata.Namespace!, state, deployment.Status?.ReadyReplicas ?? 0, deployment.Metadata.CreationTimestamp, message);
    }

    private static string Limit(Container container, string resource) =>
        container.Resources?.Limits?.TryGetValue(resource, out var quantity) == true ? quantity.ToString() : "0";

    private static Dictionary<int, (string Name, string Host, string? Prefix)> Hosts(IEnumerable<Ingress> ingresses)
    {
        var hosts = new Dictionary<int, (string, string, string?)>();
        foreach (var ingress in ingresses)
        {
            foreach (var rule in ingress.Spec?.Rules ?? [])
            {
                if (rule.Host is not null && rule.Http?.Paths?.FirstOrDefault()?.Backend?.Service?.Port?.Number is { } port)
                {
                    hosts.TryAdd(port, (ingress.Metadata.Name!, rule.Host, ingress.Metadata.Labels?.GetValueOrDefault(AppNames.DomainLabel)));
                }
            }
        }

        return hosts;
    }

    private static AppPort Port(ServicePort port, Dictionary<int, (string Name, string Host, string? Prefix)> hosts) =>
        hosts.TryGetValue(port.Port ?? 0, out var found)
            ? new AppPort { Number = port.Port ?? 0, IsPublic = true, NetworkName = found.Name, Host = found.Host, HostPrefix = found.Prefix }
            : new AppPort { Number = port.Port ?? 0 };

    private static (AppState State, string Message) State(Deployment deployment)
    {
        var wanted = deployment.Spec?.Replicas ?? 1;
        var status = deployment.Status;
        if (wanted == 0)
        {
            return (AppState.Stopped, "");
        }

        var isCurrent = status?.ObservedGeneration >= deployment.Metadata.Generation;
        if (isCurrent && status?.UpdatedReplicas >= wanted && status.AvailableReplicas >= wanted && status.Replicas == status.UpdatedReplicas)
        {
            return (AppState.Running, "");
        }

        var stuck = status?.Conditions?.Find(c => (c.Type == "Progressing" && c.Status == "False") || (c.Type == "ReplicaFailure" && c.Status == "True"));
        return stuck is not null && isCurrent ? (AppState.Failing, stuck.Message ?? stuck.Reason ?? "") : (AppState.Starting, "");
    }
}
