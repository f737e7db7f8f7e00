using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Operators;

/// <summary>How one kind of work is stopped without being deleted, and started again as it was. Pure.</summary>
/// <param name="Path">Where its objects are, below a namespace's path.</param>
/// <param name="Save">What is to be remembered of an object; null where nothing of it runs.</param>
/// <param name="Stop">The spec's change that stops it.</param>
/// <param name="Start">The spec's change that makes it what was remembered.</param>
internal sealed record SuspendedKind(string Path, Func<JsonObject, string?> Save, Func<JsonObject> Stop, Func<string, JsonObject?> Start)
{
    /// <summary>Annotation of what is stopped: what it was before.</summary>
    public const string Key = "user.sealos.io/suspended";

    private const string Parked = "user.sealos.io/suspended";

    /// <summary>Whatever starts pods by itself. What it owns of these is left to it.</summary>
    public static IReadOnlyList<SuspendedKind> All { get; } =
    [
        // Those that start others first.
        Switched("/apis/batch/v1/namespaces/{0}/cronjobs"),
        Switched("/apis/batch/v1/namespaces/{0}/jobs"),
        Scaled("/apis/apps/v1/namespaces/{0}/deployments"),
        Scaled("/apis/apps/v1/namespaces/{0}/statefulsets"),
        Scaled("/apis/apps/v1/namespaces/{0}/replicasets"),
        Scaled("/api/v1/namespaces/{0}/replicationcontrollers"),
        new("/apis/apps/v1/namespaces/{0}/daemonsets", SaveSelector, () => Selector("true"), _ => Selector(null)),
    ];

    /// <summary>The change that stops an object; null where nothing of it runs, or somebody else stops it.</summary>
    public JsonObject? StopOf(JsonObject obj) =>
        IsOwned(obj) || obj.Child("metadata").Text("deletionTimestamp") is not null || Save(obj) is not { } saved ? null : Change(obj, saved, Stop());

    /// <summary>The change that starts an object again; null where this was not what stopped it.</summary>
    public JsonObject? StartOf(JsonObject obj) =>
        obj.Child("metadata", "annotations").Text(Key) is { } saved ? Change(obj, null, Start(saved)) : null;

    private static SuspendedKind Scaled(string path) => new(
        path,
        o => o.Child("spec").Number("replicas") is var replicas && replicas != 0 ? (replicas ?? 1).ToString(CultureInfo.InvariantCulture) : null,
        () => new JsonObject { ["replicas"] = 0 },
        saved => int.TryParse(saved, NumberStyles.None, CultureInfo.InvariantCulture, out var replicas) ? new JsonObject { ["replicas"] = replicas } : null);

    private static SuspendedKind Switched(string path) => new(
        path,
        o => o.Child("spec").Flag("suspend") == true || IsFinished(o) ? null : "false",
        () => new JsonObject { ["suspend"] = true },
        _ => new JsonObject { ["suspend"] = false });

    private static string? SaveSelector(JsonObject set) => set.Child("spec", "template", "spec", "nodeSelector").Text(Parked) is null ? "true" : null;

    // No node bears the label.
    private static JsonObject Selector(string? value) =>
        new() { ["template"] = new JsonObject { ["spec"] = new JsonObject { ["nodeSelector"] = new JsonObject { [Parked] = value } } } };

    private static bool IsFinished(JsonObject job) =>
        job.Child("status").Objects("conditions").Any(c => c.Text("type") is "Complete" or "Failed" && c.Text("status") == "True");

    // A job of a cron job is stopped by itself: its cron job only starts it.
    private static bool IsOwned(JsonObject obj) => obj.Child("metadata").Objects("ownerReferences").Any(o => o.Flag("controller") == true && o.Text("kind") != "CronJob");

    private static JsonObject Change(JsonObject obj, string? saved, JsonObject? spec)
    {
        var change = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = obj.Child("metadata").Text("resourceVersion"), ["annotations"] = new JsonObject { [Key] = saved } },
        };
        if (spec is not null)
        {
            change["spec"] = spec;
        }

        return change;
    }
}
