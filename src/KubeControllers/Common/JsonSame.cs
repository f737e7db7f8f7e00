using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Kinds;

namespace Sealos.KubeControllers.Common;

/// <summary>Whether two values are the same on the wire, whatever the order of their maps.</summary>
internal static class JsonSame
{
    public static bool As<T>(T? left, T? right)
        where T : class =>
        ReferenceEquals(left, right) || JsonNode.DeepEquals(ToNode(left), ToNode(right));

    private static JsonNode? ToNode<T>(T? value)
        where T : class =>
        value is null ? null : JsonSerializer.SerializeToNode(value, KubeJson.Options);
}
