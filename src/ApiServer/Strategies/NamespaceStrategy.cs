using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Strategies;

/// <summary>
/// Namespaces are active until deleted, then stay, terminating, until their content is gone. What every pod needs is
/// created with them, so that a client that has just made a namespace can create pods at once.
/// </summary>
internal sealed class NamespaceStrategy(string rootCertificates) : Strategy
{
    private const string NameLabel = "kubernetes.io/metadata.name";
    private const string Description = "Certificates to verify this API server with from inside the cluster.";

    public override void PrepareForCreate(JsonObject obj, Resource resource)
    {
        obj["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
        obj["status"] = new JsonObject { ["phase"] = "Active" };
        SetLabel(obj);
    }

    public override void PrepareForUpdate(JsonObject obj, JsonObject old, Resource resource)
    {
        base.PrepareForUpdate(obj, old, resource);
        CopyField(old, obj, "spec");
        SetLabel(obj);
    }

    public override JsonObject PrepareForPart(string subresource, JsonObject obj, JsonObject old)
    {
        if (subresource != "finalize")
        {
            return base.PrepareForPart(subresource, obj, old);
        }

        var result = (JsonObject)old.DeepClone();
        CopyField(obj, result, "spec");
        return result;
    }

    public override void MarkDeleted(JsonObject obj) => obj["status"] = new JsonObject { ["phase"] = "Terminating" };

    public override bool IsHeld(JsonObject obj) => obj.Child("spec").Texts("finalizers").Any();

    public override async Task AfterCreateAsync(JsonObject obj, ObjectCreator creator, CancellationToken cancellationToken)
    {
        var name = obj.Child("metadata").Text("name")!;
        try
        {
            await EnsureContentAsync(name, creator, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException)
        {
            // A webhook may forbid them. The namespace is created all the same, and the controllers go on trying to fill it.
        }
    }

    /// <summary>Creates the default service account and the root certificates, unless they are there.</summary>
    public async Task EnsureContentAsync(string name, ObjectCreator creator, CancellationToken cancellationToken)
    {
        await creator.EnsureAsync(creator.Registry.Get("", "serviceaccounts"), name, Named("default"), cancellationToken).ConfigureAwait(false);
        var certificates = Named("kube-root-ca.crt");
        certificates.Child("metadata")!["annotations"] = new JsonObject { ["kubernetes.io/description"] = Description };
        certificates["data"] = new JsonObject { ["ca.crt"] = rootCertificates };
        await creator.EnsureAsync(creator.Registry.Get("", "configmaps"), name, certificates, cancellationToken).ConfigureAwait(false);
    }

    private static JsonObject Named(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };

    private static void SetLabel(JsonObject obj)
    {
        var metadata = ObjectCreator.MetadataOf(obj);
        if (metadata["labels"] is not JsonObject labels)
        {
            labels = [];
            metadata["labels"] = labels;
        }

        labels[NameLabel] = metadata.Text("name");
    }
}
