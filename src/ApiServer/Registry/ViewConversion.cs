using System.Text.Json.Nodes;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Schema;

namespace Sealos.ApiServer.Registry;

/// <summary>For a resource that is another view of stored objects.</summary>
internal abstract class ViewConversion
{
    public static ViewConversion? For(KindSchema kind) => (kind.GroupVersion, kind.Kind) switch
    {
        ("events.k8s.io/v1", "Event") => new EventConversion(kind.GroupVersion, KubeSchema.Default.GetType("core/v1.Event")),
        ("autoscaling/v1", "HorizontalPodAutoscaler") => new AutoscalerConversion(KubeSchema.Default.GetType("autoscaling/v2.HorizontalPodAutoscaler")),
        _ => null,
    };

    /// <summary>The root type of the stored form, where it is one of the schema's.</summary>
    public virtual TypeSchema? StoredType => null;

    /// <summary>Group, version and kind of the stored form, with slashes between; null when only the version differs.</summary>
    public virtual string? StoredKind => null;

    /// <summary>The field selector path in the stored form.</summary>
    public virtual string ToStoredField(string path) => path;

    /// <summary>Changes an object of the view into its stored form.</summary>
    public abstract void ToStored(JsonObject obj);

    /// <summary>Changes a stored object into the view's form.</summary>
    public abstract void ToView(JsonObject obj);

    /// <summary>The view of a cached object.</summary>
    public abstract CachedObject ToView(CachedObject stored);
}

/// <summary>events.k8s.io/v1 shows core events under newer field names.</summary>
internal sealed class EventConversion(string viewVersion, TypeSchema storedType) : ViewConversion
{
    // Names in the stored form and in the view.
    private static readonly (string Stored, string View)[] EventFields =
    [
        ("involvedObject", "regarding"), ("message", "note"), ("source", "deprecatedSource"), ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"), ("reportingComponent", "reportingController"),
    ];

    public override TypeSchema StoredType => storedType;

    public override string StoredKind => "/v1/Event";

    public override string ToStoredField(string path) =>
        path.StartsWith("regarding.", StringComparison.Ordinal) ? "involvedObject." + path["regarding.".Length..]
        : path == "reportingController" ? "reportingComponent"
        : path;

    public override void ToStored(JsonObject obj)
    {
        obj["apiVersion"] = "v1";
        Rename(obj, toStored: true);
    }

    public override void ToView(JsonObject obj)
    {
        obj["apiVersion"] = viewVersion;
        Rename(obj, toStored: false);
    }

    public override CachedObject ToView(CachedObject stored)
    {
        var obj = stored.Parse();
        ToView(obj);
        var utf8 = ObjectBytes.WithRevision(ObjectBytes.Write(obj, stored.ManagedFields.Span), stored.Revision);
        return stored.With(utf8);
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
