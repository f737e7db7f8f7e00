using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Sealos.Objects.CustomKinds;
using Sealos.Objects.Selectors;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Subresources;

/// <summary>Where a kind keeps what its scale shows: workloads always at the same places, custom kinds where their definition says.</summary>
internal sealed class ScaleForm
{
    private static readonly ScaleForm Workload = new(new ScalePaths(".spec.replicas", ".status.replicas", null), isCustom: false);

    private readonly ScalePaths _paths;
    private readonly bool _isCustom;

    private ScaleForm(ScalePaths paths, bool isCustom)
    {
        _paths = paths;
        _isCustom = isCustom;
    }

    public static ScaleForm Of(Resource resource) => resource.Custom?.Scale is { } paths ? new ScaleForm(paths, isCustom: true) : Workload;

    /// <summary>The number of replicas that stands for none, as long as a scale is changed.</summary>
    public const int Unset = int.MinValue;

    /// <summary>Where the number wanted is.</summary>
    public string SpecPath => _paths.Spec;

    /// <summary>The scale of an object; without a number of its own it shows <paramref name="missing"/>, or none at all.</summary>
    public JsonObject Show(JsonObject obj, int? missing = null)
    {
        var metadata = obj.Child("metadata");
        var shown = new JsonObject();
        foreach (var name in (ReadOnlySpan<string>)["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (metadata?[name] is { } value)
            {
                shown[name] = value.DeepClone();
            }
        }

        var replicas = Find(obj, _paths.Spec).AsNumber();
        if (replicas is null && _isCustom && (replicas = missing) is null)
        {
            throw ApiException.Internal($"the spec replicas field \"{_paths.Spec}\" does not exist");
        }

        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = shown,
            ["spec"] = new JsonObject { ["replicas"] = replicas ?? 0 },
            ["status"] = new JsonObject
            {
                ["replicas"] = Find(obj, _paths.Status).AsNumber() ?? 0,
                ["selector"] = SelectorText(obj),
            },
        };
    }

    /// <summary>Sets the number wanted.</summary>
    public void SetReplicas(JsonObject obj, long replicas)
    {
        var names = _paths.Spec.TrimStart('.').Split('.');
        var at = obj;
        foreach (var name in names.AsSpan(0, names.Length - 1))
        {
            if (at[name] is not JsonObject next)
            {
                at[name] = next = [];
            }

            at = next;
        }

        at[names[^1]] = replicas;
    }

    private string SelectorText(JsonObject obj)
    {
        if (_isCustom)
        {
            return _paths.Selector is { Length: > 0 } path ? Find(obj, path).AsText() ?? "" : "";
        }

        var spec = obj.Child("spec");
        return (obj.Text("kind") == "ReplicationController" ? LabelSelector.FromMap(spec.TextMap("selector")) : LabelSelector.FromObject(spec.Child("selector"))).ToString();
    }

    private static JsonNode? Find(JsonObject obj, string path)
    {
        JsonNode? node = obj;
        foreach (var name in path.TrimStart('.').Split('.'))
        {
            node = (node as JsonObject)?[name];
        }

        return node;
    }
}
