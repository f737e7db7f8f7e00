using Sealos.ControllerKit.CustomKinds;

namespace Sealos.Host.Components;

/// <summary>The definition of kind Component.</summary>
internal static class ComponentDefinition
{
    private const string Schema = """
        {"type":"object","required":["spec"],"properties":{
          "spec":{"type":"object","required":["enabled"],"properties":{
            "enabled":{"type":"boolean","description":"Whether the component is to run. One that an enabled one needs runs all the same."},
            "keepObjects":{"type":"boolean","description":"Whether its own objects stay when it is removed. Objects of people always stay."}}},
          "status":{"type":"object","properties":{
            "state":{"type":"string"},"since":{"type":"string","format":"date-time"},"message":{"type":"string"},"observedGeneration":{"type":"integer","format":"int64"},
            "description":{"type":"string"},"without":{"type":"string"},"process":{"type":"string"},
            "processBytes":{"type":"integer","format":"int64"},"returnedBytes":{"type":"integer","format":"int64"},
            "needs":{"type":"array","items":{"type":"string"}},"neededBy":{"type":"array","items":{"type":"string"}},
            "usedBy":{"type":"array","items":{"type":"object","required":["apiVersion","resource","effect"],"properties":{
              "apiVersion":{"type":"string"},"resource":{"type":"string"},"effect":{"type":"string"}}}}}}}}
        """;

    public static CustomKind Kind { get; } = new(CloudComponent.KubeKind, Schema)
    {
        TakesOver = true,
        Columns =
        [
            new("Enabled", "boolean", ".spec.enabled"),
            new("State", "string", ".status.state"),
            new("Since", "date", ".status.since"),
            new("Process", "string", ".status.process"),
            new("Description", "string", ".status.description"),
        ],
    };
}
