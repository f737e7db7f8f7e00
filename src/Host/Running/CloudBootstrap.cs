using Microsoft.Extensions.Hosting;
using Sealos.ControllerKit.Client;
using Sealos.Host.Components;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Networking;
using Sealos.Kinds.Rbac;

namespace Sealos.Host.Running;

/// <summary>Objects every cloud needs from its first start: the edge's rights, and the kind of components.</summary>
internal sealed class CloudBootstrap(KubeClient client) : IHostedService
{
    /// <summary>The edge's group. Beyond its role it may follow certificates, which the API server is told of: no role can say it.</summary>
    public const string EdgeGroup = "sealos:edge";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(
            EnsureRoleAsync(EdgeRole(), cancellationToken),
            client.TryCreateAsync(EdgeBinding(), cancellationToken),
            ComponentDefinition.Kind.EnsureAsync(client, cancellationToken)).ConfigureAwait(false);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The class of ingresses that the gateway serves.</summary>
    public static Task EnsureGatewayClassAsync(KubeClient client, CancellationToken ct) => client.TryCreateAsync(GatewayClass(), ct);

    /// <summary>What the edge may do: read what it routes by, and say where an Ingress is reached.</summary>
    private static ClusterRole EdgeRole() => new()
    {
        Metadata = new ObjectMeta { Name = "sealos:edge" },
        Rules =
        [
            Rule("", ["services", "endpoints", "namespaces"], "get", "list", "watch"),
            Rule("discovery.k8s.io", ["endpointslices"], "get", "list", "watch"),
            Rule("networking.k8s.io", ["ingresses", "ingressclasses"], "get", "list", "watch"),
            Rule("networking.k8s.io", ["ingresses/status"], "patch", "update"),
            Rule("", ["events"], "create", "patch"),
            Rule(CloudComponent.KubeKind.Group, [CloudComponent.KubeKind.Plural], "get", "list", "watch"),
        ],
    };

    private static ClusterRoleBinding EdgeBinding() => new()
    {
        Metadata = new ObjectMeta { Name = "sealos:edge" },
        RoleRef = new RoleRef { ApiGroup = ClusterRole.KubeKind.Group, Kind = "ClusterRole", Name = "sealos:edge" },
        Subjects = [new Subject { ApiGroup = ClusterRole.KubeKind.Group, Kind = "Group", Name = EdgeGroup }],
    };

    private static IngressClass GatewayClass() => new()
    {
        Metadata = new ObjectMeta { Name = "sealos", Labels = new() { [ComponentInfo.Label] = ComponentCatalog.Gateway.Name }, Annotations = new Dictionary<string, string> { ["ingressclass.kubernetes.io/is-default-class"] = "true" } },
        Spec = new IngressClassSpec { Controller = "sealos.io/gateway" },
    };

    private static PolicyRule Rule(string group, string[] resources, params string[] verbs) => new() { ApiGroups = [group], Resources = [.. resources], Verbs = [.. verbs] };

    /// <summary>Brought up to date at each start, so that a right that an older version gave does not stay.</summary>
    private async Task EnsureRoleAsync(ClusterRole role, CancellationToken ct)
    {
        await client.TryCreateAsync(role, ct).ConfigureAwait(false);
        var current = await client.GetAsync<ClusterRole>(null, role.Metadata.Name!, ct).ConfigureAwait(false);
        current.Rules = role.Rules;
        await client.UpdateAsync(current, ct).ConfigureAwait(false);
    }
}
