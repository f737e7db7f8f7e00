using Sealos.ControllerKit.Client;

namespace Sealos.KubeControllers.Common;

/// <summary>Refusals of the API server that controllers expect.</summary>
internal static class Refusals
{
    /// <summary>Nothing can be created in a namespace that is going away, and nothing needs to be.</summary>
    public static bool IsNamespaceTerminating(Exception e) =>
        e is ApiException { Code: 403 } refusal && (refusal.Details?["causes"] as System.Text.Json.Nodes.JsonArray ?? []).Any(c => (string?)c?["reason"] == "NamespaceTerminating");
}
