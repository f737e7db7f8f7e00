using System.Text.Json.Nodes;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Schema;

namespace Sealos.ApiServer.Registry;

/// <summary>
/// For a resource that is another view of stored objects: events.k8s.io/v1 shows core events under newer field names.
/// </summary>
internal sealed class ViewConversion
{
    // Names in the stored form and in the view.
    private static readonly (string Stored, string View)[] EventFields =
    [
        ("involvedObject", "regarding"), ("message", "note"), ("source", "deprecatedSource"), ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"), ("reportingComponent", "reportingController"),
    ];

    private readonly string _viewVersion;

    private ViewConversion(string viewVersion, TypeSchema storedType)
    {
        _viewVersion = viewVersion;
        StoredType = storedType;
    }

    /// <summary>The root type of the stored form.</summary>
    public TypeSchema StoredType { get; }

    public static ViewConversion? For(KindSchema kind) =>
        kind is { Group: "events.k8s.io", Kind: "Event" } ? new ViewConversion(kind.GroupVersion, KubeSchema.Default.GetType("core/v1.Event")) : null;

    /// <summary>The field selector path in the stored form.</summary>
    public static string ToStoredField(string path) =>
        path.StartsWith("regarding.", StringComparison.Ordinal) ? "involvedObject." + path["regarding.".Length..]
        : path == "reportingController" ? "reportingComponent"
        : path;

    /// <summary>Changes an object of the view into its stored form.</summary>
    public void ToStored(JsonObject obj)
    {
        obj["apiVersion"] = "v1";
        Rename(obj, toStored: true);
    }

    /// <summary>Changes a stored object into the view's form.</summary>
    public void ToView(JsonObject obj)
    {
        obj["apiVersion"] = _viewVersion;
        Rename(obj, toStored: false);
    }

    /// <summary>The view of a cached object.</summary>
    public CachedObject ToView(CachedObject stored)
    {
        var obj = stored.Parse();
        ToView(obj);
        var utf8 = ObjectBytes.WithRevision(ObjectBytes.Write(obj), stored.Revision);
        return new CachedObject
        {
            Namespace = stored.Namespace,
            Name = stored.Name,
            Uid = stored.Uid,
            Revision = stored.Revision,
            Utf8 = utf8,
            BodyStart = ObjectBytes.BodyStart(utf8),
            Labels = stored.Labels,
            Fields = stored.Fields,
        };
    }

    private static void Rename(JsonObject obj, bool toStored)
    {
        foreach (var (stored, view) in EventFields)
        {
            var (from, to) = toStored ? (view, stored) : (stored, view);
            if (obj.Remove(from, out var value))
            {
                obj[to] = value;
            }
        }
    }
}
