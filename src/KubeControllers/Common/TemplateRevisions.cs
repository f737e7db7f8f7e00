using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Kinds;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Deployments;

namespace Sealos.KubeControllers.Common;

/// <summary>An owner, its template, and how the revisions of that template are labelled.</summary>
/// <param name="Owner">Whose template it is.</param>
/// <param name="Selector">Which revisions may be adopted, as with pods.</param>
/// <param name="Template">The template as it is now.</param>
/// <param name="HashLabel">The label under which a revision carries its hash.</param>
/// <param name="Collisions">How often a name was found taken before.</param>
internal sealed record RevisedTemplate<TOwner>(TOwner Owner, LabelSelector Selector, PodTemplateSpec Template, string HashLabel, int? Collisions)
    where TOwner : class, IKubeObject<TOwner>, new();

/// <summary>Pod templates as ControllerRevisions keep them.</summary>
internal static class TemplateRevisions
{
    /// <summary>The template as a revision keeps it: a patch that puts it back. Clients compare it byte for byte with what Kubernetes would write.</summary>
    public static JsonObject DataOf(PodTemplateSpec template)
    {
        var node = JsonSerializer.SerializeToNode(template, KubeJson.Options)!.AsObject();
        Undated(node);
        foreach (var volume in node["spec"]?["volumes"] as JsonArray ?? [])
        {
            if (volume?["ephemeral"]?["volumeClaimTemplate"] is JsonObject claim)
            {
                Undated(claim);
            }
        }

        node["$patch"] = "replace";
        return (JsonObject)Sorted(new JsonObject { ["spec"] = new JsonObject { ["template"] = node } })!;
    }

    /// <summary>Whether two revisions keep the same; what is null is not there.</summary>
    public static bool AreEqual(JsonNode? a, JsonNode? b) => JsonNode.DeepEquals(WithoutNulls(a), WithoutNulls(b));

    public static PodTemplateSpec TemplateOf(ControllerRevision revision)
    {
        var template = revision.Data?["spec"]?["template"]?.DeepClone() as JsonObject ?? [];
        template.Remove("$patch");
        return template.Deserialize<PodTemplateSpec>(KubeJson.Options)!;
    }

    /// <summary>The revision of a template as it should be written.</summary>
    public static ControllerRevision Build<TOwner>(RevisedTemplate<TOwner> revised, long number)
        where TOwner : class, IKubeObject<TOwner>, new()
    {
        var hash = TemplateHash.Of(revised.Template, revised.Collisions);
        var owner = revised.Owner.Metadata;
        return new ControllerRevision
        {
            Metadata = new ObjectMeta
            {
                Name = $"{owner.Name}-{hash}",
                Namespace = owner.Namespace,
                Labels = new(revised.Template.Metadata?.Labels ?? []) { [revised.HashLabel] = hash },
                Annotations = owner.Annotations,
                OwnerReferences = [Owners.ControllerReference(revised.Owner)],
            },
            Data = DataOf(revised.Template),
            Revision = number,
        };
    }

    /// <summary>The known revision of a template, the newest if several.</summary>
    public static ControllerRevision? Find(PodTemplateSpec template, IEnumerable<ControllerRevision> known)
    {
        var data = DataOf(template);
        return known.Where(r => AreEqual(r.Data, data)).MaxBy(r => r.Revision ?? 0);
    }

    /// <summary>Of revisions that nobody needs any more, those beyond the limit, oldest first.</summary>
    public static IReadOnlyList<ControllerRevision> Outdated(IEnumerable<ControllerRevision> unused, int limit)
    {
        var sorted = unused.OrderBy(r => r.Revision ?? 0).ToList();
        return [.. sorted.Take(Math.Max(0, sorted.Count - limit))];
    }

    private static void Undated(JsonObject obj)
    {
        if (obj["metadata"] is not JsonObject metadata)
        {
            obj["metadata"] = metadata = [];
        }

        metadata.TryAdd("creationTimestamp", null);
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    private static JsonNode? WithoutNulls(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.Where(p => p.Value is not null).Select(p => KeyValuePair.Create(p.Key, WithoutNulls(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(WithoutNulls)]),
        _ => node?.DeepClone(),
    };
}
