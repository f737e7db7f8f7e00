using System.Text.Json.Nodes;
using Sealos.ApiServer.Admission;
using Xunit;

namespace Sealos.ApiServer_Tests.Admission;

public sealed class PodAmountsTests
{
    [Theory]
    [InlineData("500m", "500m", "500m", true)]
    [InlineData("500m", "0.5", "0.5", true)]
    [InlineData("500m", "1", "500m", false)]
    [InlineData("500m", "500m", "1", false)]
    public void Occupied_PodThatHasJustWhatItAsksFor_IsItsOwnSpec(string wanted, string has, string allocated, bool isSame)
    {
        var pod = Pod(wanted, has, allocated);

        var occupied = PodAmounts.Occupied(pod);

        Assert.Equal(isSame, ReferenceEquals(occupied, pod["spec"]));
        Assert.Equal(isSame ? 0.5m : 1m, (decimal)PodAmounts.Requests(occupied)["cpu"].Value);
        Assert.Equal(wanted, (string?)pod["spec"]!["containers"]![0]!["resources"]!["requests"]!["cpu"]);
    }

    private static JsonObject Pod(string wanted, string has, string allocated) => JsonNode.Parse($$"""
        {
          "spec": { "containers": [{ "name": "c", "resources": { "requests": { "cpu": "{{wanted}}" } } }, { "name": "other" }] },
          "status": { "containerStatuses": [{ "name": "c", "resources": { "requests": { "cpu": "{{has}}" } }, "allocatedResources": { "cpu": "{{allocated}}" } }] }
        }
        """)!.AsObject();
}
