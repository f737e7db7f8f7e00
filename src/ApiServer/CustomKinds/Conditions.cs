using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.CustomKinds;

/// <summary>The conditions in a definition's status.</summary>
internal static class Conditions
{
    public const string NamesAccepted = "NamesAccepted";
    public const string Established = "Established";
    public const string Terminating = "Terminating";
    public const string Conformant = "KubernetesAPIApprovalPolicyConformant";

    public static bool IsTrue(JsonObject definition, string type) => Find(definition, type).Text("status") == "True";

    public static JsonObject? Find(JsonObject definition, string type) =>
        definition.Child("status").Objects("conditions").FirstOrDefault(c => c.Text("type") == type);

    /// <summary>Sets a condition; its time changes only with its status.</summary>
    public static void Set(JsonObject definition, string type, bool isTrue, (string Reason, string Message) why, DateTimeOffset now)
    {
        var status = isTrue ? "True" : "False";
        if (Find(definition, type) is not { } condition)
        {
            condition = new JsonObject { ["type"] = type };
            Of(definition).Add(condition);
        }

        if (condition.Text("status") != status)
        {
            condition["status"] = status;
            condition["lastTransitionTime"] = KubeTime.Format(now);
        }

        condition["reason"] = why.Reason;
        condition["message"] = why.Message;
    }

    private static JsonArray Of(JsonObject definition)
    {
        if (definition["status"] is not JsonObject status)
        {
            definition["status"] = status = [];
        }

        if (status["conditions"] is not JsonArray conditions)
        {
            status["conditions"] = conditions = [];
        }

        return conditions;
    }
}
