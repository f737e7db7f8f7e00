using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Kinds;
using Xunit;

namespace Sealos.ControllerKit_Tests.Caching;

public sealed class DeepObjectsTests
{
    [Fact]
    public void Objects_AsDeepAsTheServerKeepsThem_AreRead()
    {
        var nested = string.Concat(Enumerable.Repeat("{\"a\":", 511)) + "{}" + new string('}', 511);
        var change = JsonSerializer.Deserialize<WatchEvent<JsonObject>>("{\"type\":\"ADDED\",\"object\":" + nested + "}", KubeJson.Options)!;
        Assert.Equal(nested, change.Object!.ToJsonString(KubeJson.Options));
    }
}
