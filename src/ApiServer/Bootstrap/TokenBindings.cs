using System.Text.Json.Nodes;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Bootstrap;

/// <summary>Finds, in memory, the objects that tokens are bound to.</summary>
internal sealed class TokenBindings(ResourceRegistry registry)
{
    public BoundObject? Find(BoundKind kind, string? @namespace, string name)
    {
        var plural = kind switch
        {
            BoundKind.ServiceAccount => "serviceaccounts",
            BoundKind.Pod => "pods",
            BoundKind.Secret => "secrets",
            _ => "nodes",
        };
        if (registry.Get("", plural).Cache.Get(kind == BoundKind.Node ? "" : @namespace ?? "", name) is not { } found)
        {
            return null;
        }

        var metadata = JsonText.ParseNode(PartialForm.Metadata(found).ToArray()) as JsonObject;
        return new BoundObject(found.Uid, KubeTime.TryParse(metadata.Text("deletionTimestamp"), out var deleted) ? deleted : null);
    }
}
