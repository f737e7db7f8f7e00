using System.Text.Json.Nodes;
using Sealos.Kinds.Meta;

namespace Sealos.Node.Storage;

/// <summary>The definitions of the kinds that snapshots are spoken of by, as other storage drivers have them, too. Pure.</summary>
internal static class SnapshotDefinitions
{
    public const string Group = "snapshot.storage.k8s.io";
    private const string DefaultMark = "snapshot.storage.kubernetes.io/is-default-class";

    /// <summary>The path that definitions are created at.</summary>
    public const string Path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private const string Text = """{"type":"string"}""";
    private const string Error = """{"type":"object","properties":{"time":{"type":"string","format":"date-time"},"message":{"type":"string"}}}""";

    private const string Snapshot = """
        {"type":"object","required":["spec"],"properties":{
          "spec":{"type":"object","required":["source"],"properties":{
            "source":{"type":"object","properties":{"persistentVolumeClaimName":"TEXT","volumeSnapshotContentName":"TEXT"},"oneOf":[{"required":["persistentVolumeClaimName"]},{"required":["volumeSnapshotContentName"]}]},
            "volumeSnapshotClassName":"TEXT"}},
          "status":{"type":"object","properties":{
            "boundVolumeSnapshotContentName":"TEXT","creationTime":{"type":"string","format":"date-time"},"readyToUse":{"type":"boolean"},"error":"ERROR","volumeGroupSnapshotName":"TEXT",
            "restoreSize":{"anyOf":[{"type":"integer"},{"type":"string"}],"x-kubernetes-int-or-string":true}}}}}
        """;

    private const string Content = """
        {"type":"object","required":["spec"],"properties":{
          "spec":{"type":"object","required":["deletionPolicy","driver","source","volumeSnapshotRef"],"properties":{
            "deletionPolicy":{"type":"string","enum":["Delete","Retain"]},"driver":"TEXT","sourceVolumeMode":"TEXT","volumeSnapshotClassName":"TEXT",
            "source":{"type":"object","properties":{"volumeHandle":"TEXT","snapshotHandle":"TEXT"},"oneOf":[{"required":["volumeHandle"]},{"required":["snapshotHandle"]}]},
            "volumeSnapshotRef":{"type":"object","properties":{"apiVersion":"TEXT","kind":"TEXT","name":"TEXT","namespace":"TEXT","uid":"TEXT","resourceVersion":"TEXT","fieldPath":"TEXT"}}}},
          "status":{"type":"object","properties":{
            "snapshotHandle":"TEXT","creationTime":{"type":"integer","format":"int64"},"restoreSize":{"type":"integer","format":"int64","minimum":0},"readyToUse":{"type":"boolean"},"error":"ERROR","volumeGroupSnapshotHandle":"TEXT"}}}}
        """;

    private const string Class = """
        {"type":"object","required":["deletionPolicy","driver"],"properties":{
          "deletionPolicy":{"type":"string","enum":["Delete","Retain"]},"driver":"TEXT","parameters":{"type":"object","additionalProperties":"TEXT"}}}
        """;

    /// <summary>Definitions in the order in which they are made.</summary>
    public static IReadOnlyList<JsonObject> All() =>
    [
        Definition(
            "VolumeSnapshotClass", "volumesnapshotclass", ["vsclass", "vsclasses"], Class,
            [("Driver", "string", ".driver"), ("DeletionPolicy", "string", ".deletionPolicy"), ("Age", "date", ".metadata.creationTimestamp")]),
        Definition(
            "VolumeSnapshotContent", "volumesnapshotcontent", ["vsc", "vscs"], Content,
            [
                ("ReadyToUse", "boolean", ".status.readyToUse"), ("RestoreSize", "integer", ".status.restoreSize"), ("DeletionPolicy", "string", ".spec.deletionPolicy"), ("Driver", "string", ".spec.driver"),
                ("VolumeSnapshotClass", "string", ".spec.volumeSnapshotClassName"), ("VolumeSnapshot", "string", ".spec.volumeSnapshotRef.name"), ("VolumeSnapshotNamespace", "string", ".spec.volumeSnapshotRef.namespace"), ("Age", "date", ".metadata.creationTimestamp"),
            ]),
        Definition(
            "VolumeSnapshot", "volumesnapshot", ["vs"], Snapshot,
            [
                ("ReadyToUse", "boolean", ".status.readyToUse"), ("SourcePVC", "string", ".spec.source.persistentVolumeClaimName"), ("SourceSnapshotContent", "string", ".spec.source.volumeSnapshotContentName"), ("RestoreSize", "string", ".status.restoreSize"),
                ("SnapshotClass", "string", ".spec.volumeSnapshotClassName"), ("SnapshotContent", "string", ".status.boundVolumeSnapshotContentName"), ("CreationTime", "date", ".status.creationTime"), ("Age", "date", ".metadata.creationTimestamp"),
            ]),
    ];

    /// <summary>The class of snapshots that name none.</summary>
    public static VolumeSnapshotClass DefaultClass() => new()
    {
        Metadata = new ObjectMeta { Name = StorageObjects.DefaultClass, Labels = StorageObjects.OwnLabels(), Annotations = new Dictionary<string, string> { [DefaultMark] = "true" } },
        Driver = StorageObjects.DriverName,
        DeletionPolicy = "Delete",
    };

    /// <summary>Whether a class is that of snapshots that name none.</summary>
    public static bool IsDefault(VolumeSnapshotClass snapshotClass) => snapshotClass.Metadata.Annotations?.GetValueOrDefault(DefaultMark) == "true";

    private static JsonObject Definition(string kind, string singular, string[] shortNames, string schema, (string Name, string Type, string Path)[] columns)
    {
        var isNamespaced = kind == "VolumeSnapshot";
        var plural = kind.EndsWith('s') ? singular + "es" : singular + "s";
        var version = new JsonObject
        {
            ["name"] = "v1",
            ["served"] = true,
            ["storage"] = true,
            ["schema"] = new JsonObject { ["openAPIV3Schema"] = JsonNode.Parse(schema.Replace("\"TEXT\"", Text, StringComparison.Ordinal).Replace("\"ERROR\"", Error, StringComparison.Ordinal)) },
            ["additionalPrinterColumns"] = new JsonArray([.. columns.Select(c => (JsonNode)new JsonObject { ["name"] = c.Name, ["type"] = c.Type, ["jsonPath"] = c.Path })]),
        };
        if (kind != "VolumeSnapshotClass")
        {
            version["subresources"] = new JsonObject { ["status"] = new JsonObject() };
        }

        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{plural}.{Group}",
                ["labels"] = new JsonObject { [StorageObjects.ComponentLabel] = StorageObjects.Component },
                ["annotations"] = new JsonObject { ["api-approved.kubernetes.io"] = "https://github.com/kubernetes-csi/external-snapshotter/pull/814" },
            },
            ["spec"] = new JsonObject
            {
                ["group"] = Group,
                ["names"] = new JsonObject { ["kind"] = kind, ["listKind"] = kind + "List", ["plural"] = plural, ["singular"] = singular, ["shortNames"] = new JsonArray([.. shortNames.Select(s => (JsonNode)s)]) },
                ["scope"] = isNamespaced ? "Namespaced" : "Cluster",
                ["versions"] = new JsonArray(version),
            },
        };
    }
}
