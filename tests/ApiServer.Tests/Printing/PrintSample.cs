using System.Text.Json.Nodes;
using Sealos.ApiServer.Printing;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Tests.Printing;

/// <summary>Objects to print, an hour after they were made.</summary>
internal static class PrintSample
{
    public static readonly DateTimeOffset Now = new(2026, 11, 22, 13, 0, 0, TimeSpan.Zero);

    public static JsonObject Yaml(string yaml)
    {
        var obj = (JsonObject)YamlText.Parse(yaml);
        obj["metadata"] ??= new JsonObject { ["name"] = "x" };
        obj["metadata"]!["creationTimestamp"] = "2026-11-22T12:00:00Z";
        return obj;
    }

    public static KindSchema KindOf(JsonObject obj) => KubeSchema.Default.FindKind(obj.Text("apiVersion")!, obj.Text("kind")!)!;

    /// <summary>The cells joined by a bar; numbers and booleans stand bare, absent cells as null.</summary>
    public static string Print(JsonObject obj) =>
        string.Join(" | ", TablePrinter.Cells(KindOf(obj), obj, Now).Select(c => c.AsText() ?? c?.ToJsonString() ?? "null"));
}
