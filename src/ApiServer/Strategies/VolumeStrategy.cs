using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Strategies;

/// <summary>Volumes begin as pending, and say since when they are in their phase.</summary>
internal sealed class VolumeStrategy(TimeProvider time) : Strategy
{
    public override bool ReturnsDeleted => true;

    public override void PrepareForCreate(JsonObject obj, Resource resource) =>
        obj["status"] = new JsonObject { ["phase"] = "Pending", ["lastPhaseTransitionTime"] = Now() };

    public override JsonObject PrepareForPart(string subresource, JsonObject obj, JsonObject old)
    {
        var result = base.PrepareForPart(subresource, obj, old);
        var (status, before) = (result.Child("status"), old.Child("status"));
        if (status is not null && status.Text("phase") != before.Text("phase") && status.Text("lastPhaseTransitionTime") == before.Text("lastPhaseTransitionTime"))
        {
            status["lastPhaseTransitionTime"] = Now();
        }

        return result;
    }

    private string Now() => KubeTime.Format(time.GetUtcNow());
}
