using System.Text.Json.Nodes;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Strategies;

/// <summary>Certificate requests say who made them, never change, and are decided and answered through their parts.</summary>
internal sealed class SigningRequestStrategy(TimeProvider time) : Strategy
{
    private static readonly string[] Decisions = ["Approved", "Denied"];

    /// <summary>Whoever signs must know whose wish it is, so that is not the client's to say.</summary>
    public override void StampRequester(JsonObject obj, UserInfo user)
    {
        if (obj["spec"] is not JsonObject spec)
        {
            obj["spec"] = spec = [];
        }

        spec["username"] = user.Name;
        spec["uid"] = user.Uid;
        spec["groups"] = Texts(user.Groups);
        spec["extra"] = user.Extra.Count == 0 ? null : new JsonObject(user.Extra.Select(e => KeyValuePair.Create(e.Key, (JsonNode?)Texts(e.Value))));
    }

    public override void PrepareForUpdate(JsonObject obj, JsonObject old, Resource resource)
    {
        base.PrepareForUpdate(obj, old, resource);
        CopyField(old, obj, "spec");
    }

    public override JsonObject PrepareForPart(string subresource, JsonObject obj, JsonObject old)
    {
        CopyField(old, obj, "spec");
        var status = obj["status"] as JsonObject ?? [];
        if (subresource == "approval")
        {
            var conditions = status["conditions"]?.DeepClone();
            status = old.Child("status")?.DeepClone() as JsonObject ?? [];
            status["conditions"] = conditions;
            obj["status"] = status;
        }
        else
        {
            Decisions.ToList().ForEach(type => KeepDecision(status, old, type));
        }

        SetTimes(status, old);
        return obj;
    }

    // Who may sign may not decide: what was decided stays as it was.
    private static void KeepDecision(JsonObject status, JsonObject old, string type)
    {
        var before = OfType(old.Child("status"), type);
        var now = OfType(status, type);
        if (before.Count == now.Count)
        {
            for (var i = 0; i < now.Count; i++)
            {
                now[i].ReplaceWith(before[i].DeepClone());
            }
        }
    }

    private void SetTimes(JsonObject status, JsonObject old)
    {
        var now = KubeTime.Format(time.GetUtcNow());
        foreach (var condition in status.Objects("conditions"))
        {
            condition["lastUpdateTime"] ??= now;
            condition["lastTransitionTime"] ??= old.Child("status").Objects("conditions")
                .Where(c => c.Text("type") == condition.Text("type") && c.Text("status") == condition.Text("status"))
                .Select(c => c.Text("lastTransitionTime")).FirstOrDefault(t => t is not null) ?? now;
        }
    }

    private static List<JsonObject> OfType(JsonObject? status, string type) => [.. status.Objects("conditions").Where(c => c.Text("type") == type)];

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);
}
