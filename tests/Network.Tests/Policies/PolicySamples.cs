using System.Text.Json;
using Sealos.Kinds;
using Sealos.Kinds.Networking;

namespace Sealos.Network_Tests.Policies;

/// <summary>Policies as people write them, in JSON with single quotes.</summary>
internal static class PolicySamples
{
    public static NetworkPolicy Policy(string ns, string name, string spec) => JsonSerializer.Deserialize<NetworkPolicy>(
        $"{{\"metadata\": {{\"namespace\": \"{ns}\", \"name\": \"{name}\"}}, \"spec\": {spec.Replace('\'', '"')}}}", KubeJson.Options)!;
}
