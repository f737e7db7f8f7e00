using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Strategies;

namespace Sealos.ApiServer.CustomKinds;

/// <summary>What holds for the objects of every custom kind.</summary>
internal sealed class CustomStrategy(bool hasStatus) : Strategy
{
    public override bool HasGeneration => true;

    /// <summary>A status that has no path of its own is a field like any other.</summary>
    public override bool GenerationCountsStatus => !hasStatus;

    public override bool RequiresRevision => true;

    public override void PrepareForCreate(JsonObject obj, Resource resource)
    {
        if (hasStatus)
        {
            obj.Remove("status");
        }
    }

    public override JsonObject PrepareForPart(string subresource, JsonObject obj, JsonObject old)
    {
        var result = base.PrepareForPart(subresource, obj, old);
        if (subresource == "status")
        {
            // Of the metadata only the version counts.
            var revision = (obj["metadata"] as JsonObject)?["resourceVersion"]?.DeepClone();
            result["metadata"] = old["metadata"]!.DeepClone();
            result["metadata"]!["resourceVersion"] = revision;
        }

        return result;
    }
}
