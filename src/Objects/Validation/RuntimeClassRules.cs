using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Ways to run pods.</summary>
internal static class RuntimeClassRules
{
    public static void Check(JsonObject obj, ErrorList errors)
    {
        errors.CheckRequired("handler", obj.Text("handler"), NameRules.DnsLabel);
        if (obj.Child("overhead") is { } overhead)
        {
            ResourceRules.Requirements(new JsonObject { ["limits"] = overhead["podFixed"]?.DeepClone() }, "overhead", errors);
        }

        if (obj.Child("scheduling") is { } scheduling)
        {
            SelectorRules.Labels(scheduling.Child("nodeSelector"), "scheduling.nodeSelector", errors);
            SchedulingRules.Tolerations(scheduling, "scheduling.tolerations", errors);
        }
    }

    public static void Change(JsonObject obj, JsonObject old, ErrorList errors) => errors.Immutable("handler", obj["handler"], old["handler"]);
}
