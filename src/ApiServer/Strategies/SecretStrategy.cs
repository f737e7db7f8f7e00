using System.Text;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Strategies;

/// <summary>Secrets take plain text in stringData and keep it as base64 in data.</summary>
internal sealed class SecretStrategy : Strategy
{
    public override void PrepareForCreate(JsonObject obj, Resource resource) => MergeStringData(obj);

    public override void PrepareForUpdate(JsonObject obj, JsonObject old, Resource resource) => MergeStringData(obj);

    private static void MergeStringData(JsonObject obj)
    {
        if (!obj.Remove("stringData", out var given) || given is not JsonObject texts)
        {
            return;
        }

        if (obj["data"] is not JsonObject data)
        {
            data = [];
            obj["data"] = data;
        }

        foreach (var (name, value) in texts)
        {
            data[name] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value.AsText() ?? ""));
        }
    }
}
