using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Strategies;

/// <summary>DaemonSets count the changes of their template in an annotation, from the time before revisions were kept.</summary>
internal sealed class DaemonSetStrategy : Strategy
{
    private const string Annotation = "deprecated.daemonset.template.generation";

    public override bool HasGeneration => true;

    public override void PrepareForCreate(JsonObject obj, Resource resource)
    {
        base.PrepareForCreate(obj, resource);
        Write(obj, Math.Max(1, Read(obj)));
    }

    public override void PrepareForUpdate(JsonObject obj, JsonObject old, Resource resource)
    {
        base.PrepareForUpdate(obj, old, resource);
        var isSame = JsonNode.DeepEquals(obj.Child("spec")?["template"], old.Child("spec")?["template"]);
        Write(obj, Read(old) + (isSame ? 0 : 1));
    }

    private static long Read(JsonObject obj) =>
        long.TryParse(obj.Child("metadata", "annotations").Text(Annotation), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static void Write(JsonObject obj, long number)
    {
        var metadata = ObjectCreator.MetadataOf(obj);
        if (metadata["annotations"] is not JsonObject annotations)
        {
            metadata["annotations"] = annotations = [];
        }

        annotations[Annotation] = number.ToString(CultureInfo.InvariantCulture);
    }
}
