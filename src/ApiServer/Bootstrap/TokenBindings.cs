using System.Text;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Bootstrap;

/// <summary>Finds, in memory, the objects that tokens are bound to.</summary>
internal sealed class TokenBindings(ResourceRegistry registry)
{
    private const string TokenSecret = "kubernetes.io/service-account-token";

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
        return new BoundObject(found.Uid, KubeTime.TryParse(metadata.Text("deletionTimestamp"), out var deleted) ? deleted : null)
        {
            Token = kind == BoundKind.Secret && found.Fields is [TokenSecret] ? TokenIn(found) : null,
        };
    }

    private static string TokenIn(CachedObject secret)
    {
        var text = secret.Parse().Child("data").Text("token") ?? "";
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? Encoding.ASCII.GetString(bytes, 0, length) : "";
    }
}
