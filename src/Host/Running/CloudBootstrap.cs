using Microsoft.Extensions.Hosting;
using Sealos.ControllerKit.Client;
using Sealos.Host.Configuration;
using Sealos.Kinds;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Networking;
using Sealos.Kinds.Rbac;
using Sealos.Network.Dns;

namespace Sealos.Host.Running;

/// <summary>Objects every cloud needs from its first start: the edge's rights, the DNS service, the ingress class.</summary>
internal sealed class CloudBootstrap(KubeClient client, CloudOptions options) : IHostedService
{
    /// <summary>The edge's group. Beyond its role it may follow certificates, which the API server is told of: no role can say it.</summary>
    public const string EdgeGroup = "sealos:edge";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(
            EnsureAsync(EdgeRole(), cancellationToken),
            EnsureAsync(EdgeBinding(), cancellationToken),
            ClusterDnsService.EnsureAsync(client, options.DnsAddress, cancellationToken),
            EnsureAsync(GatewayClass(), cancellationToken)).ConfigureAwait(false);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

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
        Metadata = new ObjectMeta { Name = "sealos", Annotations = new Dictionary<string, string> { ["ingressclass.kubernetes.io/is-default-class"] = "true" } },
        Spec = new IngressClassSpec { Controller = "sealos.io/gateway" },
    };

    private static PolicyRule Rule(string group, string[] resources, params string[] verbs) => new() { ApiGroups = [group], Resources = [.. resources], Verbs = [.. verbs] };

    /// <summary>Brought up to date at each start, so that a right that an older version gave does not stay.</summary>
    private async Task EnsureAsync(ClusterRole role, CancellationToken ct)
    {
        await EnsureAsync<ClusterRole>(role, ct).ConfigureAwait(false);
        var current = await client.GetAsync<ClusterRole>(null, role.Metadata.Name!, ct).ConfigureAwait(false);
        current.Rules = role.Rules;
        await client.UpdateAsync(current, ct).ConfigureAwait(false);
    }

    private async Task EnsureAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubeObject<T>, new()
    {
        try
        {
            await client.CreateAsync(obj, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Made at an earlier start.
        }
    }
}
