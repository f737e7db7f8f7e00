using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>What volume drivers tell of themselves.</summary>
internal static class CsiRules
{
    private const int MaxNodeId = 192;
    private static readonly string[] GroupPolicies = ["ReadWriteOnceWithFSType", "File", "None"];
    private static readonly string[] Modes = ["Persistent", "Ephemeral"];

    public static void Driver(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec") ?? [];
        if (spec.Text("fsGroupPolicy") is { } policy && !GroupPolicies.Contains(policy))
        {
            errors.NotSupported("spec.fsGroupPolicy", policy, GroupPolicies);
        }

        var audiences = new HashSet<string>();
        var i = 0;
        foreach (var request in spec.Objects("tokenRequests"))
        {
            var path = $"spec.tokenRequests[{i++}]";
            if (!audiences.Add(request.Text("audience") ?? ""))
            {
                errors.Duplicate($"{path}.audience", request.Text("audience") ?? "");
            }
            else if (request.Number("expirationSeconds") is < 600 and var seconds)
            {
                errors.Invalid($"{path}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
            }
            else if (request.Number("expirationSeconds") is > 1L << 32 and var much)
            {
                errors.Invalid($"{path}.expirationSeconds", much, "may not specify a duration larger than 2^32 seconds");
            }
        }

        foreach (var mode in spec.Texts("volumeLifecycleModes").Where(m => !Modes.Contains(m)))
        {
            errors.NotSupported("spec.volumeLifecycleModes", mode, Modes);
        }
    }

    public static void DriverChange(JsonObject obj, JsonObject old, ErrorList errors)
    {
        errors.Immutable("spec.attachedRequired", obj.Child("spec")?["attachRequired"], old.Child("spec")?["attachRequired"]);
        errors.ImmutableWords("spec.volumeLifecycleModes", obj.Child("spec")?["volumeLifecycleModes"], old.Child("spec")?["volumeLifecycleModes"], "storage.VolumeLifecycleMode");
    }

    public static void Node(JsonObject obj, ErrorList errors)
    {
        var names = new HashSet<string>();
        var i = 0;
        foreach (var driver in obj.Child("spec").Objects("drivers"))
        {
            var path = $"spec.drivers[{i++}]";
            var (name, id) = (driver.Text("name") ?? "", driver.Text("nodeID") ?? "");
            DriverName(name, $"{path}.name", errors);
            errors.CheckRequired($"{path}.nodeID", id);
            if (id.Length > MaxNodeId)
            {
                errors.Invalid($"{path}.nodeID", id, $"must be {MaxNodeId} characters or less");
            }

            errors.NonNegative($"{path}.allocatable.count", driver.Child("allocatable").Number("count"));
            if (!names.Add(name))
            {
                errors.Duplicate($"{path}.name", name);
            }

            TopologyKeys(driver.Texts("topologyKeys"), path, errors);
        }
    }

    public static void NodeChange(JsonObject obj, JsonObject old, ErrorList errors)
    {
        foreach (var before in old.Child("spec").Objects("drivers"))
        {
            foreach (var now in obj.Child("spec").Objects("drivers").Where(d => d.Text("name") == before.Text("name")))
            {
                errors.Immutable("spec.drivers", now, before);
            }
        }
    }

    public static void Capacity(JsonObject obj, ErrorList errors)
    {
        errors.CheckRequired("storageClassName", obj.Text("storageClassName"), NameRules.DnsSubdomain);
        ResourceRules.Amounts(new JsonObject { ["storage"] = obj["capacity"]?.DeepClone() ?? "0" }, "capacity", errors);
    }

    public static void CapacityChange(JsonObject obj, JsonObject old, ErrorList errors)
    {
        errors.ImmutableSelector("nodeTopology", obj.Child("nodeTopology"), old.Child("nodeTopology"));
        errors.Immutable("storageClassName", obj["storageClassName"], old["storageClassName"]);
    }

    public static void Attachment(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec") ?? [];
        DriverName(spec.Text("attacher") ?? "", "spec.attacher", errors);
        var source = spec.Child("source");
        var (volume, isInline) = (source.Text("persistentVolumeName"), source?["inlineVolumeSpec"] is not null);
        const string One = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
        if (volume is null && !isInline)
        {
            errors.Required("spec.source", One);
        }
        else if (volume is not null && isInline)
        {
            errors.Forbidden("spec.source", One);
        }
        else if (volume is "")
        {
            errors.Required("spec.source.persistentVolumeName", "must specify non empty persistentVolumeName");
        }
        else if (volume is not null)
        {
            errors.Check("spec.source.persistentVolumeName", volume, NameRules.DnsSubdomain(volume));
        }

        var node = spec.Text("nodeName") ?? "";
        errors.Check("spec.nodeName", node, NameRules.DnsSubdomain(node));
    }

    public static void AttachmentChange(JsonObject obj, JsonObject old, ErrorList errors) => errors.Immutable("spec", obj["spec"], old["spec"]);

    private static void DriverName(string name, string field, ErrorList errors)
    {
        const int Max = 63;
        errors.CheckRequired(field, name);
        if (name.Length > Max)
        {
            errors.TooLong(field, Max);
        }

        if (name.Length > 0)
        {
            errors.Check(field, name, NameRules.DnsSubdomain(name.ToLowerInvariant()));
        }
    }

    private static void TopologyKeys(IEnumerable<string> keys, string path, ErrorList errors)
    {
        var seen = new HashSet<string>();
        foreach (var key in keys)
        {
            if (key.Length == 0)
            {
                errors.Required(path, key);
            }

            if (!seen.Add(key))
            {
                errors.Duplicate(path, key);
            }

            errors.Check(path, key, NameRules.QualifiedName(key));
        }
    }
}
