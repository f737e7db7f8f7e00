using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Strategies;

/// <summary>Claims begin as pending, and say twice what they are filled from: in the old field and in the new one.</summary>
internal sealed class ClaimStrategy : Strategy
{
    private const string Old = "dataSource";
    private const string New = "dataSourceRef";

    public override bool ReturnsDeleted => true;

    public override void PrepareForCreate(JsonObject obj, Resource resource)
    {
        obj["status"] = new JsonObject { ["phase"] = "Pending" };
        Align(obj.Child("spec"));
    }

    public override void PrepareForUpdate(JsonObject obj, JsonObject old, Resource resource)
    {
        base.PrepareForUpdate(obj, old, resource);
        Align(obj.Child("spec"));
    }

    private static void Align(JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }

        // What the old field cannot say was always dropped from it, and clients count on that.
        if (spec.Child(Old) is { } given && spec[New] is null && !IsKnown(given))
        {
            spec.Remove(Old);
        }

        if (spec.Child(Old) is { } old && spec[New] is null)
        {
            spec[New] = old.DeepClone();
        }
        else if (spec[Old] is null && spec.Child(New) is { } reference && string.IsNullOrEmpty(reference.Text("namespace")))
        {
            spec[Old] = reference.DeepClone();
        }
    }

    private static bool IsKnown(JsonObject source) => (source.Text("apiGroup") ?? "", source.Text("kind")) is ("", "PersistentVolumeClaim") or ("snapshot.storage.k8s.io", "VolumeSnapshot");
}
