using System.Text.Json.Nodes;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Strategies;

/// <summary>Jobs get a selector and labels of their own, so that no two ever select each other's pods.</summary>
internal sealed class JobStrategy : Strategy
{
    private const string Name = "batch.kubernetes.io/job-name";
    private const string LegacyName = "job-name";
    private const string Uid = "batch.kubernetes.io/controller-uid";
    private const string LegacyUid = "controller-uid";

    public override bool HasGeneration => true;

    // As for ReplicationControllers, clients still count on it.
    public override Propagation DefaultPropagation => Propagation.Orphan;

    public override string? DefaultPropagationWarning =>
        "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning";

    public override void PrepareForCreate(JsonObject obj, Resource resource)
    {
        base.PrepareForCreate(obj, resource);
        var (spec, metadata) = (obj.Child("spec"), obj.Child("metadata")!);
        if (spec is null || spec.Flag("manualSelector") == true)
        {
            return;
        }

        // A job without labels has those of its template, the generated ones included.
        var template = Ensure(Ensure(spec, "template"), "metadata");
        var sharesLabels = metadata.Child("labels") is not { Count: > 0 } own || JsonNode.DeepEquals(own, template["labels"]);
        var labels = Ensure(template, "labels");
        labels[LegacyName] ??= metadata.Text("name");
        labels[Name] ??= metadata.Text("name");
        labels[LegacyUid] ??= metadata.Text("uid");
        labels[Uid] ??= metadata.Text("uid");
        Ensure(Ensure(spec, "selector"), "matchLabels")[Uid] ??= metadata.Text("uid");
        if (sharesLabels)
        {
            metadata["labels"] = labels.DeepClone();
        }
    }

    public override IEnumerable<string> WarningsOnCreate(JsonObject obj) => NameWarnings(obj);

    /// <summary>Names that pods could have, but not as hostnames.</summary>
    public static IEnumerable<string> NameWarnings(JsonObject obj) =>
        NameCheck.DnsLabel(obj.Child("metadata").Text("name") ?? "") is { Count: > 0 } details
            ? [$"metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [{string.Join(' ', details)}]"]
            : [];

    public override void Renamed(JsonObject obj, string before)
    {
        var now = obj.Child("metadata").Text("name");
        foreach (var labels in new[] { obj.Child("metadata", "labels"), obj.Child("spec", "template", "metadata", "labels") }.OfType<JsonObject>())
        {
            foreach (var key in new[] { Name, LegacyName }.Where(k => labels.Text(k) == before))
            {
                labels[key] = now;
            }
        }
    }

    private static JsonObject Ensure(JsonObject parent, string name)
    {
        if (parent[name] is not JsonObject child)
        {
            parent[name] = child = [];
        }

        return child;
    }
}
