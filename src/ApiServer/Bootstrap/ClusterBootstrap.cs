using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Authorization;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Strategies;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Bootstrap;

/// <summary>Puts in what every cluster has: the system's namespaces, default rights, and the API server's own Service.</summary>
internal sealed class ClusterBootstrap(ObjectCreator creator, ObjectUpdater updater, NamespaceStrategy namespaces, ServiceStrategy services, ApiServerOptions options)
{
    private const string AutoUpdate = "rbac.authorization.kubernetes.io/autoupdate";
    private const string ServiceName = "kubernetes";
    private const string RbacGroup = "rbac.authorization.k8s.io";
    private static readonly string[] Namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];
    private static readonly (string Name, int Value, string Description)[] PriorityClasses =
    [
        ("system-cluster-critical", 2000000000, "For pods that the cluster cannot do without, but that may move."),
        ("system-node-critical", 2000001000, "For pods that a node cannot do without."),
    ];

    private static readonly string[] MergedLists = ["rules", "subjects"];
    private static readonly string[] Retired = ["sealos:kubelet", "sealos:node"];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var name in Namespaces)
        {
            await EnsureAsync("", "namespaces", "", Object(name), cancellationToken).ConfigureAwait(false);
            await namespaces.EnsureContentAsync(name, creator, cancellationToken).ConfigureAwait(false);
        }

        foreach (var (name, value, description) in PriorityClasses)
        {
            var priority = Object(name);
            priority["value"] = value;
            priority["description"] = description;
            await EnsureAsync("scheduling.k8s.io", "priorityclasses", "", priority, cancellationToken).ConfigureAwait(false);
        }

        // All at once, so that they share a few commits; nothing is served yet that could see one without another.
        await Task.WhenAll(BootstrapRbac.Objects.Select(wanted => EnsureRbacAsync(wanted, cancellationToken))).ConfigureAwait(false);
        await RetireAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes or corrects the Service <c>default/kubernetes</c> and what is behind it.</summary>
    public async Task PublishEndpointAsync(int port, CancellationToken cancellationToken)
    {
        await EnsureAsync("", "services", "default", ApiService(port), cancellationToken).ConfigureAwait(false);
        await updater.UpdateAsync(
            new UpdateRequest(creator.Registry.Get("", "services"), "default", ServiceName, service =>
            {
                service.Child("spec").Objects("ports").First()["targetPort"] = port;
                return service;
            }),
            new WriteContext(WriteContext.System),
            cancellationToken).ConfigureAwait(false);
        if ((options.AdvertiseAddress ?? MachineAddress()) is not { } advertised)
        {
            // A machine without a network has no pods that could reach this server either.
            return;
        }

        var address = advertised.ToString();
        await ReplaceAsync("", "endpoints", ApiEndpoints(address, port), ["subsets"], cancellationToken).ConfigureAwait(false);
        await ReplaceAsync("discovery.k8s.io", "endpointslices", ApiSlice(address, port), ["endpoints", "ports"], cancellationToken).ConfigureAwait(false);
    }

    private JsonObject ApiService(int port)
    {
        var service = Object(ServiceName);
        service.Child("metadata")!["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" };
        service["spec"] = new JsonObject
        {
            ["clusterIP"] = services.FirstAddress.ToString(),
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = 443, ["targetPort"] = port, ["protocol"] = "TCP" }),
        };
        return service;
    }

    private static JsonObject ApiEndpoints(string address, int port)
    {
        var endpoints = Object(ServiceName);
        endpoints.Child("metadata")!["labels"] = new JsonObject { ["endpointslice.kubernetes.io/skip-mirror"] = "true" };
        endpoints["subsets"] = new JsonArray(new JsonObject
        {
            ["addresses"] = new JsonArray(new JsonObject { ["ip"] = address }),
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = port, ["protocol"] = "TCP" }),
        });
        return endpoints;
    }

    private static JsonObject ApiSlice(string address, int port)
    {
        var slice = Object(ServiceName);
        slice.Child("metadata")!["labels"] = new JsonObject { ["kubernetes.io/service-name"] = ServiceName };
        slice["addressType"] = "IPv4";
        slice["endpoints"] = new JsonArray(new JsonObject { ["addresses"] = new JsonArray(address), ["conditions"] = new JsonObject { ["ready"] = true } });
        slice["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = port, ["protocol"] = "TCP" });
        return slice;
    }

    private Task EnsureAsync(string group, string plural, string @namespace, JsonObject obj, CancellationToken cancellationToken) =>
        creator.EnsureAsync(creator.Registry.Get(group, plural), @namespace, obj, cancellationToken);

    /// <summary>Ensures an object in the default namespace and that its fields of those names are as given.</summary>
    private async Task ReplaceAsync(string group, string plural, JsonObject wanted, string[] fields, CancellationToken cancellationToken)
    {
        var resource = creator.Registry.Get(group, plural);
        var name = wanted.Child("metadata").Text("name")!;
        await creator.EnsureAsync(resource, "default", (JsonObject)wanted.DeepClone(), cancellationToken).ConfigureAwait(false);
        await updater.UpdateAsync(
            new UpdateRequest(resource, "default", name, current =>
            {
                foreach (var field in fields)
                {
                    current[field] = wanted[field]?.DeepClone();
                }

                return current;
            }),
            new WriteContext(WriteContext.System),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Creates a default role or binding, or adds what it lacks of the default unless its owner said to leave it.</summary>
    private async Task EnsureRbacAsync(BootstrapObject wanted, CancellationToken cancellationToken)
    {
        var resource = creator.Registry.All.First(r => r.Group == RbacGroup && r.Kind == wanted.Kind.ToString());
        var scope = wanted.Namespace ?? "";
        var json = JsonText.Parse(wanted.Json, []);
        if (resource.Cache.Get(scope, wanted.Name) is null)
        {
            await creator.EnsureAsync(resource, scope, json, cancellationToken).ConfigureAwait(false);
            return;
        }

        var update = new UpdateRequest(resource, scope, wanted.Name, current => AddMissing(current, json));
        await updater.UpdateAsync(update, new WriteContext(WriteContext.System), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What earlier versions gave to every node; nodes have what their pods need instead.</summary>
    private async Task RetireAsync(CancellationToken cancellationToken)
    {
        var bindings = creator.Registry.Get(RbacGroup, "clusterrolebindings");
        foreach (var name in Retired.Where(n => bindings.Cache.Get("", n) is not null))
        {
            var update = new UpdateRequest(bindings, "", name, current =>
            {
                current.Remove("subjects");
                return current;
            });
            await updater.UpdateAsync(update, new WriteContext(WriteContext.System), cancellationToken).ConfigureAwait(false);
        }
    }

    private static JsonObject AddMissing(JsonObject current, JsonObject wanted)
    {
        if (current.Child("metadata", "annotations").Text(AutoUpdate) != "true" || current["aggregationRule"] is not null)
        {
            return current;
        }

        foreach (var name in MergedLists)
        {
            if (wanted[name] is not JsonArray given)
            {
                continue;
            }

            if (current[name] is not JsonArray list)
            {
                list = [];
                current[name] = list;
            }

            foreach (var item in given.Where(g => !list.Any(l => JsonNode.DeepEquals(l, g))))
            {
                list.Add(item!.DeepClone());
            }
        }

        return current;
    }

    private static IPAddress? MachineAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(i => i is { OperationalStatus: OperationalStatus.Up, NetworkInterfaceType: not NetworkInterfaceType.Loopback })
        .SelectMany(i => i.GetIPProperties().UnicastAddresses)
        .Select(a => a.Address)
        .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));

    private static JsonObject Object(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };
}
