using System.Net;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using Sealos.Kinds.Meta;

namespace Sealos.Network.Dns;

/// <summary>
/// The Service that tools look for where they expect cluster DNS. Its one endpoint is its own address: DNS listens there, so
/// that names resolve whatever state the services' table is in.
/// </summary>
public static class ClusterDnsService
{
    private const string Namespace = "kube-system";
    private const string Name = "kube-dns";
    private const int Port = 53;

    /// <summary>Creates the Service and its EndpointSlice where they are missing; what is there is left alone.</summary>
    /// <param name="client">Whose rights it is done with.</param>
    /// <param name="address">Where DNS listens.</param>
    /// <param name="label">What tells whose objects they are.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="ApiException">The API server refused.</exception>
    public static async Task EnsureAsync(KubeClient client, IPAddress address, KeyValuePair<string, string> label, CancellationToken ct)
    {
        var (service, endpoints) = (Service(address), Endpoints(address));
        service.Metadata.Labels!.Add(label.Key, label.Value);
        endpoints.Metadata.Labels!.Add(label.Key, label.Value);
        await EnsureAsync(client, service, ct).ConfigureAwait(false);
        await EnsureAsync(client, endpoints, ct).ConfigureAwait(false);
    }

    /// <summary>The Service, for events about DNS.</summary>
    internal static ObjectReference Reference { get; } = new() { ApiVersion = "v1", Kind = "Service", Namespace = Namespace, Name = Name };

    internal static Service Service(IPAddress address) => new()
    {
        Metadata = new ObjectMeta
        {
            Namespace = Namespace,
            Name = Name,
            Labels = new() { ["k8s-app"] = Name, ["kubernetes.io/cluster-service"] = "true", ["kubernetes.io/name"] = "ClusterDNS" },
        },
        Spec = new ServiceSpec
        {
            Type = "ClusterIP",
            ClusterIP = address.ToString(),
            ClusterIPs = [address.ToString()],
            Ports =
            [
                new() { Name = "dns", Protocol = "UDP", Port = Port, TargetPort = Port },
                new() { Name = "dns-tcp", Protocol = "TCP", Port = Port, TargetPort = Port },
            ],
        },
    };

    internal static EndpointSlice Endpoints(IPAddress address) => new()
    {
        Metadata = new ObjectMeta
        {
            Namespace = Namespace,
            Name = Name,
            Labels = new() { ["kubernetes.io/service-name"] = Name, ["endpointslice.kubernetes.io/managed-by"] = "dns.sealos.io" },
        },
        AddressType = "IPv4",
        Endpoints = [new() { Addresses = [address.ToString()], Conditions = new EndpointConditions { Ready = true, Serving = true, Terminating = false } }],
        Ports = [new() { Name = "dns", Protocol = "UDP", Port = Port }, new() { Name = "dns-tcp", Protocol = "TCP", Port = Port }],
    };

    private static async Task EnsureAsync<T>(KubeClient client, T obj, CancellationToken ct)
        where T : class, Kinds.IKubeObject<T>, new()
    {
        if (await client.FindAsync<T>(obj.Metadata.Namespace, obj.Metadata.Name!, ct).ConfigureAwait(false) is not null)
        {
            return;
        }

        try
        {
            await client.CreateAsync(obj, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Somebody was faster.
        }
    }
}
