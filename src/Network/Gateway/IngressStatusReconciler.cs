using System.Net;
using System.Text.Json.Nodes;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Networking;
using Sealos.Network.Gateway.Routing;

namespace Sealos.Network.Gateway;

/// <summary>Writes the gateway's address into the status of each ingress it serves, and takes it back from those it no longer does.</summary>
internal sealed class IngressStatusReconciler(KubeClient client, Informer<Ingress> ingresses, RouteTable routes, IPAddress address) : IReconciler
{
    private readonly string _address = address.ToString();

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var ingress = ingresses.Get(key.Namespace, key.Name);
        if (ingress is null || Wanted(ingress) is not { } wanted)
        {
            return ReconcileResult.Done;
        }

        try
        {
            await client.PatchAsync<Ingress>(key.Namespace, key.Name, wanted, "status", ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Deleted in between; there is nothing left to say it on.
        }

        return ReconcileResult.Done;
    }

    /// <summary>The patch that is needed, or null where the status is right already.</summary>
    public JsonObject? Wanted(Ingress ingress)
    {
        var isServed = routes.Judge(ingress) != ClassVerdict.NotOurs;
        var written = ingress.Status?.LoadBalancer?.Ingress is [{ Hostname: null } only] && only.Ip == _address;
        if (isServed == written)
        {
            return null;
        }

        JsonArray? list = isServed ? [new JsonObject { ["ip"] = _address }] : null;
        return new JsonObject { ["status"] = new JsonObject { ["loadBalancer"] = new JsonObject { ["ingress"] = list } } };
    }
}
