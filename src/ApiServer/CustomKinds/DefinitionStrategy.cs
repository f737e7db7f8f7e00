using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Strategies;
using Sealos.Objects.CustomKinds;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.CustomKinds;

/// <summary>
/// Definitions are judged, named and established in the one write that creates them: once that is answered, the kind is served.
/// </summary>
internal sealed class DefinitionStrategy(DefinitionNames names, TimeProvider time) : Strategy
{
    public const string Finalizer = "customresourcecleanup.apiextensions.k8s.io";

    public override bool HasGeneration => true;

    public override bool RequiresRevision => true;

    public override void PrepareForCreate(JsonObject obj, Resource resource)
    {
        obj["status"] = new JsonObject { ["conditions"] = new JsonArray(), ["acceptedNames"] = new JsonObject(), ["storedVersions"] = new JsonArray() };
        NoteStorage(obj);
    }

    public override void PrepareForUpdate(JsonObject obj, JsonObject old, Resource resource)
    {
        base.PrepareForUpdate(obj, old, resource);
        NoteStorage(obj);
    }

    public override IReservation? Reserve(JsonObject obj, JsonObject? old)
    {
        var now = time.GetUtcNow();
        var (isProtected, state, reason) = CustomDefinitions.ApprovalOf(obj);
        if (isProtected)
        {
            Conditions.Set(obj, Conditions.Conformant, state == "Approved", ($"{state}Annotation", reason), now);
        }

        return names.Reserve(obj, now);
    }

    /// <summary>The objects go first; until then the definition stays.</summary>
    public override void MarkDeleted(JsonObject obj)
    {
        var metadata = obj.Child("metadata")!;
        if (!metadata.Texts("finalizers").Contains(Finalizer))
        {
            metadata["finalizers"] = new JsonArray([.. metadata.Texts("finalizers").Append(Finalizer).Select(f => (JsonNode)f)]);
        }

        Conditions.Set(obj, Conditions.Terminating, true, ("InstanceDeletionPending", "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"), time.GetUtcNow());
    }

    private static void NoteStorage(JsonObject obj)
    {
        var storage = obj.Child("spec").Objects("versions").FirstOrDefault(v => v.Flag("storage") == true).Text("name");
        if (storage is null || obj["status"] is not JsonObject status)
        {
            return;
        }

        if (status["storedVersions"] is not JsonArray stored)
        {
            status["storedVersions"] = stored = [];
        }

        if (!status.Texts("storedVersions").Contains(storage))
        {
            stored.Add(storage);
        }
    }
}
