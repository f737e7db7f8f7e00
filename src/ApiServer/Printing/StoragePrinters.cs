using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Printing;

/// <summary>Volumes, claims and storage classes.</summary>
internal static class StoragePrinters
{
    private const string DefaultClass = "storageclass.kubernetes.io/is-default-class";

    public static JsonNode?[] Volume(JsonObject obj, DateTimeOffset now)
    {
        var (spec, status) = (obj.Child("spec"), obj.Child("status"));
        var claim = spec.Child("claimRef");
        return
        [
            Cell.Name(obj), spec.Child("capacity").Text("storage") ?? "", Cell.AccessModes(spec), spec.Text("persistentVolumeReclaimPolicy") ?? "", Phase(obj, status),
            claim is null ? "" : $"{claim.Text("namespace")}/{claim.Text("name")}", spec.Text("storageClassName") ?? "", spec.Text("volumeAttributesClassName") ?? Cell.Unset,
            status.Text("reason") ?? "", Cell.Age(obj, now), spec.Text("volumeMode") ?? Cell.Unset,
        ];
    }

    public static JsonNode?[] Claim(JsonObject obj, DateTimeOffset now)
    {
        var (spec, status) = (obj.Child("spec"), obj.Child("status"));
        var volume = spec.Text("volumeName") ?? "";
        return
        [
            Cell.Name(obj), Phase(obj, status), volume,
            volume.Length == 0 ? "" : status.Child("capacity").Text("storage") ?? "", volume.Length == 0 ? "" : Cell.AccessModes(status),
            spec.Text("storageClassName") ?? "", spec.Text("volumeAttributesClassName") ?? Cell.Unset, Cell.Age(obj, now), spec.Text("volumeMode") ?? Cell.Unset,
        ];
    }

    public static JsonNode?[] Class(JsonObject obj, DateTimeOffset now)
    {
        var isDefault = obj.Child("metadata", "annotations").Text(DefaultClass) == "true";
        return
        [
            isDefault ? Cell.Name(obj) + " (default)" : Cell.Name(obj), obj.Text("provisioner") ?? "", obj.Text("reclaimPolicy") ?? "Delete",
            obj.Text("volumeBindingMode") ?? Cell.Unset, obj.Flag("allowVolumeExpansion") ?? false, Cell.Age(obj, now),
        ];
    }

    public static JsonNode?[] Driver(JsonObject obj, DateTimeOffset now)
    {
        var spec = obj.Child("spec");
        var audiences = spec.Objects("tokenRequests").Select(t => t.Text("audience") ?? "");
        return
        [
            Cell.Name(obj), spec.Flag("attachRequired") ?? true, spec.Flag("podInfoOnMount") ?? false, spec.Flag("storageCapacity") ?? false,
            spec.Array("tokenRequests") is null ? Cell.Unset : string.Join(',', audiences), spec.Flag("requiresRepublish") ?? false,
            Cell.OrNone(string.Join(',', spec.Texts("volumeLifecycleModes"))), Cell.Age(obj, now),
        ];
    }

    public static JsonNode?[] NodeDrivers(JsonObject obj, DateTimeOffset now) => [Cell.Name(obj), Cell.Count(obj.Child("spec")?["drivers"]), Cell.Age(obj, now)];

    public static JsonNode?[] Attachment(JsonObject obj, DateTimeOffset now)
    {
        var spec = obj.Child("spec");
        return
        [
            Cell.Name(obj), spec.Text("attacher") ?? "", spec.Child("source").Text("persistentVolumeName") ?? "", spec.Text("nodeName") ?? "",
            obj.Child("status").Flag("attached") ?? false, Cell.Age(obj, now),
        ];
    }

    private static string Phase(JsonObject obj, JsonObject? status) =>
        obj.Child("metadata")?["deletionTimestamp"] is null ? status.Text("phase") ?? "" : "Terminating";
}
