using System.Runtime.CompilerServices;
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

    // A version of an object never changes, so what it says is read once, and forgotten with it.
    private readonly ConditionalWeakTable<CachedObject, Known> _known = [];

    public BoundObject? Find(BoundKind kind, string? @namespace, string name)
    {
        var plural = kind switch
        {
            BoundKind.ServiceAccount => "serviceaccounts",
            BoundKind.Pod => "pods",
            BoundKind.Secret => "secrets",
            _ => "nodes",
        };
        return registry.Get("", plural).Cache.Get(kind == BoundKind.Node ? "" : @namespace ?? "", name) is { } found
            ? _known.GetValue(found, o => new Known(Read(o, kind))).Object
            : null;
    }

    private static BoundObject Read(CachedObject found, BoundKind kind)
    {
        var metadata = JsonText.ParseNode(PartialForm.Metadata(found).ToArray()) as JsonObject;
        return new BoundObject(found.Uid, KubeTime.TryParse(metadata.Text("deletionTimestamp"), out var deleted) ? deleted : null)
        {
            Token = kind == BoundKind.Secret && found.Fields is [TokenSecret] ? TokenIn(found) : null,
        };
    }

    private sealed record Known(BoundObject Object);

    private static string TokenIn(CachedObject secret)
    {
        var text = secret.Parse().Child("data").Text("token") ?? "";
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? Encoding.ASCII.GetString(bytes, 0, length) : "";
    }
}
